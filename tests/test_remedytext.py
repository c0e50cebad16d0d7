"""Plans as text, Markdown and JSON: harmless, in order, and the same facts in each."""

from __future__ import annotations

import json

import cmarkgfm
import pytest

from scanner.models import (
    Excerpt,
    Finding,
    Kind,
    Liveness,
    Place,
    Secret,
    Severity,
    Span,
    Verdict,
)
from scanner.remedies import Came, Remedy, Sort, Spot
from scanner.remedytext import FORMATS, Plan, document, markdown, steps, text
from scanner.reportfile import Reported

NASTY = "x\x1b[2J\u202e<script>*_`|](y)\n# z"


def _remedy(nasty: str = "a", live: bool = False, count: int = 1) -> Remedy:
    place = Place(Kind.FILE, nasty, Span(1, 1, 1, 2), Excerpt("", 0, 0), (), None)
    verdict = Liveness(Verdict.LIVE, f"200 {nasty}") if live else None
    finding = Finding("acme-key", Secret(b"", f"ac…{nasty}"), "v1:" + "0" * 32, (place,), verdict)
    return Remedy(
        Reported(finding, f"Acme key {nasty}", Severity.HIGH, f"Rotate {nasty}"),
        (f"https://x/{nasty}",),
        "ACME_KEY",
        tuple(Spot(f"{nasty}{n}", n + 1, f"write {nasty}") for n in range(count)),
        (Came("1" * 40, "2026-01-01", False, nasty),),
        ((Sort.REQUEST, (f"refs/pull/{nasty}",)),),
        2,
        (f"note {nasty}",),
    )


@pytest.mark.parametrize("chosen", [text, markdown], ids=["text", "markdown"])
def test_control_characters_never_get_out(chosen: object) -> None:
    plan = Plan([_remedy(NASTY, live=True)], f"r{NASTY}", True)
    assert callable(chosen)
    for line in "".join(chosen(plan)).split("\n"):
        assert line.isprintable()


def test_markdown_has_no_markup_of_the_scanned() -> None:
    html = cmarkgfm.github_flavored_markdown_to_html(
        "".join(markdown(Plan([_remedy(NASTY)], NASTY, True)))
    )
    assert "<script" not in html
    assert html.count("<h1>") == 1
    assert "<a href" not in html.replace('<a href="https://x/', "")


def test_without_secrets_there_is_nothing_to_do() -> None:
    assert "".join(text(Plan([], "r", False))) == "0 secrets to see to\n"
    assert json.loads("".join(document(Plan([], "r", False))))["remedies"] == []


def test_rotation_comes_first() -> None:
    assert [step.title.split()[0] for step in steps(Plan([], "r", True))] == [
        "Rotate", "Replace", "Rewrite", "Invalidate",
    ]  # fmt: skip
    told = "".join(text(Plan([_remedy(live=True)], "r", True)))
    assert told.startswith("1. LIVE  high  Acme key")
    assert told.index("Rotate it first") < told.index("Stands now") < told.index("In the history")


@pytest.mark.parametrize("chosen", FORMATS.values(), ids=FORMATS)
def test_every_format_tells_the_facts(chosen: object) -> None:
    assert callable(chosen)
    told = "".join(chosen(Plan([_remedy(live=True)], "r.jsonl", True))).replace("\\", "")
    for fact in (
        "https://x/a",
        "Rotate a",
        "refs/pull/a",
        "note a",
        "write a",
        "1" * 12,
        "r.jsonl",
    ):
        assert fact in told


def test_long_lists_are_cut_and_counted_but_not_in_json() -> None:
    plan = Plan([_remedy(count=20)], "r", True)
    assert "and 12 more" in "".join(text(plan))
    assert len(json.loads("".join(document(plan)))["remedies"][0]["now"]) == 20


def test_report_of_files_says_what_it_does_not_know() -> None:
    assert "keysweep history" in list(text(Plan([_remedy()], "r", False)))[-1]
    assert "keysweep history" not in list(text(Plan([_remedy()], "r", True)))[-1]


def test_report_with_a_space_is_quoted_in_the_commands() -> None:
    told = [line for step in steps(Plan([], "my report.json", True)) for line in step.text]
    assert "$ keysweep remediate 'my report.json' --apply" in told
    piped = [line for step in steps(Plan([], "standard input", True)) for line in step.text]
    assert "$ keysweep remediate REPORT --apply" in piped
