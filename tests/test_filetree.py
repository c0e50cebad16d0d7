"""Walking through folders, of which any number may lie in each other."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from scanner.filetree import Folder, walk
from tests import plumbing

posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")


def _told(top: Path) -> list[tuple[str, list[str], list[str]]]:
    found = []
    for folder in walk(os.fspath(top)):
        assert isinstance(folder, Folder)
        found.append((os.path.relpath(folder.path, top), folder.folders, folder.others))
    return found


def test_what_is_not_there_has_nothing(tmp_path: Path) -> None:
    assert _told(tmp_path / "none") == []


def test_what_is_no_folder_cannot_be_listed(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    (error,) = walk(os.fspath(tmp_path / "a"))
    assert isinstance(error, NotADirectoryError)
    assert error.filename == os.fspath(tmp_path / "a")


def test_folders_come_before_what_is_in_them(tmp_path: Path) -> None:
    for name in ("b/c", "a/d/e", "a/f"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [(path, others) for path, _, others in _told(tmp_path)] == [
        (".", []), ("a", ["f"]), (str(Path("a", "d")), ["e"]), ("b", ["c"])
    ]  # fmt: skip


@posix
def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "a/loop").symlink_to("loop")
    assert _told(tmp_path) == [(".", ["a"], []), ("a", [], ["loop", "up"])]


def test_what_is_taken_out_is_left_out(tmp_path: Path) -> None:
    for name in ("a/b/c", "d/e"):
        (tmp_path / name).mkdir(parents=True)
    seen = []
    for folder in walk(os.fspath(tmp_path)):
        assert isinstance(folder, Folder)
        seen.append(Path(folder.path).name)
        folder.folders[:] = [name for name in folder.folders if name != "b"]
    assert seen == [tmp_path.name, "a", "d", "e"]


@posix
def test_deeper_than_python_calls_itself(tmp_path: Path) -> None:
    depth = sys.getrecursionlimit() + 100
    with plumbing.deep(tmp_path, depth):
        assert sum(isinstance(one, Folder) for one in walk(os.fspath(tmp_path))) == depth + 1
