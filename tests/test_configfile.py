"""Configuration files: every key, every way to get it wrong, and what later files change."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import configfile
from scanner.config import Settings
from scanner.errors import ConfigError
from scanner.models import Allowlist, Confidence, Severity

EVERYTHING = r"""
exclude = ["vendor/", "*.min.js"]
enable = ["a", "b"]
disable = ["c"]
rules = ["more.toml", "sub/rules"]
min_severity = "high"
min_confidence = "medium"
max_file_size = "2MB"
require_reason = true

[[allowlist]]
paths = ["docs/"]
regexes = ['^test_', '\d{4}$']
rules = ["a"]
reason = "documentation"

[[allowlist]]
regexes = ["x"]
"""


def _problems(path: Path, text: str) -> list[str]:
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        configfile.read(path, Settings())
    assert all(problem.startswith(f"{path}: ") for problem in caught.value.problems)
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("excludes = []", "did you mean `exclude`?", id="misspelt key"),
        pytest.param("max-file-size = 1", "did you mean `max_file_size`?", id="hyphens"),
        pytest.param("[[allowlist]]\npath = []", "did you mean `paths`?", id="misspelt inner key"),
        pytest.param("[[allowlists]]\npaths = []", "did you mean `allowlist`?", id="plural"),
        pytest.param("liveness = true", "`liveness` can only stand in your own", id="liveness"),
        pytest.param("liveness = false", "`liveness` can only stand in your own", id="not live"),
        pytest.param("[endpoints]\na = 'https://a'", "`endpoints` can only", id="endpoints"),
        pytest.param("fingerprint_key = 'x'", "`fingerprint_key` can only", id="fingerprint key"),
        pytest.param("output = ['x.json']", "unknown field `output`", id="output path"),
        pytest.param("exclude = 'vendor/'", "Expected `array`, got `str`", id="text for list"),
        pytest.param("exclude = [1]", "Expected `str`, got `int`", id="number in list"),
        pytest.param("min_severity = 'urgent'", "Invalid enum value 'urgent'", id="severity"),
        pytest.param("min_confidence = 'critical'", "Invalid enum value", id="confidence"),
        pytest.param("max_file_size = 'big'", "max_file_size: 'big' is no size", id="word"),
        pytest.param("max_file_size = -1", "max_file_size: -1 is no size", id="negative size"),
        pytest.param("max_file_size = '1.5MB'", "write it like 50MB", id="fraction"),
        pytest.param("max_file_size = true", "got `bool`", id="bool for size"),
        pytest.param("exclude = ['a', '!']", "exclude: '!'", id="bad path pattern"),
        pytest.param("[[allowlist]]\npaths = ['!']", "allowlist 1: paths: '!'", id="bad path"),
        pytest.param("[[allowlist]]\nregexes = ['(']", "allowlist 1: regex '('", id="bad regex"),
        pytest.param("[[allowlist]]", "give `paths` or `regexes`", id="allows everything"),
        pytest.param("[[allowlist]]\nrules = ['a']", "give `paths` or `regexes`", id="by rule"),
        pytest.param("[[allowlist]]\npaths = []", "give `paths` or `regexes`", id="no paths"),
        pytest.param("exclude = [", "not TOML", id="no TOML"),
    ],
)
def test_broken_file_is_told_with_its_name(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in "\n".join(_problems(tmp_path / ".keysweep.toml", text))


def test_all_problems_are_told_together(tmp_path: Path) -> None:
    text = "max_file_size = ''\nexclude = ['!']\n[[allowlist]]\n[[allowlist]]\nregexes = ['[']"
    problems = _problems(tmp_path / ".keysweep.toml", text)
    found = ["max_file_size", "exclude", "allowlist 1", "allowlist 2"]
    assert [name for name, problem in zip(found, problems, strict=True) if name in problem] == found


@pytest.mark.parametrize("value", ["-1", "x", "1 2", "1.5M", "MB", "", "5T", "0x10", "1e3", "٣x"])
def test_text_that_is_no_size_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="write it like 50MB"):
        configfile.size(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 0), (17, 17), ("17", 17), ("17B", 17), ("2k", 2048), ("2 KB", 2048), ("2KiB", 2048),
     (" 50MB ", 52_428_800), ("50mib", 52_428_800), ("1G", 1 << 30), ("1GB", 1 << 30)],
)  # fmt: skip
def test_sizes_are_in_units_of_1024(value: str | int, expected: int) -> None:
    assert configfile.size(value) == expected


@settings(deadline=None)
@given(st.integers(0, 1 << 40), st.sampled_from(["", "B", "k", "KB", "M", "MiB", "G", "GB"]))
def test_size_grows_with_its_unit(number: int, unit: str) -> None:
    assert configfile.size(f"{number}{unit}") >= configfile.size(number) == number


def test_every_key_is_read(tmp_path: Path) -> None:
    path = tmp_path / ".keysweep.toml"
    path.write_text(EVERYTHING)
    where = ".keysweep.toml, allowlist "
    assert configfile.read(path, Settings())._replace(origins=()) == Settings(
        exclude=("vendor/", "*.min.js"),
        enable=("a", "b"),
        disable=("c",),
        rules=(tmp_path / "more.toml", tmp_path / "sub" / "rules"),
        borrowed=(tmp_path / "more.toml", tmp_path / "sub" / "rules"),
        min_severity=Severity.HIGH,
        min_confidence=Confidence.MEDIUM,
        max_file_size=2 * 1024 * 1024,
        require_reason=True,
        allowlists=(
            Allowlist(
                ("docs/",), ("^test_", r"\d{4}$"), ("a",), "documentation", where + "1"
            ),
            Allowlist((), ("x",), (), None, where + "2"),
        ),
    )  # fmt: skip


@pytest.mark.parametrize("name", [".keysweep.toml", "config.toml", "any name.toml"])
def test_project_file_says_the_same_under_its_table(tmp_path: Path, name: str) -> None:
    project, own = tmp_path / "pyproject.toml", tmp_path / name
    own.write_text("exclude = ['a']\nmax_file_size = 7\n")
    project.write_text("[project]\nname = 'x'\n[tool.keysweep]\nexclude=['a']\nmax_file_size=7\n")
    assert configfile.read(project, Settings()) == configfile.read(own, Settings())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("[tool.keysweep]\nexlude = []", "did you mean `exclude`?", id="misspelt"),
        pytest.param("[tool]\nkeysweep = 'x'", "must be a table", id="no table"),
        pytest.param("[[tool.keysweep]]", "must be a table", id="list of tables"),
        pytest.param("tool = 1\n# [tool.keysweep]", "must be a table", id="tool is no table"),
        pytest.param("[tool.keysweep]\nliveness = true", "`liveness` can only", id="liveness"),
        pytest.param("[[tool.keysweep.allowlist]]", "give `paths` or `regexes`", id="inner"),
    ],
)
def test_broken_table_in_a_project_file_is_told(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in "\n".join(_problems(tmp_path / "pyproject.toml", text))


def test_project_file_without_the_table_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text("[tool.other]\nx = 1\n")
    earlier = Settings(exclude=("a",), max_file_size=3)
    assert configfile.read(path, earlier) == earlier


def test_lists_add_up_and_values_replace(tmp_path: Path) -> None:
    path = tmp_path / ".keysweep.toml"
    path.write_text(EVERYTHING)
    once = configfile.read(path, Settings())
    path.write_text("exclude = ['z']\nmin_severity = 'low'\nmax_file_size = 0\n")
    twice = configfile.read(path, once)
    assert twice.exclude == (*once.exclude, "z")
    assert (twice.min_severity, twice.max_file_size) == (Severity.LOW, 0)
    assert twice == once._replace(exclude=twice.exclude, min_severity=Severity.LOW, max_file_size=0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("livenes = true", "did you mean `liveness`?", id="misspelt"),
        pytest.param("liveness = 1", "Expected `bool`", id="number"),
        pytest.param("endpoints = []", "Expected `object`", id="list of endpoints"),
        pytest.param("fingerprint_key = ''", "fingerprint_key is empty", id="empty key"),
        pytest.param("output = ['x']", "unknown field `output`", id="output path"),
    ],
)
def test_broken_file_of_the_user_is_told(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=re.escape(expected)):
        configfile.read_user(path, Settings())


def test_user_s_own_file_can_set_more(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        "exclude = ['a']\nliveness = true\nfingerprint_key = 'mine'\n"
        "[endpoints]\nacme = 'https://acme.example'\n"
    )
    found = configfile.read_user(path, Settings(exclude=("b",)))
    assert found == Settings(
        exclude=("b", "a"),
        liveness=True,
        endpoints=(("acme", "https://acme.example"),),
        fingerprint_key="mine",
    )
    path.with_name("next.toml").write_text("exclude = ['c']")
    later = configfile.read(path.with_name("next.toml"), found)
    assert later == found._replace(exclude=("b", "a", "c"))


@pytest.mark.parametrize("users_first", [False, True], ids=["user's last", "user's first"])
def test_rule_files_that_a_repository_names_are_told_from_the_user_s(
    tmp_path: Path, users_first: bool
) -> None:
    theirs, mine = tmp_path / "theirs" / ".keysweep.toml", tmp_path / "mine" / "config.toml"
    for path in (theirs, mine):
        path.parent.mkdir()
        path.write_text("rules = ['own.toml']")
    readers = [(configfile.read, theirs), (configfile.read_user, mine)]
    found = Settings()
    for read, path in reversed(readers) if users_first else readers:
        found = read(path, found)
    assert set(found.rules) == {path.parent / "own.toml" for path in (theirs, mine)}
    assert found.borrowed == (theirs.parent / "own.toml",)


@settings(deadline=None, max_examples=50)
@given(pattern=st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=6))
def test_any_exclude_pattern_is_either_taken_or_told(
    tmp_path_factory: pytest.TempPathFactory, pattern: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    escaped = "".join(f"\\U{ord(character):08x}" for character in pattern)
    path.write_text(f'exclude = ["{escaped}"]\n')
    try:
        assert configfile.read(path, Settings()).exclude == (pattern,)
    except ConfigError as error:
        assert error.problems[0].startswith(f"{path}: exclude: ")
