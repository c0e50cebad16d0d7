"""Which commit brought an object in, who made it, which refs lead there, what HEAD still has."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from subprocess import PIPE
from typing import NamedTuple

from scanner.catfile import Absent, Objects
from scanner.models import Commit
from scanner.paths import display
from scanner.repository import Background, Done, Repository, finish, start

# As fast as by default, but with a bound on what git keeps in memory of packs and old versions.
_FRUGAL = ("-c", "core.packedGitWindowSize=1m", "-c", "core.packedGitLimit=32m",
           "-c", "core.deltaBaseCacheLimit=48m")  # fmt: skip
_RAW = (*_FRUGAL, "diff-tree", "--stdin", "-r", "-c", "--root", "--raw", "-z", "--no-abbrev",
        "--no-renames", "--no-ext-diff", "--no-textconv")  # fmt: skip
_PARENT = re.compile(rb"^parent ([0-9a-f]{40,64})$", re.MULTILINE)
_LARGE = 1 << 40  # bytes; more than any commit has
_LIST = ("rev-list", "--topo-order", "--reverse", "--parents")
_REFS = ("for-each-ref",
         "--format=%(refname)%00%(objectname)%00%(*objectname)%00%(*objecttype)%00")  # fmt: skip
_SHARE = 1 << 14  # commits of one git, which keeps something of each
# Not `git log`, which would do both: a repository's configuration has it run a program (gpg).
_EARLY = (*_FRUGAL, "rev-list", "--all", f"--max-count={_SHARE}")
_BLOCK = 1 << 20  # bytes
_FEW = 2048  # commits of a second try
_MOST_REFS = 3  # refs that a report names
_PERSON = re.compile(rb"^author (.*?) ?<([^<>]*)> (-?\d{1,15}) ([+-]\d{4})$", re.MULTILINE)


_LINK, _SUBMODULE, _GONE = b"120000", b"160000", b"000000"
_NO_BLOB = frozenset({_SUBMODULE, _GONE})


class Introduction(NamedTuple):
    """A commit (id in hex) that has an object at a path where none of its parents has it."""

    commit: str
    path: bytes
    link: bool = False  # a symbolic link, whose target the object is


class Ref(NamedTuple):
    """A ref's name and the ids in hex of what it names, with tags looked through."""

    name: str
    target: str
    peeled: str


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
        bits = {commit: 1 << number for number, commit in enumerate(dict.fromkeys(commits))}
        seen: dict[str, int] = {}
        for commit, parents in self._read[0].items():  # parents first
            mask = bits.get(commit, 0)
            for parent in parents:
                if parent in seen:
                    mask |= seen[parent]
            if mask:
                seen[commit] = mask
        found: dict[str, list[str]] = {commit: [] for commit in bits}
        for ref in self.refs:
            mask = seen.get(ref.peeled, 0)
            for commit, bit in bits.items():
                if mask & bit:
                    found[commit].append(ref.name)
        return found


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


def leaves(where: Repository, tree: str) -> dict[str, list[bytes]]:
    """The paths of each object in a tree, by the object's id in hex; empty when it is missing."""
    done = finish(start(["ls-tree", "-r", "-z", "--full-tree", tree], where))
    found: dict[str, list[bytes]] = {}
    for line in done.stdout.split(b"\0")[:-1]:
        meta, _, path = line.partition(b"\t")
        found.setdefault(meta.split()[2].decode(), []).append(path)
    return found


class _Work(NamedTuple):
    """A git that compares trees, and the commits that it was given, if those are known."""

    git: Background
    commits: Sequence[str] | None = None


