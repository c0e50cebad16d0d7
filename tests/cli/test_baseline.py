"""`keysweep baseline` in real repositories: what is known stays quiet, what is new is told."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]
FILE = ".keysweep.baseline"


@pytest.fixture
def inside(
    repository: Path, git: Git, keysweep: Run, key: Key, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The current folder: an old repository with two keys."""
    monkeypatch.chdir(repository)
    git(repository, "checkout", "-qb", "main")
    (repository / "a.py").write_text(f"x = 1\nk = '{key(1)}'\n")
    (repository / "b.py").write_text(f"k = '{key(2)}'\n")
    _commit(repository, git)
    return repository


def _commit(folder: Path, git: Git, *arguments: str) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x", *arguments)


@pytest.fixture
def adopted(inside: Path, keysweep: Run, git: Git) -> Path:
    """The same with a baseline, committed."""
    assert keysweep("baseline", "create", "--gitattributes").status == 0
    _commit(inside, git)
    return inside


def _entries(folder: Path) -> list[str]:
    lines = (folder / FILE).read_text().splitlines()
    return [line for line in lines if not line.startswith("#")]


# Broken files, wrong use


@pytest.mark.parametrize("command", ["show", "check", "update"])
def test_missing_baseline_is_told(inside: Path, keysweep: Run, command: str) -> None:
    ended = keysweep("baseline", command)
    assert ended.status == 2
    assert f"{FILE}: no such file; `keysweep baseline create` makes" in ended.err


