"""What is to be done about each secret of a report: where it is, what still leads to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from scanner.models import Commit, Finding, Kind, Place
from scanner.reportfile import Reported
from scanner.rules import Rule


class Sort(StrEnum):
    """What a ref is, as far as its name tells."""

    BRANCH = "branches"
    TAG = "tags"
    REQUEST = "pull or merge requests"
    REMOTE = "branches as last fetched"
    STASH = "stashes"
    NOTE = "notes"
    OTHER = "other refs"


_SORTS = (
    ("refs/heads/", Sort.BRANCH),
    ("refs/tags/", Sort.TAG),
    ("refs/pull/", Sort.REQUEST),
    ("refs/pull-requests/", Sort.REQUEST),
    ("refs/merge-requests/", Sort.REQUEST),
    ("refs/changes/", Sort.REQUEST),
    ("refs/remotes/", Sort.REMOTE),
    ("refs/stash", Sort.STASH),
    ("refs/notes/", Sort.NOTE),
)
_TREE = (Kind.FILE, Kind.SYMLINK, Kind.FILE_NAME, Kind.STDIN)


class Spot(NamedTuple):
    """A place in the project's files: its path, its line if that is known, and what to write."""

    path: str
    line: int | None
    instead: str | None = None


class Came(NamedTuple):
    """A commit that brought a secret in: its id in hex, its date, whether any ref leads to it,
    and where it has it (a path, or what carries it)."""

    commit: str
    date: str
    reachable: bool
    where: str


class Remedy(NamedTuple):
    """All that is known about one secret, and the variable that may take its place.

    `refs` lead to a commit with it, `more_refs` more than those may.
    """

    reported: Reported
    references: tuple[str, ...]
    variable: str
    now: tuple[Spot, ...]
    history: tuple[Came, ...]
    refs: tuple[tuple[Sort, tuple[str, ...]], ...]
    more_refs: int
    carriers: tuple[str, ...]

    @property
    def unreachable(self) -> int:
        """How many of the commits nothing leads to."""
        return sum(not came.reachable for came in self.history)


def remedies(
    findings: Sequence[Reported],
    rules: Mapping[str, Rule],
    variables: Sequence[str],
    leading: Mapping[str, Sequence[str]],
) -> list[Remedy]:
    """A remedy for each finding, in their order.

    `variables` are the names for them; `leading` has for commits all refs that lead there, as
    far as they were looked up: a report names some only.
    """
    return [
        _remedy(one, rules.get(one.finding.rule_id), variable, leading)
        for one, variable in zip(findings, variables, strict=True)
    ]


def _remedy(
    one: Reported, rule: Rule | None, variable: str, leading: Mapping[str, Sequence[str]]
) -> Remedy:
    finding = one.finding
    commits = list(_commits(finding))
    refs = {ref for commit in commits for ref in leading.get(commit.id, commit.refs)}
    more = max((c.more_refs for c in commits if c.id not in leading), default=0)
    return Remedy(
        one,
        rule.references if rule else (),
        variable,
        tuple(dict.fromkeys(spot for place in finding.places for spot in _spots(place))),
        tuple(dict.fromkeys(came for place in finding.places for came in _came(place))),
        sorted_refs(refs),
        more,
        tuple(dict.fromkeys(f"{p.kind} {p.path}" for p in finding.places if p.kind not in _TREE)),
    )


def _commits(finding: Finding) -> Iterable[Commit]:
    return dict.fromkeys(place.commit for place in finding.places if place.commit)


def _spots(place: Place) -> Iterable[Spot]:
    """Where a place is in the files now."""
    if place.commit:
        return (Spot(path, None) for path in place.commit.head_paths)
    return (Spot(place.path, place.span.start_line),) if place.kind in _TREE else ()


def _came(place: Place) -> Iterable[Came]:
    commit = place.commit
    where = place.path if place.kind is Kind.FILE else f"{place.kind} {place.path}"
    return (Came(commit.id, commit.date, commit.reachable, where),) if commit else ()


def sorted_refs(refs: Iterable[str]) -> tuple[tuple[Sort, tuple[str, ...]], ...]:
    """Names of refs by what they are."""
    found: dict[Sort, list[str]] = {}
    for ref in sorted(set(refs)):
        sort = next((sort for start, sort in _SORTS if ref.startswith(start)), Sort.OTHER)
        found.setdefault(sort, []).append(ref)
    return tuple((sort, tuple(found[sort])) for sort in Sort if sort in found)
