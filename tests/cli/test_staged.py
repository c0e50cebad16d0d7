"""`keysweep staged` on real repositories: what of the index is new, and how that is told."""

from __future__ import annotations

import json
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
linux = pytest.mark.skipif(sys.platform != "linux", reason="file names of any bytes are Linux's")
ALLOWED = "  # keysweep:allow made for a test\n"


def _findings(out: str) -> list[tuple[str, int]]:
    """Path and line of each place of a JSON Lines report that nothing suppresses."""
    lines = [json.loads(line) for line in out.splitlines()][1:-1]
    places = [place for line in lines for place in line["places"]]
    return [(p["path"], p["start_line"]) for p in places if not p["suppressed"]]


@pytest.fixture
def staged(keysweep: Run, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Gives the open findings of what is staged, as path and line; checks the exit status."""

    def call() -> list[tuple[str, int]]:
        monkeypatch.chdir(repository)
        ended = keysweep("staged", "--format", "jsonl")
        found = _findings(ended.out)
        assert ended.status == (1 if found else 0), ended.err
        return found

    return call


@pytest.fixture
def committed(repository: Path, git: Git, key: Key) -> Path:
    """A repository with one commit, of a key among other lines in `a.py`."""
    (repository / "a.py").write_text(_text(key("old")))
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "one")
    return repository


def _text(*keys: str) -> str:
    filling = "".join(f"line = {number}\n" for number in range(20))
    return filling + "".join(f"k = '{key}'\n" for key in keys)


def _stage(git: Git, folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name).write_text(text)
    git(folder, "add", "-A")


# Wrong use


def test_folder_without_a_repository_is_wrong_use(
    process: Run, tmp_path: Path, repository: Path, git: Git
) -> None:
    ended = process("staged")
    assert ended.status == 2
    assert "not in the work tree of a git repository" in ended.err
    git(tmp_path, "init", "-q", "--bare", "bare")
    assert process("staged", environment={"GIT_DIR": str(tmp_path / "bare")}).status == 2


def test_repository_of_another_user_is_told(
    keysweep: Run, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can give a folder to another user")
    for path in (repository, repository / ".git"):
        os.chown(path, 12345, 12345)
    monkeypatch.chdir(repository)
    ended = keysweep("staged")
    assert ended.status == 2
    assert "git config --global --add safe.directory" in ended.err


def test_wrong_option_is_told(keysweep: Run, repository: Path) -> None:
    assert "--fail-on" in keysweep("staged", "--fail-on", "urgent").err


def test_damaged_index_ends_with_2(
    keysweep: Run, committed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (committed / ".git" / "index").write_bytes(b"no index at all, and longer than a header is")
    monkeypatch.chdir(committed)
    ended = keysweep("staged")
    assert ended.status == 2
    assert "index file" in ended.err


# Nothing new


def test_nothing_staged(staged: Run, committed: Path) -> None:
    assert staged() == []


def test_empty_repository(staged: Run) -> None:
    assert staged() == []


def test_key_on_disk_only(staged: Run, committed: Path, key: Key) -> None:
    (committed / "a.py").write_text(_text(key("old"), key("on disk")))
    (committed / "new.py").write_text(_text(key("untracked")))
    assert staged() == []


def test_key_that_is_staged_to_go(staged: Run, committed: Path, git: Git) -> None:
    _stage(git, committed, **{"a.py": _text()})
    assert staged() == []
    git(committed, "rm", "-qf", "a.py")
    assert staged() == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: "new\n" * 9 + text, id="moved down"),
        pytest.param(lambda text: "".join(text.splitlines(keepends=True)[::-1]), id="moved up"),
        pytest.param(lambda text: text.replace("k = ", "    k = "), id="indented"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="other line ends"),
        pytest.param(lambda text: text.replace("'", '"'), id="other quotes"),
        pytest.param(lambda text: text.replace("k = ", "api_key = "), id="renamed variable"),
        pytest.param(lambda text: text + text.splitlines()[-1] + "\n", id="twice"),
        pytest.param(lambda text: text.rstrip("\n") + ALLOWED, id="allowed now"),
    ],
)
def test_key_that_was_there_already(
    staged: Run, committed: Path, git: Git, change: Callable[[str], str]
) -> None:
    _stage(git, committed, **{"a.py": change((committed / "a.py").read_text())})
    assert staged() == []


def test_renamed_file_with_its_old_key(staged: Run, committed: Path, git: Git, key: Key) -> None:
    git(committed, "mv", "a.py", "b.py")
    assert staged() == []
    _stage(git, committed, **{"b.py": "more\n" + _text(key("old"))})
    assert staged() == []


def test_intended_file_is_not_staged_yet(staged: Run, committed: Path, git: Git, key: Key) -> None:
    (committed / key("name")).write_text(key("new"))
    git(committed, "add", "-N", key("name"))
    assert staged() == []


def test_allowed_key_is_suppressed(
    keysweep: Run, committed: Path, git: Git, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stage(git, committed, n=key("new") + ALLOWED)
    monkeypatch.chdir(committed)
    ended = keysweep("staged")
    assert ended.status == 0
    assert "0 findings, 1 suppressed" in ended.out


# New


def test_key_in_the_index_only(staged: Run, committed: Path, git: Git, key: Key) -> None:
    _stage(git, committed, **{"a.py": _text(key("old"), key("staged"))})
    (committed / "a.py").write_text(_text(key("old")))
    assert staged() == [("a.py", 22)]


def test_partly_staged_file(staged: Run, committed: Path, git: Git, key: Key) -> None:
    _stage(git, committed, **{"a.py": _text(key("old"), key("staged"))})
    (committed / "a.py").write_text(_text(key("unstaged"), key("old"), key("staged"), key("too")))
    assert staged() == [("a.py", 22)]


def test_everything_is_new_before_the_first_commit(
    staged: Run, repository: Path, git: Git, key: Key
) -> None:
    _stage(git, repository, a=key(1), b=f"\n{key(2)}")
    assert staged() == [("a", 1), ("b", 2)]


def test_renamed_file_with_another_key(staged: Run, committed: Path, git: Git, key: Key) -> None:
    git(committed, "mv", "a.py", "b.py")
    _stage(git, committed, **{"b.py": _text(key("old"), key("new"))})
    assert staged() == [("b.py", 22)]


def test_key_copied_to_another_file(staged: Run, committed: Path, git: Git, key: Key) -> None:
    _stage(git, committed, b=key("old"))
    assert staged() == [("b", 1)]


def test_key_beside_an_allowed_one(staged: Run, committed: Path, git: Git, key: Key) -> None:
    allowed = f"k = '{key('fine')}'" + ALLOWED
    _stage(git, committed, n=allowed)
    git(committed, "commit", "-qm", "allowed")
    _stage(git, committed, n=f"{allowed}k = '{key('new')}'\n")
    assert staged() == [("n", 2)]
    _stage(git, committed, n=f"{allowed}k = '{key('fine')}'\n")
    assert staged() == [("n", 2)]


def test_marker_that_goes_away(staged: Run, committed: Path, git: Git, key: Key) -> None:
    _stage(git, committed, n=f"k = '{key('fine')}'" + ALLOWED)
    git(committed, "commit", "-qm", "allowed")
    _stage(git, committed, n=f"k = '{key('fine')}'\n")
    assert staged() == [("n", 1)]


def test_key_in_a_link(staged: Run, committed: Path, git: Git, key: Key) -> None:
    if sys.platform == "win32":
        pytest.skip("links need rights there")
    (committed / "link").symlink_to(f"https://example.org/?k={key('new')}")
    git(committed, "add", "link")
    assert staged() == [("link", 1)]


@pytest.mark.parametrize("chosen", ["text", "json", "jsonl", "sarif"])
def test_key_in_a_file_name_is_found_and_not_shown(
    *, keysweep: Run, committed: Path, git: Git, key: Key, monkeypatch: pytest.MonkeyPatch,
    chosen: str,
) -> None:  # fmt: skip
    _stage(git, committed, **{f"x-{key('new')}.pem": "content", "y": key("other")})
    monkeypatch.chdir(committed)
    ended = keysweep("staged", "--format", chosen)
    assert ended.status == 1
    assert key("new") not in ended.out
    assert "be_" in ended.out
    shown = keysweep("staged", "--format", chosen, "--show-secrets").out
    assert (f"x-{key('new')}.pem" in shown) == (chosen != "sarif")


def test_renamed_folder_with_a_key_in_its_name(
    staged: Run, committed: Path, git: Git, key: Key
) -> None:
    (committed / key("name")).mkdir()
    git(committed, "mv", "a.py", key("name"))
    assert len(staged()) == 1
    git(committed, "commit", "-qm", "named")
    git(committed, "mv", f"{key('name')}/a.py", f"{key('name')}/b.py")
    assert staged() == []


@linux
@pytest.mark.parametrize("name", [b"-rf", b"a\nb", b"not\xffutf", b"\x1b[2J"])
def test_files_of_any_name(staged: Run, committed: Path, git: Git, key: Key, name: bytes) -> None:
    _stage(git, committed, **{os.fsdecode(name): key("new")})
    assert staged() == [(name.decode("utf-8", "replace").replace("�", "%FF"), 1)]


# Merges


@pytest.fixture
def merging(committed: Path, git: Git, key: Key) -> Path:
    """In the middle of a merge that does not go through; both sides brought keys."""
    git(committed, "checkout", "-qb", "theirs")
    _stage(git, committed, **{"a.py": _text(key("theirs")), "t": key("added")})
    git(committed, "commit", "-qm", "theirs")
    git(committed, "checkout", "-q", "-")
    _stage(git, committed, **{"a.py": _text(key("ours"))})
    git(committed, "commit", "-qm", "ours")
    done = subprocess.run(
        ["git", "merge", "theirs"], cwd=committed, capture_output=True, check=False
    )
    assert done.returncode == 1
    return committed


def test_conflict_of_a_merge_brings_nothing_new(staged: Run, merging: Path) -> None:
    assert staged() == []


def test_resolved_conflict_brings_what_neither_side_has(
    staged: Run, merging: Path, git: Git, key: Key
) -> None:
    keys = key("ours"), key("theirs"), key("mine")
    _stage(git, merging, **{"a.py": _text(*keys), "t": key("added"), "n": key("new")})
    assert staged() == [("a.py", 23), ("n", 1)]


def test_conflict_of_a_pick_brings_its_key(staged: Run, merging: Path, git: Git) -> None:
    git(merging, "merge", "--abort")
    subprocess.run(["git", "cherry-pick", "theirs"], cwd=merging, capture_output=True, check=False)
    assert staged() == [("a.py", 21), ("t", 1)]


# As a hook


@pytest.mark.skipif(sys.platform == "win32", reason="a hook is a shell script")
@pytest.mark.parametrize("arguments", [["-a"], ["a.py"], []], ids=["all", "path", "staged"])
def test_as_a_hook_it_keeps_the_key_out(
    plan: object, committed: Path, git: Git, key: Key, arguments: list[str]
) -> None:
    hook = committed / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec '{sys.executable}' -P -m scanner staged >&2\n")
    hook.chmod(0o755)
    (committed / "a.py").write_text(_text(key("old"), key("new")))
    if not arguments:
        git(committed, "add", "a.py")
    command = ["git", "commit", "-qm", "two", *arguments]
    done = subprocess.run(command, cwd=committed, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"a.py\n  22:" in done.stderr
    assert git(committed, "rev-list", "--count", "HEAD") == "1\n"
    (committed / "a.py").write_text(_text(key("old")) + "harmless\n")
    git(committed, "commit", "-qm", "two", *(arguments or ["-a"]))


# What was not seen, configuration


def test_missing_content_ends_with_3(
    keysweep: Run, committed: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stage(git, committed, n="new")
    name = git(committed, "rev-parse", ":n").strip()
    path = committed / ".git" / "objects" / name[:2] / name[2:]
    path.chmod(0o600)
    path.unlink()
    monkeypatch.chdir(committed)
    ended = keysweep("staged")
    assert ended.status == 3
    assert "n: git cannot read the object" in ended.out
    assert keysweep("staged", "--allow-incomplete").status == 0


def test_configuration_is_that_of_the_root(
    keysweep: Run, committed: Path, git: Git, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stage(git, committed, n=key("new"), m="x" * 100)
    (committed / ".keysweep.toml").write_text("exclude = ['n']\nmax_file_size = '99'\n")
    (committed / "sub").mkdir()
    monkeypatch.chdir(committed / "sub")
    ended = keysweep("staged")
    assert ended.status == 0
    assert "n: excluded by configuration" in ended.out
    assert "m: 100 bytes, over --max-file-size 99" in ended.out


def test_text_report_counts_files_and_not_names(
    keysweep: Run, committed: Path, git: Git, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stage(git, committed, n=key("new"), m="x")
    monkeypatch.chdir(committed)
    assert "1 finding (1 critical); 2 files, " in keysweep("staged").out
