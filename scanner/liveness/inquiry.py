"""Asks many questions, each once: as fast as the servers allow, for as long as there is time."""

from __future__ import annotations

import math
import queue
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import NamedTuple

from scanner.liveness import verdict, waiting
from scanner.liveness.answer import Answer, Failure
from scanner.liveness.client import THREADS
from scanner.liveness.lane import Attempt, Lane
from scanner.liveness.questions import Question
from scanner.liveness.request import Origin, origin
from scanner.models import Liveness, Verdict

Send = Callable[[Question, float], Answer | Failure]
Learnt = tuple[Question, Liveness]

NO_TIME = "no time left"
_TRIES = 3
_FRUITLESS = 5  # questions without any answer after which a server is left alone
_FIRST_PAUSE = 0.5  # seconds; doubled with each further try
_LONGEST_PAUSE = 60.0
_GRACE = 0.5  # seconds that a request may overrun, until it is no longer waited for
_LOOK = 0.5  # seconds: on Windows nothing interrupts a longer wait


class Bounds(NamedTuple):
    """Seconds for one request and for all together; requests at once to one server and in all."""

    for_request: float
    for_all: float
    per_host: int
    overall: int


class _Sent(NamedTuple):
    lane: Lane
    attempt: Attempt
    overdue_at: float


