"""Ignore files of gitleaks and betterleaks, line by line."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest

from scanner.carried import Known
from scanner.errors import ConfigError
from scanner.migrations import gitleaksignore

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the ignore file is."""
    return tmp_path / ".gitleaksignore"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"just text\nand more\n", id="text"),
        pytest.param(b'{"a": 1}\n', id="JSON"),
        pytest.param(b"a.py:rule:\n", id="cut off"),
        pytest.param(b"\xff\xfe\x00", id="no text"),
    ],
)
def test_another_file_is_refused_by_name(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        gitleaksignore.read(file)
    assert caught.value.problems[0].startswith(f"{file}: not a")


@pytest.mark.parametrize(
    ("line", "note"),
    [
        pytest.param("a.tgz!in/x.env:rule:1", "inside of an archive", id="archive"),
        pytest.param("a.py:rule", "not `commit:file:rule:line`", id="no line"),
        pytest.param(f"a.py|rule|{'0' * 64}", "first versions", id="hash of old"),
    ],
)
def test_a_line_that_cannot_be_carried_over_is_told(file: Path, line: str, note: str) -> None:
    file.write_text(f"b.py:rule:1\n{line}\n")
    _, entry = gitleaksignore.read(file).entries
    assert (entry.where, entry.items) == ("line 2", ())
    assert note in entry.notes[0]


@pytest.mark.parametrize(
    ("line", "known"),
    [
        pytest.param("a.py:jwt:7", Known("a.py", 7, rule="jwt"), id="file"),
        pytest.param(f"{COMMIT}:a.py:jwt:7", Known("a.py", 7, COMMIT, "jwt"), id="commit"),
        pytest.param("a:b.py:jwt:7", Known("a:b.py", 7, rule="jwt"), id="colon in a path"),
        pytest.param(f"{COMMIT}:a:b:jwt:7", Known("a:b", 7, COMMIT, "jwt"), id="commit and colon"),
        pytest.param("a\\b.py:jwt:7", Known("a/b.py", 7, rule="jwt"), id="backslash"),
        pytest.param("./a.py:jwt:7", Known("a.py", 7, rule="jwt"), id="dot first"),
        pytest.param("  a b.py:jwt:7 ", Known("a b.py", 7, rule="jwt"), id="blanks"),
    ],
)
def test_line(file: Path, line: str, known: Known) -> None:
    file.write_text(f"# about\n\n{line}\r\n")
    (entry,) = gitleaksignore.read(file).entries
    assert (entry.where, entry.items, entry.notes) == ("line 3", (known,), ())


@pytest.mark.parametrize("key", [pytest.param(None, id="plain"), pytest.param(b"k", id="keyed")])
def test_hash_of_a_secret(tmp_path: Path, key: bytes | None) -> None:
    plain = hashlib.sha256(b"one").hexdigest()
    digest = hmac.digest(key, b"one", "sha256").hex() if key else plain
    file = tmp_path / ".betterleaksignore"
    file.write_text(digest)
    (entry,) = gitleaksignore.read(file, key).entries
    (known,) = entry.items
    assert isinstance(known, Known)
    assert known.test
    assert known.test(b"one")
    assert not known.test(b"two")
    assert bool(known.doubt) is (key is None)


def test_empty_file(file: Path) -> None:
    file.write_text("# nothing\n")
    assert gitleaksignore.read(file).entries == ()
