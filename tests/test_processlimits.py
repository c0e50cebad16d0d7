"""Bounds on what a git may take up, with gits that would take more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scanner import processlimits
from scanner.background import Background
from scanner.repository import finish, start
from tests import plumbing

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone can set them")
_COMPARE = ["diff-tree", "--stdin", "-r", "--root", "--raw", "-z"]


@pytest.fixture
def bomb(repository: Path) -> tuple[Path, bytes]:
    """A repository, and a commit of it with 100,000 paths; what git is told to be asked of it."""
    tree = plumbing.multiplied(repository, "x", 5)
    return repository, plumbing.ask(repository, "commit-tree", "-m", "x", tree).encode() + b"\n"


def test_git_may_take_what_it_needs(bomb: tuple[Path, bytes]) -> None:
    process = start(_COMPARE, plumbing.where(bomb[0]), stdin=subprocess.PIPE)
    assert processlimits.limit(process, 1 << 30)
    done = finish(process, bomb[1])
    assert done.status == 0
    assert done.stdout.count(b"\0:") == 100_000


def test_git_that_needs_more_memory_fails(
    bomb: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processlimits, "_MEMORY", 16 << 20)
    process = start(_COMPARE, plumbing.where(bomb[0]), stdin=subprocess.PIPE)
    assert processlimits.limit(process)
    done = finish(process, bomb[1])
    assert done.status != 0
    assert b"memory" in done.stderr


@pytest.mark.parametrize("sandboxed", [False, True])
def test_git_in_the_background_prints_no_more_than_it_may(
    bomb: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch, sandboxed: bool
) -> None:
    if sandboxed:

        def refused(*_: object) -> None:
            raise PermissionError

        monkeypatch.setattr("resource.prlimit", refused)
    enough = Background(_COMPARE, plumbing.where(bomb[0]), bomb[1])
    assert enough.result().stdout.count(b"\0:") == 100_000
    short = Background(_COMPARE, plumbing.where(bomb[0]), bomb[1], 1 << 20)
    done = short.result()
    assert done.status != 0
    assert len(done.stdout) <= 1 << 20
    assert not list(bomb[0].rglob("core*"))
