"""Strings put together in source code: `"be_" + "9f…"`, adjacent literals, continued lines.

The operators are those of the common languages: `+` (most), `.` (PHP, Perl), `..` (Lua), `&`
(Visual Basic), `<>` (Elixir), `~` (Jinja, Raku), `||` (SQL), `++` (Haskell); nothing between
the literals (C, Python), with or without a backslash at the line's end; and a backslash that
continues a line inside a literal or a shell word.
"""

from __future__ import annotations

import re

from scanner.decoders.view import Decoder

_KEY_BYTE = r"[A-Za-z0-9_+/=.\-]"
_OPERATOR = r"(?:\+{1,2}|\.{1,2}|&|<>|~|\|\|)"
_COMMENT = r"(?:(?://|#)[^\n]{0,100}|/\*[^*\n]{0,100}\*/)?"
_GAP = r"\s{0,80}"
_JOINT = (
    rf"[\"'`]{_GAP}{_OPERATOR}[ \t]{{0,20}}{_COMMENT}{_GAP}[A-Za-z@]{{0,2}}[\"'`]"
    rf"|[\"'`][ \t]{{0,20}}{_COMMENT}\\?\s{_GAP}{_COMMENT}{_GAP}[bBfFrRuUL]{{0,2}}[\"'`]"
)
_CONTINUED = r"\\\r?\n[ \t]{0,80}"

_KEY_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+/=.-")


def _join(match: re.Match[bytes]) -> bytes:
    """Nothing where key meets key; a look-behind in the pattern would be tried at every byte."""
    start = match.start()
    return b"" if start and match.string[start - 1] in _KEY_BYTES else match[0]


_QUOTE = "[\"'`]"
CONCATENATION = Decoder(
    "concatenation",
    # Simple patterns by themselves are several times as fast as the whole in one.
    (
        rf"{_KEY_BYTE}{_QUOTE}\s{{0,40}}[+.&~<|\\]{{1,2}}\s{{0,40}}[A-Za-z@]{{0,2}}{_QUOTE}{_KEY_BYTE}",
        rf"{_KEY_BYTE}{_QUOTE}\s{{0,40}}[+.&~<|]{{1,2}}[ \t]{{0,20}}(?://|#|/\*)",
        rf"{_KEY_BYTE}{_QUOTE}[ \t]{{0,20}}(?://|#)[^\n]{{0,100}}\n\s{{0,80}}{_QUOTE}{_KEY_BYTE}",
        rf"{_KEY_BYTE}{_QUOTE}\s{{1,80}}[bBfFrRuUL]{{0,2}}{_QUOTE}{_KEY_BYTE}",
        rf"\\\r?\n[ \t]{{0,80}}{_KEY_BYTE}",
    ),
    re.compile(rf"(?:(?:{_JOINT})|{_CONTINUED})(?={_KEY_BYTE})".encode()),
    _join,
)
