"""Bases of deltas that wait for more of these, each above the one before in one chain."""

from __future__ import annotations

from collections.abc import Sequence


class DeltaBases:
    """A stack of bases, each with the number of the delta that is next; of some the content too.

    Contents may take up so many bytes; then the lowest, which are wanted last, are let go. Whoever
    makes some of these again, from the nearest one below that is here, keeps some on the way. This
    is checkpointing, as known from algorithmic differentiation: Griewank and Walther, "Algorithm
    799: revolve", ACM TOMS 26,1. Without it, a pack of which few contents fit would take time in
    the square of its depth; so it takes 26,000 deltas at 4,000 levels and room for 12.
    """

    def __init__(self, most: int) -> None:
        """Contents may take up `most` bytes; a larger one is kept alone."""
        self._most, self._held = most, 0
        self._waiting: dict[int, int] = {}  # the next delta, by the base's number
        self._contents: dict[int, bytes] = {}  # in the order of the stack

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def push(self, number: int, content: bytes, delta: int) -> None:
        """Puts a base on top, whose next delta has a number."""
        self._waiting[number] = delta
        self.keep(number, content)

    def pop(self) -> tuple[int, bytes | None, int]:
        """Takes the base on top: its number, its content if that is here, its next delta."""
        number, delta = self._waiting.popitem()
        content = self._contents.get(number)
        if content is not None:
            self._drop(number)
        return number, content, delta

    def content(self, number: int) -> bytes | None:
        """The content of a base, if it is here."""
        return self._contents.get(number)

    def useful(self, chain: Sequence[int]) -> set[int]:
        """Those of some bases, from the lowest to the highest, that are worth being kept when all
        of them are made again: half way up, then half way of what is left, and so on."""
        waiting = [number for number in chain if number in self._waiting]
        found = set()
        at, step = -1, len(waiting)
        while step:
            at += (step + 1) // 2
            step //= 2
            found.add(waiting[at])
        return found

    def keep(self, number: int, content: bytes) -> None:
        """Keeps the content of a base, above all others that are here."""
        while self._contents and self._held + len(content) > self._most:
            self._drop(next(iter(self._contents)))
        self._contents[number] = content
        self._held += len(content)

    def _drop(self, number: int) -> None:
        self._held -= len(self._contents.pop(number))
