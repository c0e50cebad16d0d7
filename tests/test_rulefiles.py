"""Rule files: every way to break a rule is told with the file, the rule and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import rulefiles
from scanner.checksums import CHECKSUMS
from scanner.errors import ConfigError
from scanner.models import Confidence, Severity, Specificity
from scanner.rules import files_in, shipped

RuleFile = Callable[..., Path]
Change = dict[str, object]


def _problems(*files: Path, thorough: bool = True) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        rulefiles.read(files, thorough=thorough)
    return caught.value.problems


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"keyword": ["a"]}, "did you mean `keywords`?", id="unknown key"),
        pytest.param({"serverity": "low"}, "did you mean `severity`?", id="misspelt key"),
        pytest.param({"examples": None}, "needs at least 2 examples", id="no examples"),
        pytest.param({"regex": None}, "required field `regex`", id="no regex"),
        pytest.param({"severity": "urgent"}, "Invalid enum value 'urgent'", id="bad severity"),
        pytest.param({"confidence": "sure"}, "Invalid enum value 'sure'", id="bad confidence"),
        pytest.param({"specificity": "x"}, "Invalid enum value 'x'", id="bad specificity"),
        pytest.param({"keywords": "acme_"}, "Expected `array`", id="text for list"),
        pytest.param({"min_entropy": "3"}, "Expected `float`", id="text for number"),
        pytest.param({"id": "Acme Key"}, "id must be lower-case words", id="id with a space"),
        pytest.param({"id": "acme-"}, "id must be lower-case words", id="id with open end"),
        pytest.param({"id": ""}, "id must be lower-case words", id="empty id"),
        pytest.param({"examples": ["acme_"]}, "at least 2 examples", id="one example"),
        pytest.param(
            {"counter_examples": ["acme_"]}, "at least 2 counter_examples", id="one counter"
        ),
        pytest.param({"description": " "}, "needs a description", id="blank description"),
        pytest.param({"references": []}, "needs a reference", id="no reference"),
        pytest.param({"remediation": " \n"}, "needs a remediation", id="blank remediation"),
        pytest.param({"checksum": "crc"}, "unknown checksum 'crc'", id="unknown checksum"),
        pytest.param({"regex": "acme_[a-f"}, "regex does not compile", id="bad regex"),
        pytest.param({"regex": r"acme_\p{Lu}{9}"}, "regex does not compile", id="not in re"),
        pytest.param({"regex": "x*", "keywords": []}, "matches the empty string", id="empty"),
        pytest.param({"regex": "", "keywords": []}, "matches the empty string", id="no pattern"),
        pytest.param(
            {"regex": r"x?\b", "keywords": []}, "matches the empty string", id="empty at an edge"
        ),
        pytest.param({"regex": "acme_[a-f]+"}, "no upper bound", id="unbounded repeat"),
        pytest.param({"regex": "acme_.{9,99999}"}, "or one over", id="very wide repeat"),
        pytest.param({"prefilter": "acme_[^x]{9,9000}"}, "give a shorter `prefilter`", id="wide"),
        pytest.param({"allowlist": ["("]}, "allowlist[0] does not compile", id="bad allowlist"),
        pytest.param(
            {"allowlist_match": ["a", "["]}, "allowlist_match[1] does not", id="bad match list"
        ),
        pytest.param({"strip": "(?P<"}, "strip does not compile", id="bad strip"),
        pytest.param({"prefilter": "acme_("}, "prefilter does not compile", id="bad prefilter"),
        pytest.param({"starts_match": True}, "give one", id="starts_match without prefilter"),
        pytest.param({"keywords": ["beta"]}, "no keyword stands in the example", id="keyword"),
        pytest.param(
            {"regex": "(?<![a-z])acme_[a-f0-9]{24}"}, "`backtracking = true`", id="look-behind"
        ),
        pytest.param({"regex": "acme_[a-f0-9]{24}(?!x)"}, "`backtracking = true`", id="look-ahead"),
        pytest.param(
            {"regex": r"acme_([a-f0-9]{12})\1"}, "`backtracking = true`", id="back-reference"
        ),
        pytest.param(
            {"backtracking": True, "keywords": []}, "needs keywords or a prefilter", id="no hint"
        ),
    ],
)
def test_broken_rule_is_told_with_file_and_rule(
    tmp_path: Path, rule_file: RuleFile, change: Change, expected: str
) -> None:
    path = rule_file(tmp_path / "own.toml", change)
    problems = _problems(path)
    head = f"{path}: rule {change.get('id', 'acme-key')!r}: "
    assert [problem for problem in problems if not problem.startswith(head)] == []
    assert any(expected in problem for problem in problems)


@pytest.mark.parametrize("pattern", ["acme_[a-f", "acme_(", "x*", "acme_.{9,99999}"])
def test_broken_regex_gets_no_advice_that_does_not_mend_it(
    tmp_path: Path, rule_file: RuleFile, pattern: str
) -> None:
    path = rule_file(tmp_path / "own.toml", {"regex": pattern, "keywords": []})
    assert "backtracking" not in "\n".join(_problems(path))


@pytest.mark.parametrize("pattern", ["acme_[[a-f]{24}", "acme_[a-f||]{24}"])
def test_regex_that_python_may_read_otherwise_one_day_gives_no_python_warning(
    tmp_path: Path, rule_file: RuleFile, pattern: str
) -> None:
    path = rule_file(tmp_path / "own.toml", {"regex": pattern})
    (rule,) = rulefiles.read([path], thorough=False).rules
    assert rule.regex == pattern


def test_unknown_checksum_is_told_with_the_known_ones(tmp_path: Path, rule_file: RuleFile) -> None:
    (problem,) = _problems(rule_file(tmp_path / "own.toml", {"checksum": "crc"}))
    assert all(name in problem for name in CHECKSUMS)


@pytest.mark.parametrize("thorough", [False, True])
def test_id_that_stands_twice_is_told_with_its_files(
    tmp_path: Path, rule_file: RuleFile, thorough: bool
) -> None:
    files = [rule_file(tmp_path / name, {}) for name in ("one.toml", "two.toml")]
    problem = "\n".join(_problems(*files, thorough=thorough))
    assert "'acme-key'" in problem
    assert all(str(path) in problem for path in files)


def test_id_that_stands_twice_in_one_file_is_refused(tmp_path: Path, rule_file: RuleFile) -> None:
    assert "'acme-key'" in "\n".join(_problems(rule_file(tmp_path / "own.toml", {}, {})))


def test_missing_id_is_told_with_its_number(tmp_path: Path, rule_file: RuleFile) -> None:
    path = rule_file(tmp_path / "own.toml", {}, {"id": None})
    (problem,) = _problems(path)
    assert str(path) in problem
    assert "required field `id`" in problem
    assert "rules[1]" in problem


def test_misspelt_table_is_told_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[[rule]]\nid = 'a'\n")
    (problem,) = _problems(path)
    assert "did you mean `rules`?" in problem


def test_all_problems_of_all_files_are_told_together(tmp_path: Path, rule_file: RuleFile) -> None:
    one = rule_file(tmp_path / "one.toml", {"regex": "(", "references": []}, {"id": "B"})
    two = rule_file(tmp_path / "two.toml", {"id": "c", "keyword": []})
    three = tmp_path / "three.toml"
    three.write_text("[[")
    problems = _problems(one, two, three)
    for path, expected in (
        (one, ["regex does not compile", "needs a reference", "rule 'B': id must be"]),
        (two, ["rule 'c': ", "`keyword`"]),
        (three, ["not TOML"]),
    ):
        own = "\n".join(problem for problem in problems if problem.startswith(f"{path}: "))
        assert [text for text in expected if text not in own] == []


def test_unknown_key_does_not_hide_what_is_wrong_with_other_rules(
    tmp_path: Path, rule_file: RuleFile
) -> None:
    path = rule_file(tmp_path / "own.toml", {"id": "a", "keyword": []}, {"id": "b", "regex": "("})
    problems = "\n".join(_problems(path))
    assert "rule 'a'" in problems
    assert "rule 'b'" in problems


def test_broken_regex_shows_no_more_than_the_head_of_an_example(
    tmp_path: Path, rule_file: RuleFile
) -> None:
    path = rule_file(tmp_path / "own.toml", {"keywords": ["beta"]})
    assert "3f9c0a7e5b1d48266ad09e7c" not in "\n".join(_problems(path))


def test_file_that_does_not_exist_is_told(tmp_path: Path) -> None:
    (problem,) = _problems(tmp_path / "missing.toml")
    assert problem.startswith(f"{tmp_path / 'missing.toml'}: cannot be read")


def test_defaults_are_filled_in(tmp_path: Path, rule_file: RuleFile) -> None:
    (rule,) = rulefiles.read([rule_file(tmp_path / "own.toml", {})]).rules
    assert (rule.family, rule.aliases, rule.paths) == ("acme-key", (), ())
    assert (rule.severity, rule.confidence) == (Severity.HIGH, Confidence.HIGH)
    assert rule.specificity == Specificity.PROVIDER
    assert (rule.width, rule.checksum, rule.backtracking) == (29, None, False)


def test_given_values_are_kept(tmp_path: Path, rule_file: RuleFile) -> None:
    given_values: Change = {
        "family": "acme", "aliases": ["old"], "min_entropy": 2.5, "specificity": "context",
        "paths": ["*.env"], "allowlist": ["^0+$"], "guessable": True, "random": False,
    }  # fmt: skip
    (rule,) = rulefiles.read([rule_file(tmp_path / "own.toml", given_values)]).rules
    for name, value in given_values.items():
        assert getattr(rule, name) == (tuple(value) if isinstance(value, list) else value)


def test_look_around_is_taken_with_backtracking(tmp_path: Path, rule_file: RuleFile) -> None:
    change = {"regex": "(?<![a-z])acme_[a-f0-9]{24}", "backtracking": True}
    (rule,) = rulefiles.read([rule_file(tmp_path / "own.toml", change)]).rules
    assert rule.backtracking
    assert "acme_" in rule.prefilter


def test_rules_come_in_the_order_of_their_ids(tmp_path: Path, rule_file: RuleFile) -> None:
    one = rule_file(tmp_path / "one.toml", {"id": "b"}, {"id": "d"})
    two = rule_file(tmp_path / "two.toml", {"id": "c"}, {"id": "a"})
    read = rulefiles.read([two, one])
    assert [rule.id for rule in read.rules] == ["a", "b", "c", "d"]
    assert read == rulefiles.read([one, two])


def test_no_files_are_no_rules() -> None:
    assert rulefiles.read([]).rules == ()


def test_shipped_rules_have_ids_of_their_own_file_set() -> None:
    rules = rulefiles.read(files_in(shipped()), thorough=False)
    assert len(rules.by_id()) == len(rules.rules) > 50


@settings(deadline=None, max_examples=60)
@given(pattern=st.text(alphabet=r"ab_{}()?*+|\^$.,1-9:=!<P", min_size=1, max_size=12))
def test_any_regex_is_either_taken_or_told(
    tmp_path_factory: pytest.TempPathFactory, rule_file: RuleFile, pattern: str
) -> None:
    change = {"regex": pattern, "keywords": []}
    path = rule_file(tmp_path_factory.getbasetemp() / "any" / "own.toml", change)
    try:
        (rule,) = rulefiles.read([path]).rules
        assert rule.regex == pattern
    except ConfigError as error:
        assert all(p.startswith(f"{path}: rule 'acme-key': ") for p in error.problems)
