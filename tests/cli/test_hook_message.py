"""`keysweep hook commit-msg`: the message, without what git drops of its file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]


@pytest.fixture
def message(
    keysweep: Run, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Any]:
    """Runs the hook on a message."""
    monkeypatch.chdir(repository)
    monkeypatch.delenv("GIT_EDITOR", raising=False)

    def call(text: str) -> Any:
        (repository / "MSG").write_text(text)
        return keysweep("hook", "commit-msg", "MSG")

    return call


def test_message_that_is_not_there_is_told(
    keysweep: Run, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    ended = keysweep("hook", "commit-msg", "nowhere")
    assert ended.status == 2
    assert "nowhere: No such file" in ended.err
    assert keysweep("hook", "commit-msg").status == 2


def test_clean_message_passes_in_silence(message: Callable[[str], Any]) -> None:
    assert message("subject\n\nbody\n") == (0, "", "")


def test_key_in_what_git_drops_passes(message: Callable[[str], Any], key: Key) -> None:
    cut = "# ------------------------ >8 ------------------------\n"
    assert message(f"subject\n# {key(1)}\n{cut}+k = '{key(2)}'\n") == (0, "", "")


def test_key_in_a_comment_that_git_keeps_is_found(
    message: Callable[[str], Any], key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_EDITOR", ":")  # as in `git commit -m`
    assert message(f"subject\n# {key(1)}\n").status == 1


def test_key_in_the_message_is_told(message: Callable[[str], Any], key: Key) -> None:
    ended = message(f"subject\n# comment\nuse {key(1)} for it\n")
    assert ended.status == 1
    assert ended.out == ""
    assert key(1) not in ended.err
    assert "MSG:3:5 (commit-message)" in ended.err
    assert "`git commit -e -F MSG`" in ended.err


def test_key_in_the_message_can_be_allowed(message: Callable[[str], Any], key: Key) -> None:
    assert message(f"subject\n{key(1)} keysweep:allow a test\n") == (0, "", "")
