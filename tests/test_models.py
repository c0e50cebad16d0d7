"""Values keep their promises: a Secret never shows itself, a Finding tells when it is allowed."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import pprint
import random
import string
import traceback
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.models import (
    Excerpt,
    Finding,
    Kind,
    Match,
    Place,
    Report,
    ScanInfo,
    Secret,
    Span,
    Suppression,
    Unseen,
)

CLEAR = "".join(random.Random(11).choices(string.ascii_letters + string.digits, k=40))
SECRET = Secret(CLEAR.encode(), "shown…", b"identity-" + CLEAR.encode())
SPAN = Span(1, 1, 1, 41)
EXCERPT = Excerpt("k = shown…", 4, 10)
MATCH = Match("rule", SECRET, SPAN, EXCERPT)
PLACE = Place(Kind.FILE, "a.py", SPAN, EXCERPT, (), None)
ALLOWED = Suppression("inline", "a sample", "line 1")
INFO = ScanInfo("scan", ".", "digest", "2026-01-01T00:00:00Z")


def _logged(secret: Secret) -> str:
    stream = io.StringIO()
    record = logging.makeLogRecord({"msg": "%s %r", "args": (secret, secret)})
    logging.StreamHandler(stream).emit(record)
    return stream.getvalue()


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(repr, id="repr"),
        pytest.param(str, id="str"),
        pytest.param(format, id="format"),
        pytest.param(lambda secret: f"{secret} {secret!r} {secret!s} {secret!a}", id="f-string"),
        pytest.param(lambda secret: "%s %r" % (secret, secret), id="percent"),  # noqa: UP031
        pytest.param("{0} {0!r}".format, id="str.format"),
        pytest.param(lambda secret: repr([{"a": (secret,)}]), id="inside containers"),
        pytest.param(pprint.pformat, id="pprint"),
        pytest.param(_logged, id="log record"),
        pytest.param(lambda secret: repr(MATCH._replace(secret=secret)), id="inside a match"),
        pytest.param(lambda secret: repr(Finding("r", secret, "f", (PLACE,))), id="in a finding"),
        pytest.param(lambda secret: json.dumps(secret, default=str), id="json"),
    ],
)
def test_secret_shows_only_the_redacted_form(shown: Callable[[Secret], str]) -> None:
    text = shown(SECRET)
    assert CLEAR not in text
    assert "shown" in text


def test_secret_can_be_padded_without_showing_itself() -> None:
    assert f"{SECRET:>10}" == "    shown…"


def test_traceback_with_local_variables_does_not_show_the_secret() -> None:
    def fail(secret: Secret) -> None:
        raise ValueError(f"cannot use {secret}", secret)

    try:
        fail(SECRET)
    except ValueError as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        text = "".join(told.format())
    assert "shown…" in text
    assert CLEAR not in text


def test_secret_is_not_serialised_by_accident() -> None:
    with pytest.raises(TypeError):
        json.dumps(SECRET)
    assert not hasattr(SECRET, "__dict__")


def test_secret_reveals_itself_when_asked_by_name() -> None:
    assert SECRET.reveal() == CLEAR.encode()
    assert SECRET.redacted == "shown…"
    assert Secret(b"abc", "x").identity == b"abc"


@given(st.binary(), st.text(), st.none() | st.binary())
def test_secret_survives_pickle_and_copy(
    value: bytes, redacted: str, identity: bytes | None
) -> None:
    secret = Secret(value, redacted, identity)
    for other in (pickle.loads(pickle.dumps(secret)), copy.deepcopy(secret)):  # noqa: S301
        assert (other.reveal(), other.redacted, other.identity) == (
            secret.reveal(),
            secret.redacted,
            secret.identity,
        )
        assert other == secret


@given(st.binary(), st.binary(), st.text(), st.text())
def test_secrets_are_equal_by_identity_alone(one: bytes, two: bytes, x: str, y: str) -> None:
    assert (Secret(one, x) == Secret(two, x)) is (one == two)
    assert Secret(one, x, b"same") == Secret(two, y, b"same")
    assert hash(Secret(one, x, b"same")) == hash(Secret(two, y, b"same"))


@pytest.mark.parametrize("other", [CLEAR, CLEAR.encode(), None, "shown…"], ids=repr)
def test_secret_equals_nothing_but_secrets(other: object) -> None:
    assert Secret(CLEAR.encode(), "shown…") != other


@pytest.mark.parametrize(
    ("suppressed", "expected"),
    [
        pytest.param([None], None, id="nowhere"),
        pytest.param([ALLOWED, None], None, id="at the first place only"),
        pytest.param([None, ALLOWED], None, id="at the last place only"),
        pytest.param([ALLOWED], ALLOWED, id="at its only place"),
        pytest.param([ALLOWED, ALLOWED._replace(by="x")], ALLOWED, id="everywhere"),
    ],
)
def test_finding_is_suppressed_when_all_its_places_are(
    suppressed: list[Suppression | None], expected: Suppression | None
) -> None:
    places = tuple(PLACE._replace(suppressed=one) for one in suppressed)
    assert Finding("rule", SECRET, "v1:", places).suppressed == expected


@pytest.mark.parametrize(
    ("not_seen", "skipped", "interrupted", "complete"),
    [
        pytest.param((Unseen("a", "unreadable"),), (), False, False, id="a gap"),
        pytest.param((), (), True, False, id="interrupted"),
        pytest.param((), (Unseen("a", "too large"),), False, True, id="skipped by policy"),
        pytest.param((), (), False, True, id="everything seen"),
    ],
)
def test_report_is_complete_when_nothing_asked_for_was_left_out(
    not_seen: tuple[Unseen, ...], skipped: tuple[Unseen, ...], interrupted: bool, complete: bool
) -> None:
    report = Report(INFO, (), not_seen, skipped, 1, 1, 0.1, interrupted)
    assert report.complete is complete


@pytest.mark.parametrize("value", [MATCH, PLACE, SPAN, EXCERPT, INFO, ALLOWED], ids=type)
def test_values_are_frozen(value: tuple[object, ...]) -> None:
    with pytest.raises(AttributeError):
        setattr(value, value._fields[0], None)  # type: ignore[attr-defined]
