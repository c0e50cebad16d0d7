"""Regular expressions of other engines made into rules' own: bounded, over bytes, with one group.

A rule needs an upper bound for what it matches, and something short that hyperscan can look for
(see `rules.Rule`). Both are worked out on the tree that `re2` reads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from scanner import charsets
from scanner.bounds import bounded, children, nodes, width
from scanner.evidence import hint
from scanner.patterntext import text_of
from scanner.patterntree import Choice, Group, Node, Repeat, Set, Untranslatable


class Rewritten(NamedTuple):
    """A pattern for a rule: the regex, what hyperscan looks for, whether that stands where the
    match begins, and what is not as it was."""

    regex: str
    prefilter: str
    starts_match: bool
    notes: tuple[str, ...]


def rule(tree: Node, chosen: Callable[[Group], bool] | None = None) -> Rewritten:
    """A rule's patterns out of a tree.

    The secret is the group that `chosen` takes; without it, or if it takes none, the first
    group, else the whole match. Raises Untranslatable when the pattern matches nothing, too
    much, or almost everywhere.
    """
    whole, limit = bounded(tree)
    if not width(whole)[0]:
        raise Untranslatable("it matches the empty text")
    part, starts = hint(whole)
    secret, note = _secret(whole, chosen)
    notes = [note] if note else []
    if limit is not None and any(
        isinstance(node, Repeat) and node.most == node.least + limit
        for node in nodes(secret or whole)
    ):
        notes.append(f"repeats without an end stop after {limit}")
    if not _exact(whole):
        notes.append("a set of characters outside of ASCII takes in others outside of ASCII")
    return Rewritten(text_of(whole, secret), part, starts, tuple(notes))


def search(tree: Node) -> str:
    """The tree as a regex to search with, such as that of an allowlist."""
    return text_of(tree)


def _exact(tree: Node) -> bool:
    return all(charsets.is_exact(node.ranges) for node in nodes(tree) if isinstance(node, Set))


def _secret(tree: Node, chosen: Callable[[Group], bool] | None) -> tuple[Node | None, str | None]:
    """The node that is the secret, and a note when it is more than the group that was meant."""
    groups = [node for node in nodes(tree) if isinstance(node, Group)]
    wanted = [group for group in groups if chosen and chosen(group)] or groups[:1]
    if not wanted:
        return None, None
    return _always(tree, wanted[0], groups if not chosen else [wanted[0]])


def _always(node: Node, group: Group, groups: list[Group]) -> tuple[Node | None, str | None]:
    """The group, or what is nearest around it and takes part in every match."""
    if node is group:
        return node, None
    inside = next(child for child in children(node) if any(n is group for n in nodes(child)))
    if isinstance(node, Choice) and all(any(one is g for g in groups) for one in node.items):
        return node, None  # each branch is a group: whichever takes part is the secret
    if isinstance(node, Choice) or (isinstance(node, Repeat) and (node.least, node.most) != (1, 1)):
        return node, "the secret takes in what stands around its group, as that may be absent"
    return _always(inside, group, groups)