class Inquiry:
    """Questions under way. One thread decides, and each request has a thread of its own: one
    that hangs (nothing ends a name's resolution early) holds up nothing else."""

    def __init__(self, questions: Iterable[Question], send: Send, bounds: Bounds) -> None:
        """`send` gets a question and seconds, in a thread named as `client.THREADS` says."""
        self._send, self._bounds = send, bounds
        self._ends = time.monotonic() + bounds.for_all
        by_origin: dict[Origin, list[Question]] = {}
        for question in questions:
            by_origin.setdefault(origin(question.base), []).append(question)
        self._lanes = [Lane(asked, bounds.per_host) for asked in by_origin.values()]
        self._numbers = count()
        self._sent: dict[int, _Sent] = {}
        self._came: queue.SimpleQueue[tuple[int, Answer | Failure]] = queue.SimpleQueue()

    def learnt(self) -> Iterator[Learnt]:
        """Each question with what was learnt, in the order in which that happens."""
        while self._sent or any(self._lanes):
            now = time.monotonic()
            if now >= self._ends:
                yield from self._out_of_time()
                return
            yield from self._hopeless()
            yield from self._received(self._launched(now) - now)
            yield from self._overdue()

    def _launched(self, now: float) -> float:
        """Starts what may go, and tells when to look again."""
        soonest = min([self._ends, *(sent.overdue_at for sent in self._sent.values())])
        for lane in self._lanes:
            while len(self._sent) < self._bounds.overall:
                at = lane.next_at(now)
                if at > now:
                    soonest = min(soonest, at)
                    break
                self._start(lane, now)
        return soonest

    def _start(self, lane: Lane, now: float) -> None:
        attempt, number = lane.begin(), next(self._numbers)
        seconds = min(self._bounds.for_request, self._ends - now)
        self._sent[number] = _Sent(lane, attempt, now + seconds + _GRACE)
        threading.Thread(
            target=self._work,
            args=(number, attempt.question, seconds),
            name=f"{THREADS}-{number}",
            daemon=True,  # one that hangs must not keep the process from its end
        ).start()

    def _work(self, number: int, question: Question, seconds: float) -> None:
        try:
            came = self._send(question, seconds)
        except Exception as error:  # noqa: BLE001 - a traceback in a thread could show the key
            came = Failure(f"internal error ({type(error).__name__})", again=False)
        self._came.put((number, came))

    def _received(self, patience: float) -> Iterator[Learnt]:
        """What comes in until the patience (seconds) is over; all that is there already."""
        try:
            came = self._came.get(timeout=min(max(patience, 0.0), _LOOK))
            while True:
                yield from self._judged(*came)
                came = self._came.get_nowait()
        except queue.Empty:
            return

    def _judged(self, number: int, came: Answer | Failure) -> Iterator[Learnt]:
        sent = self._sent.pop(number, None)
        if sent is None:  # it was overdue, and is no longer waited for
            return
        now = time.monotonic()
        sent.lane.end(sent.attempt, now)
        known = (
            self._failed(sent, came) if isinstance(came, Failure) else self._answered(sent, came)
        )
        if known:
            yield sent.attempt.question, known

    def _failed(self, sent: _Sent, failure: Failure) -> Liveness | None:
        if failure.again and self._retried(sent):
            return None
        sent.lane.fruitless += 1
        return _unknown(failure.reason)

    def _answered(self, sent: _Sent, answer: Answer) -> Liveness | None:
        sent.lane.fruitless = 0
        question = sent.attempt.question
        pause = waiting.seconds(answer, time.time())
        if waiting.is_limited(question.check, answer):
            return self._postponed(sent, pause)
        if pause is not None and waiting.is_exhausted(answer):
            self._pause(sent, pause)
        known = (*question.check.live, *question.check.rejected)
        if answer.status >= 500 and answer.status not in known and self._retried(sent):
            return None
        try:
            return verdict.of(question, answer, _now())
        except Exception as error:  # noqa: BLE001 - one odd answer must not cost the others
            return _unknown(f"internal error ({type(error).__name__})")

    def _retried(self, sent: _Sent) -> bool:
        """Lets a question wait for another try, if it may have one."""
        tries = sent.attempt.tries + 1
        at = time.monotonic() + _back_off(tries)
        if tries >= _TRIES or at >= self._ends:
            return False
        sent.lane.again(sent.attempt._replace(tries=tries), at)
        return True

    def _postponed(self, sent: _Sent, pause: float | None) -> Liveness | None:
        """Waits as the server says, or longer and longer where it does not say."""
        waits = sent.attempt.waits + 1
        own = _back_off(waits)
        pause = own if pause is None else max(pause, own / 5)  # it may say 0 for ever
        until = time.monotonic() + pause
        self._pause(sent, pause)
        if until >= self._ends:
            return _unknown(f"too many requests: to be asked again in {math.ceil(pause)} s")
        sent.lane.again(sent.attempt._replace(waits=waits), until)
        return None

    def _pause(self, sent: _Sent, pause: float) -> None:
        if not sent.attempt.question.check.rate_per_key:  # otherwise it is this key's count
            sent.lane.pause(time.monotonic() + pause)

    def _hopeless(self) -> Iterator[Learnt]:
        """Gives up servers that answer nothing, or want a longer pause than there is time."""
        for lane in self._lanes:
            if lane.fruitless >= _FRUITLESS:
                reason = "the server did not answer other requests"
            elif lane.paused_until >= self._ends:
                reason = "too many requests: the server asks for a longer pause than there is time"
            else:
                continue
            yield from ((question, _unknown(reason)) for question in lane.emptied())

    def _overdue(self) -> Iterator[Learnt]:
        now = time.monotonic()
        for number, sent in list(self._sent.items()):
            if sent.overdue_at <= now:
                yield from self._judged(number, Failure("no answer in time", again=False))

    def _out_of_time(self) -> Iterator[Learnt]:
        questions = [sent.attempt.question for sent in self._sent.values()]
        for lane in self._lanes:
            questions += lane.emptied()
        self._sent.clear()
        yield from ((question, _unknown(NO_TIME)) for question in questions)


def _back_off(number: int) -> float:
    """Seconds before the nth further try, spread so that not all come back at once."""
    longest = min(_FIRST_PAUSE * 2.0 ** (number - 1), _LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - nothing secret


def _unknown(reason: str) -> Liveness:
    return Liveness(Verdict.UNKNOWN, reason, _now())


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
