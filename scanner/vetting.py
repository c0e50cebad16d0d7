"""Whether hyperscan finds what its patterns match: texts are drawn from each, and looked for.

It says nothing where it loses matches. Vectorscan 5.4.12, which the hyperscan packages from 0.7.23
to 0.9.1 have in them, does so where the first two bytes of a match are the last before a word, or
the last of the text: with `(?:ab|tg)[\\w.-]{0,20}token` it finds `tg_token`, and not `tgtoken`
(issues 358 and 382 of VectorCamp/vectorscan).
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import regex

from scanner import measures
from scanner.draws import drawn
from scanner.matcher import TIMEOUT
from scanner.prefilter import WIDEST, Pattern, Prefilter
from scanner.rules import Rule

_DRAWS = 60  # texts of each pattern, every other one as short as can be
# Short texts are looked at in another way than others, at whose beginning nothing is lost; and some
# matches are lost where the text ends, others where it goes on.
_BEFORE = b";\n" * 60
_BEHIND = (b"", b" " * 40)
_SHORTEST = 3  # bytes of a word that is worth looking for
_PLAIN = frozenset(string.ascii_letters + string.digits + "_-")


class Missed(NamedTuple):
    """Patterns by their numbers: those that are not always found, each with a text of which that
    is so, and those of which nobody can tell."""

    lost: dict[int, bytes]
    unknown: frozenset[int]


def missed(patterns: Sequence[Pattern], prefilter: Prefilter) -> Missed:
    """The patterns that the prefilter made of them does not always find. The same whenever it is
    asked."""
    lost: dict[int, bytes] = {}
    unknown = set()
    for number, pattern in enumerate(patterns):
        try:
            told = _lost_of(pattern, number, prefilter)
        except TimeoutError:
            told = None
        if told is None:
            unknown.add(number)
        elif told:
            lost[number] = told
    return Missed(lost, frozenset(unknown))


def _lost_of(pattern: Pattern, number: int, prefilter: Prefilter) -> bytes | None:
    """A text that is lost of a pattern, or an empty one; nothing when no text that is drawn is a
    match, as edges and look-around may forbid it. Raises TimeoutError."""
    matcher = regex.compile(pattern.text.encode(), regex.DOTALL)
    tried = False
    for draw, text in _texts(pattern.text):
        if number in prefilter.hits(text):
            tried = True
        elif matcher.search(text, timeout=TIMEOUT):
            return draw
    return b"" if tried else None


def by_words(rule: Rule) -> Rule | None:
    """The rule, looked for by words that stand in whatever it matches, of which hyperscan loses
    none; nothing when it has none that are worth it."""
    words = measures.necessary(rule.regex)
    if not words or not _SHORTEST <= min(map(len, words)) <= max(map(len, words)) <= WIDEST:
        return None
    prefilter = f"(?i)(?:{'|'.join(map(_literally, words))})"
    return rule._replace(prefilter=prefilter, exact=False, reach=rule.width)


def _literally(word: bytes) -> str:
    # A NUL would end the pattern for hyperscan, however it is escaped otherwise.
    return "".join(chr(byte) if chr(byte) in _PLAIN else f"\\x{byte:02x}" for byte in word)


def _texts(pattern: str) -> Iterator[tuple[bytes, bytes]]:
    """What is drawn from a pattern, and texts in which it stands."""
    chance = random.Random(pattern)  # noqa: S311 - nothing secret is drawn
    for number in range(_DRAWS):
        draw = drawn(pattern, chance, short=not number % 2)
        yield from ((draw, _BEFORE + draw + behind) for behind in _BEHIND)
