"""`keysweep hook install`: git's own hooks, without any framework."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from scanner import hookfiles, hookplaces, repository
from scanner.hookfiles import Place
from scanner.positions import harmless
from scanner.repository import Repository


@click.command("install")
@click.option("--global", "everywhere", is_flag=True, help="For all repositories of this user.")
def command(everywhere: bool) -> None:
    """Install keysweep as git's pre-commit, commit-msg and pre-push hooks.

    In a bare repository, as its pre-receive hook. Hooks that are there already are kept, and run
    first. With --global, core.hooksPath is set to a folder whose hooks run each repository's own
    first. Installing again brings the hooks up to date.
    """
    where = Repository(os.fsencode(Path.cwd()))
    shared = folder()
    if everywhere:
        place = Place(shared, shared=True)
        names: tuple[str, ...] = hookfiles.OF_COMMITS
        known = hookplaces.of_user(where, shared)
    else:
        place, names = hookplaces.of_repository(where, shared), hookplaces.names(where)
        known = place.shared
        if known:
            click.echo(f"In place for all repositories already: {harmless(str(shared))}")
            return
    for file in hookfiles.install(place, names, Path(sys.executable)):
        click.echo(f"Installed {harmless(str(file))}")
    if everywhere and not known:
        repository.ask(["config", "--global", "core.hooksPath", str(shared)], where)
        click.echo("Set core.hooksPath for all repositories")


def folder() -> Path:
    """The folder of the hooks for all repositories of this user."""
    import platformdirs

    return platformdirs.user_data_path("keysweep") / "hooks"
