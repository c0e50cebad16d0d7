"""Which commit brought an object in and which refs lead there, compared with what git says."""

from __future__ import annotations

import os
import random
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.attribution import Changes, Graph, Introduction, Origins, head, leaves
from scanner.repository import Repository

Git = Callable[..., str]
MOST = 1 << 40
WHO = "Ada <ada@example.org> 1700000000 +0000"


def _where(folder: Path) -> Repository:
    return Repository(os.fsencode(folder))


def _ask(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, input=stdin, check=True, capture_output=True
    )
    return os.fsdecode(done.stdout).removesuffix("\n")


def _commits(folder: Path) -> list[str]:
    """All commits, reachable or not."""
    lines = _ask(folder, "cat-file", "--batch-all-objects", "--batch-check").splitlines()
    return [name for name, kind, _ in map(str.split, lines) if kind == "commit"]


def _blob(folder: Path, content: str) -> str:
    return _ask(folder, "hash-object", "-w", "--stdin", stdin=content.encode())


def _commit(folder: Path, files: dict[str, str], *parents: str, message: str = "x") -> str:
    """A commit that nothing leads to."""
    index = {**os.environ, "GIT_INDEX_FILE": str(folder / ".git" / "own-index")}
    (folder / ".git" / "own-index").unlink(missing_ok=True)
    lines = "".join(f"100644 {_blob(folder, text)}\t{path}\0" for path, text in files.items())
    for arguments, stdin in ((["update-index", "-z", "--index-info"], lines), (["write-tree"], "")):
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env=index, input=stdin.encode(), check=True,
            capture_output=True,
        )  # fmt: skip
    options = [word for parent in parents for word in ("-p", parent)]
    return _ask(folder, "commit-tree", *options, "-m", message, done.stdout.decode().strip())


def _graph(folder: Path) -> Graph:
    graph = Graph(_where(folder))
    graph.of(_commits(folder))
    return graph


def _changes(folder: Path, commits: list[str], jobs: int, *, early: bool = False) -> Changes:
    changes = Changes(_where(folder), jobs, early=early)
    changes.of(commits)
    return changes


def _drop(folder: Path, name: str) -> None:
    path = folder / ".git" / "objects" / name[:2] / name[2:]
    path.chmod(0o600)
    path.unlink()


def _random_history(folder: Path, seed: int, count: int) -> list[str]:
    """Commits with up to three parents each, some of them reached by refs and some by none."""
    chance = random.Random(seed)
    commits: list[str] = []
    trees: dict[str, dict[str, str]] = {}
    for number in range(count):
        parents = chance.sample(commits, min(len(commits), chance.choice([0, 1, 1, 1, 2, 2, 3])))
        files: dict[str, str] = {}
        for parent in parents:
            files |= trees[parent]
        for _ in range(chance.choice([0, 1, 1, 2])):
            files[chance.choice(["a", "b", "d/c", "d/e", "é ü"])] = str(chance.randrange(9))
        if files and chance.random() < 0.2:
            del files[chance.choice(sorted(files))]
        commit = _commit(folder, files, *parents, message=str(number))
        commits.append(commit)
        trees[commit] = files
        if chance.random() < 0.2:
            _ask(folder, "update-ref", f"refs/heads/branch-{number}", commit)
        if chance.random() < 0.15:
            _ask(folder, "tag", "-f", "-m", "Tag", f"tag-{number}", commit)
        if chance.random() < 0.1:
            _ask(folder, "tag", "-f", f"light-{number}", commit)
    _ask(folder, "update-ref", "refs/heads/main", chance.choice(commits))
    return commits


# -- without anything ----------------------------------------------------------------------


def test_an_empty_repository_has_nothing(repository: Path) -> None:
    graph = Graph(_where(repository))
    assert (graph.refs, graph.order, graph.reachable) == ([], {}, frozenset())
    assert graph.leading_to([]) == {}
    assert graph.leading_to(["0" * 40]) == {"0" * 40: []}
    assert head(_where(repository)) is None
    changes = _changes(repository, [], 2)
    assert changes.introductions({"0" * 40}) == {"0" * 40: []}
    assert changes.complete
    assert Origins(_where(repository), graph, MOST).head == {}


def test_leaves_of_a_tree_that_is_not_there(repository: Path) -> None:
    assert leaves(_where(repository), "0" * 40) == {}


def test_stopping_before_any_question(repository: Path) -> None:
    commit = _commit(repository, {"a": "1"})
    graph, changes = _graph(repository), _changes(repository, [commit], 1)
    graph.stop()
    changes.stop()


# -- the graph -----------------------------------------------------------------------------


