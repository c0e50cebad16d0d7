"""Errors: one family, messages for the user, every problem of a configuration in one error."""

from __future__ import annotations

import pytest

from scanner.errors import ConfigError, GitError, KeysweepError, UsageError


@pytest.mark.parametrize("kind", [UsageError, GitError], ids=lambda kind: kind.__name__)
def test_error_shows_its_message_and_is_one_of_ours(kind: type[KeysweepError]) -> None:
    with pytest.raises(KeysweepError, match=r"^no such path: x$"):
        raise kind("no such path: x")


@pytest.mark.parametrize(
    "problems",
    [
        pytest.param(["a.toml: broken"], id="one"),
        pytest.param(["a.toml: broken", "b.toml: rule 'x': worse"], id="two"),
    ],
)
def test_configuration_error_tells_every_problem_on_a_line(problems: list[str]) -> None:
    error = ConfigError(problems)
    assert isinstance(error, KeysweepError)
    assert error.problems == problems
    assert str(error).splitlines() == problems


@pytest.mark.parametrize(
    "kind", [UsageError, GitError, ConfigError], ids=lambda kind: kind.__name__
)
def test_errors_are_not_each_other(kind: type[KeysweepError]) -> None:
    others = {UsageError, GitError, ConfigError} - {kind}
    assert not any(issubclass(kind, other) for other in others)
