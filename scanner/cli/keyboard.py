"""Single keys and lines from the user's terminal, with nothing that a plain one lacks."""

from __future__ import annotations

import io
import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from scanner.errors import UsageError

_ESCAPE, _END = b"\x1b", "\x04"
_REST = 0.05  # seconds in which the rest of an arrow key's code arrives
_MOST = 4096  # bytes of a line
_LEADS = ((0xF0, 3), (0xE0, 2), (0xC0, 1))  # first bytes of UTF-8, and how many follow


class Keyboard:
    """The keys of the terminal that the command runs in.

    One that cannot do single keys (`TERM=dumb`) takes lines, whose first character is the key.
    """

    def __init__(self, *, beside_input: bool) -> None:
        """With `beside_input`, standard input was read for something else, and the terminal is
        opened by its own name. Raises UsageError where there is no terminal."""
        if not sys.stdout.isatty() or not (beside_input or sys.stdin.isatty()):
            raise UsageError(
                "it asks on a terminal, and this is none; "
                "`keysweep ignores add` writes entries without asking"
            )
        if isinstance(sys.stdout, io.TextIOWrapper):  # an encoding that lacks a character
            sys.stdout.reconfigure(errors="backslashreplace")
        self._handle = _terminal() if beside_input else sys.stdin.fileno()
        self._lines = os.environ.get("TERM") == "dumb"

    def key(self, prompt: str) -> str:
        """One key in lower case; nothing at the end of input (Ctrl-D, a terminal that closed).

        Keys that are no character, such as arrows, are a space. Ctrl-C raises KeyboardInterrupt.
        """
        if self._lines:
            line = self.line(prompt)
            return "" if line is None else line.strip()[:1].lower() or " "
        with _single(self._handle):  # before the prompt: who answers at once is understood
            click.echo(prompt, nl=False)
            found = _character(self._handle)
        click.echo(found if found.isprintable() else "")
        return "" if found == _END else found.lower()

    def line(self, prompt: str) -> str | None:
        """A line without its end; nothing at the end of input."""
        click.echo(prompt, nl=False)
        found = os.read(self._handle, _MOST)
        if not found:
            click.echo()
            return None
        return found.decode("utf-8", "replace").rstrip("\r\n")


def _terminal() -> int:
    """The terminal that the process belongs to, whatever its standard input is."""
    try:
        return os.open("CONIN$" if sys.platform == "win32" else "/dev/tty", os.O_RDWR)
    except OSError as error:
        raise UsageError(
            "it asks on a terminal, and there is none beside standard input; name a report file"
        ) from error


if sys.platform == "win32":

    @contextmanager
    def _single(handle: int) -> Iterator[None]:  # noqa: ARG001 - as where it is needed
        yield

    def _character(handle: int) -> str:  # noqa: ARG001
        found = click.getchar()
        return " " if found[:1] in ("\x00", "\xe0") else found

else:
    import termios
    import tty

    @contextmanager
    def _single(handle: int) -> Iterator[None]:
        """Hands out keys as they are hit, not shown; Ctrl-C still interrupts.

        What was typed ahead stays, unlike with Python's defaults.
        """
        before = termios.tcgetattr(handle)
        tty.setcbreak(handle, termios.TCSADRAIN)
        try:
            yield
        finally:
            termios.tcsetattr(handle, termios.TCSADRAIN, before)

    def _character(handle: int) -> str:
        """The next character, the code of a key that is none as a space, or nothing at the end."""
        first = os.read(handle, 1)
        if first == _ESCAPE:
            while select.select([handle], [], [], _REST)[0] and os.read(handle, 1):
                continue
            return " "
        more = next((count for low, count in _LEADS if first and first[0] >= low), 0)
        return b"".join((first, *(os.read(handle, 1) for _ in range(more)))).decode(
            "utf-8", "replace"
        )
