"""Texts that a pattern matches, drawn at random."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from scanner.measures import bytes_of_set, parsed

_PRINTABLE = frozenset({*range(32, 127), *b"\t\n"})
_MORE = (1, 8, 25)  # times by which a repeat exceeds its least at most; one is drawn
_OTHER_CASE = 0.4  # how often a letter is written in the other case, where it may be


def drawn(pattern: str, chance: random.Random, *, short: bool = False) -> bytes:
    """A text that a pattern matches, but for its look-around and edges, which are not heeded: of
    printable characters where there is a choice. With `short`, nothing is repeated more often than
    it must be. Raises `re.error` for a pattern that is none.
    """
    tree = parsed(pattern)
    return _drawn(tree, chance, bool(tree.state.flags & re.IGNORECASE), short)


def _drawn(items: Iterable[Any], chance: random.Random, fold: bool, short: bool) -> bytes:
    out = bytearray()
    for op, argument in items:
        match str(op):
            case "LITERAL":
                letter = bytes([argument])
                other = fold and chance.random() < _OTHER_CASE
                out += letter.swapcase() if other else letter
            case "NOT_LITERAL":
                out.append(chance.choice(sorted(_PRINTABLE - {argument})))
            case "ANY":
                out.append(chance.choice(sorted(_PRINTABLE - {*b"\n"})))
            case "IN":
                choices = _choices(tuple(argument))
                out += bytes([chance.choice(choices)]) if choices else b""
            case "BRANCH":
                out += _drawn(chance.choice(argument[1]), chance, fold, short)
            case "SUBPATTERN":
                _, added, taken, inner = argument
                folds = bool((fold or added & re.IGNORECASE) and not taken & re.IGNORECASE)
                out += _drawn(inner, chance, folds, short)
            case "ATOMIC_GROUP":
                out += _drawn(argument, chance, fold, short)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, inner = argument
                if not inner.getwidth()[1]:  # edges and look-around, any number of times
                    continue
                most = least if short else min(int(most), least + chance.choice(_MORE))
                for _ in range(chance.choice((least, most, chance.randint(least, most)))):
                    out += _drawn(inner, chance, fold, short)
    return bytes(out)


@cache
def _choices(items: tuple[Any, ...]) -> list[int]:
    """The bytes of a set; printable ones where there are any."""
    found = bytes_of_set(items)
    return sorted(found & _PRINTABLE) or sorted(found)
