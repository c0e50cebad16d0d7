"""`keysweep baseline check`: a baseline that holds what is gone fails."""

from __future__ import annotations

from typing import Any

import click

from scanner.cli import options, statuses, whole
from scanner.positions import harmless
from scanner.suppressions import baseline
from scanner.suppressions.baseline import Baseline
from scanner.wording import plural


@click.command("check")
@click.argument("path", default=".", metavar="[PATH]")
@click.option("--history", "everything", is_flag=True, help="All that the repository holds.")
@click.option("--baseline", "named", metavar="FILE", envvar="KEYSWEEP_BASELINE",
              help="Instead of .keysweep.baseline at the root.")  # fmt: skip
@options.looking
def command(path: str, everything: bool, named: str | None, **values: Any) -> int:
    """Fail with status 1 when .keysweep.baseline holds entries whose secrets are gone, or is not
    in order, as after a merge. `keysweep baseline update` mends both.
    """
    common = options.common(values)._replace(baseline=named)
    file = whole.baseline_file(path, named)
    held = whole.held(file)
    looked = whole.look(path, common, everything=everything or held.history)
    there = whole.present(looked)
    gone = whole.gone(held, looked)
    whole.other_key(held, there)
    whole.lines(gone, "gone")
    untidy = _untidy(held)
    if untidy:
        click.echo(untidy)
    click.echo(f"{harmless(str(file))}: {plural(len(held.entries), 'finding')}, {len(gone)} gone")
    status = whole.status(looked.report, common)
    if status == statuses.INTERRUPTED:
        return status
    return statuses.FOUND if gone or untidy else status


def _untidy(held: Baseline) -> str:
    """What is wrong with the order of a baseline, if anything."""
    tidied = baseline.tidy(held.entries)
    if len(tidied) < len(held.entries):
        return f"{len(held.entries) - len(tidied)} of the entries are there twice"
    return "" if tidied == held.entries else "the entries are not in order"
