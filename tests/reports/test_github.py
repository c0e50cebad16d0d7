"""GitHub's workflow commands, read as its runner reads them: one command a line, no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.models import Blob, Commit, Kind, Report, Unseen
from scanner.positions import harmless
from scanner.reports.github import render
from scanner.rules import Rule

Rules = Mapping[str, Rule]
Key = Callable[[object], str]
Scanned = Callable[..., Report]
RULE = "byteengine-api-key"


class Command(NamedTuple):
    """What the runner understands of a line."""

    name: str
    properties: dict[str, str]
    message: str


def _unescaped(text: str, escapes: str) -> str:
    for character in [*escapes, "%"]:  # in the runner's order
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def _command(line: str) -> Command:
    """A line read by the rules of the runner's `ActionCommand.TryParseV2`."""
    assert line.startswith("::"), line
    head, _, message = line[2:].partition("::")
    name, _, given = head.partition(" ")
    pairs = [pair.split("=", 1) for pair in given.strip().split(",")]
    return Command(
        name,
        {key: _unescaped(value, "\r\n:,") for key, value in pairs},
        _unescaped(message, "\r\n"),
    )


def _commands(report: Report, rules: Rules) -> list[Command]:
    lines = "".join(render(report, rules, "1")).splitlines()  # at any line end that there is
    return [_command(line) for line in lines]


def _errors(report: Report, rules: Rules) -> list[Command]:
    return [command for command in _commands(report, rules) if command.name == "error"]


def test_report_without_findings_is_a_notice(scanned: Scanned, rules_by_id: Rules) -> None:
    (notice,) = _commands(scanned({"a": "nothing"}), rules_by_id)
    assert notice == Command("notice", {"title": "keysweep"}, "0 findings")


def test_hostile_text_gives_no_command_of_its_own(hostile: Report, rules_by_id: Rules) -> None:
    for finding, item in zip(hostile.findings, hostile.not_seen, strict=True):
        alone = hostile._replace(findings=(finding,), not_seen=(item,))
        commands = _commands(alone, rules_by_id)
        assert [c.name for c in commands] == ["error", "error", "warning", "notice"]
        assert {c.properties["title"] for c in commands} == {
            f"keysweep: {rules_by_id[RULE].description}", "keysweep",
        }  # fmt: skip
        assert commands[0].properties.get("file", "") == harmless(item.what)
        assert commands[2].message == f"Not scanned: {harmless(item.what)}: {harmless(item.reason)}"


@given(path=st.text(st.characters(codec="utf-8")))
def test_any_path_is_read_back(report: Report, rules_by_id: Rules, path: str) -> None:
    finding = report.findings[1]
    named = finding._replace(places=(finding.places[0]._replace(path=path),))
    error, _ = _commands(report._replace(findings=(named,), not_seen=()), rules_by_id)
    assert error.properties["file"] == harmless(path)
    assert error.properties["line"] == "3"
    assert set(error.properties) == {"file", "line", "col", "endColumn", "endLine", "title"}


def test_no_more_than_github_shows_and_the_rest_is_counted(
    scanned: Scanned, rules_by_id: Rules, key: Key
) -> None:
    many = scanned({f"{number:02}": f"{key(number)} {key('all')}\n" for number in range(8)})
    lost = tuple(Unseen(str(number), f"reason {number}") for number in range(12))
    commands = _commands(many._replace(not_seen=lost), rules_by_id)
    names = [command.name for command in commands]
    assert names == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 2
    assert commands[-2].message.startswith(
        "6 places with secrets and 2 lines on what was not scanned not shown"
    )
    assert commands[-1].message == "9 findings (9 critical); INCOMPLETE: 12 not seen"


def test_exactly_as_many_as_github_shows_leave_no_rest(
    scanned: Scanned, rules_by_id: Rules, key: Key
) -> None:
    ten = scanned({f"{number:02}": key(number) for number in range(10)})
    assert [c.name for c in _commands(ten, rules_by_id)] == ["error"] * 10 + ["notice"]


