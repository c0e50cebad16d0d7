"""The prefilter misses nothing: for every shipped rule, hyperscan hits where the regex matches.

Hyperscan has been seen to lose matches of wide alternations once they stand some way into
the text, so this draws texts from each regex and tries them at several offsets.
"""

from __future__ import annotations

import random
import re
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest
import regex

from scanner import rulefiles, rules
from scanner.detector import patterns_of
from scanner.prefilter import Prefilter, compile_patterns
from scanner.rules import Rule

RULES = rulefiles.read(rules.files_in(rules.shipped()), thorough=False).rules
DRAWS = 40
PADDINGS = (b"", b"\n" * 40, b"x;\n" * 120)
PRINTABLE = frozenset([*range(32, 127), 9, 10])
CATEGORIES = {
    ops.CATEGORY_DIGIT: frozenset(b"0123456789"),
    ops.CATEGORY_SPACE: frozenset(b" \t\n"),
    ops.CATEGORY_WORD: frozenset(
        b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
    ),
    ops.CATEGORY_NOT_DIGIT: PRINTABLE - frozenset(b"0123456789"),
    ops.CATEGORY_NOT_SPACE: PRINTABLE - frozenset(b" \t\n"),
    ops.CATEGORY_NOT_WORD: frozenset(b" \t\n-.:=/\"'"),
}


def _class(items: list[Any]) -> list[int]:
    """The bytes of a character class, printable ones where there are any."""
    negated = False
    found: set[int] = set()
    for kind, value in items:
        if kind is ops.NEGATE:
            negated = True
        elif kind is ops.LITERAL:
            found.add(value)
        elif kind is ops.RANGE:
            found |= set(range(value[0], value[1] + 1))
        elif kind is ops.CATEGORY:
            found |= CATEGORIES[value]
    chosen = PRINTABLE - found if negated else found
    return sorted(chosen & PRINTABLE) or sorted(chosen)


def _draw(tree: Any, chance: random.Random, fold: bool) -> bytes:
    """A text that the parsed regex matches, look-around aside."""
    out = bytearray()
    for kind, value in tree:
        if kind is ops.LITERAL:
            letter = bytes([value])
            out += letter.swapcase() if fold and chance.random() < 0.4 else letter
        elif kind is ops.NOT_LITERAL:
            out.append(chance.choice(sorted(PRINTABLE - {value})))
        elif kind is ops.ANY:
            out.append(chance.choice(sorted(PRINTABLE - {10})))
        elif kind is ops.IN:
            out.append(chance.choice(_class(value)))
        elif kind is ops.BRANCH:
            out += _draw(chance.choice(value[1]), chance, fold)
        elif kind is ops.SUBPATTERN:
            out += _draw(value[3], chance, fold or bool(value[1] & re.IGNORECASE))
        elif kind in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            low, high, inner = int(value[0]), int(value[1]), value[2]
            high = min(high, low + chance.choice((1, 8, 25)))
            for _ in range(chance.choice((low, high, chance.randint(low, high)))):
                out += _draw(inner, chance, fold)
    return bytes(out)


@pytest.fixture(scope="module")
def prefilter() -> Prefilter:
    return Prefilter(compile_patterns(patterns_of(RULES)), patterns_of(RULES))


@pytest.mark.parametrize("number", range(len(RULES)), ids=lambda number: RULES[number].id)
def test_prefilter_hits_wherever_the_regex_matches(number: int, prefilter: Prefilter) -> None:
    rule: Rule = RULES[number]
    tree = parser.parse(rule.regex.encode())
    pattern = regex.compile(rule.regex.encode())
    chance = random.Random(rule.id)
    matched = 0
    for _ in range(DRAWS):
        text = _draw(tree, chance, bool(tree.state.flags & re.IGNORECASE))
        for padding in PADDINGS:
            if pattern.search(padding + text):
                matched += 1
                assert number in prefilter.hits(padding + text), (len(padding), text)
    assert matched, "nothing was drawn that the regex matches"
