"""Percent-encoded printable ASCII becomes readable; everything else stays."""

from __future__ import annotations

import string
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.decoders.percent import PERCENT
from scanner.prefilter import Pattern, Prefilter, compile_patterns

ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=60)


def _decoded(text: str) -> str:
    return PERCENT.pattern.sub(PERCENT.decode, text.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("100%", id="percent alone"),
        pytest.param("%5", id="cut short"),
        pytest.param("%0A%1b", id="controls"),
        pytest.param("%C3%A9", id="beyond ASCII"),
        pytest.param("%zz %s %d", id="formats"),
    ],
)
def test_text_that_stays(text: str) -> None:
    assert _decoded(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("be%5F1", "be_1", id="capitals"),
        pytest.param("be%5f1", "be_1", id="small letters"),
        pytest.param("%20be_1%22", ' be_1"', id="around"),
        pytest.param("%255F", "%5F", id="one level at a time"),
        pytest.param("%%5F", "%_", id="after a percent sign"),
    ],
)
def test_percent(text: str, expected: str) -> None:
    assert _decoded(text) == expected


@given(ASCII)
def test_what_the_standard_library_quotes_is_read(text: str) -> None:
    assert _decoded(quote(text, safe="")) == text
    assert _decoded("".join(f"%{ord(c):02x}" for c in text)) == text


@given(ASCII)
def test_the_standard_library_reads_the_same(text: str) -> None:
    if not any(ord(c) < 0x20 or ord(c) > 0x7E for c in unquote(text)):
        assert _decoded(text) == unquote(text)


def test_a_trigger_hits_every_encoded_character() -> None:
    patterns = [Pattern(trigger) for trigger in PERCENT.triggers]
    prefilter = Prefilter(compile_patterns(patterns), patterns)
    encoded = [f"%{ord(c):02X}" for c in string.printable[:95]]
    assert [text for text in encoded if not prefilter.hits(text.encode())] == []
