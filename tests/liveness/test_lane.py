"""Which request to a server goes next, and when."""

from __future__ import annotations

import pytest

from scanner.liveness.lane import Attempt, Lane
from tests.liveness.values import key, question

NEVER = float("inf")


def test_nothing_waits() -> None:
    lane = Lane([], 16)
    assert not lane
    assert lane.next_at(5.0) == NEVER


def test_only_so_many_at_once() -> None:
    lane = Lane([question(key(number)) for number in range(3)], 2)
    first = lane.begin()
    lane.begin()
    assert lane.next_at(1.0) == NEVER
    lane.end(first, 1.0)
    assert lane.next_at(1.0) <= 1.0


def test_rate_of_the_strictest_check_holds_for_all() -> None:
    asked = [question(key(1), rate="100/1s"), question(key(2), rate="1/10s", path="/other")]
    lane = Lane(asked, 16)
    lane.end(lane.begin(), 1.0)
    assert lane.next_at(2.0) == pytest.approx(11.2)


def test_key_that_was_asked_about_lets_others_pass() -> None:
    own = {"rate_per_key": ("1/10s",)}
    again = question(key(1), path="/again", **own)
    lane = Lane([question(key(1), **own), again, question(key(2), **own)], 16)
    lane.end(lane.begin(), 1.0)
    assert lane.next_at(2.0) <= 2.0
    assert lane.begin().question.secret.reveal().decode() == key(2)
    assert lane.next_at(2.0) == pytest.approx(11.2)
    assert lane.next_at(11.3) <= 11.3
    assert lane.begin().question == again


def test_pause_holds_for_all_and_another_try_has_its_time() -> None:
    lane = Lane([question(key(1)), question(key(2))], 16)
    first = lane.begin()
    lane.end(first, 1.0)
    lane.pause(4.0)
    lane.pause(3.0)
    assert lane.next_at(1.0) == 4.0
    lane.again(Attempt(first.question, tries=1), 9.0)
    assert lane.next_at(5.0) <= 5.0
    lane.begin()
    assert lane.next_at(5.0) == 9.0


def test_what_waits_is_given_up() -> None:
    asked = [question(key(number)) for number in range(3)]
    lane = Lane(asked, 16)
    lane.begin()
    assert lane.emptied() == asked[1:]
    assert not lane
