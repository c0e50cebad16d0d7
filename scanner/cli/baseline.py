"""`keysweep baseline`: the findings that a project begins with."""

from __future__ import annotations

import click

from scanner.cli.lazy import Lazy

_COMMANDS = {
    "create": ("scanner.cli.baseline_create", "Write all findings of now as known."),
    "update": ("scanner.cli.baseline_update", "Drop entries whose secrets are gone."),
    "show": ("scanner.cli.baseline_show", "List the entries."),
    "check": ("scanner.cli.baseline_check", "Fail when entries are out of date."),
}


@click.group("baseline", cls=Lazy, commands_at=_COMMANDS)
def command() -> None:
    """Keep the findings that a project begins with in a file, so that only new ones fail.

    \b
    keysweep baseline create           all findings of now, into .keysweep.baseline
    keysweep baseline update           drops what is gone, and never adds
    keysweep baseline update --add     adds what is new, too
    keysweep baseline check            fails while it holds what is gone
    """
