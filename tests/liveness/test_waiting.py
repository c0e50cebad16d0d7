"""How long a server asks us to wait is read from every header that says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.liveness.answer import Answer
from scanner.liveness.waiting import is_exhausted, is_limited, seconds
from tests.liveness.values import CHECK

NOW = 1_790_000_000.0  # Mon, 21 Sep 2026 14:13:20 GMT


def _answer(status: int = 429, **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"retry_after": "soon"},
        {"retry_after": "-5"},
        {"x_ratelimit_reset": "nan"},
        {"x_ratelimit_reset": "²"},
        {"x_ratelimit_reset": ""},
        {"retry_after": "9" * 400},
    ],
    ids=lambda headers: str(headers)[:40],
)
def test_nothing_is_said(headers: dict[str, str]) -> None:
    assert seconds(_answer(**headers), NOW) is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({"retry_after": "7"}, 7.0, id="seconds"),
        pytest.param({"retry_after": "1.5"}, 1.5, id="fraction"),
        pytest.param({"retry_after": "Mon, 21 Sep 2026 14:14:20 GMT"}, 60.0, id="date"),
        pytest.param({"retry_after": "Mon, 21 Sep 2026 14:13:00 GMT"}, 0.0, id="date gone by"),
        pytest.param({"x_ratelimit_reset": "1790000030"}, 30.0, id="time"),
        pytest.param({"x_ratelimit_reset": "1789999990"}, 0.0, id="time gone by"),
        pytest.param({"x_ratelimit_reset": "1790000030000"}, 30.0, id="milliseconds"),
        pytest.param({"x_ratelimit_reset": "12"}, 12.0, id="seconds from now"),
        pytest.param({"ratelimit_reset": "12"}, 12.0, id="IETF draft"),
        pytest.param({"retry_after": "3", "x_ratelimit_reset": "60"}, 3.0, id="both"),
        pytest.param(
            {"date": "Mon, 21 Sep 2026 14:13:10 GMT", "x_ratelimit_reset": "1790000000"},
            10.0,
            id="by the server's clock",
        ),
    ],
)
def test_pause(headers: dict[str, str], expected: float) -> None:
    assert seconds(_answer(**headers), NOW) == expected


@given(
    st.dictionaries(
        st.sampled_from(["date", "retry-after", "x-ratelimit-reset", "x-ratelimit-remaining"]),
        st.text(max_size=40)
        | st.from_regex(r"(Mon, )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{1,6} [0-9:]{1,9} [A-Z0-9+-]{0,6}"),
    ),
    st.sampled_from([200, 403, 429, 503]),
)
def test_any_header_is_borne(headers: dict[str, str], status: int) -> None:
    answer = Answer(status, headers, b"")
    pause = seconds(answer, NOW)
    assert pause is None or 0 <= pause < 1e15
    assert is_limited(CHECK, answer) in (True, False)


@pytest.mark.parametrize(
    ("answer", "limited"),
    [
        pytest.param(_answer(200, x_ratelimit_remaining="0"), False, id="200, the last"),
        pytest.param(_answer(403), False, id="403"),
        pytest.param(_answer(403, x_ratelimit_remaining="10"), False, id="403, more left"),
        pytest.param(_answer(503), False, id="503"),
        pytest.param(_answer(500, retry_after="1"), False, id="500"),
        pytest.param(_answer(429), True, id="429"),
        pytest.param(_answer(403, x_ratelimit_remaining="0"), True, id="403, none left"),
        pytest.param(_answer(403, retry_after="1"), True, id="403, later"),
        pytest.param(_answer(503, retry_after="1"), True, id="503, later"),
    ],
)
def test_too_many_requests(answer: Answer, limited: bool) -> None:
    assert is_limited(CHECK, answer) == limited


def test_status_429_that_the_rule_reads_is_an_answer() -> None:
    assert not is_limited(CHECK._replace(live=(200, 429)), _answer(429))


def test_exhausted() -> None:
    assert is_exhausted(_answer(200, x_ratelimit_remaining="0"))
    assert not is_exhausted(_answer(200, x_ratelimit_remaining="1"))
    assert not is_exhausted(_answer(200))
