"""What is asked for by names of files: from the index, and from disk what the index has not."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from scanner.errors import UsageError
from scanner.exemptions import Exemptions
from scanner.models import Blob, Gap
from scanner.positions import harmless
from scanner.repository import Repository
from scanner.sources import index, worktree


def items(  # noqa: PLR0913, PLR0917 - as many as a listing takes, and the names
    where: Repository,
    top: bytes,
    files: Sequence[str],
    exempt: Exemptions,
    most: int,
    parents: Sequence[str] | None = None,
) -> Iterator[worktree.Entry | Blob | Gap]:
    """What is new in the index, or all of what stands there, at the names of some files as the
    user gives them; of one that git does not track, what is on disk.

    `top` is the root of the work tree, `most` in bytes, `parents` those of the commit to come if
    they are known. Raises UsageError for a name outside of the work tree, and GitError.
    """
    paths = {_inside(top, file): file for file in files}
    held = index.named(where, paths, exempt, most, parents)  # git begins
    return _elsewhere(held, paths, os.fsdecode(top), exempt)


def _elsewhere(
    held: Iterator[Blob | Gap | bytes],
    files: dict[bytes, str],
    top: str,
    exempt: Exemptions,
) -> Iterator[worktree.Entry | Blob | Gap]:
    """What the index has, and from disk what it has not; `files` are the names as given."""
    for item in held:
        if isinstance(item, bytes):
            yield from worktree.entries(files[item], top, exempt.excluded)
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
