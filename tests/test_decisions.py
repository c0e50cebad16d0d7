"""Decisions are kept as they were made, for the user alone; anything else in the file is told."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from scanner import decisions
from scanner.decisions import Decision, Judgement
from scanner.errors import ConfigError, UsageError

MADE = (
    Decision("v1:" + "0" * 32, Judgement.REAL),
    Decision("v1:" + "1" * 32, Judgement.REVOKED, "fingerprint:v1: reason: revoked: x"),
)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("", "holds no decisions", id="empty"),
        pytest.param('{"version": 1, "root": "/", "deci', "holds no decisions", id="cut off"),
        pytest.param("[]", "holds no decisions", id="something else"),
        pytest.param(
            '{"version": 1, "root": "/", "decisions": [{"fingerprint": "x", "verdict": "maybe",'
            ' "line": ""}]}',
            "holds no decisions",
            id="unknown verdict",
        ),
        pytest.param(
            '{"version": 2, "root": "/", "decisions": []}', "another version", id="later version"
        ),
    ],
)
def test_what_holds_no_decisions_is_told(tmp_path: Path, text: str, told: str) -> None:
    file = decisions.place(tmp_path)
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(ConfigError, match=f"triage-.*{told}.*remove it"):
        decisions.read(tmp_path)
    assert file.read_text() == text


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(UsageError, match="cannot be made"):
        decisions.write(tmp_path, MADE)


def test_without_decisions_there_are_none(tmp_path: Path) -> None:
    assert decisions.read(tmp_path) == ()


def test_decisions_are_read_as_they_were_written(tmp_path: Path) -> None:
    decisions.write(tmp_path, MADE)
    assert decisions.read(tmp_path) == MADE
    assert json.loads(decisions.place(tmp_path).read_text())["version"] == 1


def test_each_project_has_its_own(tmp_path: Path) -> None:
    decisions.write(tmp_path, MADE)
    assert decisions.read(tmp_path / "other") == ()
    (tmp_path / "other").mkdir()
    assert decisions.read(tmp_path / "other" / "..") == MADE


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions")
def test_nobody_else_may_read_them(tmp_path: Path) -> None:
    decisions.write(tmp_path, MADE)
    file = decisions.place(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
