"""Rules, findings and reports as the tests of liveness need them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from scanner.fingerprints import fingerprint, redact
from scanner.liveness.questions import Question
from scanner.models import (
    Confidence,
    Excerpt,
    Finding,
    Kind,
    Place,
    Report,
    ScanInfo,
    Secret,
    Severity,
    Span,
    Specificity,
)
from scanner.rules import Check, Rule
from tests.liveness.server import BYTEENGINE

CHECK = Check(
    provider="byteengine",
    method="GET",
    base="https://provider.example",
    path=BYTEENGINE,
    headers=(("Authorization", "Bearer {secret}"),),
    basic=None,
    body=None,
    content_type=None,
    sign=None,
    needs=(),
    live=(*range(200, 300), 402, 403),
    rejected=(401,),
    live_if=None,
    rejected_if=(),
    details=(),
    personal=(),
    rate="1000/1s",
    rate_per_key=("1000/60s", "100/10s"),
    reference="https://example.org/reference",
)

# The key of all of Stripe's examples: https://docs.stripe.com/keys
STRIPE_EXAMPLE = "_".join(("sk", "test", "4eC39HqLyjWDarjtT1zdp7dc"))


def key(seed: object) -> str:
    """A ByteEngine key, always the same from the same seed."""
    return "be_" + hashlib.sha256(str(seed).encode()).hexdigest()[:40]


def secret(text: str) -> Secret:
    """A text as the secret of a match."""
    return Secret(text.encode(), redact(text.encode()))


def rule(id_: str = "byteengine-api-key", **changes: Any) -> Rule:
    """A rule with the check, unless that is changed."""
    sound = Rule(
        id=id_,
        family=id_,
        aliases=(),
        description="A key",
        severity=Severity.CRITICAL,
        confidence=Confidence.HIGH,
        specificity=Specificity.PROVIDER,
        regex="",
        prefilter="",
        exact=True,
        reach=0,
        width=0,
        alphabet=bytes(range(256)),
        least=1,
        words=(),
        within=0,
        lead=0,
        backtracking=False,
        keywords=(),
        checksum=None,
        min_entropy=0.0,
        random=False,
        guessable=False,
        edges=False,
        strip=None,
        allowlist=(),
        allowlist_match=(),
        paths=(),
        references=(),
        remediation="",
        examples=(),
        counter_examples=(),
        liveness=CHECK,
    )
    return sound._replace(**changes)


def by_id(*rules: Rule) -> dict[str, Rule]:
    """Rules by id."""
    return {one.id: one for one in rules}


def place(path: str = "a.py", line: int = 1, **changes: Any) -> Place:
    """A place at the start of a line."""
    excerpt = Excerpt("*****", 0, 5)
    return Place(Kind.FILE, path, Span(line, 1, line, 2), excerpt, (), None)._replace(**changes)


def finding(
    text: str, rule_id: str = "byteengine-api-key", *places: Place, **changes: Any
) -> Finding:
    """A finding of a secret, in the first line of a file unless places are given."""
    given = places or (place(),)
    print_ = fingerprint(rule_id, text.encode())
    return Finding(rule_id, secret(text), print_, given)._replace(**changes)


def report(findings: Sequence[Finding]) -> Report:
    """A report of a scan that found these."""
    info = ScanInfo("scan", ".", "digest", "2026-01-01T00:00:00Z")
    return Report(info, tuple(findings), (), (), 1, 1, 0.1)


def question(text: str, base: str = CHECK.base, named: bool = True, **changes: Any) -> Question:
    """A question about a key, with a changed check."""
    check = CHECK._replace(**changes)
    return Question(check, "byteengine-api-key", secret(text), (), base, named)
