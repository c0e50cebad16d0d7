"""Hyperscan is not taken at its word: what it loses is looked for by words, or told."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from scanner import artefact, measures, rulefiles, rules, vetting
from scanner.artefact import compile_rules
from scanner.detector import Detector, patterns_of
from scanner.draws import drawn
from scanner.errors import ConfigError
from scanner.prefilter import Pattern, Prefilter, compile_patterns
from scanner.rules import RuleSet
from scanner.vetting import Missed

RuleFile = Callable[..., Path]
OURS = rulefiles.read(rules.files_in(rules.shipped()), thorough=False)
# Vectorscan 5.4.12 loses `tgtoken` and `abtoken`.
LOST = r"(?i)(?:ab|tg)[\w.-]{0,20}token[\w.-]{0,10}=(?P<secret>[a-f0-9]{24})"


@pytest.fixture
def own(rule_file: RuleFile, tmp_path: Path) -> Callable[..., RuleSet]:
    """The rules of a test's own."""

    def make(*changes: dict[str, object]) -> RuleSet:
        return rulefiles.read([rule_file(tmp_path / "own.toml", *changes)], thorough=False)

    return make


def _missed(read: RuleSet) -> Missed:
    """What hyperscan loses of rules as they are."""
    return artefact._missed(compile_rules(read, vet=False))


# -- what is lost --------------------------------------------------------------------------


def test_a_pattern_that_is_not_found_is_told() -> None:
    made = [Pattern("key_[0-9]{4}"), Pattern("other"), Pattern("x{3}y")]
    asked = [Pattern("key_[0-9a]{4}"), Pattern("other"), Pattern("x{2,3}y")]
    lost, unknown = vetting.missed(asked, Prefilter(compile_patterns(made), made))
    assert set(lost) == {0, 2}
    assert not unknown
    assert regex.fullmatch(rb"key_[0-9a]{4}", lost[0])
    assert lost[2] == b"xxy"


@pytest.mark.parametrize("made", [r"key\z", r"key[ ]", r"[^\n]key"])
def test_what_is_found_at_some_places_only_is_told(made: str) -> None:
    patterns = [Pattern(made)]
    found = vetting.missed([Pattern("key")], Prefilter(compile_patterns(patterns), patterns))
    assert found == Missed({0: b"key"}, frozenset())


def test_the_answer_is_the_same_whenever_it_is_asked() -> None:
    made, asked = [Pattern("ab[0-4]{3}")], [Pattern("ab[0-9]{3}")]
    prefilter = Prefilter(compile_patterns(made), made)
    first = vetting.missed(asked, prefilter)
    assert first == vetting.missed(asked, prefilter)
    assert first.lost


def test_what_look_around_forbids_is_not_lost() -> None:
    made = [Pattern(r"key\b[^k]")]
    assert not vetting.missed(made, Prefilter(compile_patterns(made), made)).lost


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"k\Bey\b\Bz", id="no text that is drawn matches"),
        pytest.param(r"key[^\x00-\xff]", id="no text at all"),
        pytest.param(r"(?:[a-z]{1,9}){1,9}(?:[a-z]{1,9}){1,9}=[a-f0-9]{24}\B", id="endless"),
    ],
)
def test_a_pattern_of_which_nobody_can_tell(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vetting, "TIMEOUT", 0.05)
    made, asked = [Pattern("never_found")], [Pattern(pattern)]
    found = vetting.missed(asked, Prefilter(compile_patterns(made), made))
    assert found == Missed({}, frozenset({0}))


def test_nothing_of_our_own_rules_is_lost_and_all_can_be_told() -> None:
    assert _missed(OURS) == Missed({}, frozenset())


# -- what takes its place ------------------------------------------------------------------


def test_a_key_is_found_whatever_hyperscan_loses(own: Callable[..., RuleSet]) -> None:
    read = own({"regex": LOST, "keywords": []})
    made = compile_rules(read)
    (rule,) = made.rules.rules
    assert (rule.prefilter == "(?i)(?:token)") == bool(_missed(read).lost)
    secret = "".join(random.Random(4).choices("0123456789abcdef", k=24))
    for name in ("tgtoken", "TGToken", "ab.token", "tg_prod_token_2"):
        content = b";\n" * 300 + f"{name}={secret}\n".encode()
        assert [match.rule_id for match in Detector(made).detect(content).matches] == ["acme-key"]


@pytest.mark.parametrize("answer", [({0: b"acme_0"}, frozenset()), ({}, frozenset({0}))])
def test_words_take_the_place_of_what_is_lost(
    own: Callable[..., RuleSet],
    monkeypatch: pytest.MonkeyPatch,
    answer: tuple[dict[int, bytes], frozenset[int]],
) -> None:
    answers = [Missed(*answer), Missed({}, frozenset())]
    monkeypatch.setattr(artefact, "missed", lambda *_: answers.pop(0))
    (rule, other) = compile_rules(
        own({}, {"id": "other-key", "regex": "other_[a-f]{20}", "keywords": []})
    ).rules[0]
    assert (rule.prefilter, rule.exact, rule.reach) == ("(?i)(?:acme_)", False, 29)
    assert other.prefilter == "other_[a-f]{20}"


