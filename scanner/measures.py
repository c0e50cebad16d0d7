"""How much a pattern matches, and what it and its secrets are made of, as Python's own parser
sees it.

That parser's module is private, but `re` has had it for decades, and nothing public tells as
much. `scanner.bounds` measures the patterns of other scanners, which are not in this syntax.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from scanner.rules import secret_group

_BYTES = 256
_SHORTEST_WORD = 4  # bytes
_FARTHEST = 512  # bytes; to look for words in more takes longer than it saves
# What `regex` reads otherwise: classes by a name that is not below, and matches that may differ a
# little.
_OTHERWISE = re.compile(r"\[:[^\]]*:\]|\{[a-z0-9<=,+ ]*[a-z]")
_SET = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]", re.DOTALL)
_NAME = re.compile(r"\[:(\w+):\]")
# POSIX's classes, which stand in sets; of bytes, `regex` takes them as in ASCII.
_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7f", "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f", "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~",
    "punct": r"!-/:-@\[-`{-~", "space": r"\s", "upper": "A-Z", "word": r"\w",
    "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_OF_CATEGORY = {"DIGIT": rb"\d", "SPACE": rb"\s", "WORD": rb"\w"}


class Fabric(NamedTuple):
    """What every text that a group captures is made of: at least `least` bytes, and none but
    those of `alphabet`."""

    alphabet: bytes
    least: int


class Words(NamedTuple):
    """Words of which one stands in whatever a pattern matches, in any case (here in lower case),
    and the bytes from the match's beginning within which it does; perhaps none are known."""

    words: tuple[bytes, ...]
    within: int


@cache  # each is asked for several times, and parsing takes half a millisecond
def parsed(pattern: str) -> Any:
    """The tree that Python's parser makes of a pattern over bytes. Raises what `widths` raises."""
    with warnings.catch_warnings():
        # What `re` may read otherwise one day; the regex that runs is not compiled by it.
        warnings.simplefilter("ignore")
        return re._parser.parse(_plain(pattern).encode())  # type: ignore[attr-defined]


def _plain(pattern: str) -> str:
    """The pattern with ranges for POSIX's classes, which Python's parser does not know."""
    return _SET.sub(lambda found: found[0][0] + _NAME.sub(_range, found[0][1:]), pattern)


def _range(found: re.Match[str]) -> str:
    return _CLASSES.get(found[1], found[0])


def widths(pattern: str) -> tuple[int, int]:
    """The fewest and the most bytes a pattern can match, without its look-around.

    Raises `re.error` for a pattern that is none, OverflowError for repeats without measure.
    """
    least, most = parsed(pattern).getwidth()
    return int(least), int(most)


def fabric(pattern: str) -> Fabric:
    """What the secrets are made of that a rule's regex captures (see `rules.secret_group`).
    Raises what `widths` raises.

    Letters count in both cases, as flags may make them. Where nothing is known, it is any text.
    """
    tree = parsed(pattern)
    groups = {0: tree, **dict(_groups(tree))}
    state = tree.state
    secret = groups.get(secret_group(state.groups - 1, state.groupdict))  # it counts the whole too
    if secret is None or _OTHERWISE.search(_plain(pattern)):
        return Fabric(bytes(range(_BYTES)), 0)
    found = _bytes_of(secret)
    both = found | set(bytes(found).swapcase())
    return Fabric(bytes(sorted(both)), int(secret.getwidth()[0]))


def words(pattern: str) -> Words:
    """The words behind the beginning of whatever a pattern matches; of several choices the last.
    Raises what `widths` raises."""
    found, at = Words((), 0), 0
    tree = parsed(pattern)
    for op, argument in [] if _OTHERWISE.search(_plain(pattern)) else _flat(tree):
        begin, at = at, at + int(type(tree)(tree.state, [(op, argument)]).getwidth()[1])
        if at > _FARTHEST:
            break
        if begin and str(op) == "BRANCH" and all(map(_is_word, argument[1])):
            choices = (bytes(letter for _, letter in one) for one in argument[1])
            found = Words(tuple(choice.lower() for choice in choices), at)
    return found


