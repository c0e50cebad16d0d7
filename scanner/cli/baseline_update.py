"""`keysweep baseline update`: entries whose secrets are gone leave; new findings stay out."""

from __future__ import annotations

from typing import Any

import click

from scanner import files
from scanner.cli import options, whole
from scanner.positions import harmless
from scanner.suppressions import baseline
from scanner.wording import plural


@click.command("update")
@click.argument("path", default=".", metavar="[PATH]")
@click.option("--history", "everything", is_flag=True, help="All that the repository holds.")
@click.option("--baseline", "named", metavar="FILE", envvar="KEYSWEEP_BASELINE",
              help="Instead of .keysweep.baseline at the root.")  # fmt: skip
@click.option("--add", is_flag=True, help="Also add findings that are not in it.")
@options.looking
def command(path: str, everything: bool, named: str | None, add: bool, **values: Any) -> int:
    """Drop entries whose secrets are gone from .keysweep.baseline, and put the rest in order.

    It adds nothing unless --add, and drops nothing when the scan did not see everything. A
    baseline that was made with --history is compared with the history again.
    """
    common = options.common(values)._replace(baseline=named)
    file = whole.baseline_file(path, named)
    held = whole.held(file)
    everything = everything or held.history
    looked = whole.look(path, common, everything=everything)
    known = looked.known._replace(baseline=held)
    report = options.judged(looked.report, looked.scanner, known)
    if report.interrupted:
        return whole.status(report, common)
    there = whole.present(looked)
    gone = whole.gone(held, looked)
    kept = [entry for entry in held.entries if entry not in gone]
    new = baseline.open_entries(report, looked.scanner.rules.by_id())
    result = baseline.holding([*kept, *(new if add else ())], held._replace(history=everything))
    files.write(file, baseline.render(result))
    whole.other_key(held, there)
    whole.lines(gone, "dropped")
    whole.lines(new, "added" if add else "not added")
    click.echo(
        f"{harmless(str(file))}: {plural(len(result.entries), 'finding')}, {len(gone)} dropped, "
        f"{len(new)} {'added' if add else 'not added (--add does)'}"
    )
    return whole.status(report, common)