def _check_graph(folder: Path) -> None:
    commits = _commits(folder)
    graph = _graph(folder)
    assert set(graph.order) == set(commits)
    for line in _ask(folder, "rev-list", "--parents", "--stdin", stdin="\n".join(commits).encode())\
            .splitlines():  # fmt: skip
        commit, *parents = line.split()
        assert all(graph.order[parent] < graph.order[commit] for parent in parents)
    reachable = set(_ask(folder, "rev-list", "--all", *(["HEAD"] if head(_where(folder)) else []))\
        .split())  # fmt: skip
    assert graph.reachable == reachable
    ends = sorted(graph.order, key=graph.order.__getitem__)
    assert set(ends[: len(reachable)]) == reachable
    leading = graph.leading_to(commits)
    for commit in commits:
        command = ["for-each-ref", "--contains", commit, "--format=%(refname)"]
        assert leading[commit] == _ask(folder, *command).splitlines()


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_the_graph_is_that_of_git(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    folder = tmp_path_factory.mktemp("graph")
    _ask(folder, "init", "-q", "-b", "main")
    _random_history(folder, seed, 25)
    _check_graph(folder)


def test_head_without_a_branch_leads_somewhere(repository: Path) -> None:
    first = _commit(repository, {"a": "1"})
    second = _commit(repository, {"a": "2"}, first)
    _ask(repository, "update-ref", "--no-deref", "HEAD", second)
    graph = _graph(repository)
    assert graph.reachable == {first, second}
    assert graph.leading_to([first]) == {first: []}


def test_a_tag_of_a_tag_and_a_tag_of_a_file(repository: Path) -> None:
    commit = _commit(repository, {"a": "1"})
    _ask(repository, "tag", "-m", "One", "one", commit)
    _ask(repository, "tag", "-m", "Two", "two", "one")
    _ask(repository, "tag", "-m", "File", "file", _blob(repository, "1"))
    assert _graph(repository).leading_to([commit]) == {commit: ["refs/tags/one", "refs/tags/two"]}


def test_a_missing_commit_hides_no_other(repository: Path) -> None:
    commits = [_commit(repository, {"a": "0"})]
    for number in range(1, 6):
        commits.append(_commit(repository, {"a": str(number)}, commits[-1]))
    alone = _commit(repository, {"b": "1"})
    _ask(repository, "update-ref", "refs/heads/main", commits[-1])
    _ask(repository, "update-ref", "refs/heads/other", alone)
    _drop(repository, commits[2])
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
    commit = _commit(repository, {"a": "1"})
    _ask(repository, "update-ref", "refs/heads/main", commit)
    _ask(repository, "tag", "-m", "Tag", "v1", commit)
    path = repository / ".git" / "refs" / "heads" / "gone"
    path.write_text("1" * 40 + "\n")
    graph = _graph(repository)
    assert graph.reachable == {commit}
    assert "refs/heads/main" in graph.leading_to([commit])[commit]


# -- changes -------------------------------------------------------------------------------


def _told(folder: Path) -> Iterator[tuple[str, Introduction]]:
    """What git's own log says that each commit brings in."""
    commits = "\n".join(_commits(folder)).encode()
    raw = _ask(
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
@given(seed=st.integers(0, 2**32), jobs=st.integers(1, 4), early=st.booleans())
def test_introductions_are_those_of_git(
    tmp_path_factory: pytest.TempPathFactory, seed: int, jobs: int, early: bool
) -> None:
    folder = tmp_path_factory.mktemp("changes")
    _ask(folder, "init", "-q", "-b", "main")
    _random_history(folder, seed, 25)
    commits = _commits(folder)
    changes = _changes(folder, commits, jobs, early=early)
    expected: dict[str, Counter[Introduction]] = {}
    for id_, introduction in _told(folder):
        expected.setdefault(id_, Counter()).update([introduction])
    found = changes.introductions(set(expected))
    assert {id_: Counter(each) for id_, each in found.items()} == expected
    assert changes.complete
    names, ids = changes.survey
    assert {id_.hex() for id_ in ids} == set(expected)
    assert {
        name for each in expected.values() for i in each for name in i.path.split(b"/")
    } <= names


def test_a_merge_that_only_merges_brings_nothing(repository: Path) -> None:
    base = _commit(repository, {"a": "1"})
    sides = [_commit(repository, {"a": "1", name: name}, base) for name in "bc"]
    merge = _commit(repository, {"a": "1", "b": "b", "c": "c"}, *sides)
    found = _changes(repository, [base, *sides, merge], 1).introductions(
        {_blob(repository, "b"), _blob(repository, "1")}
    )
    assert found == {
        _blob(repository, "b"): [Introduction(sides[0], b"b")],
        _blob(repository, "1"): [Introduction(base, b"a")],
    }


@pytest.mark.parametrize("count", [2, 3, 5])
def test_what_a_merge_brings_by_itself(repository: Path, count: int) -> None:
    sides = [_commit(repository, {str(n): str(n)}) for n in range(count)]
    merge = _commit(repository, {"0": "0", "evil": "evil", "1": "neither"}, *sides)
    ids = {_blob(repository, "evil"), _blob(repository, "neither")}
    found = _changes(repository, [*sides, merge], 2).introductions(ids)
    assert found == {
        _blob(repository, "evil"): [Introduction(merge, b"evil")],
        _blob(repository, "neither"): [Introduction(merge, b"1")],
    }


def test_a_symbolic_link_is_one(repository: Path) -> None:
    target = _blob(repository, "target")
    tree = _ask(repository, "mktree", stdin=f"120000 blob {target}\tlink\n".encode())
    commit = _ask(repository, "commit-tree", "-m", "x", tree)
    changes = _changes(repository, [commit], 1)
    assert changes.introductions({target}) == {target: [Introduction(commit, b"link", True)]}


def test_a_submodule_is_no_object_of_ours(repository: Path) -> None:
    other = "1" * 40
    tree = _ask(repository, "mktree", "--missing", stdin=f"160000 commit {other}\tsub\n".encode())
    commit = _ask(repository, "commit-tree", "-m", "x", tree)
    names, ids = _changes(repository, [commit], 1).survey
    assert (names, list(ids)) == ({b"sub"}, [])


def test_names_lead_to_paths_that_end_with_them(repository: Path) -> None:
    first = _commit(repository, {"d/key/x": "1", "d/key/y": "2", "monkey": "3"})
    second = _commit(repository, {"e/key": "1"}, first)
    found = _changes(repository, [first, second], 1).named({b"key", b"none"})
    assert set(found[b"key"]) == {Introduction(first, b"d/key"), Introduction(second, b"e/key")}
    assert found[b"none"] == []


@pytest.mark.parametrize("early", [False, True])
def test_a_missing_tree_takes_only_its_own_commits(repository: Path, early: bool) -> None:
    commits = [_commit(repository, {"d/a": "0"})]
    for number in range(1, 40):
        commits.append(_commit(repository, {"d/a": str(number)}, commits[-1]))
    _drop(repository, _ask(repository, "rev-parse", f"{commits[20]}:d"))
    _ask(repository, "branch", "-f", "broken", commits[-1])
    changes = _changes(repository, commits, 2, early=early)
    blobs = [_blob(repository, str(number)) for number in range(40)]
    found = changes.introductions(set(blobs))
    assert not changes.complete
    for number, blob in enumerate(blobs):
        if number != 20:
            assert Introduction(commits[number], b"d/a") in found[blob], number


# -- commits -------------------------------------------------------------------------------


def _raw(folder: Path, *lines: str) -> str:
    tree = _ask(folder, "mktree")
    content = "\n".join([f"tree {tree}", *lines]).encode("utf-8", "surrogateescape")
    return _ask(
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
    found = Origins(_where(repository), _graph(repository), MOST).commits([commit])
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
    found = Origins(_where(repository), _graph(repository), MOST).commits([commit])[commit]
    assert (found.author, found.email, found.subject) == (name, email, "Title")


def test_a_commit_as_reports_show_it(repository: Path) -> None:
    commit = _raw(repository, f"author {WHO}", f"committer {WHO}", "", "", "Title", "", "Body")
    for number in range(5):
        _ask(repository, "update-ref", f"refs/heads/{number}", commit)
    lost = _raw(repository, f"author {WHO}", f"committer {WHO}", "", "Lost")
    origins = Origins(_where(repository), _graph(repository), MOST)
    found = origins.commits([commit, lost, commit])
    assert list(found) == [commit, lost]
    assert found[commit].subject == "Title"
    assert found[commit].reachable
    assert found[commit].refs == tuple(f"refs/heads/{number}" for number in range(3))
    assert found[commit].more_refs == 2
    assert not found[lost].reachable
    assert (found[lost].refs, found[lost].more_refs) == ((), 0)


def test_what_head_has_and_where(repository: Path) -> None:
    commit = _commit(repository, {"a": "1", "d/b": "1", "c": "2"})
    _ask(repository, "update-ref", "HEAD", commit)
    graph = _graph(repository)
    origins = Origins(_where(repository), graph, MOST)
    assert head(_where(repository)) == commit
    assert origins.head == {_blob(repository, "1"): [b"a", b"d/b"], _blob(repository, "2"): [b"c"]}
    assert origins.notes == frozenset()
    _ask(repository, "notes", "add", "-m", "Note", commit)
    again = Origins(_where(repository), graph, MOST)
    assert again.notes == {_ask(repository, "rev-parse", "refs/notes/commits")}
    graph.stop()
