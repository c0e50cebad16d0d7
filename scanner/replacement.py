"""Secrets in sources replaced by a look into the environment, where that is mechanical.

An edit is made only when the secret is the whole of a plain string of a language that is known,
and when everything around it is read as before; else it is told why not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from scanner import pythonsource, variables
from scanner.literals import PYTHON, Language, Tokens, language
from scanner.models import Span
from scanner.standing import Standing, Text

_ENV_FILE = re.compile(r"\.env(\..*)?|.*\.env")
_QUOTE = re.compile(r"""[rRuU]?["'`]$""")
_BY_HAND = {
    ".rs": 'write std::env::var("{}") by hand, and what to do when it is missing',
    ".tf": 'write var.{} by hand, with a variable "{}" that is marked as sensitive',
    ".tfvars": "give it as TF_VAR_{} in the environment",
}


class Edit(NamedTuple):
    """A literal at a line that gives way to a look at the variable `name`."""

    line: int
    name: str


class Left(NamedTuple):
    """A place where a secret stays, and why, or what to do by hand; its line from 1."""

    line: int
    reason: str


class Replaced(NamedTuple):
    """A file's content after the edits, what they are, what is left, and what else to do."""

    content: bytes
    edits: tuple[Edit, ...]
    left: tuple[Left, ...]
    notes: tuple[str, ...]


class Aim(NamedTuple):
    """A secret to replace: its fingerprint, where the report has it, the variable's name."""

    fingerprint: str
    span: Span
    name: str


class _ByHand(Exception):
    """No edit is made; the message says why."""


def assigned(found: Text, fingerprint: str, span: Span) -> str | None:
    """What the code calls the secret that stands at a span of a text, if that can be told."""
    at = next((one for one in found.named(fingerprint) if one.match.span == span), None)
    if at is None:
        return None
    begins = found.text.rfind(b"\n", 0, at.start) + 1
    line = bytearray(found.text[begins : at.start])
    for piece in found.hidden:  # a secret must not become the name of another's variable
        low, high = max(piece.start - begins, 0), min(piece.end - begins, len(line))
        line[low:high] = b"\0" * max(0, high - low)
    return variables.assigned(_QUOTE.sub("", line.decode("utf-8", "replace")))


def replaced(path: str, found: Text, aims: Sequence[Aim]) -> Replaced:
    """A file with all secrets replaced that can be."""
    written = language(path, found.content)
    content, edits, left = found.content, list[Edit](), list[Left]()
    # From the end, so that what is before keeps its offsets.
    for aim in sorted(aims, key=lambda aim: aim.span, reverse=True):
        try:
            content = _edited(path, found, content, written, aim)
        except _ByHand as reason:
            left.append(Left(aim.span.start_line, str(reason)))
        else:
            edits.append(Edit(aim.span.start_line, aim.name))
    note = None
    if edits and written:
        content, note = _imported(content, written, edits)
    notes = (note,) if note else ()
    return Replaced(content, tuple(reversed(edits)), tuple(reversed(left)), notes)


def _edited(path: str, found: Text, content: bytes, written: Language | None, aim: Aim) -> bytes:
    """The content with one secret replaced; raises _ByHand where that is not mechanical."""
    at = next((one for one in found.named(aim.fingerprint) if one.match.span == aim.span), None)
    if at is None:
        raise _ByHand("the file has changed since the report was made; scan again")
    if written is None:
        raise _ByHand(by_hand(path, aim.name))
    if found.text is not found.content:
        raise _ByHand("the file is not in UTF-8; replace it by hand")
    secret = at.match.secret.reveal()
    if at.match.decoded or found.text[at.start : at.end] != secret:
        raise _ByHand("it is written in pieces or with escapes; replace it by hand")
    return _in_string(content, written, at, aim)


def _in_string(content: bytes, written: Language, at: Standing, aim: Aim) -> bytes:
    """The same of a plain string."""
    tokens = Tokens(written, content)
    literal = tokens.around(at.start, at.end)
    if isinstance(literal, str):
        raise _ByHand(f"{literal}; replace it by hand")
    changed = tokens.without(literal, written.lookup.format(aim.name).encode())
    if changed is None:
        raise _ByHand("what stands around it would be read in another way; replace it by hand")
    if written is PYTHON:
        _check(content, changed, aim.span.start_line)
    return changed


def _check(content: bytes, changed: bytes, line: int) -> None:
    """Raises _ByHand when a Python source does not parse before and after an edit of a line, or
    when `os` would not be what the edit means."""
    tree = pythonsource.parsed(content)
    if tree is None:
        raise _ByHand("the file does not parse as Python; replace it by hand")
    if pythonsource.taken(tree):
        raise _ByHand("the name `os` means something else in the file; replace it by hand")
    if pythonsource.alone(tree, line):
        raise _ByHand("it is a statement by itself; take it out by hand")
    if pythonsource.parsed(changed) is None:
        raise _ByHand("Python wants a constant there; replace it by hand")
    if not pythonsource.imported(tree, line) and pythonsource.with_import(changed, tree) is None:
        raise _ByHand("there is no line for `import os`; replace it by hand")


def _imported(content: bytes, written: Language, edits: Sequence[Edit]) -> tuple[bytes, str | None]:
    """The content with the import that the edits need, or a note on what is missing."""
    if written is PYTHON:
        tree = pythonsource.parsed(content)
        assert tree is not None  # noqa: S101 - each edit was parsed
        if pythonsource.imported(tree, min(edit.line for edit in edits)):
            return content, None
        changed = pythonsource.with_import(content, tree)
        assert changed is not None  # noqa: S101 - as was tried for each edit
        return changed, None
    if written.needs and not re.search(written.needs[0].encode(), content):
        return content, written.needs[1]
    return content, None


def by_hand(path: str, name: str) -> str:
    """What to do where no edit is made for a kind of file."""
    pure = PurePosixPath(path)
    if _ENV_FILE.fullmatch(pure.name):
        return "put the new value into a file that git ignores, or a secret store"
    if path.startswith(".github/workflows/") and pure.suffix in (".yml", ".yaml"):
        return f"write ${{{{ secrets.{name} }}}} by hand, and store the secret under that name"
    told = _BY_HAND.get(pure.suffix)
    if told is None:
        return f"take it from the environment ({name}) or a secret store; no edit is made here"
    return told.replace("{}", name.lower() if pure.suffix == ".tf" else name)


def suggestion(path: str, content: bytes, name: str) -> str:
    """What to write instead of a secret in a file."""
    written = language(path, content)
    return f"write {written.lookup.format(name)} there" if written else by_hand(path, name)
