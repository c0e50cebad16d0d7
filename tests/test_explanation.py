"""Explanations agree with scans, line by line, and tell no secret; here on made-up projects."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.corpus.generate import generate
from scanner.cases import Result
from scanner.detector import Detector
from scanner.errors import UsageError
from scanner.explanation import Explanation, Where, explain
from scanner.explanationtext import document, lines
from scanner.known import Known
from scanner.models import Blob, Gap, Kind, Place, Span, Unseen
from scanner.scan import Plan, Scanner, run

FOUND = (Result.REPORTED, Result.SUPPRESSED)
STRIDE = 5  # every fifth file of the corpus; the others differ in the keys more than in the form
PIECE = 8  # characters of a secret that would tell something


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up company's files, with keys of all sorts and look-alikes."""
    folder = tmp_path_factory.mktemp("corpus")
    generate(folder, seed=7)
    return folder


def _files(corpus: Path) -> list[Path]:
    return sorted(path for path in (corpus / "tree").rglob("*") if path.is_file())[::STRIDE]


def _blob(path: Path, corpus: Path) -> Blob:
    return Blob(Kind.FILE, path.relative_to(corpus / "tree").as_posix(), path.read_bytes())


def _text(content: str) -> Blob:
    return Blob(Kind.FILE, "a.py", content.encode())


def _places(plan: Plan, detector: Detector, blob: Blob) -> list[Place]:
    report = run(Scanner(plan, detector), [blob], command="scan", root="")
    return [place for finding in report.findings for place in finding.places]


def test_what_is_found_in_an_explanation_is_what_a_scan_finds(
    plan: Plan, detector: Detector, corpus: Path
) -> None:
    total = 0
    for blob in (_blob(path, corpus) for path in _files(corpus)):
        told = explain(blob, Where(), plan, Known())
        passed = [one for one in told.cases if one.result in (*FOUND, Result.OTHER_PATH)]
        matches = detector.detect(blob.content).matches
        assert {(one.attempt.rule.id, one.span, one.attempt.decoded) for one in passed} == {
            (match.rule_id, match.span, match.decoded) for match in matches
        }, blob.path
        places = _places(plan, detector, blob)
        found = [one for one in told.cases if one.result in FOUND]
        assert {(one.span, one.attempt.decoded) for one in found} == {
            (place.span, place.decoded) for place in places
        }, blob.path
        total += len(places)
    assert total > 50


def test_what_is_not_found_says_what_stopped_it(plan: Plan, corpus: Path) -> None:
    results: set[Result] = set()
    for path in _files(corpus):
        told = explain(_blob(path, corpus), Where(), plan, Known())
        results |= {one.result for one in told.cases}
        assert all(bool(one.why) != (one.result is Result.REPORTED) for one in told.cases)
    assert results == {Result.REPORTED, Result.STOPPED, Result.OVERLAPPED, Result.OTHER_PATH}


def test_each_line_by_itself(plan: Plan, detector: Detector, corpus: Path) -> None:
    small = [path for path in _files(corpus) if 3 < path.read_bytes().count(b"\n") < 12]
    seen = 0
    for blob in (_blob(path, corpus) for path in small[:5]):
        places = _places(plan, detector, blob)
        for number in range(1, blob.content.count(b"\n") + 1):
            told = explain(blob, Where(number), plan, Known())
            here = [one for one in places if one.span.start_line <= number <= one.span.end_line]
            found = [one for one in told.cases if one.result in FOUND]
            assert [one.span for one in found] == sorted(one.span for one in here)
            with_value = [one for one in told.cases if one.redacted is not None]
            assert [one.line for one in told.silences] == ([] if with_value else [number])
            seen += 1
    assert seen > 15


def test_no_secret_is_told(plan: Plan, detector: Detector, corpus: Path) -> None:
    keywords = " ".join(word for rule in detector.rules.rules for word in rule.keywords).lower()
    truth = [json.loads(line) for line in (corpus / "truth.jsonl").read_text().splitlines()]
    looked = 0
    for path in _files(corpus):
        blob = _blob(path, corpus)
        told = explain(blob, Where(), plan, Known())
        numbers = range(1, min(200, blob.content.count(b"\n")) + 1)
        alone = (explain(blob, Where(n), plan, Known()) for n in list(numbers)[:2])
        shown = "".join(_shown(one) for one in (told, *alone))
        for secret in (one["secret"] for one in truth if one["path"] == blob.path):
            pieces = {secret[at : at + PIECE] for at in range(len(secret) - PIECE + 1)}
            assert [one for one in pieces if one in shown and one.lower() not in keywords] == []
            looked += 1
    assert looked > 40


def _shown(told: Explanation) -> str:
    return "".join(lines(told)) + json.dumps(document(told))


def test_a_line_that_is_not_there(plan: Plan) -> None:
    with pytest.raises(UsageError, match=r"^a.py:3: it has 2 lines"):
        explain(_text("a\nb\n"), Where(3), plan, Known())
    with pytest.raises(UsageError, match=r"^a.py:1: it has 0 lines"):
        explain(_text(""), Where(1), plan, Known())
    with pytest.raises(UsageError, match=r"^a\\x1b.py:2: it has 1 line;"):
        explain(Blob(Kind.FILE, "a\x1b.py", b"x"), Where(2), plan, Known())
    assert explain(_text("a\nb"), Where(2), plan, Known()).silences[0].line == 2


def test_what_cannot_be_scanned_is_told(plan: Plan) -> None:
    gap = Gap(Unseen("a.py", "Permission denied"), by_policy=False)
    assert explain(gap, Where(1), plan, Known()).not_seen == (gap.unseen,)
    gap = gap._replace(by_policy=True)
    assert explain(gap, Where(1), plan, Known()).skipped == (gap.unseen,)


def test_a_scan_that_breaks_off_is_told(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("scanner.witness.Witness.detect", broken)
    told = explain(_text("x"), Where(1), plan, Known())
    assert told.cases == ()
    assert [gap.reason for gap in told.not_seen] == [
        "internal error (ZeroDivisionError); report it"
    ]


def test_where_meets() -> None:
    span = Span(2, 5, 4, 3)
    assert [Where(line).meets(span) for line in (1, 2, 3, 4, 5)] == [False, True, True, True, False]
    columns = [(2, 4), (2, 5), (3, 1), (4, 2), (4, 3)]
    assert [Where(*one).meets(span) for one in columns] == [False, True, True, True, False]
    assert Where().meets(span)


def test_of_a_long_text_only_the_line_asked_about_is_silent(plan: Plan) -> None:
    content = "x\n" * 300
    assert explain(_text(content), Where(), plan, Known()).silences == ()
    assert [s.line for s in explain(_text(content), Where(250), plan, Known()).silences] == [250]
    assert explain(_text("x\n" * 3), Where(), plan, Known()).silences == ()
