"""Looks at every object of a store: what a process does with its share of a repository's history.

An object that is kept as a delta is looked at only around what the delta changes; the rest is
known from its base. The result is that of looking at all objects as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from scanner.catfile import Absent, Objects
from scanner.changes import Stretch, altered, around, kept
from scanner.decoders import utf16
from scanner.detector import Change, change, readable
from scanner.inheritance import Known
from scanner.models import Kind, Match, Suppression
from scanner.packs import BLOB, TAG, TREE, TYPES
from scanner.repository import Repository
from scanner.scan import Scanner
from scanner.sources.objects import Held, Store
from scanner.sources.pieces import Piece
from scanner.suppressions import inline

_BATCH = 1 << 18  # bytes of commits that are looked at together
_WAITING = 1 << 22  # bytes of files that are
_OBJECT = 500  # bytes that each takes up besides
_NAME_MARGIN = 300  # bytes; more than a tree's entry with the longest name of file systems
_GITLINK = b"160000"
_TREE_IS = b"tree "  # what a commit begins with
_ENTRY = rb"(?P<mode>40000|100644|100755|100664|120000|160000|100600|40755) (?P<name>[^\0]+)\0"
_REFERENCES = rb"^(?:tree|parent|object) ([0-9a-f]{%d})$"

Marked = tuple[tuple[Match, Suppression | None], ...]


class Found(NamedTuple):
    """An object that holds something: the matches in it, each with the marker that allows it
    there. `id` is the object's, in bytes, and `type` git's number for its type."""

    kind: Kind
    id: bytes
    type: int
    matches: Marked


class Harvest(NamedTuple):
    """What a piece held.

    `names` are those in its trees that this process has not told before, `references` the ids
    that its objects refer to, one after another, and `trees` those of its commits' trees; `unread`
    are the objects that could not be read, and `timeouts` objects and the rules that gave up on
    them.
    """

    objects: int
    blobs: int
    size: int
    found: tuple[Found, ...]
    names: tuple[bytes, ...]
    references: bytes
    trees: bytes
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

    def again(self, where: Repository, suspects: Sequence[tuple[str, int]]) -> Harvest:
        """What some objects hold, given by id in hex and type, that git reads for us; of those that
        have been cleared away, nothing."""

        def objects() -> Iterator[Held]:
            with Objects(where, self.most) as asked:
                asked.expect(id_ for id_, _ in suspects)
                for name, kind in suspects:
                    content, id_ = asked.read(name, TYPES[kind]), bytes.fromhex(name)
                    if not isinstance(content, Absent):
                        yield Held(id_, kind, -1, content)
                    elif not self._store.absent([id_]):
                        reason, policy = content
                        yield Held(id_, kind, -1, reason=reason, policy=policy)

        return self.look(objects())

    def look(self, objects: Iterable[Held]) -> Harvest:
        """What some objects hold; a delta must come after its base."""
        basket = _Basket(self._id_size)
        for held in objects:
            if held.reason is not None:
                basket.unread.append(held)
                continue
            basket.objects += 1
            # Trees are looked at only where they are loose, or git cannot tell what they hold.
            basket.size += len(held.content) if held.type != TREE else 0
            if held.type == BLOB:
                basket.blobs += 1
                self._await(held, basket)
            elif held.type == TREE:
                self._tree(held, basket)
            else:
                basket.refer(held.content)
                basket.texts.append(held)
                basket.texts_size += len(held.content)
                if basket.texts_size > _BATCH:
                    self._texts(basket)
        self._blobs(basket)
        self._texts(basket)
        return basket.harvest()

    def _await(self, held: Held, basket: _Basket) -> None:
        """Has a file wait for others, as what changes in most of them is small."""
        content = held.content
        try:
            view = self._view(held)
        except Exception as error:  # noqa: BLE001 - the rest of the scan goes on
            basket.give_up(held.id, error)
            return
        # Not with its base and its delta, which may take up any amount of memory.
        basket.waiting.append(_Waiting(held.id, held.number, held.base, content, view))
        basket.waiting_size += len(content) + _OBJECT
        if basket.waiting_size > _WAITING:
            self._blobs(basket)

    def _view(self, held: Held) -> _View:
        content = held.content
        if utf16.is_suspect(content):
            return _ALONE
        if self._whole or held.base < 0:
            return _View(((0, len(content)),))
        base = held.base_content
        made = change(content, len(base), kept(content, base, held.delta))
        return _View(made.zones, made)

    def _blobs(self, basket: _Basket) -> None:
        """Looks at the files that wait, at all of their zones at once."""
        waiting, basket.waiting, basket.waiting_size = basket.waiting, [], 0
        texts = [one.content[low:high] for one in waiting for low, high in one.view.zones]
        try:
            told = self._scanner.detector.hits_of(texts)
        except Exception:  # noqa: BLE001 - what it comes from is told of the file itself
            told, waiting = [], [one._replace(view=_ALONE) for one in waiting]
        done = 0
        for one in waiting:
            hits = told[done : done + len(one.view.zones)]
            done += len(hits)
            try:
                self._blob(one, hits, basket)
            except Exception as error:  # noqa: BLE001 - the rest of the scan goes on
                basket.give_up(one.id, error)

    def _blob(self, one: _Waiting, hits: list[dict[int, list[int]]], basket: _Basket) -> None:
        content, detector, made = one.content, self._scanner.detector, one.view.change
        base = basket.known.get(one.base) if made else None
        if made and base is not None:
            detection = detector.detect_near(content, base, made, hits)
        elif hits and not made:
            detection = detector.detect_at(content, hits[0])
        else:
            detection = detector.detect(content)
        if one.view is not _ALONE and not detection.timeouts:
            basket.known[one.number] = detection.known
        basket.timeouts += [(one.id, rule) for rule in detection.timeouts]
        if detection.matches:
            found = self._scanner.hashed(content, detection.matches)
            if self._may_mark(one, basket):
                marked = tuple(self._scanner.marked(content, found))
            else:
                marked = tuple((match, None) for match in found)
                basket.unmarked.add(one.number)
            basket.found.append(Found(Kind.FILE, one.id, BLOB, marked))

    def _may_mark(self, one: _Waiting, basket: _Basket) -> bool:
        """Whether there may be a marker in a content; where its base has none, in what changed."""
        content, made = one.content, one.view.change
        if one.view is _ALONE:
            return inline.may_mark(readable(content)[0])
        if made is None or one.base not in basket.unmarked:
            return inline.may_mark(content)
        places = around(made.changed, inline.WIDEST, len(content))
        return any(inline.may_mark(content[low:high]) for low, high in places)

    def _tree(self, held: Held, basket: _Basket) -> None:
        """Notes the names and ids of a tree's entries; of a delta, of those that it changes."""
        content = held.content
        if held.base < 0 or self._whole:
            self._entries(content, 0, len(content), basket)
            return
        parts = kept(content, held.base_content, held.delta)
        changed = altered(parts, len(content), len(held.base_content))
        for low, high in around(changed, _NAME_MARGIN, len(content)):
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
                if found := self._scanner.hashed(part, detection.matches):
                    basket.add(kind, held, tuple((match, None) for match in found))


