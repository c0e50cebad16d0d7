"""What is remembered of a repository, so that the next audit reads only what is new.

It holds names of packs, ids of objects and commits, paths: nothing of what any object says. An
object in which something was found is remembered as such, and looked at again each time.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

from scanner import cache
from scanner.introductions import Introduction
from scanner.packindex import split
from scanner.packs import COMMIT
from scanner.scan import Plan
from scanner.sources.pieces import Share
from scanner.whereabouts import Opened

# Differs whenever looking at the same object would find other things.
_FORMAT = "keysweep-history-4"
_LENGTH = 8  # bytes of a number before what can be read as text


class Memory(NamedTuple):
    """What earlier audits have seen of a repository.

    Packs by name and loose objects by id in hex have been looked at. `suspects` are the objects
    that hold something (id in hex and type), `introductions` where they came in. `missing` are
    ids in hex that others refer to, `skipped` what policy left out, with the reason, `unread` what
    could not be read (id in hex, type, reason), which is tried again. `ids` are those of all
    objects that there were, in bytes and one after another. When an audit was ended, `shares` are
    what it had looked at, and `begun` all packs that there were.

    Once packs have been made anew, `objects` are the ids of those that have been looked at.
    """

    packs: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()
    suspects: tuple[tuple[str, int], ...] = ()
    introductions: tuple[tuple[str, Introduction], ...] = ()
    missing: frozenset[str] = frozenset()
    skipped: tuple[tuple[str, str], ...] = ()
    unread: tuple[tuple[str, int, str], ...] = ()
    blobs: int = 0
    size: int = 0
    shares: frozenset[Share] = frozenset()
    begun: frozenset[str] = frozenset()
    ids: bytes = b""
    objects: frozenset[bytes] = frozenset()

    def fitting(
        self,
        packs: frozenset[str],
        loose: frozenset[str],
        ids: Callable[[], Iterable[bytes]],
        id_size: int,
    ) -> Memory:
        """What of this is of use where there are these packs, by name, and loose objects, by id in
        hex; `ids` tells those of all objects, of `id_size` bytes each.

        All is where nothing is gone, or is only elsewhere. Otherwise nothing is: what remains may
        refer to what is gone.
        """
        if not ((self.packs | self.begun) - packs or self.loose - loose):
            return self
        objects = frozenset(split(self.ids, id_size))
        if not objects or self.begun or not objects.issubset(ids()):
            return Memory()
        return self._replace(
            packs=self.packs & packs, loose=self.loose & loose, ids=b"", objects=objects
        )

    def commits(self) -> set[str]:
        """The ids in hex of all commits that are spoken of."""
        suspects = {id_ for id_, kind in self.suspects if kind == COMMIT}
        return suspects | {one.commit for _, one in self.introductions}

    def of(self, ids: Iterable[str]) -> dict[str, list[Introduction]]:
        """Where each of some objects came in, as far as is remembered."""
        found: dict[str, list[Introduction]] = {id_: [] for id_ in ids}
        for id_, introduction in self.introductions:
            if id_ in found:
                found[id_].append(introduction)
        return found


def name(repository: Opened, plan: Plan) -> str:
    """Under which name the memory is kept: another for other rules or settings."""
    settings = plan.settings
    parts = (
        _FORMAT,
        str(repository.common),
        str(repository.id_size),  # where another has been put in its place
        str(settings.max_file_size),
    )
    key = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape") + plan.artefact)
    return f"history-{key.hexdigest()[:40]}"


def recall(kept: str) -> Memory:
    """The memory kept under a name; an empty one when there is none or it is damaged."""
    content = cache.read(kept)
    if content is None:
        return Memory()
    try:
        size = int.from_bytes(content[:_LENGTH], "big")
        values = json.loads(zlib.decompress(content[_LENGTH : _LENGTH + size]))
        ids = content[_LENGTH + size :]
        if len(ids) != values["ids"]:
            return Memory()
        return Memory(
            frozenset(values["packs"]),
            frozenset(values["loose"]),
            tuple((id_, kind) for id_, kind in values["suspects"]),
            tuple(
                (id_, Introduction(commit, path.encode("utf-8", "surrogateescape"), link))
                for id_, commit, path, link in values["introductions"]
            ),
            frozenset(values["missing"]),
            tuple((what, reason) for what, reason in values["skipped"]),
            tuple((id_, kind, reason) for id_, kind, reason in values["unread"]),
            values["blobs"],
            values["size"],
            frozenset(Share(pack, low, high) for pack, low, high in values["shares"]),
            frozenset(values["begun"]),
            ids,
        )
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error):
        return Memory()


def keep(kept: str, memory: Memory) -> None:
    """Keeps a memory, whole or not at all; of two audits at once, that of the later one."""
    values = {
        "packs": sorted(memory.packs),
        "loose": sorted(memory.loose),
        "suspects": sorted(memory.suspects),
        "introductions": [
            (id_, one.commit, one.path.decode("utf-8", "surrogateescape"), one.link)
            for id_, one in memory.introductions
        ],
        "missing": sorted(memory.missing),
        "skipped": sorted(memory.skipped),
        "unread": sorted(memory.unread),
        "blobs": memory.blobs,
        "size": memory.size,
        "shares": sorted(memory.shares),
        "begun": sorted(memory.begun),
        "ids": len(memory.ids),  # bytes
    }
    told = zlib.compress(json.dumps(values, separators=(",", ":")).encode(), 1)
    # In one file, so that they are never of two different audits.
    cache.write(kept, len(told).to_bytes(_LENGTH, "big") + told + memory.ids)
