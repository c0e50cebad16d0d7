"""The commits of a repository, its refs, and which commits a ref leads to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from heapq import nsmallest
from subprocess import PIPE
from typing import NamedTuple

from scanner.background import Background
from scanner.catfile import MOST_OF_COMMIT, Absent, Objects
from scanner.commitgraph import Commits, Remembered, keep, recall
from scanner.paths import display
from scanner.repository import Done, Repository, finish, start

_TIME = re.compile(rb"^committer .* ([0-9]{1,12}) [-+][0-9]+$", re.MULTILINE)
_HEAD = re.compile(rb"^HEAD ([0-9a-f]{40,64})$", re.MULTILINE)
_PARENT = re.compile(rb"^parent ([0-9a-f]{40,64})$", re.MULTILINE)
_LIST = ("rev-list", "--topo-order", "--reverse", "--parents", "--timestamp", "--stdin")
_REFS = ("for-each-ref",
         "--format=%(refname)%00%(objectname)%00%(*objectname)%00%(*objecttype)%00")  # fmt: skip


_NOTHING = Remembered(Commits({}, {}), ())


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

    def __init__(self, where: Repository, kept: str | None = None) -> None:
        """`kept` is the name under which the commits are remembered, if they are (see
        `commitgraph.name`): then git is asked for those alone that are new to refs."""
        self._where, self._kept = where, kept
        self._commits: Iterable[str] = ()
        self._remembered = recall(kept) if kept else _NOTHING
        self._told = Background(_REFS, where)
        self.head = head(where)  # the commit of HEAD in hex, if there is one
        self._lost_head = None if self.head else _id_of_head(where)
        self._list = [*_LIST, "--all", *(["HEAD"] if self.head else [])]
        self._listing = Background(self._list, where, _without(self._remembered.tips))

    def of(self, commits: Iterable[str]) -> None:
        """Tells which commits the repository holds (ids in hex), before the first question;
        untold, there are those that refs lead to."""
        self._commits = commits

    @cached_property
    def refs(self) -> list[Ref]:
        """All refs, by name."""
        return _refs(self._told.result(), self._where)

    @property
    def named(self) -> set[str]:
        """The ids in hex of what refs and HEAD name, be it there or not."""
        return {ref.target for ref in self.refs} | ({self._lost_head} if self._lost_head else set())

    @cached_property
    def _read(self) -> tuple[Commits, frozenset[str]]:
        """The commits, and which can be reached."""
        known, listed = self._remembered.commits, self._listing.result()
        if listed.status and self._remembered.tips:  # one of them may have gone
            known, listed = _NOTHING.commits, self._ask(())
        if listed.status:  # a commit is missing, or a ref leads nowhere
            return self._own()
        commits = Commits(dict(known.parents), dict(known.times))
        self._news = _add(commits, listed)
        reachable = commits.up_from(self._tips()) if known.parents else frozenset(commits.parents)
        asked = set(self._commits)
        if len(reachable) < len(commits.parents):  # nothing leads to some that were remembered
            commits = commits.only(reachable | commits.up_from(asked & commits.parents.keys()))
        rest = sorted(asked - commits.parents.keys())
        if rest:
            self._add_rest(commits, rest, reachable)
        return commits, reachable

    def _add_rest(self, commits: Commits, rest: list[str], reachable: frozenset[str]) -> None:
        """Adds commits that nothing leads to."""
        broken: set[str] = set()
        listed = self._ask(self._tips() & reachable, rest)
        if listed.status:  # what one of them needs is missing, so that git lists none
            broken |= self._add_read(commits, rest)
        else:
            _add(commits, listed)
        for commit in rest:
            if commit not in commits.parents:
                commits.add(commit, (), 0)
                broken.add(commit)
        self._unlisted = frozenset(broken)
        self._news |= len(broken) < len(rest)

    def _tips(self) -> set[str]:
        """The commits that refs name, and that are checked out."""
        return {ref.peeled for ref in self.refs} | self._checked_out

    @cached_property
    def _checked_out(self) -> set[str]:
        """The commits of HEAD, here and in other work trees, where it may name no branch."""
        told = finish(start(["worktree", "list", "--porcelain"], self._where)).stdout
        return {self.head or "", *(found.decode() for found in _HEAD.findall(told))}

    def keep(self) -> None:
        """Remembers the commits, if they are to be and there are new ones."""
        commits, _ = self._read
        if self._kept and self._news:
            listed = frozenset(commits.parents.keys() - self._unlisted)
            keep(self._kept, commits.only(listed), self._tips())

    _news = False  # whether there are commits that were not remembered
    _unlisted: frozenset[str] = frozenset()  # those of which not all that leads to them is here

    def _ask(self, without: Iterable[str], tips: Sequence[str] = ()) -> Done:
        """What git lists of commits, all or those that some lead to, but not those to which others
        do."""
        # git before 2.42 knows no `--not` there
        stdin = "".join(f"{tip}\n" for tip in tips).encode() + _without(without)
        arguments = [*_LIST, "--ignore-missing"] if tips else self._list
        return finish(start(arguments, self._where, stdin=PIPE), stdin)

    def _own(self) -> tuple[Commits, frozenset[str]]:
        """The same from the commits that there are, when git gives up."""
        commits = Commits({}, {})
        # All that there are: what came before may be needed, though it has been looked at.
        every = ["cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)"]
        lines = finish(start(every, self._where)).stdout.decode().splitlines()
        here = {id_ for kind, _, id_ in (line.partition(" ") for line in lines) if kind == "commit"}
        self._add_read(commits, here | {*self._commits, *self._remembered.commits.parents})
        for commit in set(self._commits) - commits.parents.keys():  # damaged, or gone since
            commits.add(commit, (), 0)
        return commits, commits.up_from(self._tips())

    def _add_read(self, commits: Commits, some: Iterable[str]) -> set[str]:
        """Adds commits by what they say themselves; returns those that lead to one that is not
        here."""
        above: dict[str, tuple[str, ...]] = {}
        times: dict[str, int] = {}
        with Objects(self._where, MOST_OF_COMMIT) as objects:
            for commit in sorted(some):
                content = objects.read(commit, "commit")
                if not isinstance(content, Absent):
                    header = content.partition(b"\n\n")[0]
                    found = [id_.decode() for id_ in _PARENT.findall(header)]
                    above[commit] = tuple(found)
                    time = _TIME.search(header)
                    times[commit] = int(time[1]) if time else 0
        broken = set()
        for commit in _parents_first(above):
            if any(one in broken or one not in commits.parents for one in above[commit]):
                broken.add(commit)
            commits.add(commit, above[commit], times[commit])
        return broken

    def stop(self) -> None:
        """Ends what still works in the background."""
        self._listing.stop()
        self._told.stop()

    @cached_property
    def reachable(self) -> frozenset[str]:
        """The commits that a ref leads to."""
        return self._read[1]

    def holds(self, commit: str) -> bool:
        """Whether there is such a commit."""
        return commit in self._read[0].parents

    def time(self, commit: str) -> int:
        """When a commit was made, in seconds since 1970; later than its parents, whatever its clock
        said. Raises KeyError for one that is not here."""
        return self._read[0].times[commit]

    def up_from(self, commit: str) -> frozenset[str]:
        """The commits that one leads to, and itself; none when it is not here."""
        return self._read[0].up_from([commit])

    def place(self, commit: str) -> tuple[bool, int, str]:
        """Sorts commits, parents before children and else by their time; what nothing leads to
        comes last. Raises KeyError for one that is not here."""
        return commit not in self.reachable, self._read[0].times[commit], commit

    def leading_to(self, commits: Sequence[str]) -> dict[str, list[str]]:
        """For each commit the names of the refs from which it can be reached, in order."""
        every = self.summary(commits, len(self.refs))
        return {commit: names for commit, (names, _) in every.items()}

    def summary(self, commits: Sequence[str], most: int) -> dict[str, Leading]:
        """For each commit the names of the first refs from which it can be reached, at most
        `most`, and how many there are."""
        bits = {commit: 1 << number for number, commit in enumerate(dict.fromkeys(commits))}
        # Refs by the commits that they lead to: mostly alike, and in the order of their first.
        groups: dict[int, list[int]] = {}
        led_to = self._led_to(bits)
        for number, ref in enumerate(self.refs):
            if mask := led_to.get(ref.peeled):
                groups.setdefault(mask, []).append(number)
        found = {}
        for commit, bit in bits.items():
            leading = [group for mask, group in groups.items() if mask & bit]
            early = leading[:most]  # what the others begin with comes later
            first = nsmallest(most, (number for group in early for number in group[:most]))
            names = [self.refs[number].name for number in first]
            found[commit] = Leading(names, sum(map(len, leading)))
        return found

    def _led_to(self, bits: dict[str, int]) -> dict[str, int]:
        """For each commit the bits of those that lead up to it, itself included."""
        seen: dict[str, int] = {}
        for commit, parents in self._read[0].parents.items():  # parents first
            mask = bits.get(commit, 0)
            for parent in parents:
                if parent in seen:
                    mask |= seen[parent]
            if mask:
                seen[commit] = mask
        return seen


def _parents_first(above: dict[str, tuple[str, ...]]) -> list[str]:
    """Commits, given with their parents, in an order that puts none before its parents."""
    done: dict[str, None] = {}
    todo = [(commit, False) for commit in above]
    while todo:
        commit, ready = todo.pop()
        if ready:
            done.setdefault(commit)
        elif commit not in done:
            todo.append((commit, True))
            todo += [(parent, False) for parent in above[commit] if parent in above]
    return list(done)


def _without(tips: Iterable[str]) -> bytes:
    """What `rev-list` reads so as to leave out what some commits lead to."""
    return "".join(f"^{tip}\n" for tip in tips).encode()


def _add(commits: Commits, listed: Done) -> bool:
    """Adds the commits that git listed, as far as it came; returns whether there were any."""
    lines = listed.stdout.decode().splitlines()
    for line in lines:
        time, commit, *parents = line.split(" ")
        commits.add(commit, tuple(parents), int(time))
    return bool(lines)


def _refs(done: Done, where: Repository) -> list[Ref]:
    """The refs that a git told of; it is asked again when it could not tell all."""
    if done.status:  # an object is missing: without looking through tags, git need not have it
        return _refs_one_by_one(where)
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


def _refs_one_by_one(where: Repository) -> list[Ref]:
    """All refs; of one whose tag, or whose tag's target, is missing what it names itself."""
    fields = "--format=%(refname)%00%(objectname)%00"
    parts = finish(start(["for-each-ref", fields], where)).stdout.replace(b"\0\n", b"\0")
    names, targets = parts.split(b"\0")[:-1:2], parts.split(b"\0")[1::2]
    told: list[bytes] = []
    while left := targets[len(told) :]:
        process = start(["cat-file", "--batch-check=%(objectname)"], where, stdin=PIPE)
        lines = finish(process, b"".join(b"%b^{}\n" % one for one in left)).stdout.splitlines()
        told += lines
        if len(lines) < len(left):  # git gives up at a damaged one
            told.append(left[len(lines)])
    return [
        Ref(display(name), target.decode(), (target if b" " in peeled else peeled).decode())
        for name, target, peeled in zip(names, targets, told, strict=True)
    ]


def _peel(where: Repository, tag: bytes) -> str:
    """What a tag of a tag names in the end; the tag itself when that is missing."""
    done = finish(start(["rev-parse", "--verify", "--quiet", f"{tag.decode()}^{{}}"], where))
    return done.stdout.decode().strip() or tag.decode()


def head(where: Repository) -> str | None:
    """The commit of HEAD in hex, or nothing when there is none yet."""
    done = finish(start(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], where))
    return done.stdout.decode().strip() or None


def _id_of_head(where: Repository) -> str | None:
    """The id in hex that HEAD names, be there such an object or not, unless it names a branch to
    come."""
    done = finish(start(["rev-parse", "--verify", "--quiet", "HEAD"], where))
    return done.stdout.decode().strip() or None
