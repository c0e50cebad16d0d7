"""A scan of what a range of commits adds, and whether it still stands at the range's end."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from scanner.config import Settings
from scanner.diffs import Leaf
from scanner.errors import GitError
from scanner.models import Blob, Finding, Gap, Kind, Place, Report, Secret, Unseen
from scanner.paths import display
from scanner.scan import Progress, Scanner, in_time, run
from scanner.sources.commits import Walk
from scanner.trust import INLINE, Distrust, Named

_IN_TREE = (Kind.FILE, Kind.SYMLINK)


class Standing(NamedTuple):
    """What is in the tree at the end of a range.

    `secrets` has the paths of each family's secrets, `blobs` those of contents by id in hex.
    """

    names: frozenset[str]
    blobs: Mapping[str, list[str]]
    secrets: Mapping[tuple[str, Secret], set[str]]

    def besides(self, other: Standing) -> Standing:
        """The same with the secrets of another."""
        every = {*self.secrets, *other.secrets}
        nothing: set[str] = set()
        both = {
            one: self.secrets.get(one, nothing) | other.secrets.get(one, nothing) for one in every
        }
        return self._replace(secrets=both)


def scan(  # noqa: PLR0913 - one call is all that a scan is
    scanner: Scanner,
    walk: Walk,
    *,
    command: str,
    root: str,
    own: Settings | None = None,
    trusting: bool = False,
    progress: Progress | None = None,
    until: float = math.inf,
) -> Report:
    """Scans what the commits of the walk add and reports on it, as far as it gets before `until`,
    on the clock of `time.monotonic`.

    `command` and `root` are for the report. `progress` is told the numbers of commits done, and
    of more to do. Unless `trusting`, what the commits bring along to
    silence their findings does not: markers, and the settings at their end (`own`).
    """
    items = _counted(walk, progress) if progress else walk.items()
    report = run(scanner, in_time(items, until), command=command, root=root)
    if walk.commits:  # parents come first, so the end comes last
        report = report._replace(info=report.info._replace(head=walk.commits[-1]))
    families = {rule.id: rule.family for rule in scanner.rules.rules}
    if not trusting:
        report = _distrusted(scanner, walk, own, report)
    if report.findings and not report.interrupted:
        try:
            leaves = walk.tree()
            standing = _standing(scanner, families, leaves, walk.at_head(leaves))
            report = at_end(report, standing, families)
            # Where the commits changed nothing is looked only for what is not there already.
            gone = [finding.secret.reveal() for finding in report.findings if _is_gone(finding)]
            rest = _standing(scanner, families, leaves, walk.holding(leaves, gone))
            report = at_end(report, standing.besides(rest), families)
        except GitError as error:
            unseen = Unseen("the tree at the end of the range", str(error))
            report = report._replace(not_seen=(*report.not_seen, unseen))
    return in_order(report, walk.commits)


def _counted(walk: Walk, progress: Progress) -> Iterator[Blob | Gap]:
    """What the commits add; `progress` is told of each commit when its turn comes."""
    known = 0
    for item in walk.items():
        begins = isinstance(item, Blob) and item.kind is Kind.AUTHOR
        progress(int(begins), len(walk.commits) - known)
        known = len(walk.commits)
        yield item


def _distrusted(scanner: Scanner, walk: Walk, own: Settings | None, report: Report) -> Report:
    """The report in which nothing counts that the commits bring along to silence it."""
    try:
        return Distrust(scanner.rules, own, lambda: _allowed(scanner, walk)).judged(report)
    except GitError as error:  # then no marker is known to be older
        unseen = Unseen("the tree at the beginning of the range", str(error))
        report = report._replace(not_seen=(*report.not_seen, unseen))
        return Distrust(scanner.rules, own, frozenset).judged(report)


def _allowed(scanner: Scanner, walk: Walk) -> frozenset[Named]:
    """The secrets that markers allow already where the commits begin, in what they change."""
    families = {rule.id: rule.family for rule in scanner.rules.rules}
    places = (place for item in walk.at_base() for place in scanner.look_at([item]).places)
    return frozenset(
        (families[rule_id], secret)
        for rule_id, secret, place in places
        if place.suppressed and place.suppressed.by == INLINE
    )


def _is_gone(finding: Finding) -> bool:
    return any(place.commit and not place.commit.at_head for place in finding.places)


def _standing(
    scanner: Scanner,
    families: Mapping[str, str],
    leaves: Mapping[bytes, Leaf],
    items: Iterable[Blob | Gap],
) -> Standing:
    """What is in a tree with these leaves, and of secrets what some contents of it hold."""
    blobs: dict[str, list[str]] = {}
    for path, leaf in leaves.items():
        blobs.setdefault(leaf.id, []).append(display(path))
    secrets: dict[tuple[str, Secret], set[str]] = {}
    for item in items:
        for rule_id, secret, place in scanner.look_at([item]).places:
            secrets.setdefault((families[rule_id], secret), set()).add(place.path)
    return Standing(frozenset(map(display, leaves)), blobs, secrets)


def at_end(report: Report, standing: Standing, families: Mapping[str, str]) -> Report:
    """The report with what its commits say of the end of the range.

    `families` has each rule's. What a message or a header holds stays there.
    """
    return report._replace(
        findings=tuple(
            finding._replace(
                places=tuple(
                    _at_end(place, standing, (families[finding.rule_id], finding.secret))
                    for place in finding.places
                )
            )
            for finding in report.findings
        )
    )


def _at_end(place: Place, standing: Standing, secret: tuple[str, Secret]) -> Place:
    if place.commit is None:
        return place
    if place.kind in _IN_TREE:
        same = standing.blobs.get(place.blob or "", ())
        paths = sorted(standing.secrets.get(secret, set()).union(same))
        commit = place.commit._replace(at_head=bool(paths), head_paths=tuple(paths))
    elif place.kind is Kind.FILE_NAME:
        # A folder may hold it, in which others stand now.
        held = secret[1].reveal().decode("utf-8", "surrogateescape")
        paths = sorted(name for name in standing.names if name == place.path or held in name)
        commit = place.commit._replace(at_head=bool(paths), head_paths=tuple(paths))
    else:
        commit = place.commit._replace(at_head=True)
    return place._replace(commit=commit)


def in_order(report: Report, commits: list[str]) -> Report:
    """The report with each finding's places as they came in, the same content once only."""
    rank = {name: number for number, name in enumerate(commits)}
    findings = [_in_order(finding, rank) for finding in report.findings]
    findings.sort(key=lambda f: (f.places[0].path, f.places[0].span, f.rule_id, f.fingerprint))
    return report._replace(findings=tuple(findings))


def _in_order(finding: Finding, rank: Mapping[str, int]) -> Finding:
    def when(place: Place) -> int:
        return rank[place.commit.id] if place.commit else len(rank)

    first: dict[object, Place] = {}
    for place in sorted(finding.places, key=lambda place: (when(place), place.path, place.span)):
        first.setdefault(place._replace(commit=None), place)
    return finding._replace(places=tuple(first.values()))
