"""Work shared out among processes, such that one that dies loses no more than what killed it."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, TypeVar

Work = TypeVar("Work")
Result = TypeVar("Result")

_AHEAD = 2  # pieces that a process holds, so that it need not wait for the next
_MOST_DEATHS = 20  # more of them are no accident of single pieces
_MOST = 60  # Windows waits for 63 handles at most


def spread(
    function: Callable[[Work], Result], pieces: Sequence[Work], jobs: int
) -> Iterator[tuple[int, Result | None]]:
    """What `function` makes of each piece: the piece's number from 0, and the result.

    The results come in the order in which they are done. A piece whose process died (killed,
    out of memory) has the result None, and the others take over what that process had not
    begun. Closing the iterator ends the processes at once. Outside Linux, `function` and
    `pieces` must pickle. Raises RuntimeError with the type of an error that `function` raised.
    """
    # A fork inherits modules, rules and pieces; elsewhere it is not safe, or not there.
    crew = _Crew(function, pieces)
    try:
        while crew.todo or crew.held:
            crew.hire(min(jobs, _MOST))
            yield from crew.results()
    finally:
        crew.dismiss()


class _Crew:
    """The processes of one call, and what each of them holds."""

    def __init__(self, function: Callable[[Any], Any], pieces: Sequence[Any]) -> None:
        self._function = function
        self._pieces = pieces
        self._deaths = 0
        self.todo = deque(range(len(pieces)))
        self.held: dict[Connection, deque[int]] = {}
        self._processes: list[BaseProcess] = []

    def hire(self, jobs: int) -> None:
        """Starts processes while there is work for them, up to `jobs` at once."""
        while self.todo and len(self.held) < jobs and self._deaths < _MOST_DEATHS:
            ours, theirs = multiprocessing.Pipe()
            arguments = (self._function, self._pieces, theirs, ours)
            process = _process(arguments)
            process.start()
            theirs.close()  # so that its death shows as the end of the stream
            self._processes.append(process)
            self.held[ours] = deque()
            self._hand_out(ours)

    def results(self) -> Iterator[tuple[int, Any]]:
        """What the processes have done when one or more of them have done something."""
        if not self.held:  # too many have died
            while self.todo:
                yield self.todo.popleft(), None
            return
        for ready in wait(list(self.held)):
            assert isinstance(ready, Connection)  # noqa: S101 - for the type checker
            try:
                index, result = ready.recv()
            except (EOFError, OSError):
                yield from self._bury(ready)
            else:
                self.held[ready].remove(index)
                self._hand_out(ready)
                if isinstance(result, _Raised):
                    raise RuntimeError(result.name)
                yield index, result

    def _hand_out(self, channel: Connection) -> None:
        holding = self.held[channel]
        while self.todo and len(holding) < _AHEAD:
            holding.append(self.todo.popleft())
            try:
                channel.send(holding[-1])
            except OSError:  # it has died, which reading from it will show
                return
        if not holding:
            del self.held[channel]
            channel.close()

    def _bury(self, channel: Connection) -> Iterator[tuple[int, None]]:
        """Its first piece has killed it; the others have not been begun."""
        holding = self.held.pop(channel)
        self._deaths += 1
        yield holding.popleft(), None
        self.todo.extendleft(reversed(holding))

    def dismiss(self) -> None:
        """Ends all processes, whatever they are doing."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()


def _process(arguments: tuple[Any, ...]) -> BaseProcess:
    # A fork inherits modules, rules and pieces; elsewhere it is not safe, or not there.
    if sys.platform == "linux":
        return multiprocessing.get_context("fork").Process(
            target=_work, args=arguments, daemon=True
        )
    return multiprocessing.get_context("spawn").Process(target=_work, args=arguments, daemon=True)


def _work(
    function: Callable[[Any], Any], pieces: Sequence[Any], channel: Connection, other: Connection
) -> None:
    """One process's life: results for the numbers that come, until no more come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides, and reports what it has
    other.close()  # inherited; while it is open here, the parent's end would not show
    try:
        while True:
            index = channel.recv()
            channel.send((index, _result(function, pieces[index])))
    except (EOFError, OSError):  # the parent is done with this one, or gone
        channel.close()


class _Raised(NamedTuple):
    """An error in a process, by its type alone: its message could hold what was scanned."""

    name: str


def _result(function: Callable[[Any], Any], piece: Any) -> Any:
    try:
        return function(piece)
    except Exception as error:  # noqa: BLE001 - the parent raises it
        return _Raised(type(error).__name__)
