"""Objects by name: exactly their bytes, or why there are none, whatever became of git."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import repository
from scanner.catfile import Absent, Objects
from scanner.errors import GitError
from scanner.repository import Repository

Git = Callable[..., str]
CONTENTS = [b"", b"x", b"\n", b"no line end", b"two\nlines\n", b"\0\r\n\xff" * 100_000]


def _where(folder: Path) -> Repository:
    return Repository(os.fsencode(folder))


@pytest.fixture(params=["sha1", "sha256"])
def filled(request: pytest.FixtureRequest, git: Git, tmp_path: Path) -> tuple[Path, list[str]]:
    """A repository of either object format with all the contents, and their ids."""
    folder = tmp_path / "repository"
    git(tmp_path, "init", "-q", f"--object-format={request.param}", folder)
    names = []
    for content in CONTENTS:
        (tmp_path / "file").write_bytes(content)
        names.append(git(folder, "hash-object", "-w", tmp_path / "file").strip())
    return folder, names


def _store(folder: Path, name: str) -> Path:
    path = folder / ".git" / "objects" / name[:2] / name[2:]
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("0" * 40, id="null id"),
        pytest.param("f" * 64, id="no such object"),
        pytest.param("HEAD", id="unborn branch"),
        pytest.param("a name with spaces", id="spaces"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_not_there_has_a_reason_and_git_goes_on(
    filled: tuple[Path, list[str]], name: str
) -> None:
    folder, names = filled
    with Objects(_where(folder), 10) as objects:
        absent = objects.read(name)
        assert isinstance(absent, Absent)
        assert "missing or damaged" in absent.reason
        assert not absent.by_policy
        assert objects.read(names[1]) == b"x"


def test_damaged_object_has_a_reason_and_git_goes_on(filled: tuple[Path, list[str]]) -> None:
    folder, names = filled
    path = _store(folder, names[5])
    path.write_bytes(path.read_bytes()[:50])
    _store(folder, names[4]).write_bytes(b"no object at all")
    with Objects(_where(folder), 1 << 20) as objects:
        for name in (names[4], names[5], names[4]):
            assert isinstance(objects.read(name), Absent)
        assert objects.read(names[1]) == b"x"


def test_object_of_another_type_is_not_taken(filled: tuple[Path, list[str]], git: Git) -> None:
    folder, names = filled
    tree = git(folder, "write-tree").strip()
    with Objects(_where(folder), 100) as objects:
        assert objects.read(tree) == Absent("it is a tree")
        assert objects.read(names[1], "commit") == Absent("it is a blob")
        assert objects.read(tree, "tree") == b""


def test_large_object_is_left_out_by_policy(filled: tuple[Path, list[str]]) -> None:
    folder, names = filled
    size = len(CONTENTS[5])
    with Objects(_where(folder), size) as objects:
        assert objects.read(names[5]) == CONTENTS[5]
    with Objects(_where(folder), size - 1) as objects:
        reason = f"{size} bytes, over --max-file-size {size - 1}"
        assert objects.read(names[5]) == Absent(reason, by_policy=True)
        assert objects.read(names[4]) == CONTENTS[4]


def test_folder_without_a_repository_has_no_objects(tmp_path: Path) -> None:
    with Objects(_where(tmp_path), 10) as objects:
        for _ in range(3):
            assert isinstance(objects.read("0" * 40), Absent)


def test_machine_without_git_is_told(
    filled: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with Objects(_where(filled[0]), 10) as objects, pytest.raises(GitError, match="not installed"):
        objects.read("0" * 40)


def test_contents_are_exact_in_any_order(filled: tuple[Path, list[str]]) -> None:
    folder, names = filled
    with Objects(_where(folder), 1 << 20) as objects:
        for order in (range(6), reversed(range(6)), [5, 0, 5]):
            for at in order:
                assert objects.read(names[at]) == CONTENTS[at]


def test_one_process_answers_all_questions_and_ends(
    filled: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def counted(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(popen(*arguments, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr("scanner.repository.subprocess.Popen", counted)
    folder, names = filled
    with Objects(_where(folder), 1 << 20) as objects:
        assert not started
        for name in names * 20:
            objects.read(name)
        assert len(started) == 1
        assert started[0].poll() is None
    assert started[0].returncode is not None


def test_many_complaints_of_git_s_do_not_stop_it(filled: tuple[Path, list[str]]) -> None:
    folder, names = filled
    _store(folder, names[4]).write_bytes(b"no object at all")
    with Objects(_where(folder), 10) as objects:
        for _ in range(100):
            objects.read(names[4])
            objects.read(hashlib.sha1(b"no", usedforsecurity=False).hexdigest())
        assert objects.read(names[1]) == b"x"


# Objects that are told of before they are asked for

ANY = st.lists(st.integers(0, len(CONTENTS) + 1), max_size=25)


@pytest.fixture(scope="module")
def several(git: Git, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A repository with all the contents, their ids and two of objects that are not there."""
    folder = tmp_path_factory.mktemp("several")
    git(folder, "init", "-q")
    for number, content in enumerate(CONTENTS):
        (folder / str(number)).write_bytes(content)
    names = [git(folder, "hash-object", "-w", str(n)).strip() for n in range(len(CONTENTS))]
    return folder, [*names, "0" * 40, "1" * 40]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=ANY, asked=ANY, most=st.sampled_from([3, 1 << 20]))
def test_what_was_told_before_changes_no_answer(
    several: tuple[Path, list[str]], told: list[int], asked: list[int], most: int
) -> None:
    folder, names = several
    with Objects(_where(folder), most) as plain, Objects(_where(folder), most) as ahead:
        ahead.expect(names[number] for number in told)
        for number in asked:
            assert ahead.read(names[number]) == plain.read(names[number])


@pytest.mark.parametrize("most", [1 << 20, 3])
def test_told_order_is_read_by_as_few_gits_as_can_be(
    several: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    folder, names = several
    begun = []

    def counted(*arguments: Any, **options: Any) -> Any:
        begun.append(arguments)
        return repository.start(*arguments, **options)

    monkeypatch.setattr("scanner.catfile.start", counted)
    with Objects(_where(folder), most) as objects:
        objects.expect(names * 5)
        for name in names * 5:
            objects.read(name)
    too_large = sum(len(content) > most for content in CONTENTS)
    assert len(begun) <= 1 + 5 * too_large
