"""Files and folders as they are on disk: what is read, what is left out, what is told."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scanner.errors import GitError, UsageError
from scanner.models import Blob, Gap, Kind
from scanner.pathpatterns import compile_paths
from scanner.sources.worktree import Entry, entries, read

Git = Callable[..., str]
linux = pytest.mark.skipif(sys.platform != "linux", reason="such names and files are Linux's")
BIG = 1 << 20


def _found(path: Path, base: Path | None = None, exclude: tuple[str, ...] = ()) -> list[str]:
    """The report paths of what is to be read."""
    found = entries(str(path), str(base or path), compile_paths(exclude))
    return [item.path for item in found if isinstance(item, Entry)]


def _gaps(path: Path, exclude: tuple[str, ...] = ()) -> list[tuple[str, str, bool]]:
    """What is left out, while listing or while reading: name, reason, whether by policy."""
    items = list(entries(str(path), str(path), compile_paths(exclude)))
    read_items = [read(item, BIG) if isinstance(item, Entry) else item for item in items]
    return [(*item.unseen, item.by_policy) for item in read_items if isinstance(item, Gap)]


def _blobs(path: Path) -> dict[str, Blob]:
    """What was read, by report path."""
    items = entries(str(path), str(path), compile_paths(()))
    blobs = [read(item, BIG) for item in items if isinstance(item, Entry)]
    return {blob.path: blob for blob in blobs if isinstance(blob, Blob)}


def _write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def _commit(git: Git, folder: Path) -> None:
    git(folder, "add", "-f", ".")
    git(folder, "commit", "-qm", "all", "--allow-empty")


# PATH itself


@pytest.mark.parametrize("name", ["missing", "file/below", "a" * 300], ids=["no", "below", "long"])
def test_path_that_does_not_exist_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    _write(tmp_path, "file")
    with pytest.raises(UsageError, match="no such file or folder") as caught:
        _found(tmp_path / name)
    assert name in str(caught.value)


@linux
def test_error_for_a_path_carries_no_control_characters(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        _found(tmp_path / "a\x1b[2J\nb")
    assert str(caught.value).isprintable()


def test_path_that_is_a_file_is_read_though_ignored(repository: Path) -> None:
    _write(repository, ".gitignore", "a.log")
    (repository / ".gitignore").write_text("*.log\n")
    assert _found(repository / "a.log", repository) == ["a.log"]


def test_path_inside_an_ignored_folder_is_read_with_all_in_it(repository: Path) -> None:
    _write(repository, "build/out/a.log", "build/b", "src/c")
    (repository / ".gitignore").write_text("build/\n*.log\n")
    assert _found(repository / "build", repository) == ["build/b", "build/out/a.log"]
    assert _found(repository / "build" / "out", repository) == ["build/out/a.log"]


def test_path_relative_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, "a", "sub/b")
    monkeypatch.chdir(tmp_path / "sub")
    assert _found(Path(), Path()) == ["b"]
    assert _found(Path("b"), Path()) == ["b"]
    assert _found(Path("../a"), Path("..")) == ["a"]


@pytest.mark.parametrize(
    ("base", "expected"),
    [("a/b", ["c/x"]), ("a", ["b/c/x"]), ("a/bc", ["../b/c/x"]), ("z", ["../a/b/c/x"])],
)
def test_report_paths_are_relative_to_the_base(
    tmp_path: Path, base: str, expected: list[str]
) -> None:
    _write(tmp_path, "a/b/c/x", "a/bc/y", "z/z")
    assert _found(tmp_path / "a" / "b", tmp_path / base) == expected


def test_report_paths_below_the_file_system_s_root(tmp_path: Path) -> None:
    _write(tmp_path, "x")
    assert _found(tmp_path, Path("/")) == [(tmp_path / "x").resolve().as_posix().lstrip("/")]


# A plain folder


def test_plain_folder_is_read_whole_and_in_order(tmp_path: Path) -> None:
    _write(tmp_path, "b", "a/z", "a/.hidden", "c/d/e", "a.txt", ".gitignore")
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / "empty").mkdir()
    assert _found(tmp_path) == [".gitignore", "a/.hidden", "a/z", "a.txt", "b", "c/d/e"]


def test_bare_repository_is_read_as_a_plain_folder(tmp_path: Path, git: Git) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    assert {"HEAD", "config"} <= set(_found(tmp_path / "bare.git"))


@pytest.mark.skipif(sys.platform == "win32", reason="paths there are shorter")
def test_very_deep_folder_is_read_to_its_bottom(tmp_path: Path) -> None:
    depth = 1500
    script = f"i=0; while [ $i -lt {depth} ]; do mkdir d; cd -P d; i=$((i+1)); done; echo x > f"
    (tmp_path / "deep").mkdir()
    subprocess.run(["sh", "-c", script], cwd=tmp_path / "deep", check=True)
    try:
        assert _found(tmp_path / "deep") == ["d/" * depth + "f"]
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "deep"], check=True)


# A git work tree


@pytest.fixture
def mixed(repository: Path, git: Git) -> Path:
    """A repository with one file of each sort."""
    (repository / ".gitignore").write_text("*.log\nnode_modules/\n")
    _write(repository, "tracked", "tracked.log", "src/tracked", "deleted")
    _commit(git, repository)
    _write(repository, "ignored.log", "node_modules/a", "src/untracked", "modified")
    (repository / "deleted").unlink()
    return repository


def test_ignored_files_are_left_out_tracked_and_untracked_ones_kept(mixed: Path) -> None:
    assert list(_blobs(mixed)) == [
        ".gitignore", "modified", "src/tracked", "src/untracked", "tracked", "tracked.log",
    ]  # fmt: skip


def test_content_is_that_on_disk_not_that_in_the_index(mixed: Path) -> None:
    (mixed / "tracked").write_text("changed since")
    assert _blobs(mixed)["tracked"] == Blob(Kind.FILE, "tracked", b"changed since")


def test_deleted_tracked_file_is_told_as_left_out_by_policy(mixed: Path) -> None:
    assert _gaps(mixed) == [("deleted", "not there (deleted, or vanished)", True)]


def test_tracked_file_whose_folder_became_a_file_counts_as_deleted(mixed: Path) -> None:
    shutil.rmtree(mixed / "src")
    (mixed / "src").write_text("a file now")
    assert ("src/tracked", "not there (deleted, or vanished)", True) in _gaps(mixed)
    assert "src" in _blobs(mixed)


def test_tracked_file_whose_folder_became_a_link_is_not_read_through_it(
    mixed: Path, tmp_path: Path
) -> None:
    shutil.rmtree(mixed / "src")
    _write(tmp_path, "outside/tracked")
    (mixed / "src").symlink_to(tmp_path / "outside")
    blobs = _blobs(mixed)
    assert "src/tracked" not in blobs
    assert blobs["src"].kind == Kind.SYMLINK


def test_folder_of_a_work_tree_is_read_by_the_same_rules(mixed: Path) -> None:
    assert _found(mixed / "src", mixed) == ["src/tracked", "src/untracked"]


def test_empty_repository_has_nothing_to_read(repository: Path) -> None:
    assert _found(repository) == []


def test_linked_work_tree_is_read_as_its_own(mixed: Path, git: Git) -> None:
    git(mixed, "worktree", "add", "-q", "trees/linked")
    _write(mixed / "trees" / "linked", "more.log", "more")
    assert _found(mixed / "trees" / "linked") == [
        ".gitignore", "deleted", "more", "src/tracked", "tracked", "tracked.log",
    ]  # fmt: skip
    assert "trees/linked/more" in _found(mixed)
    assert "trees/linked/more.log" not in _found(mixed)


# Repositories in repositories


@pytest.fixture
def outer(repository: Path, git: Git, tmp_path: Path) -> Path:
    """A repository with a submodule named `sub`, whose repository ignores `*.tmp`."""
    library = tmp_path / "library"
    git(tmp_path, "init", "-q", library)
    _write(library, "code")
    (library / ".gitignore").write_text("*.tmp\n")
    _commit(git, library)
    git(repository, "submodule", "--quiet", "add", library, "sub")
    _commit(git, repository)
    return repository


def test_submodule_is_entered_with_its_own_ignore_file(outer: Path) -> None:
    _write(outer, "sub/new", "sub/old.tmp")
    assert _found(outer) == [".gitmodules", "sub/.gitignore", "sub/code", "sub/new"]


def test_submodule_that_is_not_checked_out_is_told_as_not_seen(outer: Path, git: Git) -> None:
    git(outer, "submodule", "--quiet", "deinit", "--all")
    assert _gaps(outer) == [("sub", "submodule that is not checked out", False)]


def test_excluded_submodule_that_is_not_checked_out_is_left_out_by_policy(
    outer: Path, git: Git
) -> None:
    git(outer, "submodule", "--quiet", "deinit", "--all")
    ((name, _, by_policy),) = _gaps(outer, ("sub",))
    assert (name, by_policy) == ("sub", True)


@pytest.mark.parametrize("broken", ["empty folder", "file that points nowhere", "link"])
def test_submodule_with_a_broken_git_folder_is_read_or_told(outer: Path, broken: str) -> None:
    (outer / "sub" / ".git").unlink()
    if broken == "empty folder":
        (outer / "sub" / ".git").mkdir()
    elif broken == "link":
        (outer / "sub" / ".git").symlink_to("nowhere")
    else:
        (outer / "sub" / ".git").write_text("gitdir: /nowhere/at/all\n")
    told = [name for name, _, by_policy in _gaps(outer) if not by_policy]
    assert "sub/code" in _blobs(outer) or any(name.startswith("sub") for name in told)


def test_nested_repositories_are_entered(repository: Path, git: Git) -> None:
    for name in ("nested", "deep/down", "fresh"):
        git(repository, "init", "-q", repository / name)
        _write(repository / name, "file", "junk.o")
        (repository / name / ".gitignore").write_text("*.o\n")
    _commit(git, repository / "nested")
    assert _found(repository) == [
        "deep/down/.gitignore", "deep/down/file", "fresh/.gitignore", "fresh/file",
        "nested/.gitignore", "nested/file", "nested/junk.o",
    ]  # fmt: skip


def test_ignored_nested_repository_is_left_out(repository: Path, git: Git) -> None:
    git(repository, "init", "-q", repository / "nested")
    _write(repository / "nested", "file")
    (repository / ".gitignore").write_text("nested/\n")
    assert _found(repository) == [".gitignore"]


def test_repositories_in_a_plain_folder_are_read_by_their_own_rules(
    tmp_path: Path, git: Git
) -> None:
    _write(tmp_path, "plain/a.o", "plain/one/b", "plain/one/c.o")
    git(tmp_path, "init", "-q", tmp_path / "plain" / "one")
    (tmp_path / "plain" / "one" / ".gitignore").write_text("*.o\n")
    assert _found(tmp_path / "plain") == ["a.o", "one/.gitignore", "one/b"]


@pytest.fixture
def foreign(repository: Path, git: Git) -> Path:
    """A repository with a nested one that belongs to another user."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can give a folder to another user")
    _write(repository, "mine")
    nested = repository / "nested"
    git(repository, "init", "-q", nested)
    _write(nested, "theirs")
    for path in (nested, nested / ".git"):
        os.chown(path, 12345, 12345)
    return repository


