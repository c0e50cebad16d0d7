"""`keysweep hook pre-commit`: what is staged, and of files asked for by name, what they hold."""

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


@pytest.fixture
def committed(repository: Path, git: Git, key: Key, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a key in its one commit, in `old.py`; the current folder."""
    (repository / "old.py").write_text(f"k = '{key('old')}'\n")
    (repository / "clean.py").write_text("nothing\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "one")
    monkeypatch.chdir(repository)
    return repository


@pytest.fixture
def looked_at(keysweep: Run, committed: Path) -> Callable[..., set[str]]:
    """Gives the paths that have findings, of a call with these file names."""

    def call(*names: str) -> set[str]:
        ended = keysweep("hook", "pre-commit", "--format", "jsonl", "--", *names)
        findings = [json.loads(line) for line in ended.out.splitlines()][1:-1]
        assert ended.status == (1 if findings else 0), ended.err
        return {place["path"] for finding in findings for place in finding["places"]}

    return call


def _stage(git: Git, folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    git(folder, "add", "--", name)


# Wrong use


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("nowhere.py", "no such file or folder", id="not there"),
        pytest.param("../outside.py", "outside of the work tree", id="outside"),
        pytest.param("..", "outside of the work tree", id="folder outside"),
    ],
)
def test_name_of_nothing_is_told(keysweep: Run, committed: Path, name: str, said: str) -> None:
    ended = keysweep("hook", "pre-commit", "clean.py", name)
    assert ended.status == 2
    assert said in ended.err
    assert name in ended.err


def test_folder_without_a_repository_is_wrong_use(keysweep: Run) -> None:
    ended = keysweep("hook", "pre-commit")
    assert ended.status == 2
    assert "not in the work tree of a git repository" in ended.err


# Without names


def test_nothing_staged_passes_in_silence(keysweep: Run, committed: Path) -> None:
    assert keysweep("hook", "pre-commit") == (0, "", "")


def test_key_on_disk_only_passes(keysweep: Run, committed: Path, git: Git, key: Key) -> None:
    _stage(git, committed, "a.py", "nothing\n")
    (committed / "a.py").write_text(key("disk"))
    assert keysweep("hook", "pre-commit").status == 0
    assert keysweep("hook", "pre-commit", "a.py").status == 0


def test_staged_key_is_told_with_what_to_do(
    keysweep: Run, committed: Path, git: Git, key: Key
) -> None:
    _stage(git, committed, "a.py", f"\nk = '{key('new')}'\n")
    (committed / "a.py").write_text("gone from disk\n")
    ended = keysweep("hook", "pre-commit")
    assert ended.status == 1
    assert ended.out == ""
    assert key("new") not in ended.err
    head, place, line, *steps = [text for text in ended.err.splitlines() if text.strip()]
    assert head == "keysweep stopped this commit: 1 secret"
    assert place.split() == ["a.py:2:6", "ByteEngine", "API", "key", "[byteengine-api-key]"]
    assert line.strip().startswith("k = 'be_")
    assert [step.split()[0] for step in steps[:3]] == ["1.", "2.", "3."]
    assert "environment" in steps[0]
    assert "rotate" in steps[1]
    assert "keysweep:allow <reason>" in steps[2]
    assert "commit again" in steps[3]
    assert "--no-verify" not in "".join(steps[:4])


def test_hostile_names_do_not_reach_the_terminal(
    keysweep: Run, committed: Path, git: Git, key: Key
) -> None:
    if sys.platform == "win32":
        pytest.skip("no such names there")
    _stage(git, committed, "\x1b[2J.py", f"k = '{key('new')}'\t\x1b[31m\n")
    ended = keysweep("hook", "pre-commit")
    assert ended.status == 1
    assert "\x1b" not in ended.err
    assert "\\x1b[2J.py:1" in ended.err


def test_key_in_a_file_name_is_not_shown(
    keysweep: Run, committed: Path, git: Git, key: Key
) -> None:
    _stage(git, committed, f"{key('name')}.pem", "nothing\n")
    ended = keysweep("hook", "pre-commit")
    assert ended.status == 1
    assert "(file-name)" in ended.err
    assert key("name") not in ended.err


def test_report_is_written_where_asked(
    keysweep: Run, committed: Path, git: Git, key: Key, tmp_path: Path
) -> None:
    _stage(git, committed, "a.py", key("new"))
    ended = keysweep("hook", "pre-commit", "--output", tmp_path / "out.json")
    assert (ended.status, ended.out) == (1, "")
    assert "keysweep stopped" in ended.err
    assert '"a.py"' in (tmp_path / "out.json").read_text()
    ended = keysweep("hook", "pre-commit", "--format", "json")
    assert ended.err == ""
    assert '"a.py"' in ended.out
    assert keysweep("hook", "pre-commit", "--quiet") == (1, "", "")


def test_only_what_fails_is_shown(keysweep: Run, committed: Path, git: Git, key: Key) -> None:
    _stage(git, committed, "a.py", key("new"))
    assert keysweep("hook", "pre-commit", "--fail-on", "low") == (0, "", "")


def test_what_was_not_seen_stops_too_and_says_how_to_go_on(
    keysweep: Run, committed: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stage(git, committed, "a.py", "new")
    name = git(committed, "rev-parse", ":a.py").strip()
    path = committed / ".git" / "objects" / name[:2] / name[2:]
    path.chmod(0o600)
    path.unlink()
    ended = keysweep("hook", "pre-commit")
    assert ended.status == 3
    assert "1 thing not seen" in ended.err
    assert "a.py: git cannot read the object" in ended.err
    assert "KEYSWEEP_ALLOW_INCOMPLETE=1" in ended.err
    monkeypatch.setenv("KEYSWEEP_ALLOW_INCOMPLETE", "1")
    assert keysweep("hook", "pre-commit") == (0, "", "")


@pytest.mark.parametrize("name", [None, "KEYSWEEP_FORMAT"], ids=["short", "with an option"])
def test_call_of_git_itself_passes_in_silence_without_click(
    committed: Path, git: Git, plan: object, name: str | None
) -> None:
    _stage(git, committed, "a.py", "nothing\n")
    kept = {n: v for n, v in os.environ.items() if n == "KEYSWEEP_CACHE_DIR" or "KEYS" not in n}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-P", "-m", "scanner", "hook", "pre-commit"],
        env=kept | ({name: "json"} if name else {}),
        cwd=committed,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("click" in done.stderr) == (name is not None)
    assert (done.stdout == "") == (name is None)


# With names


def test_file_without_a_staged_difference_is_looked_at_as_a_whole(
    looked_at: Callable[..., set[str]],
) -> None:
    assert looked_at("clean.py") == set()
    assert looked_at("clean.py", "old.py") == {"old.py"}
    assert looked_at(".") == {"old.py"}


def test_file_with_a_staged_difference_is_looked_at_for_what_is_new(
    looked_at: Callable[..., set[str]], committed: Path, git: Git, key: Key
) -> None:
    _stage(git, committed, "old.py", f"more\nk = '{key('old')}'\n")
    assert looked_at("old.py") == set()
    _stage(git, committed, "old.py", f"k = '{key('old')}'\nk = '{key('new')}'\n")
    assert looked_at("old.py", "clean.py") == {"old.py"}
    assert looked_at("clean.py") == set()


def test_key_on_disk_of_a_tracked_file_is_not_in_the_index(
    looked_at: Callable[..., set[str]], committed: Path, key: Key
) -> None:
    (committed / "clean.py").write_text(key("disk"))
    (committed / "old.py").write_text("gone from disk\n")
    assert looked_at("clean.py", "old.py") == {"old.py"}


def test_file_that_git_does_not_track_is_read_from_disk(
    looked_at: Callable[..., set[str]], committed: Path, git: Git, key: Key
) -> None:
    (committed / "untracked.py").write_text(key("disk"))
    (committed / "announced.py").write_text(key("disk"))
    git(committed, "add", "-N", "announced.py")
    assert looked_at() == set()
    assert looked_at("untracked.py") == {"untracked.py"}
    assert looked_at("announced.py", "clean.py") == {"announced.py"}


def test_file_that_is_staged_to_go_brings_nothing(
    looked_at: Callable[..., set[str]], committed: Path, git: Git
) -> None:
    git(committed, "rm", "-q", "--cached", "old.py")
    assert looked_at("old.py") == set()


def test_names_are_relative_to_the_current_folder(
    looked_at: Callable[..., set[str]], committed: Path, git: Git, key: Key,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    _stage(git, committed, "sub/a.py", key("new"))
    monkeypatch.chdir(committed / "sub")
    assert looked_at("a.py") == {"sub/a.py"}
    assert looked_at(".") == {"sub/a.py"}
    assert looked_at("..") == {"sub/a.py", "old.py"}
    assert looked_at("../old.py", "../sub/a.py") == {"sub/a.py", "old.py"}
    assert looked_at(str(committed / "old.py")) == {"old.py"}


def test_parts_of_a_commit_together_are_the_whole(
    looked_at: Callable[..., set[str]], committed: Path, git: Git, key: Key
) -> None:
    names = [f"{number}.py" for number in range(6)]
    for name in names:
        _stage(git, committed, name, key(name))
    git(committed, "mv", "old.py", "moved.py")
    assert looked_at(*names[:3], "moved.py") == set(names[:3])
    assert looked_at(*names[3:]) == set(names[3:])


@linux
@pytest.mark.parametrize("name", [b"-rf", b"a b", b"a\nb", b"not\xffutf", b":(top)a", b"*"])
def test_files_of_any_name(keysweep: Run, committed: Path, git: Git, key: Key, name: bytes) -> None:
    (committed / os.fsdecode(name)).write_text(key("new"))
    git(committed, "add", "--", b":(literal)" + name)
    for _ in ("staged", "committed"):
        ended = keysweep("hook", "pre-commit", "--", os.fsdecode(name))
        assert (ended.status, ended.err.splitlines()[0][-8:]) == (1, "1 secret")
        git(committed, "commit", "-qm", "two", "--allow-empty")


def test_link_is_looked_at_itself(
    looked_at: Callable[..., set[str]], committed: Path, git: Git, key: Key
) -> None:
    if sys.platform == "win32":
        pytest.skip("links need rights there")
    (committed / "link").symlink_to("old.py")
    (committed / "telling").symlink_to(f"https://example.org/?k={key('new')}")
    git(committed, "add", ".")
    git(committed, "commit", "-qm", "two")
    assert looked_at("link", "telling") == {"telling"}


def test_configuration_holds(keysweep: Run, committed: Path) -> None:
    (committed / ".keysweep.toml").write_text("exclude = ['old.py']\n")
    assert keysweep("hook", "pre-commit", "old.py") == (0, "", "")


# Merges


@pytest.fixture
def resolved(committed: Path, git: Git) -> Path:
    """A conflict in `old.py`, which has an old key, that was resolved to what was there."""
    git(committed, "checkout", "-qb", "theirs")
    _stage(git, committed, "old.py", (committed / "old.py").read_text() + "theirs\n")
    git(committed, "commit", "-qm", "theirs")
    git(committed, "checkout", "-q", "-")
    _stage(git, committed, "old.py", (committed / "old.py").read_text() + "ours\n")
    git(committed, "commit", "-qm", "ours")
    done = subprocess.run(
        ["git", "merge", "theirs"], cwd=committed, capture_output=True, check=False
    )
    assert done.returncode == 1
    git(committed, "checkout", "--ours", "old.py")
    git(committed, "add", "old.py")
    return committed


def test_concluded_merge_is_not_told_of_what_was_there(
    looked_at: Callable[..., set[str]], resolved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert looked_at("old.py") == {"old.py"}  # by hand: everything
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert looked_at("old.py") == set()


def test_concluded_merge_with_a_new_key_is_stopped(
    looked_at: Callable[..., set[str]], resolved: Path, git: Git, key: Key,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    _stage(git, resolved, "old.py", f"{(resolved / 'old.py').read_text()}{key('new')}\n")
    assert looked_at("old.py") == {"old.py"}
