"""The command line, run in this process or, where the process matters, in one of its own."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from scanner.cli.main import run
from scanner.scan import Plan
from tests.liveness.conftest import authority, provider, trusted  # noqa: F401 - fixtures


class Ended(NamedTuple):
    """How a command ended, and what it wrote."""

    status: int
    out: str
    err: str


@pytest.fixture(scope="session")
def key() -> Callable[[object], str]:
    """Makes a ByteEngine key, always the same from the same seed."""
    return lambda seed: "be_" + hashlib.sha256(str(seed).encode()).hexdigest()[:40]


@pytest.fixture
def tree(tmp_path: Path, key: Callable[[object], str]) -> Path:
    """A folder with one key in one of its two files; the current folder is another."""
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "a.py").write_text(f"k = '{key(1)}'\n")
    (folder / "b.txt").write_text("nothing\n")
    return folder


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """A folder with nothing to find."""
    folder = tmp_path / "clean"
    folder.mkdir()
    (folder / "b.txt").write_text("nothing\n")
    return folder


@pytest.fixture
def keysweep(
    plan: Plan, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ended]:
    """Runs a command line in this process, in an empty folder.

    The plan is asked for so that the shipped rules are compiled and kept already.
    """
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    def call(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        status = run([str(argument) for argument in arguments])
        return Ended(status, *capsys.readouterr())

    return call


@pytest.fixture
def process(plan: Plan, tmp_path: Path) -> Callable[..., Ended]:
    """Runs a command line in a process of its own, in an empty folder.

    `before` is put before the command, `stdin` is its standard input, `environment` is added
    to that of the test.
    """
    (tmp_path / "away").mkdir()

    def call(
        *arguments: str | bytes | Path,
        before: Sequence[str] = (),
        stdin: bytes = b"",
        environment: dict[str, str] | None = None,
    ) -> Ended:
        done = subprocess.run(
            [*before, *COMMAND, *arguments],
            input=stdin,
            capture_output=True,
            cwd=tmp_path / "away",
            env=os.environ | (environment or {}),
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call


# -P: a folder named `scanner` in the current one is not ours.
COMMAND = (sys.executable, "-P", "-m", "scanner")


@pytest.fixture(scope="session")
def deprived() -> list[str]:
    """What to put before a command so that file permissions hold for it: root overrides them."""
    if sys.platform == "win32":
        pytest.skip("no such permissions")
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root can read everything, and there is no setpriv to keep it from that")
    return [setpriv, "--bounding-set=-dac_override,-dac_read_search"]
