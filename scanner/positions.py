"""Byte offsets to lines and columns, and the redacted line that a report shows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from scanner.models import Excerpt

_BOM = b"\xef\xbb\xbf"
_CONTEXT = 80  # characters shown on each side of a secret on a long line
_UTF8_LONGEST = 4  # bytes of a character
# C0 and C1 controls and the marks that turn the reading direction would let a line of the
# scanned text move the cursor, colour the report or show itself in another order.
_HARMLESS = {
    code: f"\\x{code:02x}" for code in [*range(0x20), *range(0x7F, 0xA0)] if code != 0x09
} | {
    code: f"\\u{code:04x}"
    for code in [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029]
}
_HARMLESS[0x09] = " "


def harmless(text: str) -> str:
    """`text` with control and direction characters written out as escapes."""
    return text.translate(_HARMLESS)


def decode(content: bytes) -> str:
    """UTF-8 bytes as text in which every invalid byte is one character of its own."""
    return content.decode("utf-8", "surrogateescape")


def locate(content: bytes, offsets: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Line and column, both from 1 and columns in characters, for byte offsets.

    Lines end with a line feed (so CRLF too). A byte order mark takes no column. One pass over
    the bytes, however many offsets and however long the lines.
    """
    found = {}
    line, column = 1, 1
    done = len(_BOM) if content.startswith(_BOM) else 0
    for offset in sorted(set(offsets)):
        breaks = content.count(b"\n", done, offset)
        if breaks:
            line += breaks
            column = 1
            done = content.rfind(b"\n", done, offset) + 1
        column += len(decode(content[done:offset]))
        done = max(done, offset)
        found[offset] = (line, column)
    return found


def excerpt(
    content: bytes, start: int, end: int, hidden: Sequence[tuple[int, int, str]]
) -> Excerpt:
    """The line on which bytes `start` to `end` begin, with every secret on it redacted.

    `hidden` lists the secrets of the whole text in order, without overlaps: byte offsets and
    what is shown instead. One of them is the secret itself.
    """
    line_start = max(content.rfind(b"\n", 0, start) + 1, start - _CONTEXT * _UTF8_LONGEST)
    line_end = content.find(b"\n", start)
    line_end = len(content) if line_end < 0 else line_end
    line_end -= content[max(line_start, line_end - 1) : line_end] == b"\r"
    line_end = min(line_end, max(end, start) + _CONTEXT * _UTF8_LONGEST)
    before, mark, after = "", "", ""
    done = line_start
    # Without overlaps the ends are in order too.
    first = bisect_right(hidden, line_start, key=lambda secret: secret[1])
    last = bisect_left(hidden, line_end, key=lambda secret: secret[0])
    for low, high, shown in hidden[first:last]:
        plain = harmless(_text(content[done : max(done, low)]))
        if low <= start < high:
            before += plain
            mark = shown
        elif mark:
            after += plain + shown
        else:
            before += plain + shown
        done = max(done, high)
    after += harmless(_text(content[done : max(done, line_end)]))
    before = before.lstrip() if len(before) <= _CONTEXT else "…" + before[-_CONTEXT:]
    after = after.rstrip() if len(after) <= _CONTEXT else after[:_CONTEXT] + "…"
    return Excerpt(before + mark + after, len(before), len(before) + len(mark))


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