BROKEN = {
    "gitleaks": b'[{"RuleID": "x"}]\n',
    "truncated": b"# keysweep baseline v1\nv1:0011 ac",
    "later": b"# keysweep baseline v2\n",
    "bytes": b"\xff\xfe\x00",
    "empty": b"",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize(
    "command",
    [
        ["baseline", "show"], ["baseline", "check"], ["baseline", "update", "--add"],
        ["baseline", "create", "--force"], ["scan", "."], ["staged"], ["history"],
        ["hook", "pre-commit"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_broken_baseline_is_an_error_and_stays(
    inside: Path, keysweep: Run, command: list[str], content: bytes
) -> None:
    (inside / FILE).write_bytes(content)
    ended = keysweep(*command)
    assert ended.status == 2, ended.out
    assert FILE in ended.err
    assert (inside / FILE).read_bytes() == content


def test_foreign_baseline_that_is_named_is_an_error(inside: Path, keysweep: Run) -> None:
    (inside / "gitleaks.json").write_text("[]\n")
    ended = keysweep("scan", ".", "--baseline", "gitleaks.json")
    assert ended.status == 2
    assert "gitleaks.json:1: not a baseline of keysweep" in ended.err


def test_baseline_that_is_there_is_not_replaced(adopted: Path, keysweep: Run) -> None:
    before = (adopted / FILE).read_bytes()
    ended = keysweep("baseline", "create")
    assert ended.status == 2
    assert "is there already; `keysweep baseline update`" in ended.err
    assert (adopted / FILE).read_bytes() == before


# What fails although there is a baseline


def test_new_key_is_told(adopted: Path, keysweep: Run, key: Key) -> None:
    (adopted / "c.py").write_text(f"k = '{key(3)}'\n")
    ended = keysweep("scan", ".")
    assert ended.status == 1
    assert "c.py" in ended.out
    assert "1 finding (1 critical), 2 suppressed" in ended.out


def test_key_changed_on_the_same_line_is_told(
    adopted: Path, keysweep: Run, git: Git, key: Key
) -> None:
    (adopted / "a.py").write_text(f"x = 1\nk = '{key(3)}'\n")
    git(adopted, "add", "-A")
    assert keysweep("scan", ".").status == 1
    assert keysweep("staged").status == 1
    assert keysweep("hook", "pre-commit").status == 1


# What does not


@pytest.mark.parametrize(
    "command",
    [["scan", "."], ["staged"], ["hook", "pre-commit"], ["history"]],
    ids=" ".join,
)
def test_known_key_is_suppressed_wherever_it_goes(
    adopted: Path, keysweep: Run, git: Git, command: list[str]
) -> None:
    (adopted / "src").mkdir()
    git(adopted, "mv", "a.py", "src/renamed.py")
    moved = (adopted / "src" / "renamed.py").read_text()
    (adopted / "src" / "renamed.py").write_text("\n" * 30 + moved)
    (adopted / "copy.py").write_text(moved)
    git(adopted, "add", "-A")
    ended = keysweep(*command)
    assert ended.status == 0, ended.out + ended.err
    assert keysweep("baseline", "check").status == 0


def test_known_findings_are_reported_as_suppressed(adopted: Path, keysweep: Run) -> None:
    report = json.loads(keysweep("scan", ".", "--format", "json").out)
    number = (adopted / FILE).read_text().splitlines().index(_entries(adopted)[0]) + 1
    assert {f["suppressed"]["by"] for f in report["findings"]} == {"baseline"}
    assert f"{FILE}:{number}" in {f["suppressed"]["where"] for f in report["findings"]}
    assert (report["summary"]["findings"], report["summary"]["suppressed"]) == (0, 2)


def test_named_baseline_outranks(adopted: Path, keysweep: Run) -> None:
    shutil.copy(adopted / FILE, adopted / "other")
    (adopted / FILE).write_text("# keysweep baseline v1\n")
    assert keysweep("scan", ".").status == 1
    assert keysweep("scan", ".", "--baseline", "other").status == 0


# The file


def test_file_tells_no_secret_and_is_not_found_itself(
    adopted: Path, keysweep: Run, key: Key
) -> None:
    text = (adopted / FILE).read_text()
    assert key(1) not in text
    assert key(1)[:6] not in text
    assert text.startswith("# keysweep baseline v1\n")
    assert _entries(adopted) == sorted(_entries(adopted))
    assert keysweep("scan", FILE, "--baseline", "/dev/null").status == 2
    shutil.copy(adopted / FILE, adopted / "copy.txt")
    assert "copy.txt" not in keysweep("scan", ".").out


def test_file_whose_name_holds_a_key_is_not_named(inside: Path, keysweep: Run, key: Key) -> None:
    (inside / f"{key(3)}.txt").write_text("x\n")
    assert keysweep("baseline", "create").status == 0
    assert key(3)[:6] not in (inside / FILE).read_text()
    assert len(_entries(inside)) == 3
    assert keysweep("scan", ".").status == 0


def test_attribute_is_told_or_added_once(inside: Path, keysweep: Run) -> None:
    line = f"{FILE} merge=union"
    assert line in keysweep("baseline", "create").out
    assert not (inside / ".gitattributes").exists()
    (inside / ".gitattributes").write_text("*.png binary")
    for _ in range(2):
        assert keysweep("baseline", "create", "--force", "--gitattributes").status == 0
    assert (inside / ".gitattributes").read_text() == f"*.png binary\n{line}\n"


def test_suppressed_findings_are_not_in_it(inside: Path, keysweep: Run, key: Key) -> None:
    (inside / "a.py").write_text(f"k = '{key(1)}'  # keysweep:allow a test\n")
    (inside / ".keysweepignore").write_text("path:b.py reason: a test\n")
    assert "Wrote 0 findings" in keysweep("baseline", "create").out


def test_created_from_a_folder_inside_it_is_that_of_the_project(
    inside: Path, keysweep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inside / "sub").mkdir()
    monkeypatch.chdir(inside / "sub")
    assert keysweep("baseline", "create").status == 0
    assert len(_entries(inside)) == 2


# Update and check


def test_update_drops_what_is_gone_and_adds_nothing(adopted: Path, keysweep: Run, key: Key) -> None:
    before = _entries(adopted)
    (adopted / "a.py").write_text(f"k = '{key(3)}'\n")
    assert keysweep("baseline", "check").status == 1
    ended = keysweep("baseline", "update")
    assert ended.status == 0
    (kept,) = _entries(adopted)
    assert kept in before
    assert kept.endswith(" b.py")
    assert "dropped: v1:" in ended.out
    assert "not added: v1:" in ended.out
    assert keysweep("baseline", "check").status == 0
    assert keysweep("scan", ".").status == 1


def test_update_adds_when_told_to(adopted: Path, keysweep: Run, key: Key) -> None:
    (adopted / "c.py").write_text(f"k = '{key(3)}'\n")
    assert keysweep("baseline", "update", "--add").status == 0
    assert {line.split(" ")[2] for line in _entries(adopted)} == {"a.py", "b.py", "c.py"}
    assert keysweep("scan", ".").status == 0


def test_other_fingerprint_key_is_suspected(
    adopted: Path, keysweep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    suspicion = "is KEYSWEEP_FINGERPRINT_KEY what it was?"
    assert suspicion not in keysweep("baseline", "check").out
    monkeypatch.setenv("KEYSWEEP_FINGERPRINT_KEY", "another")
    assert keysweep("scan", ".").status == 1
    assert suspicion in keysweep("baseline", "check").out


def test_update_changes_no_line_that_stays(adopted: Path, keysweep: Run, git: Git) -> None:
    before = (adopted / FILE).read_bytes()
    git(adopted, "mv", "a.py", "z.py")
    assert keysweep("baseline", "update").status == 0
    assert (adopted / FILE).read_bytes() == before


def test_nothing_is_dropped_when_not_all_was_seen(
    adopted: Path, process: Run, deprived: list[str]
) -> None:
    (adopted / "a.py").chmod(0)
    before = (adopted / FILE).read_bytes()
    ended = process("baseline", "update", adopted, before=deprived)
    assert ended.status == 3, ended.err
    assert "not seen: a.py" in ended.err
    assert (adopted / FILE).read_bytes() == before
    assert process("baseline", "check", adopted, before=deprived).status == 3


def test_history_baseline_is_compared_with_the_history(
    inside: Path, keysweep: Run, git: Git
) -> None:
    (inside / "a.py").write_text("x = 1\n")
    _commit(inside, git)
    assert keysweep("baseline", "create", "--history").status == 0
    assert len(_entries(inside)) == 2
    assert keysweep("history").status == 0
    assert "0 dropped" in keysweep("baseline", "update").out
    assert keysweep("baseline", "check").status == 0
    assert keysweep("baseline", "show").out.endswith("2 findings of the history\n")


def test_bare_repository_needs_a_name_for_the_file(
    inside: Path, keysweep: Run, git: Git, tmp_path: Path
) -> None:
    bare, file = tmp_path / "bare.git", tmp_path / "known"
    git(inside, "clone", "-q", "--bare", inside, bare)
    ended = keysweep("baseline", "create", bare, "--history")
    assert ended.status == 2
    assert "no work tree to put the baseline in" in ended.err
    assert keysweep("baseline", "create", bare, "--history", "--output", file).status == 0
    assert keysweep("history", bare, "--baseline", file).status == 0


def test_order_is_checked(adopted: Path, keysweep: Run) -> None:
    path = adopted / FILE
    sound = path.read_text()
    lines = sound.splitlines(keepends=True)
    path.write_text("".join([*lines[:-2], lines[-1], lines[-2]]))
    ended = keysweep("baseline", "check")
    assert (ended.status, "not in order" in ended.out) == (1, True)
    path.write_text(sound + lines[-1])
    ended = keysweep("baseline", "check")
    assert (ended.status, "1 of the entries are there twice" in ended.out) == (1, True)
    assert keysweep("scan", ".").status == 0
    assert keysweep("baseline", "update").status == 0
    assert path.read_text() == sound


def test_entries_are_shown_without_control_characters(adopted: Path, keysweep: Run) -> None:
    with (adopted / FILE).open("a") as file:
        file.write(f"v1:{'0' * 32} acme a\x1b[2Jb\n")
    out = keysweep("baseline", "show").out
    assert "\x1b" not in out
    assert "byteengine" in out
    assert out.endswith("3 findings of the files\n")


# Merges


@pytest.mark.parametrize("attributes", [True, False], ids=["with the line", "without it"])
def test_branches_that_both_updated_it_merge(
    inside: Path, keysweep: Run, git: Git, key: Key, attributes: bool
) -> None:
    keysweep("baseline", "create", *(["--gitattributes"] if attributes else []))
    _commit(inside, git)
    for number, name in enumerate(("one", "two"), 3):
        git(inside, "checkout", "-q", "-b", name, "main")
        for more in range(6):
            (inside / f"{name}{more}.py").write_text(f"k = '{key((number, more))}'\n")
        keysweep("baseline", "update", "--add")
        _commit(inside, git)
    merged = subprocess.run(
        ["git", "merge", "-q", "one", "-m", "x"], cwd=inside, capture_output=True, check=False
    )
    assert (merged.returncode == 0) is attributes
    if attributes:
        assert len(set(_entries(inside))) == 14  # git may take a line of both sides twice
        assert keysweep("scan", ".").status == 0
        keysweep("baseline", "update")
        assert len(_entries(inside)) == 14
        assert keysweep("baseline", "check").status == 0
    else:
        assert "a merge left it" in keysweep("scan", ".").err


@pytest.mark.parametrize("command", ["update", "check"])
def test_what_a_scan_skips_is_not_gone(
    inside: Path, keysweep: Run, key: Callable[[object], str], command: str
) -> None:
    (inside / "large.py").write_text(f"k = '{key(7)}'\n" + "x = 1\n" * 500)
    assert keysweep("baseline", "create").status == 0
    before = (inside / FILE).read_bytes()
    ended = keysweep("baseline", command, "--max-file-size", "1kB")
    assert ended.status == 0, ended.out
    assert "0 dropped" in ended.out or "0 gone" in ended.out
    assert (inside / FILE).read_bytes() == before
