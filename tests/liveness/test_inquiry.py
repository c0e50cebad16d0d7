"""Many questions at once: tries, pauses, bounds. Real requests are in test_check.py."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from scanner.liveness.answer import Answer, Failure
from scanner.liveness.inquiry import Bounds, Inquiry
from scanner.liveness.questions import Question
from scanner.models import Liveness, Verdict
from tests.liveness.values import key, question

BOUNDS = Bounds(for_request=1.0, for_all=10.0, per_host=4, overall=6)
LIVE = Answer(200, {}, b"{}")
AGAIN, FINAL = Failure("connection reset", again=True), Failure("no", again=False)
Came = Answer | Failure


class _Sender:
    """Gives its answers one after the other, the last for ever, and counts."""

    def __init__(self, *came: Came, seconds: float = 0.0) -> None:
        self._came, self._seconds = list(came), seconds
        self._lock = threading.Lock()
        self._now: dict[str, int] = {}
        self.calls = 0
        self.most = 0
        self.most_of_one = 0

    def __call__(self, asked: Question, _: float) -> Came:
        with self._lock:
            self.calls += 1
            self._now[asked.base] = self._now.get(asked.base, 0) + 1
            self.most = max(self.most, sum(self._now.values()))
            self.most_of_one = max(self.most_of_one, *self._now.values())
            came = self._came.pop(0) if len(self._came) > 1 else self._came[0]
        time.sleep(self._seconds)
        with self._lock:
            self._now[asked.base] -= 1
        return came


def _learnt(
    send: Callable[[Question, float], Came], *asked: Question, bounds: Bounds = BOUNDS
) -> dict[Question, Liveness]:
    return dict(Inquiry(asked or [question(key(1))], send, bounds).learnt())


@pytest.mark.parametrize(
    ("came", "calls", "reason"),
    [
        pytest.param([FINAL], 1, "no", id="not worth another try"),
        pytest.param([AGAIN], 3, "connection reset", id="three tries"),
        pytest.param([AGAIN, FINAL], 2, "no", id="then not worth it"),
        pytest.param([Answer(404, {}, b"")], 1, None, id="404"),
        pytest.param([AGAIN, AGAIN, LIVE], 3, "accepted", id="live at last"),
        pytest.param([Answer(502, {}, b""), LIVE], 2, "accepted", id="after 502"),
        pytest.param([Answer(429, {}, b""), LIVE], 2, "accepted", id="after 429"),
    ],
)
def test_tries(came: list[Came], calls: int, reason: str | None) -> None:
    send = _Sender(*came)
    (known,) = _learnt(send).values()
    assert send.calls == calls
    assert reason in (None, known.reason)


def test_status_of_500_that_the_rule_reads_is_no_failure() -> None:
    send = _Sender(Answer(500, {}, b""))
    (known,) = _learnt(send, question(key(1), rejected=(500,))).values()
    assert (known.verdict, send.calls) == (Verdict.REJECTED, 1)


def test_server_that_always_says_at_once_is_not_pestered() -> None:
    send = _Sender(Answer(429, {"retry-after": "0"}, b""))
    (known,) = _learnt(send, bounds=BOUNDS._replace(for_all=1.5)).values()
    assert known.verdict is Verdict.UNKNOWN
    assert send.calls < 8


def test_last_request_of_a_window_stops_the_others_until_it_is_over() -> None:
    send = _Sender(
        Answer(200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, b"{}"), LIVE
    )
    asked = [question(key(number), rate_per_key=(), rate="1000/1s") for number in range(2)]
    began = time.monotonic()
    known = _learnt(send, *asked, bounds=BOUNDS._replace(per_host=1))
    assert {one.verdict for one in known.values()} == {Verdict.LIVE}
    assert 0.9 < time.monotonic() - began < 4


def test_bounds_of_requests_at_once() -> None:
    send = _Sender(LIVE, seconds=0.02)
    asked = [
        question(key(number), base=f"https://{number % 3}.example", rate="1000/1s")
        for number in range(60)
    ]
    known = _learnt(send, *asked)
    assert (len(known), send.calls) == (60, 60)
    assert send.most == BOUNDS.overall
    assert send.most_of_one <= BOUNDS.per_host


def test_request_that_hangs_is_not_waited_for() -> None:
    send = _Sender(LIVE, seconds=3.0)
    began = time.monotonic()
    (known,) = _learnt(send, bounds=BOUNDS._replace(for_request=0.1, for_all=1.0)).values()
    assert (known.verdict, known.reason) == (Verdict.UNKNOWN, "no answer in time")
    assert time.monotonic() - began < 2


def test_order_in_which_questions_were_put_is_that_of_asking() -> None:
    order: list[Question] = []

    def send(asked: Question, seconds: float) -> Came:
        order.append(asked)
        return LIVE

    asked = [question(key(number)) for number in range(20)]
    _learnt(send, *asked, bounds=BOUNDS._replace(per_host=1))
    assert order == asked
