"""`keysweep rules`: listing, showing and checking rules."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.rules import files_in, shipped

Run = Callable[..., Any]
RuleFile = Callable[..., Path]


# list and show


def test_list_has_one_line_for_each_shipped_rule(keysweep: Run) -> None:
    ids = [
        rule["id"]
        for path in files_in(shipped())
        for rule in tomllib.loads(path.read_text("utf-8"))["rules"]
    ]
    ended = keysweep("rules", "list")
    assert ended.status == 0
    assert [line.split()[0] for line in ended.out.splitlines()] == sorted(ids)


def test_list_shows_own_rules_too(keysweep: Run, rule_file: RuleFile) -> None:
    rule_file(Path("own.toml"), {"severity": "medium", "confidence": "low"})
    lines = keysweep("rules", "list", "--rules", "own.toml").out.splitlines()
    (own,) = [line for line in lines if line.startswith("acme-key ")]
    assert own.split(maxsplit=4) == ["acme-key", "medium", "low", "-", "Acme key"]
    assert len({line.index(line.split()[1]) for line in lines}) == 1


@pytest.mark.parametrize("command", [["list"], ["show", "acme-key"], ["check"]])
def test_missing_rule_file_is_told(keysweep: Run, command: list[str]) -> None:
    option = ["missing.toml"] if command == ["check"] else ["--rules", "missing.toml"]
    ended = keysweep("rules", *command, *option)
    assert ended.status == 2
    assert "missing.toml: cannot be read" in ended.err


def test_showing_an_unknown_rule_says_where_the_names_are(keysweep: Run) -> None:
    ended = keysweep("rules", "show", "byteengine-api-kee")
    assert ended.status == 2
    assert "there is no rule 'byteengine-api-kee'" in ended.err
    assert "keysweep rules list" in ended.err


def test_showing_a_rule_says_everything_but_its_examples(
    keysweep: Run, rule_file: RuleFile
) -> None:
    rule_file(Path("own.toml"), {"aliases": ["old", "older"]})
    ended = keysweep("rules", "show", "acme-key", "--rules", "own.toml")
    assert ended.status == 0
    for said in ("acme-key", "Acme key", "high", "acme_[a-f0-9]{24}", "https://example.org/keys"):
        assert said in ended.out
    assert "3f9c0a7e5b1d48266ad09e7c" not in ended.out
    assert [line.split()[-1] for line in ended.out.splitlines() if line.startswith("alias")] == [
        "old", "older",
    ]  # fmt: skip


def test_list_tells_which_keys_can_be_asked_about(keysweep: Run) -> None:
    lines = keysweep("rules", "list").out.splitlines()
    asked = {line.split()[0]: line.split()[3] for line in lines}
    assert asked["byteengine-api-key"] == asked["bytestack-api-key-in-call"] == "liveness"
    assert asked["github-refresh-token"] == asked["json-web-token"] == "-"


def test_showing_a_rule_says_what_is_asked_of_its_provider(keysweep: Run) -> None:
    shown = keysweep("rules", "show", "aws-secret-access-key").out
    lines = [line.split(maxsplit=1)[1] for line in shown.splitlines() if line[:8] == "liveness"]
    assert lines[0] == "POST https://sts.amazonaws.com/"
    assert "together with the aws-access-key-id in the same file" in lines
    assert lines[-1].startswith("https://docs.aws.amazon.com/")


def test_showing_a_rule_says_which_keys_are_asked_about(keysweep: Run) -> None:
    shown = keysweep("rules", "show", "gitlab-routable-token").out
    assert "for keys that begin with glpat-" in shown


def test_showing_a_rule_without_a_check_says_so(keysweep: Run, rule_file: RuleFile) -> None:
    rule_file(Path("own.toml"), {})
    shown = keysweep("rules", "show", "acme-key", "--rules", "own.toml").out
    assert [line.split(maxsplit=1) for line in shown.splitlines() if line[:8] == "liveness"] == [
        ["liveness", "cannot be asked"]
    ]


# check


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"regex": "acme_["}, "regex does not compile", id="bad regex"),
        pytest.param({"examples": ["acme_"] * 2}, "example 1 is not found", id="example"),
        pytest.param(
            {"counter_examples": ["acme_", "acme_3f9c0a7e5b1d48266ad09e7c"]},
            "counter-example 2 is found",
            id="counter-example",
        ),
        pytest.param({"keyword": []}, "did you mean `keywords`?", id="unknown key"),
        pytest.param(
            {"regex": "(?<!x)acme_[a-f0-9]{24}"}, "`backtracking = true`", id="look-behind"
        ),
    ],
)
def test_broken_rule_is_told_with_file_and_rule(
    keysweep: Run, rule_file: RuleFile, change: dict[str, object], expected: str
) -> None:
    rule_file(Path("own.toml"), change)
    ended = keysweep("rules", "check", "own.toml")
    assert ended.status == 2
    assert ended.out == ""
    assert expected in ended.err
    assert "'acme-key'" in ended.err
    assert "own.toml" in ended.err


def test_example_that_a_filter_drops_is_told_with_the_reason(
    keysweep: Run, rule_file: RuleFile
) -> None:
    rule_file(Path("own.toml"), {"allowlist": ["3f9c"]})
    assert "example 1 is not found (" in keysweep("rules", "check", "own.toml").err


def test_the_reason_is_told_of_a_rule_that_is_looked_for_by_words(
    keysweep: Run, rule_file: RuleFile
) -> None:
    lost = {
        "regex": r"(?i)(?:ab|tg)[\w.-]{0,20}token=(?P<secret>[a-f0-9]{24})",
        "keywords": ["token"],
        "examples": [f"{name}={'3f9c0a7e5b1d' * 2}" for name in ("tgtoken", "ab_token")],
        "allowlist": ["3f9c"],
    }
    rule_file(Path("own.toml"), lost)
    assert "example 1 is not found (" in keysweep("rules", "check", "own.toml").err


def test_all_problems_are_told_together(keysweep: Run, rule_file: RuleFile) -> None:
    rule_file(Path("rules/one.toml"), {"id": "one", "regex": "("})
    rule_file(Path("rules/two.toml"), {"id": "two", "references": []})
    ended = keysweep("rules", "check", "rules")
    assert "'one'" in ended.err
    assert "'two'" in ended.err


def test_folder_without_rules_is_not_called_sound(keysweep: Run) -> None:
    Path("empty").mkdir()
    ended = keysweep("rules", "check", "empty")
    assert ended.status == 2
    assert "empty" in ended.err


def test_sound_rules_are_counted(keysweep: Run, rule_file: RuleFile) -> None:
    rule_file(Path("rules/one.toml"), {"id": "one"})
    rule_file(Path("rules/two.toml"), {"id": "two", "family": "one"})
    ended = keysweep("rules", "check", "rules")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out == "2 rules in 2 files are sound\n"


def test_check_may_need_a_shipped_rule(keysweep: Run, rule_file: RuleFile) -> None:
    path = rule_file(Path("own.toml"), {})
    path.write_text(
        path.read_text()
        + "[rules.liveness]\nbase = 'https://api.example.org'\npath = '/{id}'\n"
        + "headers = { X-Key = '{secret}' }\nneeds = { id = 'aws-access-key-id' }\n"
        + "reference = 'https://example.org/docs'\n"
    )
    assert keysweep("rules", "check", "own.toml").status == 0
