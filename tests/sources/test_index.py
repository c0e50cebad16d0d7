"""What is new in the index: which names and contents, against which earlier versions."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.errors import GitError
from scanner.exemptions import Exemptions
from scanner.models import Blob, Gap, Kind
from scanner.repository import Repository
from scanner.sources import index

Git = Callable[..., str]
linux = pytest.mark.skipif(sys.platform != "linux", reason="file names of any bytes are Linux's")
BIG = 1 << 20


def _items(folder: Path, exclude: tuple[str, ...] = (), most: int = BIG) -> list[Blob | Gap]:
    where = Repository(os.fsencode(folder), as_called=True)
    return list(index.items(where, Exemptions(exclude), most))


def _contents(folder: Path) -> dict[str, tuple[bytes, tuple[bytes, ...]]]:
    """The new contents by path, each with its earlier versions; there is nothing unread."""
    items = _items(folder)
    assert not [item for item in items if isinstance(item, Gap)]
    blobs = [item for item in items if isinstance(item, Blob) and item.kind is not Kind.FILE_NAME]
    assert len({blob.path for blob in blobs}) == len(blobs)
    return {blob.path: (blob.content, blob.before) for blob in blobs}


def _names(folder: Path) -> list[tuple[str, bytes, tuple[bytes, ...]]]:
    """The new file names: as reports show them, as they are, and what they were before."""
    found = [item for item in _items(folder) if isinstance(item, Blob)]
    return [(b.path, b.content, b.before) for b in found if b.kind is Kind.FILE_NAME]


def _commit(git: Git, folder: Path, message: str = "more") -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", message)


def _fails(folder: Path, *arguments: str) -> None:
    """Runs git where it is meant to stop with a conflict."""
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr


@pytest.fixture(params=["sha1", "sha256"])
def repository(request: pytest.FixtureRequest, git: Git, tmp_path: Path) -> Path:
    """An empty repository of either object format."""
    folder = tmp_path / "repository"
    git(tmp_path, "init", "-q", f"--object-format={request.param}", folder)
    return folder


@pytest.fixture
def grown(repository: Path, git: Git) -> Path:
    """A repository with one commit of one file, `a` with 20 lines."""
    (repository / "a").write_text(_LINES)
    _commit(git, repository)
    return repository


_LINES = "".join(f"line {number}\n" for number in range(20))


# Nothing is new


def test_empty_repository_has_nothing(repository: Path) -> None:
    assert _items(repository) == []


def test_what_is_not_added_is_not_there(grown: Path) -> None:
    (grown / "a").write_text("changed")
    (grown / "untracked").write_text("new")
    assert _items(grown) == []


def test_deleted_file_adds_nothing(grown: Path, git: Git) -> None:
    git(grown, "rm", "-q", "a")
    assert _items(grown) == []


def test_file_that_is_to_be_added_has_nothing_staged_yet(grown: Path, git: Git) -> None:
    (grown / "new").write_text("new")
    git(grown, "add", "-N", "new")
    assert _items(grown) == []


def test_other_mode_is_no_new_content(grown: Path, git: Git) -> None:
    git(grown, "update-index", "--chmod=+x", "a")
    assert _items(grown) == []


def test_submodule_has_only_a_name(grown: Path, git: Git) -> None:
    commit = git(grown, "rev-parse", "HEAD").strip()
    git(grown, "update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    assert _contents(grown) == {}
    assert _names(grown) == [("sub", b"sub", ())]


# New contents


def test_everything_is_new_before_the_first_commit(repository: Path, git: Git) -> None:
    (repository / "a").write_text("one")
    (repository / "b").mkdir()
    (repository / "b" / "c").write_text("two")
    git(repository, "add", ".")
    assert _contents(repository) == {"a": (b"one", ()), "b/c": (b"two", ())}
    assert _names(repository) == [("a", b"a", ()), ("b/c", b"b/c", ())]


def test_everything_is_new_on_an_orphan_branch(grown: Path, git: Git) -> None:
    git(grown, "checkout", "-q", "--orphan", "other")
    assert _contents(grown) == {"a": (_LINES.encode(), ())}


def test_the_index_counts_and_not_the_work_tree(grown: Path, git: Git) -> None:
    (grown / "a").write_text("staged")
    git(grown, "add", "a")
    (grown / "a").write_text("on disk")
    assert _contents(grown) == {"a": (b"staged", (_LINES.encode(),))}
    (grown / "a").unlink()
    assert _contents(grown) == {"a": (b"staged", (_LINES.encode(),))}


def test_blobs_are_named_as_git_names_them(grown: Path, git: Git) -> None:
    (grown / "a").write_text("staged")
    git(grown, "add", "a")
    (blob,) = _items(grown)
    assert isinstance(blob, Blob)
    assert blob.id == git(grown, "rev-parse", ":a").strip()
    assert blob.commit is None


def test_filters_on_the_way_to_disk_do_not_count(grown: Path, git: Git) -> None:
    (grown / ".gitattributes").write_text("a eol=crlf\n")
    (grown / "a").write_bytes(b"x\r\ny\r\n")
    git(grown, "add", "a")
    assert _contents(grown)["a"][0] == b"x\ny\n"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_link_is_its_target(grown: Path, git: Git) -> None:
    (grown / "a").unlink()
    (grown / "a").symlink_to("elsewhere")
    git(grown, "add", "a")
    (blob,) = _items(grown)
    assert isinstance(blob, Blob)
    assert (blob.kind, blob.content, blob.before) == (
        Kind.SYMLINK, b"elsewhere", (_LINES.encode(),),
    )  # fmt: skip


def test_renamed_file_is_compared_with_what_it_was(grown: Path, git: Git) -> None:
    git(grown, "mv", "a", "b")
    assert _contents(grown) == {}
    assert _names(grown) == [("b", b"b", (b"a",))]
    (grown / "b").write_text(_LINES + "more\n")
    git(grown, "add", "b")
    assert _contents(grown) == {"b": (_LINES.encode() + b"more\n", (_LINES.encode(),))}


def test_renamed_file_that_became_another_is_new(grown: Path, git: Git) -> None:
    git(grown, "mv", "a", "b")
    (grown / "b").write_text("nothing of it")
    git(grown, "add", "b")
    assert _contents(grown) == {"b": (b"nothing of it", ())}


@linux
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param(b"-rf", "-rf", id="like an option"),
        pytest.param(b":(top)x", ":(top)x", id="like a path specification"),
        pytest.param(b":100644 x", ":100644 x", id="like a record of git's"),
        pytest.param(b"a\nb", "a\nb", id="newline"),
        pytest.param(b"a\tb\"c'\\d", "a\tb\"c'\\d", id="tab, quotes, backslash"),
        pytest.param("äö 日本".encode(), "äö 日本", id="UTF-8"),
        pytest.param(b"a\xff\xfeb", "a%FF%FEb", id="not UTF-8"),
        pytest.param(b"\x1b[31m", "\x1b[31m", id="escape"),
    ],
)
def test_files_of_any_name_are_read(grown: Path, git: Git, name: bytes, shown: str) -> None:
    (grown / os.fsdecode(name)).write_text("content")
    git(grown, "add", ".")
    assert _contents(grown) == {shown: (b"content", ())}
    assert _names(grown) == [(shown, name, ())]


# From wherever git is asked


def test_paths_are_those_from_the_root_though_asked_from_below(grown: Path, git: Git) -> None:
    (grown / "sub").mkdir()
    for name in ("b", "sub/c"):
        (grown / name).write_text(name)
    git(grown, "add", ".")
    assert sorted(_contents(grown / "sub")) == ["b", "sub/c"]


def test_linked_work_tree_has_its_own_index(grown: Path, git: Git, tmp_path: Path) -> None:
    git(grown, "worktree", "add", "-q", tmp_path / "linked")
    (tmp_path / "linked" / "b").write_text("there")
    git(tmp_path / "linked", "add", ".")
    (grown / "c").write_text("here")
    git(grown, "add", ".")
    assert list(_contents(tmp_path / "linked")) == ["b"]
    assert list(_contents(grown)) == ["c"]


def _add_hook(folder: Path, name: str, output: Path) -> None:
    """A hook that writes the paths of new contents to a file."""
    hook = folder / ".git" / "hooks" / name
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec '{sys.executable}' -P -c '{_IN_HOOK}' > '{output}'\n")
    hook.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="a hook is a shell script")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param([], ["staged"], id="index"),
        pytest.param(["-a"], ["a", "staged"], id="all"),
        pytest.param(["--only"], ["a"], id="one path"),
        pytest.param(["--include"], ["a", "staged"], id="path and index"),
    ],
)
@pytest.mark.parametrize("linked", [False, True], ids=["main", "linked"])
@pytest.mark.parametrize("below", ["", "sub"], ids=["root", "folder"])
def test_a_hook_sees_what_its_commit_adds(
    *, grown: Path, git: Git, tmp_path: Path, arguments: list[str], expected: list[str],
    linked: bool, below: str,
) -> None:  # fmt: skip
    _add_hook(grown, "pre-commit", tmp_path / "seen")
    folder = grown
    if linked:
        folder = tmp_path / "linked"
        git(grown, "worktree", "add", "-q", folder)
    (folder / "a").write_text("changed")
    (folder / "staged").write_text("new")
    (folder / "sub").mkdir()
    git(folder, "add", "staged")
    paths = [folder / "a"] if arguments and arguments[0].startswith("--") else []
    git(folder / below, "commit", "-qm", "more", *arguments, *paths)
    assert (tmp_path / "seen").read_text().split() == expected


_IN_HOOK = """
import os
from scanner.exemptions import Exemptions
from scanner.repository import Repository
from scanner.sources import index
where = Repository(os.fsencode(os.getcwd()), as_called=True)
blobs = index.items(where, Exemptions(), 1000)
print(*[blob.path for blob in blobs if blob.id])
"""


def test_variables_name_another_index_and_repository(
    grown: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other-index"))
    git(grown, "read-tree", "HEAD")
    (grown / "b").write_text("new")
    git(grown, "add", "b")
    monkeypatch.setenv("GIT_DIR", str(grown / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(grown))
    assert list(_contents(tmp_path)) == ["b"]
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert _contents(tmp_path) == {}


# Merges and conflicts


@pytest.fixture
def forked(grown: Path, git: Git) -> Path:
    """Two branches: `theirs` changed the last line of `a` and added `t`, ours the first one."""
    git(grown, "checkout", "-qb", "theirs")
    (grown / "a").write_text(_LINES.replace("line 19", "theirs"))
    (grown / "t").write_text("theirs")
    _commit(git, grown)
    git(grown, "checkout", "-qb", "ours", "HEAD~1")
    (grown / "a").write_text(_LINES.replace("line 0\n", "ours\n"))
    _commit(git, grown)
    return grown


def test_merge_adds_what_no_parent_has(forked: Path, git: Git) -> None:
    git(forked, "merge", "-q", "--no-commit", "theirs")
    ours = _LINES.replace("line 0\n", "ours\n")
    theirs = _LINES.replace("line 19", "theirs")
    both = ours.replace("line 19", "theirs")
    assert _contents(forked) == {"a": (both.encode(), (ours.encode(), theirs.encode()))}
    assert _names(forked) == []
    (forked / "t").write_text("by hand")
    (forked / "n").write_text("new")
    git(forked, "add", ".")
    assert _contents(forked)["t"] == (b"by hand", (b"theirs",))
    assert _contents(forked)["n"] == (b"new", ())
    assert _names(forked) == [("n", b"n", ())]


@pytest.mark.skipif(sys.platform == "win32", reason="a hook is a shell script")
def test_a_hook_before_a_merge_sees_what_no_parent_has(
    forked: Path, git: Git, tmp_path: Path
) -> None:
    _add_hook(forked, "pre-merge-commit", tmp_path / "seen")
    git(forked, "merge", "-q", "-m", "merge", "theirs")
    assert (tmp_path / "seen").read_text().split() == ["a"]  # and not `t`


def test_other_heads_in_the_environment_are_no_parents(
    forked: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHEAD_" + git(forked, "rev-parse", "theirs").strip(), "theirs")
    git(forked, "cherry-pick", "--no-commit", "theirs")
    assert "t" in _contents(forked)


def test_merge_of_several_has_all_their_versions(forked: Path, git: Git) -> None:
    git(forked, "checkout", "-qb", "third", "theirs~1")
    (forked / "t").write_text("third")
    _commit(git, forked)
    git(forked, "checkout", "-q", "ours")
    heads = [git(forked, "rev-parse", name) for name in ("theirs", "third")]
    (forked / ".git" / "MERGE_HEAD").write_text("".join(heads))
    (forked / "t").write_text("mixed")
    git(forked, "add", ".")
    assert _contents(forked)["t"] == (b"mixed", (b"theirs", b"third"))


def test_renamed_on_the_other_side_is_not_new(forked: Path, git: Git) -> None:
    git(forked, "checkout", "-q", "theirs")
    git(forked, "mv", "a", "b")
    _commit(git, forked)
    git(forked, "checkout", "-q", "ours")
    git(forked, "merge", "-q", "--no-commit", "theirs")
    ((content, before),) = _contents(forked).values()
    assert b"ours\n" in content
    assert len(before) == 2
    assert _names(forked) == []


def test_merge_that_is_squashed_adds_what_it_brings(forked: Path, git: Git) -> None:
    git(forked, "merge", "-q", "--squash", "theirs")
    assert _contents(forked)["t"] == (b"theirs", ())


@pytest.fixture
def conflict(forked: Path, git: Git) -> Path:
    """Like `forked`, with another last line on our side."""
    ours = (forked / "a").read_text().replace("line 19", "our end")
    (forked / "a").write_text(ours)
    _commit(git, forked)
    return forked


def test_conflict_of_a_merge_adds_nothing_that_a_parent_has(conflict: Path, git: Git) -> None:
    _fails(conflict, "merge", "theirs")
    assert git(conflict, "ls-files", "--unmerged")
    assert _contents(conflict) == {}


def test_conflict_of_a_renamed_file_adds_nothing_either(conflict: Path, git: Git) -> None:
    git(conflict, "mv", "a", "b")
    _commit(git, conflict)
    _fails(conflict, "merge", "theirs")
    assert git(conflict, "ls-files", "--unmerged")
    assert _contents(conflict) == {}


@pytest.mark.parametrize("command", ["cherry-pick", "rebase"])
def test_conflict_brings_the_other_side_s_version(conflict: Path, git: Git, command: str) -> None:
    if command == "rebase":
        git(conflict, "checkout", "-q", "theirs")
        _fails(conflict, "rebase", "ours")
    else:
        _fails(conflict, "cherry-pick", "theirs")
    theirs = _LINES.replace("line 19", "theirs").encode()
    ours = _LINES.replace("line 0\n", "ours\n").replace("line 19", "our end").encode()
    content, before = _contents(conflict)["a"]
    assert content == theirs
    assert set(before) == {ours}
    assert _contents(conflict)["t"] == (b"theirs", ())


def test_conflict_that_is_resolved_is_compared_with_both_sides(conflict: Path, git: Git) -> None:
    _fails(conflict, "merge", "theirs")
    (conflict / "a").write_text("resolved")
    git(conflict, "add", "a")
    content, before = _contents(conflict)["a"]
    assert content == b"resolved"
    assert len(before) == 2


def test_conflict_from_below_is_seen(conflict: Path) -> None:
    _fails(conflict, "cherry-pick", "theirs")
    (conflict / "sub").mkdir()
    assert "a" in _contents(conflict / "sub")


# What is left out, what is broken


def test_excluded_path_is_told(grown: Path, git: Git) -> None:
    (grown / "b.log").write_text("x")
    git(grown, "add", ".")
    (gap,) = _items(grown, ("*.log",))
    assert gap == Gap(("b.log", "excluded by configuration"), by_policy=True)


def test_large_content_is_told_and_the_rest_goes_on(grown: Path, git: Git) -> None:
    for name, size in (("b", 100), ("c", 101), ("d", 100)):
        (grown / name).write_bytes(b"x" * size)
    git(grown, "add", ".")
    items = _items(grown, most=100)
    assert [item for item in items if isinstance(item, Gap)] == [
        Gap(("c", "101 bytes, over --max-file-size 100"), by_policy=True)
    ]
    assert [b.path for b in items if isinstance(b, Blob) and b.id] == ["b", "d"]


def _lose(git: Git, folder: Path, revision: str) -> None:
    name = git(folder, "rev-parse", revision).strip()
    path = folder / ".git" / "objects" / name[:2] / name[2:]
    path.chmod(0o600)
    path.unlink()


def test_missing_content_is_told_and_the_rest_goes_on(grown: Path, git: Git) -> None:
    for name in "bcd":
        (grown / name).write_text(name)
    git(grown, "add", ".")
    _lose(git, grown, ":c")
    items = _items(grown)
    (gap,) = [item for item in items if isinstance(item, Gap)]
    assert gap.unseen.what == "c"
    assert "missing or damaged" in gap.unseen.reason
    assert not gap.by_policy
    assert [b.path for b in items if isinstance(b, Blob) and b.id] == ["b", "d"]


def test_damaged_content_is_told_and_the_rest_goes_on(grown: Path, git: Git) -> None:
    for name in "bcd":
        (grown / name).write_text(name)
    git(grown, "add", ".")
    name = git(grown, "rev-parse", ":c").strip()
    path = grown / ".git" / "objects" / name[:2] / name[2:]
    path.chmod(0o600)
    path.write_bytes(b"no object at all")
    items = _items(grown)
    assert [item.unseen.what for item in items if isinstance(item, Gap)] == ["c"]
    assert [b.path for b in items if isinstance(b, Blob) and b.id] == ["b", "d"]


def test_missing_earlier_version_makes_everything_new(grown: Path, git: Git) -> None:
    (grown / "a").write_text("changed")
    git(grown, "add", "a")
    _lose(git, grown, "HEAD:a")
    assert _contents(grown) == {"a": (b"changed", ())}


def test_broken_head_is_an_error_and_not_a_repository_without_commits(
    grown: Path, git: Git
) -> None:
    commit = git(grown, "rev-parse", "HEAD").strip()
    (grown / ".git" / "objects" / commit[:2] / commit[2:]).chmod(0o600)
    (grown / ".git" / "objects" / commit[:2] / commit[2:]).unlink()
    with pytest.raises(GitError, match="git diff-index"):
        _items(grown)


def test_damaged_index_is_an_error(grown: Path) -> None:
    (grown / ".git" / "index").write_bytes(b"no index at all, and longer than a header is")
    with pytest.raises(GitError, match="index"):
        _items(grown)


def test_damaged_merge_head_is_an_error(grown: Path) -> None:
    (grown / ".git" / "MERGE_HEAD").write_text("--output=x\n")
    with pytest.raises(GitError, match="MERGE_HEAD"):
        _items(grown)


def test_nothing_is_written(conflict: Path, git: Git) -> None:
    _fails(conflict, "merge", "theirs")
    (conflict / "n").write_text("new")
    git(conflict, "add", "n")

    def listing() -> list[tuple[str, int, int]]:
        files = [path for path in (conflict / ".git").rglob("*") if path.is_file()]
        return sorted((str(p), p.stat().st_mtime_ns, p.stat().st_size) for p in files)

    before = listing()
    _items(conflict)
    assert listing() == before
