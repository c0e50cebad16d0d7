"""Whatever happens to a repository between two audits: the second says what a first would say, and
both find every key that git holds."""

from __future__ import annotations

import os
import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.history import everything
from scanner.models import Report
from scanner.narrowing import Narrowed
from scanner.scan import Plan, Scanner
from scanner.whereabouts import opened
from scanner.workers import spread

Key = Callable[[object], str]
_KEY = re.compile(rb"be_[0-9a-f]{40}")
_FILES = ("a", "b", "d/c", "d/e")
_START = 1_600_000_000


class _Chance:
    """A repository in which things happen; what git refuses does not."""

    def __init__(self, folder: Path, seed: int, key: Key) -> None:
        self._folder, self._key = folder, key
        self._random, self._time = random.Random(seed), _START

    def git(self, *arguments: str | Path, folder: Path | None = None) -> None:
        self._time += 60
        times = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), f"{self._time} +0000")
        subprocess.run(
            ["git", "-c", "protocol.file.allow=always", "-c", "gc.auto=0", *arguments],
            cwd=folder or self._folder, env=os.environ | times | {"GIT_EDITOR": "true"},
            capture_output=True, check=False,
        )  # fmt: skip

    def branch(self) -> str:
        return f"b{self._random.randrange(4)}"

    def happens(self) -> None:
        """Something or other."""
        happening = self._random.choice([self._write] * 5 + [self._commit] * 4 + [
            self._move, self._stash, self._merge, self._tag, self._fetch, self._worktree,
            lambda: self.git("rm", "-qf", self._random.choice(_FILES)),
            lambda: self.git("commit", "-q", "--amend", "-m", "amended"),
            lambda: self.git("branch", "-f", self.branch()),
            lambda: self.git("branch", "-D", self.branch()),
            lambda: self.git("checkout", "-qf", self.branch()),
            lambda: self.git("reset", "-q", "--hard", f"HEAD~{self._random.randrange(3)}"),
            lambda: self.git("gc", "-q"),
            lambda: self.git("gc", "-q", "--prune=now"),
            lambda: self.git("repack", "-q"),
            lambda: self.git("repack", "-qadf"),
            lambda: self.git("reflog", "expire", "--expire=now", "--all"),
            lambda: self.git("pack-refs", "--all"),
            lambda: self.git("notes", "add", "-f", "-m", self._key(self._random.randrange(3))),
        ])  # fmt: skip
        happening()

    def _write(self) -> None:
        path = self._folder / self._random.choice(_FILES)
        path.parent.mkdir(exist_ok=True)
        lines = [f"line {self._random.randrange(30)}" for _ in range(self._random.randrange(1, 40))]
        for _ in range(self._random.choice([0, 0, 1, 1, 2])):
            line = f"k = '{self._key(self._random.randrange(12))}'"
            lines.insert(self._random.randrange(len(lines)), line)
        path.write_text("\n".join(lines) + "\n")
        self.git("add", "-A")

    def _move(self) -> None:
        self.git("mv", self._random.choice(_FILES), self._random.choice(_FILES) + "x")

    def _commit(self) -> None:
        said = self._key(f"said {self._random.randrange(5)}")
        message = self._random.choice(["x", said])
        self.git("commit", "-qam", message, "--allow-empty")

    def _stash(self) -> None:
        self.git("stash", *self._random.choice([["-u"], ["drop"]]))

    def _merge(self) -> None:
        how = self._random.choice([["merge", "-X", "ours"], ["rebase"], ["cherry-pick"]])
        self.git(*how, "-q" if how[0] == "merge" else "--", self.branch())
        self.git(how[0], "--abort")

    def _tag(self) -> None:
        name = f"t{self._random.randrange(3)}"
        self.git("tag", "-f", "-a", "-m", self._key(f"tag {self._random.randrange(3)}"), name)

    def _fetch(self) -> None:
        other = self._folder.parent / "other"
        if not other.exists():
            self.git("init", "-q", other)
        with (other / "o").open("a") as file:
            file.write(self._key(f"other {self._random.randrange(6)}") + "\n")
        self.git("add", "-A", folder=other)
        self.git("commit", "-qm", "other", folder=other)
        self.git("fetch", "-q", other, f"+HEAD:refs/remotes/o/{self.branch()}")

    def _worktree(self) -> None:
        place = self._folder.parent / "tree"
        how = ["remove", "-f"] if place.exists() else ["add", "-qf", "--detach"]
        self.git("worktree", *how, place)


def _told(plan: Plan, repository: Path, *, remember: bool) -> Report:
    found = opened(str(repository))
    report = everything(Scanner(plan), found, Narrowed(), 1, spread, remember=remember)
    return report._replace(seconds=0.0, info=report.info._replace(started_at=""))


@pytest.mark.parametrize("seed", range(30))
def test_whatever_happens(
    plan: Plan, repository: Path, key: Key, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYSWEEP_CACHE_DIR", str(repository.parent / "cache"))
    chance = _Chance(repository, seed, key)
    chance.git("commit", "-q", "--allow-empty", "-m", "root")
    for _ in range(4):
        for _ in range(6):
            chance.happens()
        remembered = _told(plan, repository, remember=True)
        assert remembered == _told(plan, repository, remember=False)
        held = subprocess.run(
            ["git", "cat-file", "--batch-all-objects", "--batch"],
            cwd=repository, capture_output=True, check=True,
        )  # fmt: skip
        told = {finding.secret.reveal() for finding in remembered.findings}
        assert set(_KEY.findall(held.stdout)) <= told
