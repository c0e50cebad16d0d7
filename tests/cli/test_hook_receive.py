"""`keysweep hook pre-receive` as the hook of a real server that a real client pushes to."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]
posix = pytest.mark.skipif(sys.platform == "win32", reason="a hook is a shell script")


class Ended(NamedTuple):
    """How a push ended, and what it said."""

    status: int
    err: str


class Both(NamedTuple):
    """A client's repository, and the bare one of the server that it pushes to."""

    client: Path
    server: Path

    def commit(self, git: Git, name: str, text: str) -> None:
        (self.client / name).write_text(text)
        git(self.client, "add", ".")
        git(self.client, "commit", "-qm", name)

    def push(self, *arguments: str, **environment: str) -> Ended:
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", "push", "origin", *arguments],
            cwd=self.client,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ended(done.returncode, done.stderr)


@pytest.fixture
def both(
    keysweep: Run, repository: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Both:
    """A client and a server with a first commit, and with the hook."""
    server = tmp_path / "server.git"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", server)
    git(repository, "remote", "add", "origin", server)
    found = Both(repository, server)
    found.commit(git, "first", "nothing\n")
    assert found.push("HEAD:main").status == 0
    monkeypatch.chdir(server)
    assert keysweep("hook", "install").status == 0
    return found


@pytest.fixture
def receive(keysweep: Run, both: Both, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs the hook in this process, with these lines on standard input."""

    def call(*lines: str, options: tuple[str, ...] = ()) -> Any:
        told = "".join(f"{line}\n" for line in lines).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(told)))
        return keysweep("hook", "pre-receive", *options)

    return call


def test_other_input_is_wrong_use(receive: Callable[..., Any]) -> None:
    assert receive("HEAD").status == 2


def test_wrong_timeout_is_told(receive: Callable[..., Any]) -> None:
    assert "--timeout" in receive(options=("--timeout", "-1")).err


@posix
def test_push_with_a_key_is_refused_and_leaves_nothing(both: Both, git: Git, key: Key) -> None:
    both.commit(git, "a.py", f"k = '{key(1)}'\n")
    ended = both.push("HEAD:main")
    assert ended.status == 1
    assert "pre-receive hook declined" in ended.err
    assert "remote: keysweep stopped this push: 1 secret" in ended.err
    assert "remote:   a.py:1:6  ByteEngine API key" in ended.err
    assert key(1) not in ended.err
    assert git(both.server, "rev-list", "--count", "main") == "1\n"


@posix
def test_new_branch_with_a_key_is_refused(both: Both, git: Git, key: Key) -> None:
    both.commit(git, "a.py", f"k = '{key(1)}'\n")
    both.commit(git, "a.py", "gone again\n")
    assert both.push("HEAD:refs/heads/new").status == 1
    assert both.push("HEAD:refs/tags/new").status == 1
    assert git(both.server, "for-each-ref", "--format=%(refname)") == "refs/heads/main\n"


@posix
def test_clean_pushes_and_deletions_go_through(both: Both, git: Git) -> None:
    both.commit(git, "a.py", "nothing\n")
    assert both.push("HEAD:main", "HEAD:refs/heads/new").status == 0
    assert both.push(":refs/heads/new").status == 0
    both.commit(git, "a.py", "other\n")
    assert both.push("+HEAD~2:main").status == 0


@posix
def test_key_that_the_server_has_already_goes_through(both: Both, git: Git, key: Key) -> None:
    both.commit(git, "a.py", f"k = '{key(1)}'\n")
    hook = both.server / "hooks" / "pre-receive"
    hook.rename(hook.with_name("away"))
    assert both.push("HEAD:main").status == 0
    hook.with_name("away").rename(hook)
    both.commit(git, "b.py", "nothing\n")
    assert both.push("HEAD:main", "HEAD:refs/heads/new").status == 0


@posix
def test_pushed_configuration_and_markers_do_not_hold(both: Both, git: Git, key: Key) -> None:
    both.commit(git, ".keysweep.toml", "exclude = ['a.py']\n")
    assert both.push("HEAD:main").status == 0
    both.commit(git, "a.py", f"k = '{key(1)}'  # keysweep:allow please\n")
    ended = both.push("HEAD:main")
    assert ended.status == 1
    assert "does not count here" in ended.err
    assert both.push("HEAD:main", KEYSWEEP_TRUST_HEAD="1").status == 0
    both.commit(git, "a.py", f"k = '{key(1)}'  # keysweep:allow please\nmore\n")
    assert both.push("HEAD:main").status == 0  # it stood so before
    assert both.push("HEAD:refs/heads/new").status == 0


@posix
def test_what_takes_too_long_is_refused(both: Both, git: Git) -> None:
    both.commit(git, "a.py", "nothing\n")
    ended = both.push("HEAD:main", KEYSWEEP_TIMEOUT="0.000001")
    assert ended.status == 1
    assert "refs/heads/main: the time limit was over" in ended.err
    assert both.push("HEAD:main", KEYSWEEP_TIMEOUT="0").status == 0


@posix
def test_users_own_configuration_holds(both: Both, git: Git, key: Key, tmp_path: Path) -> None:
    both.commit(git, "a.py", f"k = '{key(1)}'\n")
    (tmp_path / "server.toml").write_text("exclude = ['a.py']\n")
    assert both.push("HEAD:main", KEYSWEEP_CONFIG=str(tmp_path / "server.toml")).status == 0
    both.commit(git, "b.py", "nothing\n")
    (tmp_path / "server.toml").write_text("nonsense = 1\n")
    ended = both.push("HEAD:main", KEYSWEEP_CONFIG=str(tmp_path / "server.toml"))
    assert ended.status == 1
    assert "server.toml" in ended.err
