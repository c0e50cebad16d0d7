"""`keysweep ignores` and the ignore file in real repositories."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]
FILE = ".keysweepignore"


@pytest.fixture
def inside(repository: Path, git: Git, keysweep: Run, key: Key, monkeypatch: Any) -> Path:
    """The current folder: a repository with two keys on one line, and one in another file."""
    monkeypatch.chdir(repository)
    (repository / "src").mkdir()
    (repository / "src" / "a.py").write_text(f"x = 1\nk, l = '{key(1)}', '{key(2)}'\n")
    (repository / "b.py").write_text(f"k = '{key(3)}'\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "x")
    return repository


def _day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%d")


def _open(keysweep: Run) -> list[str]:
    """Where findings are that nothing suppresses."""
    found = json.loads(keysweep("scan", ".", "--format", "json").out)["findings"]
    return [f"{f['path']}:{f['start_column']}" for f in found if not f["suppressed"]]


# The file


@pytest.mark.parametrize(
    "command",
    [
        ["scan", "."], ["staged"], ["history"], ["hook", "pre-commit"], ["ignores", "check"],
        ["ignores", "add", "b.py:1", "--reason", "x"], ["baseline", "create"],
    ],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("text", ["rule:a\n", "b.py\n", "path:a until:x reason: y\n"])
def test_broken_file_is_an_error_and_stays(
    inside: Path, keysweep: Run, command: list[str], text: str
) -> None:
    (inside / FILE).write_text(f"# x\n{text}")
    ended = keysweep(*command)
    assert ended.status == 2, ended.out
    assert f"{FILE}:2: " in ended.err
    assert (inside / FILE).read_text() == f"# x\n{text}"


def test_link_is_refused(inside: Path, keysweep: Run, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("path:* reason: all\n")
    (inside / FILE).symlink_to(tmp_path / "x")
    ended = keysweep("scan", ".")
    assert ended.status == 2
    assert f"{FILE}: a link" in ended.err


@pytest.mark.parametrize(
    ("line", "left"),
    [
        pytest.param("path:/a.py reason: x", ["b.py:6", "src/a.py:9", "src/a.py:56"],
                     id="another path"),
        pytest.param("path:src/ reason: x", ["b.py:6"], id="a folder"),
        pytest.param("rule:byteengine-api-key reason: x", [], id="a rule"),
        pytest.param("rule:byteengine-api-key path:b.* reason: x", ["src/a.py:9", "src/a.py:56"],
                     id="a rule in a file"),
    ],
)  # fmt: skip
def test_entry_suppresses_what_it_names(
    inside: Path, keysweep: Run, line: str, left: list[str]
) -> None:
    (inside / FILE).write_text(f"{line}\n")
    assert sorted(_open(keysweep)) == sorted(left)


def test_expired_entry_is_told_with_the_finding(inside: Path, keysweep: Run) -> None:
    (inside / FILE).write_text(f"path:* until:{_day(-1)} reason: for a while\n")
    ended = keysweep("scan", ".")
    assert ended.status == 1
    told = f"not suppressed: ignore-file, {FILE}:1, expired on {_day(-1)} (for a while)"
    assert told in ended.out


def test_entry_holds_until_its_day(inside: Path, keysweep: Run) -> None:
    (inside / FILE).write_text(f"path:* until:{_day(1)} reason: for a while\n")
    assert keysweep("scan", ".").status == 0


# Check


def test_wrong_word_is_told(inside: Path, keysweep: Run) -> None:
    ended = keysweep("ignores", "check", "--fail-on", "unused,old")
    assert ended.status == 2
    assert "--fail-on: unknown old; known: unused, expired, soon, live" in ended.err


def test_entries_that_need_a_look_are_told(inside: Path, keysweep: Run) -> None:
    lines = [
        "path:b.py reason: ours",
        "path:gone.py reason: was\x1b[2J ours",
        f"path:b.py until:{_day(-1)} reason: past",
        f"path:b.py until:{_day(3)} reason: nearly past",
    ]
    (inside / FILE).write_text("".join(f"{line}\n" for line in lines))
    ended = keysweep("ignores", "check")
    assert ended.status == 0
    assert "\x1b" not in ended.out
    assert [line.partition("[")[0] for line in ended.out.splitlines()] == [
        f"{FILE}:2: unused: hides nothing ",
        f"{FILE}:3: expired: expired on {_day(-1)}; its findings are reported: 1 ",
        f"{FILE}:4: soon: expires on {_day(3)} ",
        f"{FILE}: 4 in all, 1 unused, 1 expired, 1 soon",
    ]


@pytest.mark.parametrize(
    ("line", "fail_on", "status"),
    [
        pytest.param("path:gone.py reason: x", "unused", 1, id="unused"),
        pytest.param("path:gone.py reason: x", "expired,soon", 0, id="unused, which is allowed"),
        pytest.param(f"path:b.py until:{_day(-1)} reason: x", "unused,expired", 1, id="expired"),
        pytest.param("path:b.py reason: x", "unused,expired,soon", 0, id="sound"),
    ],
)
def test_fails_on_request(
    inside: Path, keysweep: Run, line: str, fail_on: str, status: int
) -> None:
    (inside / FILE).write_text(f"{line}\n")
    assert keysweep("ignores", "check", "--fail-on", fail_on).status == status


def test_what_only_the_history_holds_is_used_there(inside: Path, keysweep: Run, git: Git) -> None:
    (inside / FILE).write_text("path:b.py reason: x\n")
    git(inside, "rm", "-q", "b.py")
    git(inside, "commit", "-qm", "x")
    assert "1 unused" in keysweep("ignores", "check").out
    assert "unused" not in keysweep("ignores", "check", "--history").out


def test_nothing_is_unused_when_not_all_was_seen(
    inside: Path, process: Run, deprived: list[str]
) -> None:
    (inside / FILE).write_text("path:b.py reason: x\n")
    (inside / "b.py").chmod(0)
    ended = process("ignores", "check", inside, "--fail-on", "unused", before=deprived)
    assert ended.status == 3, ended.err
    assert "unused" not in ended.out


# Add


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["b.py"], "write PATH:LINE", id="no line"),
        pytest.param(["3"], "write PATH:LINE", id="number without a report"),
        pytest.param(["c.py:1"], "c.py: no such file", id="no such file"),
        pytest.param(["src:1"], "src: no such file", id="folder"),
        pytest.param(["b.py:2"], "b.py:2: nothing is found there", id="another line"),
        pytest.param(["src/a.py:2:1"], "nothing is found there", id="another column"),
        pytest.param(["1", "--report", "b.py"], "b.py: not a whole JSON", id="no report"),
    ],
)
def test_wrong_finding_is_told(
    inside: Path, keysweep: Run, arguments: list[str], told: str
) -> None:
    ended = keysweep("ignores", "add", *arguments, "--reason", "x")
    assert ended.status == 2
    assert told in ended.err
    assert not (inside / FILE).exists()


@pytest.mark.parametrize("arguments", [[], ["--reason", ""], ["--reason", "  "]])
def test_reason_is_needed(inside: Path, keysweep: Run, arguments: list[str]) -> None:
    assert keysweep("ignores", "add", "b.py:1", *arguments).status == 2
    assert not (inside / FILE).exists()


def test_wrong_day_is_told(inside: Path, keysweep: Run) -> None:
    ended = keysweep("ignores", "add", "b.py:1", "--reason", "x", "--until", "2026-02-30")
    assert (ended.status, "--until" in ended.err) == (2, True)


def test_entry_is_added_and_others_stay(inside: Path, keysweep: Run) -> None:
    (inside / FILE).write_bytes(b"# ours\r\n\r\npath:'x y'  reason:  z")
    ended = keysweep(
        "ignores", "add", "b.py:1", "--reason", "made up", "--owner", "Ada L", "--until", _day(60)
    )
    assert ended.status == 0, ended.err
    before, _, added = (inside / FILE).read_bytes().decode().rpartition("reason:  z\r\n")
    assert before == "# ours\r\n\r\npath:'x y'  "
    assert added.startswith("fingerprint:v1:")
    assert added.endswith(f" owner:'Ada L' until:{_day(60)} reason: made up\r\n")
    assert "b.py:6" not in _open(keysweep)
    (inside / "moved.py").write_text("\n" + (inside / "b.py").read_text())
    (inside / "b.py").unlink()
    assert "moved.py:6" not in _open(keysweep)


def test_same_entry_is_not_added_again(inside: Path, keysweep: Run) -> None:
    keysweep("ignores", "add", "b.py:1", "--reason", "x")
    before = (inside / FILE).read_bytes()
    assert "is there already" in keysweep("ignores", "add", "b.py:1", "--reason", "x").out
    assert (inside / FILE).read_bytes() == before


@pytest.mark.parametrize(
    ("position", "left"),
    [
        pytest.param("src/a.py:2", ["b.py:6"], id="line with two"),
        pytest.param("src/a.py:2:9", ["b.py:6", "src/a.py:56"], id="one of them"),
    ],
)
def test_position_chooses(inside: Path, keysweep: Run, position: str, left: list[str]) -> None:
    assert keysweep("ignores", "add", position, "--reason", "x").status == 0
    assert sorted(_open(keysweep)) == left


def test_path_is_found_from_elsewhere_too(
    inside: Path, keysweep: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(inside / "src")
    assert keysweep("ignores", "add", "a.py:2:9", "--reason", "x").status == 0
    assert keysweep("ignores", "add", "b.py:1", "--reason", "x").status == 0  # as reports show it
    assert len((inside / FILE).read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("by", "line"),
    [
        pytest.param(["path"], "path:/src/a.py reason: x", id="path"),
        pytest.param(["rule"], "rule:byteengine-api-key reason: x", id="rule"),
        pytest.param(["rule", "path"], "rule:byteengine-api-key path:/src/a.py reason: x",
                     id="rule and path"),
    ],
)  # fmt: skip
def test_entry_names_what_is_asked_for(
    inside: Path, keysweep: Run, by: list[str], line: str
) -> None:
    options = [word for name in by for word in ("--by", name)]
    assert keysweep("ignores", "add", "src/a.py:2", "--reason", "x", *options).status == 0
    assert (inside / FILE).read_text() == f"{line}\n"


@pytest.mark.parametrize("suffix", ["json", "jsonl"])
def test_number_of_a_report_chooses(inside: Path, keysweep: Run, suffix: str) -> None:
    report = inside.parent / f"x.{suffix}"
    keysweep("scan", ".", "--output", report)
    assert keysweep("ignores", "add", "4", "--report", report, "--reason", "x").status == 2
    assert keysweep("ignores", "add", "0", "--report", report, "--reason", "x").status == 2
    assert keysweep("ignores", "add", "1", "--report", report, "--reason", "x").status == 0
    assert sorted(_open(keysweep)) == ["src/a.py:56", "src/a.py:9"]


def test_file_is_not_found_itself(inside: Path, keysweep: Run) -> None:
    for position in ("b.py:1", "src/a.py:2"):
        keysweep("ignores", "add", position, "--reason", "x", "--by", "fingerprint", "--by", "rule")
    assert _open(keysweep) == []
    assert keysweep("ignores", "check", "--fail-on", "unused").status == 0


# --require-reason

MARKED = [
    pytest.param("# keysweep:allow", False, id="none"),
    pytest.param("# gitleaks:allow", False, id="none, another scanner's"),
    pytest.param("# keysweep:allow ours", True, id="given"),
]


@pytest.mark.parametrize(("marker", "counts"), MARKED)
@pytest.mark.parametrize("way", ["option", "variable", "configuration"])
def test_marker_counts_with_a_reason_only(
    inside: Path, keysweep: Run, key: Key, monkeypatch: pytest.MonkeyPatch, marker: str,
    counts: bool, way: str,
) -> None:  # fmt: skip
    (inside / "m.py").write_text(f"k = '{key(4)}'  {marker}\n")
    assert keysweep("scan", "m.py").status == 0
    if way == "variable":
        monkeypatch.setenv("KEYSWEEP_REQUIRE_REASON", "1")
    if way == "configuration":
        (inside / ".keysweep.toml").write_text("require_reason = true\n")
    ended = keysweep("scan", "m.py", *(["--require-reason"] if way == "option" else []))
    assert ended.status == (0 if counts else 1)
    told = "not suppressed: inline, line 1, no reason given"
    assert (told in ended.out) is not counts


def test_allowlist_entry_counts_with_a_reason_only(inside: Path, keysweep: Run) -> None:
    text = "require_reason = true\n[[allowlist]]\npaths = ['*']\n"
    (inside / ".keysweep.toml").write_text(text)
    ended = keysweep("scan", ".")
    assert ended.status == 1
    assert "not suppressed: allowlist, .keysweep.toml, allowlist 1, no reason given" in ended.out
    (inside / ".keysweep.toml").write_text(text + "reason = 'ours'\n")
    assert keysweep("scan", ".").status == 0


def test_marker_of_the_committed_version_is_no_news(
    inside: Path, keysweep: Run, git: Git, key: Key
) -> None:
    (inside / "m.py").write_text(f"k = '{key(4)}'  # keysweep:allow\n")
    git(inside, "add", "-A")
    assert keysweep("staged", "--require-reason").status == 1
    git(inside, "commit", "-qm", "x")
    (inside / "m.py").write_text(f"k = '{key(4)}'  # keysweep:allow\nx = 1\n")
    git(inside, "add", "-A")
    assert keysweep("staged", "--require-reason").status == 0


def test_reason_that_holds_a_secret_is_refused(
    inside: Path, keysweep: Run, key: Callable[[object], str]
) -> None:
    (inside / "a.py").write_text(f"k = '{key(1)}'\n")
    before = (inside / FILE).read_bytes() if (inside / FILE).exists() else None
    ended = keysweep("ignores", "add", "a.py:1", "--reason", f"the key {key(9)} is fine")
    assert ended.status == 2
    assert "the reason holds a secret" in ended.err
    assert key(9) not in ended.out + ended.err
    assert ((inside / FILE).read_bytes() if (inside / FILE).exists() else None) == before


def test_entry_that_would_hide_nothing_is_refused(
    inside: Path, keysweep: Run, key: Callable[[object], str]
) -> None:
    (inside / "a.py").write_text(f"k = '{key(1)}'\n")
    ended = keysweep("ignores", "add", "a.py:1", "--reason", "x", "--until", _day(-2))
    assert ended.status == 2
    assert "this day is past" in ended.err
