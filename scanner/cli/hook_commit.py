"""`keysweep hook pre-commit`: what is staged, or what is asked for by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from scanner import repository
from scanner.cli import hook, options
from scanner.errors import UsageError
from scanner.pathpatterns import compile_paths
from scanner.paths import display
from scanner.repository import Repository
from scanner.sources import chosen, index

_OF_COMMIT = "GIT_INDEX_FILE"  # git sets it for the hooks of a commit


@click.command("pre-commit")
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path())
@options.scanning
def command(files: tuple[str, ...], **values: Any) -> int:
    """Scan what `git commit` would add; with FILE, what is asked for by these names.

    Of a FILE with a staged difference, what is new in the index. Of one without, the whole
    content in the index, so that `pre-commit run --all-files` sees all files. Of one that git
    does not track, what is on disk. A folder stands for all that is tracked in it.
    """
    common = options.common(values)
    where = Repository(os.fsencode(Path.cwd()), as_called=True)
    top = repository.toplevel(where.folder, as_called=True)
    if top is None:
        raise UsageError(f"{display(where.folder)}: not in the work tree of a git repository")
    root = Path(os.fsdecode(top))
    settings = options.settings(common, root)
    known = options.known(common, root)
    excluded = compile_paths(settings.exclude)
    items = (
        chosen.items(where, top, files, excluded, settings.max_file_size)
        if files
        else index.items(where, excluded, settings.max_file_size)
    )
    scanner = options.scanner(common, settings)  # git lists beside it

    from scanner.scan import in_time, run

    reached = in_time(items, options.until(common))
    report = run(scanner, reached, command="hook pre-commit", root=display(top))
    stage = "files" if files and _OF_COMMIT not in os.environ else "pre-commit"
    return hook.finish(report, scanner, common, stage, known)
