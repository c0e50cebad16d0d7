"""Entries of an ignore file that need a look are told, and only these."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from scanner import rulefiles
from scanner.fingerprints import PUBLIC_KEY, fingerprint
from scanner.models import (
    Excerpt,
    Finding,
    Kind,
    Liveness,
    Place,
    Report,
    ScanInfo,
    Secret,
    Span,
    Unseen,
    Verdict,
)
from scanner.remarks import remarks
from scanner.suppressions.ignorefile import Entry

SECRET = Secret(b"not-a-secret", "*****")
PRINT = fingerprint("acme-key", SECRET.identity)


@pytest.fixture
def said(
    rule_file: Callable[..., Path], tmp_path: Path
) -> Callable[..., list[tuple[str, str]]]:  # fmt: skip
    """What is said of one entry, on 2026-05-31, when a key was found in `a`."""
    rules = rulefiles.read([rule_file(tmp_path / "r.toml", {})]).by_id()

    def call(
        entry: Entry, verdict: Verdict | None = None, unseen: tuple[Unseen, ...] = ()
    ) -> list[tuple[str, str]]:
        place = Place(Kind.FILE, "a", Span(3, 1, 3, 2), Excerpt("", 0, 0), (), None)
        liveness = verdict and Liveness(verdict, "")
        finding = Finding("acme-key", SECRET, PRINT, (place,), liveness)
        info = ScanInfo("scan", "/", "", "2026-05-31T00:00:00Z")
        report = Report(info, (finding,), unseen, (), 1, 1, 0.0)
        found = remarks(report, (entry,), rules, PUBLIC_KEY)
        assert all(remark.entry is entry for remark in found)
        return [(remark.flaw, remark.text) for remark in found]

    return call


Said = Callable[..., list[tuple[str, str]]]


@pytest.mark.parametrize(
    ("entry", "verdict", "flaws"),
    [
        pytest.param(Entry("x", ("v1:" + "0" * 32,)), None, [("unused", "hides nothing")],
                     id="another secret"),
        pytest.param(Entry("x", rules=("other",)), None, [("unused", "hides nothing")],
                     id="another rule"),
        pytest.param(Entry("x", (PRINT,), paths=("b",)), None, [("unused", "hides nothing")],
                     id="another path"),
        pytest.param(Entry("x", (PRINT,), until=date(2026, 5, 30)), Verdict.LIVE,
                     [("expired", "expired on 2026-05-30; its findings are reported: 1")],
                     id="expired"),
        pytest.param(Entry("x", paths=("b",), until=date(2026, 5, 30)), None,
                     [("expired", "expired on 2026-05-30; hides nothing")],
                     id="expired and unused"),
        pytest.param(Entry("x", (PRINT,), until=date(2026, 6, 30)), None,
                     [("soon", "expires on 2026-06-30")],
                     id="soon"),
        pytest.param(Entry("x", (PRINT,)), Verdict.LIVE,
                     [("live", "hides a live key: acme-key at a:3")],
                     id="live"),
    ],
)  # fmt: skip
def test_flaw_is_told(
    said: Said, entry: Entry, verdict: Verdict | None, flaws: list[tuple[str, str]]
) -> None:
    assert said(entry, verdict) == flaws


@pytest.mark.parametrize(
    ("entry", "verdict"),
    [
        pytest.param(Entry("x", (PRINT,)), None, id="nobody asked"),
        pytest.param(Entry("x", (PRINT,)), Verdict.REJECTED, id="rejected"),
        pytest.param(Entry("x", (PRINT,)), Verdict.UNKNOWN, id="unknown"),
        pytest.param(Entry("x", rules=("acme-key",), until=date(2026, 7, 1)), None, id="for long"),
    ],
)
def test_sound_entry_is_not_told(said: Said, entry: Entry, verdict: Verdict | None) -> None:
    assert said(entry, verdict) == []


def test_nothing_is_called_unused_when_not_all_was_seen(said: Said) -> None:
    assert said(Entry("x", paths=("b",)), None, (Unseen("b", "unreadable"),)) == []
