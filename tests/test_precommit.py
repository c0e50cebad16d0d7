"""The hooks as pre-commit itself installs and runs them, from this checkout, in real repositories.

One environment is built for all cases, as pre-commit keeps one for each version of a repository.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="file names that Windows does not have"),
]
ROOT = Path(__file__).parents[1]
LEFT_OUT = (".*", "__pycache__", "*.egg-info", "build", "dist", "results")
IDS = ("keysweep", "keysweep-commit-msg", "keysweep-pre-push", "keysweep-history")
STAGES = ("pre-commit", "pre-merge-commit", "commit-msg", "pre-push")
_TOLD = re.compile(r"keysweep stopped [a-z ]+: (\d+) secret")
Git = Callable[..., str]


def _key(seed: str) -> str:
    return "be_" + hashlib.sha256(seed.encode()).hexdigest()[:40]


class Ended(NamedTuple):
    """How a command ended, and all that it wrote."""

    status: int
    said: str


class Project:
    """A repository in which pre-commit is installed with our hooks."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self._environment = folder, environment

    def run(self, *command: str) -> Ended:
        """Runs a command there."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode("utf-8", "replace"))

    def git(self, *arguments: str) -> str:
        """Runs git, which must succeed."""
        ended = self.run("git", *arguments)
        assert ended.status == 0, ended.said
        return ended.said

    def pre_commit(self, *arguments: str) -> Ended:
        """Runs pre-commit."""
        return self.run(sys.executable, "-P", "-m", "pre_commit", *arguments)

    def write(self, name: str, text: str) -> None:
        """Writes a file and stages it."""
        (self.folder / name).write_text(text)
        self.git("add", "--", f":(literal){name}")

    def commit(self, message: str = "one", *options: str) -> Ended:
        """Commits what is staged."""
        return self.run("git", "commit", "-m", message, *options)


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, git: Git) -> tuple[Path, str]:
    """A repository with this checkout, and its revision."""
    folder = tmp_path_factory.mktemp("hooks") / "keysweep"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", folder)
    git(folder, "init", "-q")
    git(folder, "add", "--force", ".")
    git(folder, "commit", "-qm", "checkout")
    return folder, git(folder, "rev-parse", "HEAD").strip()


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of all commands, in which pre-commit has a home of its own."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**kept, "PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("home")), "GIT_EDITOR": "true"}


@pytest.fixture
def project(
    repository: Path, hooks: tuple[Path, str], environment: dict[str, str]
) -> Callable[..., Project]:
    """Makes a repository with one clean commit; `settings` are added to the first hook's."""

    def make(settings: str = "") -> Project:
        found = Project(repository, environment)
        folder, revision = hooks
        lines = ["repos:", f"- repo: {folder}", f"  rev: {revision}", "  hooks:"]
        lines += [f"  - id: {name}" for name in IDS]
        lines.insert(5, settings)
        found.write(".pre-commit-config.yaml", "\n".join(lines) + "\n")
        types = [word for stage in STAGES for word in ("-t", stage)]
        ended = found.pre_commit("install", *types)
        assert ended.status == 0, ended.said
        ended = found.commit("first")
        assert ended.status == 0, ended.said
        assert "staged content" in ended.said
        return found

    return make


def test_commit_with_a_key_is_stopped_and_a_clean_one_is_not(
    project: Callable[..., Project],
) -> None:
    one = project()
    one.write("a.py", f"\nk = '{_key('a')}'\n")
    ended = one.commit()
    assert ended.status == 1
    assert "keysweep stopped this commit: 1 secret" in ended.said
    assert "a.py:2:6  ByteEngine API key" in ended.said
    assert "keysweep:allow <reason>" in ended.said
    assert _key("a") not in ended.said
    one.write("a.py", "import os\n")
    ended = one.commit()
    assert ended.status == 0, ended.said
    assert ended.said.count("Passed") == 2  # content and message


def test_key_in_the_index_only_and_key_on_disk_only(project: Callable[..., Project]) -> None:
    one = project()
    one.write("a.py", f"k = '{_key('index')}'\n")
    (one.folder / "a.py").write_text("gone from disk\n")
    assert one.commit().status == 1
    assert (one.folder / "a.py").read_text() == "gone from disk\n"
    one.write("a.py", "nothing\n")
    (one.folder / "a.py").write_text(f"nothing\nk = '{_key('disk')}'\n")
    ended = one.commit()
    assert ended.status == 0, ended.said
    assert _key("disk") in (one.folder / "a.py").read_text()


