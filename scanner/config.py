"""Settings of one run, and where the files are that they come from."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from scanner.models import Allowlist, Confidence, Severity

REPOSITORY_FILE = ".keysweep.toml"
PROJECT_FILE = "pyproject.toml"
_PROJECT_TABLE = b"[tool.keysweep"
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


def repository_file(root: Path) -> Path | None:
    """The configuration file of a scanned folder, or nothing.

    `.keysweep.toml` comes before a `pyproject.toml` with a `[tool.keysweep]` table.
    """
    own = root / REPOSITORY_FILE
    if own.is_file():
        return own
    project = root / PROJECT_FILE
    if project.is_file() and _PROJECT_TABLE in project.read_bytes():
        return project
    return None
