"""JUnit XML: well-formed whatever the names hold, and read by others as it is meant."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from typing import Any

import junitparser  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.models import Commit, Report, Unseen
from scanner.reports.junit import render
from scanner.rules import Rule

Rules = Mapping[str, Rule]
Key = Callable[[object], str]
Scanned = Callable[..., Report]
# The attributes that the schema of Jenkins' xUnit plugin (junit-10.xsd) knows.
KNOWN = {
    "testsuites": set(),
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"name", "classname", "time"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message", "type"},
    "system-out": set(),
}


def _xml(report: Report, rules: Rules) -> str:
    return "".join(render(report, rules, "1.2.3"))


def _suite(report: Report, rules: Rules) -> ET.Element:
    (suite,) = ET.fromstring(_xml(report, rules))  # noqa: S314 - it is our own
    return suite


def _cases(report: Report, rules: Rules) -> list[ET.Element]:
    return _suite(report, rules).findall("testcase")


def test_report_without_findings_has_a_case_that_passes(
    scanned: Scanned, rules_by_id: Rules
) -> None:
    (case,) = _cases(scanned({"a": "nothing"}), rules_by_id)
    assert case.get("name") == "nothing found in what was seen"
    assert list(case) == []


@pytest.mark.parametrize("text", ["\x00", "\x1b[31m", "\ud800", "\ufffe", "\uffff", "]]>", "<&\"'"])
def test_name_that_xml_forbids_is_written_readably(
    report: Report, rules_by_id: Rules, text: str
) -> None:
    lost = report._replace(not_seen=(Unseen(f"a{text}b", f"c{text}d"),))
    (error,) = [case for case in _cases(lost, rules_by_id) if case.find("error") is not None]
    name = error.get("name") or ""
    assert re.fullmatch(r"a(?:\\x[0-9a-f]{2}\S*|\\u[0-9a-f]{4}|\]\]>|<&\"')b", name)


def test_hostile_names_stay_inside_their_case(hostile: Report, rules_by_id: Rules) -> None:
    kinds = [[child.tag for child in case] for case in _cases(hostile, rules_by_id)]
    count = len(hostile.findings)
    assert kinds == [["failure"]] * 2 * count + [["error"]] * count + [["skipped"]] * count


@given(text=st.text())
def test_any_name_gives_well_formed_ascii(report: Report, rules_by_id: Rules, text: str) -> None:
    said = _xml(report._replace(not_seen=(Unseen(text, text),)), rules_by_id)
    assert said.isascii()
    (suite,) = ET.fromstring(said)  # noqa: S314
    assert suite.get("errors") == "1"


def test_only_what_jenkins_knows_is_written(hostile: Report, rules_by_id: Rules) -> None:
    for element in _suite(hostile, rules_by_id).iter():
        assert set(element.attrib) <= KNOWN[element.tag]


def test_counts_are_those_of_the_cases(hostile: Report, report: Report, rules_by_id: Rules) -> None:
    for given_report in (hostile, report):
        suite = _suite(given_report, rules_by_id)
        for name, tag in [("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]:
            assert int(suite.attrib[name]) == len(suite.findall(f"testcase/{tag}"))
        assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))


def test_names_tell_all_places_apart(scanned: Scanned, rules_by_id: Rules, key: Key) -> None:
    twice = scanned({"a": f"{key(1)} {key(1)}\n{key(1)}\n"})
    (finding,) = twice.findings
    commits = [Commit(c * 40, "", "", "", "") for c in "ab"]
    places = [place._replace(commit=commit) for place in finding.places for commit in commits]
    both = twice._replace(findings=(finding._replace(places=tuple(places)),))
    names = [case.get("name") for case in _cases(both, rules_by_id)]
    assert len(names) == len(set(names)) == 6


def test_cases_say_where_what_and_what_to_do(report: Report, rules_by_id: Rules, key: Key) -> None:
    cases = _cases(report, rules_by_id)
    assert [case.get("classname") for case in cases] == [
        "a.py", "b/c.env", "b/c.env", "not seen", "d.txt",
    ]  # fmt: skip
    redacted = report.findings[0].secret.redacted
    assert cases[0].get("name") == f"byteengine-api-key {redacted} line 1, column 10"
    failure = cases[0].find("failure")
    assert failure is not None
    assert failure.get("type") == "critical"
    assert redacted in (failure.get("message") or "")
    assert f"first = '{redacted}'" in (failure.text or "")
    assert rules_by_id["byteengine-api-key"].remediation in (failure.text or "")


def test_suppression_is_why_a_case_is_skipped(report: Report, rules_by_id: Rules) -> None:
    (skipped,) = _suite(report, rules_by_id).findall("testcase/skipped")
    assert skipped.get("message") == "suppressed by inline, line 1 (a sample)"


def test_what_was_not_seen_is_an_error_with_its_reason(report: Report, rules_by_id: Rules) -> None:
    (error,) = _suite(report, rules_by_id).findall("testcase/error")
    assert error.get("message") == "Permission denied"
    assert error.text == "lost was not scanned: Permission denied"


def test_interrupted_scan_is_an_error(scanned: Scanned, rules_by_id: Rules) -> None:
    stopped = scanned({"a": "nothing"})._replace(interrupted=True)
    (error,) = _suite(stopped, rules_by_id).findall("testcase/error")
    assert "INTERRUPTED" in (error.get("message") or "")


def test_what_the_request_would_suppress_fails_and_says_so(
    hostile: Report, rules_by_id: Rules
) -> None:
    texts = [e.text or "" for e in _suite(hostile, rules_by_id).findall("testcase/failure")]
    assert sum("would be suppressed by this request" in t for t in texts) == len(texts) // 2


def test_another_reader_reads_it(report: Report, rules_by_id: Rules) -> None:
    (suite,) = junitparser.JUnitXml.fromstring(_xml(report, rules_by_id).encode())
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (5, 3, 1, 1)
    kinds: list[Any] = [type(result) for case in suite for result in case.result]
    failure, error, skipped = junitparser.Failure, junitparser.Error, junitparser.Skipped
    assert kinds == [failure, failure, failure, error, skipped]
