"""What a range of commits adds: contents, file names, messages and headers, parents first."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from scanner import diffs, repository
from scanner.catfile import Absent, Objects
from scanner.diffs import Change, Leaf
from scanner.errors import GitError, UsageError
from scanner.exemptions import Exemptions
from scanner.models import Blob, Commit, Gap, Kind, Unseen
from scanner.positions import harmless
from scanner.repository import Repository

_FOUND, _NOT_FOUND = 0, 1  # how git grep ends
_DIGITS = 20  # of a time; more are as much beyond any calendar
_DOTS = re.compile(r"\.\.\.?")
_AUTHOR = re.compile(
    rb"^author (?P<name>[^\n]*?) ?<(?P<email>[^>\n]*)> (?P<time>-?\d+) (?P<zone>[+-]\d{4})$",
    re.M,
)
_SHALLOW = "its parents are not in this shallow clone, so what it adds cannot be told"


class Ends(NamedTuple):
    """The ids of two commits: a range is all that leads to `head` and not to `base`.

    As the base, the empty tree leaves nothing out.
    """

    base: str
    head: str


def ends(text: str, where: Repository) -> Ends:
    """The range that `BASE..HEAD` names; without what follows the dots, up to HEAD.

    `BASE...HEAD` is taken as pull requests show it, what HEAD has since it left BASE, which are
    the same commits. Raises UsageError for a side that names no commit, and for no range.
    """
    base, *others = _DOTS.split(text, maxsplit=1)
    # Git would take a missing BASE for HEAD. It is more likely a variable that is not set, and
    # a range without commits would pass.
    if not base or not others:
        raise UsageError(f"{harmless(text)}: not a range; write it as BASE..HEAD")
    return Ends(_end(base, where), _end(others[0] or "HEAD", where))


def _end(revision: str, where: Repository) -> str:
    found = repository.commit_id(revision, where)
    if found is None:
        raise UsageError(f"{harmless(revision)}: no commit of that name here")
    return found


class Walk:
    """One walk over the commits of a range. After it, what it came by is known."""

    def __init__(
        self,
        where: Repository,
        chosen: Ends,
        exempt: Exemptions,
        most: int,
        *,
        without: Sequence[str] = (),
    ) -> None:
        """Contents of more than `most` bytes are left out, and so is all that leads to the
        commits `without` (ids)."""
        self._where, self._ends, self._without = where, chosen, without
        self._exempt, self._most = exempt, most
        self.commits: list[str] = []  # their ids, parents first
        self.paths: set[bytes] = set()  # those that a commit changed

    def items(self) -> Iterator[Blob | Gap]:
        """What the commits add. What git cannot read is told as a gap."""
        base, head = self._ends
        try:
            self.commits = _between((base, *self._without), head, self._where)
            cut = set(repository.ids_in("shallow", self._where))
        except GitError as error:
            yield Gap(Unseen(f"{base}..{head}", str(error)), by_policy=False)
            return
        told: set[Gap] = set()
        with Objects(self._where, self._most) as objects:
            for item in self._items(objects, cut):
                if not isinstance(item, Gap) or item not in told:
                    yield item
                if isinstance(item, Gap):
                    told.add(item)

    def _items(self, objects: Objects, cut: set[str]) -> Iterator[Blob | Gap]:
        whole = [name for name in self.commits if name not in cut]
        changed = diffs.of_commits(self._where, whole)
        known: set[Change] = set()
        for name in self.commits:
            raw = objects.read(name, "commit")
            if isinstance(raw, Absent):
                yield _gap(name, raw.reason, by_policy=raw.by_policy)
                commit = Commit(name, "", "", "", "")
            else:
                commit = commit_of(name, raw)
                yield from _own(commit, raw)
            if name in cut:
                yield _gap(name, _SHALLOW)
                continue
            _, changes, reason = next(changed)
            if reason is not None:
                yield _gap(name, reason)
            for change in changes:
                # A content once for each place, unless its earlier versions are others: going
                # back to what was there before adds again what had been taken away.
                if change not in known:
                    known.add(change)
                    self.paths |= {change.path, *change.old_paths}
                    yield from diffs.items(change, objects, self._exempt, commit)

    def tree(self) -> dict[bytes, Leaf]:
        """What stands at each path in the end; raises GitError when parts are missing."""
        return diffs.tree(self._where, self._ends.head)

    def at_head(self, leaves: dict[bytes, Leaf]) -> Iterator[Blob | Gap]:
        """The contents at the end of what the commits changed; `leaves` are the tree's."""
        return self._contents(leaves, self.paths)

    def holding(self, leaves: dict[bytes, Leaf], texts: Iterable[bytes]) -> Iterator[Blob | Gap]:
        """The contents at the end, of what the commits did not change, in which one of some texts
        may stand as it is; `leaves` are the tree's. Raises GitError."""
        paths = _holding(self._where, self._ends.head, texts)
        return self._contents({path: leaves[path] for path in paths - self.paths}, paths)

    def at_base(self) -> Iterator[Blob | Gap]:
        """The contents at the beginning of what the commits change; raises GitError."""
        return self._contents(diffs.tree(self._where, self._ends.base), self.paths)

    def _contents(self, leaves: dict[bytes, Leaf], paths: set[bytes]) -> Iterator[Blob | Gap]:
        with Objects(self._where, self._most) as objects:
            for path in sorted(paths & leaves.keys()):
                yield from diffs.items(Change(path, *leaves[path]), objects, Exemptions())


