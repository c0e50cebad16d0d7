"""Known secrets are hidden in any text, and nothing else is."""

from __future__ import annotations

import base64
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.veil import Veil

SECRET = "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=40))
RAW = SECRET.encode()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("nothing to see", id="plain"),
        pytest.param(f"{SECRET[:7]} {SECRET[-7:]}", id="less than tells"),
        pytest.param(base64.b64encode(b"something else").decode(), id="other base64"),
        pytest.param("0123456789abcdef0123", id="other hex"),
        pytest.param("50%25 of a%2Fb", id="other percent-encoding"),
    ],
)
def test_other_text_stays(text: str) -> None:
    assert Veil([RAW]).over(text) == text


@pytest.mark.parametrize("secret", [b"", b"hunter7", b"-----BEGIN PRIVATE KEY-----"])
def test_what_is_common_to_many_is_not_hidden(secret: bytes) -> None:
    text = f"a {secret.decode()} b"
    assert Veil([secret]).over(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(f"k={SECRET};", "k=*****;", id="whole"),
        pytest.param(f"{SECRET}{SECRET}", "*****", id="twice"),
        pytest.param(f"k={SECRET[5:13]};", "k=*****;", id="eight characters"),
        pytest.param(f"a {SECRET[:9]} b {SECRET[20:]} c", "a ***** b ***** c", id="two pieces"),
        pytest.param(f"a {base64.b64encode(RAW).decode()} b", "a *****= b", id="base64"),
        pytest.param(
            f"a {base64.urlsafe_b64encode(b'??' + RAW).decode()} b", "a ***** b", id="inside"
        ),
        pytest.param(f"a {RAW.hex()} b", "a ***** b", id="hex"),
        pytest.param(f"a 0{RAW.hex().upper()} b", "a ***** b", id="hex, one digit off"),
        pytest.param(
            "a " + "".join(f"%{byte:02x}" for byte in RAW) + " b", "a ***** b", id="percent"
        ),
        pytest.param(f"a {SECRET[:4]}%{RAW[4]:02x}{SECRET[5:]} b", "a ***** b", id="part percent"),
    ],
)
def test_secret_is_hidden_however_it_is_written(text: str, shown: str) -> None:
    assert Veil([RAW, b"something else"]).over(text).replace("=", "") == shown.replace("=", "")


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_eight_characters_from_anywhere_tell_and_seven_do_not(at: int, size: int, end: int) -> None:
    whole = SECRET[:end]
    piece = whole[at : at + size]
    hidden = len(piece) >= 8
    assert Veil([whole.encode()]).over(f"({piece})") == ("(*****)" if hidden else f"({piece})")
