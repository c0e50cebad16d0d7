"""Reports of earlier scans, JSON or JSON Lines, read back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import msgspec

from scanner.errors import UsageError

_VERSION = 1  # of the reports' schema
_FINGERPRINT = re.compile(r"v1:[0-9a-f]{32}")


class Filed(NamedTuple):
    """A finding as a report tells it: its rule, its fingerprint, and the paths where it stands."""

    rule_id: str
    fingerprint: str
    paths: tuple[str, ...]


class _Scan(msgspec.Struct, tag_field="type", tag="scan"):
    schema_version: int


class _Place(msgspec.Struct):
    path: str


class _Finding(msgspec.Struct, tag_field="type", tag="finding"):
    rule_id: str
    fingerprint: str
    places: list[_Place]


class _Summary(msgspec.Struct, tag_field="type", tag="summary"):
    findings: int


class _Document(msgspec.Struct):
    scan: _Scan
    findings: list[_Finding]
    summary: _Summary


def findings(path: Path) -> tuple[Filed, ...]:
    """The findings of a report, in its order.

    Raises UsageError for a file that cannot be read, is no JSON or JSON Lines report of
    keysweep's, is cut off, or was written by a later version.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        scan, found = _parts(content)
    except msgspec.MsgspecError as error:
        raise UsageError(
            f"{path}: not a whole JSON or JSON Lines report of keysweep's: {error}"
        ) from error
    if scan.schema_version != _VERSION:
        raise UsageError(f"{path}: made by another version of keysweep; scan again")
    if not all(_FINGERPRINT.fullmatch(one.fingerprint) for one in found):
        raise UsageError(f"{path}: has fingerprints of another version of keysweep; scan again")
    return tuple(
        Filed(one.rule_id, one.fingerprint, tuple(dict.fromkeys(p.path for p in one.places)))
        for one in found
    )


def _parts(content: bytes) -> tuple[_Scan, list[_Finding]]:
    if not content.startswith(b'{"type"'):  # as every line begins that we write
        document = msgspec.json.decode(content, type=_Document)
        return document.scan, document.findings
    lines = content.splitlines()
    scan = msgspec.json.decode(lines[0], type=_Scan)
    msgspec.json.decode(lines[-1], type=_Summary)  # the end, unless it is cut off
    read = msgspec.json.Decoder(_Finding).decode
    return scan, [read(line) for line in lines[1:-1]]
