"""Looks at every object of a store: what a process does with its share of a repository's history.

An object that is kept as a delta is looked at only around what the delta changes, as all else
was looked at in its base. That holds when nothing was found in the base; otherwise, and when
something turns up around a change, the object is looked at as a whole. So the result is that of
looking at all objects as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scanner.changes import stretches
from scanner.decoders import utf16
from scanner.detector import NARROW
from scanner.models import Kind, Match, Suppression
from scanner.packs import BLOB, COMMIT, TAG, TREE
from scanner.scan import Scanner
from scanner.sources.objects import Held, Piece, Store

_BATCH = 1 << 18  # bytes of commits that are looked at together
_NAME_MARGIN = 300  # bytes; more than a tree's entry with the longest name of file systems
_GITLINK = b"160000"
_ENTRY = rb"(?P<mode>40000|100644|100755|100664|120000|160000|100600|40755) (?P<name>[^\0]+)\0"
_REFERENCES = re.compile(rb"^(?:tree|parent|object) ([0-9a-f]{40,64})$", re.MULTILINE)

Marked = tuple[tuple[Match, Suppression | None], ...]


class Found(NamedTuple):
    """An object that holds something: the matches in it, each with the marker that allows it
    there. `id` is the object's, in bytes."""

    kind: Kind
    id: bytes
    matches: Marked


class Harvest(NamedTuple):
    """What a piece held.

    `names` are those in its trees that this process has not told before, `commits` the ids of
    its commits and `references` the ids that its objects refer to, each one after another;
    `unread` are the objects that could not be read, and `timeouts` objects and the rules that
    gave up on them.
    """

    objects: int
    blobs: int
    size: int
    found: tuple[Found, ...]
    names: tuple[bytes, ...]
    commits: bytes
    references: bytes
    unread: tuple[Held, ...]
    timeouts: tuple[tuple[bytes, str], ...]


