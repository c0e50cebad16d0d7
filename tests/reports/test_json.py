"""The JSON reports: every key of the contract, and the same content in both formats."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.models import Blob, Gap, Kind, Report, Unseen
from scanner.reports.json import document, lines
from scanner.rules import Rule

Rules = Mapping[str, Rule]
Key = Callable[[object], str]
Scanned = Callable[..., Report]
PLACE = {
    "kind", "path", "start_line", "start_column", "end_line", "end_column", "commit", "blob",
    "decoded",
}  # fmt: skip
FINDING = PLACE | {
    "type", "rule_id", "family", "description", "severity", "confidence", "redacted", "secret",
    "fingerprint", "suppressed", "liveness", "remediation", "places",
}  # fmt: skip
SUMMARY = {
    "type", "findings", "suppressed", "not_seen", "skipped", "blobs", "bytes", "seconds",
    "complete",
}  # fmt: skip
SCAN = {
    "type", "schema_version", "tool", "rules_digest", "command", "repository", "started_at",
}  # fmt: skip


def _lines(report: Report, rules: Rules, show_secrets: bool = False) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines(report, rules, "1.2.3", show_secrets)]


def _document(report: Report, rules: Rules, show_secrets: bool = False) -> dict[str, Any]:
    (text,) = document(report, rules, "1.2.3", show_secrets)
    content = json.loads(text)
    assert isinstance(content, dict)
    return content


def test_report_without_findings_has_its_head_and_its_summary(
    scanned: Scanned, rules_by_id: Rules
) -> None:
    head, tail = _lines(scanned({"a": "nothing"}), rules_by_id)
    assert (head["type"], tail["type"]) == ("scan", "summary")
    assert _document(scanned({}), rules_by_id)["findings"] == []


def test_scan_object_has_the_keys_of_the_contract(report: Report, rules_by_id: Rules) -> None:
    scan = _lines(report, rules_by_id)[0]
    assert set(scan) >= SCAN
    assert scan["type"] == "scan"
    assert scan["schema_version"] == 1
    assert scan["tool"] == {"name": "keysweep", "version": "1.2.3"}
    assert (scan["command"], scan["rules_digest"]) == ("scan", "0" * 64)
    assert scan["started_at"] == "2026-01-02T03:04:05Z"
    assert scan["repository"] is None


def test_finding_object_has_exactly_the_keys_of_the_contract(
    report: Report, rules_by_id: Rules
) -> None:
    for finding in _lines(report, rules_by_id)[1:-1]:
        assert set(finding) == FINDING
        assert all(
            set(place) == PLACE | {"suppressed", "would_be_suppressed"}
            for place in finding["places"]
        )


def test_summary_object_has_exactly_the_keys_of_the_contract(
    report: Report, rules_by_id: Rules
) -> None:
    summary = _lines(report, rules_by_id)[-1]
    assert set(summary) == SUMMARY
    assert summary == {
        "type": "summary", "findings": 2, "suppressed": 1,
        "not_seen": [{"what": "lost", "reason": "Permission denied"}],
        "skipped": [{"what": "big", "reason": "too large"}],
        "blobs": 3, "bytes": report.bytes, "seconds": 0.25, "complete": False,
    }  # fmt: skip


def test_finding_tells_what_it_is(report: Report, rules_by_id: Rules, key: Key) -> None:
    finding = _lines(report, rules_by_id)[1]
    rule = rules_by_id["byteengine-api-key"]
    expected = {
        "type": "finding", "rule_id": rule.id, "family": "byteengine", "severity": "critical",
        "confidence": "high", "description": rule.description, "remediation": rule.remediation,
        "redacted": f"{key(1)[:5]}…{key(1)[-2:]}", "secret": None, "liveness": None,
        "suppressed": None,
    }  # fmt: skip
    assert {name: finding[name] for name in expected} == expected
    assert finding["fingerprint"] == report.findings[0].fingerprint
    assert finding["fingerprint"].startswith("v1:")
    assert len(finding["fingerprint"]) == 35


def test_first_place_is_repeated_at_the_top(report: Report, rules_by_id: Rules) -> None:
    finding = _lines(report, rules_by_id)[1]
    assert [place["path"] for place in finding["places"]] == ["a.py", "b/c.env"]
    assert {name: finding[name] for name in PLACE} == {
        name: finding["places"][0][name] for name in PLACE
    }
    assert {name: finding[name] for name in PLACE} == {
        "kind": "file", "path": "a.py", "start_line": 1, "start_column": 10, "end_line": 1,
        "end_column": 53, "commit": None, "blob": None, "decoded": [],
    }  # fmt: skip


def test_suppression_stands_at_its_place_and_at_the_finding(
    report: Report, rules_by_id: Rules
) -> None:
    expected = {"by": "inline", "reason": "a sample", "where": "line 1"}
    finding = _lines(report, rules_by_id)[3]
    assert finding["suppressed"] == finding["places"][0]["suppressed"] == expected


def test_suppression_of_one_place_is_not_that_of_the_finding(
    scanned: Scanned, rules_by_id: Rules, key: Key
) -> None:
    partly = scanned({"allowed/a": key(1), "b": key(1)})
    (finding,) = _lines(partly, rules_by_id)[1:-1]
    assert finding["suppressed"] is None
    assert [place["suppressed"] for place in finding["places"]] == [
        {"by": "allowlist", "reason": "samples", "where": "config, allowlist 1"}, None,
    ]  # fmt: skip


def test_decoders_are_named_from_the_outside_in(
    scanned: Scanned, rules_by_id: Rules, key: Key
) -> None:
    hidden = "".join(f"%{ord(character):02x}" for character in key(1)).replace("%", "\\u0025")
    (finding,) = _lines(scanned({"a": f'x = "{hidden}"\n'}), rules_by_id)[1:-1]
    assert finding["decoded"] == ["escapes", "percent"]
    assert finding["end_column"] == 6 + len(hidden)


@pytest.mark.parametrize("kind", list(Kind))
def test_kind_is_told(scanned: Scanned, rules_by_id: Rules, key: Key, kind: Kind) -> None:
    (finding,) = _lines(scanned({}, Blob(kind, "x", key(1).encode())), rules_by_id)[1:-1]
    assert finding["kind"] == finding["places"][0]["kind"] == str(kind)


def test_secrets_are_shown_only_when_asked(report: Report, rules_by_id: Rules, key: Key) -> None:
    shown = [finding["secret"] for finding in _lines(report, rules_by_id, True)[1:-1]]
    assert shown == [key(1), key(2), key(3)]
    hidden = [finding["secret"] for finding in _lines(report, rules_by_id)[1:-1]]
    assert hidden == [None, None, None]


@pytest.mark.parametrize("show_secrets", [False, True])
def test_both_formats_say_the_same(report: Report, rules_by_id: Rules, show_secrets: bool) -> None:
    head, *findings, tail = _lines(report, rules_by_id, show_secrets)
    assert _document(report, rules_by_id, show_secrets) == {
        "scan": head, "findings": findings, "summary": tail,
    }  # fmt: skip


def test_interrupted_report_is_not_complete(report: Report, rules_by_id: Rules) -> None:
    stopped = report._replace(not_seen=(), interrupted=True)
    assert _lines(stopped, rules_by_id)[-1]["complete"] is False
    assert _lines(report._replace(not_seen=()), rules_by_id)[-1]["complete"] is True


@given(name=st.text(st.characters(codec="utf-8")), reason=st.text(st.characters(codec="utf-8")))
def test_any_name_stays_on_one_line_of_ascii(
    report: Report, rules_by_id: Rules, name: str, reason: str
) -> None:
    named = report._replace(skipped=(Unseen(name, reason),))
    text = list(lines(named, rules_by_id, "1.2.3", False))
    assert all(line.isascii() and line.count("\n") == 1 and line.endswith("\n") for line in text)
    assert json.loads(text[-1])["skipped"] == [{"what": name, "reason": reason}]


def test_gaps_alone_make_a_report(scanned: Scanned, rules_by_id: Rules) -> None:
    only = scanned({}, Gap(Unseen("x", "broken"), by_policy=False))
    assert _lines(only, rules_by_id)[-1]["not_seen"] == [{"what": "x", "reason": "broken"}]
