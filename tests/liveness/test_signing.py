"""Signatures are those of AWS's published test suite.

The suite came with the documentation as aws-sig-v4-test-suite.zip:
https://docs.aws.amazon.com/general/latest/gr/signature-v4-test-suite.html.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from scanner.liveness.signing import Credentials, Unsigned, signed

AT = datetime(2015, 8, 30, 12, 36, 0, tzinfo=UTC)
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCY" + "EXAMPLEKEY"  # keysweep:allow from AWS's documentation
CREDENTIALS = Credentials("AKIDEXAMPLE", SECRET, None, "service", "us-east-1")
HOST = ("Host", "example.amazonaws.com")


@pytest.mark.parametrize(
    ("unsigned", "headers", "signature"),
    [
        pytest.param(
            Unsigned("GET", "/", (HOST,), None),
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            id="get-vanilla",
        ),
        pytest.param(
            Unsigned("POST", "/", (HOST,), None),
            "host;x-amz-date",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            id="post-vanilla",
        ),
        pytest.param(
            Unsigned("GET", "/?Param2=value2&Param1=value1", (HOST,), None),
            "host;x-amz-date",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            id="get-vanilla-query-order-key-case",
        ),
        pytest.param(
            Unsigned(
                "POST",
                "/",
                (("Content-Type", "application/x-www-form-urlencoded"), HOST),
                b"Param1=value1",
            ),
            "content-type;host;x-amz-date",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            id="post-x-www-form-urlencoded",
        ),
    ],
)
def test_published_signature(unsigned: Unsigned, headers: str, signature: str) -> None:
    assert dict(signed(unsigned, CREDENTIALS, AT)) == {
        "X-Amz-Date": "20150830T123600Z",
        "Authorization": "AWS4-HMAC-SHA256 "
        "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={headers}, Signature={signature}",
    }


def test_credentials_show_nothing() -> None:
    assert f"{CREDENTIALS} {CREDENTIALS!r}" == " ".join(["Credentials(service us-east-1)"] * 2)
