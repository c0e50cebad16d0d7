"""Git calls: a scanned repository cannot make them run anything, and they list what is there."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import GitError
from scanner.repository import Listed, is_ignored, listed, toplevel

Git = Callable[..., str]
linux = pytest.mark.skipif(sys.platform != "linux", reason="file names of any bytes are Linux's")


def _paths(folder: Path) -> list[str]:
    return [os.fsdecode(entry.path) for entry in listed(os.fsencode(folder))]


def _top(folder: Path) -> Path | None:
    found = toplevel(os.fsencode(folder))
    return None if found is None else Path(os.fsdecode(found))


def _ask_everything(folder: Path) -> None:
    _top(folder)
    is_ignored(os.fsencode(folder))
    _paths(folder)


@pytest.fixture
def traced(tmp_path: Path) -> tuple[Path, Path]:
    """A program that leaves a trace when it runs, and the trace."""
    script, trace = tmp_path / "program", tmp_path / "trace"
    script.write_text(f"#!/bin/sh\necho ran >> '{trace}'\ncat\n")
    script.chmod(0o755)
    return script, trace


@pytest.mark.skipif(sys.platform == "win32", reason="the trace is left by a shell script")
@pytest.mark.parametrize(
    ("setting", "command"),
    [
        pytest.param("core.fsmonitor", ["status"], id="file system monitor"),
        pytest.param("core.hooksPath", ["add", "a.txt"], id="hook"),
        pytest.param("diff.external", ["diff"], id="diff program"),
        pytest.param("filter.f.clean", ["add", "a.txt"], id="filter"),
        pytest.param("filter.f.process", ["add", "a.txt"], id="filter process"),
        pytest.param("alias.ls-files", [], id="alias"),
    ],
)
def test_programs_that_a_repository_names_never_run(
    repository: Path, git: Git, traced: tuple[Path, Path], setting: str, command: list[str]
) -> None:
    script, trace = traced
    (repository / "a.txt").write_text("one")
    git(repository, "add", "a.txt")
    (repository / ".gitattributes").write_text("* filter=f\n")
    (repository / "a.txt").write_text("two, and longer")
    hooks = script.parent / "hooks"
    hooks.mkdir()
    (hooks / "post-index-change").symlink_to(script)
    value = hooks if setting == "core.hooksPath" else f"!{script}" if "alias" in setting else script
    git(repository, "config", setting, value)
    if command:  # what git itself runs when nobody stops it
        _run_quietly(git, repository, command)
        assert trace.exists()
        trace.unlink()
    _ask_everything(repository)
    assert not trace.exists()


def _run_quietly(git: Git, folder: Path, command: list[str]) -> None:
    """Runs git although the program that it calls does not answer as it should."""
    script = '"$@" >/dev/null 2>&1 || true'
    git(folder, "-c", f"alias.quietly=!sh -c '{script}' sh git", "quietly", *command)


@pytest.mark.parametrize(
    "variable",
    [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
    ],
)
def test_variables_of_a_hook_do_not_redirect(
    repository: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    other = tmp_path / "other"
    git(tmp_path, "init", "-q", other)
    (other / "theirs").touch()
    git(other, "add", ".")
    (repository / "ours").touch()
    value = {"GIT_WORK_TREE": other, "GIT_INDEX_FILE": other / ".git" / "index"}
    monkeypatch.setenv(variable, str(value.get(variable, other / ".git")))
    assert _top(repository) == repository.resolve()
    assert _paths(repository) == ["ours"]


@pytest.fixture
def foreign(repository: Path) -> Path:
    """A repository that belongs to somebody else."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can give a folder to another user")
    (repository / "sub").mkdir()
    for path in (repository, repository / ".git"):
        os.chown(path, 12345, 12345)
    return repository


