"""What git tells of the changes of commits, kept in a fifth of the memory.

The format is that of `git diff-tree --raw -c -z`: git-diff-index(1), "Raw output format" and "Diff
format for merges". Of a change, the id that the commit has is kept, its kind, and the path by its
number, as most paths change many times.
"""

from __future__ import annotations

from array import array
from binascii import unhexlify as from_hex
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain, compress
from typing import NamedTuple

from scanner.packindex import split

GONE, FILE, LINK, SUBMODULE = range(4)  # what a path is
_KINDS = {b"000000": GONE, b"120000": LINK, b"160000": SUBMODULE}
_IS_OBJECT = bytes(kind in (FILE, LINK) for kind in range(256))
_BLOCK = 1 << 20  # bytes that are taken apart at once
_MANY = 1 << 14  # ids that are held in hex
_TREE = b"040000"
_MODE = 8  # bytes that each parent puts before the commit's mode: a colon, a mode, a space
_PATH = 150  # bytes that a path takes up besides its own


class TooManyPathsError(Exception):
    """There are more paths than memory is to hold."""


class Paths(dict[bytes, int]):
    """The number of each path, which a new one gets when it is asked for."""

    def __init__(self, most: int) -> None:
        """Together they may take up `most` bytes."""
        super().__init__()
        self.left = most

    def __missing__(self, path: bytes) -> int:
        size = len(path) + _PATH
        if size > self.left:
            raise TooManyPathsError
        self.left -= size
        number = self[path] = len(self)
        return number

    def shorten(self, count: int) -> None:
        """Leaves only the first of them."""
        while len(self) > count:
            path, _ = self.popitem()
            self.left += len(path) + _PATH

    def names(self) -> set[bytes]:
        """The names of all files and folders."""
        found: set[bytes] = set()
        some: list[bytes] = []
        for path in self:
            some.append(path)
            if len(some) == _MANY:
                found.update(b"/".join(some).split(b"/"))
                some.clear()
        found.update(b"/".join(some).split(b"/"))
        return found - {b""}


class Told(NamedTuple):
    """The changes of some commits, in the order of these: of each the id, in bytes, the kind and
    the path's number. Commits are in hex, and `starts` are the numbers of their first changes.

    Of folders there are only the ids of their `trees`, in bytes and one after another.
    """

    commits: bytes
    starts: array[int]
    ids: bytes
    kinds: bytes
    paths: array[int]
    trees: bytes

    @property
    def size(self) -> int:
        """About the bytes that it takes up."""
        return len(self.commits) + len(self.ids) + 5 * len(self.kinds) + len(self.trees)

    def objects(self) -> Iterator[bytes]:
        """The ids of all blobs and links, in bytes; some more than once."""
        return compress(self._split(), self.kinds.translate(_IS_OBJECT))

    def changes_of(self, ids: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
        """The numbers of the changes that bring in one of some objects, with its id, in bytes."""
        wanted = frozenset(ids)
        return ((id_, at) for at, id_ in enumerate(self._split()) if id_ in wanted)

    def commit(self, change: int) -> str:
        """The commit, in hex, that makes the change of a number."""
        at = bisect_right(self.starts, change) - 1
        size = len(self.commits) // len(self.starts)
        return self.commits[at * size : at * size + size].decode()

    def _split(self) -> Iterator[bytes]:
        return split(self.ids, len(self.ids) // len(self.kinds)) if self.kinds else iter(())


def compact(output: bytes, paths: Paths) -> Told:
    """What git printed, with paths by their numbers.

    Raises TooManyPathsError, and then `paths` is as it was.
    """
    before = len(paths)
    try:
        return _compact(output, paths)
    except TooManyPathsError:
        paths.shorten(before)
        raise


def _compact(output: bytes, paths: Paths) -> Told:
    starts, numbers = array("I"), array("I")
    commits: list[bytes] = []
    hexed: list[bytes] = []
    ids, kinds, trees = bytearray(), bytearray(), bytearray()
    kind_of, end = _KINDS.get, 0
    parts = chain.from_iterable(blocks(output))
    for part in parts:
        if part[:1] == b":":
            path = next(parts)
            if part[1:2] != b":":
                mode, id_ = part[_MODE : _MODE + 6], part[end:-2]
            else:  # a merge: as many colons, and letters at the end, as it has parents
                at = _MODE * (len(part) - len(part.lstrip(b":")))
                mode, id_ = part[at : at + 6], part.rsplit(b" ", 2)[1]
            if mode == _TREE:
                trees += from_hex(id_)
                continue
            numbers.append(paths[path])
            kinds.append(kind_of(mode, FILE))
            hexed.append(id_)
            if len(hexed) == _MANY:
                ids += from_hex(b"".join(hexed))
                hexed.clear()
        elif part:
            commits.append(part)
            starts.append(len(kinds))
            end = -len(part) - 2
    ids += from_hex(b"".join(hexed))
    return Told(b"".join(commits), starts, bytes(ids), bytes(kinds), numbers, bytes(trees))


def blocks(output: bytes) -> Iterator[list[bytes]]:
    """What stands between the NULs, in lists of which none has much of it."""
    rest = b""
    for at in range(0, len(output), _BLOCK):
        *parts, rest = (rest + output[at : at + _BLOCK]).split(b"\0")
        yield parts
    yield [rest]
