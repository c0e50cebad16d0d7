"""Everything an object store holds, reachable or not: packs, loose objects, alternates."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from scanner import looseobjects
from scanner.objectfolders import loose_in, packs_in
from scanner.packindex import PackError, ids_of, place, split
from scanner.packs import BLOB, COMMIT, TAG, TOO_DEEP, TREE, Broken, Pack
from scanner.sources import pieces
from scanner.sources.pieces import Piece, Share

TEXTS = frozenset({COMMIT, BLOB, TAG})  # the types of objects that say something
_FEW = 10_000  # ids looked for one by one


class Held(NamedTuple):
    """An object: its id in bytes, type, content; of a delta, its base's number in the piece and
    content, and the delta; of what could not be read, the reason instead."""

    id: bytes
    type: int
    number: int
    content: bytes = b""
    base: int = -1
    base_content: bytes = b""
    delta: bytes = b""
    reason: str | None = None
    policy: bool = False
    loose: bool = False


def present(folders: list[Path], id_size: int) -> tuple[frozenset[str], frozenset[str]]:
    """The names of the packs and the ids in hex of the loose objects that there are now, as far
    as folders can be listed; `id_size` is 20 or 32 bytes."""
    packs: set[str] = set()
    loose: set[str] = set()
    for folder in folders:
        with suppress(OSError):  # told when the store is opened
            packs.update(path.name for path in packs_in(folder))
            found = loose_in(folder, id_size)
            loose.update(one[0] for one in found if not isinstance(one, OSError))
    return frozenset(packs), frozenset(loose)


def ids_in(folders: list[Path], id_size: int) -> Iterator[bytes]:
    """The id of every object in some object folders, in bytes; of what cannot be listed or read,
    none."""
    for folder in folders:
        with suppress(OSError):
            for path in packs_in(folder):
                with suppress(OSError, PackError, struct.error):
                    yield from split(ids_of(path, id_size), id_size)
            found = loose_in(folder, id_size)
            yield from (bytes.fromhex(one[0]) for one in found if not isinstance(one, OSError))


class Store:
    """The objects of one repository. Nothing is written, and git is not asked."""

    def __init__(
        self,
        folders: list[Path],
        id_size: int,
        most: int,
        seen: frozenset[str] = frozenset(),
        looked_at: frozenset[bytes] = frozenset(),
    ) -> None:
        """`folders` are the repository's object folder and its alternates; `id_size` is 20 or 32
        bytes; objects of more than `most` bytes are not read. `seen` are packs, by name, and
        loose objects, by id in hex, that need not be looked at again, `looked_at` objects, by id
        in bytes, wherever they are.

        What cannot be listed or opened is told in `unread`.
        """
        self._folders, self._id_size, self._most, self._seen = folders, id_size, most, seen
        self._looked_at = looked_at
        self._asked = 0  # ids of which was asked whether they are there
        self.known: dict[Path, bytes] = {}  # packs that have been looked at, and what is in them
        self._known_loose: list[str] = []
        self.packs: list[Pack] = []
        self.unread: list[tuple[str, str]] = []  # packs that cannot be read, and why
        self.loose: list[tuple[str, Path]] = []
        for folder in folders:
            try:
                self._add(folder)
            except OSError as error:
                self._cannot(error, folder)
        if seen:
            self._looked_at |= self._known_again()

    def _known_again(self) -> frozenset[bytes]:
        """What of the packs that are new has been looked at where it was before, and still is."""
        ids = {id_ for pack in self.packs for id_ in split(pack.ids, self._id_size)}
        loose = {bytes.fromhex(name) for name in self._known_loose if name in self._seen}
        if len(ids) > _FEW:  # from so many on, a set of all takes less time than to look
            packed = (id_ for here in self.known.values() for id_ in split(here, self._id_size))
            return frozenset(ids.intersection(chain(loose, packed)))
        return frozenset(ids - (self._not_packed(ids) - loose))

    def _not_packed(self, ids: set[bytes]) -> set[bytes]:
        """Those of some ids that are in none of the packs that have been looked at."""
        for here in self.known.values():
            ids = {id_ for id_ in ids if place(here, id_, self._id_size) < 0}
        return ids

    def __reduce__(self) -> tuple[type[Store], tuple[object, ...]]:
        given = self._folders, self._id_size, self._most, self._seen, self._looked_at
        return Store, given

    def _cannot(self, error: OSError, path: Path) -> None:
        name = os.path.relpath(error.filename or path, self._folders[0].parent)
        self.unread.append((name, error.strerror or "cannot be read"))

    def _add(self, folder: Path) -> None:
        for path in packs_in(folder):
            if not path.with_suffix(".idx").exists():
                self.unread.append((path.name, "pack without an index"))
                continue
            try:
                if path.name in self._seen:
                    # Now, as git may replace packs while others are looked at.
                    self.known[path] = ids_of(path, self._id_size)
                else:
                    self.packs.append(Pack(path, self._id_size))
            except OSError as error:
                self._cannot(error, path)
            except (PackError, IndexError, ValueError, OverflowError, struct.error) as error:
                self.unread.append((path.name, f"damaged pack: {error}"))
        known = {name for name, _ in self.loose}
        for found in loose_in(folder, self._id_size):
            if isinstance(found, OSError):
                self._cannot(found, folder)
            elif found[0] in self._seen or self._is_elsewhere(bytes.fromhex(found[0])):
                self._known_loose.append(found[0])
            elif found[0] not in known:
                self.loose.append(found)

    def _is_elsewhere(self, id_: bytes) -> bool:
        """Whether an object has been looked at, or is to be in a pack: it counts once."""
        return (
            id_ in self._looked_at
            or any(pack.holds(id_) for pack in self.packs)
            or any(place(here, id_, self._id_size) >= 0 for here in self.known.values())
        )

    def count(self, kinds: frozenset[int], done: frozenset[Share] = frozenset()) -> int:
        """How many objects of some types there are in packs, and loose ones of any; one that is
        in two packs counts twice, and those in shares that are `done` do not count."""
        if self._looked_at:
            numbers = ((pack, n) for pack in self.packs for n in range(len(pack)))
            return len(self.loose) + sum(
                pack.types[n] in kinds and pack.id(n) not in self._looked_at for pack, n in numbers
            )
        packed = sum(pack.types.count(kind) for pack in self.packs for kind in kinds)
        before = pieces.objects(self.packs, done, kinds)
        return packed - before + len(self.loose)

    def ids(self) -> bytes:
        """The ids of all objects, in bytes and one after another."""
        packed = (pack.ids for pack in self.packs)
        loose = bytes.fromhex("".join(self._loose_names()))
        return b"".join([*self.known.values(), *packed, loose])

    def _loose_names(self) -> list[str]:
        """The ids in hex of all loose objects."""
        return [*self._known_loose, *(name for name, _ in self.loose)]

    def absent(self, ids: Iterable[bytes]) -> set[bytes]:
        """Those of some ids, in bytes, of which there is no object."""
        left = set(ids)
        if not left:
            return left
        self._asked += len(left)
        if self._asked > _FEW:  # from so many on, a set of all takes less time than to look
            return left - self._all
        left = self._not_packed(left)
        for pack in self.packs:
            left = {id_ for id_ in left if not pack.holds(id_)}
        return left.difference(map(bytes.fromhex, self._loose_names()))

    @cached_property
    def _all(self) -> frozenset[bytes]:
        return frozenset(split(self.ids(), self._id_size))

    def paths(self) -> list[Path]:
        """The paths of all packs."""
        return [*self.known, *(pack.path for pack in self.packs)]

    def names(self) -> tuple[frozenset[str], frozenset[str]]:
        """The names of all packs, and the ids in hex of all loose objects."""
        return frozenset(path.name for path in self.paths()), frozenset(self._loose_names())

    def commits(self) -> list[str]:
        """The ids in hex of all commits."""
        found = [
            pack.id(number).hex()
            for pack in self.packs
            for number, kind in enumerate(pack.types)
            if kind == COMMIT and pack.id(number) not in self._looked_at
        ]
        return found + [name for name, path in self.loose if looseobjects.is_commit(path)]

    def trees_but(self, reached: set[bytes]) -> list[bytes]:
        """The ids, in bytes, of the trees in packs that are not among those reached, and have not
        been looked at."""
        trees = {id_ for pack in self.packs for id_ in pack.ids_of(TREE)}
        return sorted(trees - reached - self._looked_at)

    def pieces(self, kinds: frozenset[int]) -> list[Piece]:
        """The work in pieces, the heaviest first, so that none is left over at the end.

        Of packs, objects of these types only; loose objects whatever they are.
        """
        return pieces.cut(self.packs, len(self.loose), kinds)

    def share(self, piece: Piece) -> Share | None:
        """What a piece is in another run too; nothing for loose objects."""
        if piece.pack is None:
            return None
        return Share(os.fspath(self.packs[piece.pack].path), piece.low, piece.high)

    def objects(self, piece: Piece) -> Iterator[Held]:
        """The objects of a piece, each after its base; each distinct object in one piece only."""
        if piece.pack is None:
            for number in range(piece.low, piece.high):
                yield self._loose(number)
            return
        pack = self.packs[piece.pack]
        for root in pack.roots[piece.low : piece.high]:
            kind = pack.types[root]
            if kind not in piece.kinds or self._is_known(pack, root):
                continue
            for made in pack.rebuild(root, self._most):
                id_ = pack.id(made.number)
                if isinstance(made, Broken):
                    if id_ not in self._looked_at:
                        policy = made.reason.endswith(str(self._most))
                        yield Held(id_, kind, made.number, reason=made.reason, policy=policy)
                    yield from self._out_of_reach(pack, made)
                elif not (piece.pack or self._looked_at) or self._is_first(id_, piece.pack):
                    number, content, base, base_content, delta = made
                    yield Held(id_, kind, number, content, base, base_content, delta)

    def _is_first(self, id_: bytes, number: int) -> bool:
        """Whether an object has not been looked at and is in no pack before the one of a number."""
        earlier = self.packs[:number]
        return id_ not in self._looked_at and not any(pack.holds(id_) for pack in earlier)

    def _out_of_reach(self, pack: Pack, broken: Broken) -> Iterator[Held]:
        """The deltas that need an object which cannot be had."""
        reason = TOO_DEEP if broken.reason == TOO_DEEP else "its base in the pack is not there"
        for below in pack.below(broken.number):
            if (id_ := pack.id(below)) not in self._looked_at:
                yield Held(id_, pack.types[below], below, reason=reason)

    def _is_known(self, pack: Pack, root: int) -> bool:
        """Whether an object and every delta that needs it have been looked at."""
        looked_at = self._looked_at
        return pack.id(root) in looked_at and all(
            pack.id(number) in looked_at for number in pack.below(root)
        )

    def strange(self) -> Iterator[Held]:
        """Objects of packs that only git may be able to put together."""
        for pack in self.packs:
            for number in pack.strange:
                reason = "its base in the pack is not there"
                yield Held(pack.id(number), 0, number, reason=reason)

    def _loose(self, number: int) -> Held:
        name, path = self.loose[number]
        id_ = bytes.fromhex(name)
        try:
            kind, size, content = looseobjects.read(path, self._most)
        except OSError as error:
            return Held(id_, 0, number, reason=error.strerror or "cannot be read", loose=True)
        except (zlib.error, ValueError, KeyError):
            return Held(id_, 0, number, reason="damaged", loose=True)
        if content is None:
            reason = f"{size} bytes, over --max-file-size {self._most}"
            return Held(id_, kind, number, reason=reason, policy=True)
        return Held(id_, kind, number, content)
