"""Markdown, rendered by GitHub's own parser: a table whose cells nothing breaks out of."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping

import pytest
from cmarkgfm import github_flavored_markdown_to_html  # type: ignore[import-untyped]
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from scanner.models import Commit, Report, Unseen
from scanner.reports import markdown
from scanner.reports.markdown import render
from scanner.rules import Rule

Rules = Mapping[str, Rule]
Key = Callable[[object], str]
Scanned = Callable[..., Report]
RULE = "byteengine-api-key"
COLUMNS = 6
# What we write ourselves; `br` parts the lines of a cell.
TAGS = {"html", "h2", "h3", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "code",
        "br", "ul", "li"}  # fmt: skip


def _text(report: Report, rules: Rules) -> str:
    return "".join(render(report, rules, "1"))


def _page(report: Report, rules: Rules) -> ET.Element:
    """The page as GitHub would show it, before its own cleaning: with all HTML let through."""
    written = _text(report, rules).encode("utf-8", "backslashreplace").decode()
    html = github_flavored_markdown_to_html(
        written, options=Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_GITHUB_PRE_LANG
    )
    html = html.replace("<br>", "<br/>").translate({0xFFFE: "?", 0xFFFF: "?"})  # no XML has these
    return ET.fromstring(f"<html>{html}</html>")  # noqa: S314


def _cells(page: ET.Element) -> list[list[str]]:
    rows = page.iter("tr")
    return [["".join(cell.itertext()) for cell in row] for row in rows][1:]


def _without_code(page: ET.Element) -> str:
    for code in page.iter("code"):
        code.text = ""
    return "".join(page.itertext())


def test_report_without_findings_is_its_heading(scanned: Scanned, rules_by_id: Rules) -> None:
    assert _text(scanned({"a": "nothing"}), rules_by_id) == "## keysweep: 0 findings\n\n"


def test_hostile_text_stays_in_its_code_span(hostile: Report, rules_by_id: Rules) -> None:
    page = _page(hostile, rules_by_id)
    assert {element.tag for element in page.iter()} <= TAGS
    assert all(not element.attrib for element in page.iter() if element.tag not in {"th", "td"})
    cells = _cells(page)
    assert [len(row) for row in cells] == [COLUMNS] * 2 * len(hostile.findings)
    outside = _without_code(page)
    assert "@" not in outside
    assert "example.org" not in outside
    assert "injected" not in outside


@given(text=st.text(st.characters(codec="utf-8")))
def test_any_path_is_one_cell(report: Report, rules_by_id: Rules, text: str) -> None:
    finding = report.findings[1]
    named = finding._replace(places=(finding.places[0]._replace(path=text),))
    alone = report._replace(findings=(named,), not_seen=(Unseen(text, text),), skipped=())
    page = _page(alone, rules_by_id)
    (row,) = _cells(page)
    assert len(row) == COLUMNS
    assert row[3].rstrip().endswith(":3")
    assert {element.tag for element in page.iter()} <= TAGS
    assert len(list(page.iter("li"))) == 1


@pytest.mark.parametrize(
    "text",
    ["<b>x</b>", "a|b", "`x`", "*x* _x_ **x**", "~~x~~", "[x](y)", "![x](y)", "\\", "\\|", "&lt;",
     "@org/team", "https://example.org/a|b`c<d>"],
)  # fmt: skip
def test_text_of_a_rule_is_no_markup(report: Report, rules_by_id: Rules, text: str) -> None:
    rule = rules_by_id[RULE]._replace(description=f"a {text} b", remediation=f"c {text} d")
    page = _page(report, {**rules_by_id, RULE: rule})
    row = _cells(page)[0]
    assert len(row) == COLUMNS
    assert row[1].replace("\u200b", "") == f"a {text} b {RULE}"
    assert row[5].replace("\u200b", "") == f"c {text} d"
    assert {element.tag for element in page.iter()} <= TAGS | {"a"}
    assert "@org" not in _text(report, {**rules_by_id, RULE: rule})


def test_links_of_a_rule_lead_where_they_should(report: Report, rules_by_id: Rules) -> None:
    url = "https://example.org/a_b*c?d=e&f=~g#h"
    rule = rules_by_id[RULE]._replace(remediation=f"Look ({url}), then act.")
    page = _page(report, {**rules_by_id, RULE: rule})
    assert {link.get("href") for link in page.iter("a")} == {url}
    assert _cells(page)[0][5] == f"Look ({url}), then act."


def test_rows_say_how_bad_what_where_and_what_to_do(report: Report, rules_by_id: Rules) -> None:
    rule, redacted = rules_by_id[RULE], [f.secret.redacted for f in report.findings]
    what = f"{rule.description} {RULE}"
    assert _cells(_page(report, rules_by_id)) == [
        ["critical", what, redacted[0], "a.py:1", "", rule.remediation],
        ["critical", what, redacted[1], "b/c.env:3", "", rule.remediation],
        ["critical", what, redacted[0], "b/c.env:2", "", rule.remediation],
    ]


def test_heading_counts_and_gaps_follow(report: Report, rules_by_id: Rules) -> None:
    page = _page(report, rules_by_id)
    assert [h.text for h in page.iter("h2")] == ["keysweep: 2 findings (2 critical), 1 suppressed"]
    assert [strong.text for strong in page.iter("strong")] == ["INCOMPLETE: 1 not seen"]
    assert [h.text for h in page.iter("h3")] == ["Not seen", "Skipped by policy"]
    assert ["".join(item.itertext()) for item in page.iter("li")] == [
        "lost: Permission denied", "big: too large",
    ]  # fmt: skip


def test_interrupted_report_says_so(report: Report, rules_by_id: Rules) -> None:
    page = _page(report._replace(interrupted=True), rules_by_id)
    assert [strong.text for strong in page.iter("strong")] == [
        "INTERRUPTED, so not everything was seen"
    ]


def test_commit_and_what_the_request_would_suppress_are_told(
    report: Report, rules_by_id: Rules
) -> None:
    finding = report.findings[1]
    commit = Commit("c" * 40, "Ada", "a@x.org", "2026-01-02", "add it", reachable=False)
    suppressed = report.findings[2].places[0].suppressed
    place = finding.places[0]._replace(commit=commit, distrusted=suppressed)
    given_report = report._replace(findings=(finding._replace(places=(place,)),))
    (row,) = _cells(_page(given_report, rules_by_id))
    assert row[4] == "cccccccccccc unreachable"
    assert "would be suppressed by this request: inline, line 1 (a sample)" in row[3]


def _many(report: Report, count: int, size: int) -> Report:
    finding = report.findings[1]
    places = tuple(
        finding.places[0]._replace(path=f"{number:06}{'é' * size}") for number in range(count)
    )
    return report._replace(findings=(finding._replace(places=places),))


def test_long_report_is_cut_to_what_github_takes(report: Report, rules_by_id: Rules) -> None:
    many = _many(report, 5000, 100)
    text = _text(many, rules_by_id)
    assert len(text.encode()) <= markdown.LIMIT <= 1024 * 1024
    assert len(text.encode()) > markdown.LIMIT - 2000
    rows = len(_cells(_page(many, rules_by_id)))
    assert 0 < rows < 5000
    assert f"**{5000 - rows} more lines left out: GitHub shows 1 MB.**" in text
    assert "### Not seen" in text


def test_long_list_of_gaps_leaves_room_for_findings(report: Report, rules_by_id: Rules) -> None:
    lost = tuple(Unseen(f"{number}", "é" * 500 + str(number)) for number in range(2000))
    text = _text(_many(report, 5000, 100)._replace(not_seen=lost), rules_by_id)
    assert len(text.encode()) <= markdown.LIMIT
    assert text.count("left out: GitHub shows 1 MB") == 2
    assert text.count("| critical |") > 1000


def test_report_that_just_fits_is_whole(
    report: Report, rules_by_id: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = _many(report, 30, 10)._replace(not_seen=(), skipped=())
    text = _text(few, rules_by_id)
    monkeypatch.setattr(markdown, "LIMIT", len(text.encode()))
    assert _text(few, rules_by_id) == text
    monkeypatch.setattr(markdown, "LIMIT", len(text.encode()) - 1)
    assert len(_text(few, rules_by_id).encode()) <= markdown.LIMIT
    assert "more line" in _text(few, rules_by_id)
