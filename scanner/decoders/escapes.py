"""Backslash escapes of string literals: JSON, JavaScript, C, Java, Python and their kin.

Only escapes that stand for printable ASCII are undone, as keys consist of nothing else, and
escaped quotes, slashes and backslashes, so that JSON inside a JSON string becomes readable.
Binary files that a program holds as a string, in megabytes of `\\x1f\\x8b`, are undone as a whole:
byte by byte it would take ten times as long.
"""

from __future__ import annotations

import re
from functools import cache

from scanner.decoders.view import Decoder

_FEW = 4  # from so many bytes one after another on, all that are written in hex are undone
_PATTERN = re.compile(
    rb"\\(?:x[0-9A-Fa-f]{2}(?:\\x[0-9A-Fa-f]{2}){%d,}+"
    rb"|u00[2-7][0-9A-Fa-f]|u\{0{0,4}[2-7][0-9A-Fa-f]\}|x[2-7][0-9A-Fa-f]"
    rb"|0[4-7][0-7]|1[0-7]{2}|[4-7][0-7](?![0-7])|[\"'/\\])" % (_FEW - 1)
)
_UNIT = len(rb"\x41")


@cache  # a text may hold a hundred thousand
def _meaning(escape: bytes) -> bytes:
    """What a short escape stands for."""
    digits = escape[1:].strip(b"ux{}")
    if not digits.isalnum():
        return digits
    return bytes([int(digits, 8 if escape[1:2].isdigit() else 16)])


def _decode(match: re.Match[bytes]) -> bytes:
    escape = match[0]
    if len(escape) < _FEW * _UNIT:
        return _meaning(escape)
    return bytes.fromhex(escape.replace(rb"\x", b"").decode())


ESCAPES = Decoder(
    "escapes",
    (
        r"\\(?:u00[2-7][0-9A-Fa-f]|u\{0{0,4}[2-7][0-9A-Fa-f]\}|x[2-7][0-9A-Fa-f]|1[0-7]{2}|0?[4-7][0-7]|[\"'/])",
    ),
    _PATTERN,
    _decode,
    dense=True,
    hint=r"\\[ux014-7\"'/]",
    unit=_UNIT,
)
