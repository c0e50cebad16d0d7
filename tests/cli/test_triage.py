"""`keysweep triage` in a real terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scanner import decisions
from scanner.suppressions import ignorefile

if sys.platform == "win32":
    pytest.skip("no pseudo-terminals", allow_module_level=True)

from tests.terminal import Terminal

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]
PROMPT = "buoq?] "
REASON = "]: "


@pytest.fixture
def project(
    repository: Path, git: Git, keysweep: Run, key: Key, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The current folder: a repository with a key in each of four files, and a report."""
    monkeypatch.chdir(repository)
    monkeypatch.setenv("XDG_STATE_HOME", str(repository.parent / "state"))
    for name in "abcd":
        (repository / f"{name}.py").write_text(f"# {name}\nk = '{key(name)}'\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "x")
    keysweep("scan", ".", "--quiet", "--output", repository.parent / "r.jsonl")
    return repository


@pytest.fixture
def terminal(project: Path) -> Iterator[Callable[..., Terminal]]:
    """Runs triage on the report in a terminal."""
    opened: list[Terminal] = []

    def run(*arguments: str | Path, **settings: Any) -> Terminal:
        report = arguments or (project.parent / "r.jsonl",)
        opened.append(Terminal(["triage", *report], project, **settings))
        return opened[-1]

    yield run
    for one in opened:
        one.__exit__(None, None, None)


def _entries(project: Path) -> list[str]:
    """The reasons in the ignore file, which must be sound."""
    file = project / ".keysweepignore"
    content = file.read_bytes() if file.exists() else b""
    return [entry.reason for entry in ignorefile.parse(content, "x")]


def test_without_a_terminal_it_says_so(project: Path, process: Run) -> None:
    for stdin in (b"", b"f\n\nf\n"):
        ended = process("triage", project.parent / "r.jsonl", "--root", project, stdin=stdin)
        assert ended.status == 2
        assert "asks on a terminal, and this is none" in ended.err
    assert _entries(project) == []


@pytest.mark.parametrize("content", ["", "{}", '{"type":"scan"}\n'], ids=["empty", "{}", "cut off"])
def test_what_is_no_report_is_told(
    project: Path, terminal: Callable[..., Terminal], content: str
) -> None:
    (project / "x.json").write_text(content)
    shown = terminal("x.json")
    assert shown.ended() == 2
    assert "x.json: not a whole JSON" in shown.shown


def test_report_of_another_project_is_told(
    project: Path, terminal: Callable[..., Terminal], keysweep: Run, tree: Path
) -> None:
    keysweep("scan", tree, "--quiet", "--output", project.parent / "o.jsonl")
    shown = terminal(project.parent / "o.jsonl")
    assert shown.ended() == 2
    assert "run it there, or name the project with --root" in shown.shown


def test_decide_three_quit_resume_undo(
    project: Path, terminal: Callable[..., Terminal], keysweep: Run, key: Key
) -> None:
    first = terminal()
    assert "-- 1 of 4" in first.until(PROMPT)
    first.send("f")
    first.until(REASON)
    first.send("\n")
    assert "-- 2 of 4" in first.until(PROMPT)
    assert _entries(project) == ["false alarm: not a secret"]  # before anything else is asked
    first.send("r")
    assert "-- 3 of 4" in first.until(PROMPT)
    first.send("v")
    first.until(REASON)
    first.send("by Bob\n")
    assert "-- 4 of 4" in first.until(PROMPT)
    first.send("q")
    assert first.ended() == 0
    assert "1 real, 1 false alarm, 1 revoked, 1 undecided" in first.shown
    assert _entries(project) == ["false alarm: not a secret", "revoked: by Bob"]

    again = terminal()
    assert "-- 4 of 4" in again.until(PROMPT)
    again.send("u")
    assert "-- 3 of 4" in again.until(PROMPT)
    assert _entries(project) == ["false alarm: not a secret"]
    again.send("u")
    assert "-- 2 of 4" in again.until(PROMPT)
    again.send("q")
    assert again.ended() == 0
    for shown in (first.shown, again.shown):
        assert not any(key(name) in shown for name in "abcd")
    assert "1 suppressed" in keysweep("scan", ".").out


def test_window_is_resized(project: Path, terminal: Callable[..., Terminal]) -> None:
    shown = terminal()
    shown.until(PROMPT)
    for columns, lines in ((30, 5), (200, 60), (1, 1)):
        shown.resize(columns, lines)
        shown.send("s")
        shown.until(PROMPT)
    shown.send("t")
    shown.until(REASON)
    shown.resize(80, 24)
    shown.send("made up\n")
    assert shown.ended() == 0
    assert _entries(project) == ["test value: made up"]


@pytest.mark.parametrize("where", ["key", "reason"])
def test_ctrl_c_leaves_a_sound_file(
    project: Path, terminal: Callable[..., Terminal], where: str
) -> None:
    shown = terminal()
    shown.until(PROMPT)
    shown.send("f")
    shown.until(REASON)
    shown.send("\n")
    shown.until(PROMPT)
    if where == "reason":
        shown.send("t")
        shown.until(REASON)
        shown.send("half a rea")
    shown.send("\x03")
    assert shown.ended() == 130
    assert _entries(project) == ["false alarm: not a secret"]
    assert not list(project.glob(".*.part"))
    assert "-- 2 of 4" in terminal().until(PROMPT)


@pytest.mark.parametrize("end", ["q", "\x04"], ids=["q", "Ctrl-D"])
def test_other_keys_help_and_do_nothing(
    project: Path, terminal: Callable[..., Terminal], end: str
) -> None:
    shown = terminal()
    for keys in ("x", "\x1b[D", "ü", "?"):
        shown.until(PROMPT)
        shown.send(keys)
        assert "undo the last decision" in shown.until("is undecided")
    shown.until(PROMPT)
    shown.send(end)
    assert shown.ended() == 0
    assert _entries(project) == []


def test_back_and_another_decision(project: Path, terminal: Callable[..., Terminal]) -> None:
    shown = terminal()
    for keys in ("f", "b", "t"):
        shown.until(PROMPT)
        shown.send(keys)
        if keys != "b":
            shown.until(REASON)
            shown.send("x\n")
    assert "Decided: false alarm: x" in shown.shown
    shown.until(PROMPT)
    shown.send("q")
    shown.ended()
    assert _entries(project) == ["test value: x"]


def test_owner_and_last_day(project: Path, terminal: Callable[..., Terminal]) -> None:
    shown = terminal()
    for day in ("31.1.2031", "2031-01-31"):
        shown.until(PROMPT)
        shown.send("o")
        shown.until("none): ")
        shown.send("ada\n")
        shown.until(REASON)
        shown.send(f"{day}\n")
    shown.until(PROMPT)
    assert "No such day" in shown.shown
    shown.send("f")
    shown.until(REASON)
    shown.send("x\n")
    shown.until(PROMPT)
    text = (project / ".keysweepignore").read_text()
    assert text.endswith(" owner:ada until:2031-01-31 reason: false alarm: x\n")


def test_reason_with_a_secret_is_refused(
    project: Path, terminal: Callable[..., Terminal], key: Key
) -> None:
    shown = terminal()
    shown.until(PROMPT)
    shown.send("f")
    shown.until(REASON)
    shown.send(f"was {key('x')}\n")
    assert "Not written: the reason holds a secret" in shown.until(PROMPT)
    assert _entries(project) == []


def test_plain_terminal_takes_lines(project: Path, terminal: Callable[..., Terminal]) -> None:
    shown = terminal(environment={"TERM": "dumb"})
    shown.until(PROMPT)
    shown.send("f\n")
    shown.until(REASON)
    shown.send("\n")
    shown.until(PROMPT)
    shown.send("q\n")
    assert shown.ended() == 0
    assert _entries(project) == ["false alarm: not a secret"]
    assert "\x1b" not in shown.shown


def test_report_on_standard_input_leaves_the_keys_to_the_terminal(
    project: Path, terminal: Callable[..., Terminal]
) -> None:
    shown = terminal("-", stdin=(project.parent / "r.jsonl").read_bytes())
    shown.until(PROMPT)
    shown.send("r")
    assert "-- 2 of 4" in shown.until(PROMPT)
    shown.send("q")
    assert shown.ended() == 0


def test_what_became_of_a_secret_is_told(
    project: Path, terminal: Callable[..., Terminal], key: Key
) -> None:
    (project / "a.py").write_text("\n" * 9 + f"k = '{key('a')}'\n")
    (project / "b.py").write_text(f"k = '{key('new')}'\n")
    (project / "c.py").unlink()
    shown = terminal()
    told = []
    for _ in range(3):
        told.append(shown.until(PROMPT))
        shown.send("s")
    assert "a.py (now on line 10, 2 in the report)" in told[0]
    assert "b.py: the secret is no longer in this file" in told[1]
    assert "c.py: no such file now" in told[2]


def test_findings_of_a_history(
    project: Path, terminal: Callable[..., Terminal], keysweep: Run, git: Git, key: Key
) -> None:
    git(project, "rm", "-q", "a.py", "b.py", "c.py")
    git(project, "mv", "d.py", "new.py")
    git(project, "commit", "-qm", f"gone, {key('message')}")
    keysweep("history", "--quiet", "--output", project.parent / "h.json")
    shown = terminal(project.parent / "h.json")
    told = []
    for _ in range(5):
        told.append(shown.until(PROMPT))
        shown.send("s")
    assert shown.ended() == 0
    assert sum("It stands in no file of the current tree" in one for one in told) == 1
    assert sum("py: no such file now" in one for one in told) == 3
    (there,) = [one for one in told if "d.py:2:" in one]
    assert "came in with" in there
    assert "\r\n  new.py\r\n" in there
    (message,) = [one for one in told if "in commit-message" in one]
    assert "commit/" in message
    assert not any(key(name) in shown.shown for name in (*"abcd", "message"))


@pytest.mark.parametrize(("answer", "reasons"), [("n", []), ("y", ["revoked: x"])])
def test_live_key_is_ignored_only_if_that_is_meant(
    project: Path, terminal: Callable[..., Terminal], answer: str, reasons: list[str]
) -> None:
    report = project.parent / "r.jsonl"
    lines = report.read_text().splitlines()
    last = json.loads(lines[-2])
    last["liveness"] = {"verdict": "live", "reason": "200", "checked_at": None, "details": {}}
    report.write_text("\n".join([*lines[:-2], json.dumps(last), lines[-1], ""]))
    shown = terminal()
    assert "LIVE (200)" in shown.until(PROMPT)  # the worst comes first
    shown.send("v")
    shown.until("[y/N] ")
    shown.send(answer)
    if answer == "y":
        shown.until(REASON)
        shown.send("x\n")
    shown.until(PROMPT)
    assert _entries(project) == reasons


def test_broken_decisions_are_told_and_stay(
    project: Path, terminal: Callable[..., Terminal]
) -> None:
    file = decisions.place(project)
    file.parent.mkdir(parents=True)
    file.write_text("{")
    shown = terminal()
    assert shown.ended() == 2
    assert "holds no decisions of `keysweep triage`; remove it" in shown.shown
    assert file.read_text() == "{"
