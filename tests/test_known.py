"""What is known of findings suppresses exactly these, and nothing that has expired."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from scanner import known, rulefiles
from scanner.errors import ConfigError
from scanner.fingerprints import PUBLIC_KEY, fingerprint
from scanner.known import Known, applied, doubted
from scanner.models import (
    Excerpt,
    Finding,
    Kind,
    Place,
    Report,
    ScanInfo,
    Secret,
    Span,
    Suppression,
)
from scanner.rules import Rule
from scanner.suppressions.baseline import Baseline, Entry
from scanner.suppressions.ignorefile import Entry as Ignored

SECRET = Secret(b"not-a-secret", "*****")
PRINT = fingerprint("acme", SECRET.identity)
INLINE = Suppression("inline", "ours", "line 1")


def _place(path: str, suppressed: Suppression | None = None) -> Place:
    return Place(Kind.FILE, path, Span(1, 1, 1, 2), Excerpt("", 0, 0), (), suppressed)


def _report(*places: Place) -> Report:
    info = ScanInfo("scan", "/", "", "2026-05-31T23:59:59Z")
    return Report(info, (Finding("acme-key", SECRET, PRINT, places),), (), (), 1, 1, 0.0)


@pytest.fixture
def rules(rule_file: Callable[..., Path], tmp_path: Path) -> dict[str, Rule]:
    path = rule_file(tmp_path / "r.toml", {"family": "acme", "aliases": ["acme-old"]})
    return rulefiles.read([path]).by_id()


Rules = dict[str, Rule]


def _said(held: Known, rules: Rules, *places: Place) -> list[Place]:
    (finding,) = applied(_report(*places), held, rules, PUBLIC_KEY).findings
    return list(finding.places)


def _listed(name: str = PRINT) -> Known:
    return Known(Baseline(((7, Entry(name, "acme", "elsewhere")),)))


# A baseline


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("v1:" + "0" * 32, id="another secret"),
        pytest.param(fingerprint("else", SECRET.identity), id="another family"),
        pytest.param(fingerprint("acme", SECRET.identity, key=b"own"), id="another key"),
        pytest.param(fingerprint("acme", SECRET.identity, guessable=True), id="slow hash"),
    ],
)
def test_other_fingerprint_suppresses_nothing(rules: Rules, name: str) -> None:
    assert _said(_listed(name), rules, _place("a")) == [_place("a")]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(PRINT, id="its own"),
        pytest.param(fingerprint("acme-old", SECRET.identity), id="that of an earlier family"),
    ],
)
def test_fingerprint_suppresses_every_place(rules: Rules, name: str) -> None:
    told = Suppression("baseline", None, ".keysweep.baseline:7")
    assert [p.suppressed for p in _said(_listed(name), rules, _place("a"), _place("b"))] == [
        told, told,
    ]  # fmt: skip


def test_what_is_suppressed_already_stays_so(rules: Rules) -> None:
    assert _said(_listed(), rules, _place("a", INLINE)) == [_place("a", INLINE)]


# An ignore file


def _ignored(until: date | None = None, paths: tuple[str, ...] = ()) -> Known:
    return Known(None, (Ignored("why", (PRINT,), (), paths, None, until, 4),))


def test_entry_for_a_path_suppresses_there_only(rules: Rules) -> None:
    first, second = _said(_ignored(paths=("/a",)), rules, _place("a"), _place("b"))
    assert first.suppressed == Suppression("ignore-file", "why", ".keysweepignore:4")
    assert (second.suppressed, second.distrusted) == (None, None)


def test_expired_entry_suppresses_nothing_and_is_told(rules: Rules) -> None:
    (place,) = _said(_ignored(date(2026, 5, 30)), rules, _place("a"))
    assert place.suppressed is None
    assert place.distrusted == Suppression(
        "ignore-file", "why", ".keysweepignore:4, expired on 2026-05-30"
    )


def test_entry_holds_on_its_last_day(rules: Rules) -> None:
    (place,) = _said(_ignored(date(2026, 5, 31)), rules, _place("a"))
    assert place.suppressed


def test_expired_entry_does_not_hide_the_next(rules: Rules) -> None:
    first, second = _ignored(date(2026, 5, 30)).ignores[0], _ignored().ignores[0]
    held = Known(None, (first, second._replace(line=5)))
    (place,) = _said(held, rules, _place("a"))
    assert place.suppressed == Suppression("ignore-file", "why", ".keysweepignore:5")
    assert place.distrusted is None


def test_reason_is_told_before_the_baseline(rules: Rules) -> None:
    (place,) = _said(_listed()._replace(ignores=_ignored().ignores), rules, _place("a"))
    assert place.suppressed
    assert place.suppressed.by == "ignore-file"


# What a request brings along


def test_what_the_request_brings_is_told_and_does_not_suppress(rules: Rules) -> None:
    (finding,) = doubted(_report(_place("a")), _listed(), rules, PUBLIC_KEY).findings
    assert finding.suppressed is None
    assert finding.places[0].distrusted == Suppression("baseline", None, ".keysweep.baseline:7")


def test_what_the_base_knows_outranks_it(rules: Rules) -> None:
    report = doubted(_report(_place("a")), _ignored(), rules, PUBLIC_KEY)
    (finding,) = applied(report, _listed(), rules, PUBLIC_KEY).findings
    assert finding.places[0].suppressed == Suppression("baseline", None, ".keysweep.baseline:7")
    assert finding.places[0].distrusted is None


# Files


def test_named_baseline_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file; `keysweep baseline create`"):
        known.read(tmp_path, tmp_path / "x")


@pytest.mark.parametrize("name", known.FILES)
def test_broken_file_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x\n")
    with pytest.raises(ConfigError, match=rf"{tmp_path / name}:1: "):
        known.read(tmp_path)


def test_named_baseline_is_read_instead(tmp_path: Path) -> None:
    (tmp_path / ".keysweep.baseline").write_text("broken\n")
    (tmp_path / "x").write_text(f"# keysweep baseline v1\n{PRINT} acme a\n")
    held = known.read(tmp_path, tmp_path / "x").baseline
    assert held
    assert (held.name, held.entries) == ("x", (Entry(PRINT, "acme", "a"),))


def test_nothing_is_known_without_files(tmp_path: Path) -> None:
    assert known.read(tmp_path) == known.read(None) == Known()
