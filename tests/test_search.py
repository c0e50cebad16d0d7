"""The search: where windows of notations end, and what may lie at their ends.

What it finds is tested with the detector, of which it is the inside.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.decoders.percent import PERCENT
from scanner.decoders.view import View
from scanner.search import DECODERS, TRIGGERS, _windows, cut_off, undone

TEXT = b"a" * 500 + b"%41" + b"b" * 500


@pytest.mark.parametrize(
    ("low", "high", "start", "end", "expected"),
    [
        pytest.param(100, 900, 100, 200, False, id="inside"),
        pytest.param(100, 900, 5, 200, True, id="at a cut beginning"),
        pytest.param(0, 900, 0, 200, False, id="at the text's beginning"),
        pytest.param(100, 900, 600, 796, True, id="at a cut end"),
        pytest.param(100, 1003, 600, 901, False, id="at the text's end"),
    ],
)
def test_cut_off(low: int, high: int, start: int, end: int, expected: bool) -> None:
    assert cut_off(View(TEXT, low, high, PERCENT), start, end) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(0, 500, False, id="before"),
        pytest.param(0, 501, True, id="with it"),
        pytest.param(501, 520, True, id="shortly behind"),
        pytest.param(700, 720, False, id="far behind"),
    ],
)
def test_undone(start: int, end: int, expected: bool) -> None:
    assert undone(View(TEXT, 0, len(TEXT), PERCENT), start, end) == expected


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=20).map(sorted))
def test_windows_cover_every_trigger_and_do_not_overlap(ends: list[int]) -> None:
    found = list(_windows(ends, 1000, 50))
    for end in ends:
        window = range(max(0, end - 50), min(1000, end + 50))
        assert any(low <= window.start and window.stop <= high for low, high in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))


def test_every_decoder_has_triggers() -> None:
    assert {decoder.name for decoder, _ in TRIGGERS} == {decoder.name for decoder in DECODERS}
