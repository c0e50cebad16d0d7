"""Patterns of paths written as regular expressions, made into gitignore patterns."""

from __future__ import annotations

from itertools import product

from scanner.charsets import complement
from scanner.patterntree import (
    Char,
    Choice,
    Edge,
    Group,
    Node,
    Repeat,
    Sequence,
    Set,
    Untranslatable,
)
from scanner.re2 import parse

_MOST = 60  # patterns that one regex may come to
_SPECIAL = frozenset("\\*?[]!# ")
_ANY = "\0"  # any text, as `.*`
_NEARLY_NONE = ((), ((10, 10),))


def of(regex: str) -> list[str] | None:
    """The gitignore patterns that name the paths in which `regex` (Go's syntax) is found.

    Nothing when there are none, as for a pattern with classes of characters.
    """
    try:
        texts = _texts(parse(regex))
    except Untranslatable:
        return None
    if texts is None:
        return None
    patterns = [_patterns(text) for text in texts]
    return list(dict.fromkeys(one for some in patterns for one in some)) if all(patterns) else None


def _texts(node: Node) -> list[str] | None:  # noqa: PLR0911 - one for each kind of node
    """The texts that a node stands for, with `^` and `$` for the ends of the path."""
    match node:
        case Char(text, fold):
            return None if fold and text.isalpha() else [text]
        case Edge(kind):
            return {"A": ["^"], "z": ["$"], "^": ["^"], "$": ["$"]}.get(kind)
        case Group(item):
            return _texts(item)
        case Repeat(item, least, most):
            if isinstance(item, Set) and most is None and complement(item.ranges) in _NEARLY_NONE:
                return [_ANY]
            inside = _texts(item)
            return None if inside is None or (least, most) != (0, 1) else ["", *inside]
        case Choice(items):
            found = [_texts(item) for item in items]
            if any(texts is None for texts in found):
                return None
            return [text for texts in found for text in texts or ()]
        case Sequence(items):
            parts = [_texts(item) for item in items]
            known = [texts for texts in parts if texts is not None]
            size = 1
            for texts in known:
                size *= len(texts)
            if len(known) < len(parts) or size > _MOST:
                return None
            return ["".join(chosen) for chosen in product(*known)]
        case _:
            return None


def _patterns(text: str) -> list[str]:
    start, end = text.startswith("^"), text.endswith("$")
    inner = text.removeprefix("^").removesuffix("$")
    if inner.startswith(_ANY):
        start, inner = False, inner.lstrip(_ANY)
    if inner.endswith(_ANY):
        end, inner = False, inner.rstrip(_ANY)
    if not inner or "^" in inner or "$" in inner or inner == "/":
        return []
    below = inner.startswith("/")  # some folder, and then this
    escaped = "".join(f"\\{c}" if c in _SPECIAL else c for c in inner)
    escaped = escaped if start else escaped.lstrip("/")
    tail = escaped if end or escaped.endswith("/") else f"{escaped}*"
    head = "/" if start else "/*/**/" if below else "**/*"
    # Any text may hold slashes or none.
    return (
        [f"{head}{tail}".replace(_ANY, gap) for gap in ("*", "*/**/*")]
        if _ANY in inner
        else [f"{head}{tail}"]
    )
