"""What of a message's file will be in the commit, as git itself cleans it up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.repository import Repository
from scanner.sources import message
from scanner.sources.message import Cleaning

Git = Callable[..., str]
SCISSORS = b"# ------------------------ >8 ------------------------\n"
STRIPS = Cleaning(b"#", strips=True, cuts=True)


def _kept(content: bytes, how: Cleaning) -> list[bytes]:
    return [line for line in message.blob(content, "MSG", how).content.splitlines() if line]


@pytest.mark.parametrize(
    ("content", "how", "kept"),
    [
        pytest.param(b"", STRIPS, [], id="empty"),
        pytest.param(b"# a\nb\n#c\n", STRIPS, [b"b"], id="comments go"),
        pytest.param(b"b # c\n #d\n", STRIPS, [b"b # c", b" #d"], id="no comments"),
        pytest.param(b"# a\nb\n", Cleaning(b"#", False, True), [b"# a", b"b"], id="kept"),
        pytest.param(b"b\n" + SCISSORS + b"d\n", STRIPS, [b"b"], id="scissors"),
        pytest.param(b"b\r\n" + SCISSORS.replace(b"\n", b"\r\n") + b"d", STRIPS, [b"b"], id="crlf"),
        pytest.param(SCISSORS + b"d\n", STRIPS, [], id="scissors first"),
        pytest.param(
            b"b\n" + SCISSORS + b"d\n", Cleaning(b"#", True, False), [b"b", b"d"], id="not cut"
        ),
        pytest.param(
            b"b\n" + SCISSORS + b"d\n", Cleaning(b"#", False, True), [b"b"], id="scissors only"
        ),
        pytest.param(
            b"b\n" + SCISSORS[1:] + b"d\n", STRIPS, [b"b", SCISSORS[1:-1], b"d"], id="no scissors"
        ),
        pytest.param(b"// a\n# b\n", Cleaning(b"//", True, True), [b"# b"], id="long sign"),
        pytest.param(b"#1\n;\n; git\n;\n", Cleaning(b"", True, True), [b"#1"], id="git chose"),
        pytest.param(b"a\n# b\n", Cleaning(b"", True, True), [b"a"], id="git chose as ever"),
    ],
)
def test_what_is_kept(content: bytes, how: Cleaning, kept: list[bytes]) -> None:
    assert _kept(content, how) == kept


def test_lines_keep_their_numbers() -> None:
    assert message.blob(b"# a\n\nb", "MSG", STRIPS).content == b"\n\nb"


@pytest.mark.skipif(sys.platform == "win32", reason="the editor is a shell command")
@pytest.mark.parametrize("edited", [True, False], ids=["edited", "given"])
@pytest.mark.parametrize("mode", [None, "default", "strip", "whitespace", "verbatim", "scissors"])
@pytest.mark.parametrize("sign", [None, ";", "auto"])
@pytest.mark.parametrize("verbose", [False, True], ids=["brief", "verbose"])
def test_git_makes_the_same_of_it(
    *, repository: Path, git: Git, edited: bool, mode: str | None, sign: str | None, verbose: bool
) -> None:
    for name, value in (("commit.cleanup", mode), ("core.commentChar", sign)):
        if value:
            git(repository, "config", name, value)
    (repository / "content").write_text("content of the file\n")
    git(repository, "add", ".")
    hook = repository / ".git" / "hooks" / "commit-msg"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\ncp "$1" seen\nprintf %s "$GIT_EDITOR" > editor\n')
    hook.chmod(0o755)
    given = "subject\n\n# one\n; two\nthree\n"
    environment = os.environ | {"GIT_EDITOR": f"printf '{given}' | cat - \"$1\" > new; cp new"}
    options = [] if edited else ["-m", given]
    subprocess.run(
        ["git", "commit", "-q", *options, *(["-v"] if verbose else [])],
        cwd=repository,
        env=environment,
        check=True,
        capture_output=True,
    )
    took = git(repository, "log", "-1", "--format=%B").encode().splitlines()
    unedited = (repository / "editor").read_text() == ":"
    assert unedited != edited
    how = message.cleaning(Repository(os.fsencode(repository)), edited=edited)
    kept = _kept((repository / "seen").read_bytes(), how)
    assert [line.rstrip() for line in kept if line.strip()] == [
        line.rstrip() for line in took if line.strip()
    ]
