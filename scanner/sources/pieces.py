"""The work on the objects of a store in pieces, of which each process takes one after another."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from scanner.packs import Pack

_PIECE_WEIGHT = 24 << 20  # about the bytes that a piece makes a worker rebuild
_OBJECT_WEIGHT = 6000  # what an object costs beside its bytes, in bytes
# With other weights, shares that are remembered are others too: change `memory._FORMAT`.
_LOOSE = 400  # loose objects of a piece


class Piece(NamedTuple):
    """Some work for one process: roots `low` to `high` of a pack, those of some types, or loose
    objects by number."""

    pack: int | None
    low: int
    high: int
    kinds: frozenset[int]


class Share(NamedTuple):
    """Roots `low` to `high` of a pack, by its path: what a piece is in another run too."""

    pack: str
    low: int
    high: int


def cut(packs: Sequence[Pack], loose: int, kinds: frozenset[int]) -> list[Piece]:
    """The work in pieces, the heaviest first, so that none is left over at the end.

    Of packs, objects of these types only; loose objects, of which there is a number, whatever they
    are.
    """
    weighed = [
        (weight, Piece(number, low, high, kinds))
        for number, pack in enumerate(packs)
        for weight, low, high in _cuts(pack, kinds)
    ]
    weighed.sort(key=lambda pair: -pair[0])
    rest = [Piece(None, at, min(at + _LOOSE, loose), kinds) for at in range(0, loose, _LOOSE)]
    return [piece for _, piece in weighed] + rest


def objects(packs: Iterable[Pack], shares: Iterable[Share], kinds: frozenset[int]) -> int:
    """How many objects of some types there are in those shares whose pack is there."""
    known = {os.fspath(pack.path): pack for pack in packs}
    return sum(
        _objects(known[name], low, high, kinds) for name, low, high in shares if name in known
    )


def _objects(pack: Pack, low: int, high: int, kinds: frozenset[int]) -> int:
    """How many objects of some types there are in a share of a pack."""
    trees = zip(pack.roots[low:high], pack.weights[low:high], strict=True)
    return sum(weight for root, weight in trees if pack.types[root] in kinds)


def _cuts(pack: Pack, kinds: frozenset[int]) -> Iterator[tuple[int, int, int]]:
    """Weight, first and last (exclusive) root of the pieces of a pack."""
    low = weight = 0
    for at, root in enumerate(pack.roots):
        if pack.types[root] in kinds:
            weight += pack.weights[at] * (pack.sizes[root] + _OBJECT_WEIGHT)
        if weight >= _PIECE_WEIGHT:
            yield weight, low, at + 1
            low, weight = at + 1, 0
    if weight:
        yield weight, low, len(pack.roots)
