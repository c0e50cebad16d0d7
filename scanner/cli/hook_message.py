"""`keysweep hook commit-msg`: the message of a commit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from scanner import repository
from scanner.cli import hook, options
from scanner.paths import display
from scanner.repository import Repository
from scanner.sources import message

_NO_EDITOR = ":"  # what git sets for hooks when it does not open one


@click.command("commit-msg")
@click.argument("file", type=click.Path())
@options.scanning
def command(file: str, **values: Any) -> int:
    """Scan the message of a commit, which git keeps in FILE.

    Comments that git is going to drop are no part of it, nor is the diff below the scissors.
    """
    common = options.common(values)
    where = Repository(os.fsencode(Path.cwd()), as_called=True)
    content = Path(file).read_bytes()
    how = message.cleaning(where, edited=os.environ.get("GIT_EDITOR") != _NO_EDITOR)
    top = repository.toplevel(where.folder, as_called=True)
    folder = Path(os.fsdecode(top)) if top else None
    settings = options.settings(common, folder)
    known = options.known(common, folder)
    scanner = options.scanner(common, settings)

    from scanner.scan import run

    item = message.blob(content, display(os.fsencode(file)), how)
    root = display(top or where.folder)
    report = run(scanner, [item], command="hook commit-msg", root=root)
    return hook.finish(report, scanner, common, "commit-msg", known)
