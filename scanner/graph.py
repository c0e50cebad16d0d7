"""The commits of a repository, its refs, and which commits a ref leads to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from heapq import nsmallest
from subprocess import PIPE
from typing import NamedTuple

from scanner.background import Background
from scanner.catfile import Absent, Objects
from scanner.paths import display
from scanner.repository import Done, Repository, finish, start

_PARENT = re.compile(rb"^parent ([0-9a-f]{40,64})$", re.MULTILINE)
_LARGE = 1 << 40  # bytes; more than any commit has
_LIST = ("rev-list", "--topo-order", "--reverse", "--parents")
_REFS = ("for-each-ref",
         "--format=%(refname)%00%(objectname)%00%(*objectname)%00%(*objecttype)%00")  # fmt: skip


class Ref(NamedTuple):
    """A ref's name and the ids in hex of what it names, with tags looked through."""

    name: str
    target: str
    peeled: str


class Leading(NamedTuple):
    """The names of the first refs that lead to a commit, and how many do."""

    names: list[str]
    total: int


class Graph:
    """The commits of a repository, and which refs lead to which; git works in the background
    until the first question."""

    def __init__(self, where: Repository) -> None:
        self._where = where
        self._commits: Iterable[str] = ()
        self._told = Background(_REFS, where)
        tips = ["--all", "HEAD"] if head(where) else ["--all"]
        self._listing = Background([*_LIST, *tips], where)

    def of(self, commits: Iterable[str]) -> None:
        """Tells which commits the repository holds (ids in hex), before the first question;
        untold, there are those that refs lead to."""
        self._commits = commits

    @cached_property
    def refs(self) -> list[Ref]:
        """All refs, by name."""
        return _refs(self._told.result(), self._where)

    @cached_property
    def _read(self) -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
        """The parents of each commit, in topological order, and which can be reached."""
        listed = self._listing.result()
        if listed.status:  # a commit is missing, or a ref leads nowhere
            return self._own()
        parents = _parents(listed)
        reachable = frozenset(parents)
        rest = sorted(set(self._commits) - reachable)
        if rest:
            tips = sorted({ref.peeled for ref in self.refs} & reachable)
            # git before 2.42 knows no `--not` there
            stdin = "\n".join([*rest, *(f"^{tip}" for tip in tips), ""]).encode()
            arguments = [*_LIST, "--stdin", "--ignore-missing"]
            found = _parents(finish(start(arguments, self._where, stdin=PIPE), stdin))
            parents = {**found, **parents} if not parents else {**parents, **found}
            parents.update({commit: () for commit in rest if commit not in parents})
        return parents, reachable

    def _own(self) -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
        """The same from the commits that there are, when git gives up."""
        above: dict[str, tuple[str, ...]] = {}
        with Objects(self._where, _LARGE) as objects:
            for commit in self._commits:
                content = objects.read(commit, "commit")
                if not isinstance(content, Absent):
                    header = content.partition(b"\n\n")[0]
                    found = [id_.decode() for id_ in _PARENT.findall(header)]
                    above[commit] = tuple(found)
        tips = [ref.peeled for ref in self.refs] + [head(self._where) or ""]
        reachable = _upwards(tips, above)
        everything = [*reachable, *_upwards(list(above), above)]
        return {commit: above[commit] for commit in dict.fromkeys(everything)}, frozenset(reachable)

    def stop(self) -> None:
        """Ends what still works in the background."""
        self._listing.stop()
        self._told.stop()

    @cached_property
    def reachable(self) -> frozenset[str]:
        """The commits that a ref leads to."""
        return self._read[1]

    @cached_property
    def order(self) -> dict[str, int]:
        """The place of each commit: parents before children, what nothing leads to last."""
        return {commit: number for number, commit in enumerate(self._read[0])}

    def leading_to(self, commits: Sequence[str]) -> dict[str, list[str]]:
        """For each commit the names of the refs from which it can be reached, in order."""
        every = self.summary(commits, len(self.refs))
        return {commit: names for commit, (names, _) in every.items()}

    def summary(self, commits: Sequence[str], most: int) -> dict[str, Leading]:
        """For each commit the names of the first refs from which it can be reached, at most
        `most`, and how many there are."""
        bits = {commit: 1 << number for number, commit in enumerate(dict.fromkeys(commits))}
        groups: dict[int, list[int]] = {}  # refs by the commits that they lead to: mostly alike
        led_to = self._led_to(bits)
        for number, ref in enumerate(self.refs):
            if mask := led_to.get(ref.peeled):
                groups.setdefault(mask, []).append(number)
        found = {}
        for commit, bit in bits.items():
            leading = [group for mask, group in groups.items() if mask & bit]
            first = nsmallest(most, (number for group in leading for number in group[:most]))
            names = [self.refs[number].name for number in first]
            found[commit] = Leading(names, sum(map(len, leading)))
        return found

    def _led_to(self, bits: dict[str, int]) -> dict[str, int]:
        """For each commit the bits of those that lead up to it, itself included."""
        seen: dict[str, int] = {}
        for commit, parents in self._read[0].items():  # parents first
            mask = bits.get(commit, 0)
            for parent in parents:
                if parent in seen:
                    mask |= seen[parent]
            if mask:
                seen[commit] = mask
        return seen


def _upwards(tips: Sequence[str], above: dict[str, tuple[str, ...]]) -> list[str]:
    """All commits that can be reached from the tips, parents first."""
    done: dict[str, None] = {}
    todo = [(tip, False) for tip in tips if tip in above]
    while todo:
        commit, ready = todo.pop()
        if ready:
            done.setdefault(commit)
        elif commit not in done:
            todo.append((commit, True))
            todo += [(parent, False) for parent in above[commit] if parent in above]
    return list(done)


def _parents(done: Done) -> dict[str, tuple[str, ...]]:
    lines = (line.split() for line in done.stdout.decode().splitlines())  # as far as git came
    return {commit: tuple(parents) for commit, *parents in lines}


def _refs(done: Done, where: Repository) -> list[Ref]:
    """The refs that a git told of; it is asked again when it could not tell all."""
    if done.status:  # an object is missing: without looking through tags, git need not have it
        fields = "%(refname)%00%(objectname)%00%00%00"
        done = finish(start(["for-each-ref", f"--format={fields}"], where))
    parts = done.stdout.replace(b"\0\n", b"\0").split(b"\0")[:-1]
    quads = zip(parts[::4], parts[1::4], parts[2::4], parts[3::4], strict=True)
    return [
        Ref(
            display(name),
            target.decode(),
            # git before 2.45 looks through one tag only
            _peel(where, peeled) if kind == b"tag" else (peeled or target).decode(),
        )
        for name, target, peeled, kind in quads
    ]


def _peel(where: Repository, tag: bytes) -> str:
    """What a tag of a tag names in the end; the tag itself when that is missing."""
    done = finish(start(["rev-parse", "--verify", "--quiet", f"{tag.decode()}^{{}}"], where))
    return done.stdout.decode().strip() or tag.decode()


def head(where: Repository) -> str | None:
    """The commit of HEAD in hex, or nothing when there is none yet."""
    done = finish(start(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], where))
    return done.stdout.decode().strip() or None
