"""What became of each candidate of a text in a scan, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from scanner import positions
from scanner.config import Settings
from scanner.fingerprints import redact
from scanner.models import Finding, Place, Report, Span
from scanner.search import Candidate
from scanner.witness import Attempt, Testimony
from scanner.wording import means, set_aside


class Result(StrEnum):
    """What became of a candidate."""

    REPORTED = "reported"
    SUPPRESSED = "suppressed"
    STOPPED = "stopped"
    OVERLAPPED = "overlapped"
    OTHER_PATH = "not at this path"
    OFF = "off"


class Case(NamedTuple):
    """An attempt, where it stands, what may be shown of its secret, what became of it and why.

    A finding has its fingerprint.
    """

    attempt: Attempt
    span: Span
    redacted: str | None
    result: Result
    why: str = ""
    fingerprint: str | None = None


def cases(heard: Testimony, report: Report) -> Iterator[Case]:
    """What became of each attempt of a scan, by what it reported with all suppressions."""
    spans = _spans(heard)
    # Matches do not overlap, so their position tells which is which.
    matched = {(m.span, m.decoded, m.rule_id) for m in heard.detection.matches}
    candidates = {_key(one): one for one in heard.detection.known.candidates}
    won = [
        one
        for key, one in candidates.items()
        if (spans.get(key[1:3]), one.decoded, one.rule.id) in matched
    ]
    places = _places(report)
    for attempt in _distinct(heard.attempts, spans):
        span = spans[attempt.start, attempt.end]
        case = Case(attempt, span, _redacted(attempt), Result.STOPPED, attempt.objection or "")
        if attempt.objection:
            yield case
        elif (span, attempt.decoded, attempt.rule.id) in matched:
            yield _settled(case, places.get((span, attempt.decoded)))
        else:
            yield from _lost(case, candidates.get(_key(attempt)), won)


def off(heard: Testimony, settings: Settings) -> Iterator[Case]:
    """What the rules that are off would have come to, in a scan with all of them."""
    spans = _spans(heard)
    for attempt in _distinct(heard.attempts, spans):
        rule = attempt.rule
        why = settings.refusal(rule.id, rule.severity, rule.confidence)
        if why:
            span = spans[attempt.start, attempt.end]
            yield Case(attempt, span, _redacted(attempt), Result.OFF, why)


_Spans = dict[tuple[int, int], Span]


def _spans(heard: Testimony) -> _Spans:
    """Where attempts stand, by their first and last byte."""
    pairs = {(one.start, one.end) for one in heard.attempts}
    found = positions.locate(heard.text, [at for pair in pairs for at in pair])
    return {(start, end): Span(*found[start], *found[end]) for start, end in pairs}


def _places(report: Report) -> dict[tuple[Span, tuple[str, ...]], tuple[Finding, Place]]:
    return {
        (place.span, place.decoded): (finding, place)
        for finding in report.findings
        for place in finding.places
    }


def _key(one: Attempt | Candidate) -> tuple[str, int, int, tuple[str, ...]]:
    return one.rule.id, one.start, one.end, one.decoded


def _distinct(attempts: Iterable[Attempt], spans: _Spans) -> Iterator[Attempt]:
    """The attempts without those that tell what another did: of hits without a value one a line
    is enough, and what a rule says in the clear need not be told of what notations hide."""
    seen: set[object] = set()
    for one in attempts:
        line = spans[one.start, one.end].start_line
        where = line if one.secret is None else (one.start, one.end)
        about = (one.rule.id, where, one.objection)
        if about not in seen:
            yield one
        seen.add(about)


def _redacted(attempt: Attempt) -> str | None:
    if attempt.secret is None:
        return None
    return redact(attempt.secret, guessable=attempt.rule.guessable)


def _settled(case: Case, at: tuple[Finding, Place] | None) -> Case:
    """A case that is a match, with what its place says of it."""
    if at is None:
        paths = ", ".join(case.attempt.rule.paths)
        return case._replace(result=Result.OTHER_PATH, why=f"the rule looks at {paths} only")
    finding, place = at
    case = case._replace(fingerprint=finding.fingerprint)
    if place.suppressed:
        return case._replace(result=Result.SUPPRESSED, why=means(place.suppressed))
    why = set_aside(place.distrusted) if place.distrusted else ""
    return case._replace(result=Result.REPORTED, why=why)


def _lost(case: Case, own: Candidate | None, won: Iterable[Candidate]) -> Iterator[Case]:
    """A case that passed and is no match: another overlaps it."""
    if own is None:
        return
    start, end = own.start, own.end
    winner = next(one for one in won if one.start < end and start < one.end)
    if (winner.rule, winner.start, winner.end) != (own.rule, start, end):
        why = f"overlaps with {winner.rule.id}, which {_advantage(winner, own)}"
        yield case._replace(result=Result.OVERLAPPED, why=why)


def _advantage(winner: Candidate, loser: Candidate) -> str:
    """Why one candidate comes before another: the first difference of their ranks, in words."""
    won, lost = winner.rule, loser.rule
    words = (
        "holds at every path",
        f"has the stronger evidence ({won.specificity}, against {lost.specificity})",
        "takes in more of the text",
        f"is surer (confidence {won.confidence}, against {lost.confidence})",
        "needs less decoding",
        "comes first by name",
        "comes first",  # the same rule, further left
    )
    pairs = zip(winner.rank(), loser.rank(), strict=True)
    first = next((n for n, (one, other) in enumerate(pairs) if one != other), len(words) - 1)
    return words[first]