@pytest.mark.parametrize("below", ["", "sub"], ids=["root", "folder in it"])
def test_repository_of_another_user_is_told_with_the_command_that_helps(
    foreign: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    with pytest.raises(GitError, match="belongs to another user") as caught:
        _top(foreign / below)
    command = str(caught.value).partition("git config --global --add ")[2]
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    git(tmp_path, "config", "--global", "--add", *command.replace("'", "").split(" ", 1))
    assert _top(foreign / below) == foreign.resolve()


@linux
@pytest.mark.parametrize("name", ["a\x1b[2Jb", "a\nb", "a\x07b"], ids=ascii)
def test_errors_carry_no_control_characters_of_a_folder_s_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with pytest.raises(GitError) as caught:
        _paths(folder)
    assert not any(unicodedata.category(c) == "Cc" for c in str(caught.value))


def test_listing_outside_a_repository_is_an_error_that_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="not a git repository") as caught:
        _paths(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_damaged_index_is_an_error_with_what_git_said(repository: Path) -> None:
    (repository / ".git" / "index").write_bytes(b"no index at all, and longer than a header is")
    with pytest.raises(GitError, match=r"git ls-files in .*index file"):
        _paths(repository)


def test_machine_without_git_is_told(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="git is not installed"):
        _top(repository)


def test_folder_that_is_gone_is_not_blamed_on_a_missing_git(tmp_path: Path) -> None:
    with pytest.raises(GitError) as caught:
        _top(tmp_path / "gone")
    assert "not installed" not in str(caught.value)
    assert str(tmp_path / "gone") in str(caught.value)


def test_plain_folder_has_no_top(tmp_path: Path) -> None:
    assert _top(tmp_path) is None
    assert not is_ignored(os.fsencode(tmp_path))


def test_bare_repository_and_git_folder_have_no_top(
    repository: Path, tmp_path: Path, git: Git
) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare")
    assert _top(tmp_path / "bare") is None
    assert _top(tmp_path / "bare" / "objects") is None
    assert _top(repository / ".git") is None


def test_empty_repository_has_a_top_and_no_files(repository: Path) -> None:
    assert _top(repository) == repository.resolve()
    assert _paths(repository) == []


def test_top_is_that_of_the_folder_and_really_where_it_is(repository: Path) -> None:
    inner = repository / "a" / "b"
    inner.mkdir(parents=True)
    link = repository.parent / "link"
    link.symlink_to(repository)
    assert _top(inner) == _top(link / "a") == repository.resolve()


def test_repository_with_sha256_objects_is_listed(tmp_path: Path, git: Git) -> None:
    folder = tmp_path / "new"
    git(tmp_path, "init", "-q", "--object-format=sha256", folder)
    (folder / "tracked").write_text("x")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    (folder / "untracked").touch()
    assert _paths(folder) == ["tracked", "untracked"]


def test_linked_work_tree_is_listed_as_its_own(repository: Path, git: Git, tmp_path: Path) -> None:
    git(repository, "commit", "-qm", "one", "--allow-empty")
    git(repository, "worktree", "add", "-q", tmp_path / "linked")
    (tmp_path / "linked" / "there").touch()
    (repository / "here").touch()
    assert _top(tmp_path / "linked") == (tmp_path / "linked").resolve()
    assert _paths(tmp_path / "linked") == ["there"]
    assert _paths(repository) == ["here"]


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        pytest.param("", False, id="root"),
        pytest.param("src", False, id="folder"),
        pytest.param("src/build", True, id="ignored folder"),
        pytest.param("src/build/deep", True, id="below an ignored folder"),
    ],
)
def test_is_ignored(repository: Path, below: str, expected: bool) -> None:
    (repository / "src" / "build" / "deep").mkdir(parents=True)
    (repository / ".gitignore").write_text("build/\n")
    assert is_ignored(os.fsencode(repository / below)) is expected


@pytest.fixture
def mixed(repository: Path, git: Git) -> Path:
    """A repository with tracked, untracked, ignored, deleted and half-added files."""
    (repository / "src").mkdir()
    for name in ("src/tracked", "kept.log", "deleted", "hidden"):
        (repository / name).write_text(name)
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "one")
    git(repository, "update-index", "--skip-worktree", "hidden")
    (repository / "deleted").unlink()
    (repository / ".gitignore").write_text("*.log\n")
    for name in ("src/untracked", "new.log", "intended", "with space"):
        (repository / name).write_text(name)
    git(repository, "add", "-N", "intended")
    return repository


def test_tracked_and_untracked_files_are_listed_once_and_ignored_ones_not(mixed: Path) -> None:
    assert _paths(mixed) == [
        ".gitignore", "deleted", "hidden", "intended", "kept.log", "src/tracked", "src/untracked",
        "with space",
    ]  # fmt: skip


def test_below_a_folder_paths_are_relative_to_it(mixed: Path) -> None:
    assert _paths(mixed / "src") == ["tracked", "untracked"]


def test_conflicting_files_are_listed_once(repository: Path, git: Git) -> None:
    def commit(text: str) -> None:
        (repository / "a").write_text(text)
        git(repository, "add", "a")
        git(repository, "commit", "-qm", text)

    commit("base")
    git(repository, "checkout", "-qb", "theirs")
    commit("theirs")
    git(repository, "checkout", "-qb", "ours", "HEAD~1")
    commit("ours")
    _run_quietly(git, repository, ["merge", "theirs"])
    assert len(git(repository, "ls-files", "--unmerged").splitlines()) == 3
    assert _paths(repository) == ["a"]


def test_submodules_and_nested_repositories_are_told_apart_from_files(
    repository: Path, git: Git, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    for folder in (library, repository / "nested", repository / "fresh"):
        git(tmp_path, "init", "-q", folder)
    for folder in (library, repository / "nested"):
        git(folder, "commit", "-qm", "one", "--allow-empty")
    (repository / "fresh" / "file").touch()
    (repository / "plain").touch()
    git(repository, "submodule", "--quiet", "add", library, "sub module")
    assert list(listed(os.fsencode(repository))) == [
        Listed(b".gitmodules", False),
        Listed(b"fresh", True),
        Listed(b"nested", True),
        Listed(b"plain", False),
        Listed(b"sub module", True),
    ]


_NAMES = st.binary(min_size=1, max_size=12).filter(
    lambda name: (
        b"/" not in name and b"\0" not in name and name.lower() not in (b".", b"..", b".git")
    )
)


@linux
@settings(max_examples=15)
@given(tracked=st.sets(_NAMES, max_size=4), untracked=st.sets(_NAMES, max_size=4))
def test_files_of_any_name_are_listed_as_they_are_called(
    tmp_path_factory: pytest.TempPathFactory, git: Git, tracked: set[bytes], untracked: set[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    git(folder, "init", "-q")
    for name in tracked:
        (folder / os.fsdecode(name)).touch()
    git(folder, "add", "-f", ".")
    for name in untracked - {b".gitignore", b".gitattributes"}:
        (folder / os.fsdecode(name)).touch()
    expected = sorted(tracked | untracked - {b".gitignore", b".gitattributes"})
    assert [entry.path for entry in listed(os.fsencode(folder))] == expected
