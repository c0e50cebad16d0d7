"""Kingfisher's rules and baselines."""

from __future__ import annotations

from pathlib import Path

import pytest
import regex

from scanner.carried import Entry, Known, NewRule
from scanner.errors import ConfigError
from scanner.migrations import kingfisher

RULE = r"""
rules:
- name: Acme Key
  id: kingfisher.acme.1
  pattern: |
    (?xi)
    acme [_-]  # either
    (?P<TOKEN> [a-z0-9]{12} )
    (\b)
"""


def _read(tmp_path: Path, text: str) -> tuple[Entry, ...]:
    file = tmp_path / "kingfisher.yaml"
    file.write_text(text)
    return kingfisher.read(file).entries


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "neither rules nor a baseline", id="empty"),
        pytest.param("a: 1", "neither rules nor a baseline", id="another table"),
        pytest.param("rules:\n- name: a", "neither rules", id="no id"),
        pytest.param("rules: [", "not YAML", id="cut off"),
        pytest.param("version: 3\nrepositories: []", "later than keysweep", id="later"),
        pytest.param("ExactFindings: 1", "neither rules", id="number for findings"),
    ],
)
def test_another_file_is_refused_by_name(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=r"kingfisher\.yaml: ") as caught:
        _read(tmp_path, text)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("more", "note"),
    [
        pytest.param("  visible: false", "a part of other rules", id="hidden"),
        pytest.param("  validation: {type: Http}", "`validation` is not", id="validation"),
        pytest.param("  depends_on_rule: [{rule_id: a}]", "`depends_on_rule` is not", id="needs"),
        pytest.param(
            "  pattern_requirements: {checksum: {a: b}}", "`pattern_requirements.checksum`",
            id="checksum",
        ),
    ],
)  # fmt: skip
def test_what_is_not_carried_over_is_told(tmp_path: Path, more: str, note: str) -> None:
    (entry,) = _read(tmp_path, RULE + more)
    assert note in entry.notes[0]


def test_rule(tmp_path: Path) -> None:
    (entry,) = _read(tmp_path, RULE + "  min_entropy: 3.3\n  confidence: high\n")
    (rule,) = entry.items
    assert isinstance(rule, NewRule)
    table = dict(rule.table)
    assert rule.id == "kingfisher-acme-1"
    assert table["regex"] == r"(?i:acme)[\-_](?P<secret>[0-9A-Za-z]{12})\b"
    assert (table["min_entropy"], table["confidence"]) == (3.3, "high")
    assert entry.notes == ()


@pytest.mark.parametrize(
    ("requirement", "refused", "kept"),
    [
        pytest.param("min_digits: 2", "a1b", "a1b2", id="digits"),
        pytest.param("min_uppercase: 1", "ab1", "aB1", id="upper case"),
        pytest.param("min_lowercase: 3", "aBb", "abBc", id="lower case"),
        pytest.param("min_special_chars: 1", "ab", "a-b", id="signs"),
        pytest.param("ignore_if_contains: [TEST.]", "atest.b", "atestb", id="words"),
    ],
)
def test_requirement(tmp_path: Path, requirement: str, refused: str, kept: str) -> None:
    (entry,) = _read(tmp_path, f"{RULE}  pattern_requirements: {{{requirement}}}")
    (rule,) = entry.items
    assert isinstance(rule, NewRule)
    allowed = dict(rule.table)["allowlist"]
    assert isinstance(allowed, list)
    assert regex.search(allowed[0], refused)
    assert not regex.search(allowed[0], kept)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "version: 2\nrepositories:\n- findings:\n  - {path: a.py, line: 3, rule_id: x}",
            id="second version",
        ),
        pytest.param(
            "ExactFindings:\n  matches:\n  - {filepath: a.py, linenum: 3, rule_id: x}", id="first"
        ),
    ],
)
def test_baseline(tmp_path: Path, text: str) -> None:
    (entry,) = _read(tmp_path, text)
    assert entry.items == (Known("a.py", 3, rule="x", accepted=False),)


def test_finding_without_a_line_is_told(tmp_path: Path) -> None:
    (entry,) = _read(tmp_path, "ExactFindings:\n  matches:\n  - {filepath: a.py, fingerprint: x}")
    assert entry.items == ()
    assert "no line" in entry.notes[0]
