"""The prefilter misses nothing that a rule's regex matches, and tells where its hits are."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from scanner import rulefiles, rules
from scanner.decoders.escapes import ESCAPES
from scanner.decoders.view import Decoder
from scanner.detector import patterns_of
from scanner.errors import ConfigError
from scanner.measures import widths
from scanner.prefilter import CLOSE, Pattern, Prefilter, clamp, compile_patterns, refusal
from scanner.search import DECODERS

RULES = rulefiles.read(rules.files_in(rules.shipped()), thorough=False).rules
ATOMS = st.sampled_from(["a", "[ab]", "(?:ab|c)", "b_", r"\w", r"\.", "(c)", "(?P<n>[^a])"])
REPEATS = st.sampled_from(["", "{2}", "{1,3}", "{0,2}", "?"])
LAST = st.tuples(st.integers(1, 3), st.integers(0, 3)).map(lambda n: f"{{{n[0]},{n[0] + n[1]}}}")
TEXTS = st.text("abc_. ", max_size=30)


@st.composite
def regexes(draw: st.DrawFn) -> str:
    """A regex that ends in a repeat, perhaps within groups."""
    parts = draw(st.lists(st.tuples(st.sampled_from(["a", "[ab]", "b_"]), REPEATS), max_size=3))
    before = "".join(atom + repeat for atom, repeat in parts)
    depth = draw(st.integers(0, 2))
    return before + "(" * depth + draw(ATOMS) + draw(LAST) + ")" * depth


def _hits(content: bytes, *patterns: Pattern) -> dict[int, list[int]]:
    return Prefilter(compile_patterns(patterns), patterns).hits(content)


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("abc", id="no repeat"),
        pytest.param("a{2,5}b", id="repeat not at the end"),
        pytest.param("ab{0,2}", id="repeat that may be absent"),
        pytest.param("ab{3}", id="fixed repeat"),
        pytest.param("[a{2,5}]", id="braces in a class"),
        pytest.param(r"a\{2,5}", id="escaped brace"),
    ],
)
def test_pattern_without_a_last_repeat_stays(pattern: str) -> None:
    assert clamp(pattern) == pattern


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("be_[a-z]{20,128}", "be_[a-z]{20}", id="bounded"),
        pytest.param("be_[a-z]{20,}", "be_[a-z]{20}", id="open"),
        pytest.param("(be_(?P<r>[a-z]{20,128}))", "(be_(?P<r>[a-z]{20}))", id="in groups"),
        pytest.param(r"\\{2,3}", r"\\{2}", id="repeated backslash"),
        pytest.param("be_[a-z]{36}", "be_[a-z]{24}", id="long"),
        pytest.param("be_([a-z]{40,})", "be_([a-z]{24})", id="long and open"),
    ],
)
def test_last_repeat_is_cut_short(pattern: str, expected: str) -> None:
    assert clamp(pattern) == expected


@given(regexes(), TEXTS)
def test_clamped_pattern_matches_wherever_the_pattern_does(pattern: str, text: str) -> None:
    clamped = re.compile(clamp(pattern))
    for start in range(len(text) + 1):
        if re.compile(pattern).match(text, start):
            assert clamped.match(text, start)


@given(regexes(), TEXTS)
def test_a_hit_ends_within_every_match(pattern: str, text: str) -> None:
    ends = _hits(text.encode(), Pattern(clamp(pattern))).get(0, [])
    for match in re.finditer(pattern, text):
        assert any(match.start() < end <= match.end() for end in ends)


@given(TEXTS, st.sampled_from(["ab", "a[bc]", "(?:ab|c_)", "a.b"]))
def test_hits_are_all_ends_or_all_starts(text: str, pattern: str) -> None:
    found = _hits(text.encode(), Pattern(pattern), Pattern(pattern, starts=True))
    spans = [match.span() for match in regex.finditer(pattern, text, overlapped=True)]
    assert found.get(0, []) == sorted({end for _, end in spans})
    assert found.get(1, []) == sorted({start for start, _ in spans})


@given(st.binary(max_size=100))
def test_hits_are_in_order_and_each_stands_once(content: bytes) -> None:
    patterns = [Pattern("."), Pattern(r"\x00.{0,3}", starts=True), Pattern("[a-z]{1,9}")]
    for offsets in _hits(content, *patterns).values():
        assert offsets == sorted(set(offsets))
        assert all(0 <= offset <= len(content) for offset in offsets)


def test_empty_content_has_no_hits() -> None:
    assert _hits(b"", Pattern("a")) == {}


def test_content_without_hits_has_no_entries() -> None:
    assert _hits(b"xyz", Pattern("a"), Pattern("y")) == {1: [2]}


def test_dot_matches_line_feeds_and_bytes_of_any_value() -> None:
    assert _hits(b"a\nb a\xffb", Pattern("a.b", starts=True)) == {0: [0, 4]}


def test_prefilter_can_be_asked_again_and_again() -> None:
    prefilter = Prefilter(compile_patterns([Pattern("ab")]), [Pattern("ab")])
    assert [prefilter.hits(text) for text in (b"ab", b"", b"xab", b"ab")] == [
        {0: [2]},
        {},
        {0: [3]},
        {0: [2]},
    ]


@pytest.mark.parametrize(
    ("pattern", "starts"),
    [
        pytest.param("(?=a)b", False, id="look-ahead"),
        pytest.param(r"(a)\1", False, id="back-reference"),
        pytest.param("(a", False, id="open group"),
        pytest.param("a*", False, id="matches the empty string"),
        pytest.param("[a-z]{20,9000}x", True, id="too wide to know its starts"),
    ],
)
def test_what_hyperscan_refuses_is_told(pattern: str, starts: bool) -> None:
    assert "prefilter: " in (refusal(pattern, starts) or "")
    with pytest.raises(ConfigError):
        compile_patterns([Pattern("fine"), Pattern(pattern, starts)])


def test_what_hyperscan_takes_has_no_refusal() -> None:
    assert refusal("be_[a-z]{20}") is None


def _flipped(whole: bytes) -> bytes:
    middle = len(whole) // 2
    return whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda whole: whole[:0], id="empty"),
        pytest.param(lambda whole: whole[:40], id="cut in its head"),
        pytest.param(lambda whole: whole[: len(whole) // 2], id="cut in half"),
        pytest.param(lambda whole: b"x" * len(whole), id="something else"),
        pytest.param(_flipped, id="one bit changed"),
    ],
)
def test_damaged_database_is_refused(damage: Callable[[bytes], bytes]) -> None:
    patterns = [Pattern("be_[a-z]{20}"), Pattern("abc")]
    with pytest.raises(ConfigError, match="prefilter: "):
        Prefilter(damage(compile_patterns(patterns)), patterns)


GAPS = st.lists(st.sampled_from([0, 1, 20, 100, 127, 128, 129, 500, 2000]), min_size=1, max_size=60)


@given(GAPS, st.integers(0, 5000))
def test_thinned_hits_stand_for_all(gaps: list[int], behind: int) -> None:
    content = b"".join(b"." * gap + b"%41" for gap in gaps) + b"." * behind
    pattern = Pattern("%[2-7][0-9A-F]", thinned=True)
    told = _hits(content, pattern)[0]
    every = [match.end() for match in re.finditer(b"%41", content)]
    assert told == sorted(set(told))
    assert set(told) <= set(every)
    for end in set(every) - set(told):
        index = bisect_left(told, end)
        assert 0 < index < len(told)
        assert end - told[index - 1] <= CLOSE
        assert told[index] - told[index - 1] <= 2 * CLOSE
    assert _hits(content, pattern._replace(thinned=False)) == {0: every}


def test_patterns_apart_are_hits_like_others() -> None:
    patterns = [Pattern("ab"), Pattern("b", apart=True), Pattern("c"), Pattern("a", apart=True)]
    assert _hits(b"abc", *patterns) == {0: [2], 1: [2], 2: [3], 3: [1]}
    assert _hits(b"abc", *patterns[1::2]) == {0: [2], 1: [1]}


@pytest.mark.parametrize("cut", [1, 40, 400])
def test_damage_to_patterns_apart_is_refused(cut: int) -> None:
    patterns = [Pattern("abc"), Pattern("be_[a-z]{20}", apart=True)]
    with pytest.raises(ConfigError, match="prefilter: "):
        Prefilter(compile_patterns(patterns)[:-cut], patterns)


def test_what_a_hint_finds_elsewhere_is_no_hit() -> None:
    pattern = Pattern("%4[1-9]", thinned=True, hint="%4")
    assert _hits(b"%40", pattern) == {}
    assert _hits(b"%40 %41", pattern) == {0: [7]}


ESCAPE = st.from_regex(ESCAPES.triggers[0].encode(), fullmatch=True)


@given(ESCAPE)
def test_hint_finds_every_escape(escape: bytes) -> None:
    assert re.search(ESCAPES.hint.encode(), escape)


def test_few_of_many_hits_are_told() -> None:
    content = b"%41" * 100_000
    told = _hits(content, Pattern("%[2-7][0-9A-F]", thinned=True))[0]
    assert len(content) / CLOSE < len(told) < 3 * len(content) / CLOSE


TOGETHER = [
    Pattern("ab{2}"),
    Pattern("(?:^|[ ;])pw", starts=True),
    Pattern("[^a]{0,4}cd", starts=True),
    Pattern('be[^"]{0,7}"', starts=True),
    Pattern("(?:[; ](?:[a-c]{1,4}_)?|_)ke", starts=True),
    Pattern("ef(?:[ ;]|$)"),
    Pattern("b[^z]{0,9}c"),
    Pattern("%[2-7][0-9A-F]", thinned=True, hint="%[2-7]", apart=True),
    Pattern("d *e", apart=True),
]
WIDTH = 12  # bytes that one of them takes at most
MANY = st.lists(
    st.one_of(
        st.sampled_from([b"", b"pw", b"ef", b"ef ", b"cd", b"abb", b"\npw\n", b"%", b"41", b"%41"]),
        st.sampled_from([b"a be", b'be be "', b'be = "', b"ab_ke", b" ab_ke", b";ke"]),
        st.text("abcdefpw ;%4\n", max_size=30).map(str.encode),
        st.integers(0, 5000).map(lambda size: b"pw" + b"%41 " * size + b"ef"),
    ),
    max_size=30,
)


@pytest.fixture(scope="module")
def together() -> Prefilter:
    return Prefilter(compile_patterns(TOGETHER), TOGETHER)


@given(MANY)
def test_hits_of_many_texts_are_those_of_each(together: Prefilter, texts: list[bytes]) -> None:
    told = together.hits_of(texts)
    assert len(told) == len(texts)
    for text, found in zip(texts, told, strict=True):
        alone = together.hits(text)
        for pattern, offsets in found.items():
            assert offsets == sorted(set(offsets))
            more = set(offsets) - set(alone.get(pattern, []))  # by what stands beside the text
            assert all(offset <= WIDTH or len(text) - offset <= WIDTH for offset in more)
        for pattern, offsets in alone.items():
            assert set(offsets) <= set(found[pattern])


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param(Pattern("^b"), [{}, {0: [1]}, {0: [1]}], id="beginning"),
        pytest.param(Pattern("(?m:^)b"), [{}, {0: [1]}, {0: [1]}], id="beginning of a line"),
        pytest.param(Pattern(r"(?:^|[ \s])b"), [{}, {0: [1]}, {0: [1]}], id="white space before"),
        pytest.param(Pattern(r"b(?:[\s]|$)"), [{0: [2]}, {}, {0: [1]}], id="white space behind"),
        pytest.param(Pattern("b$"), [{0: [2]}, {}, {0: [1]}], id="end"),
        pytest.param(Pattern(r"\Ab"), [{}, {0: [1]}, {0: [1]}], id="beginning of a text"),
        pytest.param(Pattern(r"b\z"), [{0: [2]}, {}, {0: [1]}], id="end of a text"),
        pytest.param(Pattern("[ab]", thinned=True), [{0: [1, 2]}] * 2 + [{0: [1]}], id="thinned"),
    ],
)
def test_anchors_hold_for_each_of_many_texts(
    pattern: Pattern, expected: list[dict[int, list[int]]]
) -> None:
    prefilter = Prefilter(compile_patterns([pattern]), [pattern])
    assert prefilter.hits_of([b"ab", b"ba", b"b"]) == expected
    assert prefilter.hits_of([]) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(r"^a", False, id="beginning"),
        pytest.param(r"a(?-m:$)", False, id="end"),
        pytest.param(r"(?:^|[ab])c", False, id="beginning or a letter"),
        pytest.param(r"(?:^|[^\s])c", False, id="beginning or no white space"),
        pytest.param(r"(?:^|\[\s])c", False, id="what looks like a set"),
        pytest.param(r"\\\Aa", False, id="behind a backslash"),
        pytest.param(r"a\Z", False, id="last line"),
        pytest.param(r"[\]^$]\^\$\\A", True, id="none"),
        pytest.param(r"(?:^|[;\s\]])c(?:[$\s]|$)", True, id="beside white space"),
    ],
)
def test_patterns_for_texts_together(text: str, expected: bool) -> None:
    assert Pattern(text).joins() == expected


def test_shipped_rules_are_for_texts_together() -> None:
    assert all(one.joins() for one in patterns_of(RULES))


def test_database_without_all_its_parts_is_refused() -> None:
    patterns = [Pattern("abc")]
    with pytest.raises(ConfigError, match="prefilter: a part is missing"):
        Prefilter(compile_patterns(patterns)[:-8], patterns)


@pytest.mark.parametrize(
    "decoder", [one for one in DECODERS if one.dense], ids=lambda one: one.name
)
def test_thinned_triggers_are_as_short_as_they_have_to_be(decoder: Decoder) -> None:
    for trigger in decoder.triggers:
        assert widths(trigger)[1] <= 16
