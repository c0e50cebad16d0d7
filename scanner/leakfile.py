"""The form of gitleaks' configuration files, with the names of keys in lower case."""

from __future__ import annotations

from typing import Any

import msgspec


class Allowlist(msgspec.Struct):
    """An `[[allowlists]]` table, of all rules or of one."""

    description: str = ""
    condition: str = "OR"
    commits: list[str] = []
    paths: list[str] = []
    files: list[str] = []  # until version 7
    regextarget: str = ""
    regexes: list[str] = []
    stopwords: list[str] = []
    targetrules: list[str] = []


Allowlists = list[Allowlist] | Allowlist


class Rule(msgspec.Struct):
    """A `[[rules]]` table."""

    id: str = ""
    description: str = ""
    path: str = ""
    regex: str = ""
    secretgroup: int = 0
    valuegroup: int = 0
    entropy: float = 0.0
    confidence: str = ""
    filter: str = ""
    keywords: list[str] = []
    tags: list[str] = []
    skipreport: bool = False
    allowlist: Allowlists = []
    allowlists: Allowlists = []
    required: list[dict[str, Any]] = []
    components: list[dict[str, Any]] = []


class Extend(msgspec.Struct):
    """The `[extend]` table."""

    path: str = ""
    url: str = ""
    usedefault: bool = False
    disabledrules: list[str] = []


class File(msgspec.Struct):
    """A whole file."""

    title: str = ""
    description: str = ""
    minversion: str = ""
    betterleaksminversion: str = ""
    extend: Extend = msgspec.field(default_factory=Extend)
    rules: list[Rule] = []
    allowlist: Allowlists = []
    allowlists: Allowlists = []


def lowered(value: Any) -> Any:
    """The values with the names of keys in lower case."""
    if isinstance(value, dict):
        return {str(key).lower(): lowered(inner) for key, inner in value.items()}
    return [lowered(inner) for inner in value] if isinstance(value, list) else value
