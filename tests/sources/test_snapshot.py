"""What a revision names: a file, a folder, all files, as a commit or the index has them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.errors import GitError, UsageError
from scanner.exemptions import Exemptions
from scanner.models import Blob, Gap, Kind
from scanner.repository import Repository
from scanner.sources import snapshot
from tests import plumbing

Git = Callable[..., str]


@pytest.fixture
def grown(repository: Path, git: Git) -> Path:
    """A commit with files and a link, tagged; the index and the work tree have others."""
    (repository / "a").write_text("first")
    (repository / "d/e").mkdir(parents=True)
    (repository / "d/e/b").write_text("second")
    git(repository, "add", ".")
    target = plumbing.blob(repository, "target")
    git(repository, "update-index", "--add", "--cacheinfo", f"120000,{target},d/link")
    git(repository, "commit", "-qm", "one")
    git(repository, "tag", "-a", "-m", "t", "v1")
    (repository / "a").write_text("staged")
    git(repository, "add", "a")
    (repository / "a").write_text("on disk")
    return repository


def _told(folder: Path, revision: str, *exclude: str, most: int = 1000) -> dict[str, bytes]:
    where = Repository(os.fsencode(folder))
    found = list(snapshot.items(revision, where, Exemptions(exclude), most))
    assert not [item for item in found if isinstance(item, Gap)]
    names = {item.path for item in found if isinstance(item, Blob) and item.kind is Kind.FILE_NAME}
    contents = {item.path: item.content for item in found if isinstance(item, Blob) and item.id}
    ids = {path for path in contents if len(path) == 40}
    assert names == contents.keys() - ids
    return contents


@pytest.mark.parametrize(
    "revision", ["none", "HEAD:none", "-n", "--all", "HEAD^{/x}:", ":none", ""]
)
def test_what_is_not_there_is_wrong_use(grown: Path, revision: str) -> None:
    with pytest.raises(UsageError, match="no commit, folder or file of that name"):
        _told(grown, revision)


@pytest.mark.parametrize("revision", ["HEAD", "v1", "HEAD^{tree}", "HEAD:", "v1^{/one}", "@"])
def test_all_files_of_a_commit(grown: Path, revision: str) -> None:
    assert _told(grown, revision) == {"a": b"first", "d/e/b": b"second", "d/link": b"target"}


@pytest.mark.parametrize(
    ("folder", "revision", "expected"),
    [
        ("", "HEAD:a", {"a": b"first"}),
        ("", ":a", {"a": b"staged"}),
        ("", ":0:a", {"a": b"staged"}),
        ("", "v1:d/e", {"d/e/b": b"second"}),
        ("", "v1:d/e/", {"d/e/b": b"second"}),
        ("d", "HEAD:d/e/b", {"d/e/b": b"second"}),
        ("d", "HEAD:./e/b", {"d/e/b": b"second"}),
        ("d/e", "HEAD:../../a", {"a": b"first"}),
        ("d/e", "HEAD:./", {"d/e/b": b"second"}),
    ],
)
def test_a_path_is_that_from_the_root(
    grown: Path, folder: str, revision: str, expected: dict[str, bytes]
) -> None:
    assert _told(grown / folder, revision) == expected


def test_an_object_by_its_id_has_no_path(grown: Path, git: Git) -> None:
    id_ = git(grown, "rev-parse", "HEAD:a").strip()
    assert _told(grown, id_) == {id_: b"first"}


def test_a_link_is_one(grown: Path) -> None:
    where = Repository(os.fsencode(grown))
    found = snapshot.items("HEAD", where, Exemptions(), 1000)
    kinds = {item.path: item.kind for item in found if isinstance(item, Blob) and item.id}
    assert kinds == {"a": Kind.FILE, "d/e/b": Kind.FILE, "d/link": Kind.SYMLINK}


def test_what_is_left_out_or_missing_is_told(grown: Path, git: Git) -> None:
    plumbing.drop(grown, git(grown, "rev-parse", "HEAD:d/e/b").strip())
    where = Repository(os.fsencode(grown))
    found = list(snapshot.items("HEAD", where, Exemptions(["/a"]), 5))
    gaps = {item.unseen.what: item.by_policy for item in found if isinstance(item, Gap)}
    assert gaps == {"a": True, "d/e/b": False, "d/link": True}


def test_a_folder_that_is_missing_is_an_error(grown: Path, git: Git) -> None:
    plumbing.drop(grown, git(grown, "rev-parse", "HEAD:d/e").strip())
    with pytest.raises(GitError, match="git ls-tree"):
        _told(grown, "HEAD")
