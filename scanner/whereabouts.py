"""Where a repository keeps what it has."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from scanner import filetree
from scanner.errors import UsageError
from scanner.repository import Repository, ask, finish, git_folder, start, toplevel

_OBJECTS = "objects"
_NO_MODULES = {_OBJECTS, "hooks", "info", "lfs", "logs", "refs"}  # of a repository's own folders
_ID_SIZES = {b"sha1": 20, b"sha256": 32}


class Opened(NamedTuple):
    """A repository made ready: where it is, its object folders and the size of its ids."""

    where: Repository
    common: Path
    folders: list[Path]
    id_size: int
    root: bytes | None  # of its work tree


def opened(path: str) -> Opened:
    """The repository at or around `path`.

    Raises UsageError when there is none, GitError when git refuses it.
    """
    folder = os.fsencode(path)
    if not os.path.isdir(folder):  # noqa: PTH112 - bytes
        raise UsageError(f"{path}: no such folder")
    git = git_folder(folder)
    if git is None:
        raise UsageError(f"{path}: not a git repository")
    where = Repository(folder)
    common = Path(os.path.realpath(os.path.join(path, _line(where, "--git-common-dir"))))  # noqa: PTH118
    objects = Path(os.path.realpath(os.path.join(path, _line(where, "--git-path", "objects"))))  # noqa: PTH118
    done = finish(start(["rev-parse", "--show-object-format"], where))
    id_size = _ID_SIZES.get(done.stdout.strip(), 20)  # a git that does not know it knows SHA-1 only
    root = toplevel(folder)
    if root is not None and not _is_inside(os.path.realpath(folder), root):
        root = None  # its own configuration must not choose which other folders are looked at
    return Opened(where, common, _alternates(objects), id_size, root)


def modules(common: Path) -> list[Path]:
    """The repositories of submodules that git keeps in a repository's own folder, be they checked
    out or not, for all of its work trees: gitsubmodules(7). With them, links and folders that
    cannot be listed, in which there may be more."""
    found: list[Path] = []
    for top in ("modules", "worktrees"):
        for folder in filetree.walk(os.fspath(common / top)):
            if isinstance(folder, OSError):
                found.append(Path(folder.filename))
                continue
            here = Path(folder.path)
            if "HEAD" in folder.others and _OBJECTS in {*folder.folders, *folder.others}:
                found.append(here)
            elif here.is_relative_to(common / "modules"):
                found += [here / name for name in folder.others if os.path.isdir(here / name)]  # noqa: PTH112 - no error
            folder.folders[:] = [name for name in folder.folders if name not in _NO_MODULES]
    return sorted(found)


def _is_inside(folder: bytes, root: bytes) -> bool:
    return folder == root or folder.startswith(root.rstrip(b"/") + b"/")


def _line(where: Repository, *arguments: str) -> str:
    return os.fsdecode(ask(["rev-parse", *arguments], where).rstrip(b"\n"))


def _alternates(objects: Path) -> list[Path]:
    """An object folder and those that it borrows from; see gitrepository-layout(5)."""
    found: list[Path] = []
    todo = [objects]
    while todo:
        folder = todo.pop(0)
        if folder in found:
            continue
        found.append(folder)
        try:
            lines = (folder / "info" / "alternates").read_bytes().split(b"\n")
        except OSError:
            continue
        todo += [
            Path(os.path.realpath(folder / os.fsdecode(path)))
            for path in (_unquoted(line) for line in lines if not line.startswith(b"#"))
            if path and b"\0" not in path
        ]
    return found


def _unquoted(line: bytes) -> bytes:
    """A path that may be quoted as in C; what is not well quoted is taken as it is, as git does."""
    if len(line) > 1 and line.startswith(b'"') and line.endswith(b'"'):
        with suppress(UnicodeError):
            return line[1:-1].decode("unicode_escape").encode("latin-1")
    return line
