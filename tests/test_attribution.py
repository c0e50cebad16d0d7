"""Commits as reports show them, and what HEAD has."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner import attribution
from scanner.attribution import Leaves, Origins, leaves
from scanner.graph import Graph, head
from tests import plumbing
from tests.plumbing import WHO

MOST = 1 << 40


def _any(_id: str, _path: bytes) -> bool:
    return True


def _graph(folder: Path) -> Graph:
    graph = Graph(plumbing.where(folder))
    graph.of(plumbing.commits(folder))
    return graph


# -- without anything ----------------------------------------------------------------------


def test_an_empty_repository_has_nothing(repository: Path) -> None:
    graph = _graph(repository)
    assert Origins(plumbing.where(repository), graph, MOST).at_head(_any, ()) == Leaves({})
    graph.stop()


def test_leaves_of_a_tree_that_is_not_there(repository: Path) -> None:
    assert leaves(plumbing.where(repository), "0" * 40, _any) == Leaves({})


def test_of_a_tree_with_too_many_paths_some_are_asked_for(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attribution, "_MOST_LISTED", 10_000)
    bomb = plumbing.multiplied(repository, "everywhere", 3)
    one = plumbing.blob(repository, "1")
    lines = f"100644 blob {one}\ta\n040000 tree {bomb}\tb\n100644 blob {one}\tc\n"
    tree = plumbing.ask(repository, "mktree", stdin=lines.encode())
    where = plumbing.where(repository)
    assert leaves(where, tree, _any) == Leaves({}, complete=False)
    asked = [b"c", b"none", b"b/1/2/3"]
    everywhere = plumbing.blob(repository, "everywhere")
    assert leaves(where, tree, _any, asked) == Leaves(
        {one: [b"c"], everywhere: [b"b/1/2/3"]}, complete=False
    )


def test_of_an_object_at_very_many_paths_some_are_told(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attribution, "_MOST_PATHS", 7)
    tree = plumbing.multiplied(repository, "everywhere", 2)
    found = leaves(plumbing.where(repository), tree, _any)
    assert {id_: len(paths) for id_, paths in found.paths.items()} == {
        plumbing.blob(repository, "everywhere"): 7
    }
    assert not found.complete


# -- commits -------------------------------------------------------------------------------


def _raw(folder: Path, *lines: str) -> str:
    tree = plumbing.ask(folder, "mktree")
    content = "\n".join([f"tree {tree}", *lines]).encode("utf-8", "surrogateescape")
    return plumbing.ask(
        folder, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=content
    )


@pytest.mark.parametrize(
    ("time", "date"),
    [
        pytest.param("99999999999999 +0000", "1970-01-01T00:00:00+00:00", id="no calendar has it"),
        pytest.param("1700000000 +9999", "1970-01-01T00:00:00+00:00", id="no such zone"),
        pytest.param("soon +0000", "1970-01-01T00:00:00+00:00", id="no number"),
        pytest.param("0 +0000", "1970-01-01T00:00:00+00:00", id="the beginning"),
        pytest.param("-1 +0000", "1969-12-31T23:59:59+00:00", id="before the beginning"),
        pytest.param("1700000000 +0000", "2023-11-14T22:13:20+00:00", id="UTC"),
        pytest.param("1700000000 -0000", "2023-11-14T22:13:20+00:00", id="minus nothing"),
        pytest.param("1700000000 +0530", "2023-11-15T03:43:20+05:30", id="India"),
        pytest.param("1700000000 -0330", "2023-11-14T18:43:20-03:30", id="Newfoundland"),
        pytest.param("4102444800 +1400", "2100-01-01T14:00:00+14:00", id="far in the future"),
    ],
)
def test_date_of_a_commit(repository: Path, time: str, date: str) -> None:
    commit = _raw(repository, f"author Ada <a@b> {time}", f"committer {WHO}", "", "Title")
    found = Origins(plumbing.where(repository), _graph(repository), MOST).commits([commit])
    assert found[commit].date == date


@pytest.mark.parametrize(
    ("author", "name", "email"),
    [
        pytest.param("", "?", "", id="nothing"),
        pytest.param("author Ada", "?", "", id="no address"),
        pytest.param("author <a@b> 1 +0000", "", "a@b", id="no name"),
        pytest.param("author Ada <> 1 +0000", "Ada", "", id="empty address"),
        pytest.param("author Ada L. <a@b> 1 +0000", "Ada L.", "a@b", id="plain"),
        pytest.param("author Ädä <ä@b> 1 +0000", "Ädä", "ä@b", id="letters"),
        pytest.param("author \udce4 <a@b> 1 +0000", "�", "a@b", id="Latin-1"),
        pytest.param("author A <x> <a@b> 1 +0000", "A <x>", "a@b", id="two addresses"),
    ],
)
def test_author_of_a_commit(repository: Path, author: str, name: str, email: str) -> None:
    commit = _raw(repository, author, "", "Title") if author else _raw(repository, "", "Title")
    found = Origins(plumbing.where(repository), _graph(repository), MOST).commits([commit])[commit]
    assert (found.author, found.email, found.subject) == (name, email, "Title")


def test_a_commit_as_reports_show_it(repository: Path) -> None:
    commit = _raw(repository, f"author {WHO}", f"committer {WHO}", "", "", "Title", "", "Body")
    for number in range(5):
        plumbing.ask(repository, "update-ref", f"refs/heads/{number}", commit)
    lost = _raw(repository, f"author {WHO}", f"committer {WHO}", "", "Lost")
    origins = Origins(plumbing.where(repository), _graph(repository), MOST)
    found = origins.commits([commit, lost, commit])
    assert list(found) == [commit, lost]
    assert found[commit].subject == "Title"
    assert found[commit].reachable
    assert found[commit].refs == tuple(f"refs/heads/{number}" for number in range(3))
    assert found[commit].more_refs == 2
    assert not found[lost].reachable
    assert (found[lost].refs, found[lost].more_refs) == ((), 0)


def test_what_head_has_and_where(repository: Path) -> None:
    commit = plumbing.commit(repository, {"a": "1", "d/b": "1", "c": "2"})
    plumbing.ask(repository, "update-ref", "HEAD", commit)
    graph = _graph(repository)
    origins = Origins(plumbing.where(repository), graph, MOST)
    assert head(plumbing.where(repository)) == commit
    one, two = plumbing.blob(repository, "1"), plumbing.blob(repository, "2")
    assert origins.at_head(_any, ()) == Leaves({one: [b"a", b"d/b"], two: [b"c"]})
    assert origins.at_head(lambda id_, path: id_ == two or path == b"d/b", ()) == Leaves(
        {one: [b"d/b"], two: [b"c"]}
    )
    assert origins.notes == frozenset()
    plumbing.ask(repository, "notes", "add", "-m", "Note", commit)
    again = Origins(plumbing.where(repository), graph, MOST)
    assert again.notes == {plumbing.ask(repository, "rev-parse", "refs/notes/commits")}
    graph.stop()
