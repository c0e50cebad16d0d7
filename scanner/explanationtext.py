"""An explanation as text for people, and as values for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanner.cases import Case, Result
from scanner.explanation import Explanation
from scanner.models import Span
from scanner.positions import harmless
from scanner.silence import Silence, Value
from scanner.witness import EDGES, FORM, Attempt, Outcome

SCHEMA_VERSION = 1
_WIDTH = 11  # of the column of names
_MOST_RULES = 3  # named beside one keyword
_PASSED = {
    FORM: "the regex matches",
    EDGES: "stands by itself",
    "content": "not empty",
    "checksum": "right",
    "entropy": "high enough",
    "stand-in": "no template, mask or sample",
    "randomness": "looks drawn at random",
    "allowlist": "the rule's own does not name it",
}
_RESULTS = {
    Result.REPORTED: "REPORTED",
    Result.SUPPRESSED: "not counted: suppressed by",
    Result.STOPPED: "not reported:",
    Result.OVERLAPPED: "not reported:",
    Result.OTHER_PATH: "not reported here:",
    Result.OFF: "not reported, as the rule is off:",
}


def lines(told: Explanation) -> Iterator[str]:
    """The explanation for people, each line with its end; nothing in it tells a secret."""
    yield f"{harmless(told.path) or '(standard input)'}\n"
    yield from (f"\nnote: {harmless(note)}\n" for note in told.notes)
    for gap in (*told.not_seen, *told.skipped):
        yield f"\nnot scanned: {harmless(gap.reason)}\n"
    for case in told.cases:
        yield from (f"{line}\n" for line in _case(case))
    for silence in told.silences:
        yield from (f"{line}\n" for line in _silence(silence))
    if not any((told.cases, told.silences, told.not_seen, told.skipped)):
        yield "\nno candidate: no rule's prefilter hits anything here\n"


def _case(case: Case) -> Iterator[str]:
    attempt, rule = case.attempt, case.attempt.rule
    sure = f"severity {rule.severity}, confidence {rule.confidence}"
    yield ""
    yield f"{_at(case.span)}  {case.redacted or '(no value)'}"
    yield harmless(f"  {rule.id}: {rule.description} ({sure})")
    if attempt.keyword:
        yield _row("keyword", f"`{harmless(attempt.keyword)}`")
    if attempt.decoded:
        yield _row("decoded", f"from {' in '.join(reversed(attempt.decoded))}")
    for outcome in attempt.outcomes:
        yield _row(outcome.filter, _outcome(outcome, attempt))
    name = f" {case.fingerprint}" if case.result is Result.REPORTED else ""
    why = f" {harmless(case.why)}" if case.why else ""
    yield f"  => {_RESULTS[case.result]}{name}{why}"


def _row(name: str, text: str) -> str:
    return f"  {name:<{_WIDTH}} {text}"


def _outcome(outcome: Outcome, attempt: Attempt) -> str:
    told = outcome.objection or (_PASSED[outcome.filter] if outcome.asked else "not asked any more")
    if outcome.filter == "checksum" and not outcome.objection:
        told += f" ({attempt.rule.checksum})"
    sign = "STOPPED: " if outcome.objection else ""
    measure = outcome.measure
    if measure is None:
        return f"{sign}{told}"
    unit = "bits per character" if outcome.filter == "entropy" else "bits for random over written"
    remark = f"; {measure.remark}" if measure.remark else ""
    number = f"{measure.value:.2f} {unit}, {measure.least:g} wanted{remark}"
    return f"{sign}{told} ({number})"


def _at(span: Span) -> str:
    start = f"{span.start_line}:{span.start_column}"
    if span.end_line == span.start_line:
        return f"{start}-{span.end_column}"
    return f"{start} to {span.end_line}:{span.end_column}"


def _silence(silence: Silence) -> Iterator[str]:
    yield ""
    yield f"line {silence.line}: nothing on it has the form that a rule looks for"
    for word, ids in silence.keywords:
        more = f" and {len(ids) - _MOST_RULES} more" if len(ids) > _MOST_RULES else ""
        named = ", ".join(ids[:_MOST_RULES]) + more
        yield _row("keyword", harmless(f"`{word}` stands here, but not as {named} would have it"))
    if not silence.keywords:
        yield _row("keyword", "none of any rule")
    yield from (_row("value", _value(one, bool(silence.keywords))) for one in silence.values)
    if not silence.values:
        yield _row("value", "none that looks drawn at random")


def _value(value: Value, named: bool) -> str:
    number = f"{value.surprise:.2f} bits for random over written, {value.needed:g} wanted"
    lacks = "in the place that a rule looks at" if named else "beside the name of a secret"
    text = f"{value.column}-{value.end_column} {value.redacted} looks drawn at random ({number})"
    return f"{text}, but has no prefix of a provider and is not {lacks}"


def document(told: Explanation) -> dict[str, Any]:
    """The explanation as one JSON object."""
    return {
        "type": "explanation",
        "schema_version": SCHEMA_VERSION,
        "path": told.path,
        **told.where._asdict(),
        "candidates": [_case_values(case) for case in told.cases],
        "not_seen": [gap._asdict() for gap in told.not_seen],
        "notes": list(told.notes),
        "skipped": [gap._asdict() for gap in told.skipped],
        "silent_lines": [_silence_values(silence) for silence in told.silences],
    }


def _case_values(case: Case) -> dict[str, Any]:
    attempt, rule = case.attempt, case.attempt.rule
    return {
        "rule_id": rule.id,
        "description": rule.description,
        "severity": rule.severity,
        "confidence": rule.confidence,
        **case.span._asdict(),
        "redacted": case.redacted,
        "keyword": attempt.keyword,
        "decoded": list(attempt.decoded),
        "filters": [_outcome_values(outcome, attempt) for outcome in attempt.outcomes],
        "result": case.result,
        "why": case.why or None,
        "fingerprint": case.fingerprint,
    }


def _outcome_values(outcome: Outcome, attempt: Attempt) -> dict[str, Any]:
    measure = outcome.measure
    return {
        "filter": outcome.filter,
        "asked": outcome.asked,
        "passed": outcome.objection is None if outcome.asked else None,
        "objection": outcome.objection,
        "checksum": attempt.rule.checksum if outcome.filter == "checksum" else None,
        "measured": measure and round(measure.value, 3),
        "wanted": measure and measure.least,
    }


def _silence_values(silence: Silence) -> dict[str, Any]:
    return {
        "line": silence.line,
        "keywords": [{"keyword": word, "rules": list(ids)} for word, ids in silence.keywords],
        "values": [value._asdict() for value in silence.values],
    }
