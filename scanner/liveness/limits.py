"""How fast a provider may be asked, so that its own count never finds one request too many.

Whoever counts requests when they are let go (as the libraries for this do) can be wrong by the
time that a request takes to arrive. Here a request counts from its start until so long after its
answer, which holds wherever in between the server counts it.
"""

from __future__ import annotations

from collections import deque

_MARGIN = 1.02  # for clocks that do not run alike, and servers that count a little longer
_SOON = 0.05  # seconds after which to look again for the end of a request under way


class Window:
    """At most so many requests in so many seconds; times are those of a monotonic clock."""

    def __init__(self, rate: str) -> None:
        """`rate` is like `10/1s`."""
        number, _, seconds = rate.removesuffix("s").partition("/")
        self._number = int(number)
        self._seconds = int(seconds) * _MARGIN
        self._under_way = 0
        self._ended: deque[float] = deque()

    def free_at(self, now: float) -> float:
        """When the next request may begin: not after `now` when it may at once, otherwise the
        time at which to ask again."""
        while self._ended and self._ended[0] + self._seconds <= now:
            self._ended.popleft()
        if self._under_way + len(self._ended) < self._number:
            return now
        return self._ended[0] + self._seconds if self._ended else now + _SOON

    def begin(self) -> None:
        """A request begins."""
        self._under_way += 1

    def end(self, now: float) -> None:
        """A request that began has ended, with an answer or without."""
        self._under_way -= 1
        self._ended.append(now)
