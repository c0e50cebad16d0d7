"""One rule on one text: what it captures, where it stands alone, and what is no secret."""

from __future__ import annotations

import base64
import json
import random
import re
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import measures
from scanner.matcher import Found, Matcher, base64_text, has_edges
from scanner.models import Confidence, Severity, Specificity
from scanner.prefilter import Pattern, Prefilter, clamp, compile_patterns
from scanner.rules import Rule

WORD = string.ascii_letters + string.digits + "_"
PLAIN = Rule(
    id="acme-key",
    family="acme-key",
    aliases=(),
    description="Acme key",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    specificity=Specificity.PROVIDER,
    regex="acme_[a-f0-9]{8,40}",
    prefilter="acme_",
    exact=False,
    reach=100,
    width=60,
    alphabet=bytes(range(256)),
    least=1,
    words=(),
    within=0,
    lead=0,
    backtracking=False,
    keywords=("acme_",),
    checksum=None,
    min_entropy=0.0,
    random=False,
    guessable=False,
    edges=True,
    strip=None,
    allowlist=(),
    allowlist_match=(),
    paths=(),
    references=(),
    remediation="",
    examples=(),
    counter_examples=(),
)
KEY = "".join(random.Random(8).choices("0123456789abcdef", k=24))


def _found(content: bytes, rule: Rule) -> list[Found]:
    patterns = [Pattern(rule.prefilter, rule.exact)]
    hits = Prefilter(compile_patterns(patterns), patterns).hits(content)
    return list(Matcher(rule).find(content, hits.get(0, [])))


def _secrets(text: str, rule: Rule = PLAIN) -> list[str]:
    content = text.encode()
    return [content[f.secret_start : f.secret_end].decode() for f in _found(content, rule)]


def _rejection(text: str, rule: Rule) -> str | None:
    matcher = Matcher(rule)
    (found,) = _found(text.encode(), rule)
    return matcher.rejection(matcher.sample(text.encode(), found))


WIDE = PLAIN._replace(regex=r"(?s)acme.{0,20}?=([a-z]{3,8})", prefilter="acme", edges=False)


@pytest.mark.parametrize("rule", [PLAIN, PLAIN._replace(exact=True)], ids=["around", "exact"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("acme_", [], id="keyword alone"),
        pytest.param("acme_xyz acme_123", [], id="too short"),
        pytest.param("Xacme_0123abcd", [], id="letter before"),
        pytest.param("_acme_0123abcd", [], id="underscore before"),
        pytest.param("acme_0123abcdX", [], id="letter behind"),
        pytest.param("acme_" + "0" * 41, [], id="longer than the rule allows"),
        pytest.param("acme_0123abcd", ["acme_0123abcd"], id="whole text"),
        pytest.param("(acme_0123abcd)", ["acme_0123abcd"], id="in brackets"),
        pytest.param("\nacme_0123abcd\n", ["acme_0123abcd"], id="on a line"),
        pytest.param("acme_acme_0123abcd", [], id="keyword twice in one word"),
        pytest.param("acme_ acme_0123abcd", ["acme_0123abcd"], id="keyword alone, then a key"),
        pytest.param(
            "acme_0123abcd,acme_4567abcd", ["acme_0123abcd", "acme_4567abcd"], id="two keys"
        ),
        pytest.param(" ".join(["acme_0123abcd"] * 40), ["acme_0123abcd"] * 40, id="many keys"),
    ],
)
def test_find(rule: Rule, text: str, expected: list[str]) -> None:
    assert _secrets(text, rule) == expected


@pytest.mark.parametrize("exact", [False, True], ids=["around", "exact"])
@given(st.text(" _=acme0123f;\n", max_size=200))
def test_everything_that_the_regex_finds_alone_is_found(exact: bool, text: str) -> None:
    rule = PLAIN._replace(regex="ac[a-f0-9]{2,9}", prefilter=clamp("ac[a-f0-9]{2,9}"), exact=exact)
    alone = re.compile(rf"(?<!\w)(?:{rule.regex})(?!\w)", re.ASCII)
    assert _secrets(text, rule) == alone.findall(text)


@given(st.text("acme=xyz \n", max_size=120))
def test_a_prefilter_inside_a_match_finds_what_the_regex_does(text: str) -> None:
    rule = WIDE._replace(regex="[xyz]{1,9} ?=acme", prefilter="acme", reach=20)
    assert _secrets(text, rule) == re.findall(rule.regex, text)


