"""A regular expression's tree written for our engines: over bytes, flagless, with one group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scanner import charsets
from scanner.patterntree import Char, Choice, Edge, Group, Node, Repeat, Set
from scanner.patterntree import Sequence as Row

_PLAIN = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-/:;,<>=@!%&~'\"` "
)
_EDGES = {"A": r"\A", "z": r"\Z", "^": "(?m:^)", "$": "(?m:$)", "b": r"\b", "B": r"\B"}
_CONTROLS = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def text_of(node: Node, secret: Node | None = None) -> str:
    """The node as a regex over bytes, in which `secret` is the only group."""
    if node is secret:
        return f"(?P<secret>{_bare(node, secret)})"
    return _bare(node, secret)


def _bare(node: Node, secret: Node | None) -> str:  # noqa: PLR0911 - one for each kind of node
    match node:
        case Char():
            return _chars([node])
        case Set(ranges):
            return charsets.written(ranges)
        case Edge(kind):
            return _EDGES[kind]
        case Repeat():
            return _quantified(node, secret)
        case Group(item):
            inside = text_of(item, secret)
            return _grouped(inside) if isinstance(item, Choice) and node is not secret else inside
        case Row(items):
            return "".join(_row(items, secret))
        case Choice(items):
            return _either([text_of(one, secret) for one in items])


def _row(items: Sequence[Node], secret: Node | None) -> Iterator[str]:
    """The parts of a sequence, with characters in a row put together."""
    row: list[Char] = []
    for item in items:
        if row and not (isinstance(item, Char) and _joins(row, item) and item is not secret):
            yield _chars(row)
            row = []
        if isinstance(item, Char) and item is not secret:
            row.append(item)
            continue
        text = text_of(item, secret)
        yield text if item is secret or not isinstance(item, Choice) else _grouped(text)
    if row:
        yield _chars(row)


def _either(branches: list[str]) -> str:
    """One of several texts, with what holds for all of them said once."""
    if all(one.startswith("(?i:") and _is_one_group(one) for one in branches):
        return f"(?i:{'|'.join(one[4:-1] for one in branches)})"
    return "|".join(branches)


def _grouped(text: str) -> str:
    return text if _is_one_group(text) else f"(?:{text})"


def _joins(row: Sequence[Char], item: Char) -> bool:
    """Whether a character may be written in one piece with those before it."""
    folds = {one.fold for one in row if one.text.isalpha()}
    return not item.text.isalpha() or folds <= {item.fold}


def _chars(row: Sequence[Char]) -> str:
    text = "".join(_character(one.text) for one in row)
    return f"(?i:{text})" if any(one.fold for one in row) else text


def _character(one: str) -> str:
    if one in _PLAIN or ord(one) > 0x7F:
        return one
    return _CONTROLS.get(one) or (f"\\{one}" if one.isprintable() else f"\\x{ord(one):02x}")


def _quantified(node: Repeat, secret: Node | None) -> str:
    inside = text_of(node.item, secret)
    plain = isinstance(node.item, Char) and not node.item.fold and ord(node.item.text) <= 0x7F
    if not (plain or (isinstance(node.item, Set) and not inside.startswith("(?:"))):
        inside = f"(?:{inside})" if not _is_one_group(inside) else inside
    most = "" if node.most is None else node.most
    bounds = {(0, None): "*", (1, None): "+", (0, 1): "?", (1, 1): ""}.get(
        (node.least, node.most),
        f"{{{node.least}}}" if node.least == node.most else f"{{{node.least},{most}}}",
    )
    return f"{inside}{bounds}{'' if node.greedy or not bounds else '?'}"


def _is_one_group(text: str) -> bool:
    """Whether a text is one group, whose first parenthesis closes at its end."""
    if not text.startswith("("):
        return False
    depth, at, inside = 0, 0, False
    while at < len(text):
        one = text[at]
        if one == "\\":
            at += 1
        elif inside:
            inside = one != "]"
        elif one == "[":
            inside = True
        else:
            depth += (one == "(") - (one == ")")
            if not depth:
                return at == len(text) - 1
        at += 1
    return False
