"""The search: where windows of notations end, and what may lie at their ends.

What it finds is tested with the detector, of which it is the inside.
"""

from __future__ import annotations

import random
import string
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import rules
from scanner.decoders.percent import PERCENT
from scanner.decoders.view import Decoder, View
from scanner.detector import Detector
from scanner.scan import Plan
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
    assert [end for *_, inside in found for end in inside] == ends
    for low, high, inside in found:
        assert low == max(0, inside[0] - 50)
        assert high == min(1000, inside[-1] + 50)
        assert all(after - before <= 100 for before, after in pairwise(inside))
    assert all(one[1] < other[0] for one, other in pairwise(found))


def test_every_decoder_has_triggers() -> None:
    assert {decoder.name for decoder, _ in TRIGGERS} == {decoder.name for decoder in DECODERS}


# -- what is learnt ------------------------------------------------------------------------


@pytest.fixture
def fresh(plan: Plan) -> Detector:
    """A detector that has learnt nothing yet."""
    return Detector(rules.load(plan.artefact))


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The windows that are decoded."""
    windows: list[bytes] = []
    real = View.__init__

    def init(self: View, content: bytes, low: int, high: int, decoder: Decoder) -> None:
        windows.append(content[low:high])
        real(self, content, low, high, decoder)

    monkeypatch.setattr(View, "__init__", init)
    return windows


KEY = "be_" + "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=32))
NOTHING = b'a = "some" + "thing"  # nothing\n' + b"x = 1\n" * 200


def test_a_window_without_anything_is_decoded_once(fresh: Detector, looked: list[bytes]) -> None:
    for number in range(3):
        assert not fresh.detect(NOTHING + b"%d\n" % number).matches
    assert len(looked) == 1


def test_a_window_with_something_is_decoded_each_time(fresh: Detector, looked: list[bytes]) -> None:
    text = f'k = "{KEY[:9]}" + "{KEY[9:]}"\n'.encode() + NOTHING
    for _ in range(3):
        assert len(fresh.detect(text).matches) == 1
    assert len(looked) == 3


def test_the_same_window_of_another_notation_is_another(
    fresh: Detector, looked: list[bytes]
) -> None:
    both = b'u = "http://x/?a=%41x" + "y%42"\n'
    assert not fresh.detect(both).matches
    assert not fresh.detect(both).matches
    assert looked.count(both) == 2  # once for each of the two


def test_what_is_learnt_is_bounded(fresh: Detector) -> None:
    for number in range(9000):
        fresh.detect(b'a = "v%d" + "thing"\n' % number)
    assert 0 < len(fresh._barren) <= 4000
