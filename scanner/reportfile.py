"""Reports of earlier scans, JSON or JSON Lines, read back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec

from scanner.errors import UsageError
from scanner.models import (
    Commit,
    Excerpt,
    Finding,
    Kind,
    Liveness,
    Place,
    Secret,
    Severity,
    Span,
    Suppression,
    Verdict,
)

_VERSION = 1  # of the reports' schema
# Names of git's objects: nothing else of a report is ever handed to git.
_Id = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{40}([0-9a-f]{24})?\\Z")]
_FINGERPRINT = re.compile(r"v1:[0-9a-f]{32}")


class Filed(NamedTuple):
    """A finding as a report tells it: its rule, its fingerprint, and the paths where it stands."""

    rule_id: str
    fingerprint: str
    paths: tuple[str, ...]


class Reported(NamedTuple):
    """A finding out of a report, and what the report says of its rule.

    The secret is empty and its excerpts show it redacted: a report tells no more of them.
    """

    finding: Finding
    description: str
    severity: Severity
    remediation: str


class Reading(NamedTuple):
    """A report read back: its command, the folder that its paths are relative to on the machine
    where it was made, whether it is of a repository's history, and its findings in its order."""

    command: str
    root: str
    history: bool
    findings: tuple[Reported, ...]
    complete: bool


class _Repository(msgspec.Struct):
    root: str


class _Scan(msgspec.Struct, tag_field="type", tag="scan"):
    schema_version: int
    command: str = ""
    root: str = ""
    repository: _Repository | None = None


class _Suppressed(msgspec.Struct):
    by: str
    where: str
    reason: str | None = None


class _Commit(msgspec.Struct):
    id: _Id
    author: str
    email: str
    date: str
    subject: str
    reachable: bool = True
    at_head: bool = False
    head_paths: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    more_refs: int = 0


class _Place(msgspec.Struct):
    path: str
    kind: Kind = Kind.FILE
    start_line: int = 1
    start_column: int = 1
    end_line: int = 1
    end_column: int = 1
    commit: _Commit | None = None
    blob: _Id | None = None
    decoded: tuple[str, ...] = ()
    suppressed: _Suppressed | None = None


class _Liveness(msgspec.Struct):
    verdict: Verdict
    reason: str = ""
    checked_at: str | None = None
    details: dict[str, str] = {}


class _Finding(msgspec.Struct, tag_field="type", tag="finding"):
    rule_id: str
    fingerprint: str
    places: list[_Place]
    description: str = ""
    severity: Severity = Severity.HIGH
    redacted: str = ""
    remediation: str = ""
    liveness: _Liveness | None = None


class _Summary(msgspec.Struct, tag_field="type", tag="summary"):
    findings: int
    complete: bool = True


class _Document(msgspec.Struct):
    scan: _Scan
    findings: list[_Finding]
    summary: _Summary


def findings(path: Path) -> tuple[Filed, ...]:
    """The findings of a report, in its order. Raises what `read` raises."""
    found = (one.finding for one in read(path).findings)
    return tuple(
        Filed(f.rule_id, f.fingerprint, tuple(dict.fromkeys(p.path for p in f.places)))
        for f in found
    )


def read(path: Path) -> Reading:
    """A report out of a file.

    Raises UsageError for a file that cannot be read, is no JSON or JSON Lines report of
    keysweep's, is cut off, or was written by a later version.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    return parse(content, str(path))


def parse(content: bytes, name: str) -> Reading:
    """A report out of the bytes of a file; `name` is for messages. Raises UsageError likewise."""
    try:
        scan, found, summary = _parts(content)
    except msgspec.MsgspecError as error:
        raise UsageError(
            f"{name}: not a whole JSON or JSON Lines report of keysweep's: {error}"
        ) from error
    if scan.schema_version != _VERSION:
        raise UsageError(f"{name}: made by another version of keysweep; scan again")
    if not all(_FINGERPRINT.fullmatch(one.fingerprint) for one in found):
        raise UsageError(f"{name}: has fingerprints of another version of keysweep; scan again")
    if not all(one.places for one in found):
        raise UsageError(f"{name}: has a finding without a place; scan again")
    reported = tuple(map(_reported, found))
    history = scan.repository is not None
    return Reading(scan.command, scan.root, history, reported, summary.complete)


def _parts(content: bytes) -> tuple[_Scan, list[_Finding], _Summary]:
    if not content.startswith(b'{"type"'):  # as every line begins that we write
        document = msgspec.json.decode(content, type=_Document)
        return document.scan, document.findings, document.summary
    lines = content.splitlines()
    scan = msgspec.json.decode(lines[0], type=_Scan)
    summary = msgspec.json.decode(lines[-1], type=_Summary)  # the end, unless it is cut off
    read = msgspec.json.Decoder(_Finding).decode
    return scan, [read(line) for line in lines[1:-1]], summary


def _reported(one: _Finding) -> Reported:
    # The fingerprint stands for the secret, so that two findings are not taken for one.
    secret = Secret(b"", one.redacted, one.fingerprint.encode())
    places = tuple(_place(place, one.redacted) for place in one.places)
    finding = Finding(one.rule_id, secret, one.fingerprint, places, _liveness(one.liveness))
    return Reported(finding, one.description or one.rule_id, one.severity, one.remediation)


def _place(place: _Place, redacted: str) -> Place:
    span = Span(place.start_line, place.start_column, place.end_line, place.end_column)
    by = place.suppressed
    return Place(
        place.kind,
        place.path,
        span,
        Excerpt(redacted, 0, len(redacted)),
        place.decoded,
        Suppression(by.by, by.reason, by.where) if by else None,
        Commit(*msgspec.structs.astuple(place.commit)) if place.commit else None,
        place.blob,
    )


def _liveness(found: _Liveness | None) -> Liveness | None:
    if found is None:
        return None
    details = tuple(found.details.items())
    return Liveness(found.verdict, found.reason, found.checked_at, details)
