"""Names of other scanners' rules: each leads to rules that there are."""

from __future__ import annotations

import pytest

from scanner import namesakes
from scanner.scan import Plan, Scanner


def test_every_namesake_is_a_rule(plan: Plan) -> None:
    known = Scanner(plan).rules.by_id().keys()
    assert {one for ids in namesakes._OURS.values() for one in ids} - known == set()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("no-such-rule", (), id="unknown"),
        pytest.param("", (), id="nothing"),
        pytest.param("jwt", ("json-web-token",), id="id"),
        pytest.param("JSON Web Token", ("json-web-token",), id="words"),
        pytest.param("secretlint-rule-slack", namesakes._SLACK, id="name of a package"),
        pytest.param("StripeDetector", namesakes._STRIPE, id="class"),
        pytest.param("kingfisher.jwt.1", ("json-web-token",), id="number"),
    ],
)
def test_ours(name: str, expected: tuple[str, ...]) -> None:
    assert namesakes.ours(name) == expected


@pytest.mark.parametrize(
    ("name", "rule", "expected"),
    [
        pytest.param("generic-api-key", "stripe-secret-key", False, id="common words"),
        pytest.param("github-pat", "gitlab-deploy-token", False, id="another provider"),
        pytest.param("github-pat", "github-legacy-token", True, id="provider"),
        pytest.param("jwt", "json-web-token", True, id="namesake"),
    ],
)
def test_is_like(name: str, rule: str, expected: bool) -> None:
    assert namesakes.is_like(name, rule) is expected
