"""Shared-out work: every piece once, whatever dies on the way."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.workers import spread


def _double(piece: int) -> int:
    return piece * 2


def _die_at_seven(piece: int) -> int:
    if piece == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return piece


def _die(_piece: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def _wait(piece: int) -> int:
    time.sleep(0 if piece < 2 else 600)
    return piece


def test_no_pieces_no_results() -> None:
    assert list(spread(_double, [], 3)) == []


def test_a_dead_process_loses_its_piece_only() -> None:
    results = dict(spread(_die_at_seven, range(40), 3))
    assert results == {**{piece: piece for piece in range(40)}, 7: None}


@pytest.mark.parametrize("jobs", [1, 2])
def test_when_all_processes_die_every_piece_is_told(jobs: int) -> None:
    assert dict(spread(_die, range(30), jobs)) == dict.fromkeys(range(30))


@settings(max_examples=12)
@given(st.lists(st.integers(), max_size=30), st.integers(1, 7))
def test_every_piece_once(pieces: list[int], jobs: int) -> None:
    results = list(spread(_double, pieces, jobs))
    assert sorted(results) == sorted((piece, piece * 2) for piece in pieces)


def test_closing_ends_the_processes() -> None:
    results = spread(_wait, range(50), 2)
    assert next(results)[1] in (0, 1)
    began = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 60
    assert not multiprocessing.active_children()


def _fail(piece: int) -> int:
    raise ValueError(f"a secret: {piece}")


def test_an_error_is_raised_by_its_type_alone() -> None:
    with pytest.raises(RuntimeError, match=r"^ValueError$"):
        list(spread(_fail, range(4), 2))
