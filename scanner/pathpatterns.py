"""Patterns over paths, as in .gitignore."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def compile_paths(patterns: Sequence[str]) -> Callable[[str], bool]:
    """A test for report paths: whether the gitignore patterns name the path.

    A pattern with `!` takes back what one before it named, as in git.
    """
    if not patterns:
        return lambda _path: False
    # Loaded here, as it takes 12 ms and most runs, above all of hooks, have no pattern.
    from pathspec import GitIgnoreSpec  # noqa: PLC0415

    # The package's other backends compile a database for a few milliseconds each.
    return GitIgnoreSpec.from_lines(patterns, backend="simple").match_file