def test_index_of_a_partial_commit(project: Callable[..., Project]) -> None:
    one = project()
    one.write("a.py", "nothing\n")
    one.commit()
    one.write("b.py", _key("b"))
    (one.folder / "a.py").write_text("more\n")
    ended = one.commit("two", "a.py")
    assert ended.status == 0, ended.said
    (one.folder / "a.py").write_text(_key("a"))
    assert one.commit("two", "a.py").status == 1
    assert one.commit("two", "-a").said.count("b.py:1:1") == 1


def test_all_files_are_looked_at_though_nothing_is_staged(
    project: Callable[..., Project],
) -> None:
    one = project()
    assert one.pre_commit("run", "--all-files").status == 0
    one.write("old.py", f"k = '{_key('old')}'\n")
    one.commit("old", "--no-verify")
    ended = one.pre_commit("run", "--all-files")
    assert ended.status == 1
    assert "keysweep stopped here: 1 secret" in ended.said
    assert "old.py:1:6" in ended.said
    assert one.pre_commit("run", "--files", "old.py").status == 1
    assert one.pre_commit("run", "--from-ref", "HEAD~1", "--to-ref", "HEAD").status == 1
    one.write("old.py", f"more\nk = '{_key('old')}'\n")  # no new key
    assert one.pre_commit("run", "--all-files").status == 0
    assert one.commit().status == 0


def test_exclude_and_args_are_heeded(project: Callable[..., Project]) -> None:
    one = project("    exclude: ^fixtures-\n    args: [--fail-on, medium]")
    one.write("fixtures-a.py", _key("a"))
    assert one.commit().status == 0
    one.write("b.py", _key("b"))
    ended = one.commit()
    assert ended.status == 0, ended.said  # it is critical, so `medium` lets it through
    assert one.pre_commit("run", "keysweep-history", "--hook-stage", "manual").status == 1


def test_many_files_of_any_name(project: Callable[..., Project]) -> None:
    one = project()
    names = ["a b.py", "a\nb.py", "-rf", "*", ":x", "é.py", *(f"{n}.py" for n in range(90))]
    for name in names:
        (one.folder / name).write_text(f"k = '{_key(name)}'\n")
    one.git("add", "-A")
    ended = one.commit()
    assert ended.status == 1
    told = _TOLD.findall(ended.said)
    assert sum(map(int, told)) == len(names)
    assert len(told) > 1 or os.cpu_count() == 1  # several processes
    again = _TOLD.findall(one.pre_commit("run", "--all-files").said)
    assert sum(map(int, again)) == len(names)
    for name in names:
        (one.folder / name).write_text("nothing\n")
    one.git("add", "-A")
    ended = one.commit()
    assert ended.status == 0, ended.said
    ended = one.pre_commit("run", "--all-files")
    assert ended.status == 0, ended.said


@pytest.mark.parametrize("name", ["a b.py", "a\nb.py", "-rf", "*"])
def test_file_of_any_name_alone(project: Callable[..., Project], name: str) -> None:
    one = project()
    one.write(name, _key(name))
    ended = one.commit()
    assert ended.status == 1
    assert "1 secret" in ended.said
    one.commit("sneaked in", "--no-verify")
    assert "1 secret" in one.pre_commit("run", "--all-files").said


def test_link_that_tells_a_secret(project: Callable[..., Project]) -> None:
    one = project()
    (one.folder / "link").symlink_to(f"https://example.org/?k={_key('link')}")
    one.git("add", "link")
    ended = one.commit()
    assert ended.status == 1
    assert "(symlink)" in ended.said


def test_message(project: Callable[..., Project]) -> None:
    one = project()
    one.write("a.py", "nothing\n")
    ended = one.commit(f"use {_key('message')}")
    assert ended.status == 1
    assert "(commit-message)" in ended.said
    assert _key("message") not in ended.said
    assert one.commit("use the environment").status == 0


def _conflict(one: Project) -> None:
    """A merge in conflict over a file with an old key, both sides of which have one more."""
    one.write("a.py", f"k = '{_key('old')}'\n")
    one.commit("old", "--no-verify")
    one.git("checkout", "-qb", "theirs")
    one.write("a.py", f"k = '{_key('old')}'\nk = '{_key('theirs')}'\n")
    one.commit("theirs", "--no-verify")
    one.git("checkout", "-q", "-")
    one.write("a.py", f"k = '{_key('old')}'\nk = '{_key('ours')}'\n")
    one.commit("ours", "--no-verify")
    assert one.run("git", "merge", "theirs").status == 1


