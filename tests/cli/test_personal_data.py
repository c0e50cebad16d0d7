"""`--no-personal-data`: no format names anybody who committed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.options import FORMATS

Git = Callable[..., str]
Run = Callable[..., Any]
PERSON = "Grace Hopperton"
ADDRESS = "grace@hopperton.example"


@pytest.fixture
def repository_of_grace(
    repository: Path, git: Git, key: Callable[[object], str], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A commit by Grace with a key in a file, and one with a key in her name."""
    (repository / "a.py").write_text(f"k = '{key(1)}'\n")
    git(repository, "add", ".")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", ADDRESS)
    monkeypatch.setenv("GIT_AUTHOR_NAME", PERSON)
    git(repository, "commit", "-qm", "one")
    monkeypatch.setenv("GIT_AUTHOR_NAME", f"{PERSON} {key(2)}")
    git(repository, "commit", "-q", "--allow-empty", "-m", "two")
    return repository


# What is made for a page of one request names nobody anyway.
NAMING = ("text", "json", "jsonl", "sarif", "junit", "gitlab", "csv")


@pytest.mark.parametrize("name", FORMATS)
def test_nobody_is_named(keysweep: Run, repository_of_grace: Path, name: str) -> None:
    chosen = ("history", repository_of_grace, "--format", name)
    plain, own = keysweep(*chosen), keysweep(*chosen, "--no-personal-data")
    assert (PERSON in plain.out) is (name in NAMING)
    assert own.status == plain.status == 1
    for said in (PERSON, ADDRESS, "Hopperton", "hopperton"):
        assert said not in own.out
