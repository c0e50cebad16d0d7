"""No window ever lets one request too many go, wherever the server counts them."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.liveness.limits import Window


def test_full_window_waits_for_the_first_to_leave() -> None:
    window = Window("2/10s")
    for start in (0.0, 1.0):
        assert window.free_at(start) == start
        window.begin()
        window.end(start + 0.5)
    assert window.free_at(2.0) == pytest.approx(0.5 + 10.2)
    assert window.free_at(10.7) == 10.7


def test_requests_under_way_count() -> None:
    window = Window("2/1s")
    window.begin()
    window.begin()
    assert window.free_at(100.0) > 100.0
    window.end(200.0)
    assert window.free_at(200.5) == pytest.approx(201.02)


@given(
    st.lists(
        st.tuples(st.floats(0, 0.5), st.floats(0.001, 3), st.floats(0, 1)), min_size=1, max_size=60
    ),
    st.integers(1, 5),
)
def test_server_never_counts_too_many(
    requests: list[tuple[float, float, float]], number: int
) -> None:
    """Each request is eager to go after a while, takes long, and is counted some time within."""
    window = Window(f"{number}/1s")
    now, ends = 0.0, deque[float]()
    counted = []
    for eager, takes, within in requests:
        now += eager
        while (free := window.free_at(now)) > now:
            now = min([free, *(end for end in ends if end > now)])
            while ends and ends[0] <= now:
                window.end(ends.popleft())
        counted.append(now + takes * within)
        window.begin()
        ends = deque(sorted([*ends, now + takes]))
    counted.sort()
    for first, last in zip(counted, counted[number:], strict=False):
        assert last - first > 1.0
