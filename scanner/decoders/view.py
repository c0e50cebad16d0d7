"""A stretch of text with pieces replaced, which still knows where every byte came from."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Decoder(NamedTuple):
    """A notation inside a text and how to undo it.

    `trigger` is a bounded hyperscan pattern that hits wherever there may be work; `pattern`
    finds the pieces to replace and `decode` gives what they stand for, both in bytes.
    """

    name: str
    trigger: str
    pattern: re.Pattern[bytes]
    decode: Callable[[re.Match[bytes]], bytes]


class View:
    """Decoded text of `content[low:high]` with the way back to offsets in `content`."""

    def __init__(self, content: bytes, low: int, high: int, decoder: Decoder) -> None:
        self.low = low
        self.high = high
        self._decoded_at: list[int] = []  # where each piece begins in the decoded text
        self._original_at: list[int] = []  # and in the original
        self._original_end: list[int | None] = []  # None: a piece taken over as it stands
        parts: list[bytes] = []
        size = 0
        for start, end, replacement in _pieces(content, low, high, decoder):
            self._decoded_at.append(size)
            self._original_at.append(start)
            self._original_end.append(None if replacement is None else end)
            parts.append(content[start:end] if replacement is None else replacement)
            size += len(parts[-1])
        self.content = b"".join(parts)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The original's byte offsets for decoded bytes `start` to `end` (exclusive)."""
        return self._back(start)[0], self._back(end - 1)[1] if end > start else self._back(end)[0]

    def _back(self, offset: int) -> tuple[int, int]:
        index = bisect_right(self._decoded_at, offset) - 1
        replaced_end = self._original_end[index]
        if replaced_end is not None:
            return self._original_at[index], replaced_end
        position = self._original_at[index] + offset - self._decoded_at[index]
        return position, position + 1

    def changed(self, start: int, end: int) -> bool:
        """Whether a replaced piece lies within decoded bytes `start` to `end` (exclusive)."""
        index = max(0, bisect_right(self._decoded_at, start) - 1)
        while index < len(self._decoded_at) and self._decoded_at[index] < end:
            following = index + 1
            ends_at = (
                self._decoded_at[following]
                if following < len(self._decoded_at)
                else len(self.content)
            )
            inside = ends_at > start or self._decoded_at[index] > start
            if self._original_end[index] is not None and inside:
                return True
            index = following
        return False


def _pieces(
    content: bytes, low: int, high: int, decoder: Decoder
) -> Iterator[tuple[int, int, bytes | None]]:
    """Consecutive pieces of the window: start, end, and what replaces them if anything."""
    done = low
    for match in decoder.pattern.finditer(content, low, high):
        if match.start() > done:
            yield done, match.start(), None
        yield match.start(), match.end(), decoder.decode(match)
        done = match.end()
    if done < high or done == low:
        yield done, high, None
