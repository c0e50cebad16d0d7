"""Results are kept for a while, never the secret, and whatever happens to the files."""

from __future__ import annotations

import stat
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from scanner.liveness.kept import Kept
from scanner.liveness.questions import Question
from scanner.models import Liveness, Verdict
from tests.liveness.values import key, question, secret

KEY = key("it")
LIVE = Liveness(Verdict.LIVE, "accepted", "2026-01-01T00:00:00Z", (("account", "Acme"),))
REJECTED = Liveness(Verdict.REJECTED, "revoked", "2026-01-01T00:00:00Z")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    path = tmp_path / "cache"
    monkeypatch.setenv("KEYSWEEP_CACHE_DIR", str(path))
    return path


def _keep(asked: Question, known: Liveness) -> None:
    kept = Kept()
    kept.learn(asked, known)
    kept.save()


@pytest.mark.parametrize("verdict", [Verdict.UNKNOWN, Verdict.NOT_CHECKED])
def test_what_is_not_sure_is_not_kept(folder: Path, verdict: Verdict) -> None:
    _keep(question(KEY), Liveness(verdict, "why"))
    assert Kept().recall(question(KEY)) is None
    assert not (folder / "liveness-results").exists()


@pytest.mark.parametrize("known", [LIVE, REJECTED], ids=["live", "rejected"])
def test_kept(folder: Path, known: Liveness) -> None:
    _keep(question(KEY), known)
    assert Kept().recall(question(KEY)) == known


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(question(KEY + "a"), id="key"),
        pytest.param(question(KEY, base="https://other.example"), id="endpoint"),
        pytest.param(question(KEY, named=False), id="endpoint that nobody named"),
        pytest.param(question(KEY, path="/other"), id="path"),
        pytest.param(question(KEY, live=(200,)), id="reading of the answer"),
        pytest.param(question(KEY)._replace(rule_id="other"), id="rule"),
        pytest.param(question(KEY)._replace(companions=(("id", secret("a")),)), id="companion"),
    ],
)
def test_other_questions_are_not_known(folder: Path, other: Question) -> None:
    _keep(question(KEY), LIVE)
    assert Kept().recall(other) is None


@pytest.mark.parametrize(
    ("known", "seconds", "still"),
    [
        (LIVE, 9 * 60, True),
        (LIVE, 11 * 60, False),
        (REJECTED, 23 * 3600, True),
        (REJECTED, 25 * 3600, False),
    ],
    ids=["live", "live, old", "rejected", "rejected, old"],
)
def test_is_known_for_a_while(
    folder: Path, monkeypatch: pytest.MonkeyPatch, known: Liveness, seconds: int, still: bool
) -> None:
    _keep(question(KEY), known)
    later = time.time() + seconds
    monkeypatch.setattr("time.time", lambda: later)
    assert (Kept().recall(question(KEY)) is not None) == still


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"a": 1}',
        b'{"a": [1, "live"]}',
        b'{"a": [1, "good", "", null, []]}',
        b"\xff\xfe",
    ],
)
def test_damaged_results_are_none(folder: Path, content: bytes) -> None:
    _keep(question(KEY), LIVE)
    (folder / "liveness-results").write_bytes(content)
    assert Kept().recall(question(KEY)) is None
    _keep(question(KEY), LIVE)
    assert Kept().recall(question(KEY)) == LIVE


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_damaged_key_is_made_anew(folder: Path, content: bytes) -> None:
    _keep(question(KEY), LIVE)
    (folder / "liveness-key").write_bytes(content)
    assert Kept().recall(question(KEY)) is None
    _keep(question(KEY), REJECTED)
    assert Kept().recall(question(KEY)) == REJECTED


def test_files_hold_no_key_and_are_the_users_alone(folder: Path) -> None:
    _keep(question(KEY)._replace(companions=(("id", secret(key("id"))),)), LIVE)
    for path in folder.iterdir():
        content = path.read_bytes()
        assert not any(text.encode() in content for text in (KEY, key("id"), KEY[3:15]))
        assert sys.platform == "win32" or stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {path.name for path in folder.iterdir()} == {"liveness-key", "liveness-results"}


def test_two_runs_at_once_keep_what_both_learnt(folder: Path) -> None:
    Kept()  # there is a key already
    first, second = Kept(), Kept()
    first.learn(question(KEY), LIVE)
    second.learn(question(key("other")), REJECTED)
    first.save()
    second.save()
    after = Kept()
    known: list[Any] = [after.recall(question(text)) for text in (KEY, key("other"))]
    assert known == [LIVE, REJECTED]


def test_only_so_many_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.liveness.kept._MOST", 3)
    kept = Kept()
    for number in range(5):
        kept.learn(question(key(number)), REJECTED)
    kept.save()
    after = Kept()
    assert sum(after.recall(question(key(number))) is not None for number in range(5)) == 3


def test_without_a_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KEYSWEEP_CACHE_DIR", str(tmp_path / "file"))
    _keep(question(KEY), LIVE)
    assert Kept().recall(question(KEY)) is None
