"""Reading git's packs directly: every object once, rebuilt from a base that is in memory.

Git itself prints objects one by one and rebuilds the chain of deltas below each. Here every
tree of deltas is walked from its base, depth first, so that each delta is applied once.
Formats: gitformat-pack(5) of git's documentation (pack version 2 and 3, index version 2).
"""

from __future__ import annotations

import mmap
import os
import weakref
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from itertools import compress
from pathlib import Path
from typing import NamedTuple

from dulwich._pack import apply_delta
from zlib_ng import zlib_ng as zlib

from scanner import files
from scanner.deltabases import DeltaBases
from scanner.packindex import PackError, order, place, read_index, split

COMMIT, TREE, BLOB, TAG = 1, 2, 3, 4
TYPES = {COMMIT: "commit", TREE: "tree", BLOB: "blob", TAG: "tag"}
_OFS_DELTA, _REF_DELTA = 6, 7
_HEAD = 12  # bytes that a pack begins with; its checksum ends it
_NONE = -1
_LONGEST_SIZE = 63  # bits
_SMALL = 128 << 20  # bytes of a pack that stays mapped
_MOST_HELD = 128 << 20  # bytes of bases that wait for more deltas, but for the last
_MOST_AGAIN = 4 << 30  # bytes of contents that may be made again in any case
_TIMES = 16  # as often as all that was made
TOO_DEEP = "its deltas are so deep and large that putting it together takes too long"
_FORGET_AFTER = 1 << 16  # objects of which the beginnings are read


class Rebuilt(NamedTuple):
    """An object's content, and of a delta its base's number and content and the delta.

    `number` counts the pack's objects from 0 in the order of their offsets.
    """

    number: int
    content: bytes
    base: int
    base_content: bytes
    delta: bytes


class Broken(NamedTuple):
    """An object that could not be read, so that none below it could."""

    number: int
    reason: str


class _Work:
    """The bytes of contents that were made, and of those that were made again."""

    made = again = 0


