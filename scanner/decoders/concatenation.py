"""Strings put together in source code: `"be_" + "9f…"`, adjacent literals, continued lines.

The operators are those of the common languages: `+` (most), `.` (PHP, Perl), `..` (Lua), `&`
(Visual Basic), `<>` (Elixir), `~` (Jinja, Raku), `||` (SQL), `++` (Haskell); nothing between
the literals (C, Python), with or without a backslash at the line's end; and a backslash that
continues a line inside a literal or a shell word.
"""

from __future__ import annotations

import re
from functools import cache

from scanner.decoders.view import Decoder

_KEY_BYTE = r"[A-Za-z0-9_+/=.\-]"
_QUOTE = "[\"'`]"
_OPERATOR = r"(?:\+{1,2}|\.{1,2}|&|<>|~|\|\|)"
# Possessive, so that a long gap is walked once: white space, continued lines, comments.
_GAP = r"[\s\\]*+(?:(?:(?://|#)[^\n]{0,100}\n|/\*[^*\n]{0,100}\*/)[\s\\]*+){0,20}+"
_BEHIND_QUOTE = rf"{_GAP}(?:{_OPERATOR}{_GAP})?[@bBfFrRuUL$]{{0,2}}{_QUOTE}"
_BEHIND_BACKSLASH = r"\r?\n[ \t]{0,80}"
# White space, operators, and the letters that mark a literal (`b"…"`, `@"…"`): coarser than the
# joint itself, but a class repeated without bound costs hyperscan next to nothing.
_BETWEEN = r"[\s+.&~<>|\\@bBfFrRuUL$]"

_KEY_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+/=.-")
_WIDEST = 240  # bytes between two literals; in a version of a text more would not be looked at
# Behind the end of a line in what the literals say, nothing goes on but a PEM key. Its lines are
# long: where they are short, nobody would find a key over two of them.
_LONG = 16  # bytes
_LINE = rf"{_KEY_BYTE}{{{_LONG}}}"
_LINE_BEHIND = rf"(?:{_LINE}|-----)"
# Escapes may be escaped themselves, in JSON inside of a literal.
_LINE_ENDS = [end for b in (r"\\", r"\\\\", r"\\\\\\\\") for end in (f"{b}[nr]", f"{b}r{b}n")]
_LONGEST_END = 10  # bytes
_MEETS = rf"(?<={_KEY_BYTE}.)"
_GOES_ON = "|".join([r"(?<!\\[nr].)", *(f"(?<={_LINE}{end}.)" for end in _LINE_ENDS)])


def _piece(before: str = "", behind: str = rf"(?={_KEY_BYTE})") -> re.Pattern[bytes]:
    """The pattern of a joint; `before` and `behind` look at what stands around it."""
    # One set of bytes to begin with is found faster than two alternatives.
    gap = rf"(?:(?<!\\){_BEHIND_QUOTE}|(?<=\\){_BEHIND_BACKSLASH})"
    return re.compile(rf"[\"'`\\]{before}{gap}{behind}".encode(), re.DOTALL)


@cache  # not at start-up: most texts need none
def _counting() -> re.Pattern[bytes]:
    """The pattern of a joint where key meets key, perhaps over a line's end."""
    return _piece(rf"{_MEETS}({_GOES_ON})?", rf"(?(1)(?={_KEY_BYTE})|(?={_LINE_BEHIND}))")


def _join(match: re.Match[bytes]) -> bytes:
    """Nothing where key meets key."""
    start, end = match.span()
    key = start and match.string[start - 1] in _KEY_BYTES
    return b"" if key and end - start <= _WIDEST else match[0]


CONCATENATION = Decoder(
    "concatenation",
    # Simple patterns by themselves are several times as fast as the whole in one.
    (
        rf"{_KEY_BYTE}{_QUOTE}{_BETWEEN}*{_QUOTE}{_KEY_BYTE}",
        rf"{_KEY_BYTE}{_QUOTE}{_BETWEEN}*(?:(?://|#|/\*)[^\n]*[\n/]{_BETWEEN}*)+{_QUOTE}",
        rf"{_KEY_BYTE}\\[\r\n][ \t\n]*{_KEY_BYTE}",
    ),
    _piece(),
    _join,
    _WIDEST,
    counting=_counting,
    beside=1 + _LONG + _LONGEST_END,
)
