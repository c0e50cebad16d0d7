"""What an answer says of a key; the answers of the documented APIs are in test_check.py."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.liveness.answer import Answer
from scanner.liveness.verdict import of
from scanner.models import Verdict
from scanner.positions import harmless
from tests.liveness.values import key, question, secret

AT = "2026-01-01T00:00:00Z"
KEY = key("it")
JSON = {"content-type": "application/json"}


def _said(status: int, content: object, **changes: Any) -> tuple[Verdict, str]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    known = of(question(KEY, **changes), Answer(status, JSON, body), AT)
    assert known.checked_at == AT
    return known.verdict, known.reason


UNSAID = "the answer says neither that the key is live nor that it is not"
UNREAD = "the answer is no whole JSON and cannot be read"
DEAD = "revoked, mistyped or never valid, says provider.example"


@pytest.mark.parametrize(
    ("status", "content", "verdict", "reason"),
    [
        pytest.param(200, {"ok": False, "error": "new"}, "unknown", UNSAID, id="another error"),
        pytest.param(200, {}, "unknown", UNSAID, id="nothing said"),
        pytest.param(200, [], "unknown", UNSAID, id="a list"),
        pytest.param(200, b"<html>", "unknown", UNREAD, id="a page"),
        pytest.param(200, b"[" * 100_000, "unknown", UNREAD, id="deep"),
        pytest.param(200, {"ok": False, "error": "revoked"}, "rejected", DEAD, id="said"),
        pytest.param(400, {"error": "revoked"}, "rejected", DEAD, id="said with 400"),
        pytest.param(
            500, {"error": "revoked"}, "unknown", "the server failed (status 500)", id="500"
        ),
        pytest.param(200, {"ok": True}, "live", "accepted", id="live"),
    ],
)
def test_answers_that_say_it_in_their_content(
    status: int, content: object, verdict: str, reason: str
) -> None:
    changes = {"live_if": "ok", "rejected_if": (("error", ("revoked", "invalid")),), "live": (200,)}
    assert _said(status, content, **changes) == (verdict, reason)


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        pytest.param({"data": {"id": None}}, "rejected", id="null"),
        pytest.param({"data": {"id": ""}}, "rejected", id="empty"),
        pytest.param({"data": []}, "rejected", id="another kind"),
        pytest.param({"data": {"id": "u1"}}, "live", id="there"),
    ],
)
def test_same_status_for_both(content: object, verdict: str) -> None:
    assert _said(200, content, live_if="data.id", rejected=(200, 401))[0] == verdict


def test_values_in_lists_and_numbers() -> None:
    changes: dict[str, Any] = {"rejected_if": (("errors.0.code", ("89",)),)}
    assert _said(403, {"errors": [{"code": 89}]}, **changes)[0] == "rejected"
    assert _said(403, {"errors": [{"code": 88}]}, **changes)[0] == "live"
    assert _said(403, {"errors": []}, **changes)[0] == "live"


@pytest.mark.parametrize(
    ("status", "reason"),
    [(201, "accepted"), (422, "accepted (status 422)")],
)
def test_other_statuses_that_mean_live(status: int, reason: str) -> None:
    assert _said(status, {}, live=(201, 422)) == (Verdict.LIVE, reason)


def test_answer_without_json_is_judged_by_its_status() -> None:
    plain = Answer(200, {"content-type": "text/plain"}, b"hello")
    assert of(question(KEY), plain, AT).verdict is Verdict.LIVE
    assert of(question(KEY), Answer(204, JSON, b""), AT).verdict is Verdict.LIVE
    head = question(KEY, method="HEAD", details=(("a", "b"),))
    assert of(head, Answer(200, JSON, b""), AT).verdict is Verdict.LIVE
    told = question(KEY, details=(("a", "b"),))
    assert of(told, plain, AT).verdict is Verdict.UNKNOWN


def test_answer_that_is_too_long_is_judged_by_its_status_where_that_decides() -> None:
    long = Answer(200, JSON, b'{"ok": true, "a": "', whole=False)
    told = of(question(KEY, details=(("a", "a"),)), long, AT)
    assert (told.verdict, told.details) == (Verdict.LIVE, ())
    deciding = of(question(KEY, live_if="ok"), long, AT)
    assert (deciding.verdict, deciding.reason) == (
        Verdict.UNKNOWN,
        "the answer is too long and cannot be read",
    )


def test_key_that_may_be_good_elsewhere_is_rejected_by_its_own_endpoint_alone() -> None:
    answer = Answer(401, JSON, b"{}")
    anywhere = of(question(KEY, named=False, elsewhere=True), answer, AT)
    assert (anywhere.verdict, anywhere.reason) == (
        Verdict.UNKNOWN,
        "rejected here, but it may be good elsewhere: --endpoint byteengine=URL asks there",
    )
    assert of(question(KEY, elsewhere=True), answer, AT).verdict is Verdict.REJECTED


def _detail(value: object, *personal: str, **more: Any) -> str | None:
    asked = question(KEY, details=(("it", "a.0.b"),), personal=personal)._replace(**more)
    body = json.dumps({"a": [{"b": value}]}).encode()
    return dict(of(asked, Answer(200, JSON, body), AT).details).get("it")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(None, None, id="null"),
        pytest.param({"c": 1}, None, id="object"),
        pytest.param("", None, id="empty"),
        pytest.param(7, "7", id="number"),
        pytest.param(True, "true", id="boolean"),
        pytest.param(["read", {}, "write"], "read, write", id="list"),
        pytest.param("\x1b]0;x\x07\u202e", "\\x1b]0;x\\x07\\u202e", id="escapes"),
        pytest.param("a\ud800b", "a?b", id="half a character"),
        pytest.param("y" * 101, "y" * 99 + "…", id="long"),
        pytest.param(f"key {KEY}.", f"key {secret(KEY).redacted}.", id="the key"),
        pytest.param(f"key {KEY[5:20]}", "key *****", id="a part of the key"),
    ],
)
def test_detail(value: object, shown: str | None) -> None:
    assert _detail(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Ada Lovelace", "Ad… Lo…"),
        ("ada@example.org", "ad…@ex…"),
        ("Al", "…"),
        ("octocat", "oc…"),
    ],
)
def test_personal_detail(value: str, shown: str) -> None:
    assert _detail(value, "it") == shown


def test_companion_that_comes_back_is_hidden() -> None:
    other = key("other")
    shown = _detail(f"for {other}", companions=(("id", secret(other)),))
    assert shown == f"for {secret(other).redacted}"


def test_rejected_key_has_no_details() -> None:
    asked = question(KEY, details=(("it", "a"),))
    assert of(asked, Answer(401, JSON, b'{"a": "b"}'), AT).details == ()


@given(
    st.sampled_from([200, 301, 400, 401, 402, 403, 404, 500]),
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
        ),
    ).map(lambda content: json.dumps(content).encode()),
    st.booleans(),
)
def test_any_answer_is_borne(status: int, body: bytes, whole: bool) -> None:
    asked = question(
        KEY,
        live_if="a.b",
        rejected_if=(("b.0.a", ("x",)),),
        details=(("one", "a.b.0"), ("two", "header X"), ("three", "b")),
        personal=("three",),
    )
    known = of(asked, Answer(status, JSON, body, whole), AT)
    assert known.verdict is not Verdict.NOT_CHECKED
    assert all(0 < len(text) <= 100 and text == harmless(text) for _, text in known.details)
