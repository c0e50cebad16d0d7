"""Work shared out among processes, such that one that dies loses no more than what killed it."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")

_AHEAD = 2  # pieces that a process holds, so that it need not wait for the next
_MOST_DEATHS = 20  # more of them are no accident of single pieces
_MOST = 60  # Windows waits for 63 handles at most


def spread(
    function: Callable[[Work], Result], pieces: Iterable[Work], jobs: int
) -> Iterator[tuple[Work, Result | None]]:
    """What `function` makes of each piece: the piece and the result, in the order of being done.

    Pieces are drawn when a process is free for them. They must pickle to less than 64 KiB: a
    pipe takes that much without anybody reading, and with more both ends could wait for each
    other. A piece whose process died (killed, out of memory) has the result None, and the
    others take over what that process had not begun. Closing the iterator ends the processes
    at once. Outside Linux, `function` must pickle too. Raises RuntimeError with the type of an
    error that `function` raised.
    """
    crew = _Crew(function, iter(pieces))
    try:
        while crew.hire(min(jobs, _MOST)):
            yield from crew.results()
        yield from crew.lost()
    finally:
        crew.dismiss()


class _Crew:
    """The processes of one call, and the pieces that each of them holds, in their order."""

    def __init__(self, function: Callable[[Any], Any], pieces: Iterator[Any]) -> None:
        self._function = function
        self._pieces = pieces
        self._again: deque[Any] = deque()  # of processes that died before they began them
        self._held: dict[Connection, deque[Any]] = {}
        self._processes: list[BaseProcess] = []
        self._deaths = 0

    def _draw(self) -> Iterator[Any]:
        """The next piece, if there is one."""
        if self._again:
            yield self._again.popleft()
        else:
            yield from islice(self._pieces, 1)

    def hire(self, jobs: int) -> bool:
        """Starts processes while there is work for them; whether any is at work."""
        while len(self._held) < jobs and self._deaths < _MOST_DEATHS:
            holding = deque(self._draw())
            if not holding:
                break
            ours, theirs = multiprocessing.Pipe()
            process = _process((self._function, theirs, ours))
            process.start()
            theirs.close()  # so that its death shows as the end of the stream
            self._processes.append(process)
            self._held[ours] = holding
            _send(ours, holding[0])
            self._hand_out(ours)
        return bool(self._held)

    def results(self) -> Iterator[tuple[Any, Any]]:
        """What the processes have done when one or more of them have done something."""
        for ready in wait(list(self._held)):
            assert isinstance(ready, Connection)  # noqa: S101 - for the type checker
            try:
                result = ready.recv()
            except (EOFError, OSError):
                yield from self._bury(ready)
                continue
            piece = self._held[ready].popleft()
            self._hand_out(ready)
            if isinstance(result, _Raised):
                raise RuntimeError(result.name)
            yield piece, result

    def _hand_out(self, channel: Connection) -> None:
        holding = self._held[channel]
        while len(holding) < _AHEAD:
            drawn = deque(self._draw())
            if not drawn:
                break
            holding += drawn
            _send(channel, drawn[0])
        if not holding:
            del self._held[channel]
            channel.close()

    def _bury(self, channel: Connection) -> Iterator[tuple[Any, None]]:
        """Its first piece has killed it; the others have not been begun."""
        holding = self._held.pop(channel)
        self._deaths += 1
        yield holding.popleft(), None
        self._again += holding

    def lost(self) -> Iterator[tuple[Any, None]]:
        """What is left when too many have died."""
        for piece in (*self._again, *self._pieces):
            yield piece, None

    def dismiss(self) -> None:
        """Ends all processes, whatever they are doing."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()


def _process(arguments: tuple[Any, ...]) -> BaseProcess:
    # A fork inherits modules and rules; elsewhere it is not safe, or not there.
    if sys.platform == "linux":
        return multiprocessing.get_context("fork").Process(
            target=_work, args=arguments, daemon=True
        )
    return multiprocessing.get_context("spawn").Process(target=_work, args=arguments, daemon=True)


def _send(channel: Connection, piece: Any) -> None:
    with suppress(OSError):  # it has died, which reading from it will show
        channel.send(piece)


def _work(function: Callable[[Any], Any], channel: Connection, other: Connection) -> None:
    """One process's life: results for the pieces that come, in their order, until none come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides, and reports what it has
    other.close()  # inherited; while it is open here, the parent's end would not show
    with suppress(EOFError, OSError):  # the parent is done with this one, or gone
        while True:
            channel.send(_result(function, channel.recv()))


class _Raised(NamedTuple):
    """An error in a process, by its type alone: its message could hold what was scanned."""

    name: str


def _result(function: Callable[[Any], Any], piece: Any) -> Any:
    try:
        return function(piece)
    except Exception as error:  # noqa: BLE001 - the parent raises it
        return _Raised(type(error).__name__)