def necessary(pattern: str) -> tuple[bytes, ...]:
    """Words of which one stands in whatever a pattern matches, in any case (here in lower case),
    wherever in it: of several choices the longest; none when none are known. Raises what `widths`
    raises."""
    return () if _OTHERWISE.search(_plain(pattern)) else _necessary(parsed(pattern))


def _necessary(items: Iterable[Any]) -> tuple[bytes, ...]:
    found: list[tuple[bytes, ...]] = []
    run = b""
    for op, argument in _flat(items):
        if str(op) == "LITERAL":
            run += bytes([argument]).lower()
            continue
        found, run = [*found, (run,)], b""
        inner = [_necessary(one) for one in _inside(str(op), argument)]
        if not str(op).endswith("REPEAT") or argument[0]:  # what may be absent tells nothing
            found.append(tuple(word for one in inner for word in one) if all(inner) else ())
    told = [words for words in (*found, (run,)) if all(words) and words]
    return max(told, key=lambda words: min(map(len, words)), default=())


def _flat(items: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    """The items, with those of groups in the place of these."""
    for op, argument in items:
        if str(op) == "SUBPATTERN":
            yield from _flat(argument[3])
        else:
            yield op, argument


def _is_word(items: Any) -> bool:
    return len(items) >= _SHORTEST_WORD and all(str(op) == "LITERAL" for op, _ in items)


def _groups(items: Iterable[Any]) -> Iterable[tuple[int, Any]]:
    """The capturing groups, by number."""
    for op, argument in items:
        if str(op) == "SUBPATTERN" and argument[0] is not None:
            yield argument[0], argument[3]
        for inner in _inside(str(op), argument):
            yield from _groups(inner)


def _inside(op: str, argument: Any) -> list[Any]:
    """The trees below one item that match what it matches."""
    match op:
        case "SUBPATTERN":
            return [argument[3]]
        case "BRANCH":
            return list(argument[1])
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return [argument[2]]
        case "ATOMIC_GROUP":
            return [argument]
        case _:
            return []


def _bytes_of(items: Iterable[Any]) -> set[int]:
    """All bytes that stand in something that these items match."""
    found: set[int] = set()
    for op, argument in items:
        match str(op):
            case "LITERAL":
                found.add(argument)
            case "IN":
                found |= bytes_of_set(argument)
            case "AT" | "ASSERT" | "ASSERT_NOT":
                continue
            case name if inner := _inside(name, argument):
                found = found.union(*map(_bytes_of, inner))
            case _:  # any byte, all but one, what another group captured, conditions
                return set(range(_BYTES))
    return found


def bytes_of_set(items: Iterable[Any]) -> set[int]:
    """The bytes that one of the parser's sets takes in."""
    found: set[int] = set()
    negated = False
    for op, argument in items:
        match str(op):
            case "NEGATE":
                negated = True
            case "LITERAL":
                found.add(argument)
            case "RANGE":
                found |= set(range(argument[0], argument[1] + 1))
            case "CATEGORY":
                found |= _bytes_of_category(str(argument))
            case _:
                return set(range(_BYTES))
    return set(range(_BYTES)) - found if negated else found


def _bytes_of_category(name: str) -> set[int]:
    """Those of `\\d`, `\\s`, `\\w` and their opposites, which the parser names so:
    CATEGORY_NOT_SPACE."""
    kind = name.removeprefix("CATEGORY_")
    plain = re.compile(_OF_CATEGORY[kind.removeprefix("NOT_")])
    found = {byte for byte in range(_BYTES) if plain.match(bytes([byte]))}
    return set(range(_BYTES)) - found if kind.startswith("NOT_") else found
