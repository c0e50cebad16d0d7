"""gitleaks' configuration: each key, what is not the same, and files that are broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner import toml
from scanner.carried import Allow, Carried, Disable, Entry, Known, NewRule
from scanner.errors import ConfigError
from scanner.migrations import gitleaks

RULE = """
[[rules]]
id = "Acme Token"
description = "Acme"
regex = '''(?i)acme_[a-z0-9]{24}'''
keywords = ["acme_"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the configuration is."""
    return tmp_path / ".gitleaks.toml"


def _read(file: Path, text: str) -> Carried:
    file.write_text(text)
    return gitleaks.read(file)


def _entry(file: Path, text: str) -> Entry:
    (entry,) = _read(file, text).entries
    return entry


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("[[rules]", "not TOML", id="cut off"),
        pytest.param("rules = 'x'", "Expected `array`", id="rules are a text"),
        pytest.param("[[rules]]\nentropy = 'much'", "Expected `float`", id="entropy is a text"),
        pytest.param("[[allowlists]]\npaths = 'x'", "Expected `array`", id="paths are a text"),
        pytest.param("minVersion = '9.1.0'", "later than what keysweep can read", id="later"),
        pytest.param("[extend]\nuseDefault = 1", "Expected `bool`", id="number for yes"),
    ],
)
def test_broken_file_is_told_by_name(file: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _read(file, text)
    assert caught.value.problems[0].startswith(f"{file}: ")
    assert problem in caught.value.problems[0]


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        pytest.param(
            "[[rules]]\nid = 'a'\npath = 'id_rsa$'", ["it names files by their path alone"],
            id="path only",
        ),
        pytest.param(
            "[[rules]]\nid = 'a'\nregex = '(?=a)b'", ["the regex is not carried over: look-around"],
            id="look-around",
        ),
        pytest.param("[[rules]]\nid = 'a'", ["it has no regex"], id="nothing but a name"),
        pytest.param(
            "[[rules]]\nid = 'a'\nregex = 'acme_'\nskipReport = true", ["it is never reported"],
            id="not reported",
        ),
        pytest.param(
            "[[allowlists]]\nregexTarget = 'file'\nregexes = ['a']", ["the regexTarget 'file'"],
            id="unknown target",
        ),
        pytest.param("[[allowlists]]\ndescription = 'x'", ["it names nothing"], id="empty"),
        pytest.param(
            "[[allowlists]]\ncondition = 'AND'\ncommits = ['a']\npaths = ['b']",
            ["not carried over: all of its conditions must hold"],
            id="commit and path",
        ),
        pytest.param(
            "[[allowlists]]\npaths = ['(?!a)b']", ["the pattern '(?!a)b' is left out: look-around"],
            id="path pattern",
        ),
        pytest.param("[extend]\nurl = 'x'", ["keysweep fetches no configuration"], id="URL"),
        pytest.param("[extend]\npath = 'no.toml'", ["there is no such file"], id="no base"),
        pytest.param("prefilter = 'x'", ["`prefilter` is betterleaks' own language"], id="CEL"),
        pytest.param("nonsense = 1", ["`nonsense` is unknown"], id="unknown key"),
    ],
)  # fmt: skip
def test_what_is_not_carried_over_is_told(file: Path, text: str, notes: list[str]) -> None:
    entry = _entry(file, text)
    assert entry.items == ()
    assert len(entry.notes) == len(notes)
    assert all(told.startswith(note) for told, note in zip(entry.notes, notes, strict=True))


@pytest.mark.parametrize(
    ("more", "note"),
    [
        pytest.param("filter = 'a'", "`filter` is not carried over", id="filter"),
        pytest.param("[[rules.required]]\nid = 'b'", "rules that it requires", id="required"),
        pytest.param("validate = 'x'", "`validate` is not carried over", id="validation"),
        pytest.param("colour = 'x'", "`colour` is unknown", id="unknown key"),
        pytest.param("path = '[a-z]+'", "it looks at every file", id="path with a class"),
    ],
)
def test_what_is_not_the_same_of_a_rule_is_told(file: Path, more: str, note: str) -> None:
    entry = _entry(file, RULE + more)
    assert [type(item) for item in entry.items] == [NewRule]
    assert [told for told in entry.notes if note in told] == list(entry.notes)
    assert len(entry.notes) == 1


def test_keywords_that_the_regex_does_not_ask_for_are_told_of(file: Path) -> None:
    entry = _entry(file, RULE.replace('["acme_"]', '["other"]'))
    assert entry.notes == ("it is looked for in files without its keywords too",)


def test_rule(file: Path) -> None:
    text = RULE + "entropy = 3.5\nsecretGroup = 0\npath = '''\\.(py|js)$'''\ntags = ['x']\n"
    entry = _entry(file, text)
    (rule,) = entry.items
    assert isinstance(rule, NewRule)
    table = dict(rule.table)
    assert rule.id == table["id"] == "gitleaks-acme-token"
    assert table["regex"] == "(?i:acme_)[0-9A-Za-z]{24}"
    assert table["min_entropy"] == 3.5
    assert table["paths"] == ["**/*.py", "**/*.js"]
    assert table["random"] is False
    assert entry.notes == ()


@pytest.mark.parametrize(
    ("written", "entropy", "notes"),
    [
        pytest.param('entropy(finding["secret"]) <= 3.8', 3.8, 0, id="alone"),
        pytest.param('filter.entropy(finding["secret"]) < 3 || x(1)', 3.0, 1, id="among others"),
        pytest.param('entropy(finding["secret"]) < 3 && x(1)', None, 1, id="with a condition"),
        pytest.param('x(1) || entropy(finding["secret"]) < 3', None, 1, id="behind others"),
    ],
)
def test_entropy_of_a_filter(file: Path, written: str, entropy: float | None, notes: int) -> None:
    entry = _entry(file, RULE + "filter = '''\n" + written + "\n'''\n")
    (rule,) = entry.items
    assert isinstance(rule, NewRule)
    assert dict(rule.table).get("min_entropy") == entropy
    assert len(entry.notes) == notes


def test_allowlists_of_a_rule_become_its_own_or_name_it(file: Path) -> None:
    entry = _entry(
        file,
        RULE
        + """
[[rules.allowlists]]
regexes = ['^test']
stopwords = ["Example+"]
[[rules.allowlists]]
regexTarget = "match"
regexes = ['sample']
[[rules.allowlists]]
regexTarget = "line"
regexes = ['nosec']
paths = ['docs/']
[[rules.allowlists]]
condition = "AND"
paths = ['tests/']
regexes = ['^x']
""",
    )
    rule, *others = entry.items
    assert isinstance(rule, NewRule)
    table = dict(rule.table)
    assert table["allowlist"] == [r"(?i:Example\+)", r"\Atest"]
    assert table["allowlist_match"] == ["sample"]
    own = ("gitleaks-acme-token",)
    assert others == [
        Allow(path_regexes=("docs/",), rules=own),
        Allow(line_regexes=("nosec",), rules=own),
        Allow(path_regexes=("tests/",), regexes=(r"\Ax",), rules=own),
    ]
    assert entry.notes == ()


def test_allowlists_of_all_rules(file: Path) -> None:
    text = """
[[allowlists]]
description = "Ours"
paths = ['vendor/']
regexes = ['a']
commits = ["0123456789"]
[[allowlists]]
targetRules = ["Acme Token", "generic-api-key"]
regexTarget = "match"
regexes = ['b']
"""
    _, first, second = _read(file, RULE + text).entries
    assert first.items == (
        Allow(path_regexes=("vendor/",), reason="Ours"),
        Allow(regexes=("a",), reason="Ours"),
        Known(commit="0123456789"),
    )
    assert second.items == (
        Allow(
            line_regexes=("b",),
            rules=("gitleaks-acme-token",),
            foreign_rules=("generic-api-key",),
        ),
    )
    assert "whole line" in second.notes[0]


def test_an_allowlist_of_a_built_in_rule_is_about_it(file: Path) -> None:
    entry = _entry(file, "[[rules]]\nid = 'jwt'\n[rules.allowlist]\npaths = ['a']\ncommits = ['c']")
    assert entry.items == (
        Allow(path_regexes=("a",), foreign_rules=("jwt",)),
        Known(commit="c", rule="jwt"),
    )


def test_what_may_be_a_secret_is_neither_shown_nor_written(file: Path, key: str) -> None:
    text = f"[allowlist]\ndescription = '{key}'\nregexes = ['{key}']\nstopwords = ['a {key}']"
    entry = _entry(file, text)
    assert entry.items == (Known(text=key, pattern=key), Known(text=f"a {key}"))
    assert key not in f"{entry.what}{entry.where}{entry.notes}"


def test_extends_another_file_whose_rules_it_overrides(file: Path) -> None:
    (file.parent / "base.toml").write_text(RULE + "[extend]\npath = 'deep.toml'\n")
    (file.parent / "deep.toml").write_text("[[allowlists]]\npaths = ['a']\n[extend]\npath = 'x'")
    carried = _read(file, "[extend]\npath = 'base.toml'\ndisabledRules = ['jwt']\n" + RULE)
    assert [entry.where for entry in carried.entries] == [
        "extend",
        "base.toml, deep.toml, extend",
        "base.toml, deep.toml, allowlists 1",
        "base.toml, rule 1",
        "rule 1",
    ]
    assert carried.entries[0].items == (Disable("jwt"),)
    assert carried.entries[1].notes == ("gitleaks reads no deeper",)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        pytest.param("title = 'x'", True, id="nothing but a title"),
        pytest.param("[extend]\nuseDefault = true\n" + RULE, True, id="default and a rule"),
        pytest.param(RULE, False, id="a rule alone"),
    ],
)
def test_built_in_rules_stay_on(file: Path, text: str, own: bool) -> None:
    assert _read(file, text).own_rules is own


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param("own.toml", "exclude = ['a']", False, id="configuration of ours"),
        pytest.param("own.toml", "rules = ['a.toml']", False, id="ours, with rule files"),
        pytest.param("own.toml", "[[allowlist]]\npaths = ['a']", False, id="ours, allowlist"),
        pytest.param("own.toml", "[[rules]]\nid = 'a'\nseverity = 'low'", False, id="our rules"),
        pytest.param("gitleaks.toml", "carried_from = 'x'", False, id="carried over, by name"),
        pytest.param("own.toml", "title = 'x'", True, id="title"),
        pytest.param("own.toml", "[allowlist]\npaths = ['a']", True, id="one allowlist"),
        pytest.param("own.toml", "[[rules]]\nid = 'a'\ntags = ['b']", True, id="rule with tags"),
        pytest.param("gitleaks.toml", "", True, id="by name"),
    ],
)
def test_told_from_our_own(tmp_path: Path, name: str, text: str, expected: bool) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert gitleaks.is_one(path, toml.load(path)) is expected
