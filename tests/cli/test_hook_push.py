"""`keysweep hook pre-push`: the commits that are about to be pushed, and no others."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]
ZERO = "0" * 40


@pytest.fixture
def commit(repository: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Commits a file and gives the commit's id; the current folder is the repository."""
    monkeypatch.chdir(repository)

    def call(name: str, text: str, message: str = "one") -> str:
        (repository / name).write_text(text)
        git(repository, "add", ".")
        git(repository, "commit", "-qm", message)
        return git(repository, "rev-parse", "HEAD").strip()

    return call


@pytest.fixture
def push(
    keysweep: Run, commit: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Runs the hook as git would, with these lines on standard input."""

    def call(*lines: str, remote: str = "origin", options: tuple[str, ...] = ()) -> Any:
        told = "".join(f"{line}\n" for line in lines).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(told)))
        return keysweep("hook", "pre-push", *options, remote, "../nowhere")

    return call


def test_other_input_is_wrong_use(push: Callable[..., Any]) -> None:
    ended = push("refs/heads/x")
    assert ended.status == 2
    assert "standard input" in ended.err


def test_nothing_to_push_passes(push: Callable[..., Any]) -> None:
    assert push() == (0, "", "")


def test_deletion_passes(push: Callable[..., Any], commit: Callable[..., str], key: Key) -> None:
    name = commit("a", key(1))
    assert push(f"(delete) {ZERO} refs/heads/x {name}") == (0, "", "")


def test_old_key_passes_and_new_key_is_told(
    push: Callable[..., Any], commit: Callable[..., str], key: Key
) -> None:
    old = commit("a", key(1))
    clean = commit("b", "nothing")
    assert push(f"HEAD {clean} refs/heads/x {old}") == (0, "", "")
    new = commit("b", f"k = '{key(2)}'\n", "brings a key")
    ended = push(f"HEAD {new} refs/heads/x {old}")
    assert ended.status == 1
    assert key(2) not in ended.err
    assert "keysweep stopped this push: 1 secret" in ended.err
    assert "b:1:6" in ended.err
    assert f"added by {new[:12]} brings a key" in ended.err
    assert f"git rebase -i {new[:12]}~1" in ended.err


def test_key_that_was_removed_again_is_still_sent(
    push: Callable[..., Any], commit: Callable[..., str], key: Key
) -> None:
    old = commit("a", "nothing")
    commit("a", key(1))
    assert push(f"HEAD {commit('a', 'gone')} refs/heads/x {old}").status == 1


def test_new_branch_is_compared_with_what_the_remote_has(
    push: Callable[..., Any], commit: Callable[..., str], key: Key, git: Git, repository: Path
) -> None:
    old = commit("a", key(1))
    line = f"HEAD {commit('b', 'nothing')} refs/heads/x {ZERO}"
    assert push(line).status == 1
    git(repository, "update-ref", "refs/remotes/elsewhere/main", old)
    assert push(line).status == 1
    git(repository, "update-ref", "refs/remotes/origin/main", old)
    assert push(line).status == 0
    assert push(line, remote="https://example.org/x.git").status == 1


def test_key_that_was_merged_from_the_remote_is_there_already(
    push: Callable[..., Any], commit: Callable[..., str], key: Key, git: Git, repository: Path
) -> None:
    base = commit("a", "nothing")
    theirs = commit("b", key(1))
    git(repository, "update-ref", "refs/remotes/origin/main", theirs)
    git(repository, "checkout", "-q", base)
    mine = commit("c", "nothing")
    git(repository, "merge", "-qm", "merge", theirs)
    merged = git(repository, "rev-parse", "HEAD").strip()
    assert push(f"HEAD {merged} refs/heads/x {mine}") == (0, "", "")


def test_remote_commit_that_is_not_here_is_no_hindrance(
    push: Callable[..., Any], commit: Callable[..., str], key: Key
) -> None:
    assert push(f"HEAD {commit('a', key(1))} refs/heads/x {'a' * 40}").status == 1


def test_message_tag_and_name_of_a_ref_count(
    push: Callable[..., Any], commit: Callable[..., str], key: Key, git: Git, repository: Path
) -> None:
    old = commit("a", "nothing")
    new = commit("a", "other", f"use {key(1)}")
    assert f"commit/{new}" in push(f"HEAD {new} refs/heads/x {old}").err
    git(repository, "tag", "-am", f"use {key(2)}", "v1", old)
    tag = git(repository, "rev-parse", "v1").strip()
    git(repository, "update-ref", "refs/remotes/origin/main", old)
    assert "refs/tags/v1:1:5 (tag-message)" in push(f"v1 {tag} refs/tags/v1 {ZERO}").err
    ended = push(f"HEAD {old} refs/heads/{key(3)} {ZERO}")
    assert "(ref-name)" in ended.err
    assert key(3) not in ended.err


def test_secret_of_two_refs_is_one_finding(
    push: Callable[..., Any], commit: Callable[..., str], key: Key, git: Git, repository: Path
) -> None:
    base = commit("a", "nothing")
    one = commit("b", key(1))
    git(repository, "checkout", "-q", base)
    two = commit("c", key(1))
    lines = [f"x {one} refs/heads/x {base}", f"y {two} refs/heads/y {base}"]
    ended = push(*lines)
    assert "1 secret\n" in ended.err
    assert "also in c:1:1" in ended.err
    out = push(*lines, options=("--format", "jsonl")).out.splitlines()
    places = json.loads(out[1])["places"]
    assert [(p["path"], p["commit"]["id"]) for p in places] == [("b", one), ("c", two)]


def test_own_configuration_and_markers_hold(
    push: Callable[..., Any], commit: Callable[..., str], key: Key, repository: Path
) -> None:
    old = commit("a", "nothing")
    new = commit("a", f"{key(1)} # keysweep:allow a test\n")
    assert push(f"HEAD {new} refs/heads/x {old}") == (0, "", "")
    (repository / ".keysweep.toml").write_text("exclude = ['b']\n")
    assert push(f"HEAD {commit('b', key(2))} refs/heads/x {old}") == (0, "", "")


# Under pre-commit


@pytest.fixture
def told(push: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs the hook with what pre-commit tells in the environment."""

    def call(**variables: str) -> Any:
        for name, value in {"": "1", **variables}.items():
            monkeypatch.setenv(f"PRE_COMMIT_{name}".rstrip("_"), value)
        return push(remote="")

    return call


def test_pre_commit_that_tells_nothing_is_no_pass(told: Callable[..., Any]) -> None:
    ended = told()
    assert ended.status == 2
    assert "pre-commit told of no commits" in ended.err


def test_unknown_commit_of_pre_commit_is_told(told: Callable[..., Any]) -> None:
    assert "nonsense: no commit" in told(TO_REF="nonsense", FROM_REF="HEAD").err


def test_commits_that_pre_commit_tells(
    told: Callable[..., Any], commit: Callable[..., str], key: Key
) -> None:
    one = commit("a", key(1))
    two = commit("a", "gone")
    three = commit("a", "other")
    assert told(FROM_REF=two, TO_REF=three).status == 0
    assert told(FROM_REF=one, TO_REF=three).status == 0
    assert told(FROM_REF=three, TO_REF=one).status == 0


def test_first_push_that_pre_commit_tells_by_its_branch(
    told: Callable[..., Any], commit: Callable[..., str], key: Key, git: Git, repository: Path
) -> None:
    one = commit("a", key(1))
    git(repository, "branch", "mine")
    branch = {"LOCAL_BRANCH": "refs/heads/mine", "REMOTE_BRANCH": "refs/heads/theirs"}
    assert told(**branch, REMOTE_NAME="origin").status == 1
    git(repository, "update-ref", "refs/remotes/origin/main", one)
    assert told(**branch, REMOTE_NAME="origin").status == 0
