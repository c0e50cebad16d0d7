"""Choosing a range: what a clone lacks is never passed over."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner import revisions
from scanner.asked import Asked, Told
from scanner.choice import Choice, choose
from scanner.errors import IncompleteError, UsageError
from scanner.repository import Repository
from scanner.sources.commits import Ends

Git = Callable[..., str]


def _told(asked: Asked, **what: str) -> Told:
    return Told("Some CI", "run 1", asked, "`depth: full`", **what)


def _commit(git: Git, folder: Path, subject: str) -> str:
    git(folder, "commit", "-qm", subject, "--allow-empty")
    return git(folder, "rev-parse", "HEAD").strip()


def _choose(folder: Path, told: Told, *, fetch: bool = False, lenient: bool = False) -> Choice:
    return choose(told, Repository(os.fsencode(folder)), fetch=fetch, lenient=lenient)


@pytest.mark.parametrize("fetch", [False, True])
@pytest.mark.parametrize("asked", list(Asked))
def test_nothing_is_chosen_where_nothing_is_checked_out(
    repository: Path, asked: Asked, fetch: bool
) -> None:
    with pytest.raises(UsageError, match="no commit is checked out"):
        _choose(repository, _told(asked), fetch=fetch)


@pytest.mark.parametrize(
    "what",
    [
        pytest.param({"head": "1" * 40}, id="head"),
        pytest.param({"base": "1" * 40}, id="base"),
        pytest.param({"target": "none"}, id="target"),
        pytest.param({}, id="neither"),
        pytest.param({"merge": "1" * 40, "source": "2" * 40}, id="merge"),
    ],
)
@pytest.mark.parametrize("fetch", [False, True])
@pytest.mark.parametrize("lenient", [False, True])
def test_request_whose_ends_are_not_here_fails(
    *, repository: Path, git: Git, what: dict[str, str], fetch: bool, lenient: bool
) -> None:
    _commit(git, repository, "one")
    with pytest.raises(IncompleteError) as error:
        _choose(repository, _told(Asked.REQUEST, **what), fetch=fetch, lenient=lenient)
    assert str(error.value).startswith("Some CI, run 1: ")
    assert "put `depth: full`" in str(error.value)
    assert ("git fetch: fatal: " in str(error.value)) == fetch


@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_everything_begins_at_nothing(git: Git, tmp_path: Path, form: str) -> None:
    git(tmp_path, "init", "-q", f"--object-format={form}", tmp_path / "x")
    head = [_commit(git, tmp_path / "x", subject) for subject in ("one", "two")][-1]
    found = _choose(tmp_path / "x", _told(Asked.EVERYTHING))
    assert (found.everything, found.settled, found.commits) == (True, True, 2)
    assert found.ends == Ends(revisions.nothing(Repository(os.fsencode(tmp_path / "x"))), head)


def test_push_without_a_default_branch_is_everything_and_not_settled(
    repository: Path, git: Git
) -> None:
    _commit(git, repository, "one")
    found = _choose(repository, _told(Asked.PUSH, base="1" * 40))
    assert (found.everything, found.settled, found.commits) == (True, False, 1)
    assert "111111111111 is gone" in found.why


def test_merge_counts_only_when_it_has_the_request_s_head(repository: Path, git: Git) -> None:
    git(repository, "checkout", "-qb", "main")
    one = _commit(git, repository, "one")
    git(repository, "checkout", "-qb", "side")
    side = _commit(git, repository, "side")
    git(repository, "checkout", "-q", "main")
    main = _commit(git, repository, "main")
    git(repository, "merge", "-q", "-m", "merge", "side")
    merge = git(repository, "rev-parse", "HEAD").strip()
    told = _told(Asked.REQUEST, base=one, head=side, merge=merge)
    assert _choose(repository, told._replace(source=side)).ends == Ends(main, merge)
    for source in (main, one, ""):
        assert _choose(repository, told._replace(source=source)).ends == Ends(one, side)
