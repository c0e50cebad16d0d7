"""A question becomes the request that the rule describes, and shows nothing of the key."""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

import pytest

from scanner.liveness.request import Request, build, origin
from tests.liveness.values import question, secret

AT = datetime(2015, 8, 30, 12, 36, 0, tzinfo=UTC)
KEY = 'k/e y+"&='
PLAIN: dict[str, Any] = {"headers": (), "path": "/me"}


def _built(base: str = "https://host", companions: Any = (), **changes: Any) -> Request:
    asked = question(KEY, base=base, **(PLAIN | changes))
    return build(asked._replace(companions=companions), AT, "keysweep/9")


def test_header() -> None:
    request = _built(
        "https://host:8443/v1",
        headers=(("X-Key", "k {secret}"), ("accept", "text/plain")),
        path="/me?a=b",
    )
    assert request == Request(
        "GET",
        ("https", "host", 8443),
        "/v1/me?a=b",
        (
            ("Host", "host:8443"),
            ("User-Agent", "keysweep/9"),
            ("Accept-Encoding", "identity"),
            ("X-Key", f"k {KEY}"),
            ("accept", "text/plain"),
        ),
        None,
    )


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param(
            "application/x-www-form-urlencoded", b"t=k%2Fe+y%2B%22%26%3D&i=a%26b", id="form"
        ),
        pytest.param("application/json", b't=k/e y+\\"&=&i=a&b', id="JSON"),
        pytest.param("text/plain", b't=k/e y+"&=&i=a&b', id="text"),
    ],
)
def test_body(content_type: str, body: bytes) -> None:
    request = _built(
        method="POST",
        body="t={secret}&i={id}",
        content_type=content_type,
        companions=(("id", secret("a&b")),),
    )
    assert (request.method, request.body) == ("POST", body)
    assert dict(request.headers)["Content-Type"] == content_type


def test_path() -> None:
    assert _built(path="/bot{secret}/me").target == "/botk%2Fe%20y%2B%22%26%3D/me"


def test_basic() -> None:
    headers = dict(_built(basic="{id}:{secret}", companions=(("id", secret("me")),)).headers)
    scheme, _, sent = headers["Authorization"].partition(" ")
    assert (scheme, b64decode(sent)) == ("Basic", f"me:{KEY}".encode())


def test_signature_goes_over_what_is_sent() -> None:
    request = _built(
        sign="aws-sigv4 sts us-east-1",
        path="/?Action=GetCallerIdentity&Version=2011-06-15",
        companions=(("id", secret("AKIDEXAMPLE")), ("token", secret("the-token"))),
    )
    headers = dict(request.headers)
    assert headers["X-Amz-Date"] == "20150830T123600Z"
    assert headers["X-Amz-Security-Token"] == "the-token"
    assert headers["Authorization"].startswith(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/sts/aws4_request, "
        "SignedHeaders=host;x-amz-date;x-amz-security-token, Signature="
    )
    assert [name for name, _ in request.headers].count("Host") == 1


def test_shows_nothing() -> None:
    request = _built(path="/{secret}")
    texts = (repr(request), str(request), f"{request}", f"{request!r}", "%s" % (request,))  # noqa: UP031
    assert set(texts) == {"Request(GET host)"}


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://host", ("https", "host", 443)),
        ("http://127.0.0.1", ("http", "127.0.0.1", 80)),
        ("https://[::1]:8443/v1", ("https", "::1", 8443)),
    ],
)
def test_origin(base: str, expected: tuple[str, str, int]) -> None:
    assert origin(base) == expected
