"""What stands in a project's files now; no line shows a secret, no path leads out."""

from __future__ import annotations

import base64
import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import standing
from scanner.fingerprints import fingerprint, redact
from scanner.scan import Plan, Scanner
from scanner.standing import Standing, Text, around

KEY, OTHER = ("be\u005f" + hashlib.sha256(b"%d" % n).hexdigest()[:40] for n in (8, 9))


@pytest.fixture(scope="module")
def scanner(plan: Plan) -> Scanner:
    return Scanner(plan)


def _first(found: Text) -> Standing:
    return found.standings[0]


# Paths


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "../secret", "a/../../secret", "missing", "folder", "a\0b"],
    ids=repr,
)
def test_no_file_of_the_project(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "p" / "folder").mkdir(parents=True)
    assert standing.located(tmp_path / "p", path) is None
    assert standing.located(tmp_path / "p", str(tmp_path / "secret")) is None


@pytest.mark.skipif(sys.platform == "win32", reason="links need privileges")
@pytest.mark.parametrize("link", ["link", "folder/secret"])
def test_links_are_not_followed(tmp_path: Path, link: str) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "p" / "folder").symlink_to(tmp_path)
    assert standing.located(tmp_path / "p", link) is None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_file_that_may_not_be_read_is_nothing(tmp_path: Path, scanner: Scanner) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "a").chmod(0)
    assert standing.read(scanner, tmp_path, "a") is None


def test_file_below_a_linked_project(tmp_path: Path) -> None:
    (tmp_path / "p" / "src").mkdir(parents=True)
    (tmp_path / "p" / "src" / "a").write_text("x")
    if sys.platform != "win32":
        (tmp_path / "q").symlink_to(tmp_path / "p")
        assert standing.located(tmp_path / "q", "src/a") == tmp_path / "q" / "src" / "a"
    assert standing.located(tmp_path / "p", "src/a") == tmp_path / "p" / "src" / "a"


# What stands


def test_clean_text_has_nothing(scanner: Scanner) -> None:
    found = standing.parse(scanner, b"k = 1\n")
    assert found.standings == found.hidden == ()


def test_secret_is_named_by_its_fingerprint(scanner: Scanner) -> None:
    found = standing.parse(scanner, f"é = 'ü{chr(10)}\nk = '{KEY}'\n".encode())
    (one,) = found.named(fingerprint("byteengine", KEY.encode()))
    assert found.text[one.start : one.end].decode() == KEY
    assert not found.named(fingerprint("byteengine", OTHER.encode()))


def test_utf16_is_read_as_text(scanner: Scanner) -> None:
    found = standing.parse(scanner, f"k = '{KEY}'\n".encode("utf-16"))
    assert found.text != found.content
    assert found.text[_first(found).start : _first(found).end].decode() == KEY


# Lines


def test_lines_around_without_any_secret(scanner: Scanner) -> None:
    text = f"a\nb = '{OTHER}'\nc\nk = '{KEY}'\nd\ne\nf\n"
    found = standing.parse(scanner, text.encode())
    (one,) = found.named(fingerprint("byteengine", KEY.encode()))
    lines = around(found, one, 2)
    assert [line.number for line in lines] == [2, 3, 4, 5, 6]
    assert [line.meant for line in lines] == [False, False, True, False, False]
    shown = [redact(key.encode()) for key in (KEY, OTHER)]
    assert [line.text for line in lines] == [
        f"b = '{shown[1]}'",
        "c",
        f"k = '{shown[0]}'",
        "d",
        "e",
    ]


@pytest.mark.parametrize(
    "spelled",
    [
        pytest.param(lambda key: key, id="plain"),
        pytest.param(lambda key: base64.b64encode(key.encode()).decode(), id="base64"),
        pytest.param(lambda key: key.encode().hex(), id="hex"),
    ],
)
def test_other_spellings_around_are_hidden(scanner: Scanner, spelled: Callable[[str], str]) -> None:
    found = standing.parse(scanner, f"{spelled(KEY)}x\nk = '{KEY}'\n{spelled(KEY)}y".encode())
    shown = "\n".join(line.text for line in around(found, found.standings[-1], 3))
    assert spelled(KEY) not in shown
    assert KEY[8:24] not in shown


def test_key_of_many_lines_is_not_shown(scanner: Scanner) -> None:
    body = [base64.b64encode(os.urandom(48)).decode() for _ in range(20)]
    name = "PRIVATE KEY"
    pem = "\n".join([f"-----BEGIN RSA {name}-----", *body, f"-----END RSA {name}-----"])
    found = standing.parse(scanner, f"a\n{pem}\nb\nk = '{KEY}'\n".encode())
    assert len(found.standings) == 2
    for one in found.standings:
        shown = "\n".join(line.text for line in around(found, one, 30))
        assert not any(line[:16] in shown or line[-16:] in shown for line in body)
        assert "b" in shown.split("\n")


def test_control_characters_do_not_reach_the_terminal(scanner: Scanner) -> None:
    found = standing.parse(scanner, f"\x1b[2J\x9b\nk = '{KEY}' # \x1b[8m\n".encode())
    assert all(line.text.isprintable() for line in around(found, _first(found), 3))


@given(st.lists(st.sampled_from([KEY, OTHER, "\n", " ", "k = '", "'", "x", "é"]), max_size=30))
def test_no_line_ever_shows_a_secret(scanner: Scanner, pieces: list[str]) -> None:
    found = standing.parse(scanner, "".join(pieces).encode())
    for one in found.standings:
        shown = "\n".join(line.text for line in around(found, one, 50))
        for key in (KEY, OTHER):
            assert key not in shown or key not in {
                s.match.secret.reveal().decode() for s in found.standings
            }
