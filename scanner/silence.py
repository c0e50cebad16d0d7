"""What there is on a line where no rule found anything that it could have tested."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scanner import positions
from scanner.fingerprints import redact
from scanner.randomness import is_random, needed, surprise
from scanner.rules import Rule

_VALUE = re.compile(rb"[A-Za-z0-9_+/.~-]{12,}={0,2}")
_MOST_VALUES = 10  # told of one line
_MOST_KEYWORDS = 5
_SHORTEST = 3  # characters of a keyword; `.` and `sk` stand on many a line
_LONGEST = 1 << 16  # bytes of a line that are looked at


class Value(NamedTuple):
    """A value that looks drawn at random, by how many bits of how many."""

    column: int
    end_column: int
    redacted: str
    surprise: float
    needed: float


class Silence(NamedTuple):
    """A line, and what on it comes near a secret.

    `keywords` are those of rules that stand there, with the rules' ids.
    """

    line: int
    keywords: tuple[tuple[str, tuple[str, ...]], ...]
    values: tuple[Value, ...]


def silence(number: int, line: bytes, rules: Iterable[Rule]) -> Silence:
    """What can be said of a line, which has a number from 1, where no rule found a value."""
    line = line[:_LONGEST]
    random = [found for found in _VALUE.finditer(line) if is_random(found[0])]
    values = tuple(map(_value, random[:_MOST_VALUES]))
    return Silence(number, tuple(_keywords(line, random, rules)), values)


def _keywords(
    line: bytes, values: Iterable[re.Match[bytes]], rules: Iterable[Rule]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The longest keywords on a line, with their rules. Inside of random values any short word
    stands by chance, and only at their beginning may it mean something."""
    beginnings = tuple(found[0].lower() for found in values)
    for found in values:
        line = line[: found.start()] + b" " * len(found[0]) + line[found.end() :]
    there: dict[str, list[str]] = {}
    lowered = line.lower()
    for rule in rules:
        for word in dict.fromkeys(word.lower() for word in rule.keywords):
            key = word.encode()
            stands = key in lowered or any(one.startswith(key) for one in beginnings)
            if stands and len(word) >= _SHORTEST:
                there.setdefault(word, []).append(rule.id)
    for word in sorted(there, key=lambda word: (-len(word), word))[:_MOST_KEYWORDS]:
        yield word, tuple(there[word])


def _value(found: re.Match[bytes]) -> Value:
    column = len(positions.decode(found.string[: found.start()])) + 1
    end = column + len(found[0])
    return Value(column, end, redact(found[0]), surprise(found[0]), needed(found[0]))