CROWDED = st.sampled_from(
    ["acme_", "acme_" * 300, "acme_ " * 300, "acme_0123abcd4567", " ", "." * 500, "0" * 30, "\n"]
)


@given(st.lists(CROWDED, max_size=12).map("".join))
def test_what_stands_among_hits_at_every_few_bytes_is_found(text: str) -> None:
    regex = "acme_[a-f0-9]{12}"
    rule = PLAIN._replace(regex=regex, prefilter="acme_", alphabet=b"_acme0123456789bdf", least=12)
    assert _secrets(text, rule) == re.findall(rf"(?<!\w){regex}(?!\w)", text, re.ASCII)


BLOCKS = st.sampled_from(["key{", "k", "Value=", "default=", "0123", "abc", "; ", "}", "." * 9])


@given(st.lists(BLOCKS, max_size=20).map("".join))
def test_what_has_one_of_the_words_of_its_rule_is_found(text: str) -> None:
    regex = r"key\{[^}]{0,12}(?i:value|default)=(?P<secret>[0-9a-c]{3,9})"
    rule = PLAIN._replace(regex=regex, prefilter=r"key\{", exact=True)
    words, within = measures.words(regex)
    assert words
    assert _secrets(text, rule._replace(words=words, within=within)) == _secrets(text, rule)


def test_matches_come_from_left_to_right_without_overlaps() -> None:
    found = _found(b"acme=abc acme =def acme\n\n=ghi", WIDE)
    assert [(f.start, f.secret_start, f.secret_end) for f in found] == [
        (0, 5, 8),
        (9, 15, 18),
        (19, 26, 29),
    ]


@pytest.mark.parametrize(
    ("regex", "expected"),
    [
        pytest.param("acme=[a-z]{3}", "acme=abc", id="no group: the whole match"),
        pytest.param("acme=([a-z]{3})", "abc", id="first group"),
        pytest.param("(acme)=([a-z]{3})", "acme", id="first of two groups"),
        pytest.param("(acme)=(?P<secret>[a-z]{3})", "abc", id="named group before the first"),
        pytest.param("(?P<random>acme)=([a-z]{3})", "abc", id="first group without a name"),
        pytest.param("acme=(?P<random>[a-z]{3})", "acme=abc", id="random part is no secret group"),
    ],
)
def test_secret_group(regex: str, expected: str) -> None:
    rule = PLAIN._replace(regex=regex, prefilter="acme", edges=False)
    assert _secrets("acme=abc", rule) == [expected]


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        pytest.param("a", "", id="letter before"),
        pytest.param("Z", "", id="capital before"),
        pytest.param("9", "", id="digit before"),
        pytest.param("_", "", id="underscore before"),
        pytest.param("", "a", id="letter behind"),
        pytest.param("", "_", id="underscore behind"),
        pytest.param("ab", " ", id="letters that end no escape"),
        pytest.param("\\q", "", id="no escape"),
        pytest.param("\\x2", "", id="half an escape"),
        pytest.param("\\u005", "", id="unicode escape cut short"),
        pytest.param("%2", "", id="half a percent escape"),
        pytest.param("[0m", "", id="colour without its escape"),
    ],
)
def test_secret_within_a_word_has_no_edges(before: str, behind: str) -> None:
    start = len(before)
    content = (before + KEY + behind).encode()
    assert not has_edges(content, Found(0, 0, start, start + len(KEY), b""))


@pytest.mark.parametrize(
    "before",
    [
        *["", " ", "\n", '"', "'", "`", "=", ":", "/", "-", ".", "(", "$", "@", "é", "\xff"],
        *["\\n", "\\t", "\\r", "\\0", "\\x20", "\\x3D", "\\u0020", "\\u003d", "\\040", "%20"],
        *["%3D", "\x1b[0m", "\x1b[1;31m", "\\e[0m", "\\033[32m", "\\x1b[1m", "\\u001b[0m", "x\\n"],
    ],
    ids=ascii,
)
@pytest.mark.parametrize(
    "behind", ["", " ", '"', "\n", "-", ".", "=", "é", "%20", "\\n"], ids=ascii
)
def test_secret_by_itself_has_edges(before: str, behind: str) -> None:
    start = len(before.encode())
    content = (before + KEY + behind).encode()
    assert has_edges(content, Found(0, 0, start, start + len(KEY), b""))


