"""The randomness model: keys look drawn, identifiers and placeholders do not."""

from __future__ import annotations

import builtins
import importlib
import keyword
import math
import random
import string
from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scanner.randomness import (
    CLASS_COUNT,
    DIGIT,
    OTHER,
    alphabet_size,
    classes,
    is_numeric,
    is_patterned,
    is_random,
    shannon_entropy,
    surprise,
)

ALPHABETS = {
    "hex": "0123456789abcdef",
    "HEX": "0123456789ABCDEF",
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "lower and digits": string.ascii_lowercase + string.digits,
    "upper and digits": string.ascii_uppercase + string.digits,
    "base32": string.ascii_uppercase + "234567",
    "letters": string.ascii_letters,
    "base62": string.ascii_letters + string.digits,
    "base64": string.ascii_letters + string.digits + "+/",
    "base64url": string.ascii_letters + string.digits + "-_",
    "printable": string.ascii_letters + string.digits + string.punctuation,
}
# What a program is made of: modules whose names are many and much unlike each other.
MODULES = """
    argparse ast asyncio codecs collections concurrent.futures configparser contextlib ctypes
    datetime decimal difflib email.message errno functools gettext hashlib html.parser
    http.client http.server importlib.util inspect io ipaddress itertools json locale logging
    logging.handlers mailbox math mimetypes multiprocessing opcode os pickle platform plistlib
    random re sched selectors shutil signal smtplib socket socketserver sqlite3 ssl stat
    statistics string subprocess sys sysconfig tarfile tempfile threading token traceback types
    typing unicodedata unittest unittest.mock urllib.parse urllib.request uuid weakref
    xml.dom.minidom xml.etree.ElementTree xml.sax.handler xmlrpc.client zipfile zlib
"""


def _drawn(alphabet: str, count: int = 1000, shortest: int = 20) -> list[bytes]:
    draw = random.Random(alphabet)
    lengths = (draw.randint(shortest, 64) for _ in range(count))
    return ["".join(draw.choices(alphabet, k=length)).encode() for length in lengths]


def _identifiers() -> set[str]:
    names = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
    for module in map(importlib.import_module, MODULES.split()):
        names.update(dir(module))
        members = (getattr(module, name, None) for name in dir(module))
        names.update(name for kind in members if isinstance(kind, type) for name in dir(kind))
    return names


@pytest.mark.parametrize("alphabet", ALPHABETS.values(), ids=ALPHABETS)
def test_random_strings_are_random(alphabet: str) -> None:
    texts = _drawn(alphabet)
    missed = [text for text in texts if not is_random(text)]
    assert len(missed) <= 0.01 * len(texts)


def test_long_identifiers_are_not_random() -> None:
    names = {name for name in _identifiers() if len(name) >= 20}
    assert len(names) > 500
    assert [name for name in names if is_random(name.encode())] == []


def test_hardly_any_identifier_is_random() -> None:
    names = _identifiers()
    assert len(names) > 5000
    taken = sorted(name for name in names if len(name) >= 10 and is_random(name.encode()))
    assert len(taken) <= 0.005 * len(names), taken


@given(st.lists(st.sampled_from(sorted(_identifiers())), min_size=2, max_size=5))
def test_joined_names_are_not_random(names: list[str]) -> None:
    joined = "_".join(name.strip("_").lower() for name in names)
    assume(joined.isascii() and len(joined) >= 20 and not any(map(str.isdigit, joined)))
    assert not is_random(joined.encode())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("abc", id="very short"),
        pytest.param("password", id="word"),
        pytest.param("internationalizationConfigurationProvider", id="camel case"),
        pytest.param("the-quick-brown-fox-jumps-over-the-lazy-dog", id="words with hyphens"),
        pytest.param("SOME_VERY_LONG_ENVIRONMENT_VARIABLE", id="shouted"),
        pytest.param("com.example.project.service.UserAccountService", id="dotted"),
        pytest.param("2026-01-31T23:59:59.123456", id="time"),
        pytest.param("192.168.100.200", id="address"),
        pytest.param("3.14159265358979323846264338", id="number"),
        pytest.param("40741895260374189526037418952", id="digits"),
        pytest.param("1234567890abcdef1234567890abcdef", id="counting"),
        pytest.param("x" * 32, id="one character"),
    ],
)
def test_text_that_nobody_drew_is_not_random(text: str) -> None:
    assert not is_random(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("ab", id="too short to tell"),
        pytest.param("xxxxxxxxxxxxxxxxxxxx", id="one character"),
        pytest.param("00000000000000000000", id="zeros"),
        pytest.param("1234567890abcdef", id="counting"),
        pytest.param("1234567890" * 3, id="counting again and again"),
        pytest.param("9876543210fedcba", id="counting down"),
        pytest.param("abcdefghijklmnopqrstuvwxyz", id="alphabet"),
        pytest.param("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", id="upper alphabet"),
        pytest.param("a1b2c3d4e5f6a7b8c9d0", id="counting in turns"),
        pytest.param("abcabcabcabcabcabcabc", id="period of three"),
        pytest.param("deadbeefdeadbeefdeadbeef", id="repeated word"),
        pytest.param("aaaaaaaaaabbbbbbbbbbcccccccccc", id="runs"),
    ],
)
def test_placeholders_are_patterned(text: str) -> None:
    assert is_patterned(text.encode())


