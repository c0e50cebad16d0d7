"""Reports in files: several at once, for their owner alone, whole and in UTF-8."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Key = Callable[[object], str]
posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions are otherwise there")
FILES = ["r.txt", "r.json", "r.jsonl", "r.sarif", "other.sarif.json"]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_file_that_cannot_be_written_is_told_with_its_name(keysweep: Run, tree: Path) -> None:
    Path("file").touch()
    ended = keysweep("scan", tree, "-o", "file/r.json")
    assert ended.status == 2
    assert "--output file/r.json: " in ended.err


@pytest.mark.skipif(sys.platform != "linux", reason="uses a device of Linux's")
def test_full_disk_is_told(keysweep: Run, tree: Path) -> None:
    Path("r.json").symlink_to("/dev/full")
    ended = keysweep("scan", tree, "-o", "r.json")
    assert ended.status == 2
    assert "--output r.json: No space left on device" in ended.err


@pytest.mark.parametrize("there", [True, False])
def test_link_in_the_way_is_not_followed(
    keysweep: Run, tree: Path, tmp_path: Path, there: bool
) -> None:
    target = tmp_path / "precious"
    if there:
        target.write_text("as it was")
    (tree / "out.sarif").symlink_to(target)
    ended = keysweep("scan", tree, "-o", tree / "out.sarif")
    assert ended.status == 2
    assert "out.sarif: a link, through which no report is written" in ended.err
    assert (target.read_text() if there else target.exists()) == ("as it was" if there else False)


def test_every_format_is_written_in_one_run(keysweep: Run, tree: Path) -> None:
    options = [option for name in FILES for option in ("--output", name)]
    ended = keysweep("scan", tree, *options, "--format", "jsonl")
    assert ended.status == 1
    text, whole, lines, *sarifs = (Path(name).read_text("utf-8") for name in FILES)
    assert text.startswith("a.py\n")
    assert json.loads(whole)["summary"]["findings"] == 1
    assert lines == ended.out
    assert [json.loads(sarif)["version"] for sarif in sarifs] == ["2.1.0", "2.1.0"]


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077], ids=oct)
def test_files_are_for_their_owner_alone(keysweep: Run, tree: Path, umask: int) -> None:
    options = [option for name in FILES for option in ("-o", name)]
    before = os.umask(umask)
    try:
        keysweep("scan", tree, *options, "--show-secrets")
    finally:
        os.umask(before)
    assert [_mode(Path(name)) for name in FILES] == [0o600] * len(FILES)


@posix
def test_file_that_was_there_is_replaced_and_closed_to_others(keysweep: Run, tree: Path) -> None:
    path = Path("r.json")
    path.write_text("old and much longer than the report is\n" * 1000)
    path.chmod(0o666)
    keysweep("scan", tree, "-o", path)
    assert _mode(path) == 0o600
    assert json.loads(path.read_text())["summary"]["findings"] == 1


def test_summary_of_a_step_is_added_to(
    keysweep: Run, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path("summary.md").absolute()
    path.write_text("| another's |")
    path.chmod(0o644)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    for _ in range(2):
        keysweep("scan", tree, "-o", f"markdown:{path}")
    first, second, third = path.read_text("utf-8").split("## keysweep: 1 finding")
    assert first == "| another's |\n"
    assert second.removesuffix("\n") == third
    if sys.platform != "win32":
        assert _mode(path) == 0o644  # the runner's, and so is who may read it


@pytest.mark.parametrize("value", ["", "another.md"])
def test_other_files_are_replaced_in_a_step_too(
    keysweep: Run, tree: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", value)
    Path("r.md").write_text("old\n")
    keysweep("scan", tree, "-o", "r.md")
    assert Path("r.md").read_text("utf-8").startswith("## keysweep: 1 finding")


def test_files_are_utf8_and_standard_output_takes_what_it_can(
    process: Run, tree: Path, tmp_path: Path, key: Key
) -> None:
    (tree / "a.py").write_text(f"# 日本 '{key(1)}'\n", encoding="utf-8")
    ended = process("scan", tree, "-o", "r.txt", environment={"PYTHONIOENCODING": "latin-1"})
    assert ended.status == 1
    assert r"\u65e5\u672c" in ended.out
    assert "日本" in (tmp_path / "away" / "r.txt").read_text("utf-8")


def test_report_inside_the_scanned_folder_does_not_find_itself(keysweep: Run, tree: Path) -> None:
    report = tree / "r.jsonl"
    for _ in range(2):
        keysweep("scan", tree, "-o", report)
        assert json.loads(report.read_text().splitlines()[-1])["findings"] == 1


@pytest.mark.parametrize("how", [("--format", "sarif"), ("-o", "out.sarif", "-q")])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_sarif_tells_lines_as_github_does_and_where_they_come_from(
    keysweep: Run, tree: Path, git: Callable[..., str], how: tuple[str, ...], jobs: str
) -> None:
    git(tree, "init", "-q")
    git(tree, "remote", "add", "origin", "https://me:pass@example.org/a.git")
    out = keysweep("scan", tree, *how, "--jobs", jobs).out or Path("out.sarif").read_text("utf-8")
    (run,) = json.loads(out)["runs"]
    (result,) = run["results"]
    assert result["partialFingerprints"]["primaryLocationLineHash"].endswith(":1")
    (provenance,) = run["versionControlProvenance"]
    assert provenance["repositoryUri"] == "https://example.org/a.git"
