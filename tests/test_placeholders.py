"""Stand-ins for secrets are told from secrets, and no random string is taken for one."""

from __future__ import annotations

import random
import string

import pytest

from scanner.placeholders import is_placeholder, is_template, is_weak_sample

HEX = "0123456789abcdef"
BASE62 = string.ascii_letters + string.digits
PRINTABLE = BASE62 + string.punctuation


def _drawn(alphabet: str, shortest: int, longest: int, count: int = 3000) -> list[bytes]:
    draw = random.Random(f"{alphabet} {shortest}")
    lengths = (draw.randint(shortest, longest) for _ in range(count))
    return ["".join(draw.choices(alphabet, k=length)).encode() for length in lengths]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("hunter2", id="password"),
        pytest.param("pa$$word", id="dollars in a word"),
        pytest.param("5ecre7$Horse", id="dollar before a word"),
        pytest.param("a{b", id="one brace"),
        pytest.param("100%sure", id="percent"),
        pytest.param("user@example", id="at inside"),
        pytest.param("a<b", id="less than"),
    ],
)
def test_what_refers_to_nothing_is_no_template(text: str) -> None:
    assert not is_template(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("${TOKEN}", id="shell"),
        pytest.param("$TOKEN", id="shell without braces"),
        pytest.param("$BITKIT_API_KEY", id="shell variable of a provider"),
        pytest.param("$(cat /run/secrets/token)", id="command"),
        pytest.param("prefix-${TOKEN}", id="shell inside"),
        pytest.param("{{ token }}", id="jinja"),
        pytest.param("{{ .Values.token }}", id="helm"),
        pytest.param("#{token}", id="ruby"),
        pytest.param("%(token)s", id="python percent"),
        pytest.param("%TOKEN%", id="windows"),
        pytest.param("@TOKEN@", id="autoconf"),
        pytest.param("<%= token %>", id="erb"),
        pytest.param("{% env TOKEN %}", id="django"),
        pytest.param("__TOKEN__", id="underscores"),
        pytest.param("{token}", id="braces"),
        pytest.param("[token]", id="brackets"),
        pytest.param("<token>", id="angles"),
        pytest.param("<your token>", id="angles with a space"),
        pytest.param("&lt;token&gt;", id="angles in HTML"),
        pytest.param("process.env.X", id="node"),
        pytest.param("process.env['X']", id="node by name"),
        pytest.param("os.environ['X']", id="python"),
        pytest.param("os.environ.get('X')", id="python get"),
        pytest.param("os.getenv('X')", id="getenv"),
        pytest.param("secrets.TOKEN", id="actions"),
        pytest.param("env:TOKEN", id="env reference"),
        pytest.param("vault:secret/data/x#token", id="vault reference"),
        pytest.param("op://vault/item/field", id="1password"),
        pytest.param("arn:aws:secretsmanager:eu-west-1:123:secret:x", id="aws reference"),
        pytest.param("ENC[AES256_GCM,data:abc]", id="sops"),
        pytest.param("{cipher}abc", id="spring"),
        pytest.param("$ANSIBLE_VAULT;1.1;AES256", id="ansible"),
        pytest.param("!vault", id="yaml tag"),
    ],
)
def test_templates_and_references_are_templates_and_placeholders(text: str) -> None:
    assert is_template(text.encode())
    assert is_placeholder(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("YOUR_API_KEY", id="your key"),
        pytest.param("your-api-key-here", id="your key with hyphens"),
        pytest.param("be_1234567890abcdef...", id="documented sample"),
        pytest.param("be_" + "x" * 32, id="be and a mask"),
        pytest.param("xxxx" * 5, id="x"),
        pytest.param("XXXXXXXX", id="X"),
        pytest.param("********", id="stars"),
        pytest.param("••••••••", id="bullets"),
        pytest.param("abcd…wxyz", id="ellipsis"),
        pytest.param("sk-...", id="dots"),
        pytest.param("changeme", id="changeme"),
        pytest.param("change_me", id="change_me"),
        pytest.param("CHANGE-ME", id="CHANGE-ME"),
        pytest.param("replace_me", id="replace_me"),
        pytest.param("example-token", id="example"),
        pytest.param("REDACTED", id="redacted"),
        pytest.param("insert_key_here", id="insert"),
        pytest.param("0000000000000000", id="zeros"),
        pytest.param("deadbeefdeadbeef", id="deadbeef"),
        pytest.param("my-secret", id="my secret"),
        pytest.param("fake_token_for_tests", id="fake token"),
        pytest.param("TODO_add_key", id="todo"),
    ],
)
def test_samples_and_masks_are_placeholders(text: str) -> None:
    assert is_placeholder(text.encode())


@pytest.mark.parametrize("alphabet", [HEX, BASE62, PRINTABLE], ids=["hex", "base62", "printable"])
def test_random_strings_are_no_placeholders(alphabet: str) -> None:
    texts = _drawn(alphabet, 20, 64)
    assert sum(map(is_placeholder, texts)) <= 0.01 * len(texts)


@pytest.mark.parametrize("alphabet", [BASE62, PRINTABLE], ids=["base62", "printable"])
def test_random_passwords_are_no_weak_samples(alphabet: str) -> None:
    texts = _drawn(alphabet, 10, 24)
    assert sum(map(is_weak_sample, texts)) <= 0.01 * len(texts)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("correct-horse-battery-staple", id="words"),
        pytest.param("Tr0ub4dor&3", id="comic"),
        pytest.param("swordfish42", id="word and number"),
        pytest.param("kalamazoo-test", id="sample word beside another"),
        pytest.param("password" * 6, id="longer than samples are"),
    ],
)
def test_other_words_are_no_weak_samples(text: str) -> None:
    assert not is_weak_sample(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("password", id="password"),
        pytest.param("Passw0rd123!", id="leet"),
        pytest.param("P@ssw0rd", id="leet with at"),
        pytest.param("test_1", id="test"),
        pytest.param("admin123", id="admin"),
        pytest.param("my-secret-password", id="joined"),
        pytest.param("changeme", id="changeme"),
        pytest.param("12345678", id="digits"),
        pytest.param("postgres", id="product"),
        pytest.param("letmein", id="letmein"),
        pytest.param("null", id="null"),
    ],
)
def test_sample_passwords_are_weak(text: str) -> None:
    assert is_weak_sample(text.encode())
