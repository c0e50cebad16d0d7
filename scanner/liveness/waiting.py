"""How long a server asks us to wait, as far as its answer tells."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from scanner.liveness.answer import Answer
from scanner.rules import Check

_TOO_MANY = 429
_FORBIDDEN = 403
_UNAVAILABLE = 503
_RESETS = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset")
_REMAINS = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")
_LONGEST = 10**8  # seconds; a greater number is a time since 1970, in seconds
_DIGITS = 18  # of a number that may be meant
_MILLISECONDS = 10**11  # and from here on in milliseconds


def is_limited(check: Check, answer: Answer) -> bool:
    """Whether the answer says that there were too many requests, and so nothing of the key.

    GitHub says so with 403 when `X-RateLimit-Remaining` is 0, or when it has `Retry-After`:
    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api.
    """
    if answer.status == _TOO_MANY:
        return _TOO_MANY not in (*check.live, *check.rejected)
    if answer.status in (_FORBIDDEN, _UNAVAILABLE) and "retry-after" in answer.headers:
        return True
    return answer.status == _FORBIDDEN and is_exhausted(answer)


def is_exhausted(answer: Answer) -> bool:
    """Whether the next request would be one too many."""
    return _number(answer.headers, _REMAINS) == 0


def seconds(answer: Answer, now: float) -> float | None:
    """How long to wait before the next request; nothing when the answer does not tell.

    `now` is the time in seconds since 1970, used where the server does not tell its own.
    `Retry-After` is seconds or a date (RFC 9110 10.2.3), `X-RateLimit-Reset` a time since 1970 or,
    as `RateLimit-Reset` of the IETF's drafts, seconds from now.
    """
    now = _date(answer.headers.get("date", "")) or now
    after = answer.headers.get("retry-after", "").strip()
    if (plain := _float(after)) is not None:
        return plain
    if (date := _date(after)) is not None:
        return max(0.0, date - now)
    reset = _number(answer.headers, _RESETS)
    if reset is None:
        return None
    if reset >= _MILLISECONDS:
        reset /= 1000
    return reset if reset < _LONGEST else max(0.0, reset - now)


def _number(headers: Mapping[str, str], names: tuple[str, ...]) -> float | None:
    values = (_float(headers.get(name, "").strip()) for name in names)
    return next((value for value in values if value is not None), None)


def _float(text: str) -> float | None:
    digits = text.replace(".", "", 1)
    plain = digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS
    return float(text) if plain else None


def _date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):  # not there, or no date
        return None
