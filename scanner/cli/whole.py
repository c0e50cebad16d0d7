"""What the commands about known findings begin with: a whole project, and its files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli import history, scan, statuses
from scanner.cli.options import Common
from scanner.cli.scan import Looked
from scanner.errors import UsageError
from scanner.models import Report
from scanner.suppressions import baseline
from scanner.suppressions.baseline import Baseline
from scanner.wording import unseen

if TYPE_CHECKING:
    from scanner.suppressions.baseline import Entry

_MOST_UNSEEN = 20


def look(path: str, common: Common, *, everything: bool) -> Looked:
    """Scans the project that a path is in: its files, or everything that its repository holds."""
    if everything:
        return history.look(path, common)
    return scan.look((str(scan.root_of((path,))),), common)


def baseline_file(path: str, named: str | None) -> Path:
    """The baseline of the project that a path is in, or the one named."""
    return Path(named) if named else scan.root_of((path,)) / baseline.FILE


def held(file: Path) -> Baseline:
    """What a baseline holds; raises UsageError when there is none, ConfigError for a broken one."""
    from scanner import known

    found = known.read_baseline(file)
    if found is None:
        raise UsageError(f"{file}: no such file; `keysweep baseline create` makes a baseline")
    return found


def present(looked: Looked) -> frozenset[str]:
    """The fingerprints of all that a scan found, suppressed or not."""
    from scanner import known

    rules, key = looked.scanner.rules.by_id(), looked.scanner.plan.fingerprint_key
    return frozenset(
        name
        for finding in looked.report.findings
        for name in known.names(finding, rules[finding.rule_id], key)
    )


def gone(held: Baseline, looked: Looked) -> tuple[Entry, ...]:
    """The entries whose secrets are no longer there: none where the scan did not see everything,
    and none of a path that it skipped."""
    if not looked.report.complete:
        return ()
    there, skipped = present(looked), {item.what for item in looked.report.skipped}
    return tuple(
        entry
        for entry in held.entries
        if entry.fingerprint not in there and entry.path not in skipped
    )


def status(report: Report, common: Common) -> int:
    """The exit status when nothing else is wrong; what was not seen is told."""
    for line in unseen(report.not_seen, _MOST_UNSEEN):
        click.echo(f"keysweep: not seen: {line}", err=True)
    if report.interrupted:
        return statuses.INTERRUPTED
    return 0 if report.complete or common.allow_incomplete else statuses.INCOMPLETE


def other_key(held: Baseline, there: frozenset[str]) -> None:
    """Tells what it may mean that nothing of a baseline was found."""
    if held.lines and there.isdisjoint(entry.fingerprint for entry in held.entries):
        click.echo("None of its secrets was found: is KEYSWEEP_FINGERPRINT_KEY what it was?")


def lines(entries: tuple[Entry, ...], word: str) -> None:
    """Prints entries of a baseline, each after a word for what became of it."""
    for entry in entries:
        click.echo(f"{word}: {' '.join(entry)}")