def test_nested_repository_that_git_refuses_is_told_as_not_seen(foreign: Path) -> None:
    ((name, reason, by_policy),) = _gaps(foreign)
    assert (name, by_policy) == ("nested", False)
    assert "belongs to another user" in reason
    assert list(_blobs(foreign)) == ["mine"]


def test_repository_that_git_refuses_is_an_error(foreign: Path) -> None:
    with pytest.raises(GitError, match="belongs to another user"):
        _found(foreign / "nested")


# What is not a file


@pytest.fixture(params=["plain", "git"])
def either(request: pytest.FixtureRequest, tmp_path: Path, repository: Path) -> Path:
    """A plain folder, and a repository."""
    if request.param == "git":
        return repository
    (tmp_path / "plain").mkdir()
    return tmp_path / "plain"


def test_links_are_not_followed_but_their_text_is_read(either: Path, tmp_path: Path) -> None:
    _write(tmp_path, "outside/file")
    targets = {"to-file": "outside/file", "to-folder": "outside", "to-nothing": "nothing"}
    for name, target in targets.items():
        (either / name).symlink_to(tmp_path / target)
    (either / "to-itself").symlink_to("to-itself")
    assert _blobs(either) == {
        "to-itself": Blob(Kind.SYMLINK, "to-itself", b"to-itself"),
        **{
            name: Blob(Kind.SYMLINK, name, os.fsencode(tmp_path / target))
            for name, target in targets.items()
        },
    }


