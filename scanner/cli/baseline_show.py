"""`keysweep baseline show`: the entries of a baseline."""

from __future__ import annotations

import click

from scanner.cli import whole
from scanner.positions import harmless
from scanner.wording import plural


@click.command("show")
@click.argument("path", default=".", metavar="[PATH]")
@click.option("--baseline", "named", metavar="FILE", envvar="KEYSWEEP_BASELINE",
              help="Instead of .keysweep.baseline at the root.")  # fmt: skip
def command(path: str, named: str | None) -> None:
    """List the entries of .keysweep.baseline: fingerprint, family, and the path where each
    secret stood when it was added."""
    held = whole.held(whole.baseline_file(path, named))
    width = max((len(entry.family) for entry in held.entries), default=0)
    for entry in held.entries:
        click.echo(harmless(f"{entry.fingerprint}  {entry.family:<{width}}  {entry.path}"))
    covers = "history" if held.history else "files"
    click.echo(f"{plural(len(held.entries), 'finding')} of the {covers}")
