"""Patterns over paths, as in .gitignore."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_PLAIN = r"[\w./*-]+"  # nothing can be wrong with it
_TAME = 2  # stars up to which backtracking ends soon, whatever the path
_MOST_WILD = 50  # wildcards of a pattern
_LONGEST = 1000  # characters of a pattern


def compile_paths(patterns: Sequence[str], *, hostile: bool = False) -> Callable[[str], bool]:
    """A test for report paths: whether the gitignore patterns name the path.

    A pattern with `!` takes back what one before it named, as in git. The answer comes in a time
    that grows with the path's length only; when the patterns are `hostile`, also for those that
    a person would write. Raises ValueError as `check` does.
    """
    if not patterns:
        return lambda _path: False
    for pattern in patterns:
        _bounded(pattern)
    # Backtracking with many stars takes minutes, and automata a few milliseconds to make. And the
    # plain way lets `!*` take back what a pattern behind it names of a folder.
    slow = hostile or any(one.count("*") > _TAME or one.startswith("!") for one in patterns)
    return _spec(patterns, "hyperscan" if slow else "simple").match_file


def check(pattern: str) -> None:
    """Raises ValueError for what is no gitignore pattern, and for one that takes too long."""
    _bounded(pattern)
    if not re.fullmatch(_PLAIN, pattern):
        _spec([pattern], "simple")


def _bounded(pattern: str) -> None:
    wild = sum(map(pattern.count, "*?["))
    if wild > _MOST_WILD or len(pattern) > _LONGEST or "***" in pattern:
        raise ValueError(
            f"more than {_MOST_WILD} wildcards, {_LONGEST} characters or two stars in a row"
        )


def _spec(patterns: Sequence[str], backend: str) -> GitIgnoreSpec:
    # Loaded here, as it takes 12 ms and most runs, above all of hooks, have no pattern.
    from pathspec import GitIgnoreSpec  # noqa: PLC0415

    with warnings.catch_warnings():
        # `[[:alpha:]]` would be taken for something else.
        warnings.simplefilter("error", FutureWarning)
        try:
            return GitIgnoreSpec.from_lines(patterns, backend=backend)
        except (re.error, FutureWarning) as error:
            raise ValueError(f"no pattern that can be used: {error}") from error
