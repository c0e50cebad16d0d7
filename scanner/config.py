"""Settings of one run, and where the files are that they come from."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from scanner.models import Allowlist, Confidence, Severity

REPOSITORY_FILE = ".keysweep.toml"
PROJECT_FILE = "pyproject.toml"
MAX_FILE_SIZE = 50 * 1024 * 1024  # bytes


class Settings(NamedTuple):
    """What configuration files can set; lists of later files add to those of earlier ones."""

    exclude: tuple[str, ...] = ()
    enable: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    min_severity: Severity = Severity.LOW
    min_confidence: Confidence = Confidence.LOW
    max_file_size: int = MAX_FILE_SIZE
    allowlists: tuple[Allowlist, ...] = ()
    origins: tuple[tuple[str, str], ...] = ()  # rule names, and the file that names each


def repository_file(root: Path) -> Path | None:
    """The configuration file of a scanned folder, or nothing.

    `.keysweep.toml` comes before a `pyproject.toml` with a `[tool.keysweep]` table.
    """
    own = root / REPOSITORY_FILE
    if own.is_file():
        return own
    project = root / PROJECT_FILE
    if not project.is_file():
        return None
    content = project.read_bytes()
    if b"keysweep" not in content:  # most have no table of ours, and need no parsing
        return None
    try:
        return project if project_table(tomllib.loads(content.decode())) else None
    except ValueError:  # not TOML, not UTF-8: whoever uses it will say so
        return None


def project_table(values: dict[str, Any]) -> dict[str, Any]:
    """The `[tool.keysweep]` table in a project file's values; an empty one when there is none."""
    tool = values.get("tool")
    table = tool.get("keysweep") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else {}
