"""Lines where no rule found anything: their keywords, and values that look drawn at random."""

from __future__ import annotations

import random
import string

import pytest

from scanner.rules import Rule
from scanner.silence import silence
from tests.test_matcher import PLAIN

VALUE = "".join(random.Random(4).choices(string.ascii_letters + string.digits, k=32))
SHORT = "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=14))


def _rules(**keywords: tuple[str, ...]) -> list[Rule]:
    return [PLAIN._replace(id=name, keywords=words) for name, words in keywords.items()]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="empty"),
        pytest.param("nothing to see here", id="words"),
        pytest.param("getUserAccountNameFromSession()", id="identifier"),
        pytest.param("1234567890123456789012", id="number"),
        pytest.param("aaaaaaaaaaaaaaaaaaaaaaaa", id="repeats"),
        pytest.param(VALUE[:11], id="too short"),
    ],
)
def test_a_line_without_values(line: str) -> None:
    assert silence(7, line.encode(), _rules(a=("acme",))) == (7, (), ())


@pytest.mark.parametrize(
    ("line", "columns", "redacted"),
    [
        pytest.param(f"x = {VALUE}", (5, 37), VALUE[:5] + "…" + VALUE[-2:], id="long"),
        pytest.param(f"é = '{VALUE}'", (6, 38), VALUE[:5] + "…" + VALUE[-2:], id="behind an é"),
        pytest.param(f"x = {SHORT}", (5, 19), "*****", id="short"),
    ],
)
def test_a_value_that_looks_random(line: str, columns: tuple[int, int], redacted: str) -> None:
    (value,) = silence(1, line.encode(), []).values
    assert (value.column, value.end_column) == columns
    assert value.redacted == redacted
    assert value.surprise >= value.needed


def test_the_longest_keywords_come_first_with_all_their_rules() -> None:
    rules = _rules(one=("Acme", "acme_key"), two=("acme",), three=("other",))
    assert silence(1, b"ACME_KEY = 1", rules).keywords == (
        ("acme_key", ("one",)),
        ("acme", ("one", "two")),
    )


def test_the_shortest_keywords_say_nothing() -> None:
    assert silence(1, b"a.b: be_", _rules(one=(".", ": "), two=("be_",))).keywords == (
        ("be_", ("two",)),
    )


def test_a_keyword_inside_of_a_random_value_stands_there_by_chance() -> None:
    line = f"x = {VALUE}".encode()
    rules = _rules(inside=(VALUE[9:13],), first=(VALUE[:3],))
    assert silence(1, line, rules).keywords == ((VALUE[:3].lower(), ("first",)),)


def test_of_many_only_some_are_told() -> None:
    line = " ".join(f"{VALUE[n:]}{VALUE[:n]}" for n in range(30)) + " kay kby kcy kdy key kfy"
    found = silence(1, line.encode(), _rules(a=("kay", "kby", "kcy", "kdy", "key", "kfy")))
    assert len(found.values) == 10
    assert [word for word, _ in found.keywords] == ["kay", "kby", "kcy", "kdy", "key"]


def test_a_line_without_end_is_looked_at_as_far_as_it_goes() -> None:
    assert silence(1, b"x" * 70_000 + f" {VALUE}".encode(), []).values == ()
    assert len(silence(1, b"x " * 32_000 + f" {VALUE}".encode(), []).values) == 1
