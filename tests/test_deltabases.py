"""What bases of deltas cost that are made again."""

from __future__ import annotations

import pytest

from scanner.deltabases import DeltaBases

LEAF = -1


def _made(depth: int, room: int, *, further: bool) -> tuple[int, int]:
    """How many deltas are applied, and how many contents are held at most, in a chain in which each
    base has two deltas: one with the rest of the chain above it and one with nothing, or one more
    delta (`further`). Each content takes up one byte, of which the base's number can be told."""
    waiting = DeltaBases(room)
    applied = most = 0
    waiting.push(0, b"\0", 1)
    while waiting:
        base, content, delta = waiting.pop()
        if content is None:
            chain = [base]
            while chain[-1] and waiting.content(chain[-1] - 1) is None:
                chain.append(chain[-1] - 1)
            useful = waiting.useful(chain[::-1])
            for number in reversed(chain):
                applied += 1
                if number in useful:
                    waiting.keep(number, bytes([number % 256]))
        else:
            assert content == bytes([base % 256])
        if delta == LEAF:
            applied += 1
            if further:
                waiting.push(depth + 1, b"x", LEAF)
                assert waiting.pop() == (depth + 1, b"x", LEAF)
        else:
            waiting.push(base, bytes([base % 256]), LEAF)
            if base < depth:
                waiting.push(base + 1, bytes([(base + 1) % 256]), 1)
        most = max(most, sum(waiting.content(number) is not None for number in range(depth + 2)))
    return applied, most


@pytest.mark.parametrize("further", [False, True])
@pytest.mark.parametrize(("depth", "room"), [(10, 0), (50, 1), (100, 4), (300, 12), (300, 1000)])
def test_what_is_made_again(*, depth: int, room: int, further: bool) -> None:
    applied, most = _made(depth, room, further=further)
    assert most <= max(1, room)
    assert applied <= depth * (depth + 3)
    if room >= 12:
        assert applied < 6 * depth
    if room > depth:
        assert applied == depth + 1


def test_what_is_larger_than_all_room_is_held_alone() -> None:
    waiting = DeltaBases(10)
    waiting.push(1, b"x" * 5, 11)
    waiting.push(2, b"y" * 50, 12)
    assert waiting.content(1) is None
    assert waiting.pop() == (2, b"y" * 50, 12)
    assert waiting.pop() == (1, None, 11)
    assert not waiting


@pytest.mark.parametrize("count", range(1, 40))
def test_the_topmost_is_always_useful_and_few_are(count: int) -> None:
    waiting = DeltaBases(0)
    for number in range(count):
        waiting.push(number, b"", 0)
    useful = waiting.useful(range(count))
    assert count - 1 in useful
    assert len(useful) == count.bit_length()
    assert waiting.useful([count, count + 1]) == set()
