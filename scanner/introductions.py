"""What each commit has that none of its parents has, as git tells when it compares their trees."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from subprocess import PIPE
from typing import NamedTuple

from scanner.background import Background, LateError
from scanner.paths import display
from scanner.processlimits import limit
from scanner.rawchanges import GONE, LINK, Paths, Told, TooManyPathsError, compact
from scanner.repository import Done, Repository, finish, start

# As fast as by default, but with a bound on what git keeps in memory of packs and old versions.
_FRUGAL = ("-c", "core.packedGitWindowSize=1m", "-c", "core.packedGitLimit=32m",
           "-c", "core.deltaBaseCacheLimit=48m")  # fmt: skip
_RAW = (*_FRUGAL, "diff-tree", "--stdin", "-r", "-t", "-c", "--root", "--raw", "-z", "--no-abbrev",
        "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none")  # fmt: skip
_SHARE = 1 << 14  # commits of one git, which keeps something of each
_PARTS = 16  # of a share, at a second try
_AT_ONCE = 4  # of them: of each there may be as much as memory is to hold
_MOST_TRIES = 100  # at single commits of which there is too much, when there is more to try
_MOST_OUTPUT = 256 << 20  # bytes that git may print of some commits at once
# Folders that hold each other several times over make any number of paths out of a few objects.
_MOST_OF_PATHS = 256 << 20  # bytes of all paths
_MOST_OF_CHANGES = 768 << 20  # bytes of what is kept of all changes
_MOST_PLACES = 2000  # of an object or a name in one commit
_MOST_IN_ALL = 400_000  # of all


class Introduction(NamedTuple):
    """A commit (id in hex) that has an object at a path where none of its parents has it."""

    commit: str
    path: bytes
    link: bool = False  # a symbolic link, whose target the object is


class _Work(NamedTuple):
    """A git that compares trees, and the commits that it was given."""

    git: Background
    commits: Sequence[str]


class Changes:
    """What each commit has that none of its parents has; git works in the background until the
    first question."""

    def __init__(self, where: Repository, jobs: int, until: float = math.inf) -> None:
        """Whatever waits for git raises LateError at the time `until`, on the clock of
        `time.monotonic`."""
        self._where, self._jobs, self._until = where, max(1, jobs), until
        self._shares: deque[Sequence[str]] = deque()
        self._at_work: list[_Work] = []
        self._told: list[Told] = []
        self._paths = Paths(_MOST_OF_PATHS)
        self._size = 0
        self._failed: list[Sequence[str]] = []
        self._untold: list[str] = []
        self._tries = 0  # at those
        self._left = _MOST_IN_ALL
        self.cut: set[str] = set()  # objects, and names, that have more places than are told

    def of(self, commits: Sequence[str]) -> None:
        """Tells which commits there are (ids in hex), before the first question.

        At first half as many gits as there are jobs look at them: it takes them less time than
        all else that there is to do.
        """
        self._shares += (commits[at : at + _SHARE] for at in range(0, len(commits), _SHARE))
        self.go_on()

    def go_on(self, jobs: int | None = None) -> None:
        """Takes over what gits have done, and has the next begin where one has come to its end;
        to be called now and then."""
        for work in [work for work in self._at_work if not work.git.working]:
            self._take(work)
        while self._shares and len(self._at_work) < (jobs or max(1, self._jobs // 2)):
            part = self._shares.popleft()
            git = Background(_RAW, self._where, _lines(part), _MOST_OUTPUT)
            self._at_work.append(_Work(git, part))

    def _take(self, work: _Work) -> None:
        """Takes what a git told, for which this waits."""
        done = work.git.result(self._until)
        self._at_work.remove(work)
        if done.status or not self._note(done.stdout):
            self._failed.append(work.commits)

    def _note(self, output: bytes) -> bool:
        """Notes what a git told, unless that is too much."""
        if self._size > _MOST_OF_CHANGES:
            return False
        try:
            told = compact(output, self._paths)
        except TooManyPathsError:
            return False
        self._told.append(told)
        self._size += told.size
        return True

    def _wait(self) -> None:
        """Waits until git has told all, and asks again where one did not come to its end."""
        while self._at_work or self._shares:
            self.go_on(self._jobs)  # nothing else is to be done now
            if self._at_work:
                self._take(self._at_work[0])
        parts = [part for failed in self._failed for part in _parts(failed)]
        self._failed = []
        while parts:
            if time.monotonic() > self._until:
                raise LateError
            if self._is_full or self._tries > _MOST_TRIES:
                self._is_complete = False
                self._untold += (commit for part in parts for commit in part)
                break
            some, parts = parts[-_AT_ONCE:], parts[:-_AT_ONCE]
            parts += self._again(some)

    @property
    def _is_full(self) -> bool:
        """Whether no more may be kept of changes, or of paths."""
        return self._size > _MOST_OF_CHANGES or self._paths.left < _MOST_OF_PATHS // 256

    def _again(self, parts: Sequence[Sequence[str]]) -> list[Sequence[str]]:
        """Asks for what a git told that did not come to its end: a tree is missing that it needed,
        or there is more of it than memory is to hold. Returns the commits to ask for again."""
        left: list[Sequence[str]] = []
        with ThreadPoolExecutor(self._jobs) as pool:
            for part, done in zip(parts, pool.map(self._ask, parts), strict=True):
                if done.status or not self._note(done.stdout):
                    if len(part) > 1:
                        left += _parts(part)
                    else:
                        self._alone(part[0], done)
        return left

    def _alone(self, commit: str, done: Done) -> None:
        """Takes what can be had of a commit of which a git could not tell all."""
        self._is_complete = False
        # What is missing is told with the objects; what is too much, here.
        whole = self._whole(commit) if done.status and not done.too_much else None
        if whole is None or not self._note(whole):
            self._untold.append(commit)
            self._tries += 1

    def _whole(self, commit: str) -> bytes | None:
        """All that a commit has, when that is what is known of it, in the form of a change;
        nothing where it is too much."""
        process = start(["ls-tree", "-r", "-t", "-z", "--full-tree", commit], self._where)
        done = finish(process, most=_MOST_OUTPUT)
        if done.too_much:
            return None
        found = [commit.encode()]
        for line in done.stdout.split(b"\0")[:-1]:
            meta, _, path = line.partition(b"\t")
            mode, _, id_ = meta.split()
            found += [b":000000 %b %b %b A" % (mode, b"0" * len(id_), id_), path]
        return b"\0".join([*found, b""])

    def stop(self) -> None:
        """Ends what still works in the background."""
        for work in self._at_work:
            work.git.stop()

    def _ask(self, commits: Sequence[str]) -> Done:
        process = start(_RAW, self._where, stdin=PIPE)
        limit(process)
        return finish(process, _lines(commits), _MOST_OUTPUT)

    _is_complete = True  # until the answers tell otherwise

    @property
    def complete(self) -> bool:
        """Whether git could look at all of the commits, for which this waits, and all that was
        asked of them has been told."""
        self._wait()
        return self._is_complete and not self.cut

    @property
    def untold(self) -> list[str]:
        """The commits (ids in hex) of which there are more paths than memory is to hold."""
        self._wait()
        return self._untold

    @property
    def survey(self) -> tuple[set[bytes], Iterator[Iterator[bytes]]]:
        """The names of all files and folders, and the ids of all blobs and links, in bytes, in some
        parts: all at once would take up much memory."""
        self._wait()
        return self._paths.names(), (told.objects() for told in self._told)

    @property
    def trees(self) -> Iterator[bytes]:
        """The ids of all trees below those of the commits, in bytes and one after another."""
        self._wait()
        return (told.trees for told in self._told)

    def introductions(self, ids: set[str]) -> dict[str, list[Introduction]]:
        """The commits that brought in each of some objects, and where, in no order; all, unless
        `cut` tells otherwise."""
        self._wait()
        found: dict[bytes, list[Introduction]] = {bytes.fromhex(id_): [] for id_ in ids}
        paths = list(self._paths)
        for told in self._told:
            for id_, at in told.changes_of(found):
                path, is_link = paths[told.paths[at]], told.kinds[at] == LINK
                one = Introduction(told.commit(at), path, is_link)
                self._add(found[id_], one, f"object {id_.hex()}")
        return {id_.hex(): there for id_, there in found.items()}

    def named(self, names: set[bytes]) -> dict[bytes, list[Introduction]]:
        """The commits that have a file or folder of each of some names; paths end with it."""
        self._wait()
        ends = {
            number: [b"/".join(parts[: at + 1]) for at, part in enumerate(parts) if part in names]
            for path, number in self._paths.items()
            if not names.isdisjoint(parts := path.split(b"/"))
        }
        found: dict[bytes, list[Introduction]] = {name: [] for name in names}
        for told in self._told:
            for at, number in enumerate(told.paths):
                if number in ends and told.kinds[at] != GONE:
                    for end in ends[number]:
                        name = end.rpartition(b"/")[2]
                        one = Introduction(told.commit(at), end)
                        self._add(found[name], one, f"name {display(name)}")
        return found

    def _add(self, there: list[Introduction], one: Introduction, what: str) -> None:
        """Adds a place, unless that is too much; then notes what it is of."""
        of_commit = len(there) >= _MOST_PLACES and there[-_MOST_PLACES].commit == one.commit
        if self._left == 0 or of_commit:  # those of a commit follow each other
            self.cut.add(what)
            return
        self._left -= 1
        there.append(one)


def _parts(commits: Sequence[str]) -> list[Sequence[str]]:
    """Some commits in parts, for a second try."""
    share = max(1, len(commits) // _PARTS)
    return [commits[at : at + share] for at in range(0, len(commits), share)]


def _lines(ids: Sequence[str]) -> bytes:
    return "".join(f"{id_}\n" for id_ in ids).encode()


def trees_of(commits: Sequence[str], where: Repository) -> bytes:
    """The ids of the trees of some commits (ids in hex) that are there, in bytes and one after
    another."""
    process = start(["cat-file", "--batch-check=%(objectname)"], where, stdin=PIPE)
    asked = "".join(f"{commit}^{{tree}}\n" for commit in commits).encode()
    told = finish(process, asked).stdout.split(b"\n")
    return bytes.fromhex(b"".join(line for line in told if b" " not in line).decode())
