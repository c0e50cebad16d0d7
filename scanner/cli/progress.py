"""A progress bar on standard error, when that is a terminal and somebody wants to see it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from scanner.cli.options import Common

Progress = Callable[[int, int], None]


def wanted(common: Common) -> bool:
    """Whether anybody would see it."""
    return common.progress and not common.quiet and sys.stderr.isatty()


@contextmanager
def shown(common: Common, label: str, total: int = 0) -> Iterator[Progress | None]:
    """A bar, if it is wanted, to be told how much was done and how much more there is to do
    than was known before."""
    if not wanted(common):
        yield None
        return
    with click.progressbar(length=max(total, 1), label=label, file=sys.stderr) as bar:
        known = total

        def told(done: int, more: int) -> None:
            nonlocal known
            known += more
            bar.length = max(known, 1)
            bar.update(done)

        yield told