@pytest.fixture
def socket_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Makes a socket named `socket` in a folder, by a path short enough for one."""
    sockets = []

    def make(folder: Path) -> None:
        monkeypatch.chdir(folder)
        sockets.append(socket.socket(socket.AF_UNIX))
        sockets[-1].bind("socket")

    yield make
    for one in sockets:
        one.close()


@pytest.mark.skipif(sys.platform == "win32", reason="no such files")
def test_pipes_and_sockets_are_left_out_by_policy_without_waiting(
    tmp_path: Path, socket_in: Callable[[Path], None]
) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    socket_in(folder)
    assert _gaps(folder) == [
        ("pipe", "not a regular file", True),
        ("socket", "not a regular file", True),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="no such files")
def test_device_named_outright_is_told_as_not_seen() -> None:
    (gap,) = entries("/dev/zero", "/dev", compile_paths(()))
    assert isinstance(gap, Gap)
    assert (gap.unseen.what, gap.by_policy) == ("zero", False)


def test_device_found_on_the_way_is_left_out_by_policy() -> None:
    gap = read(Entry(b"/dev/zero", "zero"), BIG)
    assert isinstance(gap, Gap)
    assert (gap.unseen.what, gap.by_policy) == ("zero", True)


def test_tracked_file_that_became_a_folder_is_read_file_by_file(mixed: Path) -> None:
    (mixed / "tracked").unlink()
    _write(mixed, "tracked/inner")
    assert "tracked/inner" in _blobs(mixed)
    assert [gap for gap in _gaps(mixed) if not gap[2]] == []


# What cannot be read


def test_file_that_cannot_be_opened_is_told_as_not_seen(repository: Path, git: Git) -> None:
    _write(repository, "a")
    blob = git(repository, "hash-object", "-w", "a").strip()
    name = "n" * 300  # longer than any file system takes
    git(repository, "update-index", "--add", "--cacheinfo", f"100644,{blob},{name}")
    ((what, reason, by_policy),) = _gaps(repository)
    assert (what, by_policy) == (name, False)
    assert "too long" in reason


def test_file_that_vanishes_before_it_is_read_is_told(tmp_path: Path) -> None:
    _write(tmp_path, "a")
    (entry,) = entries(str(tmp_path), str(tmp_path), compile_paths(()))
    (tmp_path / "a").unlink()
    assert isinstance(entry, Entry)
    gap = read(entry, BIG)
    assert isinstance(gap, Gap)
    assert gap.by_policy
    assert "vanished" in gap.unseen.reason


@pytest.mark.parametrize(
    ("size", "limit", "expected"),
    [
        pytest.param(11, 10, None, id="one over"),
        pytest.param(1, 0, None, id="limit of nothing"),
        pytest.param(1 << 40, 10, None, id="a tebibyte of nothing"),
        pytest.param(10, 10, 10, id="as large as may be"),
        pytest.param(0, 0, 0, id="empty"),
    ],
)
def test_files_over_the_size_limit_are_left_out_by_policy(
    tmp_path: Path, size: int, limit: int, expected: int | None
) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.truncate(size)
    item = read(Entry(os.fsencode(tmp_path / "a"), "a"), limit)
    if isinstance(item, Gap):
        assert item.by_policy
        assert str(size) in item.unseen.reason
        assert f"--max-file-size {limit}" in item.unseen.reason
    assert (len(item.content) if isinstance(item, Blob) else None) == expected


@linux
def test_file_that_is_longer_than_it_says_is_read_whole() -> None:
    item = read(Entry(b"/proc/self/status", "status"), BIG)
    assert isinstance(item, Blob)
    assert b"Name:" in item.content
    assert item.content.endswith(b"\n")


@linux
@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no /proc")
def test_file_that_fails_while_it_is_read_is_told_as_not_seen() -> None:
    item = read(Entry(b"/proc/self/mem", "mem"), BIG)
    assert isinstance(item, Gap)
    assert not item.by_policy
    assert item.unseen.reason


# What configuration leaves out


def test_excluded_files_are_told_as_left_out_by_policy(either: Path) -> None:
    _write(either, "vendor/a", "src/b", "src/c.min.js")
    exclude = ("vendor/", "*.min.js")
    assert _found(either, exclude=exclude) == ["src/b"]
    assert _gaps(either, exclude) == [
        ("src/c.min.js", "excluded by configuration", True),
        ("vendor/a", "excluded by configuration", True),
    ]


def test_explicit_file_is_excluded_too(tmp_path: Path) -> None:
    _write(tmp_path, "a.js")
    assert _found(tmp_path / "a.js", tmp_path, ("*.js",)) == []


# File names


@linux
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param(b"a b", "a b", id="space"),
        pytest.param(b" lead", " lead", id="leading space"),
        pytest.param(b"a\nb", "a\nb", id="newline"),
        pytest.param(b"a\tb\"c'd", "a\tb\"c'd", id="tab and quotes"),
        pytest.param(b"a\\b", "a\\b", id="backslash"),
        pytest.param("äö 日本".encode(), "äö 日本", id="UTF-8"),
        pytest.param(b"a\xff\xfeb", "a%FF%FEb", id="not UTF-8"),
        pytest.param("ä".encode("latin-1"), "%E4", id="Latin-1"),
        pytest.param(b"-rf", "-rf", id="like an option"),
        pytest.param(b"\x1b[31m", "\x1b[31m", id="escape"),
    ],
)
def test_files_of_any_name_are_read(either: Path, name: bytes, shown: str) -> None:
    (either / os.fsdecode(name)).write_bytes(b"content")
    assert _blobs(either) == {shown: Blob(Kind.FILE, shown, b"content")}
