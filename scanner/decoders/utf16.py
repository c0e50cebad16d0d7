"""UTF-16 text, with or without a byte order mark, turned into UTF-8.

The whole text is turned over, so lines and columns in characters stay what an editor shows.
"""

from __future__ import annotations

import codecs

NAME = "utf-16"
_STRAY = 40  # bytes from which on ASCII behind a mark is no accident
_SAMPLE = 4096  # bytes that decide whether text without a mark is UTF-16


def decode(content: bytes) -> bytes | None:
    """UTF-8 of a UTF-16 text, or nothing when `content` is none.

    Lone surrogates and a trailing odd byte become replacement characters.
    """
    if not is_suspect(content):
        return None  # nearly all texts, so without a look at all of it
    if len(content) > _STRAY and content[2:].isascii() and b"\0" not in content:
        return None  # other text behind a stray mark: half of all other characters are no ASCII
    if content.startswith(codecs.BOM_UTF16_LE) and not content.startswith(codecs.BOM_UTF32_LE):
        return _transcode(content[2:], "utf-16-le")
    if content.startswith(codecs.BOM_UTF16_BE):
        return _transcode(content[2:], "utf-16-be")
    codec = _guess(content)
    return _transcode(content, codec) if codec else None


def is_suspect(content: bytes) -> bool:
    """Whether a content could be UTF-16: a quick look at its beginning."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return marked or content.find(b"\0", 0, _SAMPLE) >= 0


def _transcode(content: bytes, codec: str) -> bytes:
    return content.decode(codec, "replace").encode("utf-8", "replace")


def _guess(content: bytes) -> str | None:
    """The byte order of mostly Latin text without a mark: every other byte is zero."""
    if len(content) < 4:
        return None
    sample = content[: min(_SAMPLE, len(content) // 2 * 2)]
    even, odd = sample[::2], sample[1::2]
    if odd.count(0) > 0.7 * len(odd) and even.count(0) < 0.05 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.7 * len(even) and odd.count(0) < 0.05 * len(odd):
        return "utf-16-be"
    return None
