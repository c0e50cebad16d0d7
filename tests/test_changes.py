"""What an object keeps of its base is the same in both, whatever the delta between them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanner.changes import (
    Kept,
    Stretch,
    altered,
    around,
    bounds,
    carried,
    kept,
    lies,
    meets,
    merged,
    outermost,
)
from tests.packwriter import Copy, Piece, delta, result

UNREAD = bytes(4000)  # a delta of more bytes than are read: beginning and end only


def _sound(parts: Sequence[Kept], content: bytes, base: bytes) -> None:
    """Checks what must hold of kept parts."""
    done = 0
    for new, old, size in parts:
        assert done <= new
        assert size >= 0
        assert min(new, old) >= 0
        assert new + size <= len(content)
        assert old + size <= len(base)
        assert content[new : new + size] == base[old : old + size]
        done = new + size


# -- kept ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "base"),
    [
        pytest.param(b"", b"", id="nothing"),
        pytest.param(b"", b"x" * 1000, id="nothing of something"),
        pytest.param(b"x" * 1000, b"", id="something of nothing"),
        pytest.param(b"x" * 1000, b"y" * 1000, id="nothing in common"),
        pytest.param(b"x" * 20_000, b"y" * 20_000, id="nothing in common, large"),
    ],
)
def test_nothing_is_kept(content: bytes, base: bytes) -> None:
    for made in (UNREAD, delta(len(base), [content])[:3000]):
        assert sum(part.size for part in kept(content, base, made)) == 0
        if len(content) > 12_000:
            break  # a cut delta is for contents in which it is not read


def test_equal_contents_are_kept_nearly_whole() -> None:
    content = bytes(range(256)) * 40
    parts = kept(content, content, delta(len(content), [Copy(0, len(content))]))
    _sound(parts, content, content)
    assert sum(part.size for part in parts) > len(content) - 300


@pytest.mark.parametrize("size", [1, 255, 256, 300, 5000])
def test_what_repeats_itself_is_not_kept_twice(size: int) -> None:
    """Beginning and end have the same bytes in common."""
    one, other = b"a" * size, b"a" * (size + 700)
    for content, base in ((one, other), (other, one)):
        _sound(kept(content, base, UNREAD), content, base)


def test_a_change_in_the_middle_keeps_nearly_all_of_both_sides() -> None:
    base = bytes(range(256)) * 100
    content = base[:9000] + b"change" + base[9100:]
    parts = kept(content, base, UNREAD)
    _sound(parts, content, base)
    assert 9000 - 200 < parts[0].size <= 9000
    assert sum(part.size for part in parts) > len(base) - 100 - 400


def test_copies_of_the_delta_are_kept_where_much_lies_between() -> None:
    base = bytes(range(256)) * 200
    pieces: list[Piece] = [b"front", Copy(100, 20_000), b"middle", Copy(30_000, 15_000), b"end"]
    content = result(base, pieces)
    parts = kept(content, base, delta(len(base), pieces))
    assert [part for part in parts if part.size] == [
        Kept(5, 100, 20_000),
        Kept(20_011, 30_000, 15_000),
    ]


def test_copies_that_follow_each_other_are_one() -> None:
    base = bytes(range(256)) * 1200
    pieces: list[Piece] = [b"x", Copy(0, 0x10000), Copy(0x10000, 100), Copy(0x10064, 0x20000), b"y"]
    content = result(base, pieces)
    parts = kept(content, base, delta(len(base), pieces))
    assert [part for part in parts if part.size] == [Kept(1, 0, 0x30064)]


@st.composite
def _versions(draw: st.DrawFn) -> tuple[bytes, bytes, bytes]:
    """A base, what a random delta makes of it, and the delta."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    size = draw(st.sampled_from([0, 1, 70, 255, 256, 257, 1000, 20_000, 150_000]))
    unit = draw(st.sampled_from([b"a", b"ab\n", b"0123456789abcdef" * 20]))
    if draw(st.booleans()):
        base = (unit * (size // len(unit) + 1))[:size]
    else:
        base = chance.randbytes(size)
    pieces: list[Piece] = []
    for _ in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(["copy", "copy", "head", "tail", "insert", "short"]))
        at = chance.randint(0, size)
        if kind == "insert":
            pieces.append(chance.randbytes(chance.randint(1, 400)))
        elif kind == "short":
            pieces.append(base[at : at + 3] or b"!")
        else:
            low, high = {"head": (0, at), "tail": (at, size)}.get(kind, (at, size))
            length = chance.randint(0, high - low) if kind == "copy" else high - low
            if length:
                pieces.append(Copy(low, length))
    return base, result(base, pieces), delta(size, pieces)


@settings(max_examples=400)
@given(_versions())
def test_what_is_kept_is_the_same_in_both(versions: tuple[bytes, bytes, bytes]) -> None:
    base, content, made = versions
    _sound(kept(content, base, made), content, base)
    _sound(kept(content, base, UNREAD), content, base)


# -- what changed --------------------------------------------------------------------------


@st.composite
def _kept_parts(draw: st.DrawFn) -> tuple[list[Kept], int]:
    """Kept parts in order, and the size of the object."""
    parts, at = [], 0
    for _ in range(draw(st.integers(0, 6))):
        at += draw(st.sampled_from([0, 0, 1, 5, 100]))
        size = draw(st.sampled_from([0, 1, 9, 50, 300]))
        parts.append(Kept(at, draw(st.integers(0, 500)), size))
        at += size
    return parts, at + draw(st.sampled_from([0, 0, 1, 60]))


@given(_kept_parts(), st.sampled_from([0, 0, 7]), st.sampled_from([0, 1, 10, 40, 1000]))
@example(([], 0), 0, 0)
@example(([Kept(0, 0, 5)], 5), 0, 0)
@example(([Kept(0, 0, 5)], 5), 1, 10)
def test_around_what_is_altered_is_all_that_is_near_a_change(
    parts_and_size: tuple[list[Kept], int], lost: int, margin: int
) -> None:
    parts, size = parts_and_size
    base_size = max((part.old + part.size for part in parts), default=0) + lost
    spans = around(altered(parts, size, base_size), margin, size)
    for (_, end), (begin, _) in pairwise(spans):
        assert end < begin
    for low, high in spans:
        assert 0 <= low <= high <= size
    near = set[int]()
    done = old = 0
    for part in [*parts, Kept(size, base_size, 0)]:
        if (done, old) != (part.new, part.old):
            near.update(range(done - margin, part.new + margin))
        done, old = part.new + part.size, part.old + part.size
    assert {at for low, high in spans for at in range(low, high)} == near & set(range(size))


# -- stretches of a base, carried over -----------------------------------------------------

_STRETCHES = st.lists(
    st.tuples(st.integers(-50, 600), st.integers(0, 400)).map(lambda one: (one[0], sum(one))),
    max_size=12,
)


@given(_kept_parts(), st.sampled_from([0, 0, 7]), _STRETCHES)
def test_a_stretch_is_carried_whole_or_in_pieces(
    parts_and_size: tuple[list[Kept], int], lost: int, found: list[Stretch]
) -> None:
    parts, size = parts_and_size
    base_size = max((part.old + part.size for part in parts), default=0) + lost
    whole, pieces = carried(found, bounds(parts, size, base_size))
    # What each byte of the base has become; beyond its ends, where both end alike.
    moves = [
        (
            range(-1000 if part.old == part.new == 0 else part.old,
                  2000 if (part.old + part.size, part.new + part.size) == (base_size, size)
                  else part.old + part.size + 1),
            part.new - part.old,
        )
        for part in parts
    ]  # fmt: skip
    expected = [
        (low + move, high + move)
        for low, high in found
        for there, move in [next(
            ((there, move) for there, move in moves if low in there and high in there),
            (range(0), 0),
        )]
        if there
    ]  # fmt: skip
    assert whole == expected
    covered = {at for low, high in [*whole, *pieces] for at in range(low, high)}
    for low, high in found:
        apart = not any(low in there and high in there for there, _ in moves)
        for there, move in moves if apart else []:
            inside = range(max(low, there.start), min(high, there.stop - 1))
            assert covered.issuperset(at + move for at in inside)


@given(_STRETCHES)
def test_merged_stretches_cover_the_same_and_do_not_touch(found: list[Stretch]) -> None:
    done = merged(found)
    assert all(end < begin for (_, end), (begin, _) in pairwise(done))
    assert {at for one in done for at in range(*one)} == {at for one in found for at in range(*one)}


@given(_STRETCHES, _STRETCHES, st.integers(0, 700))
def test_where_a_stretch_lies_among_others(
    found: list[Stretch], others: list[Stretch], size: int
) -> None:
    apart = merged(others)
    for low, high in found:
        assert meets((low, high), apart) == any(a <= high and low <= b for a, b in apart)
        shown = max(0, low), min(size, high)
        inside = any(a <= shown[0] and shown[1] <= b for a, b in apart)
        if shown[0] <= shown[1]:
            assert lies((low, high), apart, size) == inside


@given(_STRETCHES)
def test_outermost_stretches_hold_all_others(found: list[Stretch]) -> None:
    done = outermost(found)
    assert set(done) <= set(found)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(done))
    assert all(any(a <= low and high <= b for a, b in done) for low, high in found)
