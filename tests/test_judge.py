"""What a place says about a match: thresholds, rules for some files, the user's allowlists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner import rulefiles
from scanner.artefact import select
from scanner.config import Settings
from scanner.judge import Judge
from scanner.models import (
    Allowlist,
    Confidence,
    Excerpt,
    Match,
    Secret,
    Severity,
    Span,
    Suppression,
)
from scanner.rules import RuleSet

RuleFile = Callable[..., Path]
SHOWN = Excerpt("key = ***** # test", 6, 11)
MATCHES = {
    name: Match(name, Secret(b"acme_0123abcd", "*****"), Span(1, 7, 1, 20), SHOWN)
    for name in ("low-key", "high-key", "netrc-key")
}
EVERYTHING = Allowlist((), (), (), None, "x")


@pytest.fixture
def rules(rule_file: RuleFile, tmp_path: Path) -> RuleSet:
    changes = [
        {"id": "low-key", "severity": "low", "confidence": "low"},
        {"id": "high-key", "severity": "high", "confidence": "medium"},
        {"id": "netrc-key", "paths": [".netrc", "conf/*.ini", "!conf/free.ini"]},
    ]
    return rulefiles.read([rule_file(tmp_path / "rules.toml", *changes)], thorough=False)


@pytest.mark.parametrize(
    ("name", "path", "kept"),
    [
        pytest.param("netrc-key", "a.py", False, id="another file"),
        pytest.param("netrc-key", "x.netrc", False, id="a name that ends alike"),
        pytest.param("netrc-key", "sub/conf/a.ini", False, id="anchored, deeper"),
        pytest.param("netrc-key", "conf/free.ini", False, id="taken out again"),
        pytest.param("netrc-key", ".netrc", True, id="file"),
        pytest.param("netrc-key", "home/ada/.netrc", True, id="file in a folder"),
        pytest.param("netrc-key", "conf/a.ini", True, id="anchored"),
        pytest.param("netrc-key", None, True, id="nameless"),
        pytest.param("high-key", "node_modules/a.lock", True, id="rule for all files"),
        pytest.param("high-key", None, True, id="rule for all, nameless"),
    ],
)
def test_rule_for_some_files(rules: RuleSet, name: str, path: str | None, kept: bool) -> None:
    judge = Judge(rules)
    assert [judge.keeps(MATCHES[name], path) for _ in range(2)] == [kept, kept]


@pytest.mark.parametrize(
    ("severity", "confidence", "kept"),
    [
        pytest.param("critical", "low", set(), id="above all"),
        pytest.param("low", "high", {"netrc-key"}, id="confidence alone"),
        pytest.param("medium", "low", {"high-key", "netrc-key"}, id="severity alone"),
        pytest.param("high", "medium", {"high-key", "netrc-key"}, id="just as high"),
        pytest.param("low", "low", set(MATCHES), id="everything"),
    ],
)
def test_thresholds(rules: RuleSet, severity: str, confidence: str, kept: set[str]) -> None:
    minimum = Settings(min_severity=Severity(severity), min_confidence=Confidence(confidence))
    assert {rule.id for rule in select(rules, minimum).rules} & set(MATCHES) == kept


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"paths": ("docs/",)}, id="another folder"),
        pytest.param({"paths": ("*", "!tests/**")}, id="taken out again"),
        pytest.param({"regexes": ("^0123",)}, id="another secret"),
        pytest.param({"rules": ("low-key",)}, id="another rule"),
        pytest.param({"paths": ("tests/",), "regexes": ("zzz",)}, id="path but not secret"),
        pytest.param({"paths": ("docs/",), "regexes": ("acme",)}, id="secret but not path"),
        pytest.param({"paths": ("tests/",), "rules": ("low-key",)}, id="path but not rule"),
        pytest.param({"path_regexes": ("^docs/",)}, id="regex of another path"),
        pytest.param({"line_regexes": ("nosec",)}, id="regex of another line"),
        pytest.param({"path_regexes": ("py$",), "regexes": ("zzz",)}, id="path regex, not secret"),
        pytest.param({"path_regexes": ("py$",), "line_regexes": ("zzz",)}, id="path, not line"),
    ],
)
def test_allowlist_that_does_not_cover(rules: RuleSet, change: dict[str, Any]) -> None:
    judge = Judge(rules, [EVERYTHING._replace(**change)])
    assert judge.allowed(MATCHES["high-key"], "tests/a.py") is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"paths": ("tests/",)}, id="folder"),
        pytest.param({"paths": ("*.py",)}, id="suffix"),
        pytest.param({"paths": ("docs/", "tests/**")}, id="one of the paths"),
        pytest.param({"regexes": ("zzz", "_0123")}, id="one of the regexes"),
        pytest.param({"regexes": ("(?i)^ACME",)}, id="regex with a flag"),
        pytest.param({"rules": ("low-key", "high-key")}, id="one of the rules"),
        pytest.param({"path_regexes": ("^docs/", r"\.py$")}, id="one of the path regexes"),
        pytest.param({"line_regexes": (r"^key = acme_\w+ # test$",)}, id="line and secret"),
        pytest.param(
            {"paths": ("tests/",), "regexes": ("acme",), "rules": ("high-key",)}, id="all of it"
        ),
    ],
)
def test_allowlist_that_covers(rules: RuleSet, change: dict[str, Any]) -> None:
    entry = EVERYTHING._replace(**change, reason="samples", where=".keysweep.toml, allowlist 1")
    expected = Suppression("allowlist", "samples", ".keysweep.toml, allowlist 1")
    assert Judge(rules, [entry]).allowed(MATCHES["high-key"], "tests/a.py") == expected


def test_paths_never_cover_nameless_input(rules: RuleSet) -> None:
    judge = Judge(rules, [EVERYTHING._replace(paths=("*",))])
    assert judge.allowed(MATCHES["high-key"], None) is None


def test_path_regexes_never_cover_nameless_input(rules: RuleSet) -> None:
    entry = EVERYTHING._replace(path_regexes=("",))
    assert Judge(rules, [entry]).allowed(MATCHES["high-key"], None) is None


def test_a_regex_that_takes_too_long_allows_nothing(rules: RuleSet) -> None:
    entry = EVERYTHING._replace(line_regexes=(r"(?:a+)+$",))
    slow = MATCHES["high-key"]._replace(excerpt=Excerpt("a" * 60 + "!***** ", 61, 66))
    assert Judge(rules, [entry]).allowed(slow, "a.py") is None


def test_the_first_entry_that_covers_is_told(rules: RuleSet) -> None:
    entries = [
        EVERYTHING._replace(regexes=("zzz",), where="1"),
        EVERYTHING._replace(regexes=("acme",), where="2"),
        EVERYTHING._replace(regexes=("acme",), where="3"),
    ]
    found = Judge(rules, entries).allowed(MATCHES["high-key"], "a")
    assert found is not None
    assert found.where == "2"


def test_no_allowlist_allows_nothing(rules: RuleSet) -> None:
    assert Judge(rules).allowed(MATCHES["high-key"], "a") is None
