"""A decoded view leads every byte back to exactly the bytes it came from."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.decoders.concatenation import CONCATENATION
from scanner.decoders.escapes import ESCAPES
from scanner.decoders.percent import PERCENT
from scanner.decoders.view import Decoder, View

Piece = tuple[bytes, bytes]
PLAIN = st.sampled_from("abkz09_-. \n:=é").map(lambda c: (c.encode(), c.encode()))
KEYS = st.characters(min_codepoint=0x21, max_codepoint=0x7E).map(ord)


ESCAPED = st.one_of(
    KEYS.map(lambda code: (b"\\x%02x" % code, bytes([code]))),
    KEYS.map(lambda code: (b"\\x%02X" % code, bytes([code]))),
    KEYS.map(lambda code: (b"\\u%04x" % code, bytes([code]))),
    KEYS.map(lambda code: (b"\\u{%x}" % code, bytes([code]))),
    st.sampled_from(b"\"'/\\").map(lambda code: (b"\\%c" % code, bytes([code]))),
)
BINARY = st.binary(min_size=4, max_size=9).map(
    lambda raw: [(b"\\x%02x" % byte, bytes([byte])) for byte in raw]
)
IN_STRINGS = st.lists((PLAIN | ESCAPED).map(lambda piece: [piece]) | BINARY, max_size=25).map(
    lambda lists: [piece for pieces in lists for piece in pieces]
)
QUOTED = KEYS.map(lambda code: (b"%%%02X" % code, bytes([code])))
KEY_BYTES = st.sampled_from("abkz09_").map(lambda c: (c.encode(), c.encode()))
JOINTS = st.sampled_from(
    [b'" + "', b"' . '", b'"\n  "', b"' +\r\n '", b"\\\n", b'" .. "', b'" & "', b'"  # x\n  "']
).map(lambda text: (text, b""))
JOINED = st.lists(st.tuples(KEY_BYTES, JOINTS, KEY_BYTES)).map(
    lambda triples: [piece for triple in triples for piece in triple]
)
NOTATIONS = [
    pytest.param(ESCAPES, IN_STRINGS, id="escapes"),
    pytest.param(PERCENT, st.lists(PLAIN | QUOTED, max_size=25), id="percent"),
    pytest.param(CONCATENATION, JOINED, id="concatenation"),
]


def _sources(pieces: list[Piece]) -> list[tuple[int, int]]:
    """For each decoded byte, the original bytes it came from."""
    sources, at = [], 0
    for original, decoded in pieces:
        if original == decoded:
            sources += [(at + n, at + n + 1) for n in range(len(decoded))]
        else:
            sources += [(at, at + len(original))] * len(decoded)
        at += len(original)
    return sources


@pytest.mark.parametrize(("decoder", "texts"), NOTATIONS)
@given(data=st.data())
def test_offsets_lead_back_to_the_bytes_they_came_from(
    decoder: Decoder, texts: st.SearchStrategy[list[Piece]], data: st.DataObject
) -> None:
    pieces = data.draw(texts)
    content = b"".join(original for original, _ in pieces)
    view = View(content, 0, len(content), decoder)
    assert view.content == b"".join(decoded for _, decoded in pieces)
    sources = _sources(pieces)
    start = data.draw(st.integers(0, len(sources)))
    end = data.draw(st.integers(start, len(sources)))
    if end > start:
        assert view.original(start, end) == (sources[start][0], sources[end - 1][1])


@pytest.mark.parametrize(("decoder", "texts"), NOTATIONS)
@given(data=st.data(), before=st.binary(max_size=9), behind=st.binary(max_size=9))
def test_a_window_counts_from_the_start_of_the_whole_content(
    decoder: Decoder,
    texts: st.SearchStrategy[list[Piece]],
    data: st.DataObject,
    before: bytes,
    behind: bytes,
) -> None:
    pieces = data.draw(texts.filter(bool))
    window = b"".join(original for original, _ in pieces)
    view = View(before + window + behind, len(before), len(before) + len(window), decoder)
    alone = View(window, 0, len(window), decoder)
    assert view.content == alone.content
    low, high = alone.original(0, len(alone.content))
    assert view.original(0, len(view.content)) == (low + len(before), high + len(before))


@pytest.mark.parametrize(("decoder", "texts"), NOTATIONS)
@given(data=st.data())
def test_changed_tells_whether_a_replaced_piece_lies_within(
    decoder: Decoder, texts: st.SearchStrategy[list[Piece]], data: st.DataObject
) -> None:
    pieces = data.draw(texts)
    content = b"".join(original for original, _ in pieces)
    view = View(content, 0, len(content), decoder)
    start = data.draw(st.integers(0, len(view.content)))
    end = data.draw(st.integers(start, len(view.content)))
    at, expected = 0, False
    for original, decoded in pieces:
        inside = start < at < end if not decoded else at < end and at + len(decoded) > start
        expected |= original != decoded and inside
        at += len(decoded)
    if not _touches_a_joint(pieces, start):
        assert view.changed(start, end) is expected


def _touches_a_joint(pieces: list[Piece], start: int) -> bool:
    """Whether what stands for nothing lies right before `start`: either answer is right."""
    at = 0
    for _, decoded in pieces:
        if not decoded and at == start:
            return True
        at += len(decoded)
    return False


UPPER = Decoder("upper", ("x",), re.compile(rb"<(\w*)>"), lambda match: match[1].upper())


@pytest.mark.parametrize(
    ("content", "decoded"),
    [
        pytest.param(b"", b"", id="empty"),
        pytest.param(b"plain", b"plain", id="nothing to do"),
        pytest.param(b"<ab>", b"AB", id="all of it"),
        pytest.param(b"<ab><cd>", b"ABCD", id="side by side"),
        pytest.param(b"x<ab>y<>z", b"xAByz", id="in between, one empty"),
    ],
)
def test_view_replaces_what_the_decoder_finds(content: bytes, decoded: bytes) -> None:
    assert View(content, 0, len(content), UPPER).content == decoded


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(0, 1, (0, 1), id="before"),
        pytest.param(0, 2, (0, 5), id="into a piece"),
        pytest.param(2, 3, (1, 5), id="inside a piece"),
        pytest.param(1, 3, (1, 5), id="a whole piece"),
        pytest.param(2, 4, (1, 6), id="out of a piece"),
        pytest.param(3, 4, (5, 6), id="between pieces"),
        pytest.param(3, 5, (5, 9), id="across an empty piece"),
        pytest.param(4, 5, (8, 9), id="behind an empty piece"),
        pytest.param(0, 5, (0, 9), id="everything"),
    ],
)
def test_original(start: int, end: int, expected: tuple[int, int]) -> None:
    assert View(b"x<ab>y<>z", 0, 9, UPPER).original(start, end) == expected


@given(st.integers(0, 9), st.integers(0, 9))
def test_view_of_a_window_decodes_that_window_alone(low: int, high: int) -> None:
    content = b"x<ab>y<>z"
    view = View(content, low, max(low, high), UPPER)
    assert view.content == UPPER.pattern.sub(UPPER.decode, content[low : max(low, high)])
