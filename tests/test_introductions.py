"""Which commit brought an object in, compared with what git says."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import introductions
from scanner.introductions import Changes, Introduction
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


def _ids(parts: Iterable[Iterable[bytes]]) -> set[bytes]:
    return {id_ for part in parts for id_ in part}


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


@pytest.mark.parametrize("bound", ["_MOST_OUTPUT", "_MOST_OF_PATHS"])
def test_a_commit_with_too_many_paths_takes_only_itself(
    repository: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    monkeypatch.setattr(introductions, bound, 60_000)
    tree = plumbing.multiplied(repository, "everywhere", 3)
    bomb = plumbing.ask(repository, "commit-tree", "-m", "x", tree)
    commits = [plumbing.commit(repository, {"a": str(number)}) for number in range(40)]
    commits.insert(20, bomb)
    changes = _changes(repository, commits, 2)
    blobs = {plumbing.blob(repository, str(number)): number for number in range(40)}
    everywhere = plumbing.blob(repository, "everywhere")
    found = changes.introductions({*blobs, everywhere})
    assert changes.untold == [bomb]
    assert not changes.complete
    assert found.pop(everywhere) == []
    del commits[20]
    for blob, number in blobs.items():
        assert found[blob] == [Introduction(commits[number], b"a")]


def test_more_changes_than_may_be_kept(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(introductions, "_SHARE", 1)
    monkeypatch.setattr(introductions, "_MOST_OF_CHANGES", 100)
    commits = [plumbing.commit(repository, {"a": str(number)}) for number in range(5)]
    changes = _changes(repository, commits, 1)
    found = changes.introductions({plumbing.blob(repository, str(number)) for number in range(5)})
    assert sum(map(len, found.values())) == 5 - len(changes.untold) == 2


@pytest.mark.parametrize("bound", ["_MOST_OF_CHANGES", "_MOST_TRIES"])
def test_where_no_more_can_be_kept_git_is_not_asked_for_every_commit(
    repository: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    tree = plumbing.multiplied(repository, "everywhere", 2)
    commits = [plumbing.ask(repository, "commit-tree", "-m", str(n), tree) for n in range(60)]
    monkeypatch.setattr(introductions, "_MOST_OUTPUT", 100)
    monkeypatch.setattr(introductions, bound, -1 if bound == "_MOST_OF_CHANGES" else 5)
    asked = []
    start = introductions.start

    def counted(*arguments: object, **options: object) -> object:
        asked.append(arguments)
        return start(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(introductions, "start", counted)
    changes = _changes(repository, commits, 1)
    assert sorted(changes.untold) == sorted(commits)
    assert not changes.complete
    assert len(asked) < 40


def test_of_very_many_places_some_of_each_commit_are_told(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(introductions, "_MOST_PLACES", 3)
    files = {f"key/{number}": "same" for number in range(5)}
    first = plumbing.commit(repository, files)
    second = plumbing.commit(repository, {f"x/{name}": "same" for name in files}, first)
    third = plumbing.commit(repository, {"other": "another"}, second)
    same, other = plumbing.blob(repository, "same"), plumbing.blob(repository, "another")
    changes = _changes(repository, [first, second, third], 1)
    found = changes.introductions({same, other})
    assert [one.commit for one in found[same]] == [first] * 3 + [second] * 3
    assert found[other] == [Introduction(third, b"other")]
    assert changes.cut == {f"object {same}"}
    assert not changes.complete
    assert len(changes.named({b"key"})[b"key"]) == 6
    assert changes.cut == {f"object {same}", "name key"}
    monkeypatch.setattr(introductions, "_MOST_IN_ALL", 4)
    few = _changes(repository, [first, second, third], 1)
    assert len(few.introductions({same})[same]) == 4


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
