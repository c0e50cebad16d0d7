"""Fingerprints stay what they are, and the redacted form tells next to nothing."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scanner.fingerprints import HIDDEN, MASK, PUBLIC_KEY, fingerprint, redact

SECRETS = st.binary(max_size=200) | st.text(max_size=60).map(str.encode)
LONG_TEXTS = st.text(min_size=20, max_size=200).filter(lambda text: "\ufffd" not in text)


def _tag(family: str, secret: bytes, key: bytes = PUBLIC_KEY) -> bytes:
    name = family.encode()
    message = bytes([0, 0, 0, len(name)]) + name + secret
    return hmac.new(key, message, hashlib.sha256).digest()


@pytest.mark.parametrize(
    ("guessable", "expected"),
    [
        pytest.param(False, "v1:3c2fdf672e1b0f7ec42c23f73cb545b3", id="random"),
        pytest.param(True, "v1:74be6f1183993f081d10976c9d2546d8", id="guessable"),
    ],
)
def test_fingerprint_of_a_fixed_secret_never_changes(guessable: bool, expected: str) -> None:
    assert fingerprint("family", b"secret", guessable=guessable) == expected


@given(st.text(max_size=20), SECRETS, st.binary(min_size=1, max_size=40))
def test_fingerprint_is_a_keyed_hash_of_family_and_secret(
    family: str, secret: bytes, key: bytes
) -> None:
    assume(len(family.encode()) < 256)
    expected = _tag(family, secret, key)[:16].hex()
    assert fingerprint(family, secret, key=key) == f"v1:{expected}"


def test_guessable_secrets_go_through_scrypt() -> None:
    slow = hashlib.scrypt(_tag("f", b"hunter2"), salt=PUBLIC_KEY, n=2048, r=8, p=1, dklen=16)
    assert fingerprint("f", b"hunter2", guessable=True) == f"v1:{slow.hex()}"


@pytest.mark.parametrize("guessable", [False, True], ids=["random", "guessable"])
@settings(max_examples=20)
@given(st.tuples(st.text(max_size=9), SECRETS), st.tuples(st.text(max_size=9), SECRETS))
def test_fingerprints_differ_when_family_or_secret_do(
    guessable: bool, one: tuple[str, bytes], two: tuple[str, bytes]
) -> None:
    same = fingerprint(*one, guessable=guessable) == fingerprint(*two, guessable=guessable)
    assert same is (one == two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param(("ab", b"c"), ("a", b"bc"), id="boundary moved"),
        pytest.param(("", b"abc"), ("abc", b""), id="one of them empty"),
        pytest.param(("a", b"secret"), ("b", b"secret"), id="other family"),
    ],
)
def test_family_and_secret_are_kept_apart(one: tuple[str, bytes], two: tuple[str, bytes]) -> None:
    assert fingerprint(*one) != fingerprint(*two)


def test_fingerprint_depends_on_key_and_on_being_guessable() -> None:
    kinds = {fingerprint("f", b"s"), fingerprint("f", b"s", key=b"k")}
    kinds |= {fingerprint("f", b"s", guessable=True)}
    kinds |= {fingerprint("f", b"s", guessable=True, key=b"k")}
    assert len(kinds) == 4
    assert all(re.fullmatch("v1:[0-9a-f]{32}", kind) for kind in kinds)


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"a", id="one character"),
        pytest.param(b"a" * 19, id="nineteen characters"),
        pytest.param("ä".encode() * 19, id="nineteen characters in more bytes"),
    ],
)
def test_short_secret_shows_nothing_of_itself(secret: bytes) -> None:
    assert redact(secret) == HIDDEN


@given(SECRETS)
def test_guessable_secret_shows_nothing_of_itself(secret: bytes) -> None:
    assert redact(secret, guessable=True) == HIDDEN


@given(LONG_TEXTS)
def test_at_most_seven_characters_are_shown(text: str) -> None:
    head, mask, tail = redact(text.encode()).partition(MASK)
    assert mask
    assert (len(head), len(tail)) == (5, 2)
    pairs = zip(head + tail, text[:5] + text[-2:], strict=True)
    assert all(shown in (original, "?") for shown, original in pairs)


@given(SECRETS)
def test_redacted_form_is_never_the_secret_and_short(secret: bytes) -> None:
    shown = redact(secret)
    assert len(shown) <= 8
    assert len(secret) < 8 or secret.decode("utf-8", "replace") not in shown


@given(SECRETS, st.booleans())
def test_redacted_form_holds_no_control_character(secret: bytes, guessable: bool) -> None:
    shown = redact(secret, guessable=guessable)
    assert shown.isprintable()
    assert not any(unicodedata.category(c).startswith(("C", "Z")) for c in shown)
    assert all(c.isascii() for c in shown.replace(MASK, ""))


def test_redacted_form_of_a_key() -> None:
    assert redact(b"be_" + bytes(range(97, 123))) == "be_ab…yz"
