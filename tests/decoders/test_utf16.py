"""UTF-16 is recognised and turned over; other bytes are left alone."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.decoders import utf16

CODECS = ["utf-16-le", "utf-16-be"]
MARKS = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
TEXT = "# naïve comment, mostly Latin\r\nkey = 'value'\r\n"
LETTERS = st.characters(exclude_categories=["Cs"])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\0", id="one zero"),
        pytest.param(b"\0\0\0\0\0\0\0\0", id="zeros"),
        pytest.param(b"plain text", id="ASCII"),
        pytest.param("naïve".encode(), id="UTF-8"),
        pytest.param(b"\xef\xbb\xbfplain", id="UTF-8 with a mark"),
        pytest.param(b"plain\0text\0", id="ASCII with zeros"),
        pytest.param(b"\0plain text", id="zero before ASCII"),
        pytest.param(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0>\0\x01\0\0\0", id="program"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\0\0\0\x02\0\x08\x06\0", id="picture"),
        pytest.param(bytes(range(256)), id="every byte"),
        pytest.param("plain text".encode("utf-32"), id="UTF-32"),
    ],
)
def test_what_is_no_utf16(content: bytes) -> None:
    assert utf16.decode(content) is None


@pytest.mark.parametrize("codec", CODECS)
@given(text=st.text(LETTERS, max_size=50))
def test_marked_text_is_read_whatever_it_holds(codec: str, text: str) -> None:
    if not (codec == "utf-16-le" and text.startswith("\0")):  # that would be UTF-32's mark
        assert utf16.decode(MARKS[codec] + text.encode(codec)) == text.encode()


@pytest.mark.parametrize("codec", CODECS)
def test_text_without_a_mark_is_read(codec: str) -> None:
    assert utf16.decode(TEXT.encode(codec)) == TEXT.encode()


@pytest.mark.parametrize("codec", CODECS)
@given(
    text=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=2, max_size=50),
    other=st.text("éäßñ", max_size=5),
)
def test_latin_text_without_a_mark_is_read(codec: str, text: str, other: str) -> None:
    assert utf16.decode((text + other).encode(codec)) == (text + other).encode()


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("start", ["# 注释\n", "注释\n"], ids=["within the line", "first"])
def test_another_script_at_the_start_does_not_hide_the_rest(codec: str, start: str) -> None:
    text = start + TEXT * 5
    assert utf16.decode(text.encode(codec)) == text.encode()


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("mark", [True, False], ids=["mark", "no mark"])
def test_long_text_is_read_to_its_end(codec: str, mark: bool) -> None:
    content = (MARKS[codec] if mark else b"") + (TEXT * 3000).encode(codec)
    assert utf16.decode(content) == (TEXT * 3000).encode()


@pytest.mark.parametrize("codec", CODECS)
def test_an_odd_byte_and_lone_surrogates_do_not_stop_it(codec: str) -> None:
    lone = "\ud800".encode(codec, "surrogatepass")
    content = MARKS[codec] + "ab".encode(codec) + lone + "cd".encode(codec) + b"x"
    decoded = utf16.decode(content)
    assert decoded is not None
    assert decoded.decode().replace("\ufffd", "") == "abcd"


@given(st.binary(max_size=60))
def test_any_bytes_get_an_answer_in_utf8(content: bytes) -> None:
    decoded = utf16.decode(content)
    assert decoded is None or decoded.decode() is not None
