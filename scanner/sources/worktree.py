"""Files and folders as they are on disk.

In a git work tree: tracked files and untracked ones that git does not ignore, submodules and
nested repositories included. Elsewhere: everything. Symbolic links are not followed; what
they point to is scanned as text.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from scanner import repository
from scanner.errors import GitError, UsageError
from scanner.models import Blob, Gap, Kind, Unseen
from scanner.paths import display
from scanner.positions import harmless

_PART = 1 << 20  # bytes read at a time
_NO_FOLLOW = (
    getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)


class Entry(NamedTuple):
    """A file or link to read: where it is, and the path that reports give it."""

    location: bytes
    path: str


Excluded = Callable[[str], bool]


def entries(path: str, base: str, excluded: Excluded) -> Iterator[Entry | Gap]:
    """What is to be read below `path` (a file or folder), in a fixed order.

    Report paths are relative to the folder `base`. In a work tree, git begins to list its files
    at once, so there is time for something else before the first is asked for. Raises
    UsageError when there is no such path, and GitError when git refuses the repository that it
    is in.
    """
    location = os.fsencode(path)
    if not os.path.lexists(location):
        raise UsageError(f"{harmless(path)}: no such file or folder")
    root = os.path.realpath(os.fsencode(base))
    if os.path.isdir(location):
        return _folder(os.path.realpath(location), root, excluded)
    return iter([_named(location, root, excluded)])


def _named(location: bytes, root: bytes, excluded: Excluded) -> Entry | Gap:
    """A file named outright; a link is then meant to be followed, and what is no file told of."""
    target = os.path.realpath(location)
    folder = os.path.realpath(os.path.dirname(location) or b".")
    path = _relative(os.path.join(folder, os.path.basename(location)), root)
    if excluded(path):
        return Gap(Unseen(path, "excluded by configuration"), by_policy=True)
    if os.path.isfile(target):
        return Entry(target, path)
    return Gap(Unseen(path, "not a regular file"), by_policy=False)


def _relative(location: bytes, root: bytes) -> str:
    """A location below the folder `root`, or elsewhere, as reports show it."""
    if location == root:  # `.` would not tell which folder was meant
        return display(location)
    inside = len(root) + (not root.endswith(b"/"))
    if location.startswith(root) and location[inside - 1 : inside] in (b"/", os.sep.encode()):
        return display(location[inside:])
    return display(os.path.relpath(location, root))


def _entry(location: bytes, root: bytes, excluded: Excluded) -> Iterator[Entry | Gap]:
    path = _relative(location, root)
    if excluded(path):
        yield Gap(Unseen(path, "excluded by configuration"), by_policy=True)
    else:
        yield Entry(location, path)


def _folder(folder: bytes, root: bytes, excluded: Excluded) -> Iterator[Entry | Gap]:
    try:
        plain = repository.toplevel(folder) is None or repository.is_ignored(folder)
    except PermissionError:  # a folder that may not be entered, as the walk will tell
        plain = True
    if plain:
        return _walk(folder, root, excluded)
    return _tracked(repository.listed(folder), folder, root, excluded)


def _tracked(
    listed: Iterable[repository.Listed], folder: bytes, root: bytes, excluded: Excluded
) -> Iterator[Entry | Gap]:
    links: dict[bytes, bool] = {b"": False}
    inside = b"" if folder == root else os.fsencode(_relative(folder, root)) + b"/"
    for path, is_repository in listed:
        location = folder + b"/" + path
        name = display(inside + path)
        inner = path.rpartition(b"/")[0]
        behind = links[inner] if inner in links else _behind_link(folder, inner, links)
        if behind:
            yield Gap(Unseen(name, "behind a symbolic link"), by_policy=True)
        elif excluded(name):
            yield Gap(Unseen(name, "excluded by configuration"), by_policy=True)
        elif not is_repository or os.path.islink(location):
            yield Entry(location, name)
        elif os.path.lexists(os.path.join(location, b".git")):
            yield from _nested(location, root, excluded)
        else:
            yield Gap(Unseen(name, "submodule that is not checked out"), by_policy=False)


def _behind_link(folder: bytes, inner: bytes, known: dict[bytes, bool]) -> bool:
    """Whether a tracked folder has become a symbolic link, which might lead anywhere."""
    if inner not in known:
        outer = inner.rpartition(b"/")[0]
        behind = known[outer] if outer in known else _behind_link(folder, outer, known)
        known[inner] = behind or os.path.islink(folder + b"/" + inner)
    return known[inner]


def _nested(folder: bytes, root: bytes, excluded: Excluded) -> Iterator[Entry | Gap]:
    """A repository inside another; what only looks like one is walked as a folder."""
    try:
        if repository.toplevel(folder) == os.path.realpath(folder):
            yield from _tracked(repository.listed(folder), folder, root, excluded)
        else:
            yield from _walk(folder, root, excluded)
    except GitError as error:
        yield Gap(Unseen(_relative(folder, root), str(error)), by_policy=False)


def _walk(folder: bytes, root: bytes, excluded: Excluded) -> Iterator[Entry | Gap]:
    # A stack rather than recursion: folders may lie deeper than Python's own stack.
    todo: list[os.DirEntry[bytes] | Gap] = _inside(folder, root)
    while todo:
        entry = todo.pop()
        if isinstance(entry, Gap):
            yield entry
        elif not entry.is_dir(follow_symlinks=False):
            yield from _entry(entry.path, root, excluded)
        elif os.path.lexists(os.path.join(entry.path, b".git")):
            yield from _nested(entry.path, root, excluded)
        else:
            todo += _inside(entry.path, root)


def _inside(folder: bytes, root: bytes) -> list[os.DirEntry[bytes] | Gap]:
    """What a folder holds but for git's own, the first name last; a gap when it is closed."""
    try:
        with os.scandir(folder) as listing:
            found = [entry for entry in listing if entry.name != b".git"]
    except OSError as error:
        reason = error.strerror or "cannot be listed"
        return [Gap(Unseen(_relative(folder, root), reason), by_policy=False)]
    found.sort(key=lambda entry: entry.name, reverse=True)
    return list(found)


