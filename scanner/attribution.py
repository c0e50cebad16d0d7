"""Who made the commits that brought something in, which refs lead there, what HEAD still has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property

from scanner.catfile import Absent, Objects
from scanner.graph import Graph, Leading
from scanner.models import Commit
from scanner.repository import Repository, finish, start

_MOST_REFS = 3  # refs that a report names
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

    @cached_property
    def head(self) -> dict[str, list[bytes]]:
        """The paths of each object in the tree of HEAD."""
        return leaves(self._where, self._graph.head) if self._graph.head else {}

    @cached_property
    def notes(self) -> frozenset[str]:
        """The commits that hold notes."""
        done = finish(start(["rev-list", "--glob=refs/notes/*"], self._where))
        return frozenset(done.stdout.decode().split())


def leaves(where: Repository, tree: str) -> dict[str, list[bytes]]:
    """The paths of each object in a tree, by the object's id in hex; empty when it is missing."""
    done = finish(start(["ls-tree", "-r", "-z", "--full-tree", tree], where))
    found: dict[str, list[bytes]] = {}
    for line in done.stdout.split(b"\0")[:-1]:
        meta, _, path = line.partition(b"\t")
        found.setdefault(meta.split()[2].decode(), []).append(path)
    return found


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
