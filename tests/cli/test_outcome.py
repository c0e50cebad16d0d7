"""What fails a scan, and the exit status of each outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scanner.cli.options import Common
from scanner.cli.outcome import exit_status, failing
from scanner.errors import UsageError
from scanner.models import (
    Confidence,
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

COMMON = Common()


# --fail-on


@pytest.fixture(scope="module")
def rule(plan: Plan) -> Rule:
    """Some rule, to change its severity and confidence."""
    return load(plan.artefact).rules.rules[0]


def _finding(rule: Rule, verdict: str | None = None) -> Finding:
    place = Place(Kind.FILE, "a", Span(1, 1, 1, 2), Excerpt("", 0, 0), (), None)
    liveness = Liveness(Verdict(verdict), "") if verdict else None
    return Finding(rule.id, Secret(b"x", "*"), "v1:0", (place,), liveness)


@pytest.mark.parametrize("words", ["urgent", "critical,urgent", "critical high", "confidence:sure"])
def test_unknown_word_to_fail_on_is_told_with_the_known_ones(words: str) -> None:
    with pytest.raises(UsageError, match="--fail-on: unknown") as caught:
        failing(words)
    assert all(word in str(caught.value) for word in [*Severity, "confidence:high", "none", "live"])


@pytest.mark.parametrize(
    ("words", "severity", "confidence", "expected"),
    [
        ("none", "critical", "high", False),
        ("critical", "high", "high", False),
        ("high,critical", "medium", "high", False),
        ("confidence:high", "critical", "medium", False),
        ("critical,confidence:high", "critical", "low", False),
        ("critical,confidence:high", "high", "high", False),
        (None, "low", "low", True),
        ("critical", "critical", "low", True),
        (" critical , high ", "high", "low", True),
        ("confidence:high", "low", "high", True),
        ("confidence:high,confidence:low", "low", "low", True),
        ("critical,confidence:high", "critical", "high", True),
    ],
)
def test_what_fails_a_scan(
    rule: Rule, words: str | None, severity: str, confidence: str, expected: bool
) -> None:
    own = rule._replace(severity=Severity(severity), confidence=Confidence(confidence))
    assert failing(words)(_finding(own), own) is expected


@pytest.mark.parametrize(
    ("words", "severity", "verdict", "expected"),
    [
        pytest.param("live", "critical", None, False, id="not asked"),
        pytest.param("live", "critical", "rejected", False, id="rejected"),
        pytest.param("live", "critical", "unknown", False, id="unknown"),
        pytest.param("live", "low", "live", True, id="live"),
        pytest.param("live,high", "low", "unknown", False, id="neither"),
        pytest.param("live,high", "high", "rejected", True, id="severe"),
        pytest.param("live,high", "low", "live", True, id="live, not severe"),
        pytest.param("live,confidence:high", "low", "rejected", True, id="sure"),
        pytest.param("none,live", "low", "live", False, id="none outranks"),
        pytest.param("high", "low", "live", False, id="live does not count"),
    ],
)
def test_live_keys_fail_besides(
    rule: Rule, words: str, severity: str, verdict: str | None, expected: bool
) -> None:
    own = rule._replace(severity=Severity(severity), confidence=Confidence.HIGH)
    assert failing(words)(_finding(own, verdict), own) is expected


# Exit status


@pytest.fixture
def report(rule: Rule) -> Report:
    """A finding, and something that was not seen."""
    gaps = (Unseen("a", "broken"),)
    return Report(ScanInfo("scan", "", "", ""), (_finding(rule),), gaps, gaps, 1, 1, 0.0)


def _suppressed(report: Report) -> Report:
    (finding,) = report.findings
    places = (finding.places[0]._replace(suppressed=Suppression("inline", None, "line 1")),)
    return report._replace(findings=(finding._replace(places=places),))


def _stopped(report: Report) -> Report:
    return report._replace(interrupted=True)


def _seen(report: Report) -> Report:
    return report._replace(not_seen=())


def _asked(verdict: str) -> Callable[[Report], Report]:
    def change(report: Report) -> Report:
        (finding,) = report.findings
        known = Liveness(Verdict(verdict), "")
        return report._replace(findings=(finding._replace(liveness=known),))

    return change


def _as_it_is(report: Report) -> Report:
    return report


@pytest.mark.parametrize(
    ("change", "options", "expected"),
    [
        pytest.param(_stopped, {}, 130, id="interrupted"),
        pytest.param(_stopped, {"fail_on": "none"}, 130, id="interrupted, none fails"),
        pytest.param(_stopped, {"allow_incomplete": True}, 130, id="interrupted, gaps allowed"),
        pytest.param(_as_it_is, {}, 1, id="finding and gap"),
        pytest.param(_as_it_is, {"allow_incomplete": True}, 1, id="finding and gap allowed"),
        pytest.param(_seen, {}, 1, id="finding"),
        pytest.param(_suppressed, {}, 3, id="suppressed finding and gap"),
        pytest.param(_as_it_is, {"fail_on": "none"}, 3, id="gap, none fails"),
        pytest.param(_suppressed, {"allow_incomplete": True}, 0, id="only a gap that is allowed"),
        pytest.param(lambda r: _seen(_suppressed(r)), {}, 0, id="suppressed finding"),
        pytest.param(_seen, {"fail_on": "none"}, 0, id="none fails"),
        pytest.param(lambda r: _seen(r)._replace(findings=()), {}, 0, id="nothing"),
        pytest.param(_asked("live"), {"fail_on": "live"}, 1, id="live"),
        pytest.param(_asked("unknown"), {"fail_on": "live"}, 3, id="unknown and gap"),
        pytest.param(lambda r: _seen(_asked("unknown")(r)), {"fail_on": "live"}, 4, id="unknown"),
        pytest.param(
            _asked("unknown"),
            {"fail_on": "live", "allow_incomplete": True},
            4,
            id="unknown, and a gap that is allowed",
        ),
        pytest.param(
            lambda r: _suppressed(_seen(_asked("unknown")(r))),
            {"fail_on": "live"},
            0,
            id="unknown, suppressed",
        ),
        pytest.param(lambda r: _seen(_asked("rejected")(r)), {"fail_on": "live"}, 0, id="rejected"),
        pytest.param(
            lambda r: _seen(_asked("not-checked")(r)), {"fail_on": "live"}, 0, id="not checked"
        ),
        pytest.param(lambda r: _seen(_asked("unknown")(r)), {}, 1, id="unknown, any fails"),
        pytest.param(
            lambda r: _seen(_asked("unknown")(r)), {"fail_on": "low"}, 0, id="unknown, none named"
        ),
    ],
)
def test_exit_status(
    report: Report,
    rule: Rule,
    change: Callable[[Report], Report],
    options: dict[str, Any],
    expected: int,
) -> None:
    common = COMMON._replace(**options)
    assert exit_status(change(report), {rule.id: rule}, common) == expected
