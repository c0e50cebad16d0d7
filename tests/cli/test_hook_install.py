"""`keysweep hook install` and `uninstall`: hooks that real commits and pushes go through."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]
posix = pytest.mark.skipif(sys.platform == "win32", reason="a hook is a shell script")
NAMES = ("commit-msg", "pre-commit", "pre-push")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home, with an empty configuration of git's."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "gitconfig").touch()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(folder / "gitconfig"))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    return folder


@pytest.fixture
def here(repository: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository, the current folder."""
    monkeypatch.chdir(repository)
    return repository


def _hooks(folder: Path) -> list[str]:
    files = (folder / ".git" / "hooks").glob("*")
    return sorted(file.name for file in files if file.suffix != ".sample")


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def _commit(folder: Path, text: str, message: str = "one") -> subprocess.CompletedProcess[str]:
    (folder / "a.py").write_text(text)
    _git(folder, "add", ".")
    return _git(folder, "commit", "-m", message)


# Refused


def test_folder_without_a_repository_is_wrong_use(keysweep: Run, home: Path) -> None:
    for name in ("install", "uninstall"):
        ended = keysweep("hook", name)
        assert ended.status == 2
        assert "not a git repository" in ended.err


@pytest.mark.parametrize(
    ("value", "told"),
    [
        pytest.param(".husky/_", ".husky/pre-commit: keysweep hook pre-commit", id="husky"),
        pytest.param(".githooks", '.githooks/pre-push: keysweep hook pre-push "$1"', id="tracked"),
    ],
)
def test_hooks_in_the_work_tree_are_left_alone(
    keysweep: Run, here: Path, git: Git, value: str, told: str
) -> None:
    git(here, "config", "core.hooksPath", value)
    ended = keysweep("hook", "install")
    assert ended.status == 2
    assert f"core.hooksPath is {value} (local)" in ended.err
    assert f"{here}/{told}" in ended.err.replace(os.sep, "/")
    assert _hooks(here) == []
    assert not (here / ".husky").exists()


def test_hooks_of_all_repositories_are_left_alone(
    keysweep: Run, here: Path, git: Git, tmp_path: Path, home: Path
) -> None:
    git(here, "config", "--global", "core.hooksPath", tmp_path / "theirs")
    before = (home / "gitconfig").read_text()
    for options in ([], ["--global"]):
        ended = keysweep("hook", "install", *options)
        assert ended.status == 2
        assert "core.hooksPath is" in ended.err
        assert "keysweep hook commit-msg" in ended.err
    assert "git config --global --unset core.hooksPath" in ended.err
    assert (home / "gitconfig").read_text() == before
    assert not (tmp_path / "theirs").exists()
    assert not (home / "data").exists()
    assert keysweep("hook", "uninstall", "--global").status == 0
    assert (home / "gitconfig").read_text() == before


# In one repository


def test_uninstalling_nothing_says_so(keysweep: Run, here: Path) -> None:
    ended = keysweep("hook", "uninstall")
    assert ended.status == 0
    assert "No hooks of keysweep in" in ended.out


@posix
def test_installed_hooks_stop_keys(
    keysweep: Run, here: Path, git: Git, key: Key, tmp_path: Path
) -> None:
    assert keysweep("hook", "install").status == 0
    assert keysweep("hook", "install").status == 0
    assert _hooks(here) == list(NAMES)
    assert _commit(here, "nothing\n").returncode == 0

    stopped = _commit(here, f"k = '{key(1)}'\n")
    assert stopped.returncode == 1
    assert "a.py:1:6" in stopped.stderr
    assert key(1) not in stopped.stderr
    assert _commit(here, "other\n", f"use {key(2)}").returncode == 1
    assert git(here, "rev-list", "--count", "HEAD") == "1\n"

    git(here, "init", "-q", "--bare", tmp_path / "server.git")
    git(here, "remote", "add", "origin", tmp_path / "server.git")
    (here / "a.py").write_text(f"k = '{key(1)}'\n")
    git(here, "commit", "-qanm", "sneaked in")
    stopped = _git(here, "push", "origin", "HEAD:refs/heads/main", "HEAD~1:refs/heads/older")
    assert stopped.returncode == 1
    assert "keysweep stopped this push" in stopped.stderr
    assert _git(here, "push", "origin", "HEAD~1:refs/heads/main").returncode == 0

    assert keysweep("hook", "uninstall").status == 0
    assert _hooks(here) == []
    assert _commit(here, f"k = '{key(3)}'\n").returncode == 0


@posix
def test_earlier_hook_runs_first_and_comes_back(keysweep: Run, here: Path, key: Key) -> None:
    earlier = here / ".git" / "hooks" / "pre-commit"
    earlier.parent.mkdir(exist_ok=True)
    earlier.write_text("#!/bin/sh\necho earlier >> ran\ntest ! -e forbidden\n")
    earlier.chmod(0o755)
    before = (earlier.read_bytes(), earlier.stat().st_mode)
    keysweep("hook", "install")
    assert _commit(here, "nothing\n").returncode == 0
    assert _commit(here, f"k = '{key(1)}'\n").returncode == 1
    assert (here / "ran").read_text() == "earlier\n" * 2
    (here / "forbidden").touch()
    assert _commit(here, "other\n").returncode == 1
    keysweep("hook", "uninstall")
    assert (earlier.read_bytes(), earlier.stat().st_mode) == before
    assert _hooks(here) == ["pre-commit"]


