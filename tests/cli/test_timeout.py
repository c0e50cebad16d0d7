"""`--timeout`: what was not reached in time is not seen, and what was is reported."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Git = Callable[..., str]
Run = Callable[..., Any]


@pytest.fixture
def dirty(
    repository: Path, git: Git, key: Callable[[object], str], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A repository with a key in its second commit, and staged again in another file."""
    git(repository, "commit", "-q", "--allow-empty", "-m", "one")
    (repository / "a.py").write_text(f"k = '{key(1)}'\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "two")
    (repository / "b.py").write_text(f"k = '{key(2)}'\n")
    git(repository, "add", ".")
    monkeypatch.chdir(repository)
    return repository


COMMANDS = [
    pytest.param(("scan", "."), id="scan"),
    pytest.param(("scan", ".", "-j", "2"), id="scan, two processes"),
    pytest.param(("staged",), id="staged"),
    pytest.param(("range", "HEAD~..HEAD"), id="range"),
    pytest.param(("ci", "--base", "HEAD~", "--head", "HEAD"), id="ci"),
    pytest.param(("history", "."), id="history"),
    pytest.param(("hook", "pre-commit"), id="hook"),
]


@pytest.mark.parametrize("value", ["-1", "x", ""])
def test_time_that_is_none_is_told(keysweep: Run, dirty: Path, value: str) -> None:
    ended = keysweep("scan", ".", f"--timeout={value}")
    assert ended.status == 2
    assert "--timeout" in ended.err


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_not_reached_in_time_is_not_seen(
    keysweep: Run, dirty: Path, command: tuple[str, ...]
) -> None:
    ended = keysweep(*command, "--timeout", "0.000001", "--no-cache", "--format", "jsonl")
    summary = json.loads(ended.out.splitlines()[-1])
    reason = "the time limit was over before it was reached"
    assert {"what": "the rest", "reason": reason} in summary["not_seen"]
    assert ended.status == (1 if summary["findings"] else 3)


@pytest.mark.parametrize("value", ["0", "600"])
@pytest.mark.parametrize("command", COMMANDS)
def test_time_that_suffices_changes_nothing(
    keysweep: Run, dirty: Path, command: tuple[str, ...], value: str
) -> None:
    ended = keysweep(*command, "--timeout", value, "--format", "jsonl")
    assert ended.status == 1
    assert json.loads(ended.out.splitlines()[-1])["complete"] is True


def test_a_history_cut_short_is_not_remembered_as_seen(keysweep: Run, dirty: Path) -> None:
    assert "not seen" in keysweep("history", ".", "--timeout", "0.000001").out
    ended = keysweep("history", ".", "--format", "jsonl")
    assert json.loads(ended.out.splitlines()[-1])["complete"] is True
    assert ended.status == 1
