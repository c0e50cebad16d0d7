"""Decisions are written at once, taken back whole, and touch nothing else of the ignore file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scanner.decisions import Judgement
from scanner.errors import ConfigError, UsageError
from scanner.models import (
    Excerpt,
    Finding,
    Kind,
    Liveness,
    Place,
    Secret,
    Severity,
    Span,
    Suppression,
    Verdict,
)
from scanner.reportfile import Reported
from scanner.triage import Holder, Triage, order

MINE = "# ours\r\nrule:json-web-token path:'docs/**' reason: made up\r\n"


def _name(number: int) -> str:
    return f"v1:{number:032x}"


def _one(number: int, severity: Severity = Severity.HIGH, path: str = "a.py") -> Reported:
    place = Place(Kind.FILE, path, Span(1, 1, 1, 9), Excerpt("", 0, 0), (), None)
    finding = Finding("a-key", Secret(b"", "", b"%d" % number), _name(number), (place,))
    return Reported(finding, "A key", severity, "Rotate it.")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def _ignored(root: Path) -> str:
    file = root / ".keysweepignore"
    return file.read_bytes().decode() if file.exists() else ""


@pytest.mark.parametrize(
    "reason", [pytest.param("a\nb", id="two lines"), pytest.param("a\rb", id="carriage return")]
)
def test_reason_of_several_lines_stays_on_one(root: Path, reason: str) -> None:
    Triage(root, [_one(1)]).decide(0, Judgement.FALSE, reason)
    assert len(_ignored(root).splitlines()) == 1


def test_broken_ignore_file_is_told_and_stays(root: Path) -> None:
    (root / ".keysweepignore").write_text("b.py\n")
    with pytest.raises(ConfigError, match=r"\.keysweepignore:1"):
        Triage(root, [_one(1)])
    assert _ignored(root) == "b.py\n"


def test_entry_made_by_hand_is_not_changed(root: Path) -> None:
    text = f"fingerprint:{_name(1)} reason: mine\n"
    (root / ".keysweepignore").write_text(text)
    triage = Triage(root, [_one(1), _one(2)])
    assert triage.undecided() == 1
    for verdict in Judgement:
        with pytest.raises(UsageError, match="ignored already: mine"):
            triage.decide(0, verdict, "x")
    assert _ignored(root) == text


def test_expired_entry_decides_nothing(root: Path) -> None:
    (root / ".keysweepignore").write_text(f"fingerprint:{_name(1)} until:2020-01-01 reason: x\n")
    assert Triage(root, [_one(1)]).undecided() == 0


def test_nothing_is_undone_when_nothing_was_decided(root: Path) -> None:
    (root / ".keysweepignore").write_text(f"fingerprint:{_name(1)} reason: mine\n")
    assert Triage(root, [_one(1)]).undo() is None


def test_decision_about_another_finding_is_not_undone(root: Path) -> None:
    Triage(root, [_one(1)]).decide(0, Judgement.FALSE, "x")
    before = _ignored(root)
    assert Triage(root, [_one(2)]).undo() is None
    assert _ignored(root) == before


def test_suppressed_findings_are_left_out() -> None:
    given = Suppression("baseline", None, "x")
    hidden = _one(1)
    places = tuple(place._replace(suppressed=given) for place in hidden.finding.places)
    hidden = hidden._replace(finding=hidden.finding._replace(places=places))
    assert order([hidden]) == []


def test_live_keys_come_first_then_the_worst() -> None:
    live = _one(3, Severity.LOW)
    live = live._replace(finding=live.finding._replace(liveness=Liveness(Verdict.LIVE, "200")))
    found = order([_one(1, Severity.MEDIUM), _one(2, Severity.CRITICAL), live])
    assert [one.finding.fingerprint for one in found] == [_name(3), _name(2), _name(1)]


def test_decision_is_a_line_at_the_end(root: Path) -> None:
    (root / ".keysweepignore").write_bytes(MINE.encode())
    triage = Triage(root, [_one(1)])
    holder = Holder("ada l", date(2030, 1, 2))
    line = triage.decide(0, Judgement.REVOKED, "by Bob", holder)
    assert line == (
        f"fingerprint:{_name(1)} owner:'ada l' until:2030-01-02 reason: revoked: by Bob"
    )
    assert _ignored(root) == f"{MINE}{line}\r\n"
    assert triage.undecided() is None


def test_next_run_goes_on_with_what_is_undecided(root: Path) -> None:
    findings = [_one(number) for number in range(4)]
    first = Triage(root, findings)
    first.decide(0, Judgement.REAL)
    first.decide(1, Judgement.TEST, "x")
    again = Triage(root, findings)
    assert again.undecided() == 2
    assert again.decided(0) == "real"
    assert again.decided(1) == "test value: x (.keysweepignore:1)"
    assert again.counts() == {"real": 1, "test value": 1, "": 2}


def test_decisions_are_undone_one_by_one_also_by_a_later_run(root: Path) -> None:
    (root / ".keysweepignore").write_bytes(MINE.encode())
    findings = [_one(number) for number in range(3)]
    first = Triage(root, findings)
    first.decide(2, Judgement.FALSE, "x")
    first.decide(0, Judgement.REAL)
    again = Triage(root, findings)
    assert (again.undo(), again.undo(), again.undo()) == (0, 2, None)
    assert _ignored(root) == MINE
    assert Triage(root, findings).undecided() == 0


def test_file_that_was_made_for_a_decision_goes_with_it(root: Path) -> None:
    triage = Triage(root, [_one(1)])
    triage.decide(0, Judgement.FALSE, "x")
    triage.undo()
    assert not (root / ".keysweepignore").exists()


def test_later_decision_takes_the_place_of_an_earlier_one(root: Path) -> None:
    triage = Triage(root, [_one(1)])
    triage.decide(0, Judgement.FALSE, "x")
    triage.decide(0, Judgement.TEST, "y")
    assert _ignored(root) == f"fingerprint:{_name(1)} reason: test value: y\n"
    triage.decide(0, Judgement.REAL)
    assert _ignored(root) == ""
    assert triage.decided(0) == "real"


def test_what_an_editor_wrote_meanwhile_stays(root: Path) -> None:
    triage = Triage(root, [_one(1), _one(2)])
    triage.decide(0, Judgement.FALSE, "x")
    with (root / ".keysweepignore").open("a") as file:
        file.write("rule:a reason: b\n")
    triage.decide(1, Judgement.FALSE, "x")
    triage.undo()
    triage.undo()
    assert _ignored(root) == "rule:a reason: b\n"


def test_entry_that_somebody_took_out_is_undecided_again(root: Path) -> None:
    triage = Triage(root, [_one(1)])
    triage.decide(0, Judgement.FALSE, "x")
    (root / ".keysweepignore").unlink()
    again = Triage(root, [_one(1)])
    assert again.undecided() == 0
    assert again.undo() == 0


def test_two_runs_at_once_keep_each_others_decisions(root: Path) -> None:
    findings = [_one(1), _one(2)]
    one, other = Triage(root, findings), Triage(root, findings)
    one.decide(0, Judgement.REAL)
    other.decide(1, Judgement.REAL)
    assert Triage(root, findings).undecided() is None
