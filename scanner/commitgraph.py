"""Commits and their parents, and what is remembered of them, so that git need not list all again.

Which parents a commit has never changes, but where a shallow clone ends.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from scanner import cache, revisions
from scanner.whereabouts import Opened

_FORMAT = "keysweep-graph-1"
_LATEST = 1 << 62  # seconds: a commit may claim any time


class Commits(NamedTuple):
    """Commits by id in hex, parents first: the ids of their parents, and when they were made.

    A time is in seconds since 1970, and later than those of the parents even where a clock was
    wrong: what git calls the corrected commit date (gitformat-commit-graph(5)). So the order of
    the times never puts a commit before its parents, whatever other commits there are.
    """

    parents: dict[str, tuple[str, ...]]
    times: dict[str, int]

    def add(self, commit: str, parents: tuple[str, ...], time: int) -> None:
        """Adds a commit, after its parents if there are any here; `time` is the committer's. One
        that is here already stays where it is."""
        time = max(0, min(time, _LATEST))
        for parent in parents:
            above = self.times.get(parent, -1)
            if above >= time:
                time = above + 1
        self.parents[commit] = parents
        self.times[commit] = time

    def up_from(self, tips: Iterable[str]) -> frozenset[str]:
        """The commits that some lead to, and those themselves."""
        marked = set(tips)
        for commit in reversed(self.parents):  # children first
            if commit in marked:
                marked.update(self.parents[commit])
        return frozenset(marked & self.parents.keys())

    def only(self, some: frozenset[str]) -> Commits:
        """Those of them that are among some."""
        if self.parents.keys() <= some:
            return self
        parents = {id_: above for id_, above in self.parents.items() if id_ in some}
        return Commits(parents, {id_: self.times[id_] for id_ in parents})


class Remembered(NamedTuple):
    """Commits that an earlier run was told of, and those (ids in hex) which refs named."""

    commits: Commits
    tips: tuple[str, ...]


class _Kept(msgspec.Struct, array_like=True):
    """The ids in hex, one after another; parents by their number."""

    ids: str
    times: list[int]
    parents: list[tuple[int, ...]]
    tips: list[int]


def name(repository: Opened) -> str:
    """Under which name commits are kept: another once a shallow clone ends elsewhere."""
    cut = sorted(revisions.cut(repository.where))
    parts = [_FORMAT, os.fspath(repository.common), str(repository.id_size), *cut]
    key = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape"))
    return f"graph-{key.hexdigest()[:40]}"


def recall(kept: str) -> Remembered:
    """What is kept under a name; nothing when there is none or it is damaged."""
    content = cache.read(kept)
    if content is None:
        return Remembered(Commits({}, {}), ())
    try:
        values = msgspec.msgpack.decode(content, type=_Kept)
        size = len(values.ids) // max(1, len(values.times))
        ids = [values.ids[at : at + size] for at in range(0, len(values.ids), size or 1)]
        parents = {
            id_: tuple(map(ids.__getitem__, above))
            for id_, above in zip(ids, values.parents, strict=True)
        }
        times = dict(zip(ids, values.times, strict=True))
        return Remembered(Commits(parents, times), tuple(map(ids.__getitem__, values.tips)))
    except (msgspec.DecodeError, ValueError, IndexError):
        return Remembered(Commits({}, {}), ())


def keep(kept: str, commits: Commits, tips: Iterable[str]) -> None:
    """Keeps commits under a name, whole or not at all; `tips` are those of them that refs name, and
    need not lead to all of the others."""
    numbers = {id_: number for number, id_ in enumerate(commits.parents)}
    values = _Kept(
        "".join(numbers),
        list(commits.times.values()),
        # A shallow clone lacks the parents of some.
        [
            tuple(numbers[id_] for id_ in above if id_ in numbers)
            for above in commits.parents.values()
        ],
        [numbers[tip] for tip in dict.fromkeys(tips) if tip in numbers],
    )
    cache.write(kept, msgspec.msgpack.encode(values))
