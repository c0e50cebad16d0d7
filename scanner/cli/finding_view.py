"""One finding of a report on a terminal: what it is, where it stands, the lines around it now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.models import Kind, Place
from scanner.positions import harmless
from scanner.reportfile import Reported
from scanner.wording import circumstances, where

if TYPE_CHECKING:
    from scanner.scan import Scanner
    from scanner.standing import Text

_REACH = 3  # lines shown on each side
_MOST_PLACES = 4


def lines(one: Reported, scanner: Scanner, root: Path) -> Iterator[str]:
    """The lines about a finding, without their ends.

    The surroundings come from the project's files as they are now; no secret in them is shown.
    """
    finding = one.finding
    rule = f"{one.description} {finding.secret.redacted}  [{finding.rule_id}]"
    yield harmless(f"{one.severity}  {rule}")
    places = _open(finding.places)
    for place in places[:_MOST_PLACES]:
        notes = "; ".join(circumstances(finding._replace(liveness=None), place))
        more = f"  ({harmless(notes)})" if notes else ""
        yield f"  {where(place)}:{place.span.start_column}{more}"
    if len(places) > _MOST_PLACES:
        yield f"  and {len(places) - _MOST_PLACES} more places"
    if finding.liveness:
        from scanner.wording import liveness

        yield f"  {liveness(finding.liveness)}"
    yield ""
    yield from _surroundings(one, places, scanner, root)
    yield ""


def _open(places: tuple[Place, ...]) -> list[Place]:
    """The places that nothing suppresses, or all if there are none."""
    return [place for place in places if not place.suppressed] or list(places)


def _surroundings(
    one: Reported, places: list[Place], scanner: Scanner, root: Path
) -> Iterator[str]:
    """The lines around the first place that still has the secret; else what became of it."""
    from scanner import standing

    paths = dict.fromkeys(path for place in places for path in _paths(place))
    texts = {path: standing.read(scanner, root, path) for path in list(paths)[:_MOST_PLACES]}
    for path, text in texts.items():
        found = text and text.named(one.finding.fingerprint)
        if text and found:
            yield from _around(path, text, _meant(places, path), one.finding.fingerprint)
            return
    for path, text in texts.items():
        gone = "the secret is no longer in this file" if text else "no such file now"
        yield f"  {harmless(path)}: {gone}"
    if not texts:
        yield "  It stands in no file of the current tree that could be shown."


def _paths(place: Place) -> tuple[str, ...]:
    """The paths of files where a place may be now."""
    if place.commit and place.commit.head_paths:
        return place.commit.head_paths
    return (place.path,) if place.kind is Kind.FILE and place.path else ()


def _meant(places: list[Place], path: str) -> int | None:
    """The line on which the report has the secret in a file, if it says."""
    return next((p.span.start_line for p in places if p.path == path and not p.commit), None)


def _around(path: str, text: Text, line: int | None, name: str) -> Iterator[str]:
    from scanner import standing

    found = text.named(name)
    nearest = min(found, key=lambda one: abs(one.match.span.start_line - (line or 0)))
    now = nearest.match.span.start_line
    moved = f" (now on line {now}, {line} in the report)" if line and now != line else ""
    yield f"  {harmless(path)}{moved}"
    for number, shown, meant in standing.around(text, nearest, _REACH):
        yield f"  {'>' if meant else ' '} {number:5} | {shown}"
