"""What SARIF says of a run: when it was, whether it saw everything, and what it did not see."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from scanner.models import Report
from scanner.positions import harmless
from scanner.wording import plural

_LEVELS = {"cut": "warning", "interrupted": "error", "not-seen": "warning", "skipped": "note"}
_KEPT = 5_000  # of the results in a file, GitHub keeps so many
_MOST = 10_000  # notifications


class _Note(NamedTuple):
    kind: str
    text: str


def invocation(report: Report, listed: int, total: int) -> dict[str, Any]:
    """The run as an `invocation`; of `total` results `listed` are in the file."""
    started = datetime.fromisoformat(report.info.started_at)
    ended = started + timedelta(seconds=report.seconds)
    found: dict[str, Any] = {
        "executionSuccessful": report.complete,
        "startTimeUtc": report.info.started_at,
        "endTimeUtc": ended.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    notes = [*_of_results(listed, total), *_of_run(report)]
    if len(notes) > _MOST:
        text = f"Not scanned, besides: {plural(len(notes) - _MOST, 'further item')}."
        notes[_MOST:] = [_Note("skipped", text)]
    if notes:
        found["toolExecutionNotifications"] = [_notification(note) for note in notes]
    return found


def _of_results(listed: int, total: int) -> Iterator[_Note]:
    if listed < total:
        text = f"Of {total} results the least severe {total - listed} are left out, as GitHub takes"
        yield _Note("cut", f"{text} no more; a report in JSON has them all.")
    if listed > _KEPT:
        yield _Note("cut", f"GitHub shows {_KEPT} of the {listed} results in this file.")


def _of_run(report: Report) -> Iterator[_Note]:
    if report.interrupted:
        yield _Note("interrupted", "The scan was interrupted, so not everything was seen.")
    for kind, items in (("not-seen", report.not_seen), ("skipped", report.skipped)):
        for item in items:
            text = f"'{harmless(item.what)}' was not scanned: {harmless(item.reason)}."
            yield _Note(kind, text)


def _notification(note: _Note) -> dict[str, Any]:
    return {
        "descriptor": {"id": note.kind},
        "level": _LEVELS[note.kind],
        "message": {"text": note.text},
    }
