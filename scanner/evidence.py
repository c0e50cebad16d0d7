"""What hyperscan can look for, in place of a whole pattern: a short and telling part of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from scanner import charsets
from scanner.bounds import width
from scanner.patterntext import text_of
from scanner.patterntree import Char, Choice, Edge, Group, Node, Repeat, Set, Untranslatable
from scanner.patterntree import Sequence as Row

_WIDEST_HINT = 200  # bytes of what hyperscan looks for
_LEAST_EVIDENCE = 16.0  # bits below which a pattern would be tried almost everywhere
_ENOUGH = 40.0  # bits from which on more are no better
_WORTH = 0.35  # of the bits of a set: texts are made of letters and digits, not of any bytes
_FEW = 4  # characters of a set that is as good as one


def hint(tree: Node) -> tuple[str, bool]:
    """What hyperscan looks for, and whether a match begins where it does.

    It is a part of the sequence that every match holds, narrow enough and as telling as can be.
    Raises Untranslatable when there is none.
    """
    items = list(_flat(tree))
    runs = [
        (run, not begin)
        for begin, item in enumerate(items)
        if (not begin or width(_least(item))[0]) and (run := _run(items[begin:], begin))
    ]
    if not runs:
        raise Untranslatable("it has no part that is narrow enough to look for")
    best, first = max(runs, key=lambda one: (min(_evidence(one[0]), _ENOUGH), one[1]))
    if _evidence(best) < _LEAST_EVIDENCE:
        raise Untranslatable("it would be tried almost everywhere: it has too little fixed text")
    text = text_of(Row(tuple(best)))
    head = items[0]
    fixed = not isinstance(head, Repeat) or head.least == head.most or best[0] is head
    return text, first and fixed


def _flat(node: Node) -> Iterator[Node]:
    """The parts of a sequence, those of sequences and groups in it too, without edges."""
    match node:
        case Group(item):
            yield from _flat(item)
        case Row(items):
            for item in items:
                yield from _flat(item)
        case Edge():
            return
        case _:
            yield node


def _run(items: Sequence[Node], begin: int) -> list[Node]:
    """The longest start of `items` that is narrow enough: its last repeat at its least, and
    its first too when something stands before it."""
    run: list[Node] = []
    for number, item in enumerate(items):
        part = _least(item) if begin and not number else item
        if width(Row((*run, part)))[1] > _WIDEST_HINT:
            run.append(_fewer(_least(part), _WIDEST_HINT - int(width(Row(tuple(run)))[1])))
            break
        run.append(part)
    while run and not width(_least(run[-1]))[0]:
        run.pop()
    if run:
        run[-1] = _least(run[-1])
    return run if run and width(Row(tuple(run)))[0] else []


def _least(node: Node) -> Node:
    return Repeat(node.item, node.least, node.least, True) if isinstance(node, Repeat) else node


def _fewer(node: Node, room: int) -> Node:
    """As many repeats as have room in so many bytes: every match begins with them."""
    if width(node)[1] <= room:
        return node
    if not isinstance(node, Repeat):
        return Row(())
    fits = room // max(1, int(width(node.item)[1]))
    return Repeat(node.item, min(node.least, fits), min(node.least, fits), True)


def _evidence(run: Sequence[Node]) -> float:
    """How many bits of luck a random text would need to match."""
    return sum(_bits(item) for item in run)


def _bits(node: Node) -> float:  # noqa: PLR0911 - one for each kind of node
    match node:
        case Char(_, fold):
            return 7.0 if fold else 8.0
        case Set(ranges):
            bits = -math.log2(charsets.share(ranges))
            return bits if charsets.share(ranges) <= _FEW / 256 else bits * _WORTH
        case Edge():
            return 0.0
        case Repeat(item, least):
            return _bits(item) * least
        case Group(item):
            return _bits(item)
        case Row(items):
            return sum(map(_bits, items))
        case Choice(items):
            return max(min(map(_bits, items)) - math.log2(len(items)), 0.0)
