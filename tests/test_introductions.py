"""Which commit brought an object in, compared with what git says."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.introductions import Changes, Introduction
from scanner.packindex import split
from tests import plumbing


def _changes(folder: Path, commits: list[str], jobs: int) -> Changes:
    changes = Changes(plumbing.where(folder), jobs)
    changes.of(commits)
    return changes


def test_an_empty_repository_has_nothing(repository: Path) -> None:
    changes = _changes(repository, [], 2)
    assert changes.introductions({"0" * 40}) == {"0" * 40: []}
    assert changes.complete


def test_stopping_before_any_question(repository: Path) -> None:
    commit = plumbing.commit(repository, {"a": "1"})
    _changes(repository, [commit], 1).stop()


def _ids(parts: list[bytes]) -> set[bytes]:
    return {id_ for part in parts for id_ in split(part, 20)}


def _told(folder: Path) -> Iterator[tuple[str, Introduction]]:
    """What git's own log says that each commit brings in."""
    commits = "\n".join(plumbing.commits(folder)).encode()
    raw = plumbing.ask(
        folder, "log", "--stdin", "--no-walk=unsorted", "--raw", "-c", "-z", "--no-abbrev",
        "--root", "--no-renames", "-t", "-r", "--format=commit %H", stdin=commits,
    )  # fmt: skip
    commit = ""
    parts = iter(raw.replace("\n", "\0").split("\0"))
    for part in parts:
        if part.startswith("commit "):
            commit = part.removeprefix("commit ")
        elif part.startswith(":"):
            path = os.fsencode(next(parts))
            fields = part.split(" ")
            count = len(part) - len(part.lstrip(":"))
            mode, id_ = fields[count], fields[2 * count + 1]
            if set(id_) != {"0"} and mode != "040000":
                yield id_, Introduction(commit, path, mode == "120000")


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), jobs=st.integers(1, 4))
def test_introductions_are_those_of_git(
    tmp_path_factory: pytest.TempPathFactory, seed: int, jobs: int
) -> None:
    folder = tmp_path_factory.mktemp("changes")
    plumbing.ask(folder, "init", "-q", "-b", "main")
    plumbing.random_history(folder, seed, 25)
    commits = plumbing.commits(folder)
    changes = _changes(folder, commits, jobs)
    expected: dict[str, Counter[Introduction]] = {}
    for id_, introduction in _told(folder):
        expected.setdefault(id_, Counter()).update([introduction])
    found = changes.introductions(set(expected))
    assert {id_: Counter(each) for id_, each in found.items()} == expected
    assert changes.complete
    names, parts = changes.survey
    ids = _ids(parts)
    assert {id_.hex() for id_ in ids} == set(expected)
    assert {
        name for each in expected.values() for i in each for name in i.path.split(b"/")
    } <= names


def test_a_merge_that_only_merges_brings_nothing(repository: Path) -> None:
    base = plumbing.commit(repository, {"a": "1"})
    sides = [plumbing.commit(repository, {"a": "1", name: name}, base) for name in "bc"]
    merge = plumbing.commit(repository, {"a": "1", "b": "b", "c": "c"}, *sides)
    found = _changes(repository, [base, *sides, merge], 1).introductions(
        {plumbing.blob(repository, "b"), plumbing.blob(repository, "1")}
    )
    assert found == {
        plumbing.blob(repository, "b"): [Introduction(sides[0], b"b")],
        plumbing.blob(repository, "1"): [Introduction(base, b"a")],
    }


@pytest.mark.parametrize("count", [2, 3, 5])
def test_what_a_merge_brings_by_itself(repository: Path, count: int) -> None:
    sides = [plumbing.commit(repository, {str(n): str(n)}) for n in range(count)]
    merge = plumbing.commit(repository, {"0": "0", "evil": "evil", "1": "neither"}, *sides)
    ids = {plumbing.blob(repository, "evil"), plumbing.blob(repository, "neither")}
    found = _changes(repository, [*sides, merge], 2).introductions(ids)
    assert found == {
        plumbing.blob(repository, "evil"): [Introduction(merge, b"evil")],
        plumbing.blob(repository, "neither"): [Introduction(merge, b"1")],
    }


def test_a_symbolic_link_is_one(repository: Path) -> None:
    target = plumbing.blob(repository, "target")
    tree = plumbing.ask(repository, "mktree", stdin=f"120000 blob {target}\tlink\n".encode())
    commit = plumbing.ask(repository, "commit-tree", "-m", "x", tree)
    changes = _changes(repository, [commit], 1)
    assert changes.introductions({target}) == {target: [Introduction(commit, b"link", True)]}


def test_a_submodule_is_no_object_of_ours(repository: Path) -> None:
    other = "1" * 40
    tree = plumbing.ask(
        repository, "mktree", "--missing", stdin=f"160000 commit {other}\tsub\n".encode()
    )
    commit = plumbing.ask(repository, "commit-tree", "-m", "x", tree)
    names, parts = _changes(repository, [commit], 1).survey
    ids = _ids(parts)
    assert (names, list(ids)) == ({b"sub"}, [])


def test_names_lead_to_paths_that_end_with_them(repository: Path) -> None:
    first = plumbing.commit(repository, {"d/key/x": "1", "d/key/y": "2", "monkey": "3"})
    second = plumbing.commit(repository, {"e/key": "1"}, first)
    found = _changes(repository, [first, second], 1).named({b"key", b"none"})
    assert set(found[b"key"]) == {Introduction(first, b"d/key"), Introduction(second, b"e/key")}
    assert found[b"none"] == []


def test_a_missing_tree_takes_only_its_own_commits(repository: Path) -> None:
    commits = [plumbing.commit(repository, {"d/a": "0"})]
    for number in range(1, 40):
        commits.append(plumbing.commit(repository, {"d/a": str(number)}, commits[-1]))
    plumbing.drop(repository, plumbing.ask(repository, "rev-parse", f"{commits[20]}:d"))
    changes = _changes(repository, commits, 2)
    blobs = [plumbing.blob(repository, str(number)) for number in range(40)]
    found = changes.introductions(set(blobs))
    assert not changes.complete
    for number, blob in enumerate(blobs):
        if number != 20:
            assert Introduction(commits[number], b"d/a") in found[blob], number
