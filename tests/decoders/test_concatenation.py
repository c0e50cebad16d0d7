"""Strings put together in source code are joined; other neighbours of quotes are not."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.decoders.concatenation import CONCATENATION
from scanner.prefilter import Pattern, Prefilter, compile_patterns

PATTERNS = [Pattern(trigger) for trigger in CONCATENATION.triggers]
PREFILTER = Prefilter(compile_patterns(PATTERNS), PATTERNS)


def _joined(text: str) -> str:
    return CONCATENATION.pattern.sub(CONCATENATION.decode, text.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param('"abc"', id="one literal"),
        pytest.param('"abc", "def"', id="list"),
        pytest.param('"abc": "def"', id="mapping"),
        pytest.param('"abc" = "def"', id="assignment"),
        pytest.param('"abc" + name', id="a name follows"),
        pytest.param('name + "abc"', id="a name goes before"),
        pytest.param('"abc" - "def"', id="minus"),
        pytest.param('"abc"; "def"', id="statements"),
        pytest.param('"abc"\n\nx = "def"', id="two assignments"),
        pytest.param("a\nb", id="two lines"),
        pytest.param("a\\n b", id="escaped line feed"),
        pytest.param('f("abc") + g("def")', id="calls"),
    ],
)
def test_text_that_stays(text: str) -> None:
    assert _joined(text) == text


SPLIT = [
    pytest.param('"be_" + "9f"', id="plus"),
    pytest.param('"be_"+"9f"', id="plus without spaces"),
    pytest.param("'be_' + \"9f\"", id="plus between other quotes"),
    pytest.param("`be_` + `9f`", id="plus between template literals"),
    pytest.param('"be_" +\n    "9f"', id="plus at the end of a line"),
    pytest.param('"be_"\n    + "9f"', id="plus at the start of a line"),
    pytest.param('"be_" +\r\n    "9f"', id="plus and CRLF"),
    pytest.param('"be_" + \\\n    "9f"', id="plus and a continued line"),
    pytest.param('"be_" \\\n    + "9f"', id="continued line and plus"),
    pytest.param('"be_" + // why\n "9f"', id="plus and a comment"),
    pytest.param('"be_" + /* why */ "9f"', id="plus and a block comment"),
    pytest.param('"be_" // why\n + "9f"', id="comment and plus"),
    pytest.param("'be_' . '9f'", id="PHP, Perl"),
    pytest.param("'be_'.'9f'", id="PHP without spaces"),
    pytest.param('"be_" .. "9f"', id="Lua"),
    pytest.param('"be_" & "9f"', id="Visual Basic"),
    pytest.param('"be_" <> "9f"', id="Elixir"),
    pytest.param('"be_" ++ "9f"', id="Haskell"),
    pytest.param('"be_" ~ "9f"', id="Jinja"),
    pytest.param("'be_' || '9f'", id="SQL"),
    pytest.param('"be_" "9f"', id="adjacent"),
    pytest.param('"be_""9f"', id="adjacent without a space"),
    pytest.param("'be_'\"9f\"", id="adjacent with other quotes"),
    pytest.param('"be_"\n    "9f"', id="adjacent on two lines"),
    pytest.param('"be_"  # why\n    "9f"', id="adjacent with a comment"),
    pytest.param('"be_"  # one\n    # two\n    "9f"', id="adjacent with two comments"),
    pytest.param('"be_" + // one\n  // two\n  "9f"', id="plus and two comments"),
    pytest.param('"be_" \\\n    "9f"', id="adjacent on a continued line"),
    pytest.param('"be_" f"9f"', id="adjacent with a prefix"),
    pytest.param('"be_" + r"9f"', id="plus with a prefix"),
    pytest.param('"be_\\\n9f"', id="continued inside a literal"),
    pytest.param('"be_\\\r\n9f"', id="continued inside a literal with CRLF"),
]


@pytest.mark.parametrize("text", SPLIT)
def test_split_literal_is_joined(text: str) -> None:
    assert "be_9f" in _joined(text)


@pytest.mark.parametrize("text", ["be_\\\n9f", "be_\\\r\n    9f"], ids=["LF", "CRLF, indented"])
def test_continued_shell_word_is_joined(text: str) -> None:
    assert _joined(text) == "be_9f"


@pytest.mark.parametrize("text", SPLIT)
def test_a_trigger_hits_every_split_literal(text: str) -> None:
    assert PREFILTER.hits(f"k = {text};".encode())


WORDS = st.lists(st.text("abk09_", min_size=1, max_size=6), min_size=2, max_size=5)


@given(WORDS, st.sampled_from([" + ", "\n    ", " ", " +\n  ", " f", '  # "why"\n  r']))
def test_what_python_joins_is_joined(words: list[str], between: str) -> None:
    source = "(" + between.join(f'"{word}"' for word in words) + ")"
    assert "JoinedStr" not in ast.dump(ast.parse(source)) or " f" in between
    assert "".join(words) in _joined(source)


@given(WORDS, st.sampled_from(['" + "', "' . '", '"\n"', "\\\n", "` +\n`", '" .. "']))
def test_every_split_literal_that_is_joined_has_a_trigger(words: list[str], joint: str) -> None:
    text = joint.join(words)
    ends = {end for offsets in PREFILTER.hits(text.encode()).values() for end in offsets}
    assert len(ends) >= len(words) - 1
    assert _joined(text) == "".join(words)


LINE = "MIIEvQIBADANBgkq"


def _counts(text: str) -> bool:
    content = text.encode()
    ends = sorted(end for offsets in PREFILTER.hits(content).values() for end in offsets)
    return bool(ends) and CONCATENATION.works(content, ends[0], ends[-1])


@pytest.mark.parametrize("text", SPLIT)
def test_every_split_literal_counts(text: str) -> None:
    assert _counts(f"k = {text};")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(rf'"abc\n" "{LINE}"', id="long line behind"),
        pytest.param(rf'"{LINE}\n" "abc"', id="long line before"),
        pytest.param(rf'"{LINE}\r\n" + "abc"', id="long line before, CRLF"),
        pytest.param(rf'"abc\n" "def" "{LINE}"', id="no line's end at one joint"),
        pytest.param(rf'"{LINE}\\n" "abc"', id="escaped twice"),
        pytest.param(rf'"{LINE}\\r\\n" "abc"', id="escaped twice, CRLF"),
        pytest.param(rf'"{LINE}\\\\n" "abc"', id="escaped three times"),
        pytest.param(r'"Ab3d==\n" "-----END PRIVATE KEY-----"', id="end of a PEM key"),
        pytest.param(r'"the\ttoken" "def"', id="a tab is no line's end"),
    ],
)
def test_lines_of_a_pem_key_count(text: str) -> None:
    assert _counts(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(r'"usage: a\n" "options: b"', id="short lines"),
        pytest.param(r'"usage: a\n"' + '\n  "options: b"', id="short lines, adjacent on two lines"),
        pytest.param(rf'"abc\n" "{LINE[1:]}"', id="a byte too short"),
        pytest.param('"one " "two"', id="a space before"),
    ],
)
def test_what_no_key_goes_on_over_does_not_count(text: str) -> None:
    assert not _counts(text)


@given(st.lists(st.sampled_from(["a", LINE, r"\n", '" "', " ", '"', "\\\n"]), max_size=12))
def test_pieces_that_count_are_joined(parts: list[str]) -> None:
    content = "".join(parts).encode()
    for piece in CONCATENATION.pattern.finditer(content):
        assert not (CONCATENATION.counts(piece) and CONCATENATION.decode(piece))
