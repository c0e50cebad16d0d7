"""Sets of characters: their algebra, and what is written matches just them."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from scanner import charsets
from scanner.charsets import LAST, Ranges

_POINTS = st.integers(0, 0x2FF) | st.integers(0, LAST).filter(lambda c: not 0xD800 <= c < 0xE000)


@st.composite
def _sets(draw: st.DrawFn) -> Ranges:
    pairs = draw(st.lists(st.tuples(_POINTS, st.integers(0, 30)), max_size=6))
    return charsets.union([(low, min(LAST, low + more)) for low, more in pairs])


def _has(ranges: Ranges, code: int) -> bool:
    return any(low <= code <= high for low, high in ranges)


@given(_sets(), _sets(), _POINTS)
def test_algebra(left: Ranges, right: Ranges, code: int) -> None:
    assert _has(charsets.complement(left), code) is not _has(left, code)
    assert _has(charsets.common(left, right), code) is (_has(left, code) and _has(right, code))
    assert _has(charsets.union([*left, *right]), code) is (_has(left, code) or _has(right, code))
    assert charsets.complement(charsets.complement(left)) == left


@given(_sets(), st.integers(0, 0x7F))
def test_what_is_written_matches_the_set(ranges: Ranges, code: int) -> None:
    found = regex.compile(charsets.written(ranges).encode("utf-8", "surrogatepass"))
    assert bool(found.fullmatch(bytes([code]))) is _has(ranges, code)


@given(_sets(), _POINTS.filter(lambda code: code > 0x7F))
def test_beyond_ascii_an_exact_set_takes_its_characters(ranges: Ranges, code: int) -> None:
    pattern = charsets.written(ranges)
    found = regex.compile(f"(?:{pattern})+".encode("utf-8", "surrogatepass"))
    if _has(ranges, code):
        assert found.fullmatch(chr(code).encode())
    elif charsets.is_exact(ranges):
        assert not found.fullmatch(chr(code).encode())


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        pytest.param("L", 0x31, False, id="digit is no letter"),
        pytest.param("Lu", 0x61, False, id="lower is not upper"),
        pytest.param("Greek", 0x61, False, id="Latin is not Greek"),
        pytest.param("L", 0x61, True, id="letter"),
        pytest.param("Latin", 0x61, True, id="Latin"),
        pytest.param("Nd", 0x31, True, id="digit"),
        pytest.param("Any", 0x00, True, id="any"),
        pytest.param("Lu", 0x42F, True, id="beyond ASCII, any"),
    ],
)
def test_category(name: str, code: int, expected: bool) -> None:
    ranges = charsets.category(name)
    assert ranges is not None
    assert _has(ranges, code) is expected


@pytest.mark.parametrize("name", ["", "X", "N1", "L-"])
def test_no_category(name: str) -> None:
    assert charsets.category(name) is None


def test_folded() -> None:
    assert charsets.folded(((0x62, 0x63), (0x31, 0x31))) == (
        (0x31, 0x31),
        (0x42, 0x43),
        (0x62, 0x63),
    )
