"""What is asked for which finding, and what is not asked at all."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.errors import UsageError
from scanner.liveness.questions import Question, ask_of, endpoint, told
from scanner.models import Commit, Finding, Liveness, Suppression, Verdict
from scanner.rules import Rule
from tests.liveness.test_canaries import access_key_id
from tests.liveness.values import CHECK, STRIPE_EXAMPLE, by_id, finding, key, place, question, rule

KEY = key("it")
SIGNED = CHECK._replace(
    provider="aws",
    base="https://sts.example",
    path="/?Action=GetCallerIdentity",
    headers=(),
    sign="aws-sigv4 sts us-east-1",
    needs=(("id", "aws-access-key-id"),),
    optional=(("token", "aws-session-token"),),
)
AWS = by_id(
    rule("aws-secret-access-key", liveness=SIGNED),
    rule("aws-access-key-id", liveness=None),
    rule("aws-sts-key-id", family="aws-access-key-id", liveness=None),
    rule("aws-session-token", liveness=None),
)
ID = access_key_id(123456789012).decode()
TEMPORARY = access_key_id(123456789012, "ASIA").decode()
COMMIT = Commit("c" * 40, "Ada", "ada@example.org", "2026-01-01T00:00:00Z", "Add")


def _asked(
    *findings: Finding, rules: dict[str, Rule] | None = None, **endpoints: str
) -> Question | Liveness:
    """What is asked for the first of the findings."""
    return ask_of(findings, rules or by_id(rule()), endpoints)[0]


def _not_checked(asked: Question | Liveness) -> str:
    assert isinstance(asked, Liveness)
    assert (asked.verdict, asked.checked_at) == (Verdict.NOT_CHECKED, None)
    return asked.reason


@pytest.mark.parametrize(
    ("text", "changes", "reason"),
    [
        pytest.param(
            KEY, {"liveness": None}, "no check is known for this kind of key", id="no check"
        ),
        pytest.param(
            KEY + "\n", {}, "it has characters that no such request can carry", id="line break"
        ),
        pytest.param(
            KEY + "ü", {}, "it has characters that no such request can carry", id="no ASCII"
        ),
        pytest.param(STRIPE_EXAMPLE, {}, "documentation key", id="documentation"),
        pytest.param(
            access_key_id(534261010715).decode(),
            {"liveness": None},
            "a canary: asking would ring its alarm",
            id="canary without a check",
        ),
        pytest.param(
            KEY,
            {"liveness": CHECK._replace(prefixes=("xoxb-", "xoxp-"))},
            "only keys that begin with xoxb- or xoxp- can be asked about",
            id="other prefix",
        ),
    ],
)
def test_not_asked(text: str, changes: dict[str, Any], reason: str) -> None:
    assert _not_checked(_asked(finding(text), rules=by_id(rule(**changes)))) == reason


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(finding(ID, "aws-access-key-id", place("other.py")), id="other file"),
        pytest.param(
            finding(ID, "aws-access-key-id", place(blob="b" * 40)), id="other version of the file"
        ),
        pytest.param(
            finding(ID, "aws-access-key-id", place(commit=COMMIT)), id="other commit's file"
        ),
        pytest.param(finding(KEY, "aws-session-token"), id="other kind"),
    ],
)
def test_companion_that_is_not_there(other: Finding) -> None:
    asked = _asked(finding(KEY, "aws-secret-access-key"), other, rules=AWS)
    assert asked == _lacking("it needs an aws-access-key-id in the same file")


@pytest.mark.parametrize(
    ("companion", "reason"),
    [
        (access_key_id(534261010715).decode(), "a canary: asking would ring its alarm"),
        ("AKIAIOSFODNN7" + "EXAMPLE", "documentation key"),
    ],
    ids=["canary", "documentation"],
)
def test_companion_that_forbids_it_does_not_make_the_key_harmless(
    companion: str, reason: str
) -> None:
    other = finding(companion, "aws-access-key-id")
    asked = _asked(finding(KEY, "aws-secret-access-key"), other, rules=AWS)
    assert asked == _lacking(f"what stands beside it is {reason}")


def test_temporary_key_without_its_token_is_not_asked() -> None:
    other = finding(TEMPORARY, "aws-access-key-id")
    reason = "a temporary key, which works with its session token only"
    assert _not_checked(_asked(finding(KEY, "aws-secret-access-key"), other, rules=AWS)) == reason


@pytest.mark.parametrize("others", [0, 1])
def test_rejection_is_doubtful_where_other_companions_stand_in_the_file(others: int) -> None:
    ids = [
        finding(access_key_id(number).decode(), "aws-access-key-id", place(line=number))
        for number in range(2, 3 + others)
    ]
    secret = finding(KEY, "aws-secret-access-key", place(line=1))
    asked = _asked(secret, *ids, rules=AWS)
    assert isinstance(asked, Question)
    assert asked.doubtful is bool(others)


def test_temporary_key_with_its_token_is_asked() -> None:
    asked = _asked(
        finding(KEY, "aws-secret-access-key"),
        finding(TEMPORARY, "aws-access-key-id"),
        finding(key("token"), "aws-session-token"),
        rules=AWS,
    )
    assert isinstance(asked, Question)
    names = [(name, secret.reveal().decode()) for name, secret in asked.companions]
    assert names == [("id", TEMPORARY), ("token", key("token"))]


def _lacking(reason: str) -> Liveness:
    return Liveness(Verdict.UNKNOWN, f"not asked: {reason}")


def test_two_companions_that_are_equally_near_are_none() -> None:
    one, two = (access_key_id(number).decode() for number in (1, 2))
    asked = _asked(
        finding(KEY, "aws-secret-access-key", place(line=5)),
        finding(one, "aws-access-key-id", place(line=4)),
        finding(two, "aws-access-key-id", place(line=6)),
        rules=AWS,
    )
    assert isinstance(asked, Liveness)
    assert "two of aws-access-key-id stand equally near" in asked.reason


@pytest.mark.parametrize(
    "rule_id", ["aws-access-key-id", "aws-sts-key-id"], ids=["the rule", "another of its family"]
)
def test_nearest_companion_in_the_same_version(rule_id: str) -> None:
    old, new = {"blob": "a" * 40}, {"blob": "b" * 40}
    near = access_key_id(222222222222).decode()
    asked = _asked(
        finding(KEY, "aws-secret-access-key", place(line=50, **old), place(line=10, **new)),
        finding(ID, rule_id, place(line=4, **new), place("b.py", 10, **new)),
        finding(near, rule_id, place(line=200, **old), place(line=11, **new)),
        finding(access_key_id(3).decode(), rule_id, place(line=10)),
        rules=AWS,
    )
    assert isinstance(asked, Question)
    assert [secret.reveal().decode() for _, secret in asked.companions] == [near]


def test_same_key_is_one_question() -> None:
    rules = by_id(rule(), rule("other-key"), rule("third-key", liveness=CHECK._replace(path="/")))
    silenced = place(suppressed=Suppression("inline", None, "a.py:1"))
    asked = ask_of(
        [
            finding(KEY),
            finding(KEY, "other-key"),
            finding(KEY, "byteengine-api-key", silenced),
            finding(KEY, "third-key"),
            finding(key("another")),
        ],
        rules,
        {},
    )
    assert all(isinstance(one, Question) for one in asked)
    assert asked[0] == asked[1] == asked[2]
    assert len(set(asked)) == 3


def test_endpoint_of_a_provider() -> None:
    plain = _asked(finding(KEY))
    assert isinstance(plain, Question)
    assert (plain.base, plain.named) == (CHECK.base, False)
    named = _asked(finding(KEY), byteengine="https://keys.internal:8443/api")
    assert isinstance(named, Question)
    assert (named.base, named.named) == ("https://keys.internal:8443/api", True)


def test_endpoint_of_nobody() -> None:
    with pytest.raises(UsageError, match=r"'bytengine': no rule asks .* there are byteengine"):
        _asked(finding(KEY), bytengine="https://keys.internal")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "byteengine",
        "=https://host",
        "byteengine=",
        "byteengine=host",
        "byteengine=ftp://host",
        "byteengine=https://",
        "byteengine=https://user:word@host",  # keysweep:allow no password
        "byteengine=https://host/?a=b",
        "byteengine=https://host/#a",
        "byteengine=https://host:0",
        "byteengine=https://host:99999",
        "byteengine=https://ho st",
        "byteengine=https://host\r\nX: y",
        "byteengine=http://host",
        "byteengine=http://10.0.0.1",
        "byteengine=http://localhost.example.com",
    ],
)
def test_no_endpoint(text: str) -> None:
    with pytest.raises(UsageError, match="endpoint"):
        endpoint(text)


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("byteengine=https://host", "https://host"),
        ("byteengine=https://host:8443/v1/", "https://host:8443/v1"),
        ("byteengine=https://10.0.0.1", "https://10.0.0.1"),
        ("byteengine=http://localhost:80", "http://localhost:80"),
        ("byteengine=http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("byteengine=http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_endpoint(text: str, base: str) -> None:
    assert endpoint(text) == ("byteengine", base)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "GET https://host/v1/api/workers, key in header Authorization"),
        (
            {"path": "/{secret}/me", "headers": ()},
            "GET https://host/{secret}/me, key in the path",
        ),
        (
            {"basic": "api:{secret}", "headers": (), "path": "/"},
            "GET https://host/, key in header Authorization (Basic)",
        ),
        (
            {"method": "POST", "body": "token={secret}", "headers": (), "path": "/auth"},
            "POST https://host/auth, key in the body",
        ),
        (
            {"sign": "aws-sigv4 sts r", "headers": (), "path": "/"},
            "GET https://host/, key as a signature",
        ),
    ],
    ids=["header", "path", "basic", "body", "signature"],
)
def test_request_in_words(changes: dict[str, Any], text: str) -> None:
    assert told(question(KEY, base="https://host", **changes)) == text
    assert KEY not in text
