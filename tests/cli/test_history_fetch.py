"""`keysweep history --fetch-missing`: nothing is fetched without it, and all with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Git = Callable[..., str]
Run = Callable[..., Any]


@pytest.fixture
def origin(repository: Path, git: Git, key: Callable[[object], str]) -> Path:
    """A repository with a key in its first commit, which the second takes away."""
    git(repository, "config", "uploadpack.allowFilter", "true")
    for text in (f"k = '{key(1)}'\n", "nothing\n"):
        (repository / "a.py").write_text(text)
        git(repository, "add", ".")
        git(repository, "commit", "-qm", "one")
    return repository


def _summary(ended: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ended.out.splitlines()[-1])
    return found


def test_what_cannot_be_fetched_is_told(
    keysweep: Run, origin: Path, git: Git, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", origin.as_uri(), "clone")
    origin.rename(tmp_path / "gone")
    ended = keysweep("history", tmp_path / "clone", "--fetch-missing", "--format", "jsonl")
    told = {one["what"]: one["reason"] for one in _summary(ended)["not_seen"]}
    assert ended.status == 3
    assert told["origin"].startswith("git fetch: ")
    assert any("shallow" in reason for reason in told.values())


@pytest.mark.parametrize("option", ["--depth=1", "--filter=blob:none", "--filter=tree:0"])
def test_history_is_whole_only_when_asked(
    keysweep: Run, origin: Path, git: Git, tmp_path: Path, option: str
) -> None:
    git(tmp_path, "clone", "-q", option, origin.as_uri(), "clone")
    before = keysweep("history", tmp_path / "clone", "--format", "jsonl")
    assert (before.status, _summary(before)["findings"]) == (3, 0)
    after = keysweep("history", tmp_path / "clone", "--format", "jsonl", "--fetch-missing")
    assert (after.status, _summary(after)["findings"]) == (1, 1)
    assert _summary(after)["complete"] is True


def test_submodules_are_fetched_too(keysweep: Run, origin: Path, git: Git, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    git(tmp_path, "init", "-q", outer)
    git(outer, "submodule", "add", "-q", "--depth=1", origin.as_uri(), "inner")
    git(outer, "commit", "-qm", "outer")
    ended = keysweep("history", outer, "--format", "jsonl", "--fetch-missing")
    assert (ended.status, _summary(ended)["complete"]) == (1, True)
    assert json.loads(ended.out.splitlines()[1])["path"] == "inner/a.py"
