"""The report for people: what it says line by line, and that scanned text cannot disturb it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.models import Blob, Kind, Report, Unseen
from scanner.reports.text import render
from scanner.rules import Rule

Rules = Mapping[str, Rule]
Key = Callable[[object], str]
Scanned = Callable[..., Report]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def _text(report: Report, rules: Rules, color: bool = False, show_secrets: bool = False) -> str:
    return "".join(render(report, rules, color, show_secrets))


def _printable(text: str) -> bool:
    return all(character.isprintable() or character in "\n…" for character in text)


def test_report_without_findings_is_its_summary(scanned: Scanned, rules_by_id: Rules) -> None:
    report = scanned({"a": "nothing", "b": ""})
    assert _text(report, rules_by_id) == "0 findings; 2 files, 0.0 MB in 0.2 s\n"


def test_report_says_where_what_why_and_what_to_do(
    report: Report, rules_by_id: Rules, key: Key
) -> None:
    rule = rules_by_id["byteengine-api-key"]
    one, two = (f"{key(n)[:5]}…{key(n)[-2:]}" for n in (1, 2))
    what = "critical  ByteEngine API key  [byteengine-api-key]  confidence high"
    assert _text(report, rules_by_id).splitlines() == [
        "a.py",
        f"  1:10  {what}",
        f"      first = '{one}'",
        "               ^^^^^^^^",
        "",
        "b/c.env",
        f"  2:3  {what}",
        f"      X={one}",
        "        ^^^^^^^^",
        f"  3:3  {what}",
        f"      Y={two}",
        "        ^^^^^^^^",
        "",
        "What to do now",
        "  ByteEngine API key (2)",
        "      Why: its form or its name is that of this provider's keys; whoever reads it can act"
        " as its owner.",
        f"      Now: {rule.remediation}",
        "  A false alarm, or accepted? Put `keysweep:allow <reason>` in a comment there,",
        "  or run `keysweep ignores add PATH:LINE --reason TEXT`.",
        "",
        "Not seen",
        "  lost: Permission denied",
        "",
        "Skipped by policy",
        "  big: too large",
        "",
        "2 findings (2 critical), 1 suppressed; 3 files, 0.0 MB in 0.2 s; INCOMPLETE: 1 not seen",
    ]


def test_every_line_ends(report: Report, rules_by_id: Rules) -> None:
    assert _text(report, rules_by_id).endswith("\n")
    assert "\r" not in _text(report, rules_by_id)


def test_colour_adds_nothing_but_colour(report: Report, rules_by_id: Rules) -> None:
    coloured = _text(report, rules_by_id, color=True)
    assert COLOUR.search(coloured)
    assert COLOUR.sub("", coloured) == _text(report, rules_by_id)


def test_every_colour_is_switched_off_on_its_line(report: Report, rules_by_id: Rules) -> None:
    for line in _text(report, rules_by_id, color=True).splitlines():
        codes = COLOUR.findall(line)
        assert codes[1::2] == ["\x1b[0m"] * (len(codes) // 2)
        assert len(codes) % 2 == 0


def test_suppressed_findings_are_counted_but_not_shown(
    scanned: Scanned, rules_by_id: Rules, key: Key
) -> None:
    text = _text(scanned({"allowed/a": key(1)}), rules_by_id)
    assert text == "0 findings, 1 suppressed; 1 file, 0.0 MB in 0.2 s\n"


def test_only_the_open_places_of_a_finding_are_shown(
    scanned: Scanned, rules_by_id: Rules, key: Key
) -> None:
    text = _text(scanned({"allowed/a": key(1), "open": key(1)}), rules_by_id)
    assert "open\n" in text
    assert "allowed/a" not in text


def test_rules_are_advised_on_once_and_the_worst_first(
    scanned: Scanned, rules_by_id: Rules, key: Key
) -> None:
    jdbc = f'api_secret = "{key(9)[3:]}"'
    text = _text(scanned({"a": f"{jdbc}\n{key(1)}\n{key(2)}\n"}), rules_by_id)
    advice = text.partition("What to do now\n")[2]
    found = re.findall(r"^  (\S.*) \((\d+)\)$", advice, re.MULTILINE)
    assert found[0] == ("ByteEngine API key", "2")
    assert len(found) == 2
    assert text.count("\n      Now: ") == 2


def test_interrupted_report_says_so(report: Report, rules_by_id: Rules) -> None:
    text = _text(report._replace(interrupted=True), rules_by_id)
    assert text.endswith("; INTERRUPTED, so not everything was seen\n")


def test_long_lists_of_what_was_not_seen_are_cut_and_the_cut_is_told(
    report: Report, rules_by_id: Rules
) -> None:
    many = tuple(Unseen(f"{number:03}", "broken") for number in range(100))
    text = _text(report._replace(not_seen=many, skipped=many), rules_by_id)
    for part in text.partition("Skipped by policy")[::2]:
        shown = len(re.findall(r"^  \d{3}: broken$", part, re.MULTILINE))
        more = re.search(r"\.\.\. and (\d+) more: broken", part)
        assert more
        assert shown + int(more[1]) == 100
    assert "INCOMPLETE: 100 not seen" in text


def test_standard_input_has_a_name(scanned: Scanned, rules_by_id: Rules, key: Key) -> None:
    text = _text(scanned({}, Blob(Kind.STDIN, "", key(1).encode())), rules_by_id)
    assert text.startswith("(standard input)\n")
    assert "in stdin" in text


def test_decoders_are_named_from_the_inside_out(
    scanned: Scanned, rules_by_id: Rules, key: Key
) -> None:
    hidden = "".join(f"%{ord(character):02x}" for character in key(1)).replace("%", "\\u0025")
    text = _text(scanned({"a": f'x = "{hidden}"\n'}), rules_by_id)
    assert "decoded from percent in escapes" in text


@pytest.mark.parametrize("before", ["", "\t\t", "  ", "x" * 300, "ü" * 90], ids=ascii)
def test_mark_stands_below_the_redacted_secret(
    scanned: Scanned, rules_by_id: Rules, key: Key, before: str
) -> None:
    text = _text(scanned({"a": f"{before} '{key(1)}' {'y' * 300}\n"}), rules_by_id)
    line, mark = text.splitlines()[2:4]
    assert set(mark) == {" ", "^"}
    assert line[mark.index("^") : len(mark)] == f"{key(1)[:5]}…{key(1)[-2:]}"
    assert len(line) < 200


def test_secrets_are_shown_only_when_asked(report: Report, rules_by_id: Rules, key: Key) -> None:
    shown = _text(report, rules_by_id, show_secrets=True)
    assert shown.count(f"secret: {key(1)}\n") == 2
    assert key(1) not in _text(report, rules_by_id)


def test_secret_shown_on_demand_carries_no_control_characters(
    scanned: Scanned, rules_by_id: Rules
) -> None:
    # A private key holds line breaks.
    lines = "\n".join("MIIEpAIBAAKCAQEA3Tz2mr7SZiAMfQyuvBjM9Oi" + str(n) for n in range(9))
    begin, end = (f"-----{word} RSA PRIVATE KEY-----" for word in ("BEGIN", "END"))
    report = scanned({"a": f"{begin}\n{lines}\n{end}\n"})
    text = _text(report, rules_by_id, show_secrets=True)
    (line,) = [line for line in text.splitlines() if line.startswith("      secret: ")]
    assert line.endswith(end)


@pytest.mark.parametrize(
    "odd",
    ["\x1b[2J", "\x1b]0;x\x07", "\x9b31m", "\b\b\b", "\r", "\x00", "\u202e", "\u2066", "\u2028"],
    ids=ascii,
)
def test_control_characters_of_lines_and_names_are_harmless(
    scanned: Scanned, rules_by_id: Rules, key: Key, odd: str
) -> None:
    report = scanned({f"a{odd}b": f"x{odd}y = '{key(1)}' {odd}\n"})
    gaps = (Unseen(f"c{odd}d", f"not{odd}seen"),)
    text = _text(report._replace(not_seen=gaps, skipped=gaps), rules_by_id)
    assert _printable(text)
    assert len(text.splitlines()) == 19


@given(name=st.text(), around=st.text())
def test_no_file_name_or_line_disturbs_the_report(
    scanned: Scanned, rules_by_id: Rules, key: Key, name: str, around: str
) -> None:
    before = around.replace("\n", "").replace("%", "").replace("\\", "")
    report = scanned({name: f"{before}\n{before} '{key(1)}' {before}\n"})
    text = _text(report, rules_by_id)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.parametrize("field", ["description", "remediation"])
def test_control_characters_of_a_rule_are_harmless(
    report: Report, rules_by_id: Rules, field: str
) -> None:
    odd: dict[str, Any] = {field: "a\x1b[2J\x07b"}
    rule = rules_by_id["byteengine-api-key"]._replace(**odd)
    assert _printable(_text(report, {**rules_by_id, rule.id: rule}))
