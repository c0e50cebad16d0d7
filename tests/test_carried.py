"""What may be shown of another scanner's file, and names of rules."""

from __future__ import annotations

import hashlib

import pytest

from scanner import carried
from scanner.carried import Known

HEX = hashlib.sha256(b"carried").hexdigest()[:40]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"k = '{HEX}'", f"k = '{HEX[:5]}…{HEX[-2:]}'", id="key"),
        pytest.param("a\x1b[2Jb", r"a\x1b[2Jb", id="escape"),
        pytest.param("a\nb", r"a\x0ab", id="line break"),
        pytest.param("x y " * 50, ("x y " * 50)[:109] + "…", id="long"),
        pytest.param("tests/unit/parser2/test_a.py", "tests/unit/parser2/test_a.py", id="path"),
        pytest.param("base64-signing-secret", "base64-signing-secret", id="name of a rule"),
    ],
)
def test_shown(text: str, expected: str) -> None:
    assert carried.shown(text) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("vendor/", (), id="no secret"),
        pytest.param("(?=a)", (), id="no pattern"),
        pytest.param("[0-9a-f]{40}", (), id="any hash"),
        pytest.param(HEX, (HEX,), id="plain"),
        pytest.param(f"^{HEX}\\.$", (f"{HEX}.",), id="with edges and escapes"),
        pytest.param(f"(?i){HEX}", (HEX,), id="with flags"),
        pytest.param(f"0x?{HEX}", (HEX,), id="behind something"),
        pytest.param(f"(?:{HEX}|test)", (HEX,), id="in a branch"),
        pytest.param(f"a({HEX})b", (HEX,), id="in a group"),
    ],
)
def test_telling(pattern: str, expected: tuple[str, ...]) -> None:
    assert carried.telling(pattern) == expected


@pytest.mark.parametrize(
    ("known", "secret", "expected"),
    [
        pytest.param(Known(path="a"), b"x", None, id="place only"),
        pytest.param(Known(text="one"), b"two", False, id="another text"),
        pytest.param(Known(text="one"), b"a one b", True, id="part of the secret"),
        pytest.param(Known(text="a one b"), b"one", True, id="more than the secret"),
        pytest.param(Known(text="one", test=lambda _s: False), b"one", False, id="test first"),
    ],
)
def test_is_meant(known: Known, secret: bytes, expected: bool | None) -> None:
    assert carried.is_meant(known, secret) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("Acme Key!", "tool-acme-key", id="words"),
        pytest.param("tool.acme.1", "tool-acme-1", id="named so already"),
        pytest.param("…", "tool-rule", id="no letters"),
    ],
)
def test_rule_id(name: str, expected: str) -> None:
    assert carried.rule_id("tool", name) == expected


def test_patterns_that_cannot_be_carried_over_are_told() -> None:
    found, notes = carried.searches(["^a", f"(?={HEX})"])
    assert found == (r"\Aa",)
    assert "look-around" in notes[0]
    assert HEX not in notes[0]
