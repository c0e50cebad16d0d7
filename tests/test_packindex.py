"""The order of a pack's objects, as its index tells it or a newer git keeps it."""

from __future__ import annotations

import os
import subprocess
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.objectfolders import packs_in
from scanner.packindex import order, read_index

OFFSETS = array("Q", [300, 12, 5000, 40])
ORDER = array("I", [1, 3, 0, 2])
HEAD = b"RIDX\0\0\0\1\0\0\0\1"


def _table(numbers: list[int]) -> bytes:
    return b"".join(number.to_bytes(4, "big") for number in numbers)


@given(st.lists(st.integers(0, 1 << 40), unique=True))
def test_order_without_such_a_file(offsets: list[int]) -> None:
    found = order(Path("nowhere.rev"), array("Q", offsets))
    assert [offsets[number] for number in found] == sorted(offsets)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(HEAD, id="no table"),
        pytest.param(HEAD + _table([1, 3, 0]), id="cut between two"),
        pytest.param(HEAD + _table([1, 3, 0, 2])[:-1], id="cut in one"),
        pytest.param(HEAD.replace(b"R", b"r") + _table([1, 3, 0, 2]), id="something else"),
        pytest.param(HEAD + _table([0, 1, 2, 3]), id="another order"),
        pytest.param(HEAD + _table([1, 1, 0, 2]), id="one twice"),
        pytest.param(HEAD + _table([1, 3, 0, 4]), id="one that is not there"),
        pytest.param(HEAD + _table([1, 3, 0, 2]), id="well"),
        pytest.param(HEAD + _table([1, 3, 0, 2]) + bytes(40), id="well, with checksums"),
    ],
)
def test_what_such_a_file_says_is_checked(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.rev").write_bytes(content)
    assert order(tmp_path / "a.rev", OFFSETS) == ORDER


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such pipes here")
def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.rev")
    assert order(tmp_path / "a.rev", OFFSETS) == ORDER
    (tmp_path / "b.rev").symlink_to("/dev/zero")
    assert order(tmp_path / "b.rev", OFFSETS) == ORDER
    os.mkfifo(tmp_path / "a.idx")
    with pytest.raises(OSError, match="not a regular file"):
        read_index(tmp_path / "a.idx", 20)


def test_offsets_that_stand_twice(tmp_path: Path) -> None:
    (tmp_path / "a.rev").write_bytes(HEAD + _table([1, 0]))
    assert sorted(order(tmp_path / "a.rev", array("Q", [7, 7]))) == [0, 1]


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_order_that_git_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, git: Callable[..., str]
) -> None:
    git(tmp_path, "init", "-q", f"--object-format={kind}")
    for number in range(30):
        (tmp_path / str(number)).write_text("x\n" * number)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "all")
    words = ["git", "-c", "pack.writeReverseIndex=true", "repack", "-adq"]
    subprocess.run(words, cwd=tmp_path, check=True)
    (pack,) = packs_in(tmp_path / ".git" / "objects")
    _, offsets = read_index(pack.with_suffix(".idx"), 20 if kind == "sha1" else 32)
    monkeypatch.setattr("builtins.sorted", None)  # not to be needed
    told = order(pack.with_suffix(".rev"), offsets)
    monkeypatch.undo()
    assert told == order(Path("nowhere.rev"), offsets)
