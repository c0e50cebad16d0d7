"""Sets of characters, and how a regular expression over bytes of UTF-8 writes them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

Ranges = tuple[tuple[int, int], ...]  # code points, both ends included, in order, apart

LAST = 0x10FFFF
_ASCII = 0x7F
_MOST_LISTED = 40  # characters outside of ASCII that are written out one by one
_BEYOND = ((_ASCII + 1, LAST),)

# https://github.com/google/re2/wiki/Syntax, "ASCII character classes" and "Perl character classes"
POSIX = {
    "alnum": "09AZaz", "alpha": "AZaz", "ascii": "\x00\x7f", "blank": "\t\t  ",
    "cntrl": "\x00\x1f\x7f\x7f", "digit": "09", "graph": "!~", "lower": "az", "print": " ~",
    "punct": "!/:@[`{~", "space": "\t\r  ", "upper": "AZ", "word": "09AZ__az", "xdigit": "09AFaf",
}  # fmt: skip
PERL = {"d": "09", "s": "\t\n\x0c\r  ", "w": "09AZ__az"}
_SCRIPTS_IN_ASCII = ("Latin", "Common", "Any", "Assigned")
_ESCAPED = {ord(c): f"\\{c}" for c in "\\]^-["} | {
    9: r"\t", 10: r"\n", 11: r"\x0b", 12: r"\f", 13: r"\r",
}  # fmt: skip


def named(pairs: str) -> Ranges:
    """The set that a text of pairs of first and last characters stands for."""
    return union([(ord(low), ord(high)) for low, high in zip(pairs[::2], pairs[1::2], strict=True)])


def union(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Ranges in any order, put in order and joined where they touch."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(joined)


def complement(ranges: Ranges) -> Ranges:
    """All other characters."""
    found = []
    begin = 0
    for low, high in ranges:
        if low > begin:
            found.append((begin, low - 1))
        begin = high + 1
    if begin <= LAST:
        found.append((begin, LAST))
    return tuple(found)


def common(left: Ranges, right: Ranges) -> Ranges:
    """The characters that both sets hold."""
    return complement(union([*complement(left), *complement(right)]))


def folded(ranges: Ranges) -> Ranges:
    """The set with the other case of each ASCII letter in it."""
    found = list(ranges)
    for low, high in ranges:
        for first, last, shift in ((0x41, 0x5A, 32), (0x61, 0x7A, -32)):
            begin, end = max(low, first), min(high, last)
            if begin <= end:
                found.append((begin + shift, end + shift))
    return union(found)


def category(name: str) -> Ranges | None:
    """A Unicode category or script (`L`, `Lu`, `Greek`): exact in ASCII, and beyond it every
    character; nothing for a name that is none."""
    if name in _SCRIPTS_IN_ASCII:
        letters = named(POSIX["alpha"]) if name == "Latin" else ((0, _ASCII),)
        return union([*letters, *_BEYOND])
    if len(name) > 2 and name.isalpha():  # another script has no character in ASCII
        return _BEYOND
    if name[:1] not in ("C", "L", "M", "N", "P", "S", "Z") or not name.isalpha():
        return None
    inside = [(c, c) for c in range(_ASCII + 1) if unicodedata.category(chr(c)).startswith(name)]
    return union([*inside, *_BEYOND])


def beyond_ascii(ranges: Ranges) -> Ranges:
    """The part of a set that takes more than one byte a character."""
    return common(ranges, _BEYOND)


def is_exact(ranges: Ranges) -> bool:
    """Whether `written` gives this set and no more."""
    beyond = beyond_ascii(ranges)
    return beyond in ((), _BEYOND) or _count(beyond) <= _MOST_LISTED


def written(ranges: Ranges) -> str:
    """The set as a regular expression over bytes.

    With all characters outside of ASCII in it, it takes any one byte of these; with few, it
    takes each whole; with many but not all, any one byte too, which is more than it should.
    """
    beyond = beyond_ascii(ranges)
    inside = common(ranges, ((0, _ASCII),))
    if beyond and (beyond == _BEYOND or _count(beyond) > _MOST_LISTED):
        rest = common(complement(inside), ((0, _ASCII),))
        return _bracket(rest, "^") if rest else r"[\x00-\xff]"
    parts = [chr(code) for low, high in beyond for code in range(low, high + 1)]
    if inside or not parts:
        parts.insert(0, _bracket(inside, "") if inside else r"[^\x00-\xff]")
    return parts[0] if len(parts) == 1 else "(?:" + "|".join(parts) + ")"


def share(ranges: Ranges) -> float:
    """Which part of all bytes the set takes."""
    inside = _count(common(ranges, ((0, _ASCII),)))
    return min(256, inside + (128 if beyond_ascii(ranges) == _BEYOND else 0) or 1) / 256


def _count(ranges: Ranges) -> int:
    return sum(high - low + 1 for low, high in ranges)


def _bracket(ranges: Ranges, sign: str) -> str:
    if (
        not sign
        and len(ranges) == 1
        and ranges[0][0] == ranges[0][1]
        and chr(ranges[0][0]).isalnum()
    ):
        return chr(ranges[0][0])
    parts = []
    for low, high in ranges:
        parts.append(_one(low))
        if high > low:
            parts.append(("-" if high > low + 1 else "") + _one(high))
    return f"[{sign}{''.join(parts)}]"


def _one(code: int) -> str:
    return _ESCAPED.get(code) or (chr(code) if 0x20 <= code < _ASCII else f"\\x{code:02x}")
