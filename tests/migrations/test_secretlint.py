"""secretlint's configuration and ignore files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scanner.carried import Allow, Disable, Entry, Exclude, Known, NewRule
from scanner.errors import ConfigError
from scanner.migrations import secretlint

RULE = "@secretlint/secretlint-rule-"


def _read(tmp_path: Path, *rules: object, **more: object) -> tuple[Entry, ...]:
    file = tmp_path / ".secretlintrc.json"
    file.write_text(json.dumps({"rules": rules} | more))
    return secretlint.read(file).entries


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        pytest.param(".secretlintrc.json", '{"rules": [', "not JSON", id="cut off"),
        pytest.param(".secretlintrc.json", "[]", "not a configuration", id="list"),
        pytest.param(".secretlintrc", "rules: x", "not a configuration", id="YAML, text"),
        pytest.param(".secretlintrc.yaml", "rules: [{}]", "id", id="YAML, no id"),
        pytest.param(".secretlintrc", "", "not a configuration", id="empty"),
    ],
)
def test_broken_file_is_told_by_name(tmp_path: Path, name: str, text: str, problem: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError) as caught:
        secretlint.read(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: ")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("rule", "note"),
    [
        pytest.param({"allowMessageIds": ["X"]}, "named otherwise", id="message"),
        pytest.param({"options": {"allows": ["/(?<!a)b/"]}}, "left out", id="look-behind"),
        pytest.param(
            {"options": {"patterns": [{"name": "a", "pattern": "b"}]}}, "no regex", id="text"
        ),
        pytest.param(
            {"options": {"patterns": [{"name": "a", "pattern": "/(?=a)/"}]}}, "look-around",
            id="look-ahead",
        ),
        pytest.param({"options": {"patterns": [{"name": "a"}]}}, "no regex", id="no pattern"),
    ],
)  # fmt: skip
def test_what_is_left_out_is_told(tmp_path: Path, rule: dict[str, object], note: str) -> None:
    (entry,) = _read(tmp_path, {"id": f"{RULE}pattern"} | rule)
    assert entry.items == ()
    assert note in entry.notes[0]


def test_a_program_is_not_run(tmp_path: Path) -> None:
    (tmp_path / ".secretlintrc.js").write_text("process.exit(1)")
    (entry,) = secretlint.read(tmp_path / ".secretlintrc.js").entries
    assert entry.items == ()
    assert "a program" in entry.notes[0]


def test_unknown_setting_is_told(tmp_path: Path) -> None:
    (entry,) = _read(tmp_path, ignore=["a"])
    assert entry.notes == ("secretlint has no such setting",)


def test_rules_of_a_preset(tmp_path: Path, key: str) -> None:
    inner = [
        {"id": f"{RULE}slack", "disabled": True},
        {"id": f"{RULE}aws", "options": {"allows": [key, "/^test/i"]}},
    ]
    off, text, pattern = _read(tmp_path, {"id": f"{RULE}preset-recommend", "rules": inner})
    assert off.items == (Disable("slack"),)
    assert text.items == (Known(text=key),)
    assert key not in text.what
    assert pattern.items == (Allow(regexes=(r"\A(?i:test)",), foreign_rules=("aws",)),)


def test_pattern_becomes_a_rule(tmp_path: Path) -> None:
    pattern = {"name": "Acme Key", "pattern": "/acme_([0-9]{8})\\/x/i"}
    (entry,) = _read(tmp_path, {"id": f"{RULE}pattern", "options": {"patterns": [pattern]}})
    (rule,) = entry.items
    assert isinstance(rule, NewRule)
    assert rule.id == "secretlint-acme-key"
    assert dict(rule.table)["regex"] == "(?i:acme_)(?P<secret>[0-9]{8})(?i:/x)"


def test_yaml(tmp_path: Path) -> None:
    (tmp_path / ".secretlintrc").write_text(f"rules:\n- id: '{RULE}npm'\n  disabled: true\n")
    (entry,) = secretlint.read(tmp_path / ".secretlintrc").entries
    assert entry.items == (Disable("npm"),)


def test_ignore_file(tmp_path: Path) -> None:
    file = tmp_path / ".secretlintignore"
    file.write_text("# about\n\ndist/\n!dist/a\n")
    entries = secretlint.read_ignore(file).entries
    assert [entry.where for entry in entries] == ["line 3", "line 4"]
    assert [item for entry in entries for item in entry.items] == [
        Exclude("dist/"),
        Exclude("!dist/a"),
    ]
