"""`keysweep hook pre-commit`: what is staged, or what is asked for by name."""

from __future__ import annotations

import os
from typing import Any

import click

from scanner.cli import hook, options, staged

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
    looked = staged.look(common, "hook pre-commit", files)
    stage = "files" if files and _OF_COMMIT not in os.environ else "pre-commit"
    return hook.finish(looked.report, looked.scanner, common, stage, looked.known)
