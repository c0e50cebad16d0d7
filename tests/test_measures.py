"""How much patterns match, and what their secrets are made of."""

from __future__ import annotations

import re
import string

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import measures, rulefiles, rules

EVERYTHING = bytes(range(256))
RULES = rulefiles.read(rules.files_in(rules.shipped()), thorough=False).rules


# -- widths --------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", ["(", "[z-a]"])
def test_no_pattern_has_no_widths(pattern: str) -> None:
    with pytest.raises(re.error):
        measures.widths(pattern)


@pytest.mark.parametrize(
    ("pattern", "widths"),
    [
        pytest.param("", (0, 0), id="nothing"),
        pytest.param(r"\bab$", (2, 2), id="edges take no room"),
        pytest.param("(?=abc)a", (1, 1), id="nor does what lies ahead"),
        pytest.param("a{2,5}|b", (1, 5), id="a choice"),
        pytest.param("[:alpha:]{3}", (3, 3), id="letters, not a class by its name"),
        pytest.param("[[:alpha:]]{3}", (3, 3), id="a class by its name"),
        pytest.param("ä", (2, 2), id="bytes, not characters"),
    ],
)
def test_widths(pattern: str, widths: tuple[int, int]) -> None:
    assert measures.widths(pattern) == widths


# -- fabric --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "alphabet", "least"),
    [
        pytest.param(r"(?P<secret>.{9})", EVERYTHING, 9, id="any byte"),
        pytest.param(r"(?P<secret>[^a]{9})", EVERYTHING, 9, id="all but one letter, as cases fold"),
        pytest.param(r"(?P<x>b)(?P<secret>(?P=x){2})", EVERYTHING, 2, id="what was captured"),
        pytest.param(r"k=([[:xdigit:]]{20})", b"0123456789ABCDEFabcdef", 20, id="a class of POSIX"),
        pytest.param(r"k=([_[:digit:]]{20})", b"0123456789_", 20, id="such a class in a set"),
        pytest.param(r"k=([_[:^digit:]]{20})", EVERYTHING, 0, id="what is not of such a class"),
        pytest.param(r"k=([[:posix_alnum:]]{20})", EVERYTHING, 0, id="a class of another name"),
        pytest.param(r"k=([[:script=latin:]0-9]{20})", EVERYTHING, 0, id="a class by a property"),
        pytest.param(r"k[:=]([0-9]{20})[:,]", b"0123456789", 20, id="colons in sets"),
        pytest.param(r"k=([0-9]{20}){e<=1}", EVERYTHING, 0, id="with an error or none"),
        pytest.param(r"(?=(k{12}))k+(?:=([0-9]{12})|;)", EVERYTHING, 0, id="what lies ahead"),
        pytest.param(r"key", b"EKYeky", 3, id="no group: the whole"),
        pytest.param(r"key=([0-9]{4})", b"0123456789", 4, id="the first group"),
        pytest.param(r"(k)=(?P<secret>[0-9]{4})", b"0123456789", 4, id="the group named so"),
        pytest.param(r"(?P<k>k)=([0-9]{4})", b"0123456789", 4, id="not one of another name"),
        pytest.param(r"(?:(?:(\d{2,3})))", b"0123456789", 2, id="deep inside"),
        pytest.param(r"(?i:x(a-?))", b"-Aa", 1, id="both cases, and what may be absent"),
        pytest.param(r"((?>a+)|b{3}(?=c))", b"ABab", 1, id="a choice, and what lies ahead"),
        pytest.param(r"(\w\W\s\S\d\D)", EVERYTHING, 6, id="classes and their opposites"),
        pytest.param(r"(\s\d)", b"\t\n\x0b\x0c\r 0123456789", 2, id="classes"),
    ],
)
def test_fabric(pattern: str, alphabet: bytes, least: int) -> None:
    assert measures.fabric(pattern) == (alphabet, least)


def test_secrets_of_all_examples_are_of_their_fabric() -> None:
    seen = 0
    for rule in RULES:
        for example in rule.examples:
            for found in regex.finditer(rule.regex.encode(), example.encode()):
                named = found.re.groupindex
                unnamed = {*range(1, found.re.groups + 1)} - {*named.values()}
                secret = found[named.get("secret", min(unnamed, default=0))]
                assert set(secret) <= set(rule.alphabet)
                assert len(secret) >= rule.least
                seen += 1
    assert seen > len(RULES)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_a_pattern_matches_is_of_its_fabric(data: st.DataObject) -> None:
    pieces = ["[a-f]", "[^a-z]", r"\w", "x", ".", r"\d{2,4}", "(?:p|q[r-t])", "y?", "(?i:m)"]
    pattern = "".join(data.draw(st.lists(st.sampled_from(pieces), min_size=1, max_size=5)))
    text = data.draw(st.from_regex(re.compile(pattern.encode()), fullmatch=True))
    alphabet, least = measures.fabric(f"k=({pattern})")
    assert set(text) <= set(alphabet)
    assert len(text) >= least


def test_letters_count_in_both_cases() -> None:
    lower = string.ascii_lowercase.encode()
    assert measures.fabric("[a-z]").alphabet == lower.upper() + lower


# -- words ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "words", "within"),
    [
        pytest.param(r"k.{9}(?:Value|default)x", (b"value", b"default"), 17, id="a choice"),
        pytest.param(r"k(?:ab|(?:value|plain))c", (), 0, id="a choice in a choice"),
        pytest.param(r"k(a(?:(?:value|plain)))c", (b"value", b"plain"), 7, id="in groups"),
        pytest.param(r"k(?:value|plain)(?i:URLS|DOCS)", (b"urls", b"docs"), 10, id="the last"),
        pytest.param(r"(?:value|plain)x", (), 0, id="not the beginning, which is known"),
        pytest.param(r"k(?:value|old)", (), 0, id="a short one says little"),
        pytest.param(r"k(?:value|p[a-z]{9})", (), 0, id="not all are words"),
        pytest.param(r"k(?:value|plain)?", (), 0, id="may be absent"),
        pytest.param(r"k(?=value|plain)[a-z]", (), 0, id="lies ahead"),
        pytest.param(r"k.{0,600}(?:value|plain)", (), 0, id="far away"),
        pytest.param(r"k(?:value|plain){e<=1}", (), 0, id="with an error or none"),
    ],
)
def test_words(pattern: str, words: tuple[bytes, ...], within: int) -> None:
    assert measures.words(pattern) == (words, within)


def test_matches_of_all_examples_have_their_words() -> None:
    seen = 0
    for rule in RULES:
        for example in rule.examples if rule.words else ():
            for found in regex.finditer(rule.regex.encode(), example.encode()):
                beginning = found[0][: rule.within].lower()
                assert any(word in beginning for word in rule.words)
                seen += 1
    assert seen
