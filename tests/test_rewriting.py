"""Patterns of rules out of other engines' patterns: bounded, found by what hyperscan looks for."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from scanner import patterntree, re2, rewriting
from scanner.patterntree import Group
from scanner.prefilter import Pattern, Prefilter, compile_patterns
from scanner.rewriting import Rewritten


def _rule(pattern: str, number: int = 0) -> Rewritten:
    def chosen(group: Group) -> bool:
        return group.number == number

    return rewriting.rule(re2.parse(pattern), chosen if number else None)


def _secret(pattern: str, text: bytes, number: int = 0) -> bytes:
    found = regex.search(_rule(pattern, number).regex.encode(), text)
    assert found is not None
    return bytes(found["secret"] if "secret" in found.re.groupindex else found[0])


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        pytest.param("a*", "empty text", id="may be empty"),
        pytest.param("", "empty text", id="is empty"),
        pytest.param(r"\w+", "everywhere", id="any word"),
        pytest.param(r"[a-z]{2,5}\s*=", "everywhere", id="any name"),
        pytest.param("(?:a{1000}){1000}", "over 20000 bytes", id="too wide"),
        pytest.param("(?:(?:(?:(?:(?:a+b)+c)+d)+e)+f)+g", "inside of repeats", id="nested"),
        pytest.param(".{400}", "everywhere", id="anything"),
    ],
)
def test_what_makes_no_rule_is_told(pattern: str, reason: str) -> None:
    with pytest.raises(patterntree.Untranslatable) as caught:
        _rule(pattern)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "number", "text", "secret"),
    [
        pytest.param("acme_[0-9]{4}", 0, b"x acme_1234", b"acme_1234", id="no group"),
        pytest.param("acme_([0-9]{4})", 0, b"acme_1234", b"1234", id="first group"),
        pytest.param("(acme)_([0-9]{4})", 2, b"acme_1234", b"1234", id="group by number"),
        pytest.param("(?:acme)_(?P<n>[0-9]{4})", 0, b"acme_1234", b"1234", id="named group"),
        pytest.param("acme_(?:([0-9]{4})|([a-z]{4}))", 0, b"acme_abcd", b"abcd", id="of branches"),
        pytest.param("(acme[0-9]{4})|(bcme[a-z]{4})", 0, b"bcmeabcd", b"bcmeabcd", id="branches"),
        pytest.param("acme_(?:id=([0-9]{4})|[a-z]{4})", 0, b"acme_abcd", b"abcd", id="in one only"),
        pytest.param("acme_([0-9]{4})?", 0, b"acme_", b"", id="may be absent"),
        pytest.param("((acme)_[0-9]{4})", 0, b"acme_1234", b"acme_1234", id="group in a group"),
        pytest.param("acme_(a|b)", 0, b"acme_b", b"b", id="choice in a group"),
    ],
)
def test_secret(pattern: str, number: int, text: bytes, secret: bytes) -> None:
    assert _secret(pattern, text, number) == secret


def test_a_secret_that_is_more_than_its_group_is_told_of() -> None:
    assert "around its group" in _rule("acme_(?:id=([0-9]{4})|[a-z]{4})").notes[0]
    assert _rule("acme_(?:([0-9]{4})|([a-z]{4}))").notes == ()


def test_an_end_that_was_set_is_told_of_in_the_secret_only() -> None:
    assert _rule(r"acme\s*=\s*([a-f0-9]{32})").notes == ()
    assert "without an end" in _rule("acme_([a-f0-9]{32,})").notes[0]


def test_a_set_that_cannot_be_written_is_told_of() -> None:
    assert "outside of ASCII" in _rule("acme_key_[\\x{400}-\\x{4ff}]{8}").notes[0]


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        pytest.param("acme_[a-z0-9]{8,}", [b"acme_abcd1234efgh"], id="literal first"),
        pytest.param(
            r"(?i)(?:acme|apex)[_-]?key['\"]?\s*[:=]\s*['\"]?([a-z0-9]{24})",
            [b"ACME-KEY = 'abcdefghijkl123456789012'", b"apexkey:abcdefghijkl123456789012"],
            id="assignment",
        ),
        pytest.param(
            r"[a-z]{0,8}\.?[0-9a-f]{8,}@acme\.example", [b"x.0123456789@acme.example"],
            id="literal last",
        ),
        pytest.param(r"\s*acme_[0-9]{6}", [b"  acme_123456", b"acme_123456"], id="blanks first"),
        pytest.param(
            r"-----BEGIN[ A-Z0-9_-]{0,100}KEY-----[\s\S-]{64,}?-----END",
            [b"-----BEGIN ACME KEY-----" + b"a" * 6000 + b"-----END"],
            id="much in between",
        ),
        pytest.param("[a-f0-9]{400}", [b"0a" * 200], id="many of one set"),
        pytest.param(r"(?:acme_[0-9]{12}|apex-[a-f]{14})\b", [b"apex-abcdefabcdefab"], id="either"),
        pytest.param("acme_key_(?:é|ö){2}", ["acme_key_éö".encode()], id="beyond ASCII"),
    ],
)  # fmt: skip
def test_what_hyperscan_looks_for_is_in_every_match(pattern: str, texts: list[bytes]) -> None:
    found = _rule(pattern)
    database = compile_patterns([Pattern(found.prefilter)])
    for text in texts:
        match = regex.search(found.regex.encode(), text)
        assert match is not None
        assert Prefilter(database, [Pattern(found.prefilter)]).hits(match[0])
        if found.starts_match:
            assert regex.match(found.prefilter.encode(), match[0])


@given(
    st.lists(
        st.sampled_from(
            ["acme_", "[a-f0-9]{4,9}", r"\s*", "(?i)Key", "(?:x|yz)", "[-_]?", "(q{3})", r"\b", "."]
        ),
        min_size=1,
        max_size=6,
    ),
    st.data(),
)
def test_every_match_has_what_hyperscan_looks_for(parts: list[str], data: st.DataObject) -> None:
    try:
        found = _rule("".join(parts))
    except patterntree.Untranslatable:
        return
    text = data.draw(st.from_regex("".join(parts).replace("(?i)Key", "(?i:Key)"), fullmatch=True))
    match = regex.search(found.regex.encode(), text.encode())
    if match is None:  # Python's `.`, `\s` and `\b` know more characters than ASCII
        assert not text.isascii() or not text.isprintable()
        return
    assert regex.search(found.prefilter.encode(), match[0], regex.DOTALL)


def test_there_is_one_group_at_most() -> None:
    assert regex.compile(_rule("(a)(b)acme_(c)[0-9]{4}", 3).regex).groups == 1
