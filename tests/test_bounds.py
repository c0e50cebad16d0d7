"""How much a pattern can match, beside what Python's own parser says."""

from __future__ import annotations

import re

import pytest

from scanner import bounds, patterntext, re2
from scanner.patterntree import Untranslatable


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("abc", id="text"),
        pytest.param("a[bc]d?", id="optional"),
        pytest.param("(?:ab|c){2,5}", id="choice and count"),
        pytest.param("a{3}b{0,4}(c|d{2})", id="counts"),
        pytest.param(r"\ba\z", id="edges"),
        pytest.param("é", id="two bytes"),
    ],
)
def test_width_is_what_python_says(pattern: str) -> None:
    tree = re2.parse(pattern)
    written = patterntext.text_of(tree).encode()
    least, most = re._parser.parse(written).getwidth()  # type: ignore[attr-defined]
    assert bounds.width(tree) == (least, most)


@pytest.mark.parametrize(
    ("pattern", "most", "limit"),
    [
        pytest.param("a{3}", 3, None, id="has an end"),
        pytest.param("a+", 8001, 8000, id="one without an end"),
        pytest.param(r"a\s*b", 102, 8000, id="blanks"),
        pytest.param("a+b+c+d+", 8004, 2000, id="several"),
    ],
)
def test_bounded(pattern: str, most: int, limit: int | None) -> None:
    tree, found = bounds.bounded(re2.parse(pattern))
    assert (bounds.width(tree)[1], found) == (most, limit)


def test_too_wide_is_told() -> None:
    with pytest.raises(Untranslatable, match="over 20000 bytes"):
        bounds.bounded(re2.parse("(?:a{1000}){21}"))


def test_what_is_repeated_no_time_has_no_width() -> None:
    assert bounds.width(re2.parse("(?:x*){0}")) == (0, 0)
