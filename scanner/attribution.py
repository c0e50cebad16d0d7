"""Who made the commits that brought something in, which refs lead there, what HEAD still has."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from typing import NamedTuple

from scanner.catfile import Absent, Objects
from scanner.graph import Graph, Leading
from scanner.models import Commit
from scanner.rawchanges import blocks
from scanner.repository import Repository, finish, start

_MOST_REFS = 3  # refs that a report names
_MOST_PATHS = 50_000  # of an object in a tree
_MOST_LISTED = 256 << 20  # bytes of what git lists of a tree
_AT_ONCE = 200  # paths of one question, as a command line takes only so much
_PERSON = re.compile(rb"^author (.*?) ?<([^<>]*)> (-?\d{1,15}) ([+-]\d{4})$", re.MULTILINE)


class Origins:
    """Commits as reports show them."""

    def __init__(self, where: Repository, graph: Graph, most: int) -> None:
        """Commits of more than `most` bytes are not read."""
        self._where, self._graph, self._most = where, graph, most

    def commits(self, ids: Iterable[str]) -> dict[str, Commit]:
        """The commits with these ids in hex, whether they can be reached, and from where."""
        wanted = list(dict.fromkeys(ids))
        leading = self._graph.summary(wanted, _MOST_REFS)
        found = {}
        with Objects(self._where, self._most) as objects:
            objects.expect(wanted)
            for id_ in wanted:
                content = objects.read(id_, "commit")
                raw = b"" if isinstance(content, Absent) else content
                found[id_] = _commit(id_, raw, leading[id_], id_ in self._graph.reachable)
        return found

    def at_head(self, wanted: Callable[[str, bytes], bool], paths: Iterable[bytes]) -> Leaves:
        """What of the tree of HEAD is wanted, as `leaves` tells it."""
        head = self._graph.head
        return leaves(self._where, head, wanted, paths) if head else Leaves({})

    @cached_property
    def notes(self) -> frozenset[str]:
        """The commits that hold notes."""
        done = finish(start(["rev-list", "--glob=refs/notes/*"], self._where))
        return frozenset(done.stdout.decode().split())


class Leaves(NamedTuple):
    """The paths of objects in a tree, by the object's id in hex, and whether that is all."""

    paths: dict[str, list[bytes]]
    complete: bool = True


def leaves(
    where: Repository,
    tree: str,
    wanted: Callable[[str, bytes], bool],
    paths: Iterable[bytes] = (),
) -> Leaves:
    """What of a tree is wanted, by the object's id in hex and the path; nothing when it is
    missing. Where the tree is too large to be listed, what it has at some paths."""
    listing = ["ls-tree", "-r", "-z", "--full-tree", tree]
    done = finish(start(listing, where), most=_MOST_LISTED)
    complete = not done.too_much
    told = [done.stdout]
    if not complete:
        some = sorted(map(os.fsdecode, paths))[:_MOST_PATHS]
        for at in range(0, len(some), _AT_ONCE):
            asked = start([*listing, "--", *some[at : at + _AT_ONCE]], where)
            told.append(finish(asked, most=_MOST_LISTED).stdout)
    found: dict[str, list[bytes]] = {}
    for line in (line for output in told for block in blocks(output) for line in block):
        meta, _, path = line.partition(b"\t")
        id_ = meta.rpartition(b" ")[2].decode()
        if path and wanted(id_, path):
            there = found.setdefault(id_, [])
            if len(there) < _MOST_PATHS:
                there.append(path)
            else:
                complete = False
    return Leaves(found, complete)


def _commit(id_: str, raw: bytes, leading: Leading, reachable: bool) -> Commit:
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
        refs=tuple(leading.names),
        more_refs=leading.total - len(leading.names),
    )


def _date(seconds: int, zone: str) -> str:
    """ISO 8601 with the author's own offset from UTC."""
    offset = (1 if zone[0] == "+" else -1) * (int(zone[1:3]) * 60 + int(zone[3:]))
    try:
        return datetime.fromtimestamp(seconds, timezone(timedelta(minutes=offset))).isoformat()
    except (ValueError, OverflowError, OSError):  # a date that no calendar has
        return datetime.fromtimestamp(0, UTC).isoformat()
