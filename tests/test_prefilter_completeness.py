"""The prefilter misses nothing: for every shipped rule, hyperscan hits where the regex matches.

Hyperscan has been seen to lose matches of wide alternations once they stand some way into
the text, so this draws texts from each regex and tries them at several offsets.
"""

from __future__ import annotations

import random

import pytest
import regex

from scanner import rulefiles, rules
from scanner.detector import patterns_of
from scanner.draws import drawn
from scanner.prefilter import Prefilter, compile_patterns
from scanner.rules import Rule

RULES = rulefiles.read(rules.files_in(rules.shipped()), thorough=False).rules
DRAWS = 40
PADDINGS = (b"", b"\n" * 40, b"x;\n" * 120)


@pytest.fixture(scope="module")
def prefilter() -> Prefilter:
    return Prefilter(compile_patterns(patterns_of(RULES)), patterns_of(RULES))


@pytest.mark.parametrize("number", range(len(RULES)), ids=lambda number: RULES[number].id)
def test_prefilter_hits_wherever_the_regex_matches(number: int, prefilter: Prefilter) -> None:
    rule: Rule = RULES[number]
    pattern = regex.compile(rule.regex.encode())
    chance = random.Random(rule.id)
    matched = 0
    for _ in range(DRAWS):
        text = drawn(rule.regex, chance)
        for padding in PADDINGS:
            if pattern.search(padding + text):
                matched += 1
                assert number in prefilter.hits(padding + text), (len(padding), text)
    assert matched, "nothing was drawn that the regex matches"