def _parts(held: Held) -> Iterator[tuple[Kind, bytes]]:
    """The header and the message of a commit or tag."""
    header, _, message = held.content.partition(b"\n\n")
    yield Kind.AUTHOR, header
    yield Kind.TAG_MESSAGE if held.type == TAG else Kind.COMMIT_MESSAGE, message


class _View(NamedTuple):
    """The zones of a content in which hits must be known: all of it, or what of it is near to its
    `change` against its base."""

    zones: Sequence[Stretch]
    change: Change | None = None


_ALONE = _View(())  # looked at by itself, and nothing of it tells what is in another version


class _Waiting(NamedTuple):
    """A file that is to be looked at: its id in bytes, its number and its base's in the piece."""

    id: bytes
    number: int
    base: int
    content: bytes
    view: _View


class _Basket:
    """What was gathered of one piece so far."""

    def __init__(self, id_size: int) -> None:
        self.objects = self.blobs = self.size = self.texts_size = self.waiting_size = 0
        self.found: list[Found] = []
        self.names: list[bytes] = []
        self.references: set[bytes] = set()
        self.named: set[bytes] = set()  # further ones, in hex
        self.trees: set[bytes] = set()  # of commits, in hex
        self.unread: list[Held] = []
        self.timeouts: list[tuple[bytes, str]] = []
        self.texts: list[Held] = []
        self.waiting: list[_Waiting] = []
        self.unmarked: set[int] = set()  # by number, objects that hold something and no marker
        self.known: dict[int, Known] = {}  # by number, what deltas against an object need
        self._id = re.compile(_REFERENCES % (2 * id_size), re.MULTILINE)

    def add(self, kind: Kind, held: Held, matches: Marked) -> None:
        self.found.append(Found(kind, held.id, held.type, matches))

    def give_up(self, id_: bytes, error: Exception) -> None:
        """Notes a file that could not be looked at, and the error by its type alone: a message
        could hold what was scanned."""
        reason = f"internal error ({type(error).__name__}); report it"
        self.unread.append(Held(id_, BLOB, -1, reason=reason))

    def refer(self, content: bytes) -> None:
        """Notes the ids in the header of a commit or tag."""
        header = content.partition(b"\n\n")[0]
        named = self._id.findall(header)
        self.named.update(named)
        if content.startswith(_TREE_IS):
            self.trees.update(named[:1])

    def harvest(self) -> Harvest:
        named = bytes.fromhex(b"".join(self.named).decode())
        return Harvest(
            self.objects,
            self.blobs,
            self.size,
            tuple(self.found),
            tuple(self.names),
            b"".join(self.references) + named,
            bytes.fromhex(b"".join(self.trees).decode()),
            tuple(self.unread),
            tuple(self.timeouts),
        )
