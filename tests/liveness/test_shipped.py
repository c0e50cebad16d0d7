"""The shipped checks read their providers' documented answers as they are meant."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from scanner import rulefiles
from scanner.liveness import verdict
from scanner.liveness.answer import Answer
from scanner.liveness.questions import Question, ask_of
from scanner.models import Liveness, Secret, Verdict
from scanner.rules import Rule, files_in, shipped
from tests.liveness.values import finding, key

LIVE, REJECTED, UNKNOWN = Verdict.LIVE, Verdict.REJECTED, Verdict.UNKNOWN
_AT = "2026-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def read() -> dict[str, Rule]:
    """The shipped rules, by id."""
    return rulefiles.read(files_in(shipped()), thorough=False).by_id()


def _answered(rule: Rule, status: int, content: object, *, named: bool = False) -> Liveness:
    check = rule.liveness
    assert check is not None
    secret = Secret(b"not-a-key", "not-…")
    question = Question(check, rule.id, secret, (), check.base, named)
    headers = {"content-type": "application/json"}
    return verdict.of(question, Answer(status, headers, json.dumps(content).encode()), _AT)


def _error(code: str) -> object:
    return {"error": {"code": code, "message": "No."}}


@pytest.mark.parametrize(
    ("rule_id", "status", "content", "expected"),
    [
        pytest.param("byteengine-api-key", 401, _error("unauthorized"), REJECTED, id="be 401"),
        pytest.param("byteengine-api-key", 403, _error("forbidden"), LIVE, id="be 403"),
        pytest.param("byteengine-api-key", 200, [], LIVE, id="be 200"),
        pytest.param("byteengine-api-key", 500, {}, UNKNOWN, id="be 500"),
        pytest.param("byteengine-api-key", 302, {}, UNKNOWN, id="be redirect"),
        pytest.param("bytestack-api-key", 401, {}, REJECTED, id="bytestack 401"),
        pytest.param("bytestack-api-key", 402, {}, LIVE, id="bytestack 402"),
        pytest.param("bytestack-api-key", 403, {}, LIVE, id="bytestack 403"),
        pytest.param(
            "github-personal-access-token", 401, {"message": "Bad"}, REJECTED, id="github 401"
        ),
        pytest.param(
            "github-personal-access-token", 403, {"message": "Try later"}, UNKNOWN, id="github 403"
        ),
        pytest.param("slack-bot-token", 200, {"ok": True, "team": "T"}, LIVE, id="slack ok"),
        pytest.param(
            "slack-bot-token", 200, {"ok": False, "error": "invalid_auth"}, REJECTED, id="slack no"
        ),
        pytest.param(
            "slack-bot-token", 200, {"ok": False, "error": "fatal_error"}, UNKNOWN, id="slack fails"
        ),
        pytest.param("stripe-secret-key", 403, _error("x"), LIVE, id="stripe restricted"),
        pytest.param("openai-api-key", 401, _error("invalid_api_key"), REJECTED, id="openai bad"),
        pytest.param(
            "openai-api-key",
            401,
            {"error": {"code": None, "message": "Missing scopes: api.model.read"}},
            UNKNOWN,
            id="openai without a scope",
        ),
        pytest.param(
            "aws-secret-access-key",
            403,
            {"Error": {"Code": "InvalidClientTokenId"}},
            REJECTED,
            id="aws no such key",
        ),
        pytest.param(
            "aws-secret-access-key",
            403,
            {"Error": {"Code": "SignatureDoesNotMatch"}},
            UNKNOWN,
            id="aws another key's id",
        ),
        pytest.param("resend-api-key", 403, {"name": "invalid_api_key"}, REJECTED, id="resend bad"),
        pytest.param(
            "resend-api-key", 401, {"name": "restricted_api_key"}, LIVE, id="resend sends only"
        ),
        pytest.param("figma-token", 403, {"err": "Invalid token"}, REJECTED, id="figma bad"),
        pytest.param("figma-token", 403, {"err": "Invalid scope"}, UNKNOWN, id="figma scope"),
        pytest.param(
            "elevenlabs-api-key",
            401,
            {"detail": {"status": "invalid_api_key"}},
            REJECTED,
            id="elevenlabs bad",
        ),
        pytest.param(
            "elevenlabs-api-key",
            401,
            {"detail": {"status": "missing_permissions"}},
            UNKNOWN,
            id="elevenlabs permission",
        ),
        pytest.param(
            "vercel-token",
            403,
            {"error": {"code": "forbidden", "invalidToken": True}},
            REJECTED,
            id="vercel bad",
        ),
        pytest.param("vercel-token", 403, _error("forbidden"), UNKNOWN, id="vercel team"),
        pytest.param(
            "mapbox-secret-token", 200, {"code": "TokenRevoked"}, REJECTED, id="mapbox revoked"
        ),
        pytest.param(
            "mapbox-secret-token",
            200,
            {"code": "TokenValid", "token": {"user": "u"}},
            LIVE,
            id="mapbox valid",
        ),
        pytest.param(
            "linear-api-key",
            400,
            {"errors": [{"extensions": {"code": "AUTHENTICATION_ERROR"}}]},
            REJECTED,
            id="linear bad",
        ),
        pytest.param(
            "linear-api-key", 200, {"data": {"viewer": {"id": "1"}}}, LIVE, id="linear good"
        ),
        pytest.param(
            "linode-access-token",
            401,
            {"errors": [{"reason": "Invalid Token"}]},
            REJECTED,
            id="linode bad",
        ),
        pytest.param(
            "linode-access-token",
            401,
            {"errors": [{"reason": "Your OAuth token is not authorized to use this endpoint."}]},
            UNKNOWN,
            id="linode scope",
        ),
        pytest.param(
            "vultr-api-key", 401, {"error": "Unauthorized IP address"}, UNKNOWN, id="vultr address"
        ),
        pytest.param("xai-api-key", 400, {"error": "Incorrect"}, REJECTED, id="xai bad"),
        pytest.param("xai-api-key", 200, {"api_key_blocked": True}, REJECTED, id="xai blocked"),
        pytest.param("xai-api-key", 200, {"api_key_blocked": False}, LIVE, id="xai good"),
        pytest.param(
            "cloudflare-user-api-token",
            200,
            {"result": {"status": "expired"}},
            REJECTED,
            id="cloudflare expired",
        ),
        pytest.param("telegram-bot-token", 200, {"ok": True, "result": {}}, LIVE, id="telegram"),
    ],
)
def test_documented_answer_is_read_as_it_is_meant(
    read: dict[str, Rule], rule_id: str, status: int, content: object, expected: Verdict
) -> None:
    assert _answered(read[rule_id], status, content).verdict is expected


@pytest.mark.parametrize(
    ("rule_id", "status"),
    [
        pytest.param("gitlab-personal-access-token", 401, id="an installation of one's own"),
        pytest.param("terraform-cloud-token", 401, id="the enterprise edition"),
        pytest.param("datadog-api-key", 403, id="another site"),
        pytest.param("square-access-token", 401, id="the sandbox"),
    ],
)
def test_a_key_that_may_be_good_elsewhere_is_rejected_by_a_named_endpoint_alone(
    read: dict[str, Rule], rule_id: str, status: int
) -> None:
    assert _answered(read[rule_id], status, {}).verdict is UNKNOWN
    assert _answered(read[rule_id], status, {}, named=True).verdict is REJECTED


def test_what_a_live_answer_tells_is_read_from_its_places(read: dict[str, Rule]) -> None:
    account = {"name": "Acme Inc"}
    told = _answered(
        read["doppler-token"], 200, {"workplace": account, "type": "cli", "name": "Ada's laptop"}
    )
    details = dict(told.details)
    assert (details["workplace"], details["type"]) == ("Acme Inc", "cli")
    assert "laptop" not in details["name"]


def _id(prefix: str) -> str:
    """The id of an AWS key, which tells whether the key lasts."""
    return prefix + base64.b32encode(hashlib.sha256(b"any").digest()).decode()[:16]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        pytest.param("AKIA", ["id"], id="a lasting key beside another's token"),
        pytest.param("ASIA", ["id", "token"], id="a temporary key"),
    ],
)
def test_aws_key_is_asked_with_what_belongs_to_it(
    read: dict[str, Rule], prefix: str, expected: list[str]
) -> None:
    found = [
        finding(key("secret"), "aws-secret-access-key"),
        finding(_id(prefix), "aws-access-key-id"),
        finding(key("token"), "aws-session-token"),
    ]
    asked = ask_of(found, read, {})[0]
    assert isinstance(asked, Question)
    assert [name for name, _ in asked.companions] == expected


def test_only_keys_of_the_form_that_can_ask_are_asked_about(read: dict[str, Rule]) -> None:
    found = [
        finding(f"{prefix}-{key(prefix)}", "gitlab-routable-token") for prefix in ("glpat", "glrt")
    ]
    personal, runner = ask_of(found, read, {})
    assert isinstance(personal, Question)
    assert isinstance(runner, Liveness)
    assert runner.verdict is Verdict.NOT_CHECKED
    assert "glpat-" in runner.reason
