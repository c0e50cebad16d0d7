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

CONCATENATION = Decoder(
    "concatenation",
    rf"{_KEY_BYTE}(?:(?:{_JOINT})|{_CONTINUED}){_KEY_BYTE}",
    re.compile(
        rf"(?<={_KEY_BYTE})(?:(?:{_JOINT})|{_CONTINUED})(?={_KEY_BYTE})".encode(),
    ),
    lambda _match: b"",
)
