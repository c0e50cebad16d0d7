"""Escapes of string literals become what they stand for; everything else stays."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.decoders.escapes import ESCAPES
from scanner.prefilter import Pattern, Prefilter, compile_patterns

PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0x7E)


def _decoded(text: str) -> str:
    return ESCAPES.pattern.sub(ESCAPES.decode, text.encode()).decode()


def _triggered(text: str) -> bool:
    patterns = [Pattern(trigger) for trigger in ESCAPES.triggers]
    return bool(Prefilter(compile_patterns(patterns), patterns).hits(text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("be_123", id="nothing escaped"),
        pytest.param("\\n\\t\\r", id="controls"),
        pytest.param("\\x0a\\x1b\\x00", id="controls in hex"),
        pytest.param("\\x80\\xff", id="beyond ASCII"),
        pytest.param("\\u00e9\\u4e2d", id="other characters"),
        pytest.param("\\x5", id="cut short"),
        pytest.param("\\u005", id="cut short unicode"),
        pytest.param("\\u{5f", id="open brace"),
        pytest.param("\\q\\d\\s", id="regex classes"),
        pytest.param("u005f x5f", id="no backslash"),
    ],
)
def test_text_that_stays(text: str) -> None:
    assert _decoded(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("be\\u005f1", "be_1", id="JSON"),
        pytest.param("be\\u005F1", "be_1", id="JSON with capitals"),
        pytest.param("be\\u{5f}1", "be_1", id="JavaScript, Rust, PHP"),
        pytest.param("be\\u{00005f}1", "be_1", id="with zeros"),
        pytest.param("be\\x5f1", "be_1", id="hex"),
        pytest.param("be\\137x", "be_x", id="octal"),
        pytest.param("\\142\\145\\137", "be_", id="octals side by side"),
        pytest.param("be\\1375", "be_5", id="octal before a digit"),
        pytest.param("be_\\0601", "be_01", id="octal digit before a digit"),
        pytest.param("\\u0062\\u0065\\u005f", "be_", id="side by side"),
        pytest.param("a\\/b", "a/b", id="slash"),
        pytest.param('\\"a\\"', '"a"', id="double quotes"),
        pytest.param("\\'a\\'", "'a'", id="single quotes"),
        pytest.param("a\\\\b", "a\\b", id="backslash"),
        pytest.param("\\\\u005f", "\\u005f", id="escaped escape stays one"),
    ],
)
def test_escape(text: str, expected: str) -> None:
    assert _decoded(text) == expected


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=40))
def test_what_json_and_python_escape_is_read(text: str) -> None:
    assert _decoded(json.dumps(text)[1:-1].replace("/", "\\/")) == text
    assert _decoded("".join(f"\\u{ord(c):04x}" for c in text)) == text
    assert _decoded("".join(f"\\x{ord(c):02X}" for c in text)) == text


@given(st.binary(max_size=40))
def test_binary_in_hex_becomes_what_it_was_where_it_is_long_enough(raw: bytes) -> None:
    written = "".join(f"\\x{byte:02x}" for byte in raw).encode()
    decoded = ESCAPES.pattern.sub(ESCAPES.decode, written)
    if len(raw) >= 4:
        assert decoded == raw
    else:
        assert decoded == b"".join(
            bytes([byte]) if 0x20 <= byte < 0x80 else b"\\x%02x" % byte for byte in raw
        )


@given(st.text(PRINTABLE, max_size=40))
def test_json_within_json_is_read_in_two_steps(text: str) -> None:
    inner = json.dumps({"k": text})
    outer = json.dumps(inner)[1:-1]
    assert _decoded(outer) == inner
    assert _decoded(_decoded(outer)) == f'{{"k": "{text}"}}'


@pytest.mark.parametrize("form", ["\\x{:02x}", "\\u{:04x}", "\\u{{{:x}}}", "\\{:03o}"], ids=str)
def test_a_trigger_hits_every_escaped_character_of_a_key(form: str) -> None:
    missed = [
        c for c in string.ascii_letters + string.digits + "_" if not _triggered(form.format(ord(c)))
    ]
    assert missed == []


@pytest.mark.parametrize("text", ["\\/", "\\'", '\\"'], ids=str)
def test_a_trigger_hits_escaped_quotes_and_slashes(text: str) -> None:
    assert _triggered(text)
