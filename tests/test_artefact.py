"""The artefact of some rule files: which rules are in it, and what is said of unknown names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner import artefact, rulefiles
from scanner.config import Settings
from scanner.detector import Detector
from scanner.errors import ConfigError
from scanner.models import Allowlist
from scanner.rules import RuleSet, load

RuleFile = Callable[..., Path]
TEXT = b"acme_5e0b7c21d94f83a6be17c05d"


@pytest.fixture
def three(tmp_path: Path, rule_file: RuleFile) -> list[Path]:
    """Two files with three rules, of which two find different texts."""
    return [
        rule_file(tmp_path / "own.toml", {"id": "acme-key"}, {"id": "acme-old"}),
        rule_file(tmp_path / "zeta.toml", {"id": "zeta-key"}),
    ]


def _ids(compiled: bytes) -> list[str]:
    return [rule.id for rule in load(compiled).rules.rules]


@pytest.mark.parametrize(
    ("enable", "disable", "expected"),
    [
        pytest.param((), ("acme-kee",), "'acme-kee'; did you mean 'acme-key'?", id="disable"),
        pytest.param(("zeta-keys",), (), "'zeta-keys'; did you mean 'zeta-key'?", id="enable"),
        pytest.param(("qqqq",), (), "there is no rule 'qqqq'", id="like none"),
        pytest.param(("",), (), "there is no rule ''", id="empty name"),
        pytest.param(("*",), (), "there is no rule '*'", id="no patterns"),
    ],
)
def test_unknown_name_is_told_with_the_nearest(
    three: list[Path], enable: tuple[str, ...], disable: tuple[str, ...], expected: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        artefact.build(three, Settings(enable=tuple(enable), disable=tuple(disable)))
    assert caught.value.problems[0].endswith(expected)


def test_rule_that_only_an_allowlist_names_must_be_there_too(three: list[Path]) -> None:
    allowed = Allowlist((), ("x",), ("zeta-keys", "acme-old"), None, "file")
    with pytest.raises(ConfigError) as caught:
        artefact.build(three, Settings(disable=("acme-old",), allowlists=(allowed,)))
    assert caught.value.problems == ["there is no rule 'zeta-keys'; did you mean 'zeta-key'?"]


def test_all_unknown_names_are_told_together(three: list[Path]) -> None:
    with pytest.raises(ConfigError) as caught:
        artefact.build(three, Settings(enable=("one", "acme-key"), disable=("two",)))
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("thorough", [False, True])
def test_regex_that_hyperscan_refuses_is_told_with_file_rule_and_remedy(
    tmp_path: Path, rule_file: RuleFile, thorough: bool
) -> None:
    path = rule_file(tmp_path / "own.toml", {"regex": "acme_[a-f0-9]{24}(?!x)"})
    with pytest.raises(ConfigError) as caught:
        rulefiles.read([path]) if thorough else artefact.build([path])
    problem = "\n".join(caught.value.problems)
    assert str(path) in problem
    assert "'acme-key'" in problem
    assert "`backtracking = true`" in problem


@pytest.mark.parametrize(
    ("enable", "disable", "expected"),
    [
        pytest.param((), (), ["acme-key", "acme-old", "zeta-key"], id="all"),
        pytest.param((), ("acme-old",), ["acme-key", "zeta-key"], id="all but one"),
        pytest.param(("zeta-key",), (), ["zeta-key"], id="one"),
        pytest.param(("zeta-key", "acme-key"), ("acme-key",), ["zeta-key"], id="off beats on"),
        pytest.param(("zeta-key", "zeta-key"), (), ["zeta-key"], id="named twice"),
    ],
)
def test_rules_that_are_on_are_in_it(
    three: list[Path], enable: tuple[str, ...], disable: tuple[str, ...], expected: list[str]
) -> None:
    assert (
        _ids(artefact.build(three, Settings(enable=tuple(enable), disable=tuple(disable))))
        == expected
    )


def test_every_rule_may_be_off(three: list[Path]) -> None:
    compiled = load(artefact.build(three, Settings(disable=("acme-key", "acme-old", "zeta-key"))))
    assert Detector(compiled).detect(TEXT).matches == ()


def test_loaded_artefact_finds_what_the_rules_say(three: list[Path]) -> None:
    compiled = load(artefact.build(three, Settings(enable=("acme-key",))))
    (match,) = Detector(compiled).detect(b"k = " + TEXT).matches
    assert (match.rule_id, match.secret.reveal()) == ("acme-key", TEXT)


def test_rules_that_a_repository_names_send_no_keys_to_where_it_says(
    tmp_path: Path, three: list[Path], rule_file: RuleFile
) -> None:
    theirs = rule_file(tmp_path / "theirs" / "rules.toml", {"id": "their-key"})
    table = """[rules.liveness]
base = "https://thief.example"
path = "/"
headers = { Authorization = "{secret}" }
serves = ["acme-key"]
reference = "https://thief.example/docs"
"""
    theirs.write_text(theirs.read_text() + table)

    def asked(settings: Settings) -> set[str]:
        rules = load(artefact.build([*three, theirs], settings)).rules.rules
        return {rule.id for rule in rules if rule.liveness}

    assert asked(Settings()) == {"their-key", "acme-key"}
    for borrowed in (theirs, theirs.parent):
        assert asked(Settings(borrowed=(borrowed,))) == set()


def test_examples_are_not_in_it(three: list[Path]) -> None:
    assert b"3f9c0a7e5b1d48266ad09e7c" not in artefact.build(three)


def test_same_files_give_the_same_bytes(three: list[Path]) -> None:
    assert artefact.build(three) == artefact.build(reversed(three))


def test_select_keeps_the_digest(three: list[Path]) -> None:
    rules: RuleSet = rulefiles.read(three, thorough=False)
    assert artefact.select(rules, Settings(enable=("zeta-key",))).digest == rules.digest