def test_what_cannot_be_found_by_any_means_is_told(
    own: Callable[..., RuleSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    last = len(patterns_of([])) + 1
    answer = Missed({1: b"\xff!", last: b"\\x41"}, frozenset())
    monkeypatch.setattr(artefact, "missed", lambda *_: answer)
    with pytest.raises(ConfigError) as caught:
        compile_rules(own({}, {"id": "other-key", "regex": "[a-f]{20}!", "keywords": []}))
    one, two = caught.value.problems
    assert one.startswith("rule 'other-key': hyperscan loses matches of its prefilter, such as")
    assert "'ÿ!'" in one
    assert two.startswith("notation '")


def test_our_own_rules_are_not_vetted_where_tests_have_done_so(
    monkeypatch: pytest.MonkeyPatch, rule_file: RuleFile, tmp_path: Path
) -> None:
    asked: list[int] = []

    def noted(patterns: list[Pattern], _: Prefilter) -> Missed:
        asked.append(len(patterns))
        return Missed({}, frozenset())

    monkeypatch.setattr(artefact, "missed", noted)
    ours = rules.files_in(rules.shipped())[:3]
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    artefact.build(ours)
    assert not asked
    artefact.build([*ours, rule_file(tmp_path / "own.toml", {})])
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    artefact.build(ours)
    assert len(asked) == 2


# -- texts and words of a pattern ----------------------------------------------------------

PATTERNS = st.sampled_from([rule.regex for rule in OURS.rules if "(?<" not in rule.regex])


@given(PATTERNS, st.integers(0, 9), st.booleans())
def test_what_is_drawn_holds_a_word_that_is_necessary(pattern: str, seed: int, short: bool) -> None:
    text = drawn(pattern, random.Random(seed), short=short).lower()
    words = measures.necessary(pattern)
    assert not words or any(word in text for word in words)


@given(
    st.sampled_from(
        [
            "a{2,30}b?c",
            "(?i)a(?-i:BC)d",
            "x[^\\w[:space:]]?[[:xdigit:]_]",
            "(?i)[^a-cA-C]{3}(?:xy|z){2}",
            r"\d+?\s.",
            "(?>ab|c)++!",
            r"\bk\b",
        ]
    ),
    st.integers(0, 99),
    st.booleans(),
)
def test_what_is_drawn_matches(pattern: str, seed: int, short: bool) -> None:
    text = drawn(pattern, random.Random(seed), short=short)
    assert regex.fullmatch(pattern.encode(), text)


def test_the_shortest_that_is_drawn_repeats_nothing_in_vain() -> None:
    assert drawn("a{2,9}b*c?d", random.Random(1), short=True) == b"aad"


def test_edges_can_be_repeated_without_measure() -> None:
    pattern = "a" + "(?:" * 12 + r"\b" + "){25}" * 12
    assert drawn(pattern, random.Random(1)) == b"a"


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        pytest.param("(?i)ab[0-9]LONGER", [b"longer"], id="the longest run"),
        pytest.param("a(?:one|three)b", [b"one", b"three"], id="choices"),
        pytest.param("key(?:|x)(?:y)?(?:more){0,3}", [b"key"], id="what may be absent"),
        pytest.param("(?:ab){2}(?:[0-9]|x)", [b"ab"], id="what is repeated"),
        pytest.param("(?=ahead)(?<!behind)k1", [b"k1"], id="look-around is none of it"),
        pytest.param("(?>atomic)x", [b"atomic"], id="what is not gone back into"),
        pytest.param("[a-z]{20}", [], id="none"),
        pytest.param("[[:alpha:]]{3}[^]x[:digit:]]wor\\[:[:ab]k", [b"wor[:"], id="POSIX's classes"),
        pytest.param("word[[:^alpha:]]", [], id="what none of them is"),
        pytest.param("word(?:other){e<=1}", [], id="what this parser does not know"),
        pytest.param("ä=", ["ä=".encode()], id="bytes"),
    ],
)
def test_words_that_are_necessary(pattern: str, words: list[bytes]) -> None:
    assert list(measures.necessary(pattern)) == words


def test_words_are_looked_for_as_they_are(own: Callable[..., RuleSet]) -> None:
    (rule,) = own({"regex": r"ä\.\*\[[a-f0-9]{24}", "keywords": []}).rules
    changed = vetting.by_words(rule)
    assert changed
    patterns = [Pattern(changed.prefilter)]
    hits = Prefilter(compile_patterns(patterns), patterns).hits("xä.*[12 ä.xx[".encode())
    assert hits == {0: [6]}


def test_words_of_any_bytes_are_looked_for(own: Callable[..., RuleSet]) -> None:
    (rule,) = own({"regex": r"key\x00\x01\xff[a-f0-9]{24}", "keywords": []}).rules
    changed = vetting.by_words(rule)
    assert changed
    patterns = [Pattern(changed.prefilter)]
    hits = Prefilter(compile_patterns(patterns), patterns).hits(b"key\0\1 KEY\0\1\xff;")
    assert hits == {0: [12]}


@pytest.mark.parametrize("pattern", ["ab[0-9]{20}", "[0-9]{20}", "[0-9]{20}(?:long|ab)"])
def test_words_that_are_not_worth_it(own: Callable[..., RuleSet], pattern: str) -> None:
    (rule,) = own({"regex": pattern, "keywords": []}).rules
    assert vetting.by_words(rule) is None
