"""Whatever a report has to say, no field of its SARIF tells the secret, however written."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.fingerprints import fingerprint, redact
from scanner.models import (
    Commit,
    Excerpt,
    Finding,
    Kind,
    LineHash,
    Place,
    Report,
    ScanInfo,
    Secret,
    Span,
    Suppression,
    Unseen,
)
from scanner.redaction import hidden
from scanner.reports.sarif import render
from scanner.rules import Rule

Rules = Mapping[str, Rule]
ALPHABET = string.ascii_letters + string.digits + "_-+/="
PIECE = 8  # characters in a row; the redacted form shows five and two
LONGER = 16  # of an encoded form, which says less a character


def _base64(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


FORMS: list[Callable[[bytes], str]] = [
    lambda secret: secret.decode(),
    lambda secret: quote(secret, safe=""),
    lambda secret: "".join(f"%{byte:02X}" for byte in secret),
    lambda secret: "".join(f"%{byte:02x}" for byte in secret),
    lambda secret: secret.hex(),
    lambda secret: secret.hex().upper(),
    _base64,
    lambda secret: _base64(secret).rstrip("="),
    lambda secret: base64.urlsafe_b64encode(secret).decode(),
]
INSIDE: list[Callable[[bytes], str]] = [  # in what else may be said with them
    lambda secret: _base64(b"u:" + secret),
    lambda secret: _base64(b"u::" + secret),
    lambda secret: "0" + secret.hex(),
    lambda secret: secret[3:-3].decode(),
    lambda secret: secret[:12].decode(),
]


@st.composite
def secrets(draw: st.DrawFn) -> bytes:
    """Random ones: of a run of one letter, any text could be a piece."""
    seed, length = draw(st.integers(0, 2**32)), draw(st.integers(20, 80))
    return "".join(random.Random(seed).choices(ALPHABET, k=length)).encode()


def _texts(secret: bytes, forms: list[Callable[[bytes], str]]) -> st.SearchStrategy[str]:
    """Texts in which there may be a form of the secret, with a blank around it."""
    said = st.sampled_from([f" {form(secret)} " for form in forms])
    return st.lists(st.text(max_size=20) | said, max_size=5).map("".join)


@st.composite
def reports(draw: st.DrawFn) -> tuple[bytes, Report]:
    """A secret, and a report that tells it wherever a text may stand."""
    secret, guessable = draw(secrets()), draw(st.booleans())
    text, path = _texts(secret, FORMS + INSIDE), _texts(secret, FORMS)
    reason = st.none() | text
    given_ = st.none() | st.builds(Suppression, st.just("inline"), reason, st.just("line 3"))
    excerpt = st.tuples(text, text, text).map(
        lambda parts: Excerpt("".join(parts), len(parts[0]), len(parts[0] + parts[1]))
    )
    commit = st.builds(
        Commit, st.just("c" * 40), text, text, st.just("2026-01-02T03:04:05Z"), text,
        head_paths=st.tuples(path), refs=st.tuples(text),
    )  # fmt: skip
    place = st.builds(
        Place, st.sampled_from(Kind), path, st.just(Span(1, 2, 3, 4)), excerpt,
        st.lists(st.sampled_from(["percent", "escapes", "base64"]), max_size=3).map(tuple),
        given_, st.none() | commit, st.none() | st.just("b" * 40), given_,
        st.builds(LineHash, st.just("abc"), st.integers(1, 9), st.booleans()),
    )  # fmt: skip
    places = draw(st.lists(place, min_size=1, max_size=4).map(tuple))
    unseen = st.lists(st.builds(Unseen, path, text), max_size=2).map(tuple)
    shown = Secret(secret, redact(secret, guessable=guessable))
    name = fingerprint("byteengine", secret)
    finding = Finding("byteengine-api-key", shown, name, places)
    info = ScanInfo("scan", "/tree", "d" * 64, "2026-01-02T03:04:05Z")
    return secret, Report(info, (finding,), draw(unseen), draw(unseen), 1, 1, 0.5)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        yield unquote(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _pieces(text: str, length: int) -> set[str]:
    return {text[at : at + length] for at in range(len(text) - length + 1)}


@given(drawn=reports())
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_field_tells_the_secret(rules_by_id: Rules, drawn: tuple[bytes, Report]) -> None:
    secret, report = drawn
    said = "\n".join(_strings(json.loads("".join(render(hidden(report), rules_by_id, "1")))))
    shown = {piece for piece in _pieces(secret.decode(), PIECE) if piece in said}
    for form in FORMS[1:] + INSIDE[:3]:
        shown |= {piece for piece in _pieces(form(secret), LONGER) if piece in said}
    assert shown == set()
