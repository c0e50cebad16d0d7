"""What is known of findings already, by baseline and ignore file: it counts as suppressed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from scanner import files
from scanner.errors import ConfigError
from scanner.exemptions import Exemption
from scanner.fingerprints import fingerprint
from scanner.models import EXPIRED, Finding, Place, Report, Suppression
from scanner.pathpatterns import compile_paths
from scanner.rules import Rule
from scanner.suppressions import baseline, ignorefile
from scanner.suppressions.baseline import Baseline
from scanner.suppressions.ignorefile import Entry, Ignores

_Settled = Callable[[Place, Suppression | None, Suppression | None], Place]

_MOST_DOUBTED = 200  # entries: more could keep a server busy for long
FILES = (baseline.FILE, ignorefile.FILE)


class Known(NamedTuple):
    """A baseline, if there is one, and the entries of an ignore file."""

    baseline: Baseline | None = None
    ignores: tuple[Entry, ...] = ()


def read(root: Path | None, named: Path | None = None) -> Known:
    """What the files in a scanned folder hold, with the baseline `named` instead of the folder's.

    Raises ConfigError for a broken file, and for a named one that is not there.
    """
    path = named or (root and root / baseline.FILE)
    held = read_baseline(path) if path else None
    if held is None and named:
        raise ConfigError([f"{named}: no such file; `keysweep baseline create` makes a baseline"])
    return Known(held, read_ignores(root / ignorefile.FILE) if root else ())


def read_baseline(path: Path) -> Baseline | None:
    """What a baseline holds; nothing when there is none. Raises ConfigError for a broken one."""
    content = files.read(path)
    return None if content is None else baseline.parse(content, str(path))


def read_ignores(path: Path) -> tuple[Entry, ...]:
    """The entries of an ignore file, none when it is not there. Raises ConfigError likewise."""
    content = files.read(path)
    return () if content is None else ignorefile.parse(content, str(path))


def exemptions(known: Known, today: date) -> list[Exemption]:
    """Where some entry of an ignore file holds, though not elsewhere."""
    entries = (one for one in known.ignores if one.paths and not expired(one, today))
    return [compile_paths(one.paths) for one in entries]


def names(finding: Finding, rule: Rule, key: bytes) -> tuple[str, ...]:
    """The fingerprints of a finding: its own, and those under earlier names of its family."""
    earlier = (
        fingerprint(alias, finding.secret.identity, guessable=rule.guessable, key=key)
        for alias in rule.aliases
    )
    return finding.fingerprint, *earlier


class Knowledge:
    """What is known, made ready to be asked about findings."""

    def __init__(
        self, known: Known, rules: Mapping[str, Rule], key: bytes, today: date, *,
        hostile: bool = False,
    ) -> None:  # fmt: skip
        """`key` is that of the fingerprints; `today` tells which entries have expired. The
        entries are `hostile` when they come from somebody who may want to keep us busy."""
        self._rules, self._key, self._today = rules, key, today
        self._ignores = Ignores(known.ignores, hostile=hostile)
        held = known.baseline or Baseline()
        self._lines = {entry.fingerprint: number for number, entry in reversed(held.lines)}
        self._name = held.name

    def of(self, finding: Finding) -> Iterator[tuple[Suppression | None, Suppression | None]]:
        """For each place of a finding what suppresses it, and what would if it had not expired."""
        own = names(finding, self._rules[finding.rule_id], self._key)
        entries = self._ignores.about(own, finding.rule_id)
        lines = [self._lines[name] for name in own if name in self._lines]
        listed = Suppression(baseline.BY, None, f"{self._name}:{lines[0]}") if lines else None
        for place in finding.places:
            covering = list(self._ignores.covering(entries, place.path)) if entries else []
            holding = [entry for entry in covering if not expired(entry, self._today)]
            late = [] if holding else covering
            yield (
                _suppression(holding[0], "") if holding else listed,
                _suppression(late[0], f", {EXPIRED} {late[0].until}") if late else None,
            )


def expired(entry: Entry, today: date) -> bool:
    """Whether an entry no longer holds."""
    return entry.until is not None and entry.until < today


def _suppression(entry: Entry, more: str) -> Suppression:
    return Suppression(ignorefile.BY, entry.reason, f"{ignorefile.FILE}:{entry.line}{more}")


def applied(report: Report, known: Known, rules: Mapping[str, Rule], key: bytes) -> Report:
    """The report with every place as suppressed that is known; what has expired is told there."""

    def settled(place: Place, by: Suppression | None, late: Suppression | None) -> Place:
        if place.suppressed:
            return place
        if by:
            return place._replace(suppressed=by, distrusted=None)
        return place._replace(distrusted=place.distrusted or late)

    return _each(report, Knowledge(known, rules, key, day(report)), settled, known)


def doubted(report: Report, own: Known, rules: Mapping[str, Rule], key: bytes) -> Report:
    """The report with what only the scanned request's `own` files would suppress told as such.

    Of many entries of the ignore file, the last are looked at: new ones are added there.
    """
    own = own._replace(ignores=own.ignores[-_MOST_DOUBTED:])

    def settled(place: Place, by: Suppression | None, _late: Suppression | None) -> Place:
        return place if place.suppressed else place._replace(distrusted=place.distrusted or by)

    return _each(report, Knowledge(own, rules, key, day(report), hostile=True), settled, own)


def day(report: Report) -> date:
    """The day on which the scan began, in UTC: an entry expires everywhere at once."""
    return date.fromisoformat(report.info.started_at[:10])


def _each(report: Report, knowledge: Knowledge, settled: _Settled, known: Known) -> Report:
    """The report with `settled` called for each place, unless nothing is known."""
    if known == Known():
        return report
    findings = [
        finding._replace(
            places=tuple(
                settled(place, *said)
                for place, said in zip(finding.places, knowledge.of(finding), strict=True)
            )
        )
        for finding in report.findings
    ]
    return report._replace(findings=tuple(findings))
