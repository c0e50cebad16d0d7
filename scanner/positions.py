"""Byte offsets to lines and columns, and the redacted line that a report shows."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from scanner.models import Excerpt, Span

_BOM = b"\xef\xbb\xbf"
_CONTEXT = 80  # characters shown on each side of a secret on a long line
_UTF8_LONGEST = 4  # bytes of a character
# C0 and C1 controls and the marks that turn the reading direction would let a line of the
# scanned text move the cursor, colour the report or show itself in another order.
_TURNING = [0x061C, 0x200E, 0x200F, 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_HARMLESS = {code: f"\\x{code:02x}" for code in [*range(0x20), *range(0x7F, 0xA0)]}
_HARMLESS |= {code: f"\\u{code:04x}" for code in _TURNING}
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


def stretches(content: bytes, spans: Sequence[Span]) -> list[tuple[int, int] | None]:
    """The byte offsets of spans, the ends exclusive: the other way round of `locate`.

    Nothing for a span whose lines or columns the content does not have.
    """
    lengths = [len(line) + 1 for line in content.split(b"\n")] if spans else []
    starts = list(accumulate(lengths, initial=0))
    found: list[tuple[int, int] | None] = []
    for span in spans:
        start = _offset(content, starts, span.start_line, span.start_column)
        end = _offset(content, starts, span.end_line, span.end_column)
        found.append(None if start is None or end is None or end < start else (start, end))
    return found


def _offset(content: bytes, starts: list[int], line: int, column: int) -> int | None:
    if not 1 <= line < len(starts):
        return None
    at = starts[line - 1]
    if line == 1 and content.startswith(_BOM):
        at = len(_BOM)
    text = decode(content[at : starts[line] - 1])
    if not 1 <= column <= len(text) + 1:
        return None
    return at + len(text[: column - 1].encode("utf-8", "surrogateescape"))


class Hidden(NamedTuple):
    """Bytes `start` to `end` (exclusive) that an excerpt shows as `shown`."""

    start: int
    end: int
    shown: str


def with_echoes(
    content: bytes, hidden: Sequence[Hidden], texts: Mapping[bytes, str]
) -> list[Hidden]:
    """What is hidden, and further occurrences of the `texts`, each with what is shown for it.

    `hidden` is in order and without overlaps, and so is the result.
    """
    starts = [piece.start for piece in hidden]
    echoes: list[Hidden] = []
    for text, shown in texts.items():
        at = content.find(text)
        while at >= 0:
            index = bisect_left(starts, at + len(text))
            if not index or hidden[index - 1].end <= at:
                echoes.append(Hidden(at, at + len(text), shown))
            at = content.find(text, at + len(text))
    found: list[Hidden] = []
    for piece in sorted([*hidden, *echoes], key=lambda piece: (piece.start, -piece.end)):
        if not found or piece.start >= found[-1].end:
            found.append(piece)
        elif piece.end > found[-1].end:
            found.append(Hidden(found[-1].end, piece.end, piece.shown))
    return found


def excerpt(content: bytes, marked: Hidden, hidden: Sequence[Hidden]) -> Excerpt:
    """The line on which `marked` begins, with every secret on it redacted.

    `hidden` lists what is hidden in the whole text, in order and without overlaps, `marked`
    among it (see `with_echoes`).
    """
    line_start, line_end = _window(content, marked)
    before, mark, after = "", "", ""
    done = line_start
    # Without overlaps the ends are in order too.
    first = bisect_right(hidden, line_start, key=lambda piece: piece.end)
    last = bisect_left(hidden, line_end, key=lambda piece: piece.start)
    for piece in hidden[first : max(last, first)]:
        plain = _plain(content[done : max(done, piece.start)])
        if piece is marked:
            before, mark = before + plain, piece.shown
        elif mark:
            after += plain + piece.shown
        else:
            before += plain + piece.shown
        done = max(done, piece.end)
    after += _plain(content[done : max(done, line_end)])
    begins = line_start == 0 or content[line_start - 1 : line_start] == b"\n"
    cut_left = not begins and content[:line_start] != _BOM
    cut_right = content[line_end : line_end + 1] not in (b"\n", b"\r", b"")
    before = "…" + before[-_CONTEXT:] if cut_left or len(before) > _CONTEXT else before.lstrip()
    after = after[:_CONTEXT] + "…" if cut_right or len(after) > _CONTEXT else after.rstrip()
    return Excerpt(before + mark + after, len(before), len(before) + len(mark))


def _window(content: bytes, marked: Hidden) -> tuple[int, int]:
    """The line on which `marked` begins, without its end, cut to what could be shown of it."""
    reach = _CONTEXT * _UTF8_LONGEST
    start = marked.start
    low = max(0, start - reach)
    line_start = max(content.rfind(b"\n", low, start) + 1, low)
    if line_start == 0 and content.startswith(_BOM):
        line_start = len(_BOM)
    high = min(len(content), marked.end + reach)
    found = content.find(b"\n", start, high)
    line_end = high if found < 0 else found
    line_end -= content[max(line_start, line_end - 1) : line_end] == b"\r"
    return line_start, max(line_end, start)


def _plain(content: bytes) -> str:
    return harmless(content.decode("utf-8", "replace"))
