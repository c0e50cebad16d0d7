"""CSV: rows that every reader reads alike, and cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.models import Commit, Report
from scanner.positions import harmless
from scanner.reports.csv import render
from scanner.rules import Rule

Rules = Mapping[str, Rule]
Key = Callable[[object], str]
Scanned = Callable[..., Report]
STARTS = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")


def _rows(report: Report, rules: Rules) -> list[dict[str, str]]:
    text = "".join(render(report, rules, "1"))
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def _at(report: Report, path: str) -> Report:
    finding = report.findings[1]
    place = finding.places[0]._replace(path=path)
    return report._replace(findings=(finding._replace(places=(place,)),))


def test_report_without_findings_is_its_header(scanned: Scanned, rules_by_id: Rules) -> None:
    (line,) = render(scanned({"a": "nothing"}), rules_by_id, "1")
    assert line.startswith("rule,description,severity,confidence,redacted,")
    assert line.endswith("\r\n")


@pytest.mark.parametrize(
    ("path", "cell"),
    [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "' =1"), ("\t1", "' 1"), ("\r1", "'\\x0d1"), ("\n=1", "'\\x0a=1"),
        (" =1", "' =1"), ("\uff1d1", "'\uff1d1"), ("a;=1", "a;'=1"), ("a; @b", "a;' @b"),
        ("a=1", "a=1"), ("a-b+c@d", "a-b+c@d"), ("a,=1", "a,=1"), ("a;b", "a;b"), (" a", " a"),
    ],
    ids=repr,
)  # fmt: skip
def test_formula_is_made_text(report: Report, rules_by_id: Rules, path: str, cell: str) -> None:
    (row,) = _rows(_at(report, path), rules_by_id)
    assert row["path"] == cell


def test_no_cell_of_a_hostile_report_begins_a_formula(hostile: Report, rules_by_id: Rules) -> None:
    rows = _rows(hostile, rules_by_id)
    assert len(rows) == 3 * len(hostile.findings)
    for row in rows:
        assert None not in row
        for cell in row.values():
            assert not any(part.strip().startswith(STARTS) for part in cell.split(";"))


@given(path=st.text())
def test_any_path_stays_in_its_cell(report: Report, rules_by_id: Rules, path: str) -> None:
    (row,) = _rows(_at(report, path), rules_by_id)
    assert row["path"].replace("'", "") == harmless(path).replace("'", "")
    assert row["start_line"] == "3"


def test_lines_are_one_a_place_and_end_as_the_rfc_says(report: Report, rules_by_id: Rules) -> None:
    lines = list(render(report, rules_by_id, "1"))
    assert len(lines) == 1 + sum(len(finding.places) for finding in report.findings)
    assert all(line.endswith("\r\n") and line.count("\n") == 1 for line in lines)


def test_rows_say_what_where_and_what_to_do(report: Report, rules_by_id: Rules) -> None:
    row = _rows(report, rules_by_id)[1]
    rule, finding = rules_by_id["byteengine-api-key"], report.findings[0]
    expected = {
        "rule": rule.id, "description": rule.description, "severity": "critical",
        "confidence": "high", "redacted": finding.secret.redacted,
        "fingerprint": finding.fingerprint, "kind": "file", "path": "b/c.env",
        "start_line": "2", "start_column": "3", "end_line": "2", "end_column": "46",
        "decoded": "", "commit": "", "suppressed": "", "would_be_suppressed": "",
        "remediation": rule.remediation,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


def test_suppressions_of_both_kinds_are_told_apart(hostile: Report, rules_by_id: Rules) -> None:
    counted, suppressed, _ = _rows(hostile, rules_by_id)[:3]
    assert (bool(counted["suppressed"]), bool(counted["would_be_suppressed"])) == (False, True)
    assert (bool(suppressed["suppressed"]), bool(suppressed["would_be_suppressed"])) == (
        True, False,
    )  # fmt: skip


def test_commit_is_told(report: Report, rules_by_id: Rules) -> None:
    finding = report.findings[1]
    commit = Commit("c" * 40, "Ada", "ada@x.org", "2026-01-02", "add it", reachable=False)
    place = finding.places[0]._replace(commit=commit, decoded=("escapes", "percent"))
    (row,) = _rows(report._replace(findings=(finding._replace(places=(place,)),)), rules_by_id)
    expected = {
        "commit": "c" * 40, "author": "Ada", "email": "ada@x.org", "date": "2026-01-02",
        "subject": "add it", "reachable": "no", "at_head": "no", "decoded": "escapes percent",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
