"""ggshield's configuration, of both versions."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from scanner.carried import Disable, Entry, Exclude, Known
from scanner.errors import ConfigError
from scanner.migrations import gitguardian


def _read(tmp_path: Path, text: str) -> tuple[Entry, ...]:
    file = tmp_path / ".gitguardian.yaml"
    file.write_text(text)
    return gitguardian.read(file).entries


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("version: 3", "later than keysweep can read", id="later"),
        pytest.param("version: x", "later than keysweep can read", id="no version"),
        pytest.param("- a", "no table of settings", id="list"),
        pytest.param("secret: [", "not YAML", id="cut off"),
        pytest.param("secret: x", "Expected `object`", id="text for a table"),
        pytest.param("secret:\n  ignored_paths: a", "Expected `array", id="text for a list"),
        pytest.param("secret:\n  ignored_matches:\n  - name: a", "match", id="no match"),
        pytest.param("a: !!python/object/apply:os.getcwd []", "not YAML", id="object"),
        pytest.param(BOMB, "too many", id="aliases that multiply"),
        pytest.param("a: &a [*a]", "itself", id="alias of itself"),
        pytest.param("[" * 5000, "not YAML", id="nested"),
    ],
)
def test_broken_file_is_told_by_name(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=r"\.gitguardian\.yaml: ") as caught:
        _read(tmp_path, text)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("version: 2", [], id="version alone"),
        pytest.param(
            "version: 2\nsecret:\n  ignored_paths: ['**/*.md', 'docs/**', '/a/b', 'c.lock']",
            ["**/*.md", "**/docs/**", "/a/b", "c.lock"],
            id="paths",
        ),
        pytest.param("version: 2\nsecret:\n  ignored-paths:\n  - a", ["a"], id="hyphen"),
        pytest.param("paths-ignore: [a]", ["a"], id="first version"),
        pytest.param("paths_ignore: [a]\nsecret: null", ["a"], id="first version, underscore"),
    ],
)
def test_paths(tmp_path: Path, text: str, items: list[str]) -> None:
    found = [item for entry in _read(tmp_path, text) for item in entry.items]
    assert found == [Exclude(pattern) for pattern in items]


def test_matches(tmp_path: Path, key: str) -> None:
    digest = hashlib.sha256(f"{key},apikey".encode()).hexdigest()
    text = f"secret:\n  ignored_matches:\n  - {{name: one, match: {key}}}\n  - {key}\n  - {digest}"
    first, second, third = _read(tmp_path, text)
    assert first.items == second.items == (Known(text=key),)
    assert first.what == "one"
    assert key not in second.what
    (known,) = third.items
    assert isinstance(known, Known)
    assert known.test
    assert known.test(key.encode())
    assert not known.test(b"other")
    assert "several parts" in known.doubt


def test_detectors_and_the_rest(tmp_path: Path) -> None:
    one, two = _read(tmp_path, "secret:\n  ignored_detectors: [Generic Password]\nverbose: true")
    assert one.items == (Disable("Generic Password"),)
    assert (two.where, two.items) == ("verbose", ())
