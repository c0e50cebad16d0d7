"""`keysweep hook pre-commit`: what is staged, or what is asked for by name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click

from scanner import repository
from scanner.cli import hook, options
from scanner.config import Settings
from scanner.errors import UsageError
from scanner.models import Blob, Gap
from scanner.pathpatterns import compile_paths
from scanner.paths import display
from scanner.positions import harmless
from scanner.repository import Repository
from scanner.sources import index, worktree

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
    items = _items(where, top, files, settings)
    scanner = options.scanner(common, settings)  # git lists beside it

    from scanner.scan import in_time, run

    reached = in_time(items, options.until(common))
    report = run(scanner, reached, command="hook pre-commit", root=display(top))
    stage = "files" if files and _OF_COMMIT not in os.environ else "pre-commit"
    return hook.finish(report, scanner, common, stage, known)


def _items(
    where: Repository, top: bytes, files: tuple[str, ...], settings: Settings
) -> Iterator[worktree.Entry | Blob | Gap]:
    excluded = compile_paths(settings.exclude)
    if not files:
        return index.items(where, excluded, settings.max_file_size)
    paths = {_inside(top, file): file for file in files}
    held = index.named(where, paths, excluded, settings.max_file_size)
    return _elsewhere(held, paths, os.fsdecode(top), excluded)


def _elsewhere(
    held: Iterator[Blob | Gap | bytes],
    files: dict[bytes, str],
    top: str,
    excluded: worktree.Excluded,
) -> Iterator[worktree.Entry | Blob | Gap]:
    """What the index has, and from disk what it has not; `files` are the names as given."""
    for item in held:
        if isinstance(item, bytes):
            yield from worktree.entries(files[item], top, excluded)
        else:
            yield item


def _inside(top: bytes, file: str) -> bytes:
    """A name as git has it, from the root of the work tree; raises UsageError outside of it."""
    path = Path(os.path.normpath(Path(file).absolute()))
    location = _real(path.parent) / path.name  # a link stays one
    try:
        inside = location.relative_to(os.fsdecode(top))
    except ValueError as error:
        raise UsageError(f"{harmless(file)}: outside of the work tree") from error
    return b"" if inside == Path() else os.fsencode(inside.as_posix())


@cache
def _real(folder: Path) -> Path:
    return folder.resolve()
