"""`keysweep ignores`: the findings that somebody decided to live with."""

from __future__ import annotations

import click

from scanner.cli.lazy import Lazy

_COMMANDS = {
    "check": ("scanner.cli.ignores_check", "Tell which entries hide nothing or have expired."),
    "add": ("scanner.cli.ignores_add", "Add an entry for a finding."),
}


@click.group("ignores", cls=Lazy, commands_at=_COMMANDS)
def command() -> None:
    """Keep .keysweepignore, the file of findings that are accepted, each with a reason.

    \b
    keysweep ignores add src/a.py:3 --reason 'made up for the manual'
    keysweep ignores add 7 --report scan.json --reason 'revoked' --until 2027-01-31
    keysweep ignores check --fail-on unused,expired
    """
