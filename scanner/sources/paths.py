"""Paths that configuration leaves out, by gitignore patterns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pathspec import GitIgnoreSpec


def excluder(patterns: Sequence[str]) -> Callable[[str], bool]:
    """A test for report paths: whether one of the gitignore patterns names the path."""
    if not patterns:
        return lambda _path: False
    return GitIgnoreSpec.from_lines(patterns).match_file
