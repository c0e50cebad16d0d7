"""A scan as a whole: findings grouped by secret, the same report whatever the processes."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import artefact
from scanner.config import Settings
from scanner.errors import ConfigError
from scanner.models import (
    Allowlist,
    Blob,
    Confidence,
    Gap,
    Kind,
    Report,
    Severity,
    Suppression,
    Unseen,
)
from scanner.scan import Plan, Scanner, jobs_for, run
from scanner.sources.worktree import Entry
from scanner.workers import spread

RuleFile = Callable[..., Path]
ROOT = "/root"
EXAMPLE = "acme_3f9c0a7e5b1d48266ad09e7c"
RULES: list[dict[str, object]] = [
    {"id": "acme-key", "family": "acme", "random": False},
    {
        "id": "acme-assigned",
        "family": "acme",
        "specificity": "generic",
        "confidence": "low",
        "severity": "low",
        "regex": "old = (acme_[a-f0-9]{24})",
        "random": False,
        "examples": [f"old = {EXAMPLE}"] * 2,
    },
    {
        "id": "beta-key",
        "random": False,
        "severity": "critical",
        "regex": "beta = ([a-f0-9]{24})",
        "keywords": ["beta"],
        "examples": ["beta = 3f9c0a7e5b1d48266ad09e7c"] * 2,
    },
    {
        "id": "slow-key",
        "backtracking": True,
        "regex": "slow_(?:[a-f0-9]|[a-f0-9]{1}){32}!",
        "keywords": ["slow_"],
        "examples": ["slow_"] * 2,
    },
]


def _hex(seed: object) -> str:
    return hashlib.sha256(str(seed).encode()).hexdigest()[:24]


def _key(seed: object) -> str:
    return "acme_" + _hex(seed)


def _blob(path: str, text: str) -> Blob:
    return Blob(Kind.FILE, path, text.encode())


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory, rule_file: RuleFile) -> bytes:
    """A few rules, compiled."""
    return artefact.build([rule_file(tmp_path_factory.mktemp("rules") / "own.toml", *RULES)])


@pytest.fixture(scope="module")
def own(compiled: bytes) -> Plan:
    """A few rules and default settings."""
    return Plan(compiled, Settings())


def _run(plan: Plan, *items: Entry | Blob | Gap, jobs: int = 1) -> Report:
    return run(Scanner(plan), items, command="test", root=ROOT, jobs=jobs, spread=spread)


def _comparable(report: Report) -> Report:
    """The report without what differs from run to run."""
    return report._replace(info=report.info._replace(started_at=""), seconds=0)


def _where(report: Report) -> list[list[str]]:
    return [
        [f"{place.path}:{place.span.start_line}" for place in finding.places]
        for finding in report.findings
    ]


def test_damaged_rules_are_an_error() -> None:
    with pytest.raises(ConfigError, match="damaged"):
        _run(Plan(b"no rules", Settings()))


def test_nothing_to_scan_is_a_complete_report(own: Plan) -> None:
    report = _run(own)
    assert (report.findings, report.blobs, report.bytes) == ((), 0, 0)
    assert report.complete
    assert (report.info.command, report.info.root) == ("test", ROOT)
    assert report.info.started_at.endswith("Z")


def test_blobs_and_bytes_are_counted(own: Plan) -> None:
    report = _run(own, _blob("a", "xy"), _blob("b", ""), _blob("c", "ü"))
    assert (report.blobs, report.bytes) == (3, 4)


def test_names_and_headers_are_scanned_and_not_counted(own: Plan) -> None:
    blobs = [Blob(kind, "a", _key(1).encode()) for kind in (Kind.FILE_NAME, Kind.AUTHOR, Kind.FILE)]
    report = _run(own, *blobs)
    assert report.blobs == 1
    assert [place.kind for place in report.findings[0].places] == [blob.kind for blob in blobs]


def test_one_secret_is_one_finding_with_all_its_places_in_order(own: Plan) -> None:
    text = f"x\n{_key(1)}\n\n{_key(1)}\n"
    report = _run(own, _blob("b", text), _blob("a", _key(1)), _blob("c", _key(2)))
    assert _where(report) == [["a:1", "b:2", "b:4"], ["c:1"]]


def test_findings_stand_in_the_order_of_their_first_places(own: Plan) -> None:
    late = f"\n\n{_key(1)} {_key(2)}\n"
    report = _run(own, _blob("z", _key(9)), _blob("m", late), _blob("a", f"\n{_key(3)}"))
    assert _where(report) == [["a:2"], ["m:3"], ["m:3"], ["z:1"]]
    columns = [finding.places[0].span.start_column for finding in report.findings[1:3]]
    assert columns == [1, 31]


def test_rules_of_one_family_make_one_finding_under_the_strongest(own: Plan) -> None:
    report = _run(own, _blob("a", f"old = {_key(1)}"), _blob("b", _key(1)))
    assert [finding.rule_id for finding in report.findings] == ["acme-key"]
    assert _where(report) == [["a:1", "b:1"]]


def test_families_are_kept_apart_though_the_secret_is_the_same(
    tmp_path: Path, rule_file: RuleFile
) -> None:
    rules = [
        {
            "id": name,
            "regex": f"{name} = ([a-f0-9]{{24}})",
            "keywords": [name],
            "examples": [f"{name} = {_hex(1)}"] * 2,
        }
        for name in ("one", "two")
    ]
    plan = Plan(artefact.build([rule_file(tmp_path / "own.toml", *rules)]), Settings())
    report = _run(plan, _blob("a", f"one = {_hex(1)}\ntwo = {_hex(1)}\n"))
    assert [finding.rule_id for finding in report.findings] == ["one", "two"]
    assert len({finding.fingerprint for finding in report.findings}) == 2


def test_fingerprint_depends_on_family_secret_and_key_alone(own: Plan) -> None:
    (one,) = _run(own, _blob("a", _key(1))).findings
    (moved,) = _run(own, _blob("b/c", f"\n\nold = {_key(1)}")).findings
    (keyed,) = _run(own._replace(fingerprint_key=b"ours"), _blob("a", _key(1))).findings
    (other,) = _run(own, _blob("a", _key(2))).findings
    assert one.fingerprint == moved.fingerprint
    assert len({one.fingerprint, keyed.fingerprint, other.fingerprint}) == 3


# What is not counted


def test_finding_is_suppressed_only_when_all_its_places_are(own: Plan) -> None:
    allowed = _blob("a", f"{_key(1)}  # keysweep:allow test data\n")
    (finding,) = _run(own, allowed, _blob("b", _key(1))).findings
    assert finding.suppressed is None
    marker = Suppression("inline", "test data", "line 1")
    assert [place.suppressed for place in finding.places] == [marker, None]
    (alone,) = _run(own, allowed).findings
    assert alone.suppressed == marker


def test_allowlist_suppresses_and_says_so(compiled: bytes) -> None:
    entry = Allowlist(("docs/",), (), (), "documentation", "config, allowlist 1")
    plan = Plan(compiled, Settings(allowlists=(entry,)))
    report = _run(plan, _blob("docs/a", _key(1)), _blob("src/a", _key(2)))
    said = [finding.suppressed for finding in report.findings]
    assert said == [Suppression("allowlist", "documentation", "config, allowlist 1"), None]


@pytest.mark.parametrize(
    ("severity", "confidence", "expected"),
    [
        (Severity.CRITICAL, Confidence.HIGH, ["beta-key"]),
        (Severity.MEDIUM, Confidence.LOW, ["acme-key", "beta-key"]),
        (Severity.LOW, Confidence.MEDIUM, ["acme-key", "beta-key"]),
        (Severity.LOW, Confidence.LOW, ["acme-key", "beta-key"]),
    ],
)
def test_thresholds_leave_rules_out(
    rule_file: RuleFile,
    tmp_path: Path,
    severity: Severity,
    confidence: Confidence,
    expected: list[str],
) -> None:
    settings = Settings(min_severity=severity, min_confidence=confidence)
    plan = Plan(artefact.build([rule_file(tmp_path / "own.toml", *RULES)], settings), settings)
    report = _run(plan, _blob("a", f"{_key(1)}\nbeta = {_hex(2)}\n"))
    assert [finding.rule_id for finding in report.findings] == expected


# What was not seen


def test_gaps_are_sorted_into_not_seen_and_skipped(own: Plan, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(bytes(11))
    plan = own._replace(settings=Settings(max_file_size=10))
    report = _run(
        plan,
        Gap(Unseen("z", "broken"), by_policy=False),
        Gap(Unseen("y", "excluded"), by_policy=True),
        Gap(Unseen("a", "broken"), by_policy=False),
        Entry(os.fsencode(tmp_path / "big"), "big"),
    )
    assert report.not_seen == (Unseen("a", "broken"), Unseen("z", "broken"))
    assert [item.what for item in report.skipped] == ["big", "y"]
    assert not report.complete
    assert report.blobs == 0


def test_policy_alone_leaves_a_report_complete(own: Plan) -> None:
    assert _run(own, Gap(Unseen("y", "excluded"), by_policy=True)).complete


def test_rule_that_takes_too_long_is_told_and_the_others_go_on(own: Plan) -> None:
    report = _run(own, _blob("a", f"slow_{_hex(1)}{_hex(2)} {_key(1)}"))
    assert report.not_seen == (Unseen("a", "rule slow-key took too long"),)
    assert [finding.rule_id for finding in report.findings] == ["acme-key"]


# Processes


def _many(folder: Path) -> list[Entry | Blob | Gap]:
    """Items of every sort, more than a worker is handed at once."""
    items: list[Entry | Blob | Gap] = []
    for number in range(400):
        name = f"{number:03}"
        text = f"{number}\n{_key(number % 37)}\nbeta = {_hex(number % 5)}\n"
        if number % 50 == 7:
            items.append(Gap(Unseen(name, "excluded"), by_policy=True))
        elif number % 50 == 8:
            items.append(Entry(os.fsencode(folder / "missing"), name))
        elif number % 3:
            items.append(_blob(name, text if number % 10 else f"{text}# keysweep:allow\n"))
        else:
            (folder / name).write_text(text)
            items.append(Entry(os.fsencode(folder / name), name))
    return items


@pytest.mark.parametrize("jobs", [2, 3])
def test_report_is_the_same_whatever_the_jobs(own: Plan, tmp_path: Path, jobs: int) -> None:
    items = _many(tmp_path)
    alone = _run(own, *items)
    assert len(alone.findings) == 42
    assert alone.blobs + len(alone.skipped) == len(items)
    assert _comparable(_run(own, *items, jobs=jobs)) == _comparable(alone)


@settings(max_examples=25)
@given(order=st.permutations(range(8)))
def test_findings_do_not_depend_on_the_order_of_the_items(own: Plan, order: list[int]) -> None:
    blobs = [_blob(str(n), f"{_key(n % 3)}\nbeta = {_hex(n % 2)}\n") for n in range(8)]
    shuffled = _run(own, *(blobs[number] for number in order))
    assert _comparable(shuffled) == _comparable(_run(own, *blobs))


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_adds_up_to_the_number_of_items(own: Plan, tmp_path: Path, jobs: int) -> None:
    items, steps = _many(tmp_path), Counter[str]()
    run(
        Scanner(own),
        items,
        command="t",
        root="",
        jobs=jobs,
        spread=spread,
        progress=lambda done, more: steps.update(done=done, more=more),
    )
    assert (steps["done"], steps["more"]) == (len(items), 0)


@pytest.mark.parametrize("jobs", [1, 2])
def test_interrupted_scan_reports_what_it_has(own: Plan, tmp_path: Path, jobs: int) -> None:
    done = Counter[str]()

    def interrupt(count: int, _more: int) -> None:
        done.update(items=count)
        if done["items"] >= 64:
            signal.raise_signal(signal.SIGINT)

    report = run(
        Scanner(own),
        _many(tmp_path),
        command="t",
        root="",
        jobs=jobs,
        spread=spread,
        progress=interrupt,
    )
    assert report.interrupted
    assert not report.complete
    assert 0 < report.blobs < 300
    assert report.findings


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no way to kill a process here")
def test_items_of_a_worker_that_died_are_told_as_not_seen(own: Plan, tmp_path: Path) -> None:
    items = _many(tmp_path) * 20

    def kill(_done: int, _more: int) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    report = run(Scanner(own), items, command="t", root="", jobs=2, spread=spread, progress=kill)
    assert not report.complete
    assert {item.reason for item in report.not_seen} == {"a worker process died (out of memory?)"}
    assert report.blobs + len(report.skipped) + len(report.not_seen) == len(items)
    assert report.findings


@pytest.mark.parametrize(
    ("entries", "cores", "expected"),
    [(0, 8, 1), (100, 8, 1), (100_000, 1, 1), (100_000, 8, 8), (100_000, 512, 16)],
)
def test_jobs_for(entries: int, cores: int, expected: int) -> None:
    assert jobs_for(entries, cores) == expected
