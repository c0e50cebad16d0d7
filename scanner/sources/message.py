"""The message of a commit to come, as git will clean it up.

What is dropped is described in git-commit(1) under `--cleanup`, and the line above the diff that
`git commit --verbose` shows in git-config(1) under `commit.cleanup`.
"""

from __future__ import annotations

from typing import NamedTuple

from scanner import repository
from scanner.models import Blob, Kind
from scanner.repository import Repository

_SCISSORS = b" ------------------------ >8 ------------------------"
_COMMENT = b"#"
_CHOICES = b"#;@!$%^&|:"  # what git takes one of when it is to choose
_KEPT = (b"whitespace", b"verbatim")  # with these, lines of comment stay
_UNEDITED = (*_KEPT, b"default")  # without an editor, with these too


class Cleaning(NamedTuple):
    """How git is going to clean a message up: what begins a line of comment, whether those go,
    and whether all below the scissors goes."""

    comment: bytes  # empty when git has chosen it for this very message
    strips: bool
    cuts: bool


def cleaning(where: Repository, *, edited: bool) -> Cleaning:
    """What a repository's configuration says of messages; `edited` tells whether an editor was
    open on this one, as then there may be comments of git's own. Raises GitError."""
    listed = repository.ask(["config", "--list", "-z"], where).split(b"\0")
    values = dict(line.partition(b"\n")[::2] for line in listed)
    signs = [
        value
        for name, _, value in (line.partition(b"\n") for line in listed)
        if name in (b"core.commentchar", b"core.commentstring") and value
    ]
    mode = values.get(b"commit.cleanup", b"default")
    comment = signs[-1] if signs else _COMMENT
    # With scissors, only what is below them goes.
    strips = mode not in (_KEPT if edited else _UNEDITED) and mode != b"scissors"
    if comment == b"auto":
        # What git chooses begins no line of the message, so only its own text would go.
        return Cleaning(b"", strips and edited, edited)
    return Cleaning(comment, strips, edited)


def blob(content: bytes, path: str, how: Cleaning) -> Blob:
    """What of a message's file will be in the commit, each line at its own number.

    `path` is what reports call the file.
    """
    lines = content.splitlines(keepends=True)
    comment = how.comment or _chosen(lines)
    kept = []
    for line in lines:
        if how.cuts and line.rstrip(b"\r\n") == comment + _SCISSORS:
            break
        drops = how.strips and line.startswith(comment)
        kept.append(b"\n" if drops else line)
    return Blob(Kind.COMMIT_MESSAGE, path, b"".join(kept))


def _chosen(lines: list[bytes]) -> bytes:
    """What git has chosen to begin comments: the text that it adds has a line of that alone."""
    alone = [line.strip() for line in lines if len(line.strip()) == 1]
    return next((sign for sign in reversed(alone) if sign in _CHOICES), _COMMENT)