def test_worst_come_first(scanned: Scanned, rules_by_id: Rules, key: Key) -> None:
    mixed = scanned({"a": f'password: "{key("p")[3:23]}"\n', "b": key(1)})
    files = [command.properties["file"] for command in _errors(mixed, rules_by_id)]
    assert files == ["b", "a"]


def test_error_says_where_what_and_what_to_do(report: Report, rules_by_id: Rules) -> None:
    error, *_ = _errors(report, rules_by_id)
    rule = rules_by_id[RULE]
    assert error.properties == {
        "file": "a.py", "line": "1", "col": "10", "endColumn": "53", "endLine": "1",
        "title": f"keysweep: {rule.description}",
    }  # fmt: skip
    redacted = report.findings[0].secret.redacted
    assert error.message == (f"{rule.description} '{redacted}' stands here. {rule.remediation}")


def test_suppressed_places_are_left_out(report: Report, rules_by_id: Rules) -> None:
    assert {error.properties["file"] for error in _errors(report, rules_by_id)} == {
        "a.py", "b/c.env",
    }  # fmt: skip


def test_what_the_request_would_suppress_is_told(hostile: Report, rules_by_id: Rules) -> None:
    assert "would be suppressed by this request" in _errors(hostile, rules_by_id)[0].message


def test_columns_are_left_out_over_several_lines(report: Report, rules_by_id: Rules) -> None:
    finding = report.findings[1]
    span = finding.places[0].span._replace(end_line=9)
    long = finding._replace(places=(finding.places[0]._replace(span=span),))
    error, *_ = _errors(report._replace(findings=(long,)), rules_by_id)
    assert set(error.properties) == {"file", "line", "endLine", "title"}


COMMIT = Commit("c" * 40, "Ada", "ada@example.org", "2026-01-02T03:04:05+00:00", "add it")


@pytest.mark.parametrize(
    ("commit", "file"),
    [
        pytest.param(COMMIT, None, id="no longer there"),
        pytest.param(COMMIT._replace(at_head=True), "a.py", id="still there"),
        pytest.param(COMMIT._replace(at_head=True, head_paths=("n", "a.py")), "a.py", id="copied"),
        pytest.param(COMMIT._replace(at_head=True, head_paths=("n",)), "n", id="renamed"),
    ],
)
def test_annotation_goes_where_the_secret_is_now(
    report: Report, rules_by_id: Rules, commit: Commit, file: str | None
) -> None:
    finding = report.findings[0]
    given_place = finding.places[0]._replace(commit=commit)
    error, *_ = _errors(
        report._replace(findings=(finding._replace(places=(given_place,)),)), rules_by_id
    )
    assert error.properties.get("file") == file
    assert error.message.startswith("a.py:1: ") == (file is None)
    assert "came in with cccccccccccc, 2026-01-02" in error.message
    assert "Ada" not in error.message


@pytest.mark.parametrize("kind", [Kind.COMMIT_MESSAGE, Kind.REF_NAME, Kind.STDIN])
def test_what_is_no_file_has_no_place_among_files(
    scanned: Scanned, rules_by_id: Rules, key: Key, kind: Kind
) -> None:
    (error,) = _errors(scanned({}, Blob(kind, "x/y", key(1).encode())), rules_by_id)
    assert set(error.properties) == {"title"}
    assert error.message.startswith("x/y:1: ")
    assert f"(in {kind})" in error.message


def test_interrupted_scan_is_the_first_warning(report: Report, rules_by_id: Rules) -> None:
    commands = _commands(report._replace(interrupted=True), rules_by_id)
    warnings = [command.message for command in commands if command.name == "warning"]
    assert warnings[0] == "INTERRUPTED, so not everything was seen"
    assert commands[-1].message.endswith("INTERRUPTED, so not everything was seen")
