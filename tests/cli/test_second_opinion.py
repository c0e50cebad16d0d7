"""What GitPython, which reads repositories in its own way, says of what `history` told."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import git as gitpython
import pytest

from scanner.cli.main import run
from tests.history_repository import Storage, build

Told = dict[str, Any]


class Opinion(NamedTuple):
    """A repository as GitPython has it, and what history tells of keys in files of commits."""

    repository: gitpython.Repo
    found: list[Told]


@pytest.fixture(scope="module")
def opinion(plan: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opinion]:
    folder = tmp_path_factory.mktemp("second") / "repository"
    build(folder, "sha1", Storage.SEVERAL)
    report = folder.parent / "report.jsonl"
    run(["history", str(folder), "--quiet", "--show-secrets", "--output", str(report)])
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    found = [one for one in lines if one["type"] == "finding" and one["commit"]]
    with gitpython.Repo(folder) as repository, pytest.MonkeyPatch.context() as patch:
        # What is there counts for keysweep, not what is said to stand for it.
        patch.setenv("GIT_NO_REPLACE_OBJECTS", "1")
        patch.setenv("GIT_GRAFT_FILE", os.devnull)
        yield Opinion(repository, found)


def _files(opinion: Opinion) -> list[Told]:
    return [one for one in opinion.found if one["kind"] == "file" and "%" not in one["path"]]


@pytest.fixture(scope="module")
def holds(opinion: Opinion) -> Callable[[str, str], bool]:
    """Whether any file of a commit's tree holds a secret as it is written."""

    @cache
    def contents(commit: str) -> bytes:
        tree = opinion.repository.commit(commit).tree
        blobs = (item for item in tree.traverse() if item.type == "blob")  # type: ignore[union-attr]
        return b"\0".join(blob.data_stream.read() for blob in blobs)  # type: ignore[union-attr]

    return lambda commit, secret: secret.encode() in contents(commit)


def test_there_is_something_to_agree_on(opinion: Opinion) -> None:
    assert len(_files(opinion)) > 20


def test_commit_is_told_as_it_is(opinion: Opinion) -> None:
    for one in opinion.found:
        commit = opinion.repository.commit(one["commit"]["id"])
        told = [one["commit"][name] for name in ("author", "email", "date", "subject")]
        date = commit.authored_datetime.isoformat()
        own = [commit.author.name, commit.author.email, date, commit.summary]
        assert told == own or one["kind"] in {"author", "commit-message"}  # redacted there


def test_file_of_the_commit_holds_the_secret_and_that_of_no_parent_does(opinion: Opinion) -> None:
    for one in _files(opinion):
        commit = opinion.repository.commit(one["commit"]["id"])
        blob = commit.tree / one["path"]
        assert blob.hexsha == one["blob"]
        for parent in commit.parents:
            known = {item.path: item.hexsha for item in parent.tree.traverse()}  # type: ignore[union-attr]
            assert known.get(one["path"]) != blob.hexsha


def test_no_commit_before_it_holds_the_secret(
    opinion: Opinion, holds: Callable[[str, str], bool]
) -> None:
    for one in _files(opinion):
        commit = opinion.repository.commit(one["commit"]["id"])
        assert not any(holds(before.hexsha, one["secret"]) for before in commit.iter_parents())


def test_head_holds_what_is_said_to_be_there(
    opinion: Opinion, holds: Callable[[str, str], bool]
) -> None:
    head = opinion.repository.head.commit.hexsha
    for one in _files(opinion):
        if holds(head, one["secret"]):
            assert one["commit"]["at_head"], one["path"]
        if one["commit"]["at_head"]:
            tree = opinion.repository.head.commit.tree
            assert all(tree / path for path in one["commit"]["head_paths"])


def _tip(found: Any) -> Any:
    """The commit that an object is or a tag leads to; nothing for trees and blobs."""
    while found.type == "tag":
        found = found.object
    return found if found.type == "commit" else None


def test_refs_lead_to_what_is_said_to_be_reachable(opinion: Opinion) -> None:
    repository = opinion.repository
    tips = {ref.path: tip for ref in repository.references if (tip := _tip(ref.object))}
    for one in opinion.found:
        commit = repository.commit(one["commit"]["id"])
        leading = {path for path, tip in tips.items() if repository.is_ancestor(commit, tip)}
        assert bool(leading) <= one["commit"]["reachable"]
        assert set(one["commit"]["refs"]) & set(tips) <= leading
