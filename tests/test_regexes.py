"""A rule's regexes as bytes and back, and nothing but regexes out of bytes."""

from __future__ import annotations

import os
import pickle

import pytest
import regex

from scanner import rulefiles
from scanner.errors import ConfigError
from scanner.regexes import Regexes, compile_rule, freeze, thaw
from scanner.rules import files_in, shipped

RULES = rulefiles.read(files_in(shipped()), thorough=False).rules


class _Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("exit 1",)


@pytest.mark.parametrize(
    "frozen",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"no pickle", id="other bytes"),
        pytest.param(pickle.dumps(_Harmful()), id="a call of something else"),
        pytest.param(pickle.dumps((1, 2)), id="too few"),
        pytest.param(pickle.dumps(7), id="a number"),
        pytest.param(freeze(compile_rule(RULES[0]))[:-9], id="cut"),
    ],
)
def test_what_is_no_regexes_is_refused(frozen: bytes) -> None:
    with pytest.raises(ConfigError, match="damaged"):
        thaw(frozen)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_thawed_regexes_are_those_that_were_frozen(rule: object) -> None:
    made = compile_rule(rule)  # type: ignore[arg-type]
    again = thaw(freeze(made))
    assert [p and (p.pattern, p.flags) for p in again] == [p and (p.pattern, p.flags) for p in made]
    for text in rule.examples:  # type: ignore[attr-defined]
        assert _spans(again.own, text.encode()) == _spans(made.own, text.encode())


def _spans(pattern: regex.Pattern[bytes], text: bytes) -> list[object]:
    return [(found.span(), found.groupdict()) for found in pattern.finditer(text)]


def test_what_a_rule_lacks_is_none() -> None:
    lacking = next(rule for rule in RULES if not rule.allowlist and rule.strip is None)
    assert isinstance(compile_rule(lacking), Regexes)
    assert compile_rule(lacking).allowlist is None
    assert thaw(freeze(compile_rule(lacking))).strip is None
