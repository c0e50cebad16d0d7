"""The part of a pattern that hyperscan looks for: in every match, short and telling."""

from __future__ import annotations

import pytest

from scanner import evidence, re2
from scanner.bounds import bounded
from scanner.patterntree import Untranslatable


def _hint(pattern: str) -> tuple[str, bool]:
    return evidence.hint(bounded(re2.parse(pattern))[0])


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("a", id="one character"),
        pytest.param(r"\b\w+\b", id="a word"),
        pytest.param("(?:acme_key|x)", id="a branch of one character"),
        pytest.param("(?:acme_key)?.", id="what may be absent"),
        pytest.param("[^a]{20}", id="anything but one"),
    ],
)
def test_too_little_to_look_for_is_told(pattern: str) -> None:
    with pytest.raises(Untranslatable):
        _hint(pattern)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("acme_[0-9]{8,}", ("acme_[0-9]{8}", True), id="last repeat at its least"),
        pytest.param("acme_key[0-9]*", ("acme_key", True), id="last that may be absent left out"),
        pytest.param("[0-9]{0,9}acme_key", ("[0-9]{0,9}acme_key", True), id="all of it"),
        pytest.param(r"\bacme_key\b", ("acme_key", True), id="without edges"),
        pytest.param(".{0,400}acme_key", ("acme_key", False), id="wide one first"),
        pytest.param("acme_key.{0,400}x", ("acme_key", True), id="wide one behind"),
        pytest.param("[0-9]{900}", ("[0-9]{200}", True), id="as many as there is room for"),
        pytest.param("acme(?:_key|-tok)", ("acme(?:_key|-tok)", True), id="choice"),
    ],
)
def test_hint(pattern: str, expected: tuple[str, bool]) -> None:
    assert _hint(pattern) == expected