def read(entry: Entry, max_size: int) -> Blob | Gap:
    """The content of an entry, or why there is none.

    `max_size` is in bytes. A file that changes while it is read is read as far as it goes.
    """
    try:
        return _read(entry, max_size)
    except (FileNotFoundError, NotADirectoryError):
        return Gap(Unseen(entry.path, "not there (deleted, or vanished)"), by_policy=True)
    except OSError as error:
        return Gap(Unseen(entry.path, error.strerror or "cannot be read"), by_policy=False)


def _content(handle: int, size: int) -> bytes:
    """The bytes of an open file that had `size` bytes; more when it has grown since."""
    content = os.read(handle, size + 1)
    if len(content) == size:  # the usual case: all of it, and then the end
        return content
    parts = [content]
    while part := os.read(handle, _PART):  # a network file system may hand out less at a time
        parts.append(part)
    return b"".join(parts)


def _read(entry: Entry, max_size: int) -> Blob | Gap:
    try:
        handle = os.open(entry.location, os.O_RDONLY | _NO_FOLLOW)
    except OSError:
        status = os.lstat(entry.location)
        if stat.S_ISLNK(status.st_mode):
            return Blob(Kind.SYMLINK, entry.path, os.readlink(entry.location))
        if not stat.S_ISREG(status.st_mode):  # a socket cannot be opened
            return Gap(Unseen(entry.path, "not a regular file"), by_policy=True)
        raise
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return Gap(Unseen(entry.path, "not a regular file"), by_policy=True)
        if status.st_size > max_size:
            reason = f"{status.st_size} bytes, over --max-file-size {max_size}"
            return Gap(Unseen(entry.path, reason), by_policy=True)
        return Blob(Kind.FILE, entry.path, _content(handle, status.st_size))
    finally:
        os.close(handle)
