"""TOML files: what is wrong with one is told with the file, the entry and the nearest key."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import toml
from scanner.errors import ConfigError


class _Part(msgspec.Struct, forbid_unknown_fields=True):
    id: str = ""
    colours: list[str] = []


class _Whole(msgspec.Struct, forbid_unknown_fields=True):
    parts: list[_Part] = []
    limit: int | None = None


def _problem(path: Path, text: str | bytes) -> str:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        toml.read(path, _Whole)
    return "\n".join(caught.value.problems)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("limit = ", "not TOML", id="value missing"),
        pytest.param("limit = 1\nlimit = 2", "not TOML", id="key twice"),
        pytest.param(b"# \xff\n", "not TOML", id="not UTF-8"),
        pytest.param("limit = 'x'", "Expected `int | null`, got `str`", id="wrong type"),
        pytest.param("limit = 1.5", "Expected `int | null`, got `float`", id="float for int"),
        pytest.param("parts = {}", "Expected `array`", id="table for list"),
        pytest.param("limt = 1", "did you mean `limit`?", id="misspelt key"),
        pytest.param("[[parts]]\ncolors = []", "did you mean `colours`?", id="misspelt inner key"),
        pytest.param("[[parts]]\nid='a'\ncolours = [1]", "part 'a': ", id="owner by its id"),
        pytest.param("[[parts]]\n[[parts]]\nzzz = 1", "$.parts[1]", id="owner without an id"),
    ],
)
def test_broken_file_is_told_with_its_name(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "some file.toml"
    problem = _problem(path, text)
    assert problem.startswith(f"{path}: ")
    assert expected in problem


def test_key_like_no_other_gets_no_suggestion(tmp_path: Path) -> None:
    problem = _problem(tmp_path / "a.toml", "qqqqq = 1")
    assert "`qqqqq`" in problem
    assert "did you mean" not in problem


@pytest.mark.parametrize("name", ["missing.toml", "a" * 300, "."], ids=["missing", "long", "dir"])
def test_file_that_cannot_be_read_is_told_with_its_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be read: ") as caught:
        toml.load(tmp_path / name)
    assert str(tmp_path / name) in caught.value.problems[0]


def test_file_that_is_right_gives_its_values(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("limit = 3\n[[parts]]\nid = 'ü'\ncolours = ['red', 'blue']\n", "utf-8")
    assert toml.read(path, _Whole) == _Whole([_Part("ü", ["red", "blue"])], 3)


_VALUES = st.recursive(
    st.one_of(st.integers(-9, 9), st.booleans(), st.text(max_size=4), st.floats(-1, 1)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["parts", "id", "colours", "x"]), inner, max_size=3),
    ),
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["parts", "limit", "id", "x"]), _VALUES, max_size=3))
def test_any_values_either_fit_or_are_told(values: dict[str, object]) -> None:
    try:
        assert isinstance(toml.check(values, _Whole, "here"), _Whole)
    except ConfigError as error:
        assert error.problems[0].startswith("here: ")
