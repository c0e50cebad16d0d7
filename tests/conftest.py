"""What tests all over the tree share: surroundings of their own, git, rule files."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from scanner import rules
from scanner.api import load_plan
from scanner.detector import Detector
from scanner.scan import Plan

Git = Callable[..., str]
RuleFile = Callable[..., Path]

# What a machine does besides must not decide whether a test passes.
settings.register_profile("keysweep", deadline=None)
settings.load_profile("keysweep")

_AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))
}


@pytest.fixture(scope="session", autouse=True)
def own_surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps the user's configuration, cache and git settings away from the tests.

    The workers of one run share a cache, so that the shipped rules are compiled once.
    """
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("KEYSWEEP_", "GIT_"))]:
            patch.delenv(name)
        own = {
            "KEYSWEEP_CACHE_DIR": str(base / "keysweep-cache"),
            "XDG_CONFIG_HOME": str(base / "no-configuration"),
            "XDG_STATE_HOME": str(base / "state"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        for name, value in (own | _AUTHOR).items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def plan(own_surroundings: None) -> Plan:
    """The shipped rules, compiled, and default settings."""
    return load_plan()


@pytest.fixture(scope="session")
def detector(plan: Plan) -> Detector:
    """A detector of the shipped rules, for one thread."""
    return Detector(rules.load(plan.artefact))


@pytest.fixture(scope="session")
def git() -> Git:
    """Runs git in a folder and gives its output."""

    def run(folder: Path, *arguments: str | bytes | Path) -> str:
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *arguments],
            cwd=folder,
            capture_output=True,
            check=True,
        )
        return os.fsdecode(done.stdout)

    return run


@pytest.fixture
def repository(git: Git, tmp_path: Path) -> Path:
    """An empty repository."""
    folder = tmp_path / "repository"
    git(tmp_path, "init", "-q", folder)
    return folder


@pytest.fixture(scope="session")
def rule_file() -> RuleFile:
    """Writes a rule file; each rule is a sound one with the given keys changed, or left out
    where the value is None."""

    def write(path: Path, *changes: dict[str, object]) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(_table({**_SOUND, **change}) for change in changes))
        return path

    return write


_SOUND: dict[str, object] = {
    "id": "acme-key",
    "description": "Acme key",
    "severity": "high",
    "confidence": "high",
    "regex": "acme_[a-f0-9]{24}",
    "keywords": ["acme_"],
    "references": ["https://example.org/keys"],
    "remediation": "Make a new key and delete this one.",
    "examples": ["acme_3f9c0a7e5b1d48266ad09e7c", "k = acme_b81e4c7fd2905a6631e8c4d7"],
    "counter_examples": ["acme_", "acme_notakey"],
}


def _table(values: dict[str, object]) -> str:
    # JSON's strings, lists, numbers and booleans are TOML's too.
    lines = [f"{k} = {json.dumps(v)}\n" for k, v in values.items() if v is not None]
    return "[[rules]]\n" + "".join(lines)
