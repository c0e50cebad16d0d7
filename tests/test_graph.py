"""Which commits there are and which refs lead to them, compared with what git says."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.graph import Graph, head
from tests import plumbing


def _graph(folder: Path) -> Graph:
    graph = Graph(plumbing.where(folder))
    graph.of(plumbing.commits(folder))
    return graph


def test_an_empty_repository_has_nothing(repository: Path) -> None:
    graph = Graph(plumbing.where(repository))
    assert (graph.refs, graph.order, graph.reachable) == ([], {}, frozenset())
    assert graph.leading_to([]) == {}
    assert graph.leading_to(["0" * 40]) == {"0" * 40: []}
    assert head(plumbing.where(repository)) is None


def test_stopping_before_any_question(repository: Path) -> None:
    plumbing.commit(repository, {"a": "1"})
    _graph(repository).stop()


def _check_graph(folder: Path) -> None:
    commits = plumbing.commits(folder)
    graph = _graph(folder)
    assert set(graph.order) == set(commits)
    named = "\n".join(commits).encode()
    for line in plumbing.ask(folder, "rev-list", "--parents", "--stdin", stdin=named).splitlines():
        commit, *parents = line.split()
        assert all(graph.order[parent] < graph.order[commit] for parent in parents)
    tips = ["--all", "HEAD"] if head(plumbing.where(folder)) else ["--all"]
    reachable = set(plumbing.ask(folder, "rev-list", *tips).split())
    assert graph.reachable == reachable
    ends = sorted(graph.order, key=graph.order.__getitem__)
    assert set(ends[: len(reachable)]) == reachable
    leading = graph.leading_to(commits)
    for most in (0, 1, 3):
        short = graph.summary(commits, most)
        assert {c: (names[:most], len(names)) for c, names in leading.items()} == short
    for commit in commits:
        command = ["for-each-ref", "--contains", commit, "--format=%(refname)"]
        assert leading[commit] == plumbing.ask(folder, *command).splitlines()


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_the_graph_is_that_of_git(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    folder = tmp_path_factory.mktemp("graph")
    plumbing.ask(folder, "init", "-q", "-b", "main")
    plumbing.random_history(folder, seed, 25)
    _check_graph(folder)


def test_head_without_a_branch_leads_somewhere(repository: Path) -> None:
    first = plumbing.commit(repository, {"a": "1"})
    second = plumbing.commit(repository, {"a": "2"}, first)
    plumbing.ask(repository, "update-ref", "--no-deref", "HEAD", second)
    graph = _graph(repository)
    assert graph.reachable == {first, second}
    assert graph.leading_to([first]) == {first: []}


def test_a_tag_of_a_tag_and_a_tag_of_a_file(repository: Path) -> None:
    commit = plumbing.commit(repository, {"a": "1"})
    plumbing.ask(repository, "tag", "-m", "One", "one", commit)
    plumbing.ask(repository, "tag", "-m", "Two", "two", "one")
    plumbing.ask(repository, "tag", "-m", "File", "file", plumbing.blob(repository, "1"))
    assert _graph(repository).leading_to([commit]) == {commit: ["refs/tags/one", "refs/tags/two"]}


def test_a_missing_commit_hides_no_other(repository: Path) -> None:
    commits = [plumbing.commit(repository, {"a": "0"})]
    for number in range(1, 6):
        commits.append(plumbing.commit(repository, {"a": str(number)}, commits[-1]))
    alone = plumbing.commit(repository, {"b": "1"})
    plumbing.ask(repository, "update-ref", "refs/heads/main", commits[-1])
    plumbing.ask(repository, "update-ref", "refs/heads/other", alone)
    plumbing.drop(repository, commits[2])
    graph = _graph(repository)
    left = [*commits[:2], *commits[3:], alone]
    assert set(graph.order) == set(left)
    assert graph.reachable == {*commits[3:], alone}
    assert graph.leading_to([commits[3], alone, commits[0]]) == {
        commits[3]: ["refs/heads/main"],
        alone: ["refs/heads/other"],
        commits[0]: [],
    }
    for low, high in ((0, 1), (3, 4), (4, 5)):
        assert graph.order[commits[low]] < graph.order[commits[high]]


def test_a_ref_that_leads_nowhere_hides_no_other(repository: Path) -> None:
    commit = plumbing.commit(repository, {"a": "1"})
    plumbing.ask(repository, "update-ref", "refs/heads/main", commit)
    plumbing.ask(repository, "tag", "-m", "Tag", "v1", commit)
    path = repository / ".git" / "refs" / "heads" / "gone"
    path.write_text("1" * 40 + "\n")
    graph = _graph(repository)
    assert graph.reachable == {commit}
    assert "refs/heads/main" in graph.leading_to([commit])[commit]
