"""Reading git's loose objects: a file each (gitformat-loose(5) of git's documentation)."""

from __future__ import annotations

import zlib
from pathlib import Path

from scanner import files
from scanner.packs import BLOB, COMMIT, TAG, TREE

_HEADS = {b"commit": COMMIT, b"tree": TREE, b"blob": BLOB, b"tag": TAG}
_LONGEST_HEAD = 64  # bytes that a header may take


def read(path: Path, most: int) -> tuple[int, int, bytes | None]:
    """Type, size and content of a loose object; no content when it is larger than `most` bytes.

    Raises OSError for what cannot be read, and zlib.error, ValueError or KeyError for what is
    damaged.
    """
    return _inflate(files.content(path), most)


def is_commit(path: Path) -> bool:
    """Whether a loose object begins as a commit; not when it cannot be read."""
    try:
        head = zlib.decompressobj().decompress(files.content(path, _LONGEST_HEAD), 8)
    except (OSError, zlib.error):
        return False
    return head.startswith(b"commit ")


def _inflate(raw: bytes, most: int) -> tuple[int, int, bytes | None]:
    """Type, size and content of a loose object; no content when it is larger than `most`."""
    inflater = zlib.decompressobj()
    begin = inflater.decompress(raw, _LONGEST_HEAD)
    head, nul, _ = begin.partition(b"\0")
    if not nul:
        raise ValueError("no header")
    kind, _, digits = head.partition(b" ")
    size = int(digits)
    if size > most:
        return _HEADS[kind], size, None
    rest = inflater.decompress(inflater.unconsumed_tail, size + 1)  # whatever it says it is
    content = (begin + rest)[len(head) + 1 :]
    if len(content) != size:
        raise ValueError("another size than its header says")
    return _HEADS[kind], size, content
