"""TruffleHog's files of excluded paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.carried import Allow
from scanner.errors import ConfigError
from scanner.migrations import trufflehog


def test_no_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "exclude.txt").write_bytes(b"\xff\x00")
    with pytest.raises(ConfigError, match=r"exclude\.txt: not a text file"):
        trufflehog.read(tmp_path / "exclude.txt")


def test_lines(tmp_path: Path) -> None:
    (tmp_path / "exclude.txt").write_text("# about\n\n^vendor/\n(?!a)b\n")
    good, bad = trufflehog.read(tmp_path / "exclude.txt").entries
    assert (good.where, good.items) == ("line 3", (Allow(path_regexes=(r"\Avendor/",)),))
    assert bad.items == ()
    assert "look-around" in bad.notes[0]
