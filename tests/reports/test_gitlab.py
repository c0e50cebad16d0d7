"""GitLab's Secret Detection report: what its schema demands, or GitLab drops the whole report."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import jsonschema  # type: ignore[import-untyped]
import pytest

from scanner.models import Blob, Commit, Kind, Report
from scanner.reports.gitlab import render
from scanner.rules import Rule

Rules = Mapping[str, Rule]
Key = Callable[[object], str]
Scanned = Callable[..., Report]
Json = dict[str, Any]

# What versions 15.0.7 and 15.2.1 of the schema demand of the parts that are written, besides
# which nothing may be: what GitLab would not know is a mistake here.


def _object(required: Json, optional: Json | None = None) -> Json:
    return {
        "type": "object",
        "required": list(required),
        "properties": required | (optional or {}),
        "additionalProperties": False,
    }


def _list(items: Json, least: int = 0) -> Json:
    return {"type": "array", "items": items, "minItems": least}


def _detail(kind: str) -> Json:
    return _object({"type": {"const": kind}, "name": SOME, "value": {"type": "string"}})


SOME: Json = {"type": "string", "minLength": 1}
URL: Json = {"type": "string", "pattern": "^https?://.+"}
TIME: Json = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$"}
NUMBER: Json = {"type": "number"}
TOOL = _object(
    {"id": SOME, "name": SOME, "version": SOME, "vendor": _object({"name": SOME})}, {"url": URL}
)
MESSAGE = _object({"level": {"enum": ["info", "warn", "fatal"]}, "value": SOME})
SCAN = _object(
    {
        "analyzer": TOOL, "scanner": TOOL, "start_time": TIME, "end_time": TIME,
        "status": {"enum": ["success", "failure"]}, "type": {"enum": ["secret_detection"]},
    },
    {"messages": _list(MESSAGE)},
)  # fmt: skip
COMMIT = _object(
    {"sha": SOME}, {name: {"type": "string"} for name in ("author", "date", "message")}
)
VULNERABILITY = _object(
    {
        "id": SOME,
        "identifiers": _list(_object({"type": SOME, "name": SOME, "value": SOME}, {"url": URL}), 1),
        "location": _object(
            {"commit": COMMIT}, {"file": SOME, "start_line": NUMBER, "end_line": NUMBER}
        ),
    },
    {
        "name": {"type": "string", "maxLength": 255},
        "description": {"type": "string", "maxLength": 1048576},
        "severity": {"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
        "solution": {"type": "string", "maxLength": 7000},
        "links": _list(_object({"url": URL}, {"name": {"type": "string"}})),
        "details": {
            "type": "object",
            "additionalProperties": {"oneOf": [_detail(k) for k in ("code", "value", "text")]},
        },
    },
)
SCHEMA = _object(
    {
        "scan": SCAN,
        "version": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
        "vulnerabilities": _list(VULNERABILITY),
    },
    {"schema": URL},
)


def _content(report: Report, rules: Rules) -> Json:
    content = json.loads("".join(render(report, rules, "1.2.3")))
    assert isinstance(content, dict)
    return content


def _vulnerabilities(report: Report, rules: Rules) -> list[Json]:
    found: list[Json] = _content(report, rules)["vulnerabilities"]
    return found


@pytest.mark.parametrize("name", ["empty", "report", "hostile", "interrupted", "long rule"])
def test_schema_accepts_it(
    request: pytest.FixtureRequest, scanned: Scanned, rules_by_id: Rules, name: str
) -> None:
    report = scanned({}) if name == "empty" else request.getfixturevalue("report")
    report = request.getfixturevalue("hostile") if name == "hostile" else report
    rules = dict(rules_by_id)
    if name == "interrupted":
        report = report._replace(interrupted=True)
    if name == "long rule":
        rule = rules["byteengine-api-key"]
        odd = ("not a link", "https://example.org")
        rules[rule.id] = rule._replace(
            description="d" * 300, remediation="r" * 8000, references=odd
        )
    content = _content(report, rules)
    validator = jsonschema.Draft7Validator(SCHEMA)
    assert [error.message for error in validator.iter_errors(content)] == []
    content["scan"]["naem"] = "x"
    assert not validator.is_valid(content)


def test_report_without_findings_says_that_the_scan_went_well(
    scanned: Scanned, rules_by_id: Rules
) -> None:
    content = _content(scanned({"a": "nothing"}), rules_by_id)
    assert content["vulnerabilities"] == []
    assert content["scan"]["status"] == "success"
    assert content["scan"]["messages"] == []


def test_suppressed_places_are_left_out(
    report: Report, scanned: Scanned, rules_by_id: Rules, key: Key
) -> None:
    files = [v["location"]["file"] for v in _vulnerabilities(report, rules_by_id)]
    assert files == ["a.py", "b/c.env", "b/c.env"]
    partly = scanned({"allowed/a": key(1), "b": key(1)})
    assert [v["location"]["file"] for v in _vulnerabilities(partly, rules_by_id)] == ["b"]


def test_incomplete_scan_is_a_failure_with_its_reasons(report: Report, rules_by_id: Rules) -> None:
    scan = _content(report, rules_by_id)["scan"]
    assert scan["status"] == "failure"
    assert scan["messages"] == [
        {"level": "warn", "value": "not seen: lost: Permission denied"},
        {"level": "info", "value": "skipped by policy: big: too large"},
    ]


def test_interrupted_scan_is_fatal(scanned: Scanned, rules_by_id: Rules) -> None:
    scan = _content(scanned({})._replace(interrupted=True), rules_by_id)["scan"]
    assert scan["status"] == "failure"
    assert [message["level"] for message in scan["messages"]] == ["fatal"]


def test_what_the_request_would_suppress_is_told(hostile: Report, rules_by_id: Rules) -> None:
    first = _vulnerabilities(hostile, rules_by_id)[0]
    assert "would be suppressed by this request" in first["details"]["notes"]["value"]


def test_times_are_in_utc_without_a_zone(report: Report, rules_by_id: Rules) -> None:
    scan = _content(report._replace(seconds=60.5), rules_by_id)["scan"]
    assert (scan["start_time"], scan["end_time"]) == ("2026-01-02T03:04:05", "2026-01-02T03:05:05")


def test_ids_are_uuids_of_the_secret_and_its_place(
    hostile: Report, report: Report, scanned: Scanned, rules_by_id: Rules, key: Key
) -> None:
    ids = [v["id"] for v in _vulnerabilities(hostile, rules_by_id)]
    assert len({UUID(value) for value in ids}) == len(ids) == 2 * len(hostile.findings)
    places = scanned({path: f"{key(1)}\n{key(1)}\n" for path in "ab"})
    assert len({v["id"] for v in _vulnerabilities(places, rules_by_id)}) == 4
    alone = scanned({"a.py": f"first = '{key(1)}'\n"})
    assert [v["id"] for v in _vulnerabilities(alone, rules_by_id)] == [
        _vulnerabilities(report, rules_by_id)[0]["id"]
    ]


def test_vulnerability_says_what_it_is(report: Report, rules_by_id: Rules) -> None:
    found = _vulnerabilities(report, rules_by_id)[1]
    rule = rules_by_id["byteengine-api-key"]
    assert (found["name"], found["severity"]) == (rule.description, "Critical")
    assert found["solution"] == rule.remediation
    assert [(i["type"], i["value"]) for i in found["identifiers"]] == [
        ("keysweep_rule_id", rule.id), ("cwe", "798"),
    ]  # fmt: skip
    assert found["location"] == {
        "file": "b/c.env", "start_line": 2, "end_line": 2, "commit": {"sha": "0000000"},
    }  # fmt: skip
    assert found["details"]["secret"]["value"] == report.findings[0].secret.redacted
    assert found["details"]["fingerprint"]["value"] == report.findings[0].fingerprint


@pytest.mark.parametrize("severity", ["low", "medium", "high", "critical"])
def test_every_severity_is_one_of_gitlab_s(
    report: Report, rules_by_id: Rules, severity: str
) -> None:
    rules = {name: rule._replace(severity=severity) for name, rule in rules_by_id.items()}  # type: ignore[arg-type]
    said = {v["severity"] for v in _vulnerabilities(report, rules)}
    assert said == {severity.title()}


def test_commit_is_that_of_the_place_or_of_head(report: Report, rules_by_id: Rules) -> None:
    finding, *_ = report.findings
    commit = Commit("c" * 40, "Ada", "ada@example.org", "2026-01-02T03:04:05+00:00", "add it")
    places = (finding.places[0]._replace(commit=commit), finding.places[1])
    out_of_git = report._replace(
        findings=(finding._replace(places=places),), info=report.info._replace(head="d" * 40)
    )
    first, second = _vulnerabilities(out_of_git, rules_by_id)
    assert first["location"]["commit"] == {
        "sha": "c" * 40, "author": "Ada <ada@example.org>", "date": "2026-01-02T03:04:05+00:00",
        "message": "add it",
    }  # fmt: skip
    assert second["location"]["commit"] == {"sha": "d" * 40}


def test_standard_input_has_a_name(scanned: Scanned, rules_by_id: Rules, key: Key) -> None:
    given = scanned({}, Blob(Kind.STDIN, "", key(1).encode()))
    assert _vulnerabilities(given, rules_by_id)[0]["location"]["file"] == "stdin"


def test_same_report_gives_the_same_bytes(hostile: Report, rules_by_id: Rules) -> None:
    backwards = dict(reversed(list(rules_by_id.items())))
    assert list(render(hostile, rules_by_id, "1")) == list(render(hostile, backwards, "1"))
