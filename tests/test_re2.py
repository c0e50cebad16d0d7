"""Each construct of RE2's syntax page, and of Rust's, against what it must and must not match.

https://github.com/google/re2/wiki/Syntax and https://docs.rs/regex/latest/regex/#syntax tell.
"""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from scanner import patterntree, re2, rewriting


def _search(pattern: str, *, rust: bool = False) -> regex.Pattern[bytes]:
    return regex.compile(rewriting.search(re2.parse(pattern, rust=rust)).encode())


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        pytest.param("(?=a)b", "look-around", id="look-ahead"),
        pytest.param("(?!a)b", "look-around", id="negative look-ahead"),
        pytest.param("(?<=a)b", "look-around", id="look-behind"),
        pytest.param("(?<!a)b", "look-around", id="negative look-behind"),
        pytest.param(r"(a)\1", r"back-reference `\1`", id="back-reference"),
        pytest.param(r"\8", r"back-reference `\8`", id="no octal digit"),
        pytest.param("(?P=name)", "`(?P`", id="named back-reference"),
        pytest.param("(?>a)", "`(?>`", id="atomic group"),
        pytest.param("(?#note)a", "`(?#`", id="comment"),
        pytest.param("(?R)", "`(?R`", id="recursion"),
        pytest.param("(?x)a b", "`(?x`", id="verbose is Rust's"),
        pytest.param("a++", "possessive", id="possessive plus"),
        pytest.param("a*+", "possessive", id="possessive star"),
        pytest.param("a**", "repeat of a repeat", id="repeat of a repeat"),
        pytest.param("a{2}{3}", "repeat of a repeat", id="repeat of a count"),
        pytest.param("*a", "repeat of nothing", id="star first"),
        pytest.param("(?i)*", "repeat of nothing", id="star behind flags"),
        pytest.param("a|+", "repeat of nothing", id="plus behind bar"),
        pytest.param("a{3,2}", "least is over its most", id="bounds turned round"),
        pytest.param("a{1001}", "over 1000", id="too many repeats"),
        pytest.param(r"a\Z", r"`\Z`", id="end before line break"),
        pytest.param(r"\Ga", r"`\G`", id="where the last match ended"),
        pytest.param(r"\h", r"`\h`", id="horizontal space"),
        pytest.param(r"\R", r"`\R`", id="line break"),
        pytest.param(r"\K", r"`\K`", id="keep out"),
        pytest.param(r"\cA", r"`\c`", id="control"),
        pytest.param(r"\u0041", r"`\u`", id="four digits"),
        pytest.param(r"\p{Nonsense1}", "class", id="unknown Unicode class"),
        pytest.param(r"\pX", "class", id="unknown category"),
        pytest.param("[[:nonsense:]]", "class", id="unknown POSIX class"),
        pytest.param("[z-a]", "end is before its start", id="range turned round"),
        pytest.param("[a", "ends in the middle", id="open bracket"),
        pytest.param("(a", "`)` is missing", id="open group"),
        pytest.param("a)", "`)` too many", id="closed twice"),
        pytest.param("a\\", "ends in the middle", id="backslash last"),
        pytest.param(r"\x{110000}", "number", id="beyond Unicode"),
        pytest.param(r"\xzz", "number", id="no hex digits"),
        pytest.param("(?Pa)", "`(?P`", id="broken name"),
        pytest.param("(" * 150 + "a" + ")" * 150, "deep", id="too deep"),
    ],
)
def test_what_go_refuses_or_we_cannot_do_is_told(pattern: str, reason: str) -> None:
    with pytest.raises(patterntree.Untranslatable) as caught:
        re2.parse(pattern)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "others", "texts"),
    [
        pytest.param("a.c", [b"a\nc"], [b"abc"], id="dot"),
        pytest.param("(?s)a.c", [b"ac"], [b"a\nc", b"abc"], id="dot and line break"),
        pytest.param("[xyz]", [b"w"], [b"x"], id="set"),
        pytest.param("[^xyz]", [b"x"], [b"w", b"\n"], id="negative set"),
        pytest.param("[]a]", [b"b"], [b"]", b"a"], id="bracket first"),
        pytest.param("[^]a]", [b"]", b"a"], [b"b"], id="bracket first in a negative set"),
        pytest.param("[a-]", [b"b"], [b"-", b"a"], id="hyphen last"),
        pytest.param(r"^\d$", [b"a", b"11"], [b"1"], id="digits"),
        pytest.param(r"^\D$", [b"1"], [b"a"], id="no digits"),
        pytest.param(r"^\s$", [b"\x0b", b"a"], [b" ", b"\t", b"\n", b"\f", b"\r"], id="space"),
        pytest.param(r"^\S$", [b" "], [b"\x0b", b"a"], id="no space"),
        pytest.param(r"^\w$", [b"-"], [b"_", b"Z"], id="word"),
        pytest.param(r"^\W$", [b"_"], [b"-"], id="no word"),
        pytest.param(r"^[\d\-x]$", [b"y"], [b"5", b"-", b"x"], id="classes in a set"),
        pytest.param(r"^[^\s\d]$", [b"1", b" "], [b"a"], id="classes in a negative set"),
        pytest.param("^[[:alpha:]]$", [b"1"], [b"a", b"Z"], id="POSIX letters"),
        pytest.param("^[[:^alpha:]]$", [b"a"], [b"1"], id="POSIX negative"),
        pytest.param("^[[:word:]-]$", [b"+"], [b"_", b"-"], id="POSIX word and more"),
        pytest.param("^[[:punct:]]$", [b"a", b" "], [b"!", b"~", b"[", b"`"], id="punctuation"),
        pytest.param("^[[:space:]]$", [b"a"], [b"\x0b", b" "], id="POSIX space has more"),
        pytest.param("^[[:xdigit:]]{2}$", [b"g0"], [b"fF"], id="hex digits"),
        pytest.param("^[[:cntrl:]]$", [b" "], [b"\x00", b"\x7f"], id="controls"),
        pytest.param("^[[:graph:]]$", [b" "], [b"!"], id="graphic"),
        pytest.param("^[[:print:]]$", [b"\n"], [b" "], id="printable"),
        pytest.param("^[[:blank:]]$", [b"\n"], [b"\t"], id="blank"),
        pytest.param("^[[:ascii:]]$", [b"\xc3"], [b"\x00"], id="ASCII"),
        pytest.param(r"^\pN$", [b"a"], [b"1"], id="one-letter category"),
        pytest.param(r"^\p{Lu}$", [b"a"], [b"A"], id="category"),
        pytest.param(r"^\PL$", [b"a"], [b"1"], id="negative category"),
        pytest.param(r"^\p{^Lu}$", [b"A"], [b"a"], id="category turned round"),
        pytest.param(r"^\p{Greek}", [b"a"], ["δ".encode()], id="script"),
        pytest.param("xy", [b"xx"], [b"xy"], id="in a row"),
        pytest.param("^(?:x|y)$", [b"z"], [b"x", b"y"], id="one or other"),
        pytest.param("^x*$", [b"y"], [b"", b"xx"], id="star"),
        pytest.param("^x+$", [b""], [b"xx"], id="plus"),
        pytest.param("^x?$", [b"xx"], [b"", b"x"], id="question mark"),
        pytest.param("^x{2,3}$", [b"x", b"xxxx"], [b"xx"], id="count"),
        pytest.param("^x{2,}$", [b"x"], [b"xxxx"], id="count from"),
        pytest.param("^x{2}$", [b"xxx"], [b"xx"], id="exact count"),
        pytest.param("^x{,2}$", [b"xx"], [b"x{,2}"], id="no least is no count"),
        pytest.param("^a{$", [b"a"], [b"a{"], id="brace alone"),
        pytest.param("^(?i)ab$", [b"ac"], [b"AB", b"aB"], id="no case"),
        pytest.param("a(?i)b", [b"AB"], [b"aB"], id="no case from the middle on"),
        pytest.param("(?:a(?i)b)c", [b"aBC"], [b"aBc"], id="flags end with their group"),
        pytest.param("(?i:a)b", [b"AB"], [b"Ab"], id="flags of a group"),
        pytest.param("(?i)a(?-i)b", [b"aB"], [b"Ab"], id="flags turned off"),
        pytest.param("^(?i)[a-c]$", [b"d"], [b"B"], id="no case in a set"),
        pytest.param("^(?i)[^a]$", [b"A"], [b"b"], id="no case in a negative set"),
        pytest.param("(?m)^b$", [b"ab"], [b"a\nb\nc"], id="lines"),
        pytest.param("^b", [b"a\nb"], [b"b"], id="text begins"),
        pytest.param("b$", [b"b\n"], [b"ab"], id="text ends, though a line break follows"),
        pytest.param(r"\Ab\z", [b"b\n"], [b"b"], id="ends by name"),
        pytest.param(r"\bb\b", [b"ab"], [b"a b"], id="word edge"),
        pytest.param(r"a\Bb", [b"a b"], [b"ab"], id="no word edge"),
        pytest.param(r"\x41\x{42}\103\n\t\*", [b"ABC"], [b"ABC\n\t*"], id="escapes"),
        pytest.param(r"^\0\07$", [b"0"], [b"\x00\x07"], id="octal from zero"),
        pytest.param(r"\Qa.b\E.c", [b"axbxc"], [b"a.bxc"], id="quoted"),
        pytest.param(r"^\Qa+\E+$", [b"aa"], [b"a+++"], id="repeat behind quoted"),
        pytest.param(r"\Qa|b", [b"a"], [b"a|b"], id="quoted to the end"),
        pytest.param(r"^\C$", [b""], [b"\xff"], id="any byte"),
        pytest.param("^(?P<n>a)(?<m>b)$", [b"a"], [b"ab"], id="named groups"),
        pytest.param("é[äö]", ["éx".encode()], ["éö".encode()], id="beyond ASCII"),
        pytest.param("^[a-zé]+$", [b"A"], ["aéz".encode()], id="set beyond ASCII"),
        pytest.param(r"^[^\"]+$", [b'"'], ["ö".encode()], id="negative set beyond ASCII"),
    ],
)
def test_construct(pattern: str, others: list[bytes], texts: list[bytes]) -> None:
    found = _search(pattern)
    assert [text for text in others if found.search(text)] == []
    assert [text for text in texts if not found.search(text)] == []


