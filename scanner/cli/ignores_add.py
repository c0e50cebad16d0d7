"""`keysweep ignores add`: an entry of the ignore file for a finding."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from scanner import files, known, reportfile
from scanner.cli import options, scan
from scanner.cli.options import Common
from scanner.errors import UsageError
from scanner.positions import harmless
from scanner.reportfile import Filed
from scanner.suppressions import ignorefile
from scanner.suppressions.ignorefile import Entry

_POSITION = re.compile(r"(.+?):(\d+)(?::(\d+))?")
_RULE_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_BY = ("fingerprint", "rule", "path")


@click.command("add")
@click.argument("finding", metavar="PATH:LINE|NUMBER")
@click.option("--report", metavar="FILE", help="The JSON or JSON Lines report NUMBER is of.")
@click.option("--reason", required=True, help="Why it may stay.")
@click.option("--owner", help="Who answers for it.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
              help="The last day on which it holds.")  # fmt: skip
@click.option("--by", multiple=True, type=click.Choice(_BY), default=["fingerprint"],
              show_default=True, help="What the entry names; repeated, all must hold.")  # fmt: skip
@options.looking
def command(  # noqa: PLR0917 - as many as there are options
    finding: str,
    report: str | None,
    reason: str,
    owner: str | None,
    until: datetime | None,
    by: tuple[str, ...],
    **values: Any,
) -> None:
    """Add an entry to .keysweepignore at the project's root.

    The finding is the one on a line of a file (PATH:LINE, or PATH:LINE:COLUMN when there are
    several), or with --report the one of that number in it, from 1.
    """
    common = options.common(values)
    day = _day(until)
    root, chosen = _of_report(finding, report) if report else _on_line(finding, common)
    scanner = options.scanner(common, options.settings(common, root))
    if scanner.tells(reason):
        raise UsageError("the reason holds a secret; say it without")
    if odd := [one.rule_id for one in chosen if not _RULE_ID.fullmatch(one.rule_id)]:
        raise UsageError(f"{harmless(odd[0])}: no id of a rule")
    for one in chosen:
        entry = Entry(
            harmless(reason).strip(),
            (one.fingerprint,) if "fingerprint" in by else (),
            (one.rule_id,) if "rule" in by else (),
            tuple(map(ignorefile.pattern_of, one.paths)) if "path" in by else (),
            owner and harmless(owner),
            day,
        )
        _append(root / ignorefile.FILE, entry)


def _day(until: datetime | None) -> date | None:
    day = until.date() if until else None
    if day and day < datetime.now(UTC).date():
        raise UsageError(f"--until {day}: this day is past, so the entry would hide nothing")
    return day


def _of_report(number: str, report: str) -> tuple[Path, list[Filed]]:
    """The finding of a number in a report."""
    filed = reportfile.findings(Path(report))
    if not number.isdecimal() or not 1 <= int(number) <= len(filed):
        raise UsageError(f"{harmless(number)}: {report} has the findings 1 to {len(filed)}")
    return scan.root_of((".",)), [filed[int(number) - 1]]


def _on_line(position: str, common: Common) -> tuple[Path, list[Filed]]:
    """What is found on a line of a file, given from the current folder or from the root."""
    found = _POSITION.fullmatch(position)
    if found is None:
        raise UsageError(f"{position}: write PATH:LINE, or use --report with a number")
    path = Path(found[1])
    if not path.exists():
        path = scan.root_of((".",)) / path
    if not path.is_file():
        raise UsageError(f"{found[1]}: no such file")
    looked = scan.look((str(path),), common)
    line, column = int(found[2]), found[3] and int(found[3])
    chosen = [
        Filed(one.rule_id, one.fingerprint, (place.path,))
        for one in looked.report.findings
        for place in one.places
        if place.span.start_line <= line <= place.span.end_line
        and column in (None, place.span.start_column)
    ]
    if not chosen:
        raise UsageError(f"{position}: nothing is found there")
    return looked.root, list(dict.fromkeys(chosen))


def _append(file: Path, entry: Entry) -> None:
    """Adds an entry at a file's end, unless it has the same already; touches no other line."""
    for other in known.read_ignores(file):
        if other._replace(line=0) == entry:
            click.echo(f"{harmless(str(file))}:{other.line}: is there already")
            return
    try:
        line = ignorefile.line(entry)
    except ValueError as error:
        raise UsageError(str(error)) from error
    files.write(file, ignorefile.with_line(files.read(file) or b"", line))
    click.echo(f"Added to {harmless(str(file))}: {harmless(line)}")
