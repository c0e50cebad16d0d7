"""`keysweep staged`: what `git commit` would add."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from scanner import repository
from scanner.cli import options, setup, writing
from scanner.cli.options import Common
from scanner.cli.scan import Looked
from scanner.errors import UsageError
from scanner.paths import display
from scanner.repository import Repository
from scanner.sources import chosen, index


@click.command("staged")
@options.scanning
@options.asking
def command(**values: Any) -> int:
    """Scan what `git commit` would add: the index against HEAD.

    Contents, links and file names as they are staged, whatever the files on disk hold. A secret
    that the committed version has already is not reported, unless an allow marker beside it goes
    away.
    """
    common = options.common(values)
    # As this may be run by somebody's hook, their file alone does not make it use the network.
    common = common._replace(liveness=bool(common.liveness))
    looked = look(common, "staged")
    return writing.finish(looked.report, looked.scanner, common, looked.known)


def look(common: Common, command: str, files: tuple[str, ...] = ()) -> Looked:
    """Scans what is staged, or what is asked for by the names of files; `command` is for the
    report. Raises UsageError outside of a work tree."""
    # Git tells a hook by its environment which index is about to be committed.
    where = Repository(os.fsencode(Path.cwd()), as_called=True)
    top = repository.toplevel(where.folder, as_called=True)
    if top is None:
        raise UsageError(f"{display(where.folder)}: not in the work tree of a git repository")
    root = Path(os.fsdecode(top))
    settings = options.settings(common, root)
    known = options.known(common, root)
    exempt = setup.exempt(settings, lambda: (scanner, known))
    items = (
        chosen.items(where, top, files, exempt, settings.max_file_size)
        if files
        else index.items(where, exempt, settings.max_file_size)
    )
    scanner = options.scanner(common, settings)  # git lists beside it

    from scanner.scan import in_time, run

    reached = in_time(items, options.until(common))
    report = run(scanner, reached, command=command, root=display(top))
    return Looked(report, scanner, known, root)
