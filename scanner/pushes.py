"""What a push sends: of each ref that it moves, what the other side does not have yet."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain
from typing import NamedTuple

from scanner import diffs, ranges, repository
from scanner.catfile import Absent, Objects
from scanner.diffs import Change
from scanner.errors import GitError, UsageError
from scanner.exemptions import Exemptions
from scanner.models import Blob, Finding, Gap, Kind, Report, Unseen
from scanner.paths import display
from scanner.positions import decode, harmless
from scanner.repository import Repository
from scanner.scan import LATE, Scanner, run
from scanner.sources.commits import Ends, Walk

_ID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_TARGET = re.compile(rb"object ([0-9a-f]+)\n")
_EMPTY_TREE = ["hash-object", "-t", "tree", "--stdin"]  # of nothing, and without writing it
_REMOTES = "refs/remotes/"
_SHOWN = 80  # characters of a line that cannot be read


class Update(NamedTuple):
    """A ref that a push sets: its name on the other side, and the ids in hex that it gets and
    had, which is empty for a new ref."""

    ref: bytes
    new: str
    old: str


def outgoing(lines: bytes) -> list[Update]:
    """What git tells a pre-push hook on standard input, as in githooks(5); no deletions.

    Raises UsageError for anything else.
    """
    # A local ref is as the user wrote it, perhaps with spaces in it.
    fields = [line.rsplit(b" ", 3) for line in lines.splitlines()]
    return _updates((line[2], line[1], line[3]) if len(line) == 4 else line for line in fields)


def incoming(lines: bytes) -> list[Update]:
    """What git tells a pre-receive hook on standard input, likewise."""
    fields = [line.split(b" ", 2) for line in lines.splitlines()]
    return _updates((line[2], line[1], line[0]) if len(line) == 3 else line for line in fields)


def _updates(fields: Iterable[Sequence[bytes]]) -> list[Update]:
    found = []
    for line in fields:
        if len(line) != 3 or not all(map(_ID.fullmatch, line[1:])):
            said = harmless(decode(b" ".join(line))[:_SHOWN])
            raise UsageError(f"standard input: {said!r} is no line that git gives to this hook")
        ref, new, old = line[0], *(name.decode() for name in line[1:])
        if new.strip("0"):
            found.append(Update(ref, new, old if old.strip("0") else ""))
    return found


def tips(where: Repository, remote: str | None = None) -> list[str]:
    """The ids of all refs of a repository, or of those that a remote had when it was asked
    last. Raises GitError."""
    scope = [] if remote is None else [f"{_REMOTES}{remote}"]
    listed = repository.ask(["for-each-ref", "--format=%(objectname)", *scope], where)
    return sorted(set(listed.decode().split()))


class Limits(NamedTuple):
    """What is not looked at: paths, as they are exempt, contents of more than `most` bytes, and
    whatever is still left at the time `until`, on the clock of `time.monotonic`."""

    exempt: Exemptions
    most: int
    until: float = math.inf


def walks(
    updates: Sequence[Update], where: Repository, known: Sequence[str], default: str, limits: Limits
) -> list[Pushed]:
    """A walk for each update, over what neither the commits `known` (ids) nor an earlier walk
    lead to. `default` names the commit that a new ref is compared with. Raises GitError."""
    nothing = repository.ask(_EMPTY_TREE, where).decode().strip()
    base = repository.commit_id(default, where) or nothing
    found: list[Pushed] = []
    for update in updates:
        old = (repository.commit_id(update.old, where) or nothing) if update.old else base
        others = [*known, *(walk.update.new for walk in found)]
        found.append(Pushed(where, update, old, others, limits))
    return found


class Pushed(Walk):
    """A walk over what an update sends: the name of a new ref, tags, and the commits."""

    def __init__(
        self,
        where: Repository,
        update: Update,
        base: str,
        without: Sequence[str],
        limits: Limits,
    ) -> None:
        """Left out is what the commit or tree `base` and the commits `without` lead to (ids)."""
        ends = Ends(base, update.new)
        super().__init__(where, ends, limits.exempt, limits.most, without=without)
        self.update = update
        self._limits = limits

    def items(self) -> Iterator[Blob | Gap]:
        """What the update sends. What was not reached in time is told as a gap."""
        with closing(self._all()) as items:
            for item in items:
                if time.monotonic() > self._limits.until:
                    yield Gap(Unseen(display(self.update.ref), LATE), by_policy=False)
                    return
                yield item

    def _all(self) -> Generator[Blob | Gap, None, None]:
        try:
            yield from self._tip()
        except GitError as error:
            yield Gap(Unseen(display(self.update.ref), str(error)), by_policy=False)
        else:
            if repository.commit_id(self.update.new, self._where):  # no tag of a file or folder
                yield from super().items()

    def _tip(self) -> Iterator[Blob | Gap]:
        """The ref's name if it is new, and what it leads to but for commits."""
        ref, name, old = self.update
        path = display(ref)
        if not old:
            yield Blob(Kind.REF_NAME, path, ref)
        with Objects(self._where, self._limits.most) as objects:
            while (kind := self._kind(name)) == "tag":
                raw = objects.read(name, kind)
                if isinstance(raw, Absent):
                    yield Gap(Unseen(path, raw.reason), raw.by_policy)
                    return
                header, _, message = raw.partition(b"\n\n")
                yield Blob(Kind.AUTHOR, path, header, id=name)
                yield Blob(Kind.TAG_MESSAGE, path, message, id=name)
                target = _TARGET.match(raw)
                name = target[1].decode() if target else ""
            yield from self._bare(kind, name, objects)

    def _kind(self, name: str) -> str:
        return repository.ask(["cat-file", "-t", name], self._where).decode().strip()

    def _bare(self, kind: str, name: str, objects: Objects) -> Iterator[Blob | Gap]:
        """A file or folder that a ref leads to without any commit."""
        leaves = diffs.tree(self._where, name).items() if kind == "tree" else ()
        changes = [Change(path, *leaf, added=True) for path, leaf in leaves]
        if kind == "blob":
            changes = [Change(self.update.ref, b"100644", name)]
        for change in changes:
            yield from diffs.items(change, objects, self._limits.exempt)


def scan(  # noqa: PLR0913 - one call is all that a scan is
    scanner: Scanner,
    found: Sequence[Pushed],
    *,
    command: str,
    root: str,
    trusting: bool,
    judged: Callable[[Pushed, Report], Report] = lambda _walk, report: report,
) -> Report:
    """Scans what a push sends; `command` and `root` are for the report. Unless `trusting`,
    markers that come with the push suppress nothing. `judged` is asked about the report on
    each walk."""
    report = run(scanner, (), command=command, root=root)
    for walk in found:
        if report.interrupted:
            break
        one = ranges.scan(scanner, walk, command=command, root=root, trusting=trusting)
        report = _joined(report, judged(walk, one))
    return report


def _joined(one: Report, other: Report) -> Report:
    """Two reports as one, with each secret once."""
    findings: dict[str, Finding] = {}
    for finding in chain(one.findings, other.findings):
        known = findings.setdefault(finding.fingerprint, finding)
        if known is not finding:
            places = (*known.places, *finding.places)
            findings[finding.fingerprint] = known._replace(places=places)
    return one._replace(
        findings=tuple(findings.values()),
        not_seen=tuple(sorted({*one.not_seen, *other.not_seen})),
        skipped=tuple(sorted({*one.skipped, *other.skipped})),
        blobs=one.blobs + other.blobs,
        bytes=one.bytes + other.bytes,
        seconds=round(one.seconds + other.seconds, 3),
        interrupted=one.interrupted or other.interrupted,
    )
