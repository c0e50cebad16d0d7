"""Which commit brought an object in, who made it, which refs lead there, what HEAD still has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from subprocess import PIPE
from typing import NamedTuple

from scanner.catfile import Absent, Objects
from scanner.models import Commit
from scanner.paths import display
from scanner.repository import Repository, ask, finish, start

_RAW = ("diff-tree", "--stdin", "-r", "-c", "--root", "--raw", "-z", "--no-abbrev", "--no-renames",
        "--no-ext-diff", "--no-textconv")  # fmt: skip
_MOST_SOUGHT = 300  # ids that git is asked to look for; with more, all it tells is looked through
_MOST_REFS = 3  # refs that a report names
_PERSON = re.compile(rb"^author (.*?) ?<([^<>]*)> (-?\d+) ([+-]\d{4})$", re.MULTILINE)
_GLOB_SIGNS = re.compile(rb"([*?\[\]\\])")


_Change = tuple[str, str, bytes, bool]
_LINK = b"120000"


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
    """The commits of a repository, and which refs lead to which."""

    def __init__(self, where: Repository, commits: Iterable[str]) -> None:
        """`commits` are the ids in hex of all commits that the repository holds."""
        self._where = where
        self.refs = _refs(where)
        self._parents: dict[str, tuple[str, ...]] = {}
        tips = ["--all", "HEAD"] if head(where) else ["--all"]
        self._read(["rev-list", "--topo-order", "--reverse", "--parents", *tips], b"")
        self.reachable = frozenset(self._parents)
        if rest := sorted(set(commits) - self.reachable):
            self._read(
                ["rev-list", "--topo-order", "--reverse", "--parents", "--stdin",
                 "--ignore-missing"],
                "\n".join([*rest, "--not", *self._tips(), ""]).encode(),
            )  # fmt: skip
            for commit in rest:
                self._parents.setdefault(commit, ())
        self.order = {commit: number for number, commit in enumerate(self._parents)}

    def _tips(self) -> list[str]:
        return sorted({ref.peeled for ref in self.refs} & self.reachable)

    def _read(self, arguments: list[str], stdin: bytes) -> None:
        done = finish(start(arguments, self._where, stdin=PIPE), stdin)
        for line in done.stdout.decode().splitlines():  # as far as git came
            commit, *parents = line.split()
            self._parents.setdefault(commit, tuple(parents))

    def commits(self) -> list[str]:
        """All commits, parents before children, those that nothing leads to last."""
        return list(self._parents)

    def leading_to(self, commits: Sequence[str]) -> dict[str, list[str]]:
        """For each commit the names of the refs from which it can be reached, in order."""
        bits = {commit: 1 << number for number, commit in enumerate(dict.fromkeys(commits))}
        seen: dict[str, int] = {}
        for commit, parents in self._parents.items():  # parents first
            mask = bits.get(commit, 0)
            for parent in parents:
                mask |= seen.get(parent, 0)
            seen[commit] = mask
        found: dict[str, list[str]] = {commit: [] for commit in bits}
        for ref in self.refs:
            mask = seen.get(ref.peeled, 0)
            for commit, bit in bits.items():
                if mask & bit:
                    found[commit].append(ref.name)
        return found


def _refs(where: Repository) -> list[Ref]:
    fields = "%(refname)%00%(objectname)%00%(*objectname)%00"
    done = finish(start(["for-each-ref", f"--format={fields}"], where))
    if done.status:  # an object is missing: without looking through tags, git need not have it
        fields = "%(refname)%00%(objectname)%00%00"
        done = finish(start(["for-each-ref", f"--format={fields}"], where))
    parts = done.stdout.replace(b"\0\n", b"\0").split(b"\0")[:-1]
    return [
        Ref(display(name), target.decode(), (peeled or target).decode())
        for name, target, peeled in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]


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


def introductions(
    where: Repository, ids: set[str], commits: Sequence[str], jobs: int
) -> dict[str, list[Introduction]]:
    """Where each of some objects came in, in the order of `commits`, from `jobs` gits at once."""
    sought = [f"--find-object={id_}" for id_ in sorted(ids)] if len(ids) <= _MOST_SOUGHT else []
    found: dict[str, list[Introduction]] = {id_: [] for id_ in ids}
    for commit, id_, path, link in _changes(where, sought, (), commits, jobs):
        if id_ in found:
            found[id_].append(Introduction(commit, path, link))
    return found


def named(
    where: Repository, names: set[bytes], commits: Sequence[str], jobs: int
) -> dict[bytes, list[Introduction]]:
    """Where a file or folder of each of some names came in; the path ends with the name."""
    specs = []
    for name in sorted(names):
        plain = _GLOB_SIGNS.sub(rb"\\\1", name)
        specs += [b":(top,glob)**/" + plain, b":(top,glob)**/" + plain + b"/**"]
    found: dict[bytes, list[Introduction]] = {name: [] for name in names}
    for commit, _, path, _ in _changes(where, [], specs, commits, jobs):
        parts = path.split(b"/")
        for number, part in enumerate(parts, 1):
            if part in found:
                found[part].append(Introduction(commit, b"/".join(parts[:number])))
    return found


def _changes(
    where: Repository,
    options: Sequence[str],
    specs: Sequence[bytes],
    commits: Sequence[str],
    jobs: int,
) -> Iterator[_Change]:
    """Commit, id, path and whether it is a link, of what commits have and no parent of theirs."""
    share = max(1, -(-len(commits) // max(1, jobs)))
    shares = [commits[at : at + share] for at in range(0, len(commits), share)]
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        for found in pool.map(lambda part: _diffs(where, options, specs, part), shares):
            yield from found


def _diffs(
    where: Repository, options: Sequence[str], specs: Sequence[bytes], commits: Sequence[str]
) -> list[_Change]:
    arguments = [*_RAW, *options, *(["--", *map(_text, specs)] if specs else [])]
    done = finish(start(arguments, where, stdin=PIPE), "".join(f"{c}\n" for c in commits).encode())
    if not done.status:
        return list(_raw(done.stdout))
    if len(commits) == 1:  # a tree of it, or of its parents, is missing
        return []
    half = len(commits) // 2
    return [
        *_diffs(where, options, specs, commits[:half]),
        *_diffs(where, options, specs, commits[half:]),
    ]


def _text(spec: bytes) -> str:
    return spec.decode("utf-8", "surrogateescape")


def _raw(output: bytes) -> Iterator[_Change]:
    """See "Raw output format" and "Diff format for merges" in git-diff-tree(1)."""
    parts = iter(output.split(b"\0")[:-1])
    commit = ""
    for part in parts:
        if not part.startswith(b":"):
            commit = part.decode()
            continue
        fields, path = part.split(b" "), next(parts)
        mode, id_ = fields[part.count(b":", 0, len(fields[0]))], fields[-2]
        if id_.strip(b"0"):  # otherwise it is gone
            yield commit, id_.decode(), path, mode == _LINK


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
        raw = ask(["rev-list", "--glob=refs/notes/*"], self._where)
        return frozenset(raw.decode().split())


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
