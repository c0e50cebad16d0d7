"""Rules as SARIF describes them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from scanner import descriptors, rules
from scanner.rules import Rule
from scanner.scan import Plan

Rules = Mapping[str, Rule]


@pytest.fixture(scope="module")
def rules_by_id(plan: Plan) -> Rules:
    """The shipped rules."""
    return rules.load(plan.artefact).rules.by_id()


def test_ids_of_the_shipped_rules_are_conventional_and_apart(rules_by_id: Rules) -> None:
    shown = [descriptors.descriptor(rule) for rule in rules_by_id.values()]
    ids = {said["id"] for said in shown}
    assert len(ids) == len({said["name"] for said in shown}) == len(rules_by_id)
    assert all(re.fullmatch(r"[A-Z]{1,8}(?:-?[0-9]{1,6}){0,3}", id_) for id_ in ids)
    assert all(re.fullmatch(r"(?:[A-Z][a-z0-9]+)+", said["name"]) for said in shown)


@pytest.mark.parametrize(
    ("id_", "name"),
    [("1password-x", "Key1passwordx"), ("a-b", "Keyab"), ("aws-s3-2-key", "AwsS32Key")],
)
def test_name_of_any_rule_is_one_word_with_capitals(
    rules_by_id: Rules, id_: str, name: str
) -> None:
    rule = rules_by_id["byteengine-api-key"]._replace(id=id_)
    assert descriptors.descriptor(rule)["name"] == name


def test_help_tells_the_steps(rules_by_id: Rules) -> None:
    rule = rules_by_id["byteengine-api-key"]
    said = descriptors.descriptor(rule)["help"]
    assert said["text"].startswith(f"1. {rule.remediation}"[:40])
    for step in range(1, 6):
        assert f"\n{step}. " in "\n" + said["markdown"]
    assert rule.remediation.split()[-1] in said["markdown"]
    assert all(reference in said["markdown"] for reference in rule.references)


def test_message_of_any_description_is_a_format(rules_by_id: Rules) -> None:
    rule = rules_by_id["byteengine-api-key"]._replace(description="Key {0} of {x}")
    assert descriptors.message(rule, "more").format("a", "b").startswith("Key {0} of {x} 'a' ")
