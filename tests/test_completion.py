"""Fetching what a clone was made without, and telling what could not be."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.completion import complete
from scanner.repository import Repository

Git = Callable[..., str]
SHALLOW = ("--depth=1",)
PARTIAL = ("--filter=blob:none",)


@pytest.fixture
def origin(repository: Path, git: Git) -> Path:
    """Three commits on `main`, one more on `side`, an annotated tag."""
    git(repository, "checkout", "-qb", "main")
    git(repository, "config", "uploadpack.allowFilter", "true")
    for name in ("one", "two", "three"):
        (repository / "a.txt").write_text(name)
        git(repository, "add", ".")
        git(repository, "commit", "-qm", name)
    git(repository, "tag", "-am", "told", "v1", "HEAD~")
    git(repository, "checkout", "-qb", "side", "HEAD~")
    git(repository, "commit", "-qm", "four", "--allow-empty")
    git(repository, "checkout", "-q", "main")
    return repository


@pytest.fixture
def clone(origin: Path, git: Git, tmp_path: Path) -> Callable[..., Path]:
    """Makes a clone with some options."""

    def make(*options: str) -> Path:
        git(tmp_path, "clone", "-q", "--no-checkout", *options, origin.as_uri(), tmp_path / "clone")
        return tmp_path / "clone"

    return make


def _where(folder: Path) -> Repository:
    return Repository(os.fsencode(folder))


def _lacking(git: Git, folder: Path) -> list[str]:
    listed = git(folder, "rev-list", "--all", "--objects", "--missing=print").split("\n")
    return [line for line in listed if line.startswith("?")]


def test_what_origin_no_longer_has_is_told(
    clone: Callable[..., Path], origin: Path, git: Git
) -> None:
    folder = clone(*SHALLOW)
    git(folder, "config", "remote.origin.url", str(origin) + "-gone")
    said = complete(_where(folder))
    assert len(said) == 1
    assert "-gone" in said[0]


def test_a_branch_that_origin_has_rewritten_does_not_keep_the_others(
    clone: Callable[..., Path], origin: Path, git: Git
) -> None:
    folder = clone("--no-single-branch", *SHALLOW)
    git(origin, "branch", "-D", "side")
    git(origin, "reflog", "expire", "--expire=now", "--all")
    git(origin, "gc", "--quiet", "--prune=now")
    said = complete(_where(folder))
    assert len(said) == 1
    assert "not our ref" in said[0]
    assert git(folder, "rev-list", "--count", "origin/main").strip() == "3"


def test_a_full_clone_is_not_fetched(clone: Callable[..., Path], git: Git) -> None:
    folder = clone()
    git(folder, "config", "remote.origin.url", "/nowhere")
    assert complete(_where(folder)) == []


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(SHALLOW, id="shallow"),
        pytest.param((*SHALLOW, "--no-single-branch"), id="shallow, all branches"),
        pytest.param((*SHALLOW, "--bare"), id="shallow and bare"),
        pytest.param(PARTIAL, id="without blobs"),
        pytest.param(("--filter=tree:0",), id="without trees"),
        pytest.param((*PARTIAL, "--bare"), id="bare, without blobs"),
        pytest.param((*SHALLOW, *PARTIAL), id="shallow, without blobs"),
    ],
)
def test_everything_is_there_afterwards(
    clone: Callable[..., Path], git: Git, options: tuple[str, ...]
) -> None:
    folder = clone(*options)
    refs = git(folder, "for-each-ref")
    assert complete(_where(folder)) == []
    assert git(folder, "rev-parse", "--is-shallow-repository").strip() == "false"
    assert _lacking(git, folder) == []
    assert int(git(folder, "rev-list", "--all", "--count")) >= 3
    assert git(folder, "for-each-ref") == refs
    assert not (folder / ".git" / "FETCH_HEAD").exists()