@pytest.mark.parametrize("side", ["--ours", "--theirs"])
def test_merge_commit_is_not_told_of_what_either_side_has(
    project: Callable[..., Project], side: str
) -> None:
    one = project()
    _conflict(one)
    one.git("checkout", side, "a.py")
    one.git("add", "a.py")
    ended = one.commit("merge")
    assert ended.status == 0, ended.said
    assert "staged content" in ended.said
    assert len(one.git("rev-list", "--parents", "-1", "HEAD").split()) == 3


def test_merge_commit_with_a_new_key_is_stopped(project: Callable[..., Project]) -> None:
    one = project()
    _conflict(one)
    keys = (_key("old"), _key("ours"), _key("theirs"), _key("evil"))
    one.write("a.py", "".join(f"k = '{key}'\n" for key in keys))
    ended = one.commit("merge")
    assert ended.status == 1
    assert "1 secret" in ended.said
    assert "a.py:4:6" in ended.said


def test_merge_without_a_conflict_passes(project: Callable[..., Project]) -> None:
    one = project()
    one.git("checkout", "-qb", "theirs")
    one.write("b.py", _key("theirs"))
    one.commit("theirs", "--no-verify")
    one.git("checkout", "-q", "-")
    one.write("c.py", "nothing\n")
    one.commit("ours")
    ended = one.run("git", "merge", "--no-edit", "theirs")
    assert ended.status == 0, ended.said


def test_push_of_exactly_these_commits(project: Callable[..., Project], tmp_path: Path) -> None:
    one = project()
    one.git("init", "-q", "--bare", str(tmp_path / "server.git"))
    one.git("remote", "add", "origin", str(tmp_path / "server.git"))
    one.write("a.py", f"k = '{_key('first')}'\n")
    one.commit("first key", "--no-verify")
    one.git("rm", "-q", "a.py")
    one.commit("gone again", "--no-verify")

    ended = one.run("git", "push", "origin", "HEAD:refs/heads/main")  # the first commit of all
    assert ended.status == 1
    assert "keysweep stopped this push: 1 secret" in ended.said
    assert "first key" in ended.said
    one.git("push", "--no-verify", "origin", "HEAD:refs/heads/main")

    one.write("b.py", "nothing\n")
    one.commit("clean")
    ended = one.run("git", "push", "origin", "HEAD:refs/heads/main")
    assert ended.status == 0, ended.said
    assert "commits to push" in ended.said

    one.write("b.py", f"k = '{_key('second')}'\n")
    one.commit("second key", "--no-verify")
    one.write("b.py", "nothing\n")  # no file differs in the end
    one.commit("gone again", "--no-verify")
    for target in ("main", "new"):
        ended = one.run("git", "push", "origin", f"HEAD:refs/heads/{target}")
        assert ended.status == 1, target
        assert "second key" in ended.said
    assert one.run("git", "push", "origin", ":refs/heads/main").status == 0


def test_push_stage_by_hand(project: Callable[..., Project]) -> None:
    one = project()
    one.write("a.py", _key("a"))
    one.commit("key", "--no-verify")
    stage = ("run", "--hook-stage", "pre-push")
    assert one.pre_commit(*stage, "--from-ref", "HEAD~1", "--to-ref", "HEAD").status == 1
    assert one.pre_commit(*stage, "--from-ref", "HEAD", "--to-ref", "HEAD~1").status == 0
    ended = one.pre_commit(*stage, "--all-files")
    assert ended.status == 1
    assert "pre-commit told of no commits" in ended.said


def test_whole_history_by_hand(project: Callable[..., Project]) -> None:
    one = project()
    by_hand = ("run", "keysweep-history", "--hook-stage", "manual", "--all-files")
    assert one.pre_commit(*by_hand).status == 0
    one.write("a.py", _key("a"))
    one.commit("key", "--no-verify")
    one.git("rm", "-q", "a.py")
    one.commit("gone")
    assert one.pre_commit("run", "--all-files").status == 0
    ended = one.pre_commit(*by_hand)
    assert ended.status == 1
    assert "a.py" in ended.said
