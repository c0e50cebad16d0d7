"""The command as a whole: what it says of itself, and how it ends when things go wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import scanner

Run = Callable[..., Any]
Key = Callable[[object], str]
linux = pytest.mark.skipif(sys.platform != "linux", reason="uses Linux's devices")

BROKEN = """
import sys
from scanner import scan
def look_at(self, items):
    secret = open(items[0].location).read()
    raise RuntimeError(secret)
scan.Scanner.look_at = look_at
from scanner.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


def _script(text: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-c", text, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


# Wrong use


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param([], "Usage: keysweep", id="nothing"),
        pytest.param(["scna"], "No such command 'scna'", id="unknown command"),
        pytest.param(["scan", "--fromat", "json"], "No such option '--fromat'", id="option"),
        pytest.param(["--fromat"], "No such option '--fromat'", id="option of the group"),
        pytest.param(["scan", "--format", "xml"], "'xml' is not one of", id="unknown format"),
        pytest.param(["scan", "--format"], "requires an argument", id="value missing"),
        pytest.param(["scan", "--color", "red"], "'red' is not one of", id="unknown choice"),
        pytest.param(["scan", "--jobs", "-1"], "-1", id="number out of range"),
        pytest.param(["scan", "--jobs", "many"], "'many' is not a valid", id="no number"),
        pytest.param(["rules", "shwo"], "No such command 'shwo'", id="unknown subcommand"),
        pytest.param(["rules", "show"], "Missing argument 'ID'", id="argument missing"),
        pytest.param(["rules", "check"], "Missing argument 'PATH...'", id="path missing"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_wrong(
    keysweep: Run, arguments: list[str], expected: str
) -> None:
    ended = keysweep(*arguments)
    assert ended.status == 2
    assert expected in ended.err
    assert ended.out == ""


@linux
@pytest.mark.parametrize("name", ["no\x1b]0;x\x07", "no\rb", "no\x9bb"], ids=ascii)
def test_errors_about_arguments_carry_no_control_characters(keysweep: Run, name: str) -> None:
    ended = keysweep("scan", name)
    assert ended.status == 2
    assert ended.err.rstrip("\n").isprintable()


# What it says of itself


def test_version(keysweep: Run) -> None:
    ended = keysweep("--version")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out == f"keysweep, version {scanner.__version__}\n"


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_lists_the_commands_and_the_exit_statuses(keysweep: Run, option: str) -> None:
    ended = keysweep(option)
    assert ended.status == 0
    assert all(f"\n  {command} " in ended.out for command in ("scan", "rules"))
    assert "Exit status: 0" in ended.out


@pytest.mark.parametrize("command", [["scan"], ["rules"], ["rules", "list"], ["rules", "check"]])
def test_every_command_has_help(keysweep: Run, command: list[str]) -> None:
    ended = keysweep(*command, "--help")
    assert ended.status == 0
    assert f"Usage: keysweep {' '.join(command)}" in ended.out


def test_help_loads_neither_rules_nor_the_engine() -> None:
    done = _script(
        "import sys; from scanner.cli.main import run; run(['--help'])\n"
        "print([n for n in ('hyperscan', 'regex', 'scanner.rules') if n in sys.modules])"
    )
    assert done.stdout.endswith("[]\n")


# Our own mistakes


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_internal_error_ends_with_70_and_tells_no_secret(
    tree: Path, key: Key, plan: object, jobs: str
) -> None:
    done = _script(BROKEN, "scan", tree, "--jobs", jobs)
    assert done.returncode == 70
    assert done.stdout == ""
    assert re.fullmatch(
        rf"keysweep {scanner.__version__}: internal error \(RuntimeError at [\w.]+:\d+\)\. "
        r"Please report it .*\n",
        done.stderr,
    )
    assert key(1)[3:11] not in done.stderr


def test_broken_installation_ends_with_70(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "hyperscan.py").write_text("raise ImportError('no library')\n")
    text = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    done = _script(text + "from scanner.__main__ import main; main()", "scan", tree)
    assert done.returncode == 70
    assert "internal error (ImportError at hyperscan:1)" in done.stderr
    assert "Traceback" not in done.stderr


# A reader that goes away, a full disk


def _left_by_its_reader(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Runs a scan whose reader goes away after the first bytes."""
    command = [sys.executable, "-P", "-m", "scanner", "scan", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.read(100)
        process.stdout.close()
        said = process.stderr.read()
    return subprocess.CompletedProcess(command, process.returncode, b"", said)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are otherwise there")
@pytest.mark.parametrize("chosen", ["text", "json", "jsonl"])
def test_findings_count_though_the_reader_goes_away(
    tree: Path, key: Key, plan: object, tmp_path: Path, chosen: str
) -> None:
    (tree / "much").write_text("".join(f"{key(n)}\n" for n in range(3000)))
    file = tmp_path / "out.json"
    done = _left_by_its_reader(tree, "--format", chosen, "-o", file)
    assert (done.returncode, done.stderr) == (1, b"")
    assert file.read_text().endswith("}\n")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes are otherwise there")
def test_reader_that_goes_away_makes_no_findings(clean: Path, plan: object) -> None:
    (clean / ".keysweep.toml").write_text("exclude = ['*.x']\n")
    for number in range(1500):
        (clean / f"{'n' * 150}{number}.x").touch()
    done = _left_by_its_reader(clean, "--format", "jsonl")
    assert done.returncode != 1
    assert done.stderr == b""


@linux
def test_full_disk_behind_standard_output_is_told(tree: Path, plan: object) -> None:
    command: list[str | Path] = [sys.executable, "-P", "-m", "scanner", "scan", tree]
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert b"No space left on device" in done.stderr
    assert b"internal error" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux how full a pipe is")
def test_interrupt_while_waiting_for_standard_input_ends_with_130(plan: object) -> None:
    import array
    import fcntl
    import signal
    import termios

    command = [sys.executable, "-P", "-m", "scanner", "scan", "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as process:  # type: ignore[call-overload]
        os.write(process.stdin.fileno(), b"something")
        waiting = array.array("i", [1])
        while waiting[0] and process.poll() is None:  # until it has read this and wants more
            fcntl.ioctl(process.stdin.fileno(), termios.FIONREAD, waiting)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in said
