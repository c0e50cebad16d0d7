"""Checksums, each against a computation of the test's own."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from scanner.checksums import CHECKSUMS, basic_credentials, github, grafana, jwt

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
BODIES = st.text(ALPHABET, min_size=30, max_size=30)
HEADER = {"alg": "HS256", "typ": "JWT"}


def _crc32(data: bytes) -> int:
    """CRC-32 bit by bit, as IEEE 802.3 has it."""
    total = 0xFFFFFFFF
    for byte in data:
        total ^= byte
        for _ in range(8):
            total = total >> 1 ^ (0xEDB88320 if total & 1 else 0)
    return total ^ 0xFFFFFFFF


def _base62(number: int) -> str:
    return "".join(ALPHABET[number // 62**place % 62] for place in range(5, -1, -1))


def _github(body: str) -> bytes:
    return f"ghp_{body}{_base62(_crc32(body.encode()))}".encode()


def _grafana(body: str) -> bytes:
    text = f"glsa_{body}"
    low_first = [f"{_crc32(text.encode()) >> shift & 0xFF:02x}" for shift in (0, 8, 16, 24)]
    return f"{text}_{''.join(low_first)}".encode()


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _changed(token: bytes, at: int) -> bytes:
    other = b"Z" if token[at : at + 1] != b"Z" else b"Y"
    return token[:at] + other + token[at + 1 :]


def test_own_crc_has_the_check_value_of_the_standard() -> None:
    assert _crc32(b"123456789") == 0xCBF43926


@given(BODIES, st.integers(4, 39))
def test_github_token_with_one_character_changed_is_wrong(body: str, at: int) -> None:
    assert not github(_changed(_github(body), at))


@given(BODIES)
def test_github_token_with_its_checksum_is_right(body: str) -> None:
    assert github(_github(body))


@pytest.mark.parametrize("prefix", ["gho", "ghu", "ghs", "ghr", "npm"])
def test_github_checksum_covers_the_body_alone(prefix: str) -> None:
    assert github(prefix.encode() + _github("a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5")[3:])


def test_github_checksum_keeps_its_leading_zeros() -> None:
    draw = random.Random(3)
    bodies = ("".join(draw.choices(ALPHABET, k=30)) for _ in range(100_000))
    body = next(body for body in bodies if _crc32(body.encode()) < 62**5)
    assert _github(body)[34:35] == b"0"
    assert github(_github(body))


@given(BODIES, st.integers(5, 43))
def test_grafana_token_with_one_character_changed_is_wrong(body: str, at: int) -> None:
    assert not grafana(_changed(_grafana(body), at))


@given(BODIES)
def test_grafana_token_with_its_checksum_is_right(body: str) -> None:
    assert grafana(_grafana(body))
    assert grafana(_grafana(body)[:-8] + _grafana(body)[-8:].upper())


def test_grafana_sample_of_the_documentation_is_right() -> None:
    assert grafana("_".join(["glsa", "yscW25imSKJIuav8zF37RZmnbiDvB05G", "fcaaf58a"]).encode())


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("a.b.c", id="no base64"),
        pytest.param(f"{_part(HEADER)}.{_part({'sub': 1})}", id="no signature"),
        pytest.param(f"{_part(HEADER)}.{_part({'sub': 1})}.", id="empty signature"),
        pytest.param(f"{_part({'typ': 'JWT'})}.{_part({'sub': 1})}.c2ln", id="no alg"),
        pytest.param(f"{_part(['alg'])}.{_part({'sub': 1})}.c2ln", id="header no object"),
        pytest.param(f"{_part(HEADER)}.{_part('sub')}.c2ln", id="payload no object"),
        pytest.param(f"{_part(HEADER)}.{_part(HEADER)[:-3]}.c2ln", id="payload cut"),
        pytest.param(f"{_part(HEADER)}.!!!.c2ln", id="payload no base64"),
    ],
)
def test_what_is_no_json_web_token_is_wrong(token: str) -> None:
    assert not jwt(token.encode())


@given(st.dictionaries(st.text(max_size=8), st.integers() | st.text(), min_size=1))
def test_json_web_token_is_right(payload: dict[str, object]) -> None:
    assert jwt(f"{_part(HEADER)}.{_part(payload)}.c2lnbmF0dXJl".encode())


@pytest.mark.parametrize("depth", [10, 2000])
def test_deeply_nested_json_is_no_json_web_token(depth: int) -> None:
    nested = base64.urlsafe_b64encode(b'{"alg":' + b"[" * depth).decode().rstrip("=")
    assert not jwt(f"{nested}.{_part({'sub': 1})}.c2ln".encode())


def _basic(text: str | bytes) -> bytes:
    return base64.b64encode(text.encode() if isinstance(text, str) else text)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"!!!!", id="no base64"),
        pytest.param(_basic("no colon in it"), id="no colon"),
        pytest.param(_basic("user:"), id="no password"),
        pytest.param(_basic("user:abc"), id="short password"),
        pytest.param(_basic("user:password"), id="sample password"),
        pytest.param(_basic("user:changeme"), id="placeholder"),
        pytest.param(_basic("user:${PASSWORD}"), id="template"),
        pytest.param(_basic("kalamazoo:kalamazoo"), id="user as password"),
        pytest.param(_basic("user:a\nbkq81"), id="control character"),
        pytest.param(_basic(b"user:\xff\xfekq81"), id="no UTF-8"),
    ],
)
def test_what_holds_no_credentials_is_wrong(token: bytes) -> None:
    assert not basic_credentials(token)


@pytest.mark.parametrize("user", ["", "ada", "ada@example.org"], ids=["no user", "name", "mail"])
@pytest.mark.parametrize("strip", [b"", b"="], ids=["padded", "unpadded"])
def test_credentials_are_right(user: str, strip: bytes) -> None:
    assert basic_credentials(_basic(f"{user}:Kq7:vZ2-mT9x").rstrip(strip or None))


@pytest.mark.parametrize("check", CHECKSUMS.values(), ids=CHECKSUMS)
@given(token=st.binary(max_size=60))
@example(token=b"")
@example(token=b"\xff_\xff")
def test_any_bytes_get_a_verdict(check: Callable[[bytes], bool], token: bytes) -> None:
    assert check(token) in (True, False)


@given(st.text(ALPHABET, min_size=40, max_size=40))
def test_made_up_tokens_are_wrong(text: str) -> None:
    assume(text[-6:] != _base62(_crc32(text[:-6].encode())))
    assert not github(f"ghp_{text}".encode())
    assert not jwt(text.encode())
