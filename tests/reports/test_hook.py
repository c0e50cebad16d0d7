"""What a stopped hook tells: where, what to do, how to go on, and no secret."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from scanner.models import (
    Commit,
    Excerpt,
    Finding,
    Kind,
    Place,
    Report,
    ScanInfo,
    Secret,
    Span,
    Suppression,
    Unseen,
)
from scanner.reports import hook
from scanner.rules import Rule
from scanner.scan import Plan, Scanner

RULE = "byteengine-api-key"
COMMIT = Commit("1234567890" * 4, "Ada", "ada@example.org", "", "a \x1b[2J {subject}")


@pytest.fixture(scope="module")
def rules(plan: Plan) -> Mapping[str, Rule]:
    return Scanner(plan).rules.by_id()


def _place(path: str, line: int = 1) -> Place:
    return Place(Kind.FILE, path, Span(line, 5, line, 9), Excerpt("k = x…y", 4, 7), (), None)


def _report(*places: tuple[Place, ...], not_seen: int = 0) -> Report:
    findings = [
        Finding(RULE, Secret(f"secret-{number}".encode(), "x…y"), f"v1:{number}", standing)
        for number, standing in enumerate(places)
    ]
    gaps = tuple(Unseen(f"gap-{number}", "why") for number in range(not_seen))
    return Report(ScanInfo("hook", "/", "", ""), tuple(findings), gaps, (), 0, 0, 0.0)


def _lines(report: Report, rules: Mapping[str, Rule], stage: str = "pre-commit") -> list[str]:
    return "".join(hook.render(report, rules, lambda _finding, _rule: True, stage)).splitlines()


def test_what_does_not_fail_is_not_shown(rules: Mapping[str, Rule]) -> None:
    report = _report((_place("a"),), not_seen=1)
    text = "".join(hook.render(report, rules, lambda _finding, _rule: False, "pre-commit"))
    assert "1 thing not seen" in text
    assert "a:1:5" not in text
    assert "keysweep:allow" not in text


def test_suppressed_places_are_not_shown(rules: Mapping[str, Rule]) -> None:
    allowed = _place("allowed")._replace(suppressed=Suppression("inline", "test", "allowed:1"))
    text = "\n".join(_lines(_report((allowed, _place("open")), (allowed,)), rules))
    assert "1 secret\n" in text
    assert "open:1:5" in text
    assert "allowed:1" not in text


@pytest.mark.parametrize("stage", hook.ADVICE)
def test_three_steps_without_holes_and_without_the_secret(
    rules: Mapping[str, Rule], stage: str
) -> None:
    place = _place("a{b}\x1b[2J")._replace(commit=COMMIT)
    lines = _lines(_report((place,)), rules, stage)
    assert [line[:4] for line in lines if line[2:3].isdigit()] == ["  1.", "  2.", "  3."]
    text = "\n".join(lines)
    assert "secret-0" not in text
    assert "\x1b" not in text
    assert "a{b}\\x1b[2J:1:5" in text
    assert "{subject}" in text
    for hole in ("{rule}", "{path}", "{commit}", "{remediation}"):
        assert hole not in text


def test_many_findings_and_gaps_are_counted(rules: Mapping[str, Rule]) -> None:
    lines = _lines(_report(*((_place(f"f{n}"),) for n in range(25)), not_seen=30), rules)
    assert lines[0] == "keysweep stopped this commit: 25 secrets and 30 things not seen"
    assert "  ... and 5 more" in lines
    assert "  not seen: ... and 10 more: why" in lines


def test_further_places_are_named_in_a_line(rules: Mapping[str, Rule]) -> None:
    lines = _lines(_report(tuple(_place(f"f{n}", n) for n in range(1, 7))), rules)
    assert "      also in f2:2:5, f3:3:5, f4:4:5 and 2 more" in lines


def test_marker_that_does_not_count_is_told(rules: Mapping[str, Rule]) -> None:
    place = _place("a")._replace(distrusted=Suppression("inline", None, "a:1"))
    assert any("does not count here" in line for line in _lines(_report((place,)), rules))
