"""The short way of `keysweep staged`: it says what the whole command says, or leaves it to that."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.cli import quick
from scanner.cli.main import run

Git = Callable[..., str]
Key = Callable[[object], str]


@pytest.fixture
def inside(repository: Path, git: Git, plan: object, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a repository with something staged, and nothing of ours configured."""
    for name in [name for name in os.environ if name.startswith("KEYSWEEP_")]:
        if name != "KEYSWEEP_CACHE_DIR":
            monkeypatch.delenv(name)
    monkeypatch.chdir(repository)
    (repository / "a").write_text("nothing\n")
    git(repository, "add", "a")
    return repository


def test_nothing_to_tell_is_told_as_by_the_whole_command(
    inside: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quick.is_well()
    short = capsys.readouterr()
    assert run(["staged"]) == 0
    whole = capsys.readouterr()
    assert short.out.rpartition(" in ")[0] == whole.out.rpartition(" in ")[0]
    assert short.out.startswith("0 findings; 1 file, ")
    assert short.err == whole.err == ""


@pytest.mark.parametrize(
    "staged",
    [
        pytest.param({"b": "k = 'KEY'\n"}, id="a key"),
        pytest.param({"b": "k = 'KEY'  # keysweep:allow a test\n"}, id="an allowed key"),
        pytest.param({".keysweep.toml": "exclude = ['a']\n"}, id="something left out"),
        pytest.param({".keysweep.toml": "max_file_size = 3\n"}, id="something too large"),
        pytest.param({".keysweep.toml": "exclude = 7\n"}, id="broken configuration"),
    ],
)
def test_all_else_is_for_the_whole_command(
    inside: Path, git: Git, key: Key, capsys: pytest.CaptureFixture[str], staged: dict[str, str]
) -> None:
    for name, text in staged.items():
        (inside / name).write_text(text.replace("KEY", key(1)))
    git(inside, "add", "-A")
    assert not quick.is_well()
    assert capsys.readouterr() == ("", "")


def test_names_of_files_are_heeded(
    inside: Path, git: Git, key: Key, capsys: pytest.CaptureFixture[str]
) -> None:
    (inside / "b").write_text(f"k = '{key(1)}'\n")
    git(inside, "add", "-A")
    (inside / "c").write_text(f"k = '{key(2)}'\n")
    assert quick.is_well(silent=True, files=["a"])
    assert not quick.is_well(silent=True, files=["a", "b"])
    assert not quick.is_well(silent=True, files=["c"])  # on disk only
    assert not quick.is_well(silent=True, files=["../elsewhere"])
    assert not quick.is_well(silent=True, files=["gone"])
    assert capsys.readouterr() == ("", "")


def test_outside_of_a_repository_is_for_the_whole_command(
    tmp_path: Path, plan: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not quick.is_well()


@pytest.mark.parametrize("name", ["KEYSWEEP_FORMAT", "KEYSWEEP_FAIL_ON", "KEYSWEEP_NO_CACHE"])
def test_variables_that_stand_for_options_are_for_the_whole_command(
    inside: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "x")
    assert not quick.is_well()


def test_configuration_of_the_repository_holds(inside: Path, git: Git, key: Key) -> None:
    (inside / "b").write_text(f"k = '{key(1)}'\n")
    (inside / ".keysweep.toml").write_text("disable = ['byteengine-api-key']\n")
    git(inside, "add", "-A")
    assert quick.is_well()


def test_a_process_takes_the_short_way_and_needs_no_click(
    process: Callable[..., Any], inside: Path
) -> None:
    ended = process("staged", "--format", "json", before=["env", "-C", str(inside)])
    assert json.loads(ended.out)["summary"]["blobs"] == 1
    ended = process("staged", before=["env", "-C", str(inside), "PYTHONVERBOSE=1"])
    assert ended.status == 0
    assert "0 findings; 1 file" in ended.out
    assert "import 'scanner.cli.quick'" in ended.err
    assert "import 'click'" not in ended.err
    assert "import 'regex'" not in ended.err
    ended = process(
        "hook", "pre-commit", "--", "a", before=["env", "-C", str(inside), "PYTHONVERBOSE=1"]
    )
    assert (ended.status, ended.out) == (0, "")
    assert "import 'click'" not in ended.err


def test_internal_error_is_for_the_whole_command_to_tell_without_its_message(
    inside: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_arguments: object) -> None:
        raise ValueError("what was scanned")

    monkeypatch.setattr("scanner.sources.index.items", broken)
    assert not quick.is_well()
    assert capsys.readouterr() == ("", "")
