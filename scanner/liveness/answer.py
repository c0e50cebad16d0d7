"""What comes back from a request: an answer, or a failure to get one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Answer(NamedTuple):
    """An HTTP answer. The names of `headers` are in lower case.

    It is `whole` unless the body was longer than what is read of it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool = True


class Failure(NamedTuple):
    """Why there is no answer, in words that hold nothing of the request.

    `again` tells whether another try might get one.
    """

    reason: str
    again: bool
