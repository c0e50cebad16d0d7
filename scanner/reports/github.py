"""GitHub Actions workflow commands: what a step prints to become annotations of the change.

The form is GitHub's, "Workflow commands for GitHub Actions"; what has to be escaped is what the
runner unescapes (`ActionCommand`, which also looks for `##[command]` in a line that is no
command, so every line here is one).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scanner import wording
from scanner.models import Kind, Place, Report
from scanner.positions import harmless
from scanner.rules import Rule
from scanner.wording import Occurrence

# "GitHub Actions are limited to 10 warning annotations and 10 error annotations per step"
# (https://docs.github.com/rest/checks/runs); the runner counts notices likewise.
_MOST = 10
_DATA = {ord("%"): "%25", ord("\r"): "%0D", ord("\n"): "%0A"}
_PROPERTY = {**_DATA, ord(":"): "%3A", ord(","): "%2C"}
_IN_TREES = (Kind.FILE, Kind.SYMLINK, Kind.FILE_NAME)


def render(report: Report, rules: Mapping[str, Rule], _version: str) -> Iterator[str]:
    """An error for each place that counts, the worst first, a warning for all that was not seen,
    as many as GitHub shows, and the rest counted; at last a notice with the totals."""
    places = wording.worst_first(report, rules)
    for occurrence in places[:_MOST]:
        yield _error(occurrence, rules[occurrence.finding.rule_id])
    gaps = [wording.incomplete(report)] if report.interrupted else []
    gaps += [f"Not scanned: {text}" for text in wording.unseen(report.not_seen, _MOST)]
    for gap in gaps[:_MOST]:
        yield _command("warning", {"title": "keysweep"}, gap)
    yield from _rest(len(places) - _MOST, len(gaps) - _MOST)
    totals = (wording.found(report, rules), wording.incomplete(report))
    yield _command("notice", {"title": "keysweep"}, "; ".join(text for text in totals if text))


def _error(occurrence: Occurrence, rule: Rule) -> str:
    finding, place = occurrence
    location = _location(place)
    notes = wording.circumstances(finding, place)
    message = wording.stands(finding, rule) + (f" ({'; '.join(notes)})" if notes else "")
    if not location:
        message = f"{wording.where(place)}: {message}"
    live = "LIVE " if wording.is_live(finding) else ""
    title = {"title": f"keysweep: {live}{rule.description}"}
    return _command("error", {**location, **title}, f"{message} {rule.remediation}")


def _location(place: Place) -> dict[str, str | int]:
    """Where in the files of the step the annotation goes; nothing when it is in none of them.

    What stands in an earlier version only would be shown beside an innocent line.
    """
    if place.kind not in _IN_TREES or (place.commit and not place.commit.at_head):
        return {}
    now = place.commit.head_paths if place.commit else ()
    path = now[0] if now and place.path not in now else place.path
    span = place.span
    location: dict[str, str | int] = {"file": path, "line": span.start_line}
    if span.start_line == span.end_line:  # GitHub takes columns of one line only
        location |= {"col": span.start_column, "endColumn": span.end_column}
    return {**location, "endLine": span.end_line}


def _rest(errors: int, warnings: int) -> Iterator[str]:
    rest = [f"{wording.plural(errors, 'place')} with secrets"] if errors > 0 else []
    rest += [f"{wording.plural(warnings, 'line')} on what was not scanned"] if warnings > 0 else []
    if rest:
        text = f"{' and '.join(rest)} not shown: GitHub shows {_MOST} annotations of a kind."
        yield _command("notice", {"title": "keysweep"}, f"{text} Other formats have them all.")


def _command(name: str, properties: Mapping[str, str | int], message: str) -> str:
    given = ",".join(
        f"{key}={harmless(str(value)).translate(_PROPERTY)}" for key, value in properties.items()
    )
    return f"::{name} {given}::{harmless(message).translate(_DATA)}\n"
