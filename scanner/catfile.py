"""Objects by name, from one `git cat-file --batch` that runs as long as there are questions."""

import subprocess
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from types import TracebackType
from typing import NamedTuple

from scanner.repository import Repository, start

MOST_OF_COMMIT = 64 << 20  # bytes; one that has more was made to fill memory
_AHEAD = 8  # objects of which git is told before they are asked for
_UNREADABLE = "git cannot read the object: it is missing or damaged"


class Absent(NamedTuple):
    """Why there is no content; `by_policy` when it was left out on purpose."""

    reason: str
    by_policy: bool = False


class Objects:
    """The objects of one repository; a context manager, at whose end git is let go.

    Git is started with the first question, and anew after one that it did not survive.
    """

    def __init__(self, where: Repository, most: int) -> None:
        """Objects of more than `most` bytes are not read."""
        self._where, self._most = where, most
        self._process: subprocess.Popen[bytes] | None = None
        self._coming: deque[str] = deque()  # asked for next, in this order
        self._sent = 0  # how many of them git has been told of

    def __enter__(self) -> "Objects":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def expect(self, names: Iterable[str]) -> None:
        """Tells which objects are asked for next, in this order: git reads them ahead, while
        what came before is looked at. Another order costs time, and nothing else."""
        self._coming.extend(names)

    def read(self, name: str, kind: str = "blob") -> bytes | Absent:
        """The content of the object with this id in hex, or why there is none.

        Raises GitError when git cannot be started.
        """
        if self._sent and self._coming[0] != name:  # its answer would be another object's
            self._stop()
        if self._process is None:
            # Whatever git says of a broken object, the answer is the same; unread, it would
            # fill its pipe and wait forever.
            self._process = start(
                ["cat-file", "--batch"],
                self._where,
                stdin=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        answer = self._ask(self._process, name)
        if isinstance(answer, Absent):
            return answer
        found, content = answer
        return content if found == kind.encode() else Absent(f"it is a {found.decode()}")

    def _ask(self, process: subprocess.Popen[bytes], name: str) -> tuple[bytes, bytes] | Absent:
        assert process.stdout  # noqa: S101 - for the type checker
        try:
            self._tell(process, name)
        except OSError:  # it ended after its last answer
            self._stop()
            return Absent(_UNREADABLE)
        header = process.stdout.readline()
        words = header.split()
        if len(words) != 3:  # "<name> missing"; nothing at all when git gave up
            if not header:
                self._stop()
            return Absent(_UNREADABLE)
        size = int(words[2])
        if size > self._most:
            self._stop()  # sooner than reading past it
            return Absent(f"{size} bytes, over --max-file-size {self._most}", by_policy=True)
        content = process.stdout.read(size + 1)
        if len(content) <= size:
            self._stop()
            return Absent(_UNREADABLE)
        return words[1], content[:-1]

    def _tell(self, process: subprocess.Popen[bytes], name: str) -> None:
        """Asks for an object, unless that has been done, and for some of those that come next."""
        assert process.stdin  # noqa: S101 - for the type checker
        told = self._sent > 0
        if self._coming and self._coming[0] == name:
            self._coming.popleft()
            self._sent -= told
        ahead = list(islice(self._coming, self._sent, _AHEAD))
        names = ahead if told else [name, *ahead]
        if names:
            process.stdin.write("".join(f"{one}\n" for one in names).encode())
            process.stdin.flush()
            self._sent += len(ahead)

    def _stop(self) -> None:
        self._sent = 0
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(OSError), process:  # what was not yet written to it is of no interest
            process.kill()
