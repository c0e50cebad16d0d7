"""Commits by names that others give: an id is never taken for a branch, nor the reverse."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from scanner import revisions
from scanner.repository import Repository

Git = Callable[..., str]


class Three(NamedTuple):
    """A clone with the commits `one`, `two`, and `side`, which is on `one` as well."""

    where: Repository
    folder: Path
    one: str
    two: str
    side: str


@pytest.fixture
def three(repository: Path, git: Git, tmp_path: Path) -> Three:
    def commit(name: str) -> str:
        (repository / name).write_text(name)
        git(repository, "add", "-A")
        git(repository, "commit", "-qm", name)
        return git(repository, "rev-parse", "HEAD").strip()

    git(repository, "checkout", "-qb", "main")
    one, two = commit("one"), commit("two")
    git(repository, "checkout", "-qb", "side", "HEAD~1")
    side = commit("side")
    git(repository, "tag", "-am", "v1", "v1", "main")
    folder = tmp_path / "clone"
    git(tmp_path, "clone", "-q", repository.as_uri(), folder)
    return Three(Repository(os.fsencode(folder)), folder, one, two, side)


@pytest.mark.parametrize(
    "text", ["", "HEAD", "main", "--all", "1" * 40, "0" * 40, "1234567", "g" * 40, "^" + "a" * 40]
)
def test_what_is_no_id_names_no_commit(three: Three, text: str) -> None:
    assert revisions.by_id(text, three.where) is None


def test_trees_and_tags_are_no_commits(three: Three, git: Git) -> None:
    for name in ("HEAD^{tree}", "v1", "HEAD:one"):
        found = git(three.folder, "rev-parse", name).strip()
        assert revisions.by_id(found, three.where) is None


def test_branch_that_is_called_like_an_id_is_not_it(three: Three, git: Git) -> None:
    for text in (three.one, three.one[:12]):
        git(three.folder, "update-ref", f"refs/heads/{text}", three.two)
        assert revisions.by_id(text, three.where) == three.one


@pytest.mark.parametrize(
    "name", ["none", "main~1", "main^{/one}", "main@{0}", "m*", "../HEAD", "a\nb", "a\0b", "", "-d"]
)
def test_what_is_no_branch_names_no_commit(three: Three, name: str) -> None:
    assert revisions.of_origin(name, three.where) is None


def test_branches_of_origin(three: Three, git: Git) -> None:
    git(three.folder, "branch", "-f", "main", three.side)
    assert revisions.of_origin("main", three.where) == three.two
    assert revisions.of_origin("side", three.where) == three.side
    assert revisions.of_origin("HEAD", three.where) == three.side


def test_commits_between_two(three: Three) -> None:
    assert revisions.between(three.two, three.side, three.where) == [three.side]
    assert revisions.between(three.side, three.side, three.where) == []
    nothing = revisions.nothing(three.where)
    assert revisions.between(nothing, three.two, three.where) == [three.two, three.one]


def test_parents_and_relations(three: Three, git: Git) -> None:
    assert revisions.parents(three.two, three.where) == [three.one]
    assert revisions.parents(three.one, three.where) == []
    assert revisions.related(three.two, three.side, three.where)
    git(three.folder, "checkout", "-q", "--orphan", "other")
    git(three.folder, "commit", "-qm", "other")
    other = git(three.folder, "rev-parse", "HEAD").strip()
    assert not revisions.related(three.two, other, three.where)


def test_where_a_shallow_clone_ends(three: Three, git: Git, tmp_path: Path) -> None:
    assert revisions.cut(three.where) == set()
    git(tmp_path, "clone", "-q", "--depth=1", three.folder.as_uri(), tmp_path / "shallow")
    where = Repository(os.fsencode(tmp_path / "shallow"))
    assert revisions.cut(where) == {three.side}
    assert revisions.parents(three.side, where) == []


def test_contents_that_are_not_there(three: Three, git: Git, tmp_path: Path) -> None:
    assert not revisions.lacking(three.one, three.side, three.where)
    git(three.folder, "config", "uploadpack.allowFilter", "true")
    options = ["--filter=blob:none", "--no-checkout"]
    git(tmp_path, "clone", "-q", *options, three.folder.as_uri(), tmp_path / "partial")
    where = Repository(os.fsencode(tmp_path / "partial"))
    assert revisions.lacking(three.one, three.side, where)
    assert not revisions.lacking(three.side, three.side, where)