def _between(bases: Sequence[str], head: str, where: Repository) -> list[str]:
    """The ids of the commits that lead to `head` and to none of `bases`, parents first."""
    # As many as a repository has refs: too many for a command line.
    process = repository.start(
        ["rev-list", "--topo-order", "--reverse", "--stdin"], where, stdin=subprocess.PIPE
    )
    names = [head, *(f"^{base}" for base in bases), ""]
    done = repository.finish(process, "\n".join(names).encode())
    if done.status:
        raise GitError(f"git rev-list: {done.said}")
    return done.stdout.decode().split()


def _holding(where: Repository, revision: str, texts: Iterable[bytes]) -> set[bytes]:
    """The paths of files in a commit that hold one of some texts, or its longest line."""
    lines = {max(text.split(b"\n"), key=len) for text in texts if b"\0" not in text}
    if not lines:
        return set()
    # By standard input: what is on a command line is there for others to see.
    options = ["--full-name", "-l", "-z", "-a", "-F", "--no-color", "--no-textconv",
               "--no-recurse-submodules"]  # fmt: skip
    process = repository.start(
        ["grep", *options, "-f", "-", revision, "--", ":/"], where, stdin=subprocess.PIPE
    )
    done = repository.finish(process, b"".join(line + b"\n" for line in sorted(lines)))
    complaints = done.stderr.split(b"\n")
    failed = any(line.startswith((b"error:", b"fatal:")) for line in complaints)
    if failed or done.status not in (_FOUND, _NOT_FOUND):
        raise GitError(f"git grep: {done.said}")
    return {line.partition(b":")[2] for line in done.stdout.split(b"\0")[:-1]}


def _gap(commit: str, reason: str, *, by_policy: bool = False) -> Gap:
    return Gap(Unseen(f"commit/{commit}", reason), by_policy)


def _own(commit: Commit, raw: bytes) -> Iterator[Blob]:
    """The headers that people write (author, signature, whatever a tool adds) and the message."""
    head, _, message = raw.partition(b"\n\n")
    lines = head.split(b"\n")
    written = [line for line in lines if not line.startswith((b"tree ", b"parent "))]
    path = f"commit/{commit.id}"
    yield Blob(Kind.AUTHOR, path, b"\n".join(written), commit=commit)
    yield Blob(Kind.COMMIT_MESSAGE, path, message, commit=commit)


def commit_of(name: str, raw: bytes) -> Commit:
    """The commit with the id `name`, from what git keeps of it; empty where that is broken."""
    head, _, message = raw.partition(b"\n\n")
    subject = _text(message.lstrip(b"\n").partition(b"\n")[0])
    found = _AUTHOR.search(head)
    if not found:
        return Commit(name, "", "", "", subject)
    date = _date(found["time"], found["zone"].decode())
    return Commit(name, _text(found["name"]), _text(found["email"]), date, subject)


def _date(seconds: bytes, zone: str) -> str:
    """Seconds since 1970 as ISO 8601, in their own time zone where that is one."""
    offset = timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:]))
    try:
        when = datetime.fromtimestamp(int(seconds[:_DIGITS]), UTC)
        return when.astimezone(timezone(offset)).isoformat()
    except (OverflowError, OSError, ValueError):  # such a time, or such a zone, cannot be
        return ""


def _text(raw: bytes) -> str:
    """Bytes of a commit as text; what is no UTF-8 is nearly always Latin-1."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
