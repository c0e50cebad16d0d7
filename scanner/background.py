"""Git commands that work while we do something else."""

import math
import os
import subprocess
import time
from collections.abc import Sequence

from scanner.processlimits import limit
from scanner.repository import MOST_OUTPUT, Done, Repository, finish, start


class LateError(Exception):
    """The time that there was for it is over."""


class Background:
    """A git command that works while we do something else.

    What it reads and writes is in memory: a pipe would have it wait for us, and a file on a
    disk could keep what is secret. Where there is no such memory, it begins when it is asked
    for its result.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        where: Repository,
        stdin: bytes = b"",
        most: int = MOST_OUTPUT,
    ) -> None:
        """The command reads `stdin`. One that prints more than `most` bytes fails. Raises GitError
        when git cannot be started."""
        self._call = (arguments, where, stdin)
        self._most = most
        self._process: subprocess.Popen[bytes] | None = None
        if not hasattr(os, "memfd_create"):
            return
        self._written = os.memfd_create("stdout")
        with open(os.memfd_create("stdin"), "w+b") as feed:  # noqa: PTH123 - a descriptor
            feed.write(stdin)
            feed.seek(0)
            self._process = start(
                arguments,
                where,
                stdin=feed.fileno(),
                stdout=self._written,
                stderr=subprocess.DEVNULL,
            )
        if not limit(self._process, most):  # then it is read as it prints
            self.stop()

    @property
    def working(self) -> bool:
        """Whether the command has begun and not ended."""
        return self._process is not None and self._process.poll() is None

    def result(self, until: float = math.inf) -> Done:
        """Waits for the command; may be asked once. Raises LateError when it is not done by the
        time `until`, on the clock of `time.monotonic`."""
        if self._process is None:
            arguments, where, stdin = self._call
            process = start(arguments, where, stdin=subprocess.PIPE)
            limit(process)
            return finish(process, stdin, self._most)
        try:
            left = None if until == math.inf else max(0, until - time.monotonic())
            status = self._process.wait(left)
        except subprocess.TimeoutExpired as error:
            raise LateError from error
        self._process = None
        os.lseek(self._written, 0, os.SEEK_SET)
        with open(self._written, "rb") as file:  # noqa: PTH123 - a descriptor
            return Done(status, file.read(), b"")

    def stop(self) -> None:
        """Ends the command, whose result is no longer asked for."""
        if self._process is not None:
            with self._process:  # waits for it
                self._process.kill()
            os.close(self._written)
            self._process = None
