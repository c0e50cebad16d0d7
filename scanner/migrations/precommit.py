"""The hooks of other scanners in `.pre-commit-config.yaml`: told as hints, nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from scanner import carried, documents
from scanner.carried import Carried, Entry
from scanner.errors import ConfigError

_TOOLS = ("gitleaks", "betterleaks", "kingfisher", "detect-secrets", "ggshield", "secretlint",
          "trufflehog")  # fmt: skip


class _Hook(msgspec.Struct):
    id: str = ""
    args: list[Any] = []
    exclude: str = ""


class _Repo(msgspec.Struct):
    repo: str = ""
    hooks: list[_Hook] = []


class _File(msgspec.Struct):
    repos: list[_Repo] = []


def read(path: Path) -> Carried:
    """What a configuration of pre-commit says of other scanners; raises ConfigError."""
    try:
        file = msgspec.convert(documents.from_yaml(path) or {}, _File)
    except msgspec.ValidationError as error:
        raise ConfigError([f"{path}: not a configuration of pre-commit: {error}"]) from error
    return Carried("pre-commit", tuple(_entries(file)))


def _entries(file: _File) -> Iterator[Entry]:
    for repo in file.repos:
        for hook in repo.hooks:
            if any(tool in f"{repo.repo} {hook.id}".lower() for tool in _TOOLS):
                yield Entry(f"hook {carried.shown(hook.id)}", "", notes=tuple(_notes(hook)))


def _notes(hook: _Hook) -> Iterator[str]:
    yield "replace it by keysweep's hook (see the README) when you change over"
    if hook.args:
        yield f"it is called with {carried.shown(' '.join(map(str, hook.args)))}"
    if hook.exclude:
        yield f"it passes over {carried.shown(hook.exclude)}: see `path_regexes`, docs/migrate.md"
