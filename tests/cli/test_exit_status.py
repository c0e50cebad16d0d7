"""The exit status of every scanning command in every situation: the table of the design."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]

ZEROS = "0" * 40
# Each command, whether it looks at the index rather than at commits, and its arguments.
COMMANDS = {
    "scan": (False, ["scan", "."]),
    "staged": (True, ["staged"]),
    "range": (False, ["range", "base..main"]),
    "history": (False, ["history"]),
    "ci": (False, ["ci", "--base", "base", "--head", "main"]),
    "hook pre-commit": (True, ["hook", "pre-commit"]),
    "hook commit-msg": (True, ["hook", "commit-msg", "message"]),
    "hook pre-push": (False, ["hook", "pre-push", "origin", "url"]),
    "hook pre-receive": (False, ["hook", "pre-receive"]),
}
# What there is to see, the options, and the status.
TABLE = {
    "nothing": ("", [], 0),
    "a key": ("key", [], 1),
    "a key that --fail-on names": ("key", ["--fail-on", "critical"], 1),
    "a key that --fail-on does not name": ("key", ["--fail-on", "low"], 0),
    "a key and no failing": ("key", ["--fail-on", "none"], 0),
    "an allowed key": ("allowed", [], 0),
    "an allowed key, and a trusted head": ("allowed", ["--trust-head"], 0),
    "not all seen": ("broken", [], 3),
    "not all seen, which is allowed": ("broken", ["--allow-incomplete"], 0),
    "not all seen, and a key": ("key broken", [], 1),
    "not all seen, and a key, the former allowed": ("key broken", ["--allow-incomplete"], 1),
    "not all seen, and no failing": ("broken", ["--fail-on", "none"], 3),
    "left out by policy": ("key", ["--max-file-size", "3"], 0),
    "an option that there is not": ("", ["--no-such-option"], 2),
    "a wrong value": ("", ["--fail-on", "severe"], 2),
    "a file that there is not": ("", ["--config", "missing.toml"], 2),
    "broken configuration": ("configuration", [], 2),
    "a bug": ("bug", [], 70),
    "Ctrl-C": ("interrupt", [], 130),
}
# Where the table does not hold, and why.
OTHERWISE = {
    # What a request brings along silences nothing in it.
    ("range", "an allowed key"): 1,
    ("ci", "an allowed key"): 1,
    ("hook pre-receive", "an allowed key"): 1,
    # Whoever pushes cannot configure the server.
    ("hook pre-receive", "broken configuration"): 0,
    # The message is one file, which is there.
    ("hook commit-msg", "not all seen"): 0,
    ("hook commit-msg", "not all seen, and no failing"): 0,
    # A message is scanned whatever it weighs.
    ("hook commit-msg", "left out by policy"): 1,
}


@pytest.fixture
def inside(repository: Path, git: Git, keysweep: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a repository with a commit, tagged `base`."""
    monkeypatch.chdir(repository)
    monkeypatch.delenv("PRE_COMMIT", raising=False)
    git(repository, "checkout", "-qb", "main")
    (repository / "old").write_text("nothing\n")
    git(repository, "add", "old")
    git(repository, "commit", "-qm", "Base")
    git(repository, "tag", "base")
    return repository


def _prepare(folder: Path, git: Git, what: str, key: str, *, staged: bool) -> None:
    text = "a line that holds nothing\n"
    if "key" in what or "allowed" in what:
        text = f"k = '{key}'" + ("  # keysweep:allow a test" if "allowed" in what else "") + "\n"
    if "configuration" in what:
        (folder / ".keysweep.toml").write_text("exclude = 7\n")
        git(folder, "add", ".keysweep.toml")
        git(folder, "commit", "-qm", "Configuration")
        git(folder, "tag", "-f", "base")
    (folder / "new").write_text(text)
    (folder / "message").write_text(text)
    (folder / "gone").write_text("gone\n")
    git(folder, "add", "new", "gone")
    if "broken" in what:
        git(folder, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
        (folder / "module").mkdir()
    gone = git(folder, "rev-parse", ":gone").strip()
    if not staged:
        git(folder, "commit", "-qm", "New")
    if "broken" in what:  # the content of a file in the index, and a submodule
        path = folder / ".git" / "objects" / gone[:2] / gone[2:]
        path.chmod(0o600)
        path.unlink()


def _input(folder: Path, git: Git, command: str) -> bytes:
    """What git writes to a hook."""
    head, base = (git(folder, "rev-parse", name).strip() for name in ("HEAD", "base"))
    if command == "hook pre-push":
        return f"refs/heads/main {head} refs/heads/main {base}\n".encode()
    if command == "hook pre-receive":  # no ref of the server leads to it yet
        git(folder, "update-ref", "refs/heads/main", base)
    return f"{base} {head} refs/heads/main\n".encode()


@pytest.mark.parametrize("situation", TABLE)
@pytest.mark.parametrize("command", COMMANDS)
def test_exit_status(
    keysweep: Run, inside: Path, git: Git, key: Key, monkeypatch: pytest.MonkeyPatch,
    command: str, situation: str,
) -> None:  # fmt: skip
    staged, arguments = COMMANDS[command]
    what, options, expected = TABLE[situation]
    _prepare(inside, git, what, key(1), staged=staged)
    given = io.TextIOWrapper(io.BytesIO(_input(inside, git, command)))
    monkeypatch.setattr(sys, "stdin", given)
    raised = {"bug": ZeroDivisionError, "interrupt": KeyboardInterrupt}.get(what)
    if raised:

        def fail(*_: object) -> None:
            raise raised

        place = "gathered.Gathered.report" if what == "bug" else "scan.Scanner.look_at"
        monkeypatch.setattr(f"scanner.{place}", fail)
    os.chdir(inside)
    ended = keysweep(*arguments, *options)
    assert ended.status == OTHERWISE.get((command, situation), expected), ended
    assert key(1) not in ended.out + ended.err
