"""The indexes of git's packs: which objects a pack holds, and where in it.

Format: gitformat-pack(5) of git's documentation (versions 1 and 2).
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from operator import lt
from pathlib import Path

from scanner import files

_INDEX_MAGIC = b"\xfftOc\x00\x00\x00\x02"
_FAN_OUT = 256 * 4
_IDS = 8 + _FAN_OUT  # where the ids begin
_REV_MAGIC = b"RIDX\0\0\0\1"
_REV_HEAD = 12
_LARGE = 0x80000000  # an offset that stands in the table of 64-bit offsets


class PackError(Exception):
    """A pack or index that does not hold what its format asks for."""


def read_index(path: Path, id_size: int) -> tuple[bytes, array[int]]:
    """The ids in their order, in bytes and one after another, and the offset of each.

    `id_size` is 20 or 32 bytes. Raises PackError, OSError.
    """
    content = files.content(path)
    if not content.startswith(_INDEX_MAGIC):
        return _read_old_index(content, id_size)
    ids = _ids(content, id_size)
    small = _IDS + len(ids) // id_size * (id_size + 4)
    large = small + len(ids) // id_size * 4
    found = array("I", content[small:large])
    if sys.byteorder == "little":
        found.byteswap()
    offsets = array("Q", found)
    if max(found, default=0) >= _LARGE:
        for position, offset in enumerate(found):
            if offset >= _LARGE:
                at = large + 8 * (offset - _LARGE)
                offsets[position] = struct.unpack_from(">Q", content, at)[0]
    return ids, offsets


def order(path: Path, offsets: array[int]) -> array[int]:
    """The numbers of some offsets, by their order from the least on.

    Newer gits keep that beside an index, in the `.rev`: gitformat-pack(5), "pack-*.rev files". What
    is said there is checked. Without one, `path` may name nothing.
    """
    with suppress(OSError):
        content = files.content(path, _REV_HEAD + 4 * len(offsets))
        table = content[_REV_HEAD:]
        if content.startswith(_REV_MAGIC) and len(table) == 4 * len(offsets):
            found = array("I", table)
            if sys.byteorder == "little":
                found.byteswap()
            if max(found, default=0) < len(offsets):
                inside = [offsets[number] for number in found]
                if all(map(lt, inside, islice(inside, 1, None))):  # so each is there once
                    return found
    return array("I", sorted(range(len(offsets)), key=offsets.__getitem__))


def _ids(content: bytes, id_size: int) -> bytes:
    """The ids in an index of version 2."""
    count: int = struct.unpack_from(">I", content, _IDS - 4)[0]
    if len(content) < _IDS + count * (id_size + 8) + 2 * id_size:
        raise PackError("a cut index")
    return content[_IDS : _IDS + count * id_size]


def ids_of(path: Path, id_size: int) -> bytes:
    """The ids of all objects of a pack, as `read_index` gives them, from its index alone.

    Raises PackError, OSError, struct.error.
    """
    content = files.content(path.with_suffix(".idx"))
    if content.startswith(_INDEX_MAGIC):
        return _ids(content, id_size)
    return _read_old_index(content, id_size)[0]


def split(ids: bytes, id_size: int) -> Iterator[bytes]:
    """Ids that stand one after another, one by one."""
    return (id_ for (id_,) in struct.iter_unpack(f"{id_size}s", ids))


def place(ids: bytes, id_: bytes, id_size: int) -> int:
    """Where an id is among those that stand one after another in their order, counted from 0; -1
    when it is not."""
    low, high = 0, len(ids) // id_size
    while low < high:
        middle = (low + high) // 2
        found = ids[middle * id_size : middle * id_size + id_size]
        if found == id_:
            return middle
        low, high = (middle + 1, high) if found < id_ else (low, middle)
    return -1


def _read_old_index(content: bytes, id_size: int) -> tuple[bytes, array[int]]:
    """The same of an index of version 1, which has no magic number."""
    if len(content) < _FAN_OUT:
        raise PackError("a cut index")
    count = struct.unpack_from(">I", content, _FAN_OUT - 4)[0]
    step = 4 + id_size
    if len(content) != _FAN_OUT + count * step + 2 * id_size:
        raise PackError("a damaged index")
    starts = range(_FAN_OUT, _FAN_OUT + count * step, step)
    ids = b"".join(content[at + 4 : at + step] for at in starts)
    return ids, array("Q", (struct.unpack_from(">I", content, at)[0] for at in starts))