class Auditor:
    """A scanner and a store; each process makes harvests of the pieces that it is given."""

    def __init__(
        self, scanner: Scanner, store: Store, id_size: int, *, whole: bool = False
    ) -> None:
        """`id_size` is 20 or 32 bytes. With `whole`, every object is looked at as a whole."""
        self._scanner, self._store, self._id_size, self._whole = scanner, store, id_size, whole
        self._entry = re.compile(_ENTRY + rb"(?P<id>.{%d})" % id_size, re.DOTALL)
        self._names: set[bytes] = set()  # told before

    @property
    def most(self) -> int:
        """Objects of more bytes are not looked at."""
        return self._scanner.plan.settings.max_file_size

    def __reduce__(self) -> tuple[type[Auditor], tuple[Scanner, Store, int]]:
        return Auditor, (self._scanner, self._store, self._id_size)

    def harvest(self, piece: Piece) -> Harvest:
        """What the objects of a piece hold."""
        return self.look(self._store.objects(piece))

    def look(self, objects: Iterable[Held]) -> Harvest:
        """What some objects hold; a delta must come after its base."""
        basket = _Basket(self._id_size)
        for held in objects:
            if held.reason is not None:
                basket.unread.append(held)
                continue
            basket.objects += 1
            basket.size += len(held.content)
            if held.type == BLOB:
                basket.blobs += 1
                self._blob(held, basket)
            elif held.type == TREE:
                self._tree(held, basket)
            else:
                basket.refer(held.content)
                basket.commits += [held.id] if held.type == COMMIT else []
                basket.texts.append(held)
                basket.texts_size += len(held.content)
                if basket.texts_size > _BATCH:
                    self._texts(basket)
        self._texts(basket)
        return basket.harvest()

    def _blob(self, held: Held, basket: _Basket) -> None:
        content = held.content
        margin = basket.margins.get(held.base, NARROW)
        if not self._whole and held.base >= 0 and margin and not utf16.is_suspect(content):
            margin = self._around_changes(held, margin)
            if margin:
                basket.margins[held.number] = margin
                return
        detection = self._scanner.detector.detect(content)
        basket.timeouts += [(held.id, rule) for rule in detection.timeouts]
        vouches = not (detection.matches or detection.timeouts or utf16.is_suspect(content))
        basket.margins[held.number] = detection.margin if vouches else 0
        if detection.matches:
            basket.add(Kind.FILE, held.id, tuple(self._scanner.marked(content, detection.matches)))

    def _around_changes(self, held: Held, margin: int) -> int:
        """The margin that deltas against this object need; 0 when all of it has to be looked at.

        A candidate that a change makes may need a larger margin than those of the base.
        """
        detect = self._scanner.detector.detect
        while True:
            parts = stretches(held.content, held.base_content, held.delta, margin)
            if parts is None:
                return 0
            needed = margin
            for low, high in parts:
                seen = detect(held.content[low:high])
                if seen.matches or seen.timeouts:
                    return 0
                needed = max(needed, seen.margin)
            if needed == margin:
                return margin
            margin = needed

    def _tree(self, held: Held, basket: _Basket) -> None:
        """Notes the names and ids of a tree's entries; of a delta, of those that it changes."""
        content = held.content
        parts = None
        if held.base >= 0 and not self._whole:
            parts = stretches(content, held.base_content, held.delta, _NAME_MARGIN)
        for low, high in parts or [(0, len(content))]:
            self._entries(content, low, high, basket)

    def _entries(self, content: bytes, low: int, high: int, basket: _Basket) -> None:
        # The margin takes in entries that have not changed, which is no harm.
        entries = self._entry.findall(content, low, high)
        basket.references.update([id_ for mode, _, id_ in entries if mode != _GITLINK])
        if new := {name for _, name, _ in entries} - self._names:
            self._names |= new
            basket.names += new

    def _texts(self, basket: _Basket) -> None:
        """Commits and tags, many at once, as they are small."""
        texts, basket.texts, basket.texts_size = basket.texts, [], 0
        for number in self._scanner.detector.suspects([held.content for held in texts]):
            held = texts[number]
            for kind, part in _parts(held):
                detection = self._scanner.detector.detect(part)
                basket.timeouts += [(held.id, rule) for rule in detection.timeouts]
                if detection.matches:
                    basket.add(kind, held.id, tuple((match, None) for match in detection.matches))


def _parts(held: Held) -> Iterator[tuple[Kind, bytes]]:
    """The header and the message of a commit or tag."""
    header, _, message = held.content.partition(b"\n\n")
    yield Kind.AUTHOR, header
    yield Kind.TAG_MESSAGE if held.type == TAG else Kind.COMMIT_MESSAGE, message


class _Basket:
    """What was gathered of one piece so far."""

    def __init__(self, id_size: int) -> None:
        self.objects = self.blobs = self.size = self.texts_size = 0
        self.found: list[Found] = []
        self.names: list[bytes] = []
        self.commits: list[bytes] = []
        self.references: set[bytes] = set()
        self.unread: list[Held] = []
        self.timeouts: list[tuple[bytes, str]] = []
        self.texts: list[Held] = []
        # By number, the margin that deltas against an object need; 0: they are looked at whole.
        self.margins: dict[int, int] = {}
        self._id_size = id_size

    def add(self, kind: Kind, id_: bytes, matches: Marked) -> None:
        self.found.append(Found(kind, id_, matches))

    def refer(self, content: bytes) -> None:
        """Notes the ids in the header of a commit or tag."""
        header = content.partition(b"\n\n")[0]
        self.references.update(bytes.fromhex(id_.decode()) for id_ in _REFERENCES.findall(header))

    def harvest(self) -> Harvest:
        return Harvest(
            self.objects,
            self.blobs,
            self.size,
            tuple(self.found),
            tuple(self.names),
            b"".join(self.commits),
            b"".join(self.references),
            tuple(self.unread),
            tuple(self.timeouts),
        )
