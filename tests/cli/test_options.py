"""The options of every scanning command: what they set, what outranks what, what fails a scan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.options import Common, format_of, scanner, settings
from scanner.config import MAX_FILE_SIZE, Settings
from scanner.errors import ConfigError, UsageError
from scanner.fingerprints import PUBLIC_KEY
from scanner.models import (
    Confidence,
    Severity,
)
from scanner.rules import load
from scanner.scan import Plan

Run = Callable[..., Any]
RuleFile = Callable[..., Path]
COMMON = Common(
    format=None, output=(), config=None, rules=(), fail_on=None, show_secrets=False,
    allow_incomplete=False,
    trust_head=False, max_file_size=None, jobs=0, cache=True, progress=True, quiet=False,
    color="auto",
)  # fmt: skip


@pytest.fixture
def user_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user's own configuration file goes."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    path = tmp_path / "configuration" / "keysweep" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


# Settings


def test_without_files_the_defaults_hold(tmp_path: Path) -> None:
    assert settings(COMMON, tmp_path) == Settings()


@pytest.mark.parametrize("size", ["x", "-1", "1.5MB", ""])
def test_size_that_is_none_is_told_with_its_option(tmp_path: Path, size: str) -> None:
    with pytest.raises(UsageError, match=r"--max-file-size: .* write it like 50MB"):
        settings(COMMON._replace(max_file_size=size), tmp_path)


def test_named_file_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.toml: cannot be read"):
        settings(COMMON._replace(config=str(tmp_path / "missing.toml")), tmp_path)


def test_named_file_stands_in_for_the_repository_s(tmp_path: Path) -> None:
    (tmp_path / ".keysweep.toml").write_text("exclude = ['theirs']\n")
    named = tmp_path / "named.toml"
    named.write_text("exclude = ['mine']\n")
    assert settings(COMMON._replace(config=str(named)), tmp_path).exclude == ("mine",)


@pytest.mark.parametrize("name", [".keysweep.toml", "pyproject.toml"])
def test_repository_s_file_counts(tmp_path: Path, name: str) -> None:
    head = "[tool.keysweep]\n" if name == "pyproject.toml" else ""
    (tmp_path / name).write_text(f"{head}max_file_size = '3k'\nexclude = ['a']\n")
    assert settings(COMMON, tmp_path) == Settings(max_file_size=3072, exclude=("a",))


def test_user_s_file_outranks_the_repository_s(user_file: Path, tmp_path: Path) -> None:
    values = "max_file_size = {}\nmin_severity = '{}'\nmin_confidence = '{}'\n"
    user_file.write_text(values.format(11, "medium", "medium"))
    (tmp_path / ".keysweep.toml").write_text(values.format(22, "critical", "high"))
    found = settings(COMMON, tmp_path)
    assert found.max_file_size == 11
    assert (found.min_severity, found.min_confidence) == (Severity.MEDIUM, Confidence.MEDIUM)


def test_repository_s_file_counts_where_the_user_s_says_nothing(
    user_file: Path, tmp_path: Path
) -> None:
    user_file.write_text("min_severity = 'low'\nexclude = ['a']\n")
    (tmp_path / ".keysweep.toml").write_text("max_file_size = 22\nexclude = ['b']\n")
    found = settings(COMMON, tmp_path)
    assert found.max_file_size == 22
    assert set(found.exclude) == {"a", "b"}


OWN = "liveness = true\nfingerprint_key = 'mine'\n[endpoints]\nacme = 'https://acme.example'\n"


@pytest.mark.parametrize("name", [".keysweep.toml", "named.toml"])
def test_what_is_the_user_s_alone_stands_in_no_other_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(OWN)
    named = str(tmp_path / name) if name == "named.toml" else None
    with pytest.raises(ConfigError, match="can only stand in your own configuration") as caught:
        settings(COMMON._replace(config=named), tmp_path)
    assert len(caught.value.problems) == 3


def test_user_s_file_can_set_what_no_other_can(user_file: Path, tmp_path: Path) -> None:
    user_file.write_text(OWN)
    found = settings(COMMON, tmp_path)
    assert found.liveness
    assert found.endpoints == (("acme", "https://acme.example"),)
    assert scanner(COMMON, found).plan.fingerprint_key == b"mine"


def test_fingerprint_key_of_the_environment_comes_first(
    user_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_file.write_text(OWN)
    monkeypatch.setenv("KEYSWEEP_FINGERPRINT_KEY", "theirs")
    assert scanner(COMMON, settings(COMMON, tmp_path)).plan.fingerprint_key == b"theirs"


def test_command_line_outranks_every_file(user_file: Path, tmp_path: Path) -> None:
    user_file.write_text("max_file_size = 11\nrules = ['one.toml']\n")
    (tmp_path / ".keysweep.toml").write_text("max_file_size = 22\nrules = ['two.toml']\n")
    found = settings(COMMON._replace(max_file_size="33", rules=("three.toml",)), tmp_path)
    assert found.max_file_size == 33
    assert set(found.rules) == {
        user_file.parent / "one.toml", tmp_path / "two.toml", Path("three.toml")
    }  # fmt: skip


def test_command_line_outranks_the_variable_and_that_the_files(
    keysweep: Run, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / ".keysweep.toml").write_text("max_file_size = 1\n")
    assert "over --max-file-size 1\n" in keysweep("scan", tree).out
    monkeypatch.setenv("KEYSWEEP_MAX_FILE_SIZE", "2")
    assert "over --max-file-size 2\n" in keysweep("scan", tree).out
    assert "over --max-file-size 3\n" in keysweep("scan", tree, "--max-file-size", "3").out


def test_broken_repository_file_is_told_with_its_name(keysweep: Run, tree: Path) -> None:
    (tree / ".keysweep.toml").write_text("exclud = []\n")
    ended = keysweep("scan", tree)
    assert ended.status == 2
    assert f"{tree / '.keysweep.toml'}: " in ended.err
    assert "did you mean `exclude`?" in ended.err


@pytest.mark.parametrize(
    "text", ["[tool.keysweep]\nexclude = [\n", "[tool.keysweep]\n# \udcff\n"], ids=["TOML", "UTF-8"]
)
def test_broken_project_file_with_our_table_is_told_with_its_name(
    keysweep: Run, tree: Path, text: str
) -> None:
    (tree / "pyproject.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    ended = keysweep("scan", tree)
    assert ended.status == 2
    assert f"{tree / 'pyproject.toml'}: not TOML" in ended.err


@pytest.mark.parametrize("setting", ["enable", "disable"])
def test_unknown_rule_is_told_with_the_file_that_names_it(
    keysweep: Run, tree: Path, setting: str
) -> None:
    (tree / ".keysweep.toml").write_text(f"{setting} = ['byteengine-api-kee']\n")
    ended = keysweep("scan", tree)
    assert ended.status == 2
    assert "did you mean 'byteengine-api-key'?" in ended.err
    assert str(tree / ".keysweep.toml") in ended.err


def test_errors_about_a_repository_s_file_carry_no_control_characters(
    keysweep: Run, tree: Path
) -> None:
    (tree / ".keysweep.toml").write_text('"\\u001b]0;x\\u0007\\u009b31m\\u202e" = 1\n')
    ended = keysweep("scan", tree)
    assert ended.status == 2
    assert ended.err.rstrip("\n").isprintable()


def test_largest_size_is_50_megabytes(keysweep: Run, tree: Path) -> None:
    with (tree / "large").open("wb") as file:
        file.truncate(MAX_FILE_SIZE + 1)
    ended = keysweep("scan", tree)
    assert "large: 52428801 bytes, over --max-file-size 52428800" in ended.out
    assert ended.status == 1


# The plan


def plan(common: Common, root: Path) -> Plan:
    """What the options and files make of a run on `root`."""
    return scanner(common, settings(common, root)).plan


def test_plan_names_rules_by_file_when_one_is_broken(tmp_path: Path, rule_file: RuleFile) -> None:
    path = rule_file(tmp_path / "own.toml", {"regex": "acme_[a-f0-9]{24}(?!x)"})
    (tmp_path / ".keysweep.toml").write_text("enable = ['acme-key']\n")
    with pytest.raises(ConfigError) as caught:
        plan(COMMON._replace(rules=(str(path),)), tmp_path)
    assert str(path) in str(caught.value)
    assert "backtracking = true" in str(caught.value)


def test_damaged_kept_rules_are_made_anew(
    tmp_path: Path, rule_file: RuleFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYSWEEP_CACHE_DIR", str(tmp_path / "cache"))
    rule_file(tmp_path / "own.toml", {})
    (tmp_path / ".keysweep.toml").write_text("enable=['acme-key']\nrules=['own.toml']\n")
    first = plan(COMMON, tmp_path)
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(kept.read_bytes()[:-9])
    assert plan(COMMON, tmp_path) == first
    assert kept.read_bytes().endswith(first.artefact)


def test_without_a_cache_nothing_is_kept_or_read(
    tmp_path: Path, rule_file: RuleFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYSWEEP_CACHE_DIR", str(tmp_path / "cache"))
    rule_file(tmp_path / "own.toml", {})
    (tmp_path / ".keysweep.toml").write_text("enable=['acme-key']\nrules=['own.toml']\n")
    made = plan(COMMON._replace(cache=False), tmp_path)
    assert [rule.id for rule in load(made.artefact).rules.rules] == ["acme-key"]
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("value", "expected"), [(None, PUBLIC_KEY), ("", PUBLIC_KEY), ("ours", b"ours")]
)
def test_fingerprint_key_comes_from_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None, expected: bytes
) -> None:
    if value is not None:
        monkeypatch.setenv("KEYSWEEP_FINGERPRINT_KEY", value)
    assert plan(COMMON, tmp_path).fingerprint_key == expected


# --output


@pytest.mark.parametrize(
    "path", ["report", "report.html", "xml:report", "text:", "json", ".json", "a.json/b", "a.JSONX"]
)
def test_file_whose_name_tells_no_format_is_refused_with_those_that_do(path: str) -> None:
    with pytest.raises(UsageError, match="--output") as caught:
        format_of(path)
    assert path in str(caught.value)
    assert all(suffix in str(caught.value) for suffix in (".json", ".jsonl", ".sarif", ".txt"))


@pytest.mark.parametrize(
    ("path", "expected"),
    [("a.json", "json"), ("b/a.jsonl", "jsonl"), ("a.sarif", "sarif"), ("a.sarif.json", "sarif"),
     ("a.txt", "text"), ("a.b.json", "json"), ("a.xml", "junit"), ("a.csv", "csv"),
     ("a.md", "markdown"), ("b/gl-secret-detection-report.json", "gitlab")],
)  # fmt: skip
def test_format_follows_the_suffix(path: str, expected: str) -> None:
    assert format_of(path) == (expected, path)


@pytest.mark.parametrize(
    ("output", "expected"),
    [("gitlab:a.json", ("gitlab", "a.json")), ("text:a", ("text", "a")),
     ("github:a:b", ("github", "a:b")), ("C:a.json", ("json", "C:a.json"))],
)  # fmt: skip
def test_format_before_the_name_outranks_the_suffix(output: str, expected: tuple[str, str]) -> None:
    assert format_of(output) == expected
