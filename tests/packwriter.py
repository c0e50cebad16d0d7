"""Deltas and packs written byte by byte, as git would not always write them."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

_LONGEST_INSERT = 127
_LONGEST_COPY = 0x10000
OFS_DELTA, REF_DELTA = 6, 7


class Copy(NamedTuple):
    """`size` bytes from offset `old` of the base."""

    old: int
    size: int


Piece = Copy | bytes


def number(value: int) -> bytes:
    """A number as it stands at the beginning of a delta."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _copy(old: int, size: int) -> bytes:
    code, arguments = 128, bytearray()
    for bit, value in zip(
        (1, 2, 4, 8, 16, 32, 64),
        [*old.to_bytes(4, "little"), *(size % _LONGEST_COPY).to_bytes(3, "little")],
        strict=True,
    ):
        if value:
            code |= bit
            arguments.append(value)
    return bytes([code]) + arguments


def delta(base_size: int, pieces: Iterable[Piece], *, says: int | None = None) -> bytes:
    """A delta that makes the pieces one after another; `says` is the size that it claims."""
    out, made = bytearray(), 0
    for piece in pieces:
        if isinstance(piece, bytes):
            made += len(piece)
            for at in range(0, len(piece), _LONGEST_INSERT):
                part = piece[at : at + _LONGEST_INSERT]
                out += bytes([len(part)]) + part
        else:
            made += piece.size
            for at in range(0, piece.size, _LONGEST_COPY):
                out += _copy(piece.old + at, min(_LONGEST_COPY, piece.size - at))
    return number(base_size) + number(made if says is None else says) + bytes(out)


def result(base: bytes, pieces: Iterable[Piece]) -> bytes:
    """What the pieces are together."""
    return b"".join(
        piece if isinstance(piece, bytes) else base[piece.old : piece.old + piece.size]
        for piece in pieces
    )


class Entry(NamedTuple):
    """An entry of a pack. `base` is another entry's number (OFS_DELTA) or an id (REF_DELTA);
    `size` and `data` stand for what would be written of the content."""

    id: bytes
    kind: int
    content: bytes
    base: int | bytes | None = None
    size: int | None = None
    data: bytes | None = None


Hash = Callable[[bytes], "hashlib._Hash"]


def write_pack(
    folder: Path, entries: Sequence[Entry], hash_: Hash = hashlib.sha1, *, version: int = 2
) -> Path:
    """Writes a pack of the entries and its index, and gives the pack's path."""
    out, offsets = bytearray(struct.pack(">4sII", b"PACK", 2, len(entries))), []
    for entry in entries:
        offsets.append(len(out))
        size = len(entry.content) if entry.size is None else entry.size
        out += _head(entry.kind, size)
        if isinstance(entry.base, bytes):
            out += entry.base
        elif entry.base is not None:
            out += _back(offsets[-1] - offsets[entry.base])
        out += zlib.compress(entry.content) if entry.data is None else entry.data
    out += hash_(out).digest()
    path = folder / f"pack-{hash_(out).hexdigest()}.pack"
    path.write_bytes(out)
    ids = [entry.id for entry in entries]
    write = _index if version == 2 else _old_index
    index = write(sorted(zip(ids, offsets, strict=True))) + bytes(out[-hash_().digest_size :])
    path.with_suffix(".idx").write_bytes(index + hash_(index).digest())
    return path


def _head(kind: int, size: int) -> bytes:
    byte, size = kind << 4 | size & 15, size >> 4
    out = bytearray()
    while size:
        out.append(byte | 128)
        byte, size = size & 127, size >> 7
    return bytes([*out, byte])


def _back(distance: int) -> bytes:
    out = [distance & 127]
    while distance := distance >> 7:
        distance -= 1
        out.insert(0, distance & 127 | 128)
    return bytes(out)


def _fan_out(ids: Iterable[bytes]) -> bytes:
    firsts = [id_[0] for id_ in ids]
    return struct.pack(">256I", *(sum(first <= n for first in firsts) for n in range(256)))


def _index(entries: list[tuple[bytes, int]]) -> bytes:
    return b"".join(
        (
            b"\xfftOc\0\0\0\2",
            _fan_out(id_ for id_, _ in entries),
            *(id_ for id_, _ in entries),
            bytes(4 * len(entries)),  # checksums of the entries, which nobody here asks for
            *(struct.pack(">I", at) for _, at in entries),
        )
    )


def _old_index(entries: list[tuple[bytes, int]]) -> bytes:
    rows = (struct.pack(">I", at) + id_ for id_, at in entries)
    return _fan_out(id_ for id_, _ in entries) + b"".join(rows)
