"""Verdicts in every format: a live key comes first, and what a provider sends tells nothing."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

import pytest

from scanner.models import Finding, Liveness, Report, Suppression, Verdict
from scanner.redaction import hidden
from scanner.reports import json as json_report
from scanner.reports import text
from scanner.rules import Rule

Rules = Mapping[str, Rule]
Key = Callable[[object], str]
AT = "2026-01-02T03:04:05Z"
REASON = "revoked, mistyped or never valid"


@pytest.fixture
def asked(scanned: Callable[..., Report], key: Key) -> Report:
    """Three keys: `a` rejected, `b` unknown, `c`, in the last file, live."""
    report = scanned({name: f"k = '{key(name)}'\n" for name in ("a", "b", "c")})
    verdicts = (
        Liveness(Verdict.REJECTED, REASON, AT),
        Liveness(Verdict.UNKNOWN, "no answer in time", AT),
        Liveness(Verdict.LIVE, "status 200", AT, (("account", "acme"),)),
    )
    pairs = zip(report.findings, verdicts, strict=True)
    return report._replace(findings=tuple(f._replace(liveness=one) for f, one in pairs))


def _rendered(name: str, report: Report, rules: Rules) -> str:
    lines: Iterator[str] = import_module(f"scanner.reports.{name}").render(report, rules, "1")
    return "".join(lines)


def _with(report: Report, **changes: Any) -> Report:
    """The report with the live finding changed."""
    *others, live = report.findings
    return report._replace(findings=(*others, live._replace(**changes)))


def _suppressed(finding: Finding) -> Finding:
    given = Suppression("baseline", None, "line 1")
    places = tuple(place._replace(suppressed=given) for place in finding.places)
    return finding._replace(places=places)


@pytest.mark.parametrize("name", ["junit", "gitlab", "github", "markdown", "csv", "sarif"])
def test_key_that_a_provider_sends_back_is_hidden(
    asked: Report, rules_by_id: Rules, key: Key, name: str
) -> None:
    told = Liveness(Verdict.LIVE, f"it said {key('c')}", AT, (("account", f"x {key('c')} y"),))
    rendered = _rendered(name, hidden(_with(asked, liveness=told)), rules_by_id)
    assert "it said" in rendered
    assert key("c")[6:20] not in rendered


def test_text_begins_with_live_keys(asked: Report, rules_by_id: Rules) -> None:
    redacted = asked.findings[2].secret.redacted
    lines = "".join(text.render(asked, rules_by_id, False, False)).splitlines()
    live = f"LIVE (status 200; account: acme; asked {AT})"
    assert lines[:5] == [
        "LIVE: 1 key works right now. Rotate first, then clean up.",
        f"  c:1  ByteEngine API key {redacted}",
        f"      {live}",
        "",
        "c",
    ]
    assert f"      {live}" in lines[5:]
    assert f"      rejected by the provider ({REASON}; asked {AT})" in lines
    assert f"      not known whether it is live (no answer in time; asked {AT})" in lines
    assert "; 1 LIVE, 1 rejected, 1 unknown; " in lines[-1]


def test_text_shouts_though_the_key_is_suppressed(asked: Report, rules_by_id: Rules) -> None:
    *others, live = asked.findings
    report = asked._replace(findings=(*others, _suppressed(live)))
    lines = "".join(text.render(report, rules_by_id, True, False)).splitlines()
    assert lines[0].startswith("\x1b[1;37;41mLIVE: 1 key works")
    assert lines[1].endswith(", though suppressed by baseline, line 1")


def test_text_does_not_say_of_every_key_that_no_check_is_known(
    asked: Report, rules_by_id: Rules
) -> None:
    rules = {name: rule._replace(liveness=None) for name, rule in rules_by_id.items()}
    none = Liveness(Verdict.NOT_CHECKED, "no check is known for this kind of key")
    rendered = "".join(text.render(_with(asked, liveness=none), rules, False, False))
    assert "no check is known" not in rendered
    assert "1 not asked" in rendered


def test_json_has_all_of_a_verdict(asked: Report, rules_by_id: Rules) -> None:
    lines = list(json_report.lines(asked, rules_by_id, "1", False))
    found = [json.loads(line)["liveness"] for line in lines[1:-1]]
    assert found[0] == {"verdict": "rejected", "reason": REASON, "checked_at": AT, "details": {}}
    assert found[2]["details"] == {"account": "acme"}
    nobody = asked._replace(findings=tuple(f._replace(liveness=None) for f in asked.findings))
    lines = list(json_report.lines(nobody, rules_by_id, "1", False))
    assert [json.loads(line)["liveness"] for line in lines[1:-1]] == [None] * 3


def test_sarif_ranks_a_live_key_above_all(asked: Report, rules_by_id: Rules) -> None:
    rules = {name: rule._replace(severity="low") for name, rule in rules_by_id.items()}
    found = json.loads(_rendered("sarif", asked, rules))["runs"][0]["results"]  # type: ignore[arg-type]
    verdicts = [result["properties"]["liveness"]["verdict"] for result in found]
    assert verdicts == ["live", "rejected", "unknown"]
    assert (found[0]["level"], found[0]["rank"]) == ("error", 100.0)
    assert {result["level"] for result in found[1:]} == {"note"}
    assert found[1]["rank"] < found[2]["rank"] < 100
    assert "LIVE (status 200" in found[0]["message"]["text"]
    assert found[0]["properties"]["liveness"]["details"] == {"account": "acme"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("github", "title=keysweep%3A LIVE ByteEngine API key", id="github"),
        pytest.param("markdown", "| **LIVE** critical |", id="markdown"),
    ],
)
def test_live_key_is_the_first_that_is_told(
    asked: Report, rules_by_id: Rules, name: str, expected: str
) -> None:
    rows = [row for row in _rendered(name, asked, rules_by_id).splitlines() if "ByteEngine" in row]
    assert expected in rows[0]
    assert not any(expected in row for row in rows[1:])


def test_gitlab_takes_a_live_key_for_critical(asked: Report, rules_by_id: Rules) -> None:
    rules = {name: rule._replace(severity="low") for name, rule in rules_by_id.items()}
    found = json.loads(_rendered("gitlab", asked, rules))["vulnerabilities"]  # type: ignore[arg-type]
    assert [one["severity"] for one in found] == ["Low", "Low", "Critical"]


def test_csv_has_a_column_for_the_verdict(asked: Report, rules_by_id: Rules) -> None:
    rows = list(csv.DictReader(_rendered("csv", asked, rules_by_id).splitlines()))
    assert [row["liveness"] for row in rows] == ["rejected", "unknown", "live"]
    assert rows[0]["liveness_reason"] == REASON
