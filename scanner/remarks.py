"""What is to be said of the entries of an ignore file, by what a scan found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from scanner.known import day, expired, names
from scanner.models import Finding, Report, Verdict
from scanner.rules import Rule
from scanner.suppressions.ignorefile import Entry, Ignores
from scanner.wording import where

_SOON = timedelta(days=30)


class Flaw(StrEnum):
    """Why an entry needs a look."""

    UNUSED = "unused"
    EXPIRED = "expired"
    SOON = "soon"
    LIVE = "live"


class Remark(NamedTuple):
    """An entry, what is wrong with it, and more about that in plain text."""

    entry: Entry
    flaw: Flaw
    text: str


def remarks(
    report: Report, entries: tuple[Entry, ...], rules: Mapping[str, Rule], key: bytes
) -> list[Remark]:
    """What is to be said of the entries, in their order.

    `key` is that of the fingerprints. That an entry is unused is said only when the report is
    complete.
    """
    hiding = _hiding(report, entries, rules, key)
    today = day(report)
    return [
        Remark(entry, flaw, text)
        for entry in entries
        for flaw, text in _flaws(entry, hiding[entry], today, report.complete)
    ]


def _hiding(
    report: Report, entries: tuple[Entry, ...], rules: Mapping[str, Rule], key: bytes
) -> dict[Entry, list[Finding]]:
    """The findings that each entry holds for at some place, whether or not it has expired."""
    ignores = Ignores(entries)
    hiding: dict[Entry, list[Finding]] = {entry: [] for entry in entries}
    for finding in report.findings:
        about = ignores.about(names(finding, rules[finding.rule_id], key), finding.rule_id)
        paths = dict.fromkeys(place.path for place in finding.places) if about else ()
        for entry in dict.fromkeys(e for path in paths for e in ignores.covering(about, path)):
            hiding[entry].append(finding)
    return hiding


def _flaws(
    entry: Entry, hidden: list[Finding], today: date, complete: bool
) -> Iterator[tuple[Flaw, str]]:
    if expired(entry, today):
        told = f"its findings are reported: {len(hidden)}" if hidden else "hides nothing"
        yield Flaw.EXPIRED, f"expired on {entry.until}; {told}"
        return
    if complete and not hidden:
        yield Flaw.UNUSED, "hides nothing"
    if entry.until is not None and entry.until - today <= _SOON:
        yield Flaw.SOON, f"expires on {entry.until}"
    for finding in hidden:
        if finding.liveness and finding.liveness.verdict is Verdict.LIVE:
            yield Flaw.LIVE, f"hides a live key: {finding.rule_id} at {where(finding.places[0])}"
