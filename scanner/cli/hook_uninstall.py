"""`keysweep hook uninstall`: git's hooks as they were before keysweep's."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import click

from scanner import hookfiles, hookplaces, repository
from scanner.cli import hook_install
from scanner.positions import harmless
from scanner.repository import Repository


@click.command("uninstall")
@click.option("--global", "everywhere", is_flag=True, help="Those for all repositories.")
def command(everywhere: bool) -> None:
    """Remove keysweep's hooks; the ones that were there before come back as they were."""
    where = Repository(os.fsencode(Path.cwd()))
    shared = hook_install.folder()
    if everywhere:
        found = hookplaces.settings(where)
        if any(s.scope == "global" and s.folder.resolve() == shared.resolve() for s in found):
            repository.ask(["config", "--global", "--unset", "core.hooksPath"], where)
    places = [shared] if everywhere else hookplaces.all_of(where, shared)
    removed = [file for place in places for file in hookfiles.uninstall(place)]
    if everywhere:
        with suppress(OSError):  # not there, or somebody put something into it
            shared.rmdir()
    for file in removed:
        click.echo(f"Removed {harmless(str(file))}")
    if not removed:
        click.echo(f"No hooks of keysweep in {harmless(', '.join(map(str, places)))}")
