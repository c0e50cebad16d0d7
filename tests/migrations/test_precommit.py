"""Hooks of other scanners in pre-commit's configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.errors import ConfigError
from scanner.migrations import precommit

TEXT = """
repos:
- repo: https://github.com/Yelp/detect-secrets
  hooks:
  - {id: detect-secrets, args: [--baseline, .secrets.baseline], exclude: ^tests/}
- repo: https://github.com/psf/black
  hooks: [{id: black}]
"""


def test_broken_file_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / ".pre-commit-config.yaml").write_text("repos: 1")
    with pytest.raises(ConfigError, match=r"\.pre-commit-config\.yaml: not a configuration"):
        precommit.read(tmp_path / ".pre-commit-config.yaml")


def test_hooks_of_scanners_are_told(tmp_path: Path) -> None:
    (tmp_path / ".pre-commit-config.yaml").write_text(TEXT)
    (entry,) = precommit.read(tmp_path / ".pre-commit-config.yaml").entries
    assert (entry.where, entry.items) == ("hook detect-secrets", ())
    assert entry.notes[1] == "it is called with --baseline .secrets.baseline"
    assert "^tests/" in entry.notes[2]
