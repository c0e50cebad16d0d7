"""Every format through the real command, over a real repository with awkward names."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.options import FORMATS

Run = Callable[..., Any]
Key = Callable[[object], str]
Git = Callable[..., str]
FURTHER = ["junit", "gitlab", "github", "markdown", "csv"]
NAMES = ["a.py"] if sys.platform == "win32" else ["a.py", "b|`<c>\n::error::d.py", "=e\x1b[2J.py"]
HARMLESS = ["=e\\x1b[2J.py", "a.py", "b|`<c>\\x0a::error::d.py"]
posix = pytest.mark.skipif(sys.platform == "win32", reason="no such names there")


@pytest.fixture
def awkward(repository: Path, git: Git, key: Key) -> Path:
    """A repository: a first commit, tagged `base`, and one that brings keys in every way."""
    git(repository, "commit", "-q", "--allow-empty", "-m", "first")
    git(repository, "tag", "base")
    for name in NAMES:
        (repository / name).write_text(f"\nk = '{key(name)}'\n")
    (repository / "allowed.py").write_text(f"k = '{key('allowed')}'  # keysweep:allow a, b; c\n")
    (repository / f"{key('name')}.txt").touch()
    git(repository, "add", "-A")
    author = f"{key('author')} <a@example.org>"
    git(repository, "commit", "-q", "-m", f"uses {key('message')}", "--author", author)
    return repository


@pytest.mark.parametrize("chosen", FORMATS)
@pytest.mark.parametrize(
    "command", [["scan", "."], ["range", "base..HEAD"], ["history", "."]], ids=lambda c: c[0]
)
def test_no_key_is_shown_in_any_format(
    *, keysweep: Run, awkward: Path, key: Key, monkeypatch: pytest.MonkeyPatch, chosen: str,
    command: list[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(awkward)
    ended = keysweep(*command, "--format", chosen)
    assert ended.status == 1
    assert "\x1b" not in ended.out
    for seed in (*NAMES, "allowed", "name", "author", "message"):
        assert key(seed)[:6] not in ended.out


@pytest.mark.parametrize("chosen", FORMATS)
def test_same_scan_gives_the_same_report(
    keysweep: Run, awkward: Path, monkeypatch: pytest.MonkeyPatch, chosen: str
) -> None:
    monkeypatch.chdir(awkward)
    one, two = (keysweep("range", "base..HEAD", "--format", chosen).out for _ in range(2))
    when = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?"
    when += r"|\"seconds\": [\d.]+|in [\d.]+ s|time=\"[\d.]+\""
    assert re.sub(when, "", one) == re.sub(when, "", two)


@pytest.mark.parametrize("chosen", FURTHER)
def test_clean_folder_ends_well(keysweep: Run, clean: Path, chosen: str) -> None:
    ended = keysweep("scan", clean, "--format", chosen)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out


@pytest.mark.parametrize("chosen", FURTHER)
def test_output_that_takes_no_more_than_ascii_is_served(
    process: Run, awkward: Path, chosen: str
) -> None:
    environment = {"PYTHONIOENCODING": "ascii"}
    ended = process("scan", awkward, "--format", chosen, environment=environment)
    assert (ended.status, ended.err) == (1, "")
    assert ended.out.isascii()


@posix
def test_junit_of_a_repository(process: Run, awkward: Path) -> None:
    ended = process("scan", awkward, "--format", "junit")
    (suite,) = ET.fromstring(ended.out)  # noqa: S314 - it is our own
    cases = [case for case in suite.iter("testcase") if case.find("failure") is not None]
    assert {case.get("classname") for case in cases} >= set(HARMLESS)
    assert len(suite.findall("testcase/skipped")) == 1
    assert suite.get("failures") == str(len(cases)) == "4"


@posix
def test_gitlab_report_of_a_repository(process: Run, awkward: Path) -> None:
    process("scan", awkward, "--quiet", "-o", "gl-secret-detection-report.json")
    text = (awkward.parent / "away" / "gl-secret-detection-report.json").read_text()
    content = json.loads(text)
    files = {v["location"]["file"] for v in content["vulnerabilities"]}
    assert files >= set(NAMES)
    assert content["scan"]["status"] == "success"


def test_gitlab_names_the_commit_that_brought_it_in(
    keysweep: Run, awkward: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(awkward)
    content = json.loads(keysweep("range", "base..HEAD", "--format", "gitlab").out)
    commits = {v["location"]["commit"]["sha"] for v in content["vulnerabilities"]}
    assert commits == {git(awkward, "rev-parse", "HEAD").strip()}


@posix
def test_github_annotations_of_a_repository(process: Run, awkward: Path) -> None:
    lines = process("scan", awkward, "--format", "github").out.splitlines()
    assert all(re.match(r"::(?:error|notice) [^:]*::[^:]", line) for line in lines)
    files = [m[1] for line in lines if (m := re.match(r"::error file=([^,]*),line=2,", line))]
    assert files == [name.replace(":", "%3A") for name in HARMLESS]


@posix
def test_markdown_of_a_repository(process: Run, awkward: Path) -> None:
    lines = process("scan", awkward, "--format", "markdown").out.splitlines()
    assert lines[0] == "## keysweep: 4 findings (4 critical), 1 suppressed"
    rows = [line for line in lines if line.startswith("| critical |")]
    assert [row.count("|") for row in rows] == [7] * 4
    assert any("`b\\x7c\\x60<c>\\x0a::error::d.py:2`" in row for row in rows)


@posix
def test_csv_of_a_repository(process: Run, awkward: Path) -> None:
    out = process("scan", awkward, "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(out, newline=""), strict=True))
    paths = {row["path"] for row in rows}
    assert paths >= {"'=e\\x1b[2J.py", "a.py", "b|`<c>\\x0a::error::d.py", "allowed.py"}
    assert [row["suppressed"] for row in rows if row["path"] == "allowed.py"] == [
        "inline, line 1 (a, b; c)"
    ]


@pytest.mark.parametrize("chosen", FURTHER)
def test_what_cannot_be_read_is_not_passed_over(
    process: Run, clean: Path, deprived: list[str], chosen: str
) -> None:
    (clean / "lost").touch()
    (clean / "lost").chmod(0)
    ended = process("scan", clean, "--format", chosen, before=deprived)
    assert ended.status == 3
    if chosen != "csv":  # which has a row for each place, and nothing besides
        assert "lost" in ended.out
        assert "Permission denied" in ended.out
