"""The progress bar: on a terminal only, never among what is reported."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="needs a Unix terminal")

Git = Callable[..., str]


@pytest.fixture
def commits(repository: Path, git: Git) -> Path:
    """A repository with three commits."""
    for name in ("one", "two", "three"):
        (repository / "a.txt").write_text(name)
        git(repository, "add", ".")
        git(repository, "commit", "-qm", name)
    return repository


def _on_terminal(folder: Path, *arguments: str) -> tuple[str, str]:
    """What a command writes to standard output, and to the terminal that is its standard error."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-P", "-m", "scanner", *arguments]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=theirs, check=True)
    os.close(theirs)
    shown = b""
    try:
        while block := os.read(ours, 4096):
            shown += block
    except OSError:  # how Linux tells the end of a terminal
        os.close(ours)
    return done.stdout.decode(), shown.decode()


COMMANDS = [
    pytest.param(("scan", "."), "Scanning  ", id="scan"),
    pytest.param(("history", "."), "Scanning objects  ", id="history"),
    pytest.param(("range", "HEAD~2..HEAD"), "Scanning commits  ", id="range"),
]


@pytest.mark.parametrize(("arguments", "label"), COMMANDS)
@pytest.mark.parametrize("option", ["--no-progress", "--quiet"])
def test_nothing_is_shown_to_who_does_not_want_it(
    commits: Path, arguments: tuple[str, ...], label: str, option: str
) -> None:
    assert _on_terminal(commits, *arguments, option)[1] == ""


@pytest.mark.parametrize(("arguments", "label"), COMMANDS)
def test_a_terminal_shows_the_way_to_100_percent(
    commits: Path, arguments: tuple[str, ...], label: str
) -> None:
    out, shown = _on_terminal(commits, *arguments, "--no-cache")
    assert label in shown
    assert "100%" in shown
    assert "Scanning " not in out
