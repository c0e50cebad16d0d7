"""Every shipped rule finds its examples and none of its counter-examples, in the whole detector."""

from __future__ import annotations

import pytest

from scanner import rulefiles, rules
from scanner.artefact import compile_rules
from scanner.detector import Detector
from scanner.rules import Rule, RuleSet

FILES = rules.files_in(rules.shipped())


def _shipped() -> RuleSet:
    return rulefiles.read(FILES, thorough=False)


RULES = _shipped()
# The file's name stands in the test's id, so that `-k stripe` runs the rules of that file.
FILE_OF = {
    rule.id: path.stem for path in FILES for rule in rulefiles.read([path], thorough=False).rules
}
EXAMPLES = [(rule, n, text) for rule in RULES.rules for n, text in enumerate(rule.examples)]
COUNTER = [(rule, n, text) for rule in RULES.rules for n, text in enumerate(rule.counter_examples)]


def _id(value: object) -> str:
    return f"{FILE_OF[value.id]}:{value.id}" if isinstance(value, Rule) else str(value)[:0]


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(compile_rules(RULES))


@pytest.mark.parametrize(("rule", "number", "text"), COUNTER, ids=_id)
def test_counter_example_is_not_found_by_its_rule(
    rule: Rule, number: int, text: str, detector: Detector
) -> None:
    assert rule.id not in {match.rule_id for match in detector.detect(text.encode()).matches}


@pytest.mark.parametrize(("rule", "number", "text"), EXAMPLES, ids=_id)
def test_example_is_found_by_its_rule_or_family(
    rule: Rule, number: int, text: str, detector: Detector
) -> None:
    family = {other.id for other in RULES.rules if other.family == rule.family}
    detection = detector.detect(text.encode())
    found = {match.rule_id for match in detection.matches}
    assert not detection.timeouts
    assert found & family, f"found {found}; `keysweep explain --text` tells more"


@pytest.mark.parametrize(("rule", "number", "text"), EXAMPLES, ids=_id)
def test_example_is_found_further_down_a_text(
    rule: Rule, number: int, text: str, detector: Detector
) -> None:
    family = {other.id for other in RULES.rules if other.family == rule.family}
    detection = detector.detect(b"\n" * 400 + text.encode())
    assert {match.rule_id for match in detection.matches} & family


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rule_file_passes_the_thorough_check(path: object) -> None:
    assert rulefiles.read([path]).rules  # type: ignore[list-item]
