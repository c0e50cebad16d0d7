"""What a repository keeps in files of its own, which is no object: see gitrepository-layout(5)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from scanner import files, filetree
from scanner.catfile import Absent
from scanner.paths import display

# Of these refs each work tree has its own, of which git tells there alone: git-worktree(1).
_OWN = ("bisect", "rewritten", "worktree")
_LINK = Absent("a symbolic link that leads out of the repository")
_IDS = re.compile(rb"^(?:[0-9a-f]{40,64} ){2}", re.MULTILINE)


def contents(common: Path, most: int) -> Iterator[tuple[str, bytes | Absent]]:
    """Configuration and reflogs, by their paths as reports show them; `common` is the folder that
    all work trees share. What has more than `most` bytes is told instead, and so is a link that
    leads out of that folder.

    In the place of a reflog's ids, which say nothing, are blanks.
    """
    for folder in (common, *_work_trees(common)):
        if _leads_out(folder, common):
            yield _name(folder, common), _LINK
            continue
        for name in ("config", "config.worktree"):
            if os.path.lexists(folder / name):
                yield _name(folder / name, common), _content(folder / name, common, most)
        for path in _below(folder / "logs", common):
            content = _content(path, common, most)
            if isinstance(content, bytes):
                content = _IDS.sub(lambda ids: b" " * len(ids[0]), content)
            yield _name(path, common), content


def refs(common: Path) -> set[str]:
    """The names of the refs that the work trees have each for itself."""
    here = (common, *_work_trees(common))
    folders = [folder / "refs" / name for folder in here for name in _OWN]
    return {
        display(os.fsencode(Path("refs", folder.name, path.relative_to(folder))))
        for folder in folders
        for path in _below(folder, common)
    }


def _work_trees(common: Path) -> list[Path]:
    """Where further work trees have what is theirs; the folder of these, if it cannot be listed."""
    top = common / "worktrees"
    if _leads_out(top, common):
        return [top]
    try:
        return sorted(top.iterdir())
    except FileNotFoundError:
        return []
    except OSError:
        return [top]


def _below(folder: Path, common: Path) -> Iterator[Path]:
    """The files in a folder, at any depth, links, and folders in it that cannot be listed."""
    if _leads_out(folder, common):
        yield folder
        return
    for found in filetree.walk(os.fspath(folder)):
        if isinstance(found, OSError):
            yield Path(found.filename)
        else:
            yield from (Path(found.path, name) for name in found.others)


def _leads_out(path: Path, common: Path) -> bool:
    """Whether a path leads out of the repository's own folder, by a link: someone else may have
    put it there."""
    return not Path(os.path.realpath(path)).is_relative_to(common)


def _name(path: Path, common: Path) -> str:
    above = common.parent if common.name == ".git" else common
    return display(os.fsencode(path.relative_to(above)))


def _content(path: Path, common: Path, most: int) -> bytes | Absent:
    if os.path.islink(path) and _leads_out(path, common):  # noqa: PTH114 - no error
        return _LINK
    try:
        content = files.content(path, most + 1)
    except OSError as error:
        return Absent(error.strerror or "cannot be read")
    if len(content) > most:
        return Absent(f"over --max-file-size {most}", by_policy=True)
    return content
