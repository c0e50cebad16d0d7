"""Which commits there are and which refs lead to them, compared with what git says."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import cache, commitgraph
from scanner import graph as graph_module
from scanner.commitgraph import Commits
from scanner.graph import Graph, head
from scanner.repository import Done
from scanner.whereabouts import opened
from tests import plumbing


def _graph(folder: Path, kept: str | None = None) -> Graph:
    graph = Graph(plumbing.where(folder), kept)
    graph.of(plumbing.commits(folder))
    assert isinstance(graph.refs, list)  # git's answer is fetched, whatever else is asked
    return graph


def _order(graph: Graph, commits: Iterable[str]) -> list[str]:
    return sorted(commits, key=graph.place)


def test_an_empty_repository_has_nothing(repository: Path) -> None:
    graph = Graph(plumbing.where(repository))
    assert (graph.refs, graph.reachable) == ([], frozenset())
    assert not graph.holds("0" * 40)
    assert graph.leading_to([]) == {}
    assert graph.leading_to(["0" * 40]) == {"0" * 40: []}
    assert head(plumbing.where(repository)) is None


def test_stopping_before_any_question(repository: Path) -> None:
    plumbing.commit(repository, {"a": "1"})
    _graph(repository).stop()


def _check_graph(folder: Path) -> None:
    commits = plumbing.commits(folder)
    graph = _graph(folder)
    assert all(map(graph.holds, commits))
    order = {commit: number for number, commit in enumerate(_order(graph, commits))}
    named = "\n".join(commits).encode()
    for line in plumbing.ask(folder, "rev-list", "--parents", "--stdin", stdin=named).splitlines():
        commit, *parents = line.split()
        assert all(order[parent] < order[commit] for parent in parents)
    tips = ["--all", "HEAD"] if head(plumbing.where(folder)) else ["--all"]
    reachable = set(plumbing.ask(folder, "rev-list", *tips).split())
    assert graph.reachable == reachable
    assert set([*order][: len(reachable)]) == reachable
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
    assert all(map(graph.holds, left))
    assert not graph.holds(commits[2])
    assert graph.reachable == {*commits[3:], alone}
    assert graph.leading_to([commits[3], alone, commits[0]]) == {
        commits[3]: ["refs/heads/main"],
        alone: ["refs/heads/other"],
        commits[0]: [],
    }
    for low, high in ((0, 1), (3, 4), (4, 5)):
        assert graph.place(commits[low]) < graph.place(commits[high])


@pytest.mark.parametrize("missing", [False, True], ids=["git lists", "we list"])
def test_of_unrelated_commits_the_earlier_comes_first(repository: Path, missing: bool) -> None:
    commits = {}
    tree = plumbing.ask(
        repository, "rev-parse", plumbing.commit(repository, {"a": "1"}) + "^{tree}"
    )
    for time in (1_500_000_000, 100, 1_400_000_000, 1_600_000_000):
        text = f"tree {tree}\nauthor A <a@b> 1 +0000\ncommitter B <b@c> {time} -0700\n\nx\n"
        command = ["hash-object", "-t", "commit", "-w", "--stdin"]
        commits[plumbing.ask(repository, *command, stdin=text.encode())] = time
    for commit in commits:
        plumbing.ask(repository, "update-ref", f"refs/heads/{commit}", commit)
    late = plumbing.commit(repository, {"b": "1"}, *commits)
    plumbing.ask(repository, "update-ref", "refs/heads/main", late)
    if missing:
        gone = plumbing.commit(repository, {"c": "1"})
        plumbing.ask(repository, "update-ref", "refs/heads/gone", gone)
        plumbing.drop(repository, gone)
    expected = [*sorted(commits, key=commits.__getitem__), late]
    assert _order(_graph(repository), [*commits, late]) == expected


def test_a_ref_that_leads_nowhere_hides_no_other(repository: Path) -> None:
    commit = plumbing.commit(repository, {"a": "1"})
    plumbing.ask(repository, "update-ref", "refs/heads/main", commit)
    plumbing.ask(repository, "tag", "-m", "Tag", "v1", commit)
    path = repository / ".git" / "refs" / "heads" / "gone"
    path.write_text("1" * 40 + "\n")
    graph = _graph(repository)
    assert graph.reachable == {commit}
    assert "refs/heads/main" in graph.leading_to([commit])[commit]


# -- what is remembered --------------------------------------------------------------------


def _alike(one: Graph, other: Graph, commits: list[str]) -> None:
    """Checks that two graphs of the same repository answer alike."""
    assert one.reachable == other.reachable
    assert list(map(one.holds, commits)) == list(map(other.holds, commits))
    assert _order(one, commits) == _order(other, commits)
    assert one.summary(commits, 2) == other.summary(commits, 2)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_a_remembered_graph_is_that_of_git(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    """However the repository changes between two runs: commits come, branches go and move."""
    folder = tmp_path_factory.mktemp("graph")
    plumbing.ask(folder, "init", "-q", "-b", "main")
    chance = random.Random(seed)
    for step in range(4):
        plumbing.random_history(folder, chance.getrandbits(32), 8)
        refs = plumbing.ask(folder, "for-each-ref", "--format=%(refname)").split()
        for ref in chance.sample(refs, min(len(refs), step)):
            plumbing.ask(folder, "update-ref", "-d", ref)
        commits = plumbing.commits(folder)
        kept = commitgraph.name(opened(str(folder)))
        graph = _graph(folder, kept)
        _alike(graph, _graph(folder), commits)
        graph.keep()
        _alike(_graph(folder, kept), graph, commits)


def _line(folder: Path, length: int) -> list[str]:
    """The commits of a repository's only branch."""
    commits: list[str] = []
    for number in range(length):
        commits.append(plumbing.commit(folder, {"a": str(number)}, *commits[-1:]))
    plumbing.ask(folder, "update-ref", "refs/heads/main", commits[-1])
    return commits


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commits that git lists, each with its parents."""
    lines: list[list[str]] = []
    add = graph_module._add

    def watched(to: Commits, done: Done) -> bool:
        lines.extend(line.split()[1:] for line in done.stdout.decode().splitlines())
        return add(to, done)

    monkeypatch.setattr(graph_module, "_add", watched)
    return lines


def test_only_what_is_new_is_asked_for(repository: Path, listed: list[list[str]]) -> None:
    commits = _line(repository, 5)
    kept = commitgraph.name(opened(str(repository)))
    _graph(repository, kept).keep()
    listed.clear()
    new = plumbing.commit(repository, {"a": "new"}, commits[-1])
    plumbing.ask(repository, "update-ref", "refs/heads/main", new)
    graph = _graph(repository, kept)
    assert graph.reachable == {*commits, new}
    assert listed == [[new, commits[-1]]]


def test_what_nothing_leads_to_is_remembered(repository: Path, listed: list[list[str]]) -> None:
    commits = _line(repository, 5)
    kept = commitgraph.name(opened(str(repository)))
    for tip in (commits[2], commits[0]):
        plumbing.ask(repository, "update-ref", "refs/heads/main", tip)
        _graph(repository, kept).keep()
    listed.clear()
    graph = _graph(repository, kept)
    assert graph.reachable == {commits[0]}
    assert not listed
    plumbing.ask(repository, "update-ref", "refs/heads/main", commits[3])
    again = _graph(repository, kept)
    assert again.reachable == set(commits[:4])
    _alike(again, _graph(repository), commits)


def test_what_git_could_not_list_is_asked_for_again(repository: Path) -> None:
    commits = _line(repository, 4)
    plumbing.ask(repository, "update-ref", "refs/heads/main", commits[0])
    kept = commitgraph.name(opened(str(repository)))
    path = repository / ".git" / "objects" / commits[2][:2] / commits[2][2:]
    content = path.read_bytes()
    plumbing.drop(repository, commits[2])
    graph = _graph(repository, kept)
    assert graph.holds(commits[3])
    graph.keep()
    path.write_bytes(content)
    _alike(_graph(repository, kept), _graph(repository), commits)


def test_what_comes_while_no_ref_moves_is_remembered(
    repository: Path, listed: list[list[str]]
) -> None:
    commits = _line(repository, 2)
    kept = commitgraph.name(opened(str(repository)))
    _graph(repository, kept).keep()
    new = plumbing.commit(repository, {"a": "new"}, commits[-1])
    _graph(repository, kept).keep()
    listed.clear()
    assert _graph(repository, kept).holds(new)
    assert not listed
    plumbing.drop(repository, new)
    assert not _graph(repository, kept).holds(new)


def test_what_another_work_tree_has_checked_out_can_be_reached(
    repository: Path, tmp_path: Path
) -> None:
    commits = _line(repository, 3)
    plumbing.ask(repository, "update-ref", "refs/heads/main", commits[0])
    other = str(tmp_path / "other")
    plumbing.ask(repository, "worktree", "add", "-q", "--detach", other, commits[1])
    kept = commitgraph.name(opened(str(repository)))
    for graph in (_graph(repository), _graph(repository, kept), _graph(repository, kept)):
        assert graph.reachable == set(commits[:2])
        assert graph.holds(commits[2])
        graph.keep()


@pytest.mark.parametrize("gone", [3, 7])
def test_a_broken_line_is_in_the_same_order_whatever_is_remembered(
    repository: Path, gone: int
) -> None:
    """Of commits that nothing leads to, where one is missing that another is to need."""
    _line(repository, 2)
    kept = commitgraph.name(opened(str(repository)))
    lines: list[list[str]] = [[], []]
    for number in range(4):
        for line in lines:
            content = {"a": f"{number} {line is lines[0]}"}
            line.append(plumbing.commit(repository, content, *line[-1:]))
        _graph(repository, kept).keep()
    every = [*lines[0], *lines[1]]
    last = plumbing.commit(repository, {"a": "last"}, every[gone])
    plumbing.drop(repository, every.pop(gone))
    every.append(last)
    for _ in range(2):
        graph = _graph(repository, kept)
        _alike(graph, _graph(repository), every)
        for line in lines:
            left = [commit for commit in line if commit in every]
            assert _order(graph, left) == left
        graph.keep()
        every.append(plumbing.commit(repository, {"a": "new"}, every[-1]))


def test_what_was_remembered_may_be_gone(repository: Path) -> None:
    commits = _line(repository, 3)
    kept = commitgraph.name(opened(str(repository)))
    _graph(repository, kept).keep()
    plumbing.ask(repository, "update-ref", "refs/heads/main", commits[0])
    for commit in commits[1:]:
        plumbing.drop(repository, commit)
    graph = _graph(repository, kept)
    assert graph.reachable == {commits[0]}
    assert not graph.holds(commits[1])


@pytest.mark.parametrize("content", [b"", b"\x00", b"\x94\xa0\x91\x01\x90\x90", bytes(100)])
def test_a_damaged_memory_is_none(repository: Path, content: bytes) -> None:
    commits = _line(repository, 3)
    kept = commitgraph.name(opened(str(repository)))
    cache.write(kept, content)
    assert _graph(repository, kept).reachable == set(commits)


def test_what_a_shallow_clone_lacked_is_asked_for(repository: Path, tmp_path: Path) -> None:
    commits = _line(repository, 4)
    clone = tmp_path / "clone"
    source = f"file://{repository}"
    plumbing.ask(tmp_path, "clone", "-q", "--depth", "2", "--branch", "main", source, str(clone))
    _graph(clone, commitgraph.name(opened(str(clone)))).keep()
    plumbing.ask(clone, "fetch", "-q", "--unshallow")
    graph = _graph(clone, commitgraph.name(opened(str(clone))))
    assert graph.reachable == set(commits)
    assert _order(graph, commits) == commits


@given(st.lists(st.tuples(st.lists(st.integers(0, 30), max_size=3), st.integers(0, 2**64 - 1))))
def test_no_commit_is_before_its_parents_whatever_its_clock(
    told: list[tuple[list[int], int]],
) -> None:
    commits = Commits({}, {})
    for number, (above, time) in enumerate(told):
        parents = tuple(f"{one:040x}" for one in dict.fromkeys(above) if one < number)
        commits.add(f"{number:040x}", parents, time)
    for commit, parents in commits.parents.items():
        assert all(commits.times[parent] < commits.times[commit] for parent in parents)
    name = "graph-test"
    tips = [*commits.parents][-1:]
    commitgraph.keep(name, commits, tips)
    assert commitgraph.recall(name) == (commits, tuple(tips))
