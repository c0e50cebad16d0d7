"""A question as the HTTP request to send."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, quote_plus, urlsplit

from scanner.liveness.questions import Question
from scanner.liveness.signing import Credentials, Unsigned, signed

_PLACE = re.compile(r"\{(\w+)\}")
_PORTS = {"https": 443, "http": 80}
_FORM = "application/x-www-form-urlencoded"

Origin = tuple[str, str, int]  # scheme, host, port


class Request(NamedTuple):
    """A request with everything in it, the key too: it shows itself by method and host alone."""

    method: str
    origin: Origin
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None

    def __repr__(self) -> str:
        return f"Request({self.method} {self.origin[1]})"


def origin(base: str) -> Origin:
    """Scheme, host (without brackets) and port of a base URL."""
    parts = urlsplit(base)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]


def build(question: Question, at: datetime, agent: str) -> Request:
    """The request that asks a question; a signature is dated `at`, and we are `agent`.

    The question's secrets are printable ASCII, as `questions.ask_of` sees to.
    """
    check = question.check
    given = {name: secret.reveal().decode() for name, secret in question.companions}
    given["secret"] = question.secret.reveal().decode()
    target = urlsplit(question.base).path + _filled(check.path, given, _quoted)
    body = None
    if check.body is not None:
        body = _filled(check.body, given, _escape(check.content_type or "")).encode()
    place = origin(question.base)
    request = Request(check.method, place, target, _headers(question, given, agent), body)
    return _signed(request, check.sign, given, at) if check.sign else request


def _headers(
    question: Question, given: Mapping[str, str], agent: str
) -> tuple[tuple[str, str], ...]:
    check = question.check
    headers = {
        "Host": urlsplit(question.base).netloc,
        "User-Agent": agent,
        "Accept": "application/json",
        "Accept-Encoding": "identity",  # so that nothing unpacks to more than was read
    }
    if check.content_type is not None:
        headers["Content-Type"] = check.content_type
    if check.basic is not None:
        user = _filled(check.basic, given, str).encode()
        headers["Authorization"] = "Basic " + base64.b64encode(user).decode()
    for name, value in check.headers:
        headers.pop(name.title(), None)
        headers[name] = _filled(value, given, str)
    return tuple(headers.items())


def _signed(request: Request, sign: str, given: Mapping[str, str], at: datetime) -> Request:
    _, service, region = sign.split()
    credentials = Credentials(given["id"], given["secret"], given.get("token"), service, region)
    kept = tuple(pair for pair in request.headers if pair[0] in ("Host", "Content-Type"))
    told = signed(Unsigned(request.method, request.target, kept, request.body), credentials, at)
    return request._replace(headers=(*request.headers, *told))


def _filled(template: str, given: Mapping[str, str], escape: Callable[[str], str]) -> str:
    return _PLACE.sub(lambda found: escape(given[found[1]]), template)


def _quoted(text: str) -> str:
    return quote(text, safe=":")  # which Telegram wants to see as it is


def _escape(content_type: str) -> Callable[[str], str]:
    """How a value is written in a body of that type."""
    if content_type.startswith(_FORM):
        return quote_plus
    return _in_json if "json" in content_type else str


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]
