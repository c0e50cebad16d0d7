"""What somebody decided about the findings of a project: kept for the user, and no secret in it.

A JSON file in the user's state folder for each project:

    {"version": 1, "root": "/home/ada/shop", "decisions": [
      {"fingerprint": "v1:...", "verdict": "test value", "line": "fingerprint:v1:... reason: ..."}
    ]}

`line` is what was written into the ignore file; it is empty for findings that are real. The
order is that in which they were made, so that the last can be taken back.
"""

from __future__ import annotations

import hashlib
import os
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import msgspec

from scanner import files
from scanner.errors import ConfigError, UsageError
from scanner.folders import user_state
from scanner.paths import display

_VERSION = 1


class Judgement(StrEnum):
    """What a finding is."""

    REAL = "real"
    FALSE = "false alarm"
    TEST = "test value"
    REVOKED = "revoked"


class Decision(NamedTuple):
    """What the finding with a fingerprint was judged to be, and the line of the ignore file
    that says so."""

    fingerprint: str
    verdict: Judgement
    line: str = ""


class _One(msgspec.Struct):
    fingerprint: str
    verdict: Judgement
    line: str


class _Kept(msgspec.Struct):
    version: int
    root: str
    decisions: list[_One]


def place(root: Path) -> Path:
    """The file with the decisions about the project in a folder."""
    name = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:32]
    return user_state() / f"triage-{name}.json"


def read(root: Path) -> tuple[Decision, ...]:
    """The decisions about a project, the first first; none when there are none yet.

    Raises ConfigError for a file that does not hold any, or is of a later version.
    """
    file = place(root)
    content = files.read(file)
    if content is None:
        return ()
    try:
        kept = msgspec.json.decode(content, type=_Kept)
    except msgspec.MsgspecError as error:
        raise ConfigError(
            [f"{file}: holds no decisions of `keysweep triage`; remove it ({error})"]
        ) from error
    if kept.version != _VERSION:
        raise ConfigError([f"{file}: made by another version of keysweep; use that, or remove it"])
    return tuple(Decision(one.fingerprint, one.verdict, one.line) for one in kept.decisions)


def write(root: Path, decisions: tuple[Decision, ...]) -> None:
    """Keeps the decisions about a project, whole or not at all, for the user alone.

    Raises UsageError when that cannot be done.
    """
    file = place(root)
    kept = _Kept(_VERSION, display(os.fsencode(root.resolve())), [_One(*one) for one in decisions])
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{file.parent}: cannot be made: {error.strerror}") from error
    files.write(file, msgspec.json.format(msgspec.json.encode(kept)) + b"\n", private=True)
