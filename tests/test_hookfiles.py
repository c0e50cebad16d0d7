"""The text of hooks, and putting them in place: what was there runs first and comes back."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scanner import hookfiles
from scanner.errors import UsageError
from scanner.hookfiles import OF_COMMITS, OF_SERVERS, PASSED_ON, Place

PYTHON = Path(sys.executable)
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a shell and file modes")
NAMES = [*OF_COMMITS, *OF_SERVERS]


def _contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Content and mode of each file of a folder."""
    return {p.name: (p.read_bytes(), p.stat().st_mode) for p in sorted(folder.iterdir())}


def _hook(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"#!/bin/sh\n" + body.encode())
    path.chmod(0o755)
    return path


def _run(hook: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [hook, *arguments], input=stdin, cwd=hook.parents[1], capture_output=True, check=False
    )


def _python(path: Path, body: str) -> Path:
    """A stand-in for the interpreter, which tells what it was called with."""
    return _hook(path, body)


ECHO = 'shift 3; echo "$@"; cat\n'  # but for -P, -c and the script


def test_two_earlier_hooks_are_not_mixed_up(tmp_path: Path) -> None:
    for name in ("pre-push", "commit-msg", "commit-msg.keysweep-before"):
        (tmp_path / name).write_bytes(name.encode())
    before = _contents(tmp_path)
    with pytest.raises(UsageError, match=r"commit-msg.*move one of them away"):
        hookfiles.install(Place(tmp_path), OF_COMMITS, PYTHON)
    assert _contents(tmp_path) == before


def test_uninstall_leaves_the_hooks_of_others(tmp_path: Path) -> None:
    (tmp_path / "pre-commit").write_bytes(b"theirs")
    (tmp_path / "pre-commit.keysweep-before").write_bytes(b"older")
    before = _contents(tmp_path)
    assert hookfiles.uninstall(tmp_path) == []
    assert hookfiles.uninstall(tmp_path / "not there") == []
    assert _contents(tmp_path) == before


@pytest.mark.parametrize("content", [b"#!/bin/sh\nexit 0\n", b"", b"\x00\xff\r\n"])
@pytest.mark.parametrize("mode", [0o755, 0o640])
def test_earlier_hook_comes_back_byte_for_byte(tmp_path: Path, content: bytes, mode: int) -> None:
    (tmp_path / "pre-commit").write_bytes(content)
    (tmp_path / "pre-commit").chmod(mode)
    (tmp_path / "pre-commit.sample").write_bytes(b"git's own")
    before = _contents(tmp_path)
    for _ in range(3):
        hookfiles.install(Place(tmp_path), OF_COMMITS, PYTHON)
    assert (tmp_path / "pre-commit.keysweep-before").read_bytes() == content
    removed = hookfiles.uninstall(tmp_path)
    assert [file.name for file in removed] == list(OF_COMMITS)
    assert _contents(tmp_path) == before


@posix
def test_earlier_link_comes_back_as_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"#!/bin/sh\n")
    (tmp_path / "pre-commit").symlink_to("elsewhere")
    hookfiles.install(Place(tmp_path), ["pre-commit"], PYTHON)
    assert (tmp_path / "elsewhere").read_bytes() == b"#!/bin/sh\n"
    hookfiles.uninstall(tmp_path)
    assert (tmp_path / "pre-commit").readlink() == Path("elsewhere")


def test_installing_again_writes_the_same(tmp_path: Path) -> None:
    files = hookfiles.install(Place(tmp_path / "hooks"), OF_COMMITS, PYTHON)
    first = _contents(tmp_path / "hooks")
    assert hookfiles.install(Place(tmp_path / "hooks"), OF_COMMITS, PYTHON) == files
    assert _contents(tmp_path / "hooks") == first
    assert set(first) == set(OF_COMMITS)


def test_installing_again_takes_the_interpreter_of_now(tmp_path: Path) -> None:
    hookfiles.install(Place(tmp_path), OF_COMMITS, Path("/before/python"))
    hookfiles.install(Place(tmp_path), OF_COMMITS, Path("/now/python"))
    content = (tmp_path / "pre-commit").read_bytes()
    assert b"/now/python" in content
    assert b"/before/python" not in content
    assert not (tmp_path / "pre-commit.keysweep-before").exists()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
