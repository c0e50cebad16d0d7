"""Text, JSON and YAML of other tools: bounds, and errors that name the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner import documents
from scanner.errors import ConfigError


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"\xff", "not a text file", id="no UTF-8"),
        pytest.param(b"x" * 101, "too large", id="too large"),
        pytest.param(None, "cannot be read", id="not there"),
    ],
)
def test_no_text(tmp_path: Path, content: bytes | None, problem: str) -> None:
    file = tmp_path / "a.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        documents.text(file, 100)
    assert str(caught.value).startswith(f"{file}: ")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{", id="cut off"),
        pytest.param("", id="empty"),
        pytest.param("a: 1", id="YAML"),
        pytest.param("[" * 200_000, id="nested"),
    ],
)
def test_no_json(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ConfigError, match=r"a\.json: not JSON, or cut off"):
        documents.from_json(tmp_path / "a.json")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: [", id="cut off"),
        pytest.param("a: 1\n---\nb: 1", id="two documents"),
        pytest.param("!!python/name:os.system x", id="object"),
        pytest.param("a: !mine 1", id="tag of its own"),
        pytest.param("? [a]\n: 1\n? {b: 1}\n: 2", id="key that is none"),
        pytest.param("a: &a {b: *a}", id="alias of itself"),
        pytest.param("a: 2026-99-99", id="no such day"),
        pytest.param("[" * 3000, id="nested"),
    ],
)
def test_no_yaml(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yml").write_text(text)
    with pytest.raises(ConfigError, match=r"a\.yml: not YAML, or cut off"):
        documents.from_yaml(tmp_path / "a.yml")


def test_values(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b'\xef\xbb\xbf{"a": [1, "b"]}')
    assert documents.from_json(tmp_path / "a") == {"a": [1, "b"]}
    assert documents.from_yaml(tmp_path / "a") == {"a": [1, "b"]}
    (tmp_path / "b").write_text("a: &x [1]\nb: *x\n")
    assert documents.from_yaml(tmp_path / "b") == {"a": [1], "b": [1]}
    (tmp_path / "c").write_text("# nothing\n")
    assert documents.from_yaml(tmp_path / "c") is None