@given(st.text(max_size=8), st.text(max_size=8))
def test_word_characters_behind_a_secret_decide(before: str, behind: str) -> None:
    content = (before + " " + KEY + behind).encode()
    start = len(before.encode()) + 1
    alone = has_edges(content, Found(0, 0, start, start + len(KEY), b""))
    assert alone is (behind[:1] not in WORD or not behind)


def test_a_rule_may_do_without_edges() -> None:
    assert _secrets("Xacme_0123abcdX", PLAIN._replace(edges=False)) == ["acme_0123abcd"]


@pytest.mark.parametrize(
    ("strip", "expected"),
    [
        pytest.param(None, b"acme_01 23-ab\n", id="nothing"),
        pytest.param(r"\s", b"acme_0123-ab", id="white space"),
        pytest.param(r"[^a-z0-9]", b"acme0123ab", id="all but letters and digits"),
        pytest.param(r".", b"\n", id="nearly everything"),
    ],
)
def test_identity_is_what_the_rule_does_not_strip(strip: str | None, expected: bytes) -> None:
    rule = PLAIN._replace(regex=r"acme_[0-9a-b\s-]{4,20}", strip=strip)
    content = b"k = acme_01 23-ab\n"
    (found,) = _found(content, rule)
    assert Matcher(rule).sample(content, found).identity == expected


CATASTROPHE = PLAIN._replace(regex=r"acme_(?:(?:a|aa)+)+!", width=300, reach=300)


def test_a_regex_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(TimeoutError):
        _found(b"acme_" + b"a" * 200, CATASTROPHE)


@pytest.mark.parametrize("name", ["allowlist", "allowlist_match"])
def test_an_allowlist_that_takes_too_long_is_given_up(name: str) -> None:
    rule = PLAIN._replace(regex="acme_a{8,300}", width=300, **{name: (r"(?:(?:a|aa)+)+!",)})  # type: ignore[arg-type]
    with pytest.raises(TimeoutError):
        _rejection("acme_" + "a" * 200, rule)


def test_a_strip_that_takes_too_long_is_given_up() -> None:
    rule = PLAIN._replace(regex="acme_a{8,300}", width=300, strip=r"(?:(?:a|aa)+)+!")
    with pytest.raises(TimeoutError):
        _rejection("acme_" + "a" * 200, rule)


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"abc", id="no multiple of four"),
        pytest.param(b"ab!d", id="other characters"),
        pytest.param(base64.b64encode(b"\x00\x01\x02"), id="controls"),
        pytest.param(base64.b64encode("né".encode()), id="no ASCII"),
        pytest.param(base64.b64encode(b"   "), id="white space alone"),
        pytest.param(base64.b64encode(b"a\nb"), id="two lines"),
    ],
)
def test_what_is_no_base64_of_text(secret: bytes) -> None:
    assert base64_text(secret) is None


@given(st.text(string.printable[:95], min_size=3, max_size=700).filter(lambda t: t == t.strip()))
def test_base64_of_text_is_read(text: str) -> None:
    assert base64_text(base64.b64encode(text.encode())) == text.encode()
    assert base64_text(base64.b64encode(text.encode() + b"\n")) == text.encode()


ASSIGNED = PLAIN._replace(regex=r"acme=(\S{1,60})", prefilter="acme=", edges=False)


def _encoded(text: str) -> str:
    return "acme=" + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("text", "change", "reason"),
    [
        pytest.param("acme=${TOKEN}", {}, "a placeholder", id="template"),
        pytest.param(_encoded("${TOKEN}"), {}, "a placeholder", id="template in base64"),
        pytest.param("acme=my-example", {"random": True}, "a placeholder", id="sample word"),
        pytest.param("acme=getUserAccounts", {"random": True}, "not drawn at random", id="name"),
        pytest.param(
            _encoded("the user account name"), {"random": True}, "not drawn", id="base64 prose"
        ),
        pytest.param("acme=changeme", {"guessable": True}, "sample password", id="sample password"),
        pytest.param(
            _encoded("changeme"), {"guessable": True}, "sample password", id="sample in base64"
        ),
        pytest.param("acme=aaaaaaab", {"min_entropy": 2.0}, "entropy below 2.0", id="low entropy"),
        pytest.param("acme=gh_abc", {"checksum": "github"}, "wrong github", id="checksum"),
        pytest.param("acme=abc1", {"allowlist": ("^abc",)}, "allowlist of the rule", id="allowed"),
        pytest.param(
            _encoded("zzz:abc"), {"allowlist": (":abc$",)}, "allowlist of", id="allowed in base64"
        ),
        pytest.param(
            "acme=abc1", {"allowlist_match": ("^acme=abc",)}, "by its surroundings", id="match"
        ),
        pytest.param(
            "test acme=x9", {"allowlist_match": ("^test",), "lead": 5}, "by its", id="lead"
        ),
    ],
)
def test_rejection(text: str, change: dict[str, Any], reason: str) -> None:
    assert reason in (_rejection(text, ASSIGNED._replace(**change)) or "")


