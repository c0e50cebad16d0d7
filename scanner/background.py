"""Git commands that work while we do something else."""

import os
import subprocess
from collections.abc import Sequence
from typing import IO

from scanner.repository import Done, Repository, finish, start


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
        source: Sequence[str] = (),
    ) -> None:
        """The command reads `stdin`, or what the git command `source` writes, if that is given.

        Raises GitError when git cannot be started.
        """
        self._call = (arguments, where, stdin, source)
        self._processes: list[subprocess.Popen[bytes]] = []
        if not hasattr(os, "memfd_create"):
            return
        self._written = os.memfd_create("stdout")
        # What feeds it is closed here, so that it ends with its reader.
        with self._feed(where, stdin, source) as feed:
            begun = start(
                arguments,
                where,
                stdin=feed.fileno(),
                stdout=self._written,
                stderr=subprocess.DEVNULL,
            )
            self._processes.append(begun)

    def _feed(self, where: Repository, stdin: bytes, source: Sequence[str]) -> IO[bytes]:
        """What the command reads."""
        if source:
            first = start(source, where, stderr=subprocess.DEVNULL)
            self._processes.append(first)
            assert first.stdout is not None  # noqa: S101 - for the type checker
            return first.stdout
        feed = open(os.memfd_create("stdin"), "w+b")  # noqa: PTH123, SIM115 - a descriptor
        feed.write(stdin)
        feed.seek(0)
        return feed

    @property
    def working(self) -> bool:
        """Whether the command has begun and not ended."""
        return any(process.poll() is None for process in self._processes)

    def result(self) -> Done:
        """Waits for the command; may be asked once. When the command that it reads from failed,
        the status is that one's."""
        if not self._processes:
            arguments, where, stdin, source = self._call
            if source:
                done = finish(start(source, where))
                if done.status:
                    return done
                stdin = done.stdout
            return finish(start(arguments, where, stdin=subprocess.PIPE), stdin)
        ended = [process.wait() for process in self._processes]
        status = next((one for one in ended if one), 0)
        self._processes = []
        os.lseek(self._written, 0, os.SEEK_SET)
        with open(self._written, "rb") as file:  # noqa: PTH123 - a descriptor
            return Done(status, file.read(), b"")

    def stop(self) -> None:
        """Ends the command, whose result is no longer asked for."""
        for process in self._processes:
            with process:  # closes what leads there
                process.kill()
        if self._processes:
            os.close(self._written)
            self._processes = []
