"""`keysweep scan` on real folders, in real processes: what it says and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Git = Callable[..., str]
RuleFile = Callable[..., Path]
Key = Callable[[object], str]
posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions and names are otherwise")
linux = pytest.mark.skipif(sys.platform != "linux", reason="file names of any bytes are Linux's")


def _lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def _paths(out: str) -> list[str]:
    """Where the findings of a JSON Lines report stand."""
    return [p["path"] for line in _lines(out)[1:-1] for p in line["places"]]


def _steady(out: str) -> str:
    """A report without what differs from run to run."""
    return re.sub(r'"(started_at|seconds)": [^,}]+', "", out)


# Wrong use: status 2


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(["missing"], "missing: no such file or folder", id="path"),
        pytest.param([".", "missing"], "missing: no such file or folder", id="second path"),
        pytest.param([".", "--rules", "missing.toml"], "missing.toml: cannot be read", id="rules"),
        pytest.param([".", "--config", "no.toml"], "no.toml: cannot be read", id="config"),
        pytest.param(
            [".", "--fail-on", "urgent"], "known: none, live, confidence:high", id="fail-on"
        ),
        pytest.param([".", "--max-file-size", "big"], "write it like 50MB", id="size"),
        pytest.param([".", "-o", "report"], "use one of the suffixes .json", id="suffix"),
        pytest.param([".", "-o", "no/such.json"], "no/such.json: No such file", id="folder"),
        pytest.param([".", "-o", "folder.json"], "folder.json: Is a directory", id="directory"),
    ],
)
def test_wrong_use_names_what_is_wrong_and_what_to_do(
    keysweep: Run, arguments: list[str], expected: str
) -> None:
    Path("folder.json").mkdir()
    ended = keysweep("scan", *arguments)
    assert ended.status == 2
    assert expected in ended.err
    assert ended.out == ""


@pytest.mark.parametrize("option", ["--fail-on=urgent", "--output=report", "--max-file-size=x"])
def test_wrong_option_is_told_before_the_scan(keysweep: Run, option: str) -> None:
    Path(".keysweep.toml").write_text("rules = ['no/such/rules.toml']\n")
    assert "rules.toml" not in keysweep("scan", ".", option).err


def test_repository_of_another_user_is_told_with_the_command_that_helps(
    keysweep: Run, repository: Path
) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can give a folder to another user")
    for path in (repository, repository / ".git"):
        os.chown(path, 12345, 12345)
    ended = keysweep("scan", repository)
    assert ended.status == 2
    assert "git config --global --add safe.directory" in ended.err


# Exit status, from real processes


def test_statuses_of_a_process(process: Run, tree: Path, clean: Path) -> None:
    assert process("scan", clean).status == 0
    assert process("scan", tree).status == 1
    assert process("scan", tree / "missing").status == 2
    assert process("scan", tree, "--fail-on", "low").status == 0


@pytest.fixture
def gap(repository: Path, git: Git) -> Path:
    """A repository with a submodule that is not checked out, and nothing to find."""
    (repository / "a").touch()
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "one")
    commit = git(repository, "rev-parse", "HEAD").strip()
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    return repository


def test_incomplete_scan_ends_with_3_and_never_passes_silently(
    process: Run, gap: Path, key: Key
) -> None:
    ended = process("scan", gap)
    assert ended.status == 3
    assert "sub: submodule that is not checked out" in ended.out
    assert process("scan", gap, "--allow-incomplete").status == 0
    (gap / "b").write_text(key(1))
    assert process("scan", gap).status == 1
    assert process("scan", gap, "--fail-on", "none").status == 3


def test_policy_does_not_make_a_scan_incomplete(keysweep: Run, clean: Path) -> None:
    (clean / ".keysweep.toml").write_text("exclude = ['b.txt']\n")
    (clean / "c").write_text("x" * 100)
    ended = keysweep("scan", clean, "--max-file-size", "50")
    assert ended.status == 0
    assert "b.txt: excluded by configuration" in ended.out
    assert "c: 100 bytes, over --max-file-size 50" in ended.out


def test_suppressed_findings_do_not_count(keysweep: Run, tree: Path, key: Key) -> None:
    (tree / "a.py").write_text(f"k = '{key(1)}'  # keysweep:allow sample\n")
    ended = keysweep("scan", tree)
    assert ended.status == 0
    assert "0 findings, 1 suppressed" in ended.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [("none", 0), ("low,medium,high", 0), ("confidence:low", 0), ("critical", 1),
     ("confidence:high", 1), ("critical,confidence:high", 1), ("high,critical", 1)],
)  # fmt: skip
def test_fail_on(keysweep: Run, tree: Path, words: str, expected: int) -> None:
    assert keysweep("scan", tree, "--fail-on", words).status == expected


# What cannot be read


@posix
@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        pytest.param("a.py", ".", 3, id="file"),
        pytest.param("a.py", "a.py", 3, id="file that is the path"),
        pytest.param("folder", ".", 3, id="folder"),
        pytest.param("folder", "folder", 3, id="folder that is the path"),
        pytest.param("folder/nested", ".", 3, id="nested repository"),
        pytest.param("pyproject.toml", ".", 2, id="project file"),
        pytest.param(".keysweep.toml", ".", 2, id="configuration file"),
    ],
)
def test_what_may_not_be_read_is_told(
    *, process: Run, deprived: list[str], tree: Path, git: Git, name: str, path: str, status: int
) -> None:
    git(tree, "init", "-q", tree / "folder" / "nested")
    for file in ("pyproject.toml", ".keysweep.toml"):
        if name == file:
            (tree / file).write_text("[tool.keysweep]\n")
    (tree / name).chmod(0)
    try:
        ended = process("scan", tree / path, "--fail-on", "none", before=deprived)
    finally:
        (tree / name).chmod(0o700)
    assert "internal error" not in ended.err
    assert ended.status == status
    assert Path(name).name in ended.out + ended.err
    assert "Permission denied" in ended.out + ended.err


# Paths


def test_without_a_path_the_current_folder_is_scanned(
    keysweep: Run, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree)
    assert _paths(keysweep("scan", "--format", "jsonl").out) == ["a.py"]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        pytest.param(["."], ["a.py", "sub/c", "sub/deep/d"], id="folder"),
        pytest.param(["sub"], ["c", "deep/d"], id="subfolder"),
        pytest.param(["a.py"], ["a.py"], id="file"),
        pytest.param(["sub/deep/d", "sub/c"], ["c", "deep/d"], id="files"),
        pytest.param(["a.py", "sub/deep"], ["a.py", "sub/deep/d"], id="file and folder"),
        pytest.param([".", "sub", "a.py"], ["a.py", "sub/c", "sub/deep/d"], id="overlapping"),
        pytest.param(["sub/../a.py"], ["a.py"], id="by way of"),
    ],
)
def test_report_paths_are_relative_to_what_is_scanned(
    keysweep: Run, tree: Path, key: Key, paths: list[str], expected: list[str]
) -> None:
    (tree / "sub" / "deep").mkdir(parents=True)
    (tree / "sub" / "c").write_text(key(2))
    (tree / "sub" / "deep" / "d").write_text(key(3))
    ended = keysweep("scan", *(f"{tree}/{path}" for path in paths), "--format", "jsonl")
    assert _paths(ended.out) == expected


def test_work_tree_is_scanned_by_git_s_rules(
    keysweep: Run, repository: Path, git: Git, key: Key
) -> None:
    for name in ("tracked", "tracked.log", "untracked", "ignored.log"):
        (repository / name).write_text(key(name))
    (repository / ".gitignore").write_text("*.log\n")
    git(repository, "add", "-f", "tracked", "tracked.log")
    out = keysweep("scan", repository, "--format", "jsonl").out
    assert _paths(out) == ["tracked", "tracked.log", "untracked"]


@linux
def test_files_of_any_name_are_reported(process: Run, tree: Path, key: Key) -> None:
    names = [b"new\nline", b"not\xffutf", "ü ".encode(), b"\x1b[2J"]
    for name in names:
        (tree / os.fsdecode(name)).write_text(key(name))
    found = _paths(process("scan", tree, "--format", "jsonl").out)
    assert found == ["\x1b[2J", "a.py", "new\nline", "not%FFutf", "ü "]
    text = process("scan", tree).out
    assert all(line.isprintable() for line in text.splitlines())


@linux
@pytest.mark.parametrize("chosen", ["text", "json", "jsonl", "sarif"])
def test_folder_whose_name_is_no_utf8_is_scanned(
    process: Run, tmp_path: Path, key: Key, chosen: str
) -> None:
    folder = tmp_path / os.fsdecode(b"a\xff")
    folder.mkdir()
    (folder / "b").write_text(key(1))
    ended = process("scan", folder, "--format", chosen)
    assert ended.status == 1
    if chosen != "text":  # half a surrogate pair is no text that other readers take
        assert not re.search(r"\\ud[89a-f]", ended.out)


# Standard input


def test_nothing_on_standard_input_is_clean(process: Run) -> None:
    ended = process("scan", "-")
    assert ended.status == 0
    assert "0 findings; 1 file" in ended.out


def test_standard_input_has_no_path(process: Run, key: Key) -> None:
    ended = process("scan", "-", "--format", "jsonl", stdin=f"\n k={key(1)}\n".encode())
    assert ended.status == 1
    (finding,) = _lines(ended.out)[1:-1]
    assert (finding["kind"], finding["path"], finding["start_line"]) == ("stdin", "", 2)


def test_standard_input_may_have_a_name(process: Run, key: Key) -> None:
    arguments = ["scan", "-", "--stdin-name", "src/a.py"]
    ended = process(*arguments, "--format", "jsonl", stdin=key(1).encode())
    (finding,) = _lines(ended.out)[1:-1]
    assert (finding["kind"], finding["path"]) == ("stdin", "src/a.py")
    assert process(*arguments, stdin=key(1).encode()).out.startswith("src/a.py\n")


def test_name_of_standard_input_counts_for_allowlists(
    process: Run, tmp_path: Path, key: Key
) -> None:
    (tmp_path / "away" / ".keysweep.toml").write_text("[[allowlist]]\npaths = ['docs/']\n")
    stdin = key(1).encode()
    assert process("scan", "-", "--stdin-name", "docs/a.md", stdin=stdin).status == 0
    assert process("scan", "-", "--stdin-name", "src/a.md", stdin=stdin).status == 1


@linux
@pytest.mark.parametrize("chosen", ["text", "json", "jsonl", "sarif"])
def test_name_of_standard_input_may_be_any_bytes(process: Run, key: Key, chosen: str) -> None:
    name = b"a\xff\nb"
    arguments = ["scan", "-", "--stdin-name", name, "--format", chosen]
    ended = process(*arguments, stdin=key(1).encode())
    assert ended.status == 1
    if chosen in {"json", "jsonl"}:
        assert '"path": "a%FF\\nb"' in ended.out


def test_standard_input_may_stand_beside_paths(process: Run, tree: Path, key: Key) -> None:
    ended = process("scan", "-", tree, "--format", "jsonl", stdin=key(2).encode())
    assert sorted(_paths(ended.out)) == ["", "a.py"]


def test_binary_standard_input_is_scanned(process: Run, key: Key) -> None:
    stdin = bytes(range(256)) + b"\n" + key(1).encode() + b"\n" + bytes(range(256))
    assert process("scan", "-", stdin=stdin).status == 1


# Options


@pytest.mark.parametrize("name", ["own.toml", "with space"], ids=["file", "folder"])
def test_own_rules_find_what_they_say(
    keysweep: Run, tree: Path, rule_file: RuleFile, name: str
) -> None:
    (tree / "b.txt").write_text("acme_5e0b7c21d94f83a6be17c05d\n")
    (tree / ".keysweep.toml").write_text("enable = ['acme-key']\n")
    path = Path(name) if name.endswith(".toml") else Path(name) / "own.toml"
    rule_file(path, {})
    ended = keysweep("scan", tree, "--rules", name)
    assert ended.status == 1
    assert "[acme-key]" in ended.out
    assert "Make a new key and delete this one." in ended.out


def test_own_rule_with_a_shipped_id_is_refused(
    keysweep: Run, tree: Path, rule_file: RuleFile
) -> None:
    rule_file(Path("own.toml"), {"id": "byteengine-api-key"})
    ended = keysweep("scan", tree, "--rules", "own.toml")
    assert ended.status == 2
    assert "'byteengine-api-key'" in ended.err
    assert "own.toml" in ended.err


def test_rules_are_turned_off_by_configuration(keysweep: Run, tree: Path) -> None:
    config = Path("named.toml")
    config.write_text("disable = ['byteengine-api-key']\n")
    ended = keysweep("scan", tree, "--config", config)
    assert "byteengine-api-key" not in ended.out


def test_thresholds_of_a_configuration_hold(keysweep: Run, tree: Path, key: Key) -> None:
    (tree / "b.txt").write_text(f'db_password = "{key(2)[3:15]}"\n')
    before = keysweep("scan", tree).out
    (tree / ".keysweep.toml").write_text("min_severity = 'critical'\n")
    after = keysweep("scan", tree).out
    assert "b.txt" in before
    assert "b.txt" not in after
    assert "byteengine-api-key" in after


def test_report_has_the_same_bytes_whatever_the_jobs(process: Run, tree: Path, key: Key) -> None:
    for number in range(300):
        (tree / f"{number}.txt").write_text(f"{key(number % 40)}\n{key('x')}\n")
    (tree / "big").write_text("x" * 5000)
    options = ["--format", "json", "--max-file-size", "4k"]
    alone = process("scan", tree, *options, "--jobs", "1")
    assert alone.status == 1
    for jobs in ("0", "2", "5"):
        ended = process("scan", tree, *options, "--jobs", jobs)
        assert _steady(ended.out) == _steady(alone.out)


def test_quiet_says_nothing_and_still_writes_files(keysweep: Run, tree: Path) -> None:
    ended = keysweep("scan", tree, "--quiet", "-o", "r.json")
    assert (ended.status, ended.out, ended.err) == (1, "", "")
    assert json.loads(Path("r.json").read_text())["summary"]["findings"] == 1


@pytest.mark.parametrize("chosen", ["text", "json", "jsonl", "sarif"])
def test_secrets_are_shown_only_when_asked(
    keysweep: Run, tree: Path, key: Key, chosen: str
) -> None:
    assert key(1) not in keysweep("scan", tree, "--format", chosen).out
    shown = keysweep("scan", tree, "--format", chosen, "--show-secrets").out
    assert (key(1) in shown) == (chosen != "sarif")  # SARIF is made to be uploaded


# Variables


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("FORMAT", "jsonl", '{"type": "scan"'),
        ("CONFIG", "named.toml", "a.py: excluded by configuration"),
        ("SHOW_SECRETS", "1", "secret: be_"),
        ("MAX_FILE_SIZE", "1", "over --max-file-size 1"),
        ("COLOR", "always", "\x1b["),
        ("JOBS", "2", "1 finding"),
    ],
)
def test_variables_stand_for_options(
    *,
    keysweep: Run,
    tree: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    expected: str,
) -> None:
    Path("named.toml").write_text("exclude = ['a.py']\n")
    monkeypatch.setenv(f"KEYSWEEP_{name}", value)
    assert expected in keysweep("scan", tree).out


@pytest.mark.parametrize(
    ("name", "value"), [("FAIL_ON", "none"), ("FAIL_ON", "low,medium"), ("JOBS", "x")]
)
def test_variables_count_for_the_status(
    keysweep: Run, tree: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"KEYSWEEP_{name}", value)
    assert keysweep("scan", tree).status == (2 if name == "JOBS" else 0)


@pytest.mark.parametrize("name", ["plain.json", "with space.json"])
def test_variable_names_an_output_file(
    keysweep: Run, tree: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("KEYSWEEP_OUTPUT", name)
    assert keysweep("scan", tree).status == 1
    assert [path.name for path in Path().iterdir()] == [name]


@pytest.mark.parametrize("name", ["own.toml", "with space.toml"])
def test_variable_names_a_rule_file(
    keysweep: Run, tree: Path, rule_file: RuleFile, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tree / ".keysweep.toml").write_text("enable = ['acme-key']\n")
    monkeypatch.setenv("KEYSWEEP_RULES", str(rule_file(Path(name).absolute(), {})))
    assert keysweep("scan", tree).status == 0


def test_fingerprint_key_changes_the_fingerprints(
    keysweep: Run, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = _lines(keysweep("scan", tree, "--format", "jsonl").out)[1]["fingerprint"]
    monkeypatch.setenv("KEYSWEEP_FINGERPRINT_KEY", "our own")
    own = _lines(keysweep("scan", tree, "--format", "jsonl").out)[1]["fingerprint"]
    assert own != public
    assert own.startswith("v1:")


@posix
@pytest.mark.parametrize("encoding", [None, "ascii"])
def test_plain_c_locale_is_enough(
    process: Run, tmp_path: Path, key: Key, encoding: str | None
) -> None:
    folder = tmp_path / "übung"
    folder.mkdir()
    (folder / "é.py").write_text(f"# ü 日本 '{key(1)}'\n", encoding="utf-8")
    environment = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    if encoding:
        environment["PYTHONIOENCODING"] = encoding
    ended = process("scan", folder, "-o", "r.txt", environment=environment)
    assert (ended.status, ended.err) == (1, "")
    assert "1 finding" in ended.out
    assert "日本" in (tmp_path / "away" / "r.txt").read_text("utf-8")
    assert process("scan", "-", "-q", environment=environment, stdin=b"x").status == 0


# A terminal, Ctrl-C


@pytest.fixture
def terminal() -> Any:
    """The module that makes terminals."""
    return pytest.importorskip("pty", reason="no terminals of that kind here")


def _read(handle: int) -> bytes:
    """What a terminal shows until it is closed at its other end."""
    shown = b""
    while True:
        try:
            part = os.read(handle, 4096)
        except OSError:  # Linux's way to say that nobody is there
            return shown
        if not part:
            return shown
        shown += part


def _on_terminal(
    terminal: Any,
    command: list[str | Path],
    stream: str,
    environment: dict[str, str],
) -> str:
    """What a command shows on a terminal that is its standard output or error."""
    ours, theirs = terminal.openpty()
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: theirs}
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "scanner", *command], env=os.environ | environment, **streams
    ):
        os.close(theirs)
        shown = _read(ours)
    os.close(ours)
    return shown.decode()


@pytest.mark.parametrize(
    ("options", "environment", "coloured"),
    [
        pytest.param([], {"NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param([], {"TERM": "dumb"}, False, id="dumb terminal"),
        pytest.param(["--color", "never"], {}, False, id="never"),
        pytest.param([], {"NO_COLOR": ""}, True, id="empty NO_COLOR"),
        pytest.param([], {}, True, id="terminal"),
        pytest.param(["--color", "always"], {"NO_COLOR": "1"}, True, id="always"),
    ],
)
def test_colour_on_a_terminal(
    *,
    terminal: Any,
    plan: object,
    tree: Path,
    options: list[str],
    environment: dict[str, str],
    coloured: bool,
) -> None:
    command: list[str | Path] = ["scan", tree, *options]
    shown = _on_terminal(terminal, command, "stdout", {"TERM": "xterm"} | environment)
    assert "1 finding" in shown
    assert ("\x1b[" in shown) is coloured


def test_no_colour_in_pipes_and_files(process: Run, tree: Path, tmp_path: Path) -> None:
    assert "\x1b" not in process("scan", tree).out
    assert "\x1b[" in process("scan", tree, "--color", "always", "-o", "r.txt").out
    assert "\x1b" not in (tmp_path / "away" / "r.txt").read_text()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(["--no-progress"], False, id="not wanted"),
        pytest.param(["--quiet"], False, id="quiet"),
        pytest.param([], True, id="terminal"),
        pytest.param(["--jobs", "2"], True, id="processes"),
    ],
)
def test_progress_on_a_terminal(
    terminal: Any,
    plan: object,
    tree: Path,
    options: list[str],
    expected: bool,
) -> None:
    shown = _on_terminal(terminal, ["scan", tree, *options], "stderr", {})
    assert ("Scanning" in shown and "100%" in shown) is expected
    assert shown == "" or expected


def test_no_progress_in_a_pipe(process: Run, tree: Path) -> None:
    assert process("scan", tree).err == ""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupt_ends_with_130_and_a_report_of_what_was_found(
    terminal: Any,
    plan: object,
    tree: Path,
    tmp_path: Path,
    jobs: str,
) -> None:
    for number in range(200):
        (tree / f"b{number:03}").touch()
    with (tree / "large").open("wb") as file:
        file.truncate(16 << 20)
    for number in range(400):  # some seconds of work
        (tree / f"z{number:03}").hardlink_to(tree / "large")
    file_name = tmp_path / "r.json"
    ours, theirs = terminal.openpty()
    command: list[str | Path] = ["scan", tree, "--jobs", jobs, "--format", "jsonl"]
    command += ["--output", file_name]
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "scanner", *command],
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown = b""
        while not re.search(rb"[2-9]\d%", shown):
            shown += os.read(ours, 4096)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        assert process.stdout
        out = process.stdout.read().decode()
        shown += _read(ours)
    os.close(ours)
    assert process.returncode == 130
    assert b"Traceback" not in shown
    assert _paths(out) == ["a.py"]
    assert _lines(out)[-1]["complete"] is False
    assert 0 < _lines(out)[-1]["blobs"] < 603
    assert json.loads(file_name.read_text())["summary"]["findings"] == 1


# Names of files, and the root of a repository


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_secret_in_a_file_name_is_found_and_not_shown(
    keysweep: Run, clean: Path, key: Key, jobs: str
) -> None:
    (clean / "keys").mkdir()
    (clean / "keys" / f"{key(7)}.txt").write_text("nothing\n")
    for chosen in ("text", "json", "sarif"):
        ended = keysweep("scan", clean, "--jobs", jobs, "--format", chosen)
        assert ended.status == 1
        assert key(7)[4:30] not in ended.out
        assert "keys/" in ended.out


def test_from_a_folder_of_a_repository_paths_and_configuration_are_those_of_its_root(
    keysweep: Run, repository: Path, key: Key
) -> None:
    (repository / "src").mkdir()
    for name in ("a.py", "left-out.py"):
        (repository / "src" / name).write_text(f"k = '{key(name)}'\n")
    (repository / ".keysweep.toml").write_text("exclude = ['/src/left-out.py']\n")
    for path in (repository / "src", repository / "src" / "a.py"):
        ended = keysweep("scan", path, "--format", "jsonl")
        assert _paths(ended.out) == ["src/a.py"]


def test_git_objects_are_scanned_by_name(
    keysweep: Run, repository: Path, git: Git, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "a").write_text(f"k = '{key(1)}'\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "one")
    git(repository, "rm", "-q", "a")
    git(repository, "commit", "-qm", "two")
    monkeypatch.chdir(repository)
    assert keysweep("scan").status == keysweep("scan", "--git", "HEAD").status == 0
    for revision in ("HEAD~", "HEAD~:a"):
        ended = keysweep("scan", "--git", revision, "--format", "json")
        assert ended.status == 1
        (finding,) = json.loads(ended.out)["findings"]
        assert (finding["path"], finding["start_line"]) == ("a", 1)
    ignored = f"fingerprint:{finding['fingerprint']} reason: made up\n"
    (repository / ".keysweepignore").write_text(ignored)
    assert keysweep("scan", "--git", "HEAD~").status == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--git", "none"], "none: no commit, folder or file of that name here"),
        (["--git", "HEAD", "."], "leave out the other paths"),
    ],
)
def test_git_objects_that_are_named_wrongly(
    keysweep: Run, repository: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str],
    said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(repository)
    ended = keysweep("scan", *arguments)
    assert ended.status == 2
    assert said in ended.err


def test_git_objects_need_a_repository(
    keysweep: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = keysweep("scan", "--git", "HEAD")
    assert (ended.status, "not in a git repository" in ended.err) == (2, True)


def test_git_objects_of_a_bare_repository(
    keysweep: Run, repository: Path, git: Git, key: Key, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (repository / "a").write_text(key(1))
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "one")
    git(tmp_path, "clone", "-q", "--bare", repository, "bare")
    monkeypatch.chdir(tmp_path / "bare")
    assert keysweep("scan", "--git", "HEAD:a").status == 1
