"""Lines and columns agree with a plain reference, and no excerpt shows what is hidden."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.models import Span
from scanner.positions import Hidden, decode, excerpt, harmless, locate, stretches

BOM = b"\xef\xbb\xbf"
PIECES = st.sampled_from(
    [b"a", b" ", b"\n", b"\r\n", b"\r", b"\t", b"\0", "é".encode(), "中".encode(), "🔑".encode()]
)
BROKEN = st.sampled_from([b"\xff", b"\x80", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x94"])


@st.composite
def texts(draw: st.DrawFn) -> tuple[bytes, list[int]]:
    """Bytes with or without a mark, and offsets at which characters begin or end."""
    pieces = draw(st.lists(PIECES | BROKEN.map(lambda broken: broken + b"|"), max_size=60))
    content = BOM if draw(st.booleans()) else b""
    offsets = [len(content)]
    for piece in pieces:
        content += piece
        offsets.append(len(content))
    return content, draw(st.lists(st.sampled_from(offsets), max_size=8))


def _reference(content: bytes, offset: int) -> tuple[int, int]:
    """Line and column by walking over the characters one by one."""
    line, column = 1, 1
    text = content[:offset].decode("utf-8", "surrogateescape")
    for character in text.removeprefix("\ufeff"):
        line, column = (line + 1, 1) if character == "\n" else (line, column + 1)
    return line, column


@given(texts())
def test_positions_are_those_of_the_reference(text: tuple[bytes, list[int]]) -> None:
    content, offsets = text
    assert locate(content, offsets) == {at: _reference(content, at) for at in offsets}


@given(texts())
def test_positions_do_not_depend_on_what_else_is_asked(text: tuple[bytes, list[int]]) -> None:
    content, offsets = text
    alone = {at: locate(content, [at])[at] for at in offsets}
    assert locate(content, offsets[::-1] * 2) == alone


@pytest.mark.parametrize(
    ("content", "offset", "expected"),
    [
        pytest.param(b"", 0, (1, 1), id="nothing"),
        pytest.param(b"abc", 0, (1, 1), id="first character"),
        pytest.param(b"abc", 3, (1, 4), id="end of the text"),
        pytest.param(b"a\nb", 1, (1, 2), id="line feed itself"),
        pytest.param(b"a\nb", 2, (2, 1), id="after a line feed"),
        pytest.param(b"a\r\nb", 3, (2, 1), id="after CRLF"),
        pytest.param(b"a\r\n", 3, (2, 1), id="after the last line feed"),
        pytest.param(b"\n\n\nx", 3, (4, 1), id="empty lines"),
        pytest.param(BOM + b"abc", 3, (1, 1), id="after a mark"),
        pytest.param(BOM + b"abc", 0, (1, 1), id="at a mark"),
        pytest.param(b"a\n" + BOM + b"b", 5, (2, 2), id="a mark inside counts"),
        pytest.param("é中🔑x".encode(), 9, (1, 4), id="multi-byte characters"),
        pytest.param("e\u0301x".encode(), 3, (1, 3), id="combining character"),
        pytest.param(b"\xff\xfe\x80x", 3, (1, 4), id="invalid bytes count one each"),
        pytest.param("a\u2028b".encode(), 4, (1, 3), id="line separator ends no line"),
    ],
)
def test_position(content: bytes, offset: int, expected: tuple[int, int]) -> None:
    assert locate(content, [offset]) == {offset: expected}


@pytest.mark.parametrize(
    ("content", "span"),
    [
        pytest.param(b"", Span(2, 1, 2, 1), id="no such line"),
        pytest.param(b"a\nbc", Span(2, 1, 2, 4), id="no such column"),
        pytest.param(b"a", Span(0, 1, 0, 1), id="line 0"),
        pytest.param(b"a", Span(1, 0, 1, 0), id="column 0"),
        pytest.param(b"a\nbc", Span(2, 2, 1, 1), id="its end before its start"),
    ],
)
def test_span_that_a_content_does_not_have(content: bytes, span: Span) -> None:
    assert stretches(content, [span]) == [None]


@given(texts())
def test_offsets_are_found_again_from_their_positions(text: tuple[bytes, list[int]]) -> None:
    content, offsets = text
    for start in offsets:
        for end in offsets:
            if start <= end:
                found = locate(content, [start, end])
                low = len(BOM) if content.startswith(BOM) else 0
                expected = max(start, low), max(end, low)
                span = Span(*found[start], *found[end])
                assert stretches(content, [span]) == [expected]


def test_position_on_a_line_of_300_kilobytes() -> None:
    content = "x\n" + "é" * 100_000 + "k" * 100_000 + "\n"
    end = len(content.encode()) - 1
    found = locate(content.encode(), [2, 200_002, end])
    assert found == {2: (2, 1), 200_002: (2, 100_001), end: (2, 200_001)}


@given(st.binary(max_size=100))
def test_every_byte_string_decodes_and_goes_back(content: bytes) -> None:
    assert decode(content).encode("utf-8", "surrogateescape") == content


@given(st.text(max_size=100))
def test_harmless_text_has_no_control_characters(text: str) -> None:
    shown = harmless(text)
    assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in shown)
    assert harmless(shown) == shown


@pytest.mark.parametrize(
    "code",
    [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)],
    ids=lambda code: f"U+{code:04X}",
)
def test_marks_that_turn_the_reading_direction_are_written_out(code: int) -> None:
    assert harmless(f"a{chr(code)}b") == f"a\\u{code:04x}b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain é中🔑", "plain é中🔑", id="plain"),
        pytest.param("\x1b[31mred\x07", "\\x1b[31mred\\x07", id="terminal"),
        pytest.param("a\tb", "a b", id="tab"),
        pytest.param("a\r\nb", "a\\x0d\\x0ab", id="line ends"),
        pytest.param("\x9b31m", "\\x9b31m", id="C1"),
        pytest.param("a\u2029b", "a\\u2029b", id="paragraph separator"),
    ],
)
def test_harmless(text: str, expected: str) -> None:
    assert harmless(text) == expected


SHOWN = "be_12…9f"


@st.composite
def lines_with_secrets(draw: st.DrawFn) -> tuple[bytes, list[tuple[int, int, str]], list[bytes]]:
    """A text with secrets that stand nowhere else, and where they are."""
    draw_key = random.Random(draw(st.integers()))
    filler = st.text("ab \n\té🔑\x1b", max_size=draw(st.sampled_from([5, 400])))
    content, hidden, secrets = draw(filler).encode(), [], []
    for _ in range(draw(st.integers(1, 5))):
        secret = "".join(draw_key.choices("0123456789", k=draw_key.randint(8, 300))).encode()
        hidden.append((len(content), len(content) + len(secret), SHOWN))
        secrets.append(secret)
        content += secret + draw(filler).encode()
    return content, hidden, secrets


@given(lines_with_secrets())
def test_excerpt_shows_none_of_the_hidden_secrets(
    text: tuple[bytes, list[tuple[int, int, str]], list[bytes]],
) -> None:
    content, hidden, _ = text
    pieces = _pieces(content, hidden)
    for piece, (_, _, shown) in zip(pieces, hidden, strict=True):
        found = excerpt(content, piece, pieces)
        assert found.text[found.start : found.end] == shown
        assert not set(found.text.replace(SHOWN, "").replace("\\x1b", "")) & set("0123456789")


@given(lines_with_secrets())
def test_excerpt_is_one_short_harmless_line(
    text: tuple[bytes, list[tuple[int, int, str]], list[bytes]],
) -> None:
    content, hidden, _ = text
    pieces = _pieces(content, hidden)
    for piece, (_, _, shown) in zip(pieces, hidden, strict=True):
        found = excerpt(content, piece, pieces).text
        assert "\n" not in found
        assert found == harmless(found)
        assert len(found) <= 81 + len(shown) + 81


def _pieces(content: bytes, hidden: list[tuple[int, int, str]]) -> list[Hidden]:
    return [Hidden(start, end, shown) for start, end, shown in hidden]


def _excerpt(content: bytes, secret: bytes) -> tuple[str, str]:
    start = content.index(secret)
    piece = Hidden(start, start + len(secret), "*****")
    found = excerpt(content, piece, [piece])
    return found.text, found.text[found.start : found.end]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"SECRET", "*****", id="nothing else"),
        pytest.param(b"above\nk = 'SECRET'\nbelow", "k = '*****'", id="one line of several"),
        pytest.param(b"    k = SECRET  \n", "k = *****", id="indented"),
        pytest.param(b"k = SECRET\r\nnext", "k = *****", id="CRLF"),
        pytest.param(b"\tk\t=\tSECRET", "k = *****", id="tabs"),
        pytest.param("clé = SECRET  # où".encode(), "clé = *****  # où", id="accents"),
        pytest.param(b"\xff\xfe = SECRET", "\ufffd\ufffd = *****", id="no UTF-8"),
        pytest.param(BOM + b"k = SECRET", "k = *****", id="mark"),
        pytest.param(b"\x1b[1mSECRET", "\\x1b[1m*****", id="escape sequence"),
    ],
)
def test_excerpt(content: bytes, expected: str) -> None:
    assert _excerpt(content, b"SECRET") == (expected, "*****")


@pytest.mark.parametrize("filler", ["x", "é", "🔑"], ids=["ASCII", "two bytes", "four bytes"])
def test_long_line_is_cut_on_both_sides(filler: str) -> None:
    text, mark = _excerpt(f"{filler * 200_000}SECRET{filler * 200_000}".encode(), b"SECRET")
    assert text == "…" + filler * 80 + "*****" + filler * 80 + "…"
    assert mark == "*****"


def test_secret_of_several_lines_shows_its_first_line() -> None:
    assert _excerpt(b"a\nk = '-----\nabc\n-----' end", b"-----\nabc\n-----") == (
        "k = '*****",
        "*****",
    )


def test_secret_that_begins_above_is_hidden_too() -> None:
    content = b"-----\nabc ----- SECRET"
    hidden = [(0, 15, "PEM"), (16, 22, "*****")]
    pieces = _pieces(content, hidden)
    assert excerpt(content, pieces[1], pieces).text == "PEM *****"
