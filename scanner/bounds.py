"""How much a regular expression's tree can match, and the tree with an end for every repeat."""

from __future__ import annotations

import math
from collections.abc import Iterator

from scanner import charsets
from scanner.patterntree import Char, Choice, Edge, Group, Node, Repeat, Set, Untranslatable
from scanner.patterntree import Sequence as Row

_LIMITS = (8000, 2000, 500, 120, 40, 15)  # repeats that an unbounded one is cut to, as fits
_BLANKS = 100  # blanks that an unbounded repeat of them is cut to
_WIDEST = 20_000  # bytes of a match


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below a node."""
    match node:
        case Repeat(item) | Group(item):
            return (item,)
        case Row(items) | Choice(items):
            return items
        case _:
            return ()


def nodes(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    for child in children(node):
        yield from nodes(child)


def width(node: Node) -> tuple[int, float]:  # noqa: PLR0911 - one for each kind of node
    """The fewest and the most bytes that a node matches."""
    match node:
        case Char(text):
            return (len(text.encode("utf-8", "surrogatepass")),) * 2
        case Set(ranges):
            wide = charsets.beyond_ascii(ranges)
            return 1, 4 if wide and wide != charsets.beyond_ascii(((0, charsets.LAST),)) else 1
        case Edge():
            return 0, 0
        case Repeat(item, least, most):
            low, high = width(item) if most != 0 else (0, 0)
            return low * least, high * (math.inf if most is None else most) if high else 0
        case Group(item):
            return width(item)
        case Row(items):
            widths = [width(item) for item in items]
            return sum(low for low, _ in widths), sum(high for _, high in widths)
        case Choice(items):
            widths = [width(item) for item in items]
            return min(low for low, _ in widths), max(high for _, high in widths)


def bounded(tree: Node) -> tuple[Node, int | None]:
    """The tree with an end for every repeat, and the number that was set as one, if any.

    Raises Untranslatable when it may match too much all the same.
    """
    if not math.isinf(width(tree)[1]):
        if width(tree)[1] > _WIDEST:
            raise Untranslatable(f"it may match over {_WIDEST} bytes")
        return tree, None
    for limit in _LIMITS:
        found = _cut(tree, limit)
        if width(found)[1] <= _WIDEST:
            return found, limit
    raise Untranslatable(f"it may match over {_WIDEST} bytes, as repeats stand inside of repeats")


def _cut(node: Node, limit: int) -> Node:
    match node:
        case Repeat(item, least, most, greedy):
            end = least + (min(limit, _BLANKS) if _is_blank(item) else limit)
            return Repeat(_cut(item, limit), least, end if most is None else most, greedy)
        case Group(item, number, name):
            return Group(_cut(item, limit), number, name)
        case Row(items):
            return Row(tuple(_cut(item, limit) for item in items))
        case Choice(items):
            return Choice(tuple(_cut(item, limit) for item in items))
        case _:
            return node


def _is_blank(node: Node) -> bool:
    blanks = charsets.named("\t\r  ")
    return isinstance(node, Set) and charsets.common(node.ranges, blanks) == node.ranges
