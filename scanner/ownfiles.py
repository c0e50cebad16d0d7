"""What a repository keeps in files of its own, which is no object: see gitrepository-layout(5)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from scanner import files
from scanner.catfile import Absent
from scanner.paths import display

# Of these refs each work tree has its own, of which git tells there alone: git-worktree(1).
_OWN = ("bisect", "rewritten", "worktree")
_IDS = re.compile(rb"^(?:[0-9a-f]{40,64} ){2}", re.MULTILINE)


def contents(common: Path, most: int) -> Iterator[tuple[str, bytes | Absent]]:
    """Configuration and reflogs, by their paths as reports show them; `common` is the folder that
    all work trees share. What has more than `most` bytes is told instead.

    In the place of a reflog's ids, which say nothing, are blanks.
    """
    for pattern in ("config", "config.worktree", "worktrees/*/config.worktree"):
        for path in sorted(common.glob(pattern)):
            yield _name(path, common), _content(path, most)
    for folder in (common, *sorted(common.glob("worktrees/*"))):
        for path in _below(folder / "logs"):
            content = _content(path, most)
            if isinstance(content, bytes):
                content = _IDS.sub(lambda ids: b" " * len(ids[0]), content)
            yield _name(path, common), content


def refs(common: Path) -> set[str]:
    """The names of the refs that the work trees have each for itself."""
    folders = [common / "refs" / name for name in _OWN]
    folders += [path / "refs" / name for path in common.glob("worktrees/*") for name in _OWN]
    return {
        display(os.fsencode(Path("refs", folder.name, path.relative_to(folder))))
        for folder in folders
        for path in _below(folder)
    }


def _below(folder: Path) -> Iterator[Path]:
    """The files in a folder, at any depth, and folders in it that cannot be listed."""
    failed: list[OSError] = []
    for top, _, names in os.walk(folder, onerror=failed.append):
        yield from (Path(top, name) for name in sorted(names))
    yield from (
        Path(error.filename) for error in failed if not isinstance(error, FileNotFoundError)
    )


def _name(path: Path, common: Path) -> str:
    above = common.parent if common.name == ".git" else common
    return display(os.fsencode(path.relative_to(above)))


def _content(path: Path, most: int) -> bytes | Absent:
    try:
        content = files.content(path, most + 1)
    except OSError as error:
        return Absent(error.strerror or "cannot be read")
    if len(content) > most:
        return Absent(f"over --max-file-size {most}", by_policy=True)
    return content