def test_hook_is_a_plain_shell_script(name: str, shared: bool) -> None:
    content = hookfiles.text(name, PYTHON, shared=shared)
    assert content.startswith(b"#!/bin/sh\n")
    assert b"\r" not in content
    if shell := shutil.which("dash") or shutil.which("sh"):
        subprocess.run([shell, "-n"], input=content, check=True)


@posix
@pytest.mark.parametrize("name", NAMES)
def test_interpreter_that_is_gone_is_one_line(tmp_path: Path, name: str) -> None:
    hooks = tmp_path / "hooks"
    (hook,) = hookfiles.install(Place(hooks), [name], tmp_path / "gone's" / "python")
    done = _run(hook)
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert f"{tmp_path}/gone's/python is gone" in line
    assert "`keysweep hook install`" in line
    assert f"remove {hook}" in line


@posix
def test_interpreter_without_keysweep_is_one_line(tmp_path: Path) -> None:
    bare = _python(tmp_path / "python", f'exec "{sys.executable}" -S "$@"\n')
    (hook,) = hookfiles.install(Place(tmp_path / "hooks"), ["pre-commit"], bare)
    done = _run(hook)
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert "No module named" in line
    assert "install keysweep again" in line
    assert f"remove {hook}" in line


@posix
@pytest.mark.parametrize("name", NAMES)
def test_earlier_hook_runs_first_with_all_that_git_gives(tmp_path: Path, name: str) -> None:
    hooks = tmp_path / "hooks"
    _hook(hooks / name, 'echo "earlier $@"; cat\n')
    ours = _python(tmp_path / "it's python", ECHO)
    (hook,) = hookfiles.install(Place(hooks), [name], ours)
    told = b"one line\n\nlast, without an end" if name in ("pre-push", "pre-receive") else b""
    done = _run(hook, "a b", "c", stdin=told)
    assert done.returncode == 0, done.stderr
    given = " a b" if name in ("commit-msg", "pre-push") else ""
    expected = f"earlier a b c\n{told.decode()}{hook} hook {name}{given}\n{told.decode()}"
    assert done.stdout.decode() == expected


@posix
@pytest.mark.parametrize("name", NAMES)
def test_earlier_hook_that_fails_ends_it(tmp_path: Path, name: str) -> None:
    hooks = tmp_path / "hooks"
    _hook(hooks / name, "exit 7\n")
    (hook,) = hookfiles.install(Place(hooks), [name], _python(tmp_path / "python", ECHO))
    done = _run(hook, stdin=b"x" * 200_000)
    assert (done.returncode, done.stdout) == (7, b"")


@posix
def test_earlier_hook_that_git_would_not_run_is_left_out(tmp_path: Path) -> None:
    hooks = tmp_path / "hooks"
    _hook(hooks / "pre-commit", "exit 7\n").chmod(0o644)
    (hook,) = hookfiles.install(Place(hooks), ["pre-commit"], _python(tmp_path / "python", ECHO))
    assert _run(hook).returncode == 0


@posix
@pytest.mark.parametrize("status", [0, 1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_status_is_that_of_keysweep(tmp_path: Path, name: str, status: int) -> None:
    python = _python(tmp_path / "python", f"cat >/dev/null; exit {status}\n")
    (hook,) = hookfiles.install(Place(tmp_path / "hooks"), [name], python)
    assert _run(hook).returncode == status


@posix
@pytest.mark.parametrize("name", [*OF_COMMITS, "post-commit", "pre-receive"])
def test_shared_hooks_pass_on_to_the_repository(tmp_path: Path, name: str) -> None:
    subprocess.run(["git", "init", "-q", tmp_path / "repository"], check=True)
    shared = tmp_path / "shared"
    hookfiles.install(Place(shared, True), OF_COMMITS, _python(tmp_path / "python", ECHO))
    assert {*OF_COMMITS, *PASSED_ON} == {file.name for file in shared.iterdir()}

    def run() -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [shared / name, "a"],
            input=b"told",
            cwd=tmp_path / "repository",
            capture_output=True,
            check=False,
        )

    assert run().returncode == 0
    _hook(tmp_path / "repository" / ".git" / "hooks" / name, 'echo "own $1"; exit 5\n')
    done = run()
    assert (done.returncode, done.stdout) == (5, b"own a\n")
