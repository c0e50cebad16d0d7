"""`keysweep remediate` in real repositories: the plan, the edits, the rewritten history."""

from __future__ import annotations

import base64
import json
import random
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]
WORDS = "PRIVATE KEY"


@pytest.fixture
def inside(
    repository: Path, git: Git, keysweep: Run, key: Key, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The current folder: a repository with one key in three files, and another in one."""
    monkeypatch.chdir(repository)
    (repository / "a.py").write_text(f'"""Doc."""\nimport sys\nacme_key = \'{key(1)}\'\n')
    (repository / "a.js").write_bytes(f"f({{ key: '{key(1)}' }});\r\n".encode())
    (repository / "a.yml").write_text(f"key: {key(1)}\n")
    (repository / "b.py").write_text(f"k = 'Bearer {key(2)}'\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "first")
    return repository


@pytest.fixture
def report(inside: Path, keysweep: Run) -> Path:
    """A report on the files."""
    keysweep("scan", ".", "--quiet", "--output", inside.parent / "r.jsonl")
    return inside.parent / "r.jsonl"


def _pem() -> str:
    body = base64.b64encode(random.Random(7).randbytes(600)).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN RSA {WORDS}-----", *lines, f"-----END RSA {WORDS}-----", ""])


# Wrong use


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["missing.json"], "missing.json: cannot be read", id="no file"),
        pytest.param(["a.py"], "a.py: not a whole JSON", id="no report"),
        pytest.param(["r", "--root", "nowhere"], "--root nowhere: no such folder", id="root"),
        pytest.param(["r", "--apply"], "asks on a terminal", id="apply without a terminal"),
        pytest.param(["r", "--expressions", "../x"], "add --show-secrets", id="no --show-secrets"),
        pytest.param(
            ["r", "--expressions", "x", "--show-secrets"], "git would add it", id="in the tree"
        ),
        pytest.param(
            ["r", "--expressions", "../nowhere/x", "--show-secrets"], "no such folder", id="folder"
        ),
        pytest.param(
            ["r", "--expressions", "../r.jsonl", "--show-secrets"], "is there already", id="there"
        ),
        pytest.param(
            ["r", "--expressions", "../x", "--show-secrets", "--apply"], "two steps", id="both"
        ),
    ],
)  # fmt: skip
def test_wrong_use(
    inside: Path, report: Path, process: Run, arguments: list[str], told: str
) -> None:
    before = report.read_bytes()
    given = [str(report) if one == "r" else one for one in arguments]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "scanner", "remediate", *given],
        cwd=inside, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 2
    assert told in done.stderr
    assert report.read_bytes() == before
    assert not (inside / "x").exists()
    assert not (inside.parent / "x").exists()


def test_report_of_another_project(inside: Path, keysweep: Run, tree: Path) -> None:
    keysweep("scan", tree, "--quiet", "--output", inside.parent / "o.jsonl")
    ended = keysweep("remediate", inside.parent / "o.jsonl", "--apply", "--yes")
    assert ended.status == 2
    assert "run it there, or name the project with --root" in ended.err


# The plan


def test_plan_changes_nothing(inside: Path, report: Path, keysweep: Run, git: Git) -> None:
    for chosen in ("text", "markdown", "json"):
        assert keysweep("remediate", report, "--format", chosen).status == 0
    assert git(inside, "status", "--porcelain") == ""


def test_plan_tells_no_secret(report: Path, keysweep: Run, key: Key) -> None:
    for chosen in ("text", "markdown", "json"):
        ended = keysweep("remediate", report, "--format", chosen)
        assert key(1)[8:30] not in ended.out + ended.err


def test_what_is_ignored_now_needs_no_remedy(inside: Path, report: Path, keysweep: Run) -> None:
    keysweep("ignores", "add", "b.py:1", "--reason", "revoked")
    ended = keysweep("remediate", report)
    assert "1 secret to see to" in ended.out
    assert "b.py" not in ended.out


def test_plan_of_files(report: Path, keysweep: Run) -> None:
    told = keysweep("remediate", report).out
    assert 'a.py:3  write os.environ["ACME_KEY"] there' in told
    assert "a.js:1  write process.env.ACME_KEY there" in told
    assert "a.yml:1  take it from the environment (ACME_KEY)" in told
    assert "one of `keysweep history` also tells" in told


def test_report_on_standard_input(report: Path, process: Run, inside: Path) -> None:
    for arguments in ([], ["-"]):
        ended = process("remediate", *arguments, "--root", inside, stdin=report.read_bytes())
        assert ended.status == 0
        assert "2 secrets to see to" in ended.out


def test_live_keys_come_first(inside: Path, report: Path, keysweep: Run) -> None:
    lines = report.read_text().splitlines()
    last = json.loads(lines[-2])
    last["liveness"] = {"verdict": "live", "reason": "200", "checked_at": None, "details": {}}
    report.write_text("\n".join([*lines[:-2], json.dumps(last), lines[-1], ""]))
    assert keysweep("remediate", report).out.startswith("1. LIVE  critical")


def test_plan_of_history_names_all_that_leads_to_it(
    inside: Path, keysweep: Run, git: Git, key: Key
) -> None:
    for number in range(5):
        git(inside, "branch", f"b{number}")
    git(inside, "update-ref", "refs/pull/7/head", "HEAD")
    git(inside, "tag", "v1")
    (inside / "c.py").write_text(f"k = '{key(3)}'\n")
    git(inside, "add", "-A")
    git(inside, "stash", "-q")
    (inside / "d.py").write_text(f"k = '{key(4)}'\n")
    git(inside, "add", "-A")
    git(inside, "commit", "-qm", f"lost, with {key(5)}")
    git(inside, "reset", "-q", "--hard", "HEAD~1")
    keysweep("history", "--quiet", "--output", inside.parent / "h.json")
    ended = keysweep("remediate", inside.parent / "h.json", "--format", "json")
    found = {one["redacted"]: one for one in json.loads(ended.out)["remedies"]}

    def of(number: int) -> Any:
        return found[f"{key(number)[:5]}…{key(number)[-2:]}"]

    assert of(1)["refs"]["pull or merge requests"] == ["refs/pull/7/head"]
    assert of(1)["refs"]["tags"] == ["refs/tags/v1"]
    assert len(of(1)["refs"]["branches"]) == 6
    assert of(1)["more_refs"] == 0
    assert {spot["path"] for spot in of(1)["now"]} == {"a.py", "a.js", "a.yml"}
    assert of(3)["refs"] == {"stashes": ["refs/stash"]}
    assert not of(4)["history"][0]["reachable"]
    assert of(5)["carriers"][0].startswith("commit-message commit/")
    text = keysweep("remediate", inside.parent / "h.json").out
    assert "1 of them unreachable but still in the repository" in text


# The edits


def test_files_are_edited_and_nothing_else(
    inside: Path, report: Path, keysweep: Run, git: Git, key: Key
) -> None:
    (inside / "a.js").chmod(0o755)
    ended = keysweep("remediate", report, "--apply", "--yes")
    assert ended.status == 0
    assert (inside / "a.py").read_text() == (
        '"""Doc."""\nimport os\nimport sys\nacme_key = os.environ["ACME_KEY"]\n'
    )
    assert (inside / "a.js").read_bytes() == b"f({ key: process.env.ACME_KEY });\r\n"
    if sys.platform != "win32":
        assert stat.S_IMODE((inside / "a.js").stat().st_mode) == 0o755
    assert git(inside, "diff", "--name-only").split() == ["a.js", "a.py"]
    assert key(1)[8:30] not in ended.out + ended.err
    assert key(2)[8:30] not in ended.out + ended.err
    assert "-acme_key = 'be_" in ended.out
    assert '+acme_key = os.environ["ACME_KEY"]' in ended.out
    assert "b.py:1: left: it is part of a longer string" in ended.out
    assert "Set in the environment, with new keys: ACME_KEY" in ended.out


def test_file_that_changed_since_the_report_is_left(
    inside: Path, report: Path, keysweep: Run
) -> None:
    text = "\n" + (inside / "a.py").read_text()
    (inside / "a.py").write_text(text)
    ended = keysweep("remediate", report, "--apply", "--yes")
    assert "a.py:3: left: the file has changed since the report" in ended.out
    assert (inside / "a.py").read_text() == text


@pytest.mark.skipif(sys.platform == "win32", reason="links need privileges")
def test_link_that_leads_out_is_not_followed(
    inside: Path, report: Path, keysweep: Run, git: Git
) -> None:
    outside = inside.parent / "outside.py"
    outside.write_bytes((inside / "a.py").read_bytes())
    (inside / "a.py").unlink()
    (inside / "a.py").symlink_to(outside)
    before = outside.read_bytes()
    ended = keysweep("remediate", report, "--apply", "--yes")
    assert "a.py: not a file that can be read; left" in ended.out
    assert outside.read_bytes() == before


def test_path_that_leads_out_is_not_followed(inside: Path, report: Path, keysweep: Run) -> None:
    outside = inside.parent / "outside.py"
    outside.write_bytes((inside / "a.py").read_bytes())
    report.write_text(report.read_text().replace('"a.py"', '"../outside.py"'))
    before = outside.read_bytes()
    assert keysweep("remediate", report, "--apply", "--yes").status == 0
    assert outside.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_each_file_is_asked_about(inside: Path, report: Path, key: Key) -> None:
    from tests.terminal import Terminal

    with Terminal(["remediate", report, "--apply"], inside) as shown:
        shown.until("Write a.js? [y/N] ")
        shown.send("n")
        asked = shown.until("Write a.py? [y/N] ")
        assert '+acme_key = os.environ["ACME_KEY"]' in asked
        assert key(1) in (inside / "a.py").read_text()  # not before the answer
        shown.send("y")
        assert shown.ended() == 0
    assert "1 file written" in shown.shown
    assert key(1)[8:30] not in shown.shown
    assert key(1) in (inside / "a.js").read_text()
    assert key(1) not in (inside / "a.py").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_file_that_changes_while_it_is_asked_about_stays(inside: Path, report: Path) -> None:
    from tests.terminal import Terminal

    with Terminal(["remediate", report, "--apply"], inside) as shown:
        shown.until("Write a.js? [y/N] ")
        shown.send("n")
        shown.until("Write a.py? [y/N] ")
        (inside / "a.py").write_text("another = 1\n")
        shown.send("y")
        assert shown.ended() == 0
    assert "a.py: changed meanwhile; not written" in shown.shown
    assert (inside / "a.py").read_text() == "another = 1\n"


# The history


def test_secrets_are_gone_from_the_rewritten_history(
    inside: Path, keysweep: Run, git: Git, key: Key
) -> None:
    (inside / "key.pem").write_text(_pem())
    (inside / "crlf.pem").write_bytes(_pem().replace("\n", "\r\n").encode())
    (inside / "x.url").write_text(f"https://x/?k=%62{key(6)[1:]}\n")
    git(inside, "add", "-A")
    git(inside, "commit", "-qm", f"more, see {key(5)}")
    git(inside, "tag", "-am", f"tagged {key(7)}", "v1")
    git(inside, "rm", "-q", "a.py", "key.pem")
    git(inside, "commit", "-qm", "gone")
    keysweep("history", "--quiet", "--output", inside.parent / "h.jsonl")
    file = inside.parent / "secrets.txt"
    ended = keysweep(
        "remediate", inside.parent / "h.jsonl", "--expressions", file, "--show-secrets"
    )
    assert ended.status == 0, ended.err
    assert key(1)[8:30] not in ended.out + ended.err
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    mirror = inside.parent / "mirror.git"
    git(inside, "clone", "-q", "--mirror", "--no-local", inside, mirror)
    assert keysweep("history", mirror, "--quiet", "--no-cache").status == 1
    git(mirror, "config", "core.logAllRefUpdates", "false")
    subprocess.run(
        [sys.executable, "-m", "git_filter_repo", "--replace-text", file,
         "--replace-message", file],
        cwd=mirror, check=True, capture_output=True,
    )  # fmt: skip
    ended = keysweep("history", mirror, "--no-cache")
    assert ended.status == 0, ended.out
    everything = git(mirror, "log", "--all", "-p", "--format=%B")
    assert "***REMOVED***" in everything
    assert 'Doc."""' in everything  # what is no secret is still there


def test_expressions_are_written_where_git_ignores_them(
    inside: Path, report: Path, keysweep: Run, key: Key
) -> None:
    (inside / ".gitignore").write_text("*.txt\n")
    arguments = ("remediate", report, "--expressions", "x.txt", "--show-secrets")
    assert keysweep(*arguments).status == 0
    assert key(1) in (inside / "x.txt").read_text()
    assert "is there already" in keysweep(*arguments).err
    (inside / "x.txt").chmod(0o644)
    assert keysweep(*arguments, "--force").status == 0
    if sys.platform != "win32":
        assert stat.S_IMODE((inside / "x.txt").stat().st_mode) == 0o600


def test_only_the_secrets_of_the_report_are_written(
    inside: Path, report: Path, keysweep: Run, key: Key
) -> None:
    keysweep("ignores", "add", "b.py:1", "--reason", "revoked")
    file = inside.parent / "x.txt"
    keysweep("remediate", report, "--expressions", file, "--show-secrets")
    assert key(1) in file.read_text()
    assert key(2) not in file.read_text()


def test_secret_that_is_not_in_the_history_is_told(inside: Path, keysweep: Run, key: Key) -> None:
    (inside / "new.py").write_text(f"k = '{key(9)}'\n")
    keysweep("scan", ".", "--quiet", "--output", inside.parent / "r.jsonl")
    file = inside.parent / "x.txt"
    ended = keysweep(
        "remediate", inside.parent / "r.jsonl", "--expressions", file, "--show-secrets"
    )
    assert "Not in this history: ByteEngine API key" in ended.err
    assert key(9) not in file.read_text()
