"""A stretch of text with pieces replaced, which still knows where every byte came from."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple

_LITTLE = 600  # bytes: to find out more costs more than to look at them


class Decoder(NamedTuple):
    """A notation inside a text and how to undo it.

    `triggers` are bounded hyperscan patterns that hit wherever there may be work; `pattern`
    finds the pieces to replace and `decode` gives what they stand for, both in bytes. Where
    triggers hit beside no piece too, `widest` is how many bytes before a hit's end one begins, and
    `counting` gives the pattern of those for which it is worth undoing the notation: pieces around
    them are undone then too. What decides lies within `beside` bytes of a piece.

    `dense` are triggers that may stand at every few bytes; `hint` is a simpler pattern for these
    (see `Pattern`). A piece that stands for several bytes takes up `unit` bytes for each.
    """

    name: str
    triggers: tuple[str, ...]
    pattern: re.Pattern[bytes]
    decode: Callable[[re.Match[bytes]], bytes]
    widest: int = 0
    dense: bool = False
    hint: str = ""
    unit: int = 0
    counting: Callable[[], re.Pattern[bytes]] | None = None
    beside: int = 1

    def works(self, content: bytes, first: int, last: int) -> bool:
        """Whether there is a piece that counts where the first or the last of some triggers' hits
        ends, byte offsets, or between them."""
        if self.counting is None:
            return True
        low, high = max(0, first - self.widest - self.beside), last + self.beside
        return any(map(self._is_short, self.counting().finditer(content, low, high)))

    def counts(self, piece: re.Match[bytes]) -> bool:
        """Whether a piece counts."""
        if self.counting is None:
            return True
        found = self.counting().match(piece.string, piece.start())
        return found is not None and self._is_short(found)

    def _is_short(self, piece: re.Match[bytes]) -> bool:
        return piece.end() - piece.start() <= self.widest


class _Pieces(NamedTuple):
    """Consecutive pieces: where each begins in the decoded text and in the original, where the
    original of a replaced piece ends (None: taken over as it stands), and whether it counts."""

    decoded_at: list[int]
    original_at: list[int]
    original_end: list[int | None]
    counted: list[bool]


class View:
    """Decoded text of `content[low:high]` with the way back to offsets in `content`."""

    def __init__(self, content: bytes, low: int, high: int, decoder: Decoder) -> None:
        self.size = len(content)
        self.low = low
        self.high = high
        self._window = content[low:high]
        self.decoder = decoder
        self.content = decoder.pattern.sub(decoder.decode, self._window)

    @cached_property
    def _pieces(self) -> _Pieces:
        """The way back, found out only when a decoded text holds something."""
        pieces = _Pieces([], [], [], [])
        size = 0
        for start, end, replacement, counts in _split(self._window, self.decoder):
            pieces.counted.append(counts)
            pieces.decoded_at.append(size)
            pieces.original_at.append(self.low + start)
            pieces.original_end.append(None if replacement is None else self.low + end)
            size += end - start if replacement is None else len(replacement)
        return pieces

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The original's byte offsets for decoded bytes `start` to `end` (exclusive)."""
        return self._back(start)[0], self._back(end - 1)[1] if end > start else self._back(end)[0]

    @property
    def shrunk(self) -> int:
        """How many bytes fewer than the original the decoded text has."""
        return len(self._window) - len(self.content)

    def around(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the original between which decoded bytes `start` to `end` come from, which may
        lie outside of the decoded text. There may be a little more between them."""
        if self.shrunk <= _LITTLE:  # no byte is farther than that from where it came from
            return self.low + start, self.low + end + self.shrunk
        size = len(self.content)
        low = self._back(start)[0] if 0 < start < size else self.low + start
        return low, self._back(end)[0] if 0 < end < size else self.high + end - size

    def _back(self, offset: int) -> tuple[int, int]:
        pieces = self._pieces
        index = bisect_right(pieces.decoded_at, offset) - 1
        replaced_end = pieces.original_end[index]
        if replaced_end is not None:
            return pieces.original_at[index], replaced_end
        position = pieces.original_at[index] + offset - pieces.decoded_at[index]
        return position, position + 1

    def changed(self, start: int, end: int) -> bool:
        """Whether a piece that counts lies within decoded bytes `start` to `end` (exclusive)."""
        decoded_at, counted = self._pieces.decoded_at, self._pieces.counted
        last = len(decoded_at) - 1
        for index in range(max(0, bisect_right(decoded_at, start) - 1), len(decoded_at)):
            if decoded_at[index] >= end:
                return False
            bound = decoded_at[index + 1] if index < last else len(self.content)
            inside = bound > start or decoded_at[index] > start
            if counted[index] and inside:
                return True
        return False


def _split(window: bytes, decoder: Decoder) -> Iterator[tuple[int, int, bytes | None, bool]]:
    """Consecutive pieces of the window: start, end, what replaces them if anything, and whether
    they count."""
    done = 0
    for match in decoder.pattern.finditer(window):
        if match.start() > done:
            yield done, match.start(), None, False
        start, done = match.span()
        meant, counts = decoder.decode(match), decoder.counts(match)
        if decoder.unit and len(meant) > 1:
            for number in range(len(meant)):
                at = start + number * decoder.unit
                yield at, at + decoder.unit, meant[number : number + 1], counts
        else:
            yield start, done, meant, counts
    if done < len(window) or not done:
        yield done, len(window), None, False