class Changes:
    """What each commit has that none of its parents has; git works in the background until the
    first question."""

    def __init__(self, where: Repository, jobs: int, *, early: bool = False) -> None:
        """With `early`, git begins at once, with some of the commits that refs lead to."""
        self._where, self._jobs = where, max(1, jobs)
        self._commits: Sequence[str] = ()
        self._shares: deque[Sequence[str]] = deque()
        self._at_work: list[_Work] = []
        self._told: list[bytes] = []
        self._failed: list[Sequence[str]] = []
        self._names: set[bytes] = set()
        self._ids: set[bytes] = set()
        if early:
            self._at_work.append(_Work(Background(_RAW, where, source=_EARLY)))

    def of(self, commits: Sequence[str]) -> None:
        """Tells which commits there are (ids in hex), before the first question.

        At first half as many gits as there are jobs look at them: it takes them less time than
        all else that there is to do.
        """
        self._commits = commits
        if not self._at_work:
            self._share_out(commits)
        self.go_on()

    def _share_out(self, commits: Sequence[str]) -> None:
        self._shares += (commits[at : at + _SHARE] for at in range(0, len(commits), _SHARE))

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
        self._at_work.remove(work)
        done = work.git.result()
        known: set[bytes] = set()
        if not done.status:
            self._told.append(done.stdout)
            known = self._survey(done.stdout)
        elif work.commits is not None:
            self._failed.append(work.commits)
        if work.commits is None:
            self._share_out([id_ for id_ in self._commits if id_.encode() not in known])

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

    def _all(self) -> Iterator[tuple[bytes, bytes]]:
        """Each change of each commit as git tells it, and its path; before them the commit's id
        with an empty path. For the form see git-diff-tree(1), "Raw output format"."""
        self._wait()
        for output in self._told:  # a fraction of the size that it has as values
            yield from _told(output)

    @property
    def survey(self) -> tuple[set[bytes], set[bytes]]:
        """The names of all files and folders, and the ids of all blobs and links, in bytes."""
        self._wait()
        return self._names, self._ids

    def _survey(self, output: bytes) -> set[bytes]:
        """Adds to the survey what a git told; returns the ids in hex of its commits."""
        commits: set[bytes] = set()
        paths: set[bytes] = set()
        ids: set[str] = set()
        for change, path in _told(output):
            if path:
                paths.add(path)
                mode, id_ = _entry(change)
                if mode not in _NO_BLOB:
                    ids.add(id_)
            else:
                commits.add(change)
        self._names.update(name for path in paths for name in path.split(b"/"))
        self._ids.update(map(bytes.fromhex, ids))
        return commits

    def introductions(self, ids: set[str]) -> dict[str, list[Introduction]]:
        """The commits that brought in each of some objects, and where, in no order."""
        found: dict[str, list[Introduction]] = {id_: [] for id_ in ids}
        commit = ""
        for change, path in self._all():
            if not path:
                commit = change.decode()
                continue
            mode, id_ = _entry(change)
            if id_ in found:
                found[id_].append(Introduction(commit, path, mode == _LINK))
        return found

    def named(self, names: set[bytes]) -> dict[bytes, list[Introduction]]:
        """The commits that have a file or folder of each of some names; paths end with it."""
        found: dict[bytes, list[Introduction]] = {name: [] for name in names}
        commit = ""
        for change, path in self._all():
            if not path:
                commit = change.decode()
            elif any(name in path for name in names) and _entry(change)[0] != _GONE:
                parts = path.split(b"/")
                for number, part in enumerate(parts, 1):
                    if part in found:
                        found[part].append(Introduction(commit, b"/".join(parts[:number])))
        return found


def _told(output: bytes) -> Iterator[tuple[bytes, bytes]]:
    """As `Changes._all`, of what one git wrote."""
    parts = _parts(output)
    for part in parts:
        yield part, (next(parts) if part[:1] == b":" else b"")


def _parts(output: bytes) -> Iterator[bytes]:
    """What stands between the NULs, without a list of all of it at once."""
    rest = b""
    for at in range(0, len(output), _BLOCK):
        *parts, rest = (rest + output[at : at + _BLOCK]).split(b"\0")
        yield from parts
    yield rest


def _entry(change: bytes) -> tuple[bytes, str]:
    """The mode and the id in hex that the commit has; before them stand those of its parents."""
    parents = change.count(b":", 0, change.index(b" "))
    fields = change.split(b" ")
    return fields[parents], fields[-2].decode()


def _lines(ids: Sequence[str]) -> bytes:
    return "".join(f"{id_}\n" for id_ in ids).encode()


class Origins:
    """Commits as reports show them."""

    def __init__(self, where: Repository, graph: Graph, most: int) -> None:
        """Commits of more than `most` bytes are not read."""
        self._where, self._graph, self._most = where, graph, most

    def commits(self, ids: Iterable[str]) -> dict[str, Commit]:
        """The commits with these ids in hex, whether they can be reached, and from where."""
        wanted = list(dict.fromkeys(ids))
        leading = self._graph.leading_to(wanted)
        found = {}
        with Objects(self._where, self._most) as objects:
            for id_ in wanted:
                content = objects.read(id_, "commit")
                raw = b"" if isinstance(content, Absent) else content
                found[id_] = _commit(id_, raw, leading[id_], id_ in self._graph.reachable)
        return found

    @cached_property
    def head(self) -> dict[str, list[bytes]]:
        """The paths of each object in the tree of HEAD."""
        return leaves(self._where, "HEAD") if head(self._where) else {}

    @cached_property
    def notes(self) -> frozenset[str]:
        """The commits that hold notes."""
        done = finish(start(["rev-list", "--glob=refs/notes/*"], self._where))
        return frozenset(done.stdout.decode().split())


def _commit(id_: str, raw: bytes, refs: list[str], reachable: bool) -> Commit:
    header, _, message = raw.partition(b"\n\n")
    person = _PERSON.search(header)
    name, email, seconds, zone = person.groups() if person else (b"?", b"", b"0", b"+0000")
    return Commit(
        id_,
        name.decode("utf-8", "replace"),
        email.decode("utf-8", "replace"),
        _date(int(seconds), zone.decode()),
        message.lstrip().partition(b"\n")[0].decode("utf-8", "replace"),
        reachable=reachable,
        refs=tuple(refs[:_MOST_REFS]),
        more_refs=max(0, len(refs) - _MOST_REFS),
    )


def _date(seconds: int, zone: str) -> str:
    """ISO 8601 with the author's own offset from UTC."""
    offset = (1 if zone[0] == "+" else -1) * (int(zone[1:3]) * 60 + int(zone[3:]))
    try:
        return datetime.fromtimestamp(seconds, timezone(timedelta(minutes=offset))).isoformat()
    except (ValueError, OverflowError, OSError):  # a date that no calendar has
        return datetime.fromtimestamp(0, UTC).isoformat()
