"""Explanations in words and as JSON: every filter and result, nothing that moves a terminal."""

from __future__ import annotations

import json

import pytest

from scanner.cases import Case, Result
from scanner.explanation import Explanation, Where
from scanner.explanationtext import document, lines
from scanner.matcher import Matcher
from scanner.models import Span, Unseen
from scanner.silence import Silence, Value
from scanner.witness import Attempt, Measure, Outcome
from tests.test_matcher import PLAIN

ATTEMPT = Attempt(PLAIN, 4, 20, b"acme_0123", (), "acme_", (Outcome("form"),))
CASE = Case(ATTEMPT, Span(1, 5, 1, 21), "*****", Result.REPORTED, "", "v1:00")


def _text(*cases: Case, **more: object) -> str:
    told = Explanation("a.py", Where(1), cases)._replace(**more)  # type: ignore[arg-type]
    return "".join(lines(told))


def test_nothing() -> None:
    expected = "a.py\n\nno candidate: no rule's prefilter hits anything here\n"
    assert _text() == expected
    assert _text(path="").startswith("(standard input)\n")


def test_every_filter_of_a_rule_has_words_for_passing() -> None:
    rule = PLAIN._replace(checksum="jwt", min_entropy=3.0, random=True, allowlist=("x",))
    names = [one.name for one in Matcher(rule).filters]
    assert len(names) == 6
    outcomes = tuple(Outcome(name) for name in ("form", "edges", *names))
    text = _text(CASE._replace(attempt=ATTEMPT._replace(rule=rule, outcomes=outcomes)))
    assert "\n  checksum    right (jwt)\n" in text
    assert text.count("\n  ") == len(outcomes) + 3


@pytest.mark.parametrize("result", Result)
def test_every_result_has_words(result: Result) -> None:
    text = _text(CASE._replace(result=result, why="because"))
    assert text.splitlines()[-1].startswith("  => ")
    assert text.endswith(" because\n")
    assert ("v1:00" in text) == (result is Result.REPORTED)


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        pytest.param(Outcome("edges", "part of"), "  edges       STOPPED: part of\n", id="stopped"),
        pytest.param(Outcome("edges", asked=False), "  edges       not asked any more\n",
                     id="not asked"),
        pytest.param(Outcome("entropy", measure=Measure(3.456, 3.0)),
                     "  entropy     high enough (3.46 bits per character, 3 wanted)\n",
                     id="entropy"),
        pytest.param(Outcome("randomness", "no", measure=Measure(-2.5, 8.0, "a number")),
                     "  randomness  STOPPED: no (-2.50 bits for random over written, 8 wanted; "
                     "a number)\n", id="randomness"),
    ],
)  # fmt: skip
def test_an_outcome(outcome: Outcome, line: str) -> None:
    assert line in _text(CASE._replace(attempt=ATTEMPT._replace(outcomes=(outcome,))))


def test_a_span_of_several_lines() -> None:
    assert "\n3:1 to 9:8  *****\n" in _text(CASE._replace(span=Span(3, 1, 9, 8)))


def test_a_hit_without_a_value() -> None:
    assert "\n1:5-21  (no value)\n" in _text(CASE._replace(redacted=None))


def test_what_is_not_seen_and_notes() -> None:
    gap = Unseen("a.py", "rule x took too long")
    assert _text(not_seen=(gap,)) == "a.py\n\nnot scanned: rule x took too long\n"
    assert _text(CASE, notes=("so",)).startswith("a.py\n\nnote: so\n\n1:5-21")


def test_a_silent_line() -> None:
    value = Value(3, 30, "abcde…yz", 50.123, 8.0)
    ids = ("one", "two", "three", "four")
    text = _text(silences=(Silence(4, (("key", ids),), (value,)),))
    assert "\n  keyword     `key` stands here, but not as one, two, three and 1 more would" in text
    assert "  value       3-30 abcde…yz looks drawn at random (50.12 bits for random" in text
    assert "is not in the place that a rule looks at\n" in text


def test_nothing_moves_a_terminal() -> None:
    rule = PLAIN._replace(id="a\x1b", description="b\x1b\x07", keywords=("k\x1b",))
    attempt = ATTEMPT._replace(rule=rule, keyword="k\x1b", outcomes=())
    case = CASE._replace(attempt=attempt, result=Result.OTHER_PATH, why="\x1b[2J")
    silence = Silence(1, (("k\x1b", ("a\x1b",)),), ())
    gap = Unseen("x", "\x1b[2J")
    text = _text(case, silences=(silence,), not_seen=(gap,), path="p\x1b", notes=("\x1b",))
    assert "\x1b" not in text
    assert "\x07" not in text


def test_as_json() -> None:
    outcomes = (Outcome("form"), Outcome("checksum", "wrong"), Outcome("entropy", None, False))
    attempt = ATTEMPT._replace(rule=PLAIN._replace(checksum="jwt"), outcomes=outcomes)
    told = Explanation("a.py", Where(1, 5), (CASE._replace(attempt=attempt),))
    values = json.loads(json.dumps(document(told)))
    assert (values["type"], values["schema_version"]) == ("explanation", 1)
    assert (values["path"], values["line"], values["column"]) == ("a.py", 1, 5)
    (one,) = values["candidates"]
    assert (one["start_line"], one["start_column"], one["end_line"], one["end_column"]) == (
        1, 5, 1, 21,
    )  # fmt: skip
    assert [f["passed"] for f in one["filters"]] == [True, False, None]
    assert [f["checksum"] for f in one["filters"]] == [None, "jwt", None]
    assert "acme_0123" not in json.dumps(values)