@given(st.text("abcdef0123456789", min_size=2, max_size=16), st.integers(3, 8))
def test_repeated_text_is_patterned(piece: str, times: int) -> None:
    assert is_patterned((piece * times).encode())


@pytest.mark.parametrize("alphabet", ALPHABETS.values(), ids=ALPHABETS)
def test_random_strings_are_not_patterned(alphabet: str) -> None:
    texts = _drawn(alphabet)
    assert sum(map(is_patterned, texts)) <= 0.005 * len(texts)


@given(st.binary(max_size=300))
def test_entropy_is_that_of_the_definition_and_within_its_bounds(text: bytes) -> None:
    parts = [count / len(text) for count in Counter(text).values()]
    entropy = shannon_entropy(text)
    assert entropy == pytest.approx(-sum(part * math.log2(part) for part in parts), abs=1e-9)
    assert -1e-9 <= entropy <= math.log2(max(1, min(256, len(text)))) + 1e-9


@given(st.binary(min_size=1, max_size=100), st.randoms(use_true_random=False))
def test_entropy_does_not_depend_on_the_order(text: bytes, draw: random.Random) -> None:
    shuffled = bytes(draw.sample(text, len(text)))
    assert shannon_entropy(shuffled) == pytest.approx(shannon_entropy(text))


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        pytest.param(b"", 0.0, id="empty"),
        pytest.param(b"aaaa", 0.0, id="one character"),
        pytest.param(b"abab", 1.0, id="two in equal shares"),
        pytest.param(b"0123456789abcdef", 4.0, id="every hex digit once"),
        pytest.param(bytes(range(256)), 8.0, id="every byte once"),
    ],
)
def test_entropy_of_known_texts(text: bytes, bits: float) -> None:
    assert shannon_entropy(text) == pytest.approx(bits)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        pytest.param(b"012345", 10, id="decimal"),
        pytest.param(b"012abc", 16, id="hex"),
        pytest.param(b"012ABC", 16, id="upper hex"),
        pytest.param(b"012abC", 62, id="both cases"),
        pytest.param(b"xyz", 26, id="letters"),
        pytest.param(b"xyz1", 36, id="letters and digits"),
        pytest.param(b"xyZ1", 62, id="base62"),
        pytest.param(b"xyZ1+/=", 64, id="base64"),
        pytest.param(b"xyZ1-_", 64, id="base64 for URLs"),
        pytest.param(b"xyZ1+-!", 94, id="printable"),
    ],
)
def test_alphabet_size(text: bytes, size: int) -> None:
    assert alphabet_size(text) == size


@given(st.binary(min_size=1, max_size=60))
def test_alphabet_holds_at_least_what_an_ascii_text_shows(text: bytes) -> None:
    printable = bytes(33 + byte % 94 for byte in text)
    assert len(set(printable)) <= alphabet_size(printable)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"v1.2.beta", id="version with a word"),
        pytest.param(b"9f3b27c1", id="hex"),
        pytest.param(b"12x34y56z", id="digits among letters"),
    ],
)
def test_what_holds_letters_is_no_number(text: bytes) -> None:
    assert not is_numeric(text)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_numbers_are_numeric_and_so_never_random(number: float) -> None:
    text = f"{number:.12f}".encode()
    assert is_numeric(text)
    assert not is_random(text)


@given(st.binary(max_size=200))
def test_classes_keep_the_length_and_stay_in_the_table(text: bytes) -> None:
    found = classes(text)
    assert len(found) == len(text)
    assert all(number < CLASS_COUNT for number in found)


def test_classes_tell_letters_apart_and_digits_not() -> None:
    assert len(set(classes(string.ascii_letters.encode()))) == 52
    assert set(classes(string.digits.encode())) == {DIGIT}
    assert set(classes(b"\x00\xff!")) == {OTHER}


@pytest.mark.parametrize("alphabet", ["0123456789abcdef", ALPHABETS["base62"]], ids=["hex", "62"])
def test_surprise_is_far_above_zero_for_keys_and_below_for_names(alphabet: str) -> None:
    keys = [surprise(text) for text in _drawn(alphabet, 100, shortest=32)]
    names = [surprise(n.encode()) for n in _identifiers() if len(n) >= 20 and n.isascii()]
    assert sum(keys) / len(keys) > 40
    assert sum(names) / len(names) < -40


@given(st.binary(max_size=600))
def test_any_bytes_get_a_verdict(text: bytes) -> None:
    assert is_random(text) in (True, False)
    assert math.isfinite(surprise(text))
