"""A request's own baseline and ignore file silence nothing in it, on real repositories."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]
BASELINE, IGNORES = ".keysweep.baseline", ".keysweepignore"
WAYS = {
    "baseline": (BASELINE, f"{BASELINE}:3"),
    "fingerprint": (IGNORES, f"{IGNORES}:1"),
    "path": (IGNORES, f"{IGNORES}:1"),
}
posix = pytest.mark.skipif(sys.platform == "win32", reason="a hook is a shell script")


class World:
    """The current folder is a repository, of which `base` has one commit."""

    def __init__(self, folder: Path, git: Git, keysweep: Run, key: Key) -> None:
        self.folder, self.keysweep, self.key = folder, keysweep, key
        self._git = git

    def git(self, *arguments: str | Path) -> str:
        return self._git(self.folder, *arguments)

    def commit(self, name: str = "x", text: str | None = None) -> None:
        if text is not None:
            (self.folder / name).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-qm", name, "--allow-empty")

    def add_key(self) -> None:
        self.commit("k.py", f"k = '{self.key(1)}'\n")

    def silence(self, way: str) -> None:
        """Commits the file that makes the key known."""
        (self.folder / "k.py").write_text(f"k = '{self.key(1)}'\n")
        if way == "baseline":
            ended = self.keysweep("baseline", "create")
        else:
            ended = self.keysweep("ignores", "add", "k.py:1", "--reason", "ours", "--by", way)
        assert ended.status == 0, ended.err
        (self.folder / "k.py").unlink()
        self.commit()

    def places(self, *command: str | Path) -> tuple[int, list[dict[str, Any]]]:
        """How a scan ended, and the places of what it found."""
        ended = self.keysweep(*command, "--format", "json")
        assert ended.out, ended.err
        found = json.loads(ended.out)["findings"]
        return ended.status, [place for finding in found for place in finding["places"]]


@pytest.fixture
def world(
    repository: Path, git: Git, keysweep: Run, key: Key, monkeypatch: pytest.MonkeyPatch
) -> World:
    monkeypatch.chdir(repository)
    git(repository, "checkout", "-qb", "main")
    found = World(repository, git, keysweep, key)
    found.commit("a", "x\n")
    return found


RANGES = [["range", "base..main"], ["ci", "--base", "base", "--head", "main"]]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("command", RANGES, ids=["range", "ci"])
def test_what_a_request_makes_known_fails_and_is_told(
    world: World, way: str, command: list[str]
) -> None:
    world.git("tag", "base")
    world.silence(way)
    world.add_key()
    status, (place,) = world.places(*command)
    assert (status, place["suppressed"]) == (1, None)
    told = place["would_be_suppressed"]
    assert (told["by"], told["where"]) == (
        "baseline" if way == "baseline" else "ignore-file", WAYS[way][1],
    )  # fmt: skip
    text = world.keysweep(*command).out
    assert f"would be suppressed by this request: {told['by']}, {told['where']}" in text


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("command", RANGES, ids=["range", "ci"])
def test_trusted_head_makes_known(world: World, way: str, command: list[str]) -> None:
    world.git("tag", "base")
    world.silence(way)
    world.add_key()
    status, (place,) = world.places(*command, "--trust-head")
    assert status == 0
    assert place["suppressed"]["where"] == WAYS[way][1]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("command", RANGES, ids=["range", "ci"])
def test_what_the_base_knows_is_known(world: World, way: str, command: list[str]) -> None:
    world.silence(way)
    world.git("tag", "base")
    world.add_key()
    (world.folder / WAYS[way][0]).unlink()  # the request takes it away, and so does the work tree
    world.commit()
    status, (place,) = world.places(*command)
    assert status == 0
    assert place["suppressed"]["where"] == WAYS[way][1]


def test_file_in_the_work_tree_alone_does_not_count(world: World) -> None:
    world.git("tag", "base")
    world.add_key()
    (world.folder / IGNORES).write_text("path:* reason: x\n")
    status, (place,) = world.places("range", "base..main")
    assert (status, place["would_be_suppressed"]) == (1, None)


def test_longer_term_that_a_request_asks_for_does_not_count(world: World) -> None:
    world.commit(IGNORES, "path:* until:2020-01-01 reason: x\n")
    world.git("tag", "base")
    world.commit(IGNORES, "path:* until:9999-01-01 reason: x\n")
    world.add_key()
    status, (place,) = world.places("range", "base..main")
    assert status == 1
    assert place["would_be_suppressed"]["where"] == f"{IGNORES}:1"


@pytest.mark.parametrize("name", [BASELINE, IGNORES])
def test_broken_file_of_the_base_is_an_error_that_names_it(world: World, name: str) -> None:
    world.commit(name, "broken\n")
    world.git("tag", "base")
    world.commit("b", "x\n")
    ended = world.keysweep("range", "base..main")
    base = world.git("rev-parse", "base").strip()
    assert ended.status == 2
    assert f"{base[:12]}:{name}:1: " in ended.err


@pytest.mark.parametrize("name", [BASELINE, IGNORES])
def test_file_that_the_request_breaks_is_told_and_the_base_counts(world: World, name: str) -> None:
    world.silence("path")
    world.git("tag", "base")
    world.commit(name, "broken\n")
    world.add_key()
    ended = world.keysweep("range", "base..main")
    assert ended.status == 0, ended.out
    assert "not used: " in ended.err
    assert f":{name}:1: " in ended.err


@pytest.mark.parametrize("name", [BASELINE, IGNORES])
def test_link_is_refused(world: World, tmp_path: Path, name: str) -> None:
    (tmp_path / "x").write_text("path:* reason: x\n")
    (world.folder / name).symlink_to(tmp_path / "x")
    world.commit()
    world.git("tag", "base")
    ended = world.keysweep("range", "base..main")
    assert ended.status == 2
    assert f":{name}: not a regular file" in ended.err


def test_named_baseline_is_that_of_the_base(world: World, tmp_path: Path) -> None:
    world.silence("baseline")
    world.git("mv", BASELINE, "known")
    world.commit()
    world.git("tag", "base")
    world.add_key()
    assert world.keysweep("range", "base..main", "--baseline", "known").status == 0
    world.git("tag", "-f", "base", "base~1")
    ended = world.keysweep("range", "base..main", "--baseline", "known")
    assert ended.status == 2
    assert ":known: not there; what a request brings along holds with --trust-head" in ended.err


# Hooks on a developer's machine, and the history


@pytest.mark.parametrize("way", WAYS)
def test_hooks_heed_the_files_of_the_work_tree(
    world: World, way: str, monkeypatch: pytest.MonkeyPatch, process: Run
) -> None:
    world.silence(way)
    (world.folder / "k.py").write_text(f"k = '{world.key(1)}'\n")
    world.git("add", "-A")
    (world.folder / "message").write_text(f"Use {world.key(1)}\n")
    assert world.keysweep("staged").status == 0
    assert world.keysweep("hook", "pre-commit").status == 0
    assert world.keysweep("hook", "commit-msg", "message").status == (way == "path")
    (world.folder / "message").unlink()
    world.add_key()
    head = world.git("rev-parse", "HEAD").strip()
    told = f"refs/heads/main {head} refs/heads/main {'0' * 40}\n".encode()
    environment = {"GIT_DIR": str(world.folder / ".git"), "GIT_WORK_TREE": str(world.folder)}
    ended = process("hook", "pre-push", "origin", "url", stdin=told, environment=environment)
    assert ended.status == 0, ended.err


@pytest.mark.parametrize("way", WAYS)
def test_history_of_a_bare_repository_heeds_its_head(
    world: World, way: str, tmp_path: Path
) -> None:
    world.add_key()
    world.silence(way)
    bare = tmp_path / "bare.git"
    world.git("clone", "-q", "--bare", world.folder, bare)
    status, places = world.places("history", bare)
    assert status == 0
    assert {place["suppressed"]["where"] for place in places} == {WAYS[way][1]}


# A server


@pytest.fixture
def server(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bare repository with the hook, which has what `main` has."""
    folder = tmp_path / "server.git"
    world.git("init", "-q", "--bare", "-b", "main", folder)
    world.git("remote", "add", "origin", folder)
    world.git("push", "-q", "origin", "main")
    monkeypatch.chdir(folder)
    assert world.keysweep("hook", "install").status == 0
    monkeypatch.chdir(world.folder)
    return folder


def _push(world: World, *arguments: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", "push", "origin", *arguments],
        cwd=world.folder, env=os.environ | environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


@posix
@pytest.mark.parametrize("way", WAYS)
def test_push_that_makes_its_key_known_is_refused(world: World, server: Path, way: str) -> None:
    world.silence(way)
    world.add_key()
    status, said = _push(world, "main")
    assert status != 0
    assert "would be suppressed by what came with this push, which does not count here" in said
    assert WAYS[way][1] in said
    assert _push(world, "main", KEYSWEEP_TRUST_HEAD="1")[0] == 0


@posix
def test_other_branch_does_not_make_it_known(world: World, server: Path) -> None:
    world.git("checkout", "-q", "-b", "other")
    world.silence("path")
    assert _push(world, "other")[0] == 0
    world.add_key()
    assert _push(world, "other")[0] != 0


@posix
@pytest.mark.parametrize("way", WAYS)
def test_what_the_main_branch_knows_is_known(world: World, server: Path, way: str) -> None:
    world.silence(way)
    assert _push(world, "main")[0] == 0
    world.git("checkout", "-q", "-b", "other")
    world.add_key()
    status, said = _push(world, "other")
    assert status == 0, said
