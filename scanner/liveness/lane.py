"""The requests to one server: what waits, and when the next one may go."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable
from typing import NamedTuple

from scanner.liveness.limits import Window
from scanner.liveness.questions import Question
from scanner.models import Secret

_NEVER = float("inf")


class Attempt(NamedTuple):
    """A question that waits for its turn, after so many tries and so many requests to wait."""

    question: Question
    tries: int = 0
    waits: int = 0


class Lane:
    """Requests to one server, which counts them by address, by key or both.

    All times are seconds of a monotonic clock.
    """

    def __init__(self, questions: Iterable[Question], width: int) -> None:
        """At most `width` requests are under way at once."""
        self._numbers = itertools.count()
        self._waiting = [(0.0, next(self._numbers), Attempt(one)) for one in questions]
        self._width = width
        self._under_way = 0
        self.paused_until = 0.0
        rates = {attempt.question.check.rate for *_, attempt in self._waiting}
        self._windows = [Window(rate) for rate in sorted(rates)]
        self._keys: dict[Secret, list[Window]] = {}
        self.fruitless = 0  # questions in a row for which there was no answer at all

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._waiting)

    def next_at(self, now: float) -> float:
        """When the next request may go, or when to ask again: not after `now` when it may at
        once, never when nothing waits."""
        if not self._waiting or self._under_way >= self._width:
            return _NEVER
        free = max([self.paused_until, *(window.free_at(now) for window in self._windows)])
        if free <= now:
            self._postpone(now)
        return max(free, self._waiting[0][0])

    def _postpone(self, now: float) -> None:
        """Lets those pass whose key has not been asked about too often."""
        while self._waiting[0][0] <= now:
            attempt = self._waiting[0][2]
            free = max([now, *(window.free_at(now) for window in self._of_key(attempt.question))])
            if free <= now:
                return
            heapq.heapreplace(self._waiting, (free, next(self._numbers), attempt))

    def begin(self) -> Attempt:
        """The attempt that goes now; only when `next_at` said so."""
        attempt = heapq.heappop(self._waiting)[2]
        self._under_way += 1
        for window in (*self._windows, *self._of_key(attempt.question)):
            window.begin()
        return attempt

    def end(self, attempt: Attempt, now: float) -> None:
        """An attempt that began has ended."""
        self._under_way -= 1
        for window in (*self._windows, *self._of_key(attempt.question)):
            window.end(now)

    def again(self, attempt: Attempt, at: float) -> None:
        """Lets an attempt wait until then."""
        heapq.heappush(self._waiting, (at, next(self._numbers), attempt))

    def pause(self, until: float) -> None:
        """Nothing goes until then."""
        self.paused_until = max(self.paused_until, until)

    def emptied(self) -> list[Question]:
        """What waits, which is given up."""
        waiting = [attempt.question for *_, attempt in sorted(self._waiting)]
        self._waiting.clear()
        return waiting

    def _of_key(self, question: Question) -> list[Window]:
        if not question.check.rate_per_key:
            return []
        if question.secret not in self._keys:
            self._keys[question.secret] = [Window(rate) for rate in question.check.rate_per_key]
        return self._keys[question.secret]
