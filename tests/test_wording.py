"""The words that reports share: which places are told, in which order, and the totals."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import wording
from scanner.models import (
    Commit,
    Excerpt,
    Finding,
    Kind,
    Liveness,
    Place,
    Report,
    ScanInfo,
    Secret,
    Severity,
    Span,
    Suppression,
    Unseen,
    Verdict,
)
from scanner.rules import Rule, load
from scanner.scan import Plan

INFO = ScanInfo("scan", "/tree", "0" * 64, "2026-01-02T03:04:05Z")
ALLOWED = Suppression("inline", "a sample", "line 1")
COMMIT = Commit("c" * 40, "Ada", "ada@example.org", "2026-01-02", "add it")


@pytest.fixture(scope="module")
def rules(plan: Plan) -> Mapping[str, Rule]:
    """Two rules, `low` and `critical`, of these severities."""
    rule = load(plan.artefact).rules.rules[0]
    return {
        name: rule._replace(id=name, description="Some key", severity=Severity(name))
        for name in ("low", "critical")
    }


def _place(path: str = "a", line: int = 1, suppressed: Suppression | None = None) -> Place:
    return Place(Kind.FILE, path, Span(line, 1, line, 2), Excerpt("x", 0, 1), (), suppressed)


def _finding(name: str, *places: Place, rule: str = "critical") -> Finding:
    return Finding(rule, Secret(name.encode(), f"{name}…"), name, places)


def _report(*findings: Finding, refs: int | None = None) -> Report:
    return Report(INFO._replace(refs=refs), findings, (), (), 1, 1, 0.0)


def test_suppressed_places_do_not_count() -> None:
    finding = _finding("x", _place("a", suppressed=ALLOWED), _place("b"))
    assert [o.place.path for o in wording.counting(_report(finding))] == ["b"]


def test_of_a_history_one_place_of_each_counts() -> None:
    finding = _finding("x", _place("a", suppressed=ALLOWED), _place("b"), _place("c"))
    other = _finding("y", _place("d"))
    report = _report(finding, other, refs=0)
    assert [o.place.path for o in wording.counting(report)] == ["b", "d"]


def test_worst_and_different_ones_come_first(rules: Mapping[str, Rule]) -> None:
    report = _report(
        _finding("l", _place("a"), rule="low"),
        _finding("x", _place("b"), _place("c")),
        _finding("y", _place("d", 2), _place("d", 1)),
    )
    told = [(o.place.path, o.place.span.start_line) for o in wording.worst_first(report, rules)]
    assert told == [("b", 1), ("d", 2), ("c", 1), ("d", 1), ("a", 1)]


def test_same_place_of_two_findings_is_no_riddle(rules: Mapping[str, Rule]) -> None:
    report = _report(_finding("x", _place()), _finding("y", _place()))
    assert [o.finding.fingerprint for o in wording.worst_first(report, rules)] == ["x", "y"]


def test_place_without_a_path_has_a_name() -> None:
    assert wording.where(_place("", 3)) == "(standard input):3"
    assert wording.where(_place("a\n", 3)) == "a\\x0a:3"


@pytest.mark.parametrize(
    ("changes", "notes"),
    [
        pytest.param({}, [], id="plain"),
        pytest.param({"kind": Kind.REF_NAME}, ["in ref-name"], id="no file"),
        pytest.param({"decoded": ("a", "b")}, ["decoded from b in a"], id="decoded"),
        pytest.param({"commit": COMMIT}, ["came in with cccccccccccc, 2026-01-02"], id="commit"),
        pytest.param(
            {"commit": COMMIT._replace(reachable=False)},
            ["came in with cccccccccccc, 2026-01-02", "unreachable"],
            id="unreachable",
        ),
        pytest.param(
            {"distrusted": ALLOWED},
            ["would be suppressed by this request: inline, line 1 (a sample)"],
            id="distrusted",
        ),
    ],
)
def test_circumstances_are_told_and_nobody_is_named(
    changes: dict[str, object], notes: list[str]
) -> None:
    place = _place()._replace(**changes)  # type: ignore[arg-type]
    assert wording.circumstances(_finding("x", place), place) == notes


LIVE = Liveness(Verdict.LIVE, "status 200", "2026-01-02T03:04:05Z", (("account", "a…z"),))
DEAD = Liveness(Verdict.REJECTED, "revoked, mistyped or never valid", "2026-01-02T03:04:05Z")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(
            LIVE, "LIVE (status 200; account: a…z; asked 2026-01-02T03:04:05Z)", id="live"
        ),
        pytest.param(
            DEAD,
            "rejected by the provider (revoked, mistyped or never valid; "
            "asked 2026-01-02T03:04:05Z)",
            id="rejected",
        ),
        pytest.param(
            Liveness(Verdict.UNKNOWN, "no answer in time"),
            "not known whether it is live (no answer in time)",
            id="unknown",
        ),
        pytest.param(
            Liveness(Verdict.NOT_CHECKED, "documentation key"),
            "not asked whether it is live (documentation key)",
            id="not checked",
        ),
    ],
)
def test_verdict_is_told_first_and_in_full(found: Liveness, expected: str) -> None:
    place = _place()._replace(kind=Kind.REF_NAME)
    finding = _finding("x", place)._replace(liveness=found)
    assert wording.circumstances(finding, place) == [expected, "in ref-name"]


def test_live_keys_come_before_worse_ones(rules: Mapping[str, Rule]) -> None:
    report = _report(
        _finding("x", _place("a")),
        _finding("y", _place("b"), rule="low")._replace(liveness=LIVE),
        _finding("z", _place("c"))._replace(liveness=DEAD),
    )
    told = [o.finding.fingerprint for o in wording.worst_first(report, rules)]
    assert told == ["y", "x", "z"]


def test_verdicts_are_counted(rules: Mapping[str, Rule]) -> None:
    report = _report(
        _finding("x", _place())._replace(liveness=LIVE),
        _finding("y", _place(suppressed=ALLOWED))._replace(liveness=LIVE),
        _finding("z", _place())._replace(liveness=DEAD),
        _finding("n", _place())._replace(liveness=Liveness(Verdict.NOT_CHECKED, "")),
    )
    told = "3 findings (3 critical), 1 suppressed; 2 LIVE, 1 rejected, 1 not asked"
    assert wording.found(report, rules) == told


@pytest.mark.parametrize(
    ("where", "told"),
    [
        pytest.param("line 3", "would be suppressed by this request: x, line 3", id="brought"),
        pytest.param("line 3, no reason given", "not suppressed: x, line 3, no reason given",
                     id="no reason"),
        pytest.param("f:1, expired on 2026-01-01", "not suppressed: x, f:1, expired on 2026-01-01",
                     id="expired"),
    ],
)  # fmt: skip
def test_what_does_not_suppress_is_told_with_the_cause(where: str, told: str) -> None:
    assert wording.set_aside(Suppression("x", None, where)) == told


def test_suppression_without_a_reason() -> None:
    assert wording.means(Suppression("baseline", None, "line 2")) == "baseline, line 2"


def test_gaps_are_told_by_reason_and_cut() -> None:
    items = [Unseen(str(number), "b") for number in range(4)] + [Unseen("x", "a")]
    assert list(wording.unseen(items, 2)) == ["x: a", "0: b", "1: b", "... and 2 more: b"]
    assert list(wording.unseen(items, 4)) == ["x: a", "0: b", "1: b", "2: b", "3: b"]
    assert list(wording.unseen([], 2)) == []


@given(text=st.text())
def test_nothing_said_has_control_characters(text: str) -> None:
    place = _place(text)._replace(
        commit=COMMIT._replace(subject=text), distrusted=Suppression("inline", text, text)
    )
    said = [wording.where(place), *wording.circumstances(_finding("x", place), place)]
    said += wording.unseen([Unseen(text, text)], 1)
    assert all(line.splitlines() == [line] for line in said)


def test_totals(rules: Mapping[str, Rule]) -> None:
    assert wording.found(_report(), rules) == "0 findings"
    report = _report(
        _finding("x", _place(), _place("b")),
        _finding("l", _place(), rule="low"),
        _finding("y", _place(suppressed=ALLOWED)),
    )
    assert wording.found(report, rules) == "2 findings (1 critical, 1 low), 1 suppressed"


def test_incomplete_says_why() -> None:
    report = _report()
    assert wording.incomplete(report) == ""
    lost = report._replace(not_seen=(Unseen("x", "y"),))
    assert wording.incomplete(lost) == "INCOMPLETE: 1 not seen"
    stopped = lost._replace(interrupted=True)
    assert wording.incomplete(stopped) == "INTERRUPTED, so not everything was seen"
