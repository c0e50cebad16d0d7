"""A command in a real terminal: its keys, its size, what it shows."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

_PATIENCE = 60  # seconds
# Makes the terminal the one that controls the process, so that Ctrl-C in it interrupts.
_BEGIN = (
    "import fcntl, os, sys, termios\n"
    "os.setsid()\n"
    "fcntl.ioctl(1, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.executable, [sys.executable, '-P', '-m', 'scanner', *sys.argv[1:]])\n"
)


class Terminal:
    """A keysweep command that runs in a terminal of its own; a context manager, at whose end it
    is ended."""

    def __init__(
        self,
        arguments: Sequence[str | Path],
        folder: Path,
        environment: dict[str, str] | None = None,
        stdin: bytes | None = None,
    ) -> None:
        """`stdin` takes the terminal's place as standard input."""
        self._own, theirs = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _BEGIN, *arguments],
            stdin=theirs if stdin is None else subprocess.PIPE,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env=os.environ | {"TERM": "xterm"} | (environment or {}),
        )
        os.close(theirs)
        if self._process.stdin:
            self._process.stdin.write(stdin or b"")
            self._process.stdin.close()
        self.shown = ""
        self._read = 0

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._own)

    def until(self, text: str) -> str:
        """Waits until a text is shown; gives what was shown since the last call, up to its end."""
        end = time.monotonic() + _PATIENCE
        while (at := self.shown.find(text, self._read)) < 0:
            assert time.monotonic() < end, f"no {text!r} in:\n{self.shown[self._read :]}"
            assert self._more(), f"ended without {text!r}:\n{self.shown[self._read :]}"
        found = self.shown[self._read : at + len(text)]
        self._read = at + len(text)
        return found

    def _more(self) -> bool:
        """Reads what is shown, for a moment; says whether there may be more."""
        if not select.select([self._own], [], [], 0.2)[0]:
            return True
        try:
            part = os.read(self._own, 1 << 16)
        except OSError:  # as Linux tells that nobody has the terminal open any more
            return False
        self.shown += part.decode("utf-8", "replace")
        return bool(part)

    def send(self, keys: str) -> None:
        """Hits keys; `\\x03` is Ctrl-C."""
        os.write(self._own, keys.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Gives the window another size, of which the process is told."""
        fcntl.ioctl(self._own, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._process.send_signal(signal.SIGWINCH)

    def ended(self) -> int:
        """Waits for the end; gives the exit status."""
        end = time.monotonic() + _PATIENCE
        while self._more():
            assert time.monotonic() < end, f"does not end:\n{self.shown[self._read :]}"
        return self._process.wait(_PATIENCE)
