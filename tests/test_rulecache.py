"""Kept compiled rules: another name whenever they would differ, made anew when damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner import artefact, rulecache
from scanner.api import load_plan, scan_text
from scanner.config import Settings
from scanner.errors import ConfigError
from scanner.rules import files_in, shipped
from scanner.search import DECODERS

RuleFile = Callable[..., Path]
TEXT = "acme_5e0b7c21d94f83a6be17c05d"


@pytest.fixture
def own(tmp_path: Path, rule_file: RuleFile) -> Path:
    """A folder with two rule files."""
    rule_file(tmp_path / "own" / "one.toml", {})
    rule_file(tmp_path / "own" / "two.toml", {"id": "other-key"})
    return tmp_path / "own"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    monkeypatch.setenv("KEYSWEEP_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def _key(folder: Path, enable: tuple[str, ...] = (), disable: tuple[str, ...] = ()) -> str:
    return rulecache.key(
        files_in(folder), Settings(enable=tuple(enable), disable=tuple(disable)), DECODERS
    )


def _append(path: Path) -> None:
    path.write_text(path.read_text() + "# one more line\n")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda own: _append(own / "one.toml"), id="content"),
        pytest.param(lambda own: (own / "one.toml").rename(own / "zero.toml"), id="name"),
        pytest.param(lambda own: (own / "two.toml").unlink(), id="file gone"),
        pytest.param(lambda own: (own / "more.toml").touch(), id="file more"),
    ],
)
def test_key_changes_with_the_rule_files(own: Path, change: Callable[[Path], object]) -> None:
    before = _key(own)
    change(own)
    assert _key(own) != before


def test_key_changes_with_rules_on_and_off_and_decoders(own: Path) -> None:
    keys = [
        _key(own),
        _key(own, ("acme-key",)),
        _key(own, (), ("acme-key",)),
        _key(own, ("acme-key", "other-key")),
        _key(own, ("acme-key",), ("other-key",)),
        rulecache.key(files_in(own), Settings(borrowed=(own,)), DECODERS),
        rulecache.key(files_in(own), Settings(), DECODERS[1:]),
        rulecache.key(files_in(own), Settings(), (*DECODERS, DECODERS[0])),
    ]
    assert len(set(keys)) == len(keys)


def test_key_stays_when_nothing_that_matters_changes(own: Path) -> None:
    before = _key(own, ("acme-key", "other-key"))
    (own / "notes.txt").write_text("no rule file")
    assert _key(own, ("other-key", "acme-key")) == before
    assert (
        rulecache.key(reversed(files_in(own)), Settings(enable=("acme-key", "other-key")), DECODERS)
        == before
    )


def test_key_of_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.toml: cannot be read"):
        rulecache.key([tmp_path / "missing.toml"], Settings(), DECODERS)


def test_files_are_the_shipped_ones_then_the_user_s(own: Path, tmp_path: Path) -> None:
    extra = tmp_path / "single.toml"
    assert rulecache.files([own, extra]) == [
        *files_in(shipped()), own / "one.toml", own / "two.toml", extra
    ]  # fmt: skip


def test_kept_rules_are_those_that_were_made(own: Path, folder: Path) -> None:
    made = artefact.build(files_in(own))
    rulecache.keep(_key(own), made)
    assert rulecache.read(_key(own)) == made
    assert [path.name for path in folder.iterdir()] == [_key(own)]


def test_name_is_safe_as_a_file_name(own: Path) -> None:
    assert _key(own).replace("-", "").isalnum()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _whole: b"", id="empty"),
        pytest.param(lambda whole: whole[: len(whole) // 2], id="cut in half"),
        pytest.param(lambda whole: whole[:-5000] + bytes(5000), id="zeros at the end"),
        pytest.param(lambda whole: whole.replace(b'"high"', b'"hihg"', 1), id="bad value"),
    ],
)
def test_damaged_kept_rules_are_made_anew(
    own: Path, folder: Path, damage: Callable[[bytes], bytes]
) -> None:
    settings = Settings(rules=(own,), enable=("acme-key",))
    whole = load_plan(settings).artefact
    (kept,) = folder.iterdir()
    kept.write_bytes(damage(kept.read_bytes()))
    plan = load_plan(settings)
    assert len(scan_text(TEXT, plan=plan)) == 1
    assert plan.artefact == whole
    assert kept.read_bytes().endswith(whole)


def test_kept_rules_follow_the_rule_file(own: Path, folder: Path, rule_file: RuleFile) -> None:
    settings = Settings(rules=(own,), enable=("acme-key",))
    assert [f.rule_id for f in scan_text(TEXT, plan=load_plan(settings))] == ["acme-key"]
    rule_file(own / "one.toml", {"regex": "acme_[a-f0-9]{23}0"})
    assert scan_text(TEXT, plan=load_plan(settings)) == ()


def test_rules_are_made_without_a_cache_folder_too(own: Path, folder: Path) -> None:
    folder.mkdir(mode=0o755)
    plan = load_plan(Settings(rules=(own,), enable=("acme-key",)))
    assert len(scan_text(TEXT, plan=plan)) == 1
    assert list(folder.iterdir()) == []
