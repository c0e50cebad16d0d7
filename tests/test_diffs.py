"""Differences as git tells them: every status, any name, any number of parents."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.catfile import Objects
from scanner.diffs import Change, Changed, Leaf, items, of_commits, of_index, tree
from scanner.errors import GitError
from scanner.exemptions import Exemptions
from scanner.models import Blob, Commit, Gap, Kind
from scanner.repository import Repository

Git = Callable[..., str]
COMMIT = Commit("c0ffee" * 7, "Ada", "a@b", "", "subject")


def _text(name: str) -> str:
    return "".join(f"{name * 10} {number}\n" for number in range(20))


@pytest.fixture
def where(repository: Path, git: Git) -> Repository:
    """A repository with one commit of the files `a`, `b` and `c`, which are not alike."""
    for name in "abc":
        (repository / name).write_text(_text(name))
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "one")
    return Repository(os.fsencode(repository))


def _id(git: Git, where: Repository, name: str) -> str:
    return git(Path(os.fsdecode(where.folder)), "rev-parse", name).strip()


def _index(where: Repository, parent: str = "HEAD") -> dict[bytes, Change]:
    return {change.path: change for change in of_index(where, parent)}


# Against the index


def test_no_difference(where: Repository) -> None:
    assert _index(where) == {}


def test_unknown_parent_is_an_error_when_it_is_asked_for(where: Repository) -> None:
    changes = of_index(where, "none")
    with pytest.raises(GitError, match="git diff-index"):
        list(changes)


def test_every_status_of_the_index(where: Repository, repository: Path, git: Git) -> None:
    git(repository, "rm", "-q", "a")
    git(repository, "mv", "b", "moved")
    (repository / "c").write_text("changed")
    (repository / "new").write_text("new")
    git(repository, "add", ".")
    old, changed, new = (_id(git, where, name) for name in ("HEAD:c", ":c", ":new"))
    moved = _id(git, where, "HEAD:b")
    found = _index(where)
    assert found.pop(b"a").gone
    assert found == {
        b"c": Change(b"c", b"100644", changed, (old,)),
        b"moved": Change(b"moved", b"100644", moved, (moved,), added=True, old_paths=(b"b",)),
        b"new": Change(b"new", b"100644", new, (), added=True),
    }


def test_submodule_is_no_earlier_version(where: Repository, repository: Path, git: Git) -> None:
    commit = _id(git, where, "HEAD")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    git(repository, "commit", "-qm", "sub")
    git(repository, "rm", "-q", "--cached", "sub")
    (repository / "sub").write_text("a file now")
    git(repository, "add", "sub")
    assert _index(where)[b"sub"].before == ()
    assert not _index(where)[b"sub"].added


# Against the parents


def test_no_commits(where: Repository) -> None:
    assert list(of_commits(where, [])) == []


def test_commit_that_is_not_there_is_told_and_the_others_go_on(
    where: Repository, repository: Path, git: Git
) -> None:
    (repository / "d").touch()
    git(repository, "add", "d")
    git(repository, "commit", "-qm", "two")
    first, second = (_id(git, where, name) for name in ("HEAD~1", "HEAD"))
    lost = "f" * 40
    for order in ([lost, first, second], [first, lost, second], [first, second, lost]):
        found = list(of_commits(where, order))
        assert [commit for commit, _, _ in found] == order
        count = {commit: len(changes) for commit, changes, _ in found}
        assert count == {first: 3, second: 1, lost: 0}
        assert [bool(reason) for _, _, reason in found] == [commit == lost for commit in order]


def test_commit_without_changes_is_told_to_have_none(
    where: Repository, repository: Path, git: Git
) -> None:
    git(repository, "commit", "-qm", "two", "--allow-empty")
    head = _id(git, where, "HEAD")
    assert list(of_commits(where, [head])) == [Changed(head, ())]


def test_merge_is_compared_with_all_parents(where: Repository, repository: Path, git: Git) -> None:
    git(repository, "checkout", "-qb", "side")
    git(repository, "mv", "b", "moved")
    git(repository, "commit", "-qm", "side")
    git(repository, "checkout", "-q", "-")
    (repository / "b").write_text("main\n" + _text("b"))
    git(repository, "commit", "-qam", "main")
    git(repository, "merge", "-q", "--no-commit", "side")
    (repository / "moved").write_text("both\n" + _text("b"))
    (repository / "new").write_text("new")
    git(repository, "rm", "-qf", "a")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "merge")
    ((_, changes, reason),) = of_commits(where, [_id(git, where, "HEAD")])
    found = {change.path: change for change in changes}
    assert reason is None
    assert set(found[b"moved"].before) == {
        _id(git, where, "HEAD^1:b"), _id(git, where, "HEAD^2:moved"),
    }  # fmt: skip
    assert (found[b"new"].added, found[b"new"].before) == (True, ())
    assert not found[b"moved"].added
    assert found[b"a"].gone


# Trees


def test_tree_has_the_mode_and_id_of_each_path(where: Repository, git: Git) -> None:
    assert tree(where, "HEAD") == {
        name.encode(): Leaf(b"100644", _id(git, where, f"HEAD:{name}")) for name in "abc"
    }


def test_tree_that_is_missing_is_an_error(where: Repository) -> None:
    with pytest.raises(GitError, match="git ls-tree"):
        tree(where, "none")


# What there is to scan


def _items(where: Repository, change: Change, commit: Commit | None = None) -> list[Blob | Gap]:
    with Objects(where, 1000) as objects:
        return list(items(change, objects, Exemptions(["excluded"]), commit))


def test_nothing_is_to_be_scanned_of_what_is_gone_or_the_same(where: Repository, git: Git) -> None:
    name = _id(git, where, "HEAD:a")
    assert _items(where, Change(b"a", b"000000", "0" * 40, (name,))) == []
    assert _items(where, Change(b"a", b"100755", name, (name,))) == []
    assert _items(where, Change(b"sub", b"160000", name)) == []


def test_excluded_change_is_one_gap(where: Repository, git: Git) -> None:
    name = _id(git, where, "HEAD:a")
    assert _items(where, Change(b"excluded", b"100644", name, added=True)) == [
        Gap(("excluded", "excluded by configuration"), by_policy=True)
    ]


def test_missing_content_is_a_gap_that_names_the_commit(where: Repository) -> None:
    (gap,) = _items(where, Change(b"a", b"100644", "f" * 40), COMMIT)
    assert isinstance(gap, Gap)
    assert gap.unseen.what == "a (commit c0ffeec0ffee)"
    assert not gap.by_policy


def test_missing_earlier_version_is_left_out(where: Repository, git: Git) -> None:
    name, other = _id(git, where, "HEAD:a"), _id(git, where, "HEAD:b")
    (blob,) = _items(where, Change(b"a", b"100644", name, ("f" * 40, other)))
    assert isinstance(blob, Blob)
    assert blob.before == (_text("b").encode(),)


@pytest.mark.parametrize(
    ("mode", "kind"), [(b"100644", Kind.FILE), (b"100755", Kind.FILE), (b"120000", Kind.SYMLINK)]
)
def test_new_name_and_content(where: Repository, git: Git, mode: bytes, kind: Kind) -> None:
    name = _id(git, where, "HEAD:a")
    content = _text("a").encode()
    before = _id(git, where, "HEAD:b")
    change = Change(b"n\xff", mode, name, (before,), added=True, old_paths=(b"o",))
    assert _items(where, change, COMMIT) == [
        Blob(Kind.FILE_NAME, "n%FF", b"n\xff", (b"o",), COMMIT),
        Blob(kind, "n%FF", content, (_text("b").encode(),), COMMIT, name),
    ]