@pytest.mark.parametrize(
    ("text", "change"),
    [
        pytest.param(f"acme={KEY}", {"random": True}, id="random"),
        pytest.param(f"acme={KEY}", {"random": True, "min_entropy": 3.0}, id="enough entropy"),
        pytest.param(_encoded(KEY), {"random": True}, id="random in base64"),
        pytest.param("acme=my-example", {}, id="sample word in a rule that asks for none"),
        pytest.param("acme=kettle-27-moon", {"guessable": True}, id="password"),
        pytest.param("acme=xabc", {"allowlist": ("^abc",)}, id="allowlist of others"),
        pytest.param("acme=x9", {"allowlist": ("acme",)}, id="allowlist sees the secret alone"),
        pytest.param(
            "test acme=x9", {"allowlist_match": ("test",), "lead": 1}, id="lead too short"
        ),
        pytest.param("acme=x9 test", {"allowlist_match": ("test",), "lead": 9}, id="behind it"),
    ],
)
def test_no_rejection(text: str, change: dict[str, Any]) -> None:
    assert _rejection(text, ASSIGNED._replace(**change)) is None


@pytest.mark.parametrize(
    ("patterns", "found", "passed"),
    [
        pytest.param(("aa", "bb"), ["xaay", "bb"], ["ab", "AA"], id="two"),
        pytest.param(("(?i)aa", "bb"), ["xAay", "bb"], ["BB"], id="flag of the first"),
        pytest.param(("aa", "(?i)bb"), ["aa", "Bb"], ["AA"], id="flag of the second"),
        pytest.param(("^aa$|c", "bb"), ["aa", "xcx", "bb"], ["xaa", "aax"], id="alternatives"),
        pytest.param((r"(a)\1", r"(b)\1"), ["aa", "bb"], ["ab", "a", "b"], id="references"),
        pytest.param((r"(?P<x>a)(?P=x)", r"(?P<x>b)(?P=x)"), ["aa", "bb"], ["ab"], id="names"),
        pytest.param(("(?x) a a # two", "bb"), ["aa", "bb"], ["a a", "ab"], id="comment"),
        pytest.param(("(?r)aa", "bb"), ["aa", "bb"], ["ab"], id="a flag for the whole"),
    ],
)
@pytest.mark.parametrize("name", ["allowlist", "allowlist_match"])
def test_every_pattern_of_an_allowlist_counts_by_itself(
    name: str, patterns: tuple[str, ...], found: list[str], passed: list[str]
) -> None:
    rule = PLAIN._replace(regex="[abcxyAB ]{1,9}", prefilter=".", edges=False)
    changed = rule._replace(**{name: patterns})  # type: ignore[arg-type]
    assert all("allowlist" in (_rejection(text, changed) or "") for text in found)
    assert [text for text in passed if _rejection(text, changed)] == []


def test_what_strips_to_nothing_is_empty() -> None:
    assert _rejection("acme=x9", ASSIGNED._replace(strip=".")) == "empty"


def test_the_random_part_alone_must_be_random() -> None:
    rule = PLAIN._replace(regex="acme_getUserAccountName_(?P<random>[a-f0-9]{24})", random=True)
    assert _rejection(f"acme_getUserAccountName_{KEY}", rule) is None
    named = rule._replace(regex=f"acme_(?P<random>[A-Za-z_]{{18,20}})_{KEY}")
    assert _rejection(f"acme_getUserAccountName_{KEY}", named) == "not drawn at random"


def test_an_allowlist_sees_the_lead_at_the_start_of_the_text_too() -> None:
    rule = ASSIGNED._replace(allowlist_match=("^id",), lead=200)
    assert _rejection("id acme=x9", rule) is not None


def test_rejections_never_show_the_secret() -> None:
    rule = ASSIGNED._replace(random=True, min_entropy=4.5, checksum="github")
    assert KEY not in json.dumps(_rejection(f"acme={KEY}", rule))
