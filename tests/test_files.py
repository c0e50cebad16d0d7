"""Small files are read with a bound and written whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from scanner import files
from scanner.errors import ConfigError, UsageError

posix = pytest.mark.skipif(sys.platform == "win32", reason="no such files")


# Reading


def test_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="x: not a regular file"):
        files.read(_folder(tmp_path / "x"))


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


@posix
def test_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "x").symlink_to(tmp_path / "a")
    with pytest.raises(ConfigError, match="x: a link; put a regular file there"):
        files.read(tmp_path / "x")


@posix
def test_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x")
    with pytest.raises(ConfigError, match="x: not a regular file"):
        files.read(tmp_path / "x")


def test_huge_file_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        file.truncate(files.MOST + 1)
    with pytest.raises(ConfigError, match=f"x: {files.MOST + 1} bytes"):
        files.read(tmp_path / "x")


def test_missing_file_is_nothing(tmp_path: Path) -> None:
    assert files.read(tmp_path / "x") is None


def test_content_is_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a\r\n\xff")
    assert files.read(tmp_path / "x") == b"a\r\n\xff"


# Writing


@posix
def test_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "x").symlink_to(tmp_path / "a")
    with pytest.raises(ConfigError, match="x: a link"):
        files.write(tmp_path / "x", b"b")
    assert (tmp_path / "a").read_text() == "a"


def test_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="x: cannot be written: No such file"):
        files.write(tmp_path / "away" / "x", b"b")


@pytest.mark.parametrize("call", ["fsync", "fdopen"])
def test_what_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    (tmp_path / "x").write_text("before")

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(UsageError, match="No space left"):
        files.write(tmp_path / "x", b"after")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_text() == "before"


def test_new_file_has_the_permissions_of_any(tmp_path: Path) -> None:
    files.write(tmp_path / "x", b"a\n")
    (tmp_path / "y").write_text("b")
    assert (tmp_path / "x").stat().st_mode == (tmp_path / "y").stat().st_mode
    assert (tmp_path / "x").read_bytes() == b"a\n"


@posix
def test_permissions_stay(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a")
    (tmp_path / "x").chmod(0o640)
    files.write(tmp_path / "x", b"b")
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


@posix
@pytest.mark.parametrize("before", [None, 0o644], ids=["new", "there, for all to read"])
def test_private_file_is_for_the_user_alone(tmp_path: Path, before: int | None) -> None:
    file = tmp_path / "x"
    if before:
        file.write_bytes(b"old")
        file.chmod(before)
    files.write(file, b"new", private=True)
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o777 == 0o600
