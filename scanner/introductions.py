"""What each commit has that none of its parents has, as git tells when it compares their trees."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from subprocess import PIPE
from typing import NamedTuple

from scanner.background import Background
from scanner.repository import Done, Repository, finish, start

# As fast as by default, but with a bound on what git keeps in memory of packs and old versions.
_FRUGAL = ("-c", "core.packedGitWindowSize=1m", "-c", "core.packedGitLimit=32m",
           "-c", "core.deltaBaseCacheLimit=48m")  # fmt: skip
_RAW = (*_FRUGAL, "diff-tree", "--stdin", "-r", "-c", "--root", "--raw", "-z", "--no-abbrev",
        "--no-renames", "--no-ext-diff", "--no-textconv")  # fmt: skip
_SHARE = 1 << 14  # commits of one git, which keeps something of each
_BLOCK = 1 << 20  # bytes
_FEW = 2048  # commits of a second try
_MODE = 8  # bytes that each parent puts before the commit's mode: a colon, a mode, a space


_LINK, _SUBMODULE, _GONE = b"120000", b"160000", b"000000"
_NO_BLOB = frozenset({_SUBMODULE, _GONE})


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

    def __init__(self, where: Repository, jobs: int) -> None:
        self._where, self._jobs = where, max(1, jobs)
        self._shares: deque[Sequence[str]] = deque()
        self._at_work: list[_Work] = []
        self._told: list[bytes] = []
        self._failed: list[Sequence[str]] = []
        self._names: set[bytes] = set()
        self._ids: list[bytes] = []

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
            self._at_work.append(_Work(Background(_RAW, self._where, _lines(part)), part))

    def _take(self, work: _Work) -> None:
        """Takes what a git told, for which this waits."""
        done = work.git.result()
        self._at_work.remove(work)
        if done.status:
            self._failed.append(work.commits)
        else:
            self._told.append(done.stdout)
            self._survey(done.stdout)

    def _wait(self) -> None:
        """Waits until git has told all, and asks again where one did not come to its end."""
        while self._at_work or self._shares:
            self.go_on(self._jobs)  # nothing else is to be done now
            if self._at_work:
                self._take(self._at_work[0])
        while self._failed:
            for output in self._again(self._failed.pop(), _FEW):
                self._told.append(output)
                self._survey(output)

    def _again(self, commits: Sequence[str], share: int) -> list[bytes]:
        """What a git told that did not come to its end: a tree is missing that it needed."""
        parts = [commits[at : at + share] for at in range(0, len(commits), share)]
        found = []
        with ThreadPoolExecutor(self._jobs) as pool:
            for part, done in zip(parts, pool.map(self._ask, parts), strict=True):
                if not done.status:
                    found.append(done.stdout)
                elif share > 1:
                    found += self._again(part, max(1, share // 16))
                else:
                    self._is_complete = False
                    found.append(self._whole(part[0]))
        return found

    def _whole(self, commit: str) -> bytes:
        """All that a commit has, when that is what is known of it, in the form of a change."""
        done = finish(start(["ls-tree", "-r", "-z", "--full-tree", commit], self._where))
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
        return finish(start(_RAW, self._where, stdin=PIPE), _lines(commits))

    _is_complete = True  # until the answers tell otherwise

    @property
    def complete(self) -> bool:
        """Whether git could look at all of the commits, for which this waits."""
        self._wait()
        return self._is_complete

    @property
    def survey(self) -> tuple[set[bytes], list[bytes]]:
        """The names of all files and folders, and the ids of all blobs and links, in bytes and one
        after another, in some parts, as one value for each takes up four times as much."""
        self._wait()
        return self._names, self._ids

    def _survey(self, output: bytes) -> None:
        """Adds to the survey what a git told."""
        paths: set[bytes] = set()
        ids: set[bytes] = set()
        for commit, mode, id_, path in _told(output):
            if commit:
                continue
            paths.add(path)
            if mode not in _NO_BLOB:
                ids.add(id_)
        if paths:
            self._names.update(b"/".join(paths).split(b"/"))
        self._ids.append(bytes.fromhex(b"".join(ids).decode()))

    def introductions(self, ids: set[str]) -> dict[str, list[Introduction]]:
        """The commits that brought in each of some objects, and where, in no order."""
        found: dict[bytes, list[Introduction]] = {id_.encode(): [] for id_ in ids}
        for commit, mode, id_, path in self._changes():
            if id_ in found:
                found[id_].append(Introduction(commit.decode(), path, mode == _LINK))
        return {id_.decode(): there for id_, there in found.items()}

    def named(self, names: set[bytes]) -> dict[bytes, list[Introduction]]:
        """The commits that have a file or folder of each of some names; paths end with it."""
        found: dict[bytes, list[Introduction]] = {name: [] for name in names}
        for commit, mode, _, path in self._changes():
            if mode != _GONE and any(name in path for name in names):
                parts = path.split(b"/")
                for number, part in enumerate(parts, 1):
                    if part in found:
                        at = b"/".join(parts[:number])
                        found[part].append(Introduction(commit.decode(), at))
        return found

    def _changes(self) -> Iterator[tuple[bytes, bytes, bytes, bytes]]:
        """Each change of each commit: the commit's id, the mode and the id that it has, the path;
        ids in hex."""
        self._wait()
        commit = b""
        for output in self._told:  # a fraction of the size that it has as values
            for begins, mode, id_, path in _told(output):
                if begins:
                    commit = begins
                else:
                    yield commit, mode, id_, path


def _told(output: bytes) -> Iterator[tuple[bytes, bytes, bytes, bytes]]:
    """What git tells, in order: of a commit its id; of a change nothing instead of that, then the
    mode and the id that the commit has, and the path. Ids are in hex.

    Before the commit's mode and id stand those of its parents, of which there are as many as
    colons: git-diff-tree(1), "Raw output format".
    """
    parts = _parts(output)
    for part in parts:
        if part[:1] == b":":
            parents = 1 if part[1:2] != b":" else len(part) - len(part.lstrip(b":"))
            mode = part[_MODE * parents : _MODE * parents + 6]
            yield b"", mode, part.rsplit(b" ", 2)[1], next(parts)
        elif part:
            yield part, b"", b"", b""


def _parts(output: bytes) -> Iterator[bytes]:
    """What stands between the NULs, without a list of all of it at once."""
    rest = b""
    for at in range(0, len(output), _BLOCK):
        *parts, rest = (rest + output[at : at + _BLOCK]).split(b"\0")
        yield from parts
    yield rest


def _lines(ids: Sequence[str]) -> bytes:
    return "".join(f"{id_}\n" for id_ in ids).encode()
