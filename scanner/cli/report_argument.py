"""The report that a command is given, and the project whose findings it tells."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from scanner import reportfile
from scanner.cli import scan
from scanner.errors import UsageError
from scanner.positions import harmless
from scanner.reportfile import Reading

F = TypeVar("F", bound=Callable[..., Any])
STDIN = "-"


class Given(NamedTuple):
    """A report read back, the root of the project that it is of, and its name for messages."""

    reading: Reading
    root: Path
    name: str


def argument(function: F) -> F:
    """Adds the argument and the option that say which report is meant, and of which project."""
    text = "The project, if it is not that of the current folder."
    function = click.option("--root", metavar="FOLDER", help=text)(function)
    return click.argument("report", default=STDIN, metavar="[REPORT]")(function)


def given(report: str, root: str | None) -> Given:
    """The report of a name, or that on standard input.

    Raises UsageError for what is no report of ours, and for one of another project than that of
    the current folder, unless the project is named.
    """
    if report == STDIN:
        if sys.stdin.isatty():
            raise UsageError("name a JSON or JSON Lines report, or send one to standard input")
        reading = reportfile.parse(sys.stdin.buffer.read(), "standard input")
    else:
        reading = reportfile.read(Path(report))
    name = "standard input" if report == STDIN else harmless(report)
    if root is not None:
        folder = Path(root)
        if not folder.is_dir():
            raise UsageError(f"--root {root}: no such folder")
        return Given(reading, folder, name)
    return Given(reading, _project(reading, name), name)


def _project(reading: Reading, name: str) -> Path:
    """The project of the current folder, unless the report is of another one on this machine."""
    here = scan.root_of((".",))
    there = Path(reading.root)
    if there.is_absolute() and there.is_dir() and there.resolve() != here.resolve():
        raise UsageError(f"{name} is of {there}; run it there, or name the project with --root")
    return here
