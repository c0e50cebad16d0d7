"""Backslash escapes of string literals: JSON, JavaScript, C, Java, Python and their kin.

Only escapes that stand for printable ASCII are undone, as keys consist of nothing else, and
escaped quotes, slashes and backslashes, so that JSON inside a JSON string becomes readable.
"""

from __future__ import annotations

import re

from scanner.decoders.view import Decoder

_PATTERN = re.compile(
    rb"\\(?:u00([2-7][0-9A-Fa-f])|u\{0{0,4}([2-7][0-9A-Fa-f])\}|x([2-7][0-9A-Fa-f])"
    rb"|(0[4-7][0-7]|1[0-7]{2}|[4-7][0-7](?![0-7]))|([\"'/\\]))"
)


def _decode(match: re.Match[bytes]) -> bytes:
    hexadecimal = match[1] or match[2] or match[3]
    if hexadecimal:
        return bytes([int(hexadecimal, 16)])
    if match[4]:
        return bytes([int(match[4], 8)])
    return match[5]


ESCAPES = Decoder(
    "escapes",
    (
        r"\\(?:u00[2-7][0-9A-Fa-f]|u\{0{0,4}[2-7][0-9A-Fa-f]\}|x[2-7][0-9A-Fa-f]|1[0-7]{2}|0?[4-7][0-7]|[\"'/])",
    ),
    _PATTERN,
    _decode,
)
