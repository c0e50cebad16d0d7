"""Regular expressions as trees, without flags: what `re2` reads and others write."""

from __future__ import annotations

from typing import NamedTuple

from scanner.charsets import Ranges


class Untranslatable(ValueError):
    """A pattern that is none of this syntax, or asks for what cannot be done; says why."""


class Char(NamedTuple):
    """One character; with `fold` in either case."""

    text: str
    fold: bool


class Set(NamedTuple):
    """One character of a set."""

    ranges: Ranges


class Edge(NamedTuple):
    """A place between characters: `A` start and `z` end of the text, `^` and `$` of a line,
    `b` a word's edge, `B` none."""

    kind: str


class Repeat(NamedTuple):
    """The same several times; without `most`, any number of times from `least` on."""

    item: Node
    least: int
    most: int | None
    greedy: bool


class Group(NamedTuple):
    """A capturing group."""

    item: Node
    number: int
    name: str | None


class Sequence(NamedTuple):
    """One after the other."""

    items: tuple[Node, ...]


class Choice(NamedTuple):
    """One of several, the first that fits."""

    items: tuple[Node, ...]


Node = Char | Set | Edge | Repeat | Group | Sequence | Choice