@pytest.mark.parametrize(
    ("pattern", "length"),
    [
        pytest.param("a+", 3, id="greedy"),
        pytest.param("a+?", 1, id="lazy"),
        pytest.param("(?U)a+", 1, id="lazy by flag"),
        pytest.param("(?U)a+?", 3, id="greedy by both"),
        pytest.param("a{1,2}?", 1, id="lazy count"),
        pytest.param("(?:ab|a|aaa)", 1, id="first branch that fits"),
    ],
)
def test_how_much_is_taken(pattern: str, length: int) -> None:
    found = _search(pattern).search(b"aaa")
    assert found is not None
    assert found.end() == length


@pytest.mark.parametrize(
    ("pattern", "others", "texts"),
    [
        pytest.param("(?x) a b # c", [b"a b"], [b"ab"], id="verbose"),
        pytest.param(r"(?x) a\ b [\ #]", [b"ab"], [b"a b#"], id="verbose, escaped"),
        pytest.param("(?x)a {2}", [b"a"], [b"aa"], id="verbose before a count"),
        pytest.param("^[a-z&&[^aeiou]]$", [b"a"], [b"b"], id="sets in common"),
        pytest.param("^[a-z--[aeiou]]$", [b"e"], [b"z"], id="set without another"),
        pytest.param("^[[0-9]x]$", [b"y"], [b"5", b"x"], id="set in a set"),
        pytest.param(r"^\u0041\U00000042\u{43}$", [b"abc"], [b"ABC"], id="characters by number"),
        pytest.param(r"^\s$", [b"a"], [b"\x0b"], id="space has more"),
        pytest.param("^a{2000}$", [b"a"], [b"a" * 2000], id="more repeats"),
        pytest.param(r"\#\-\ ", [b"#"], [b"#- "], id="escaped signs"),
    ],
)
def test_construct_of_rust(pattern: str, others: list[bytes], texts: list[bytes]) -> None:
    found = _search(pattern, rust=True)
    assert [text for text in others if found.search(text)] == []
    assert [text for text in texts if not found.search(text)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("[a~~b]", id="symmetric difference"),
        pytest.param(r"\b{start}", id="edge of one side"),
        pytest.param("[a-z&&b&&c]", id="two operators"),
        pytest.param(r"\012", id="octal"),
        pytest.param("(?=a)", id="look-around"),
    ],
)
def test_what_of_rust_is_not_done_is_told(pattern: str) -> None:
    with pytest.raises(patterntree.Untranslatable):
        re2.parse(pattern, rust=True)


@given(st.text(max_size=40), st.booleans())
def test_any_text_is_read_or_refused(pattern: str, rust: bool) -> None:
    try:
        tree = re2.parse(pattern, rust=rust)
    except patterntree.Untranslatable as error:
        assert str(error)
        return
    regex.compile(rewriting.search(tree).encode("utf-8", "surrogatepass"))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_quoted_text_finds_itself(text: str) -> None:
    if r"\E" not in text:
        assert _search(rf"\Q{text}\E").fullmatch(text.encode())
