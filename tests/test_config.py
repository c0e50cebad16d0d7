"""Which configuration file of a scanned folder counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.config import MAX_FILE_SIZE, Settings, repository_file
from scanner.models import Confidence, Severity


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[tool.other]\nkeysweep = 1\n", id="another tool's"),
        pytest.param("[project]\nname = 'keysweep'\n", id="a project of that name"),
    ],
)
def test_project_file_without_the_table_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert repository_file(tmp_path) is None


def test_folder_without_files_has_none(tmp_path: Path) -> None:
    assert repository_file(tmp_path) is None
    assert repository_file(tmp_path / "missing") is None


def test_folder_of_that_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / ".keysweep.toml").mkdir()
    (tmp_path / "pyproject.toml").mkdir()
    assert repository_file(tmp_path) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[tool.keysweep]\nexclude = ['a']\n", id="table"),
        pytest.param("[[tool.keysweep.allowlist]]\npaths = ['a']\n", id="inner table alone"),
        pytest.param("[ tool . keysweep ]\nexclude = ['a']\n", id="spaces"),
        pytest.param("[tool]\nkeysweep.exclude = ['a']\n", id="dotted key"),
        pytest.param("[tool]\nkeysweep = { exclude = ['a'] }\n", id="inline table"),
        pytest.param("[tool.'keysweep']\nexclude = ['a']\n", id="quoted"),
    ],
)
def test_project_file_with_the_table_counts_however_it_is_written(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text(text)
    assert repository_file(tmp_path) == path


def test_own_file_comes_before_the_project_file(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.keysweep]\n")
    own = tmp_path / ".keysweep.toml"
    own.touch()
    assert repository_file(tmp_path) == own


def test_file_further_up_does_not_count(tmp_path: Path) -> None:
    (tmp_path / ".keysweep.toml").touch()
    (tmp_path / "inner").mkdir()
    assert repository_file(tmp_path / "inner") is None


def test_defaults_report_everything_up_to_50_megabytes() -> None:
    settings = Settings()
    assert (settings.min_severity, settings.min_confidence) == (Severity.LOW, Confidence.LOW)
    assert settings.max_file_size == MAX_FILE_SIZE == 50 * 1024 * 1024
    assert (settings.exclude, settings.allowlists, settings.rules) == ((), (), ())