@posix
def test_keysweep_need_not_be_on_the_path(
    keysweep: Run, here: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    keysweep("hook", "install")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert _commit(here, f"k = '{key(1)}'\n").returncode == 1
    assert _commit(here, "nothing\n").returncode == 0


@posix
def test_module_of_the_same_name_in_the_repository_is_not_run(
    keysweep: Run, here: Path, key: Key
) -> None:
    keysweep("hook", "install")
    (here / "scanner").mkdir()
    (here / "scanner" / "__init__.py").write_text("raise SystemExit(0)\n")
    assert _commit(here, f"k = '{key(1)}'\n").returncode == 1


@posix
def test_worktrees_share_the_hooks(
    *,
    keysweep: Run,
    here: Path,
    git: Git,
    key: Key,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _commit(here, "nothing\n")
    git(here, "worktree", "add", "-q", tmp_path / "second")
    monkeypatch.chdir(tmp_path / "second")
    assert keysweep("hook", "install").status == 0
    assert _hooks(here) == list(NAMES)
    for folder in (here, tmp_path / "second"):
        stopped = _commit(folder, f"k = '{key(folder)}'\n")
        assert stopped.returncode == 1
        assert "a.py:1:6" in stopped.stderr
        assert _commit(folder, "other\n", f"{key(folder)}").returncode == 1


@posix
@pytest.mark.parametrize("arguments", [["-a"], ["a.py"], ["--amend", "-a"]], ids=str)
def test_index_of_a_partial_commit_is_the_one_looked_at(
    keysweep: Run, here: Path, key: Key, arguments: list[str]
) -> None:
    _commit(here, "nothing\n")
    (here / "b.py").write_text(key("b"))
    keysweep("hook", "install")
    (here / "a.py").write_text(key("a"))
    assert _git(here, "commit", "-m", "two", *arguments).returncode == 1
    (here / "a.py").write_text("other\n")
    _git(here, "add", "b.py")
    done = _git(here, "commit", "-m", "two", "a.py")  # leaves b.py where it is
    assert done.returncode == 0, done.stderr


def test_own_folder_of_hooks_outside_the_work_tree(
    keysweep: Run, here: Path, git: Git, tmp_path: Path
) -> None:
    git(here, "config", "core.hooksPath", tmp_path / "mine")
    assert keysweep("hook", "install").status == 0
    assert sorted(file.name for file in (tmp_path / "mine").iterdir()) == list(NAMES)
    assert _hooks(here) == []
    assert keysweep("hook", "uninstall").status == 0
    assert list((tmp_path / "mine").iterdir()) == []


def test_bare_repository_gets_a_hook_for_what_is_pushed_to_it(
    keysweep: Run, home: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "-q", "--bare", "server.git")
    monkeypatch.chdir(tmp_path / "server.git")
    assert keysweep("hook", "install").status == 0
    hook = tmp_path / "server.git" / "hooks" / "pre-receive"
    assert b"hook pre-receive" in hook.read_bytes()
    assert keysweep("hook", "uninstall").status == 0
    assert not hook.exists()


# In all repositories


@posix
def test_hooks_of_all_repositories(
    *, keysweep: Run, here: Path, git: Git, key: Key, tmp_path: Path, home: Path
) -> None:
    own = here / ".git" / "hooks"
    own.mkdir(exist_ok=True)
    for name in ("pre-commit", "post-commit"):
        (own / name).write_text(f"#!/bin/sh\necho {name} >> ran\n")
        (own / name).chmod(0o755)
    for _ in range(2):
        assert keysweep("hook", "install", "--global").status == 0
    assert git(here, "config", "--get-all", "core.hooksPath").count("\n") == 1
    assert _commit(here, f"k = '{key(1)}'\n").returncode == 1
    assert _commit(here, "nothing\n").returncode == 0
    assert (here / "ran").read_text() == "pre-commit\n" * 2 + "post-commit\n"
    git(tmp_path, "init", "-q", "other")
    assert _commit(tmp_path / "other", f"k = '{key(1)}'\n").returncode == 1

    ended = keysweep("hook", "install")
    assert ended.status == 0
    assert "In place for all repositories already" in ended.out
    assert _hooks(here) == ["post-commit", "pre-commit"]

    assert keysweep("hook", "uninstall", "--global").status == 0
    assert (home / "gitconfig").read_text().count("hooksPath") == 0
    assert not (home / "data" / "keysweep" / "hooks").exists()
    assert _commit(tmp_path / "other", f"k = '{key(1)}'\n").returncode == 0