class Pack:
    """One pack: where its objects are, and which is a delta against which.

    Safe to share with forked processes; elsewhere it is opened again from its path.
    """

    def __init__(self, path: Path, id_size: int) -> None:
        """`path` is that of the `.pack`, `id_size` 20 or 32 bytes. Raises PackError, OSError."""
        self.path = path
        self._id_size = id_size
        # The ids in bytes, in their order and one after another.
        self.ids, self.offsets = read_index(path.with_suffix(".idx"), id_size)
        with files.regular(path) as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            if self._map[:4] != b"PACK":
                raise PackError("no pack")
            if len(self._map) < _HEAD + id_size:
                raise PackError("cut off")
            # Objects of a large pack are read, not mapped: of a mapped one, much more than what is
            # asked for stays in memory.
            self._descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._descriptor)
        self._headers()
        if hasattr(os, "pread") and len(self._map) > _SMALL:
            self._map.close()
        self._adjacency()

    def __reduce__(self) -> tuple[type[Pack], tuple[Path, int]]:
        return Pack, (self.path, self._id_size)

    def __len__(self) -> int:
        return len(self.types)

    def id(self, number: int) -> bytes:
        """The id of an object, in bytes."""
        at = self._order[number] * self._id_size
        return self.ids[at : at + self._id_size]

    def ids_of(self, kind: int) -> Iterator[bytes]:
        """The ids of all objects of a type, in bytes."""
        ids = list(split(self.ids, self._id_size))
        return map(ids.__getitem__, compress(self._order, map(kind.__eq__, self.types)))

    def holds(self, id_: bytes) -> bool:
        """Whether the pack has an object of this id, in bytes."""
        return self._number_of(id_) != _NONE

    def _headers(self) -> None:
        """Type, inflated size, base and start of the data of every object.

        The type of a delta is that of the object at the bottom of its chain.
        """
        self._order = order(self.path.with_suffix(".rev"), self.offsets)
        # The checksum ends a pack.
        end = len(self._map) - self._id_size
        self.offsets = array("Q", [*map(self.offsets.__getitem__, self._order), end])
        count = len(self._order)
        self.types = bytearray(count)
        self.sizes = array("Q", bytes(8 * count))
        self._starts = array("Q", bytes(8 * count))
        self._bases = array("i", [_NONE]) * count
        self.strange: list[int] = []  # numbers of objects whose base is not in this pack
        data, offsets = self._map, self.offsets
        types, sizes, starts, bases = self.types, self.sizes, self._starts, self._bases
        for number in range(count):
            offset = offsets[number]
            byte = data[offset]
            at = offset + 1
            kind, size, shift = (byte >> 4) & 7, byte & 15, 4
            while byte & 128 and shift < _LONGEST_SIZE:
                byte = data[at]
                at += 1
                size |= (byte & 127) << shift
                shift += 7
            if kind == _OFS_DELTA:
                byte = data[at]
                at += 1
                back = byte & 127
                while byte & 128 and back < offset:  # otherwise it leads out of the pack
                    byte = data[at]
                    at += 1
                    back = ((back + 1) << 7) | (byte & 127)
                base = bisect_left(offsets, offset - back, 0, number)
                if offsets[base] == offset - back:
                    bases[number] = base
            elif kind == _REF_DELTA:
                bases[number] = self._number_of(data[at : at + self._id_size])
                at += self._id_size
            types[number] = kind
            sizes[number] = size
            starts[number] = at
            if number % _FORGET_AFTER == 0:
                self._forget()

    def _number_of(self, id_: bytes) -> int:
        at = place(self.ids, id_, self._id_size)
        return _NONE if at < 0 else self._by_id[at]

    @cached_property
    def _by_id(self) -> array[int]:
        """The number of each object, by the order of the ids."""
        numbers = array("I", bytes(4 * len(self._order)))
        for number, position in enumerate(self._order):
            numbers[position] = number
        return numbers

    def _adjacency(self) -> None:
        count = len(self.types)
        self._child = array("i", [_NONE]) * count
        self._sibling = array("i", [_NONE]) * count
        bases, child, sibling = self._bases, self._child, self._sibling
        for number in range(count - 1, -1, -1):
            base = bases[number]
            if base != _NONE:
                sibling[number] = child[base]
                child[base] = number
        self.roots = array("I", (n for n in range(count) if TYPES.get(self.types[n])))
        self.weights = array("I", map(self._spread_type, self.roots))  # objects of each tree
        self.strange = [n for n in range(count) if self.types[n] not in TYPES]

    def _spread_type(self, root: int) -> int:
        """Gives all deltas above `root` its type; returns how many objects they are with it."""
        child, sibling, types = self._child, self._sibling, self.types
        if child[root] == _NONE:
            return 1
        kind, count = types[root], 1
        todo = [child[root]]
        while todo:
            number = todo.pop()
            while number != _NONE:
                types[number] = kind
                count += 1
                if child[number] != _NONE:
                    todo.append(child[number])
                number = sibling[number]
        return count

    def below(self, number: int) -> Iterator[int]:
        """The numbers of all deltas that need this object, at any distance."""
        todo = [self._child[number]]
        while todo:
            at = todo.pop()
            while at != _NONE:
                yield at
                todo.append(self._child[at])
                at = self._sibling[at]

    def rebuild(self, root: int, most: int) -> Iterator[Rebuilt | Broken]:
        """The object `root` and every delta that needs it, each after its base.

        Objects of more than `most` bytes, and what needs them, are Broken, and are not loaded.
        """
        child, sibling = self._child, self._sibling
        work = _Work()
        content = self._inflate(root, most)
        if isinstance(content, Broken):
            yield content
            return
        work.made = len(content)
        yield Rebuilt(root, content, _NONE, b"", b"")
        waiting = DeltaBases(_MOST_HELD)
        if child[root] != _NONE:
            waiting.push(root, content, child[root])
        while waiting:
            base, waited, number = waiting.pop()
            base_content = waited if waited is not None else self._again(base, waiting, most, work)
            if isinstance(base_content, Broken):  # or the file has changed
                yield from (Broken(n, base_content.reason) for n in self._from(number))
                continue
            if sibling[number] != _NONE:
                waiting.push(base, base_content, sibling[number])
            delta = self._inflate(number, most)
            if isinstance(delta, Broken):
                yield delta
                continue
            made = _apply(number, base_content, delta, most)
            if isinstance(made, Broken):
                yield made
                continue
            work.made += len(made)
            yield Rebuilt(number, made, base, base_content, delta)
            if child[number] != _NONE:
                waiting.push(number, made, child[number])

    def _from(self, number: int) -> Iterator[int]:
        """A delta and those after it against the same base."""
        while number != _NONE:
            yield number
            number = self._sibling[number]

    def _again(self, number: int, waiting: DeltaBases, most: int, work: _Work) -> bytes | Broken:
        """The content of an object, from the nearest one of its chain that is here."""
        chain = [number]
        content: bytes | Broken | None = None
        while content is None and (below := self._bases[chain[-1]]) != _NONE:
            content = waiting.content(below)
            if content is None:
                chain.append(below)
        if content is None:
            content = self._inflate(chain.pop(), most)
        useful = waiting.useful(chain[::-1])
        while chain and not isinstance(content, Broken):
            above = chain.pop()
            delta = self._inflate(above, most)
            content = delta if isinstance(delta, Broken) else _apply(above, content, delta, most)
            if isinstance(content, Broken):
                break
            if above in useful:
                waiting.keep(above, content)
            work.again += len(content)
            if work.again > _MOST_AGAIN + _TIMES * work.made:
                return Broken(number, TOO_DEEP)
        return content

    def _inflate(self, number: int, most: int) -> bytes | Broken:
        size = self.sizes[number]
        if size > most:
            return Broken(number, f"{size} bytes, over --max-file-size {most}")
        start, end = self._starts[number], self.offsets[number + 1]
        inflater = zlib.decompressobj()
        try:
            # One byte more than it says it has: it may say less than it has.
            content = inflater.decompress(self._between(start, end), size + 1)
        except zlib.error:  # type: ignore[misc]  # declared as a value
            return Broken(number, "damaged in its pack")
        # Only at the end of the stream has its checksum been compared.
        whole = len(content) == size and inflater.eof
        return content if whole else Broken(number, "damaged in its pack")

    def _between(self, start: int, end: int) -> bytes:
        if self._map.closed:
            return os.pread(self._descriptor, max(0, end - start), start)
        return self._map[start:end]

    def _forget(self) -> None:
        """Gives pages back: a large pack need not stay in memory as a whole."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)


def _apply(number: int, base: bytes, delta: bytes, most: int) -> bytes | Broken:
    try:
        size = _result_size(delta)
        if size > most:
            return Broken(number, f"{size} bytes, over --max-file-size {most}")
        parts = apply_delta(base, delta)
    except Exception:  # noqa: BLE001 - the package has no error of its own that is public
        return Broken(number, "damaged in its pack")
    made = parts[0] if len(parts) == 1 else b"".join(parts)
    return made if len(made) == size else Broken(number, "damaged in its pack")


def _result_size(delta: bytes) -> int:
    """The size in bytes of what a delta makes: the second number at its beginning. Raises
    IndexError where that is cut off, OverflowError where it is longer than any size is."""
    at = 0
    while delta[at] > 127:
        at += 1
    at += 1
    byte = delta[at]
    size, shift = byte & 127, 7
    while byte > 127:
        at += 1
        byte = delta[at]
        size |= (byte & 127) << shift
        shift += 7
        if shift > _LONGEST_SIZE:
            raise OverflowError
    return size
