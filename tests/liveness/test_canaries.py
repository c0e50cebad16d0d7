"""Keys that are not to be sent are known without asking."""

from __future__ import annotations

import base64

import pytest

from scanner.liveness.canaries import CANARY, DOCUMENTATION, aws_account, known
from tests.liveness.values import STRIPE_EXAMPLE


def access_key_id(account: int, prefix: str = "AKIA") -> bytes:
    """An access key id of an account, put together as AWS does it."""
    head = ((1 << 47) | (account << 7) | 0x55).to_bytes(6, "big")
    return prefix.encode() + base64.b32encode(head + b"\x12\x34\x56\x78")


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(b"", id="empty"),
        pytest.param(access_key_id(123456789012), id="AWS key"),
        pytest.param(access_key_id(123456789012) + b"A", id="too long"),
        pytest.param(b"AKIA" + b"A1" * 8, id="no base32"),
        pytest.param(b"EXAMPLE/" + b"a" * 32, id="EXAMPLE at the start"),
        pytest.param(b"\xff" * 20, id="no text"),
    ],
)
def test_other_keys_may_be_sent(secret: bytes) -> None:
    assert known(secret) is None


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        pytest.param(b"AKIAIOSFODNN7" + b"EXAMPLE", DOCUMENTATION, id="AWS example id"),
        pytest.param(
            b"wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + b"EXAMPLEKEY", DOCUMENTATION, id="AWS example"
        ),
        pytest.param(STRIPE_EXAMPLE.encode(), DOCUMENTATION, id="Stripe"),
        pytest.param(access_key_id(534261010715), CANARY, id="canarytokens.org"),
        pytest.param(access_key_id(52310077262, "ASIA"), CANARY, id="with a leading zero"),
        pytest.param(access_key_id(44858866125), CANARY, id="imitation"),
    ],
)
def test_known(secret: bytes, reason: str) -> None:
    assert known(secret) == reason


def test_account_of_a_published_id() -> None:
    # The one with which Tal Be'ery's note explains the format.
    assert aws_account(b"ASIAQNZGK" + b"IQY56JQ7WML") == "029608264753"  # keysweep:allow published
    assert aws_account(b"nothing") is None
