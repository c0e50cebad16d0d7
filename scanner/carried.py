"""What a configuration file of another scanner comes to, entry by entry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import regex

from scanner import bounds, patterntree, re2, rewriting
from scanner.fingerprints import MASK, redact
from scanner.positions import harmless
from scanner.randomness import is_random

_NO_WORD = re.compile(r"[^a-z0-9]+")


class Exclude(NamedTuple):
    """Files that are not scanned: a gitignore pattern."""

    pattern: str


class Disable(NamedTuple):
    """A rule of the other scanner's that was turned off, by its name there."""

    rule: str


class Allow(NamedTuple):
    """What an allowlist entry of ours allows: all that is given must hold.

    `paths` are gitignore patterns; `path_regexes` are searched in the path, `regexes` in the
    secret, `line_regexes` in its line. `rules` are ids of carried rules; `foreign_rules` names
    of rules that the other scanner brings along.
    """

    paths: tuple[str, ...] = ()
    path_regexes: tuple[str, ...] = ()
    regexes: tuple[str, ...] = ()
    line_regexes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    foreign_rules: tuple[str, ...] = ()
    reason: str | None = None


class NewRule(NamedTuple):
    """A rule as a table of a rule file, by key."""

    id: str
    table: tuple[tuple[str, object], ...]


class Known(NamedTuple):
    """A finding of the other scanner's that is not to be told again.

    `path` is relative to the root and `line` counts from 1; with `commit`, they are those of the
    file as it was there. `text` is the secret or a part of it, if the file tells that; `pattern` is
    the whole regex that it stands in, if there is one, searched in the secret; `rules` of ours and
    `foreign_rules`, if any, are those that it is about. `test`
    says of a secret whether it is the one. `accepted` says that somebody looked at it and called
    it harmless; else it is just known. `doubt` is why it may be there although it is not found.
    """

    path: str | None = None
    line: int | None = None
    commit: str | None = None
    rule: str | None = None
    text: str | None = None
    test: Callable[[bytes], bool] | None = None
    accepted: bool = True
    doubt: str = ""
    pattern: str | None = None
    rules: tuple[str, ...] = ()
    foreign_rules: tuple[str, ...] = ()


Item = Exclude | Disable | Allow | NewRule | Known


class Entry(NamedTuple):
    """One entry of a file: where it stands, what it says (fit to be shown), what it comes to
    here, and what of it does not carry over or is not quite the same, with the reasons."""

    where: str
    what: str
    items: tuple[Item, ...] = ()
    notes: tuple[str, ...] = ()


class Carried(NamedTuple):
    """A whole file: whose it is, its entries, and whether the built-in rules stay on."""

    tool: str
    entries: tuple[Entry, ...]
    own_rules: bool = True


def rule_id(tool: str, name: str) -> str:
    """The id that a rule of another scanner's gets here: with the scanner's name before it, so
    that it is never one of ours."""
    words = _NO_WORD.sub("-", name.lower()).strip("-") or "rule"
    return words if words.startswith(f"{tool}-") else f"{tool}-{words}"


def searches(patterns: list[str], *, rust: bool = False) -> tuple[tuple[str, ...], list[str]]:
    """Patterns to search with, in our engine's syntax, and a note for each that is left out."""
    found: list[str] = []
    notes: list[str] = []
    for pattern in patterns:
        try:
            found.append(rewriting.search(re2.parse(pattern, rust=rust)))
        except patterntree.Untranslatable as error:
            notes.append(f"the pattern {shown(pattern)!r} is left out: {error}")
    return tuple(found), notes


_TIMEOUT = 2.0  # seconds
_RANDOM = re.compile(r"[A-Za-z0-9+/_=-]{12,}")
_LONGEST_SHOWN = 110  # characters


def shown(text: str) -> str:
    """A text of the file as it may be shown: short, harmless, without what may be a secret."""
    masked = harmless(_RANDOM.sub(lambda found: _masked(found[0]), text))
    return masked if len(masked) <= _LONGEST_SHOWN else masked[: _LONGEST_SHOWN - 1] + MASK


def is_telling(text: str) -> bool:
    """Whether a text may itself be a secret, so that it must not be put into yet another file."""
    return any(_masked(run[0]) != run[0] for run in _RANDOM.finditer(text))


def _masked(run: str) -> str:
    mixed = any(c.isdigit() for c in run) and any(c.isalpha() for c in run)
    return redact(run.encode()) if mixed and is_random(run.encode()) else run


def telling(pattern: str) -> tuple[str, ...]:
    """The texts in a pattern that may themselves be secrets; none for most patterns."""
    try:
        tree = re2.parse(pattern)
    except patterntree.Untranslatable:
        return ()
    texts = dict.fromkeys(text for row in _rows(tree) for text in _texts(row))
    return tuple(text for text in texts if is_telling(text))


def _rows(tree: patterntree.Node) -> Iterator[tuple[patterntree.Node, ...]]:
    """All that stands one after the other in a pattern, and at any depth in it."""
    yield tree.items if isinstance(tree, patterntree.Sequence) else (tree,)
    for node in bounds.nodes(tree):
        for child in bounds.children(node):
            if isinstance(child, patterntree.Sequence):
                yield child.items


def _texts(row: tuple[patterntree.Node, ...]) -> Iterator[str]:
    """The characters in a row, as far as nothing else stands between them."""
    text = ""
    for item in row:
        if isinstance(item, patterntree.Char):
            text += item.text
        elif not isinstance(item, patterntree.Edge):
            yield text
            text = ""
    yield text


def table(own: str, name: str, confidence: str, found: rewriting.Rewritten) -> dict[str, object]:
    """The keys of a rule of ours, with the id `own`, that a rewritten regex comes to.

    `confidence` is the other scanner's word, if it has one that we know.
    """
    return {
        "id": own,
        "description": name,
        "severity": "high",
        "confidence": confidence if confidence in ("low", "medium", "high") else "medium",
        "specificity": "context",
        "regex": found.regex,
        "prefilter": found.prefilter,
        "starts_match": found.starts_match,
        "random": False,
        "edges": False,
    }


def is_meant(known: Known, secret: bytes) -> bool | None:
    """Whether a secret is the one that an entry means; nothing when only its place can tell."""
    if known.test:
        return known.test(secret)
    if known.text is None:
        return None
    if known.pattern is not None:
        return regex.search(known.pattern.encode(), secret, timeout=_TIMEOUT) is not None
    text = known.text.encode("utf-8", "surrogateescape")
    return text in secret or secret in text
