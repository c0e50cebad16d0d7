"""The cache folder: the user's alone or not used, and what is kept is whole."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import cache

posix = pytest.mark.skipif(sys.platform == "win32", reason="the profile's permissions apply")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder that does not exist yet."""
    path = tmp_path / "deep" / "cache"
    monkeypatch.setenv("KEYSWEEP_CACHE_DIR", str(path))
    return path


def _unusable() -> bool:
    """Whether nothing can be kept."""
    cache.write("name", b"content")
    return cache.folder() is None and cache.read("name") is None


@posix
@pytest.mark.parametrize("mode", [0o777, 0o750, 0o705, 0o702, 0o710], ids=oct)
def test_folder_that_others_may_enter_is_not_used(folder: Path, mode: int) -> None:
    folder.mkdir(parents=True)
    folder.chmod(mode)
    assert _unusable()
    assert list(folder.iterdir()) == []


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can chown")
def test_folder_of_another_user_is_not_used(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o700)
    os.chown(folder, 12345, 12345)
    assert _unusable()


@posix
def test_link_to_a_private_folder_is_not_used(folder: Path) -> None:
    real = folder.parent / "real"
    real.mkdir(parents=True, mode=0o700)
    folder.symlink_to(real)
    assert _unusable()
    assert list(real.iterdir()) == []


def test_file_in_its_place_is_not_used(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("mine")
    assert _unusable()
    assert folder.read_text() == "mine"


def test_folder_that_cannot_be_made_is_not_used(folder: Path) -> None:
    folder.parent.write_text("a file where a folder should be")
    assert _unusable()


def test_name_that_was_not_kept_reads_as_nothing(folder: Path) -> None:
    assert cache.read("never") is None
    assert cache.folder() == folder


@pytest.mark.skipif(sys.platform == "win32", reason="no resource limits")
def test_file_that_cannot_be_written_whole_leaves_nothing_behind(folder: Path) -> None:
    script = (
        "import resource, signal; from scanner import cache\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "cache.write('old', b'o')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "cache.write('old', b'n' * 100000)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert [path.name for path in folder.iterdir()] == ["old"]
    assert cache.read("old") == b"o"


@posix
def test_folder_and_files_are_made_for_the_user_alone(folder: Path) -> None:
    old = os.umask(0)
    try:
        cache.write("name", b"content")
    finally:
        os.umask(old)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "name").stat().st_mode) == 0o600


def test_what_was_kept_is_read(folder: Path) -> None:
    cache.write("name", b"first")
    cache.write("name", b"second")
    cache.write("other", b"")
    assert (cache.read("name"), cache.read("other")) == (b"second", b"")
    assert sorted(path.name for path in folder.iterdir()) == ["name", "other"]


def test_reader_that_began_before_a_write_sees_the_old_content_whole(folder: Path) -> None:
    cache.write("name", b"old" * 1000)
    with (folder / "name").open("rb", buffering=0) as file:
        head = file.read(3)
        cache.write("name", b"new" * 1000)
        assert head + file.read() == b"old" * 1000


def test_many_writers_at_once_leave_one_whole_file(folder: Path) -> None:
    script = (
        "import sys; from scanner import cache\n"
        "for _ in range(50): cache.write('name', sys.argv[1].encode() * 100_000)\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, letter]) for letter in "abcd"]
    assert [writer.wait() for writer in writers] == [0] * 4
    content = cache.read("name") or b""
    assert len(content) == 100_000
    assert len(set(content)) == 1
    assert [path.name for path in folder.iterdir()] == ["name"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_any_content_comes_back(folder: Path, content: bytes) -> None:
    cache.write("any", content)
    assert cache.read("any") == content


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG's folders are Linux's")
def test_without_a_variable_the_platform_s_cache_folder_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYSWEEP_CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() == tmp_path / "keysweep"


def test_what_was_written_long_ago_goes_with_the_next_write(folder: Path) -> None:
    for name in ("rules-old", "history-old", "rules-new", "notes-old", "peers"):
        cache.write(name, b"content")
    for name in ("rules-old", "history-old", "notes-old", "peers"):
        os.utime(folder / name, (0, 0))
    cache.write("rules-newest", b"content")
    assert sorted(path.name for path in folder.iterdir()) == [
        "notes-old", "peers", "rules-new", "rules-newest",
    ]  # fmt: skip
