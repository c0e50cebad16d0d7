"""Which files are other scanners', and what they come to as a configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner import foreign, rulefiles
from scanner.carried import NewRule
from scanner.config import Settings
from scanner.errors import ConfigError

RULE = "[[rules]]\nid = 'acme'\nregex = 'acme_[0-9]{8}'\ntags = []\n"


def _file(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("a.py", "", id="program"),
        pytest.param("a.toml", "exclude = []", id="our configuration"),
        pytest.param("a.json", '{"a": 1}', id="some JSON"),
        pytest.param("a.yml", "a: 1", id="some YAML"),
    ],
)
def test_a_file_of_no_scanner_is_refused(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        foreign.read(_file(tmp_path, name, text))
    assert str(caught.value).startswith(f"{tmp_path / name}: ")


@pytest.mark.parametrize(
    ("name", "text", "tool"),
    [
        pytest.param(".gitleaks.toml", RULE, "gitleaks", id="gitleaks"),
        pytest.param("ci/rules.toml", RULE, "gitleaks", id="gitleaks by content"),
        pytest.param(".betterleaks.toml", RULE, "betterleaks", id="betterleaks"),
        pytest.param(".gitleaksignore", "a:b:1", "gitleaks", id="ignore file"),
        pytest.param("leaks.json", "[]", "gitleaks", id="report"),
        pytest.param(
            "base.json", '{"version": "1.0", "results": {}}', "detect-secrets", id="by content"
        ),
        pytest.param(".secretlintrc.json", '{"rules": []}', "secretlint", id="secretlint"),
        pytest.param(".secretlintignore", "", "secretlint", id="secretlint's ignore file"),
        pytest.param(".gitguardian.yml", "", "gitguardian", id="ggshield"),
        pytest.param("rules.yml", "rules: []", "kingfisher", id="Kingfisher"),
        pytest.param("trufflehog-exclude.txt", "^a", "trufflehog", id="TruffleHog"),
        pytest.param(".pre-commit-config.yaml", "repos: []", "pre-commit", id="pre-commit"),
    ],
)
def test_whose_a_file_is(tmp_path: Path, name: str, text: str, tool: str) -> None:
    (tmp_path / "ci").mkdir()
    assert foreign.read(_file(tmp_path, name, text)).tool == tool


def test_files_are_found_by_their_usual_names(tmp_path: Path) -> None:
    for name in (".gitleaks.toml", "kingfisher-base.yml", "other.toml", ".secretlintrc"):
        _file(tmp_path, name, "")
    (tmp_path / ".gitguardian.yaml").mkdir()
    assert [path.name for path in foreign.find(tmp_path)] == [
        ".gitleaks.toml", ".secretlintrc", "kingfisher-base.yml",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param(".keysweep.toml", "title = 'x'", False, id="ours by name"),
        pytest.param("pyproject.toml", "title = 'x'", False, id="project"),
        pytest.param("a.toml", "[[", False, id="broken"),
        pytest.param("a.toml", RULE, True, id="rules"),
        pytest.param("gitleaks.toml", "[[", True, id="broken, by name"),
        pytest.param("a.yml", "", True, id="YAML"),
    ],
)
def test_told_from_ours(tmp_path: Path, name: str, text: str, expected: bool) -> None:
    assert foreign.is_one(_file(tmp_path, name, text)) is expected


def test_settings(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "a.toml",
        "[extend]\nuseDefault = true\ndisabledRules = ['jwt', 'nonsense']\n"
        + RULE
        + "[[allowlists]]\npaths = ['a']\ncommits = ['c']\n"
        + "[[allowlists]]\ntargetRules = ['nonsense']\nregexes = ['b']\n",
    )
    found = foreign.settings(path, Settings(exclude=("x",), disable=("y",)))
    assert (found.exclude, found.disable, found.enable) == (("x",), ("y", "json-web-token"), ())
    assert found.rules == (path,)
    assert [(one.path_regexes, one.rules) for one in found.allowlists] == [(("a",), ())]
    assert found.allowlists[0].reason == "carried over from a.toml, allowlists 1"
    assert len(found.notes) == 3
    assert all(note.startswith("a.toml, ") for note in found.notes)


def test_excluded_paths(tmp_path: Path) -> None:
    path = _file(tmp_path, ".gitguardian.yaml", "secret:\n  ignored_paths: [a, b/c]")
    assert foreign.settings(path, Settings()).exclude == ("a", "**/b/c")


def test_rules_are_read_like_ours_without_examples(tmp_path: Path) -> None:
    (rule,) = rulefiles.read([_file(tmp_path, "a.toml", RULE)]).rules
    assert (rule.id, rule.examples, rule.random) == ("gitleaks-acme", (), False)


def test_of_rules_with_one_id_the_last_holds(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.toml", RULE + RULE.replace("{8}", "{9}"))
    assert [table["regex"] for table in foreign.tables(path)] == ["acme_[0-9]{9}"]


def test_a_rule_that_hyperscan_refuses_is_told() -> None:
    table = {"prefilter": "(?=a)acme", "starts_match": False}
    told = foreign.sound(NewRule("x", tuple(table.items())))
    assert isinstance(told, str)
    assert told.startswith("hyperscan cannot look for it: ")
