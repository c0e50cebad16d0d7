"""Reports are read back as they were written, and nothing else is taken for one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from json import dumps, loads
from pathlib import Path

import pytest

from scanner import reportfile
from scanner.errors import UsageError
from scanner.models import (
    Blob,
    Commit,
    Kind,
    Liveness,
    Report,
    Severity,
    Suppression,
    Verdict,
)
from scanner.reports import json
from scanner.scan import Plan, Scanner, run

KEY = "be" + "_" + hashlib.sha256(b"report").hexdigest()[:32]


@pytest.fixture(scope="module")
def written(plan: Plan) -> dict[str, str]:
    """A report of one finding at two paths, in both formats."""
    scanner = Scanner(plan)
    blobs = [Blob(Kind.FILE, path, f"k = '{KEY}'\n".encode()) for path in ("a", "b")]
    report = run(scanner, blobs, command="scan", root="/")
    rules = scanner.rules.by_id()
    return {
        "json": "".join(json.document(report, rules, "1", False)),
        "jsonl": "".join(json.lines(report, rules, "1", False)),
    }


def _refused(path: Path, text: str, told: str) -> None:
    path.write_text(text)
    with pytest.raises(UsageError, match=told):
        reportfile.findings(path)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="gitleaks"),
        pytest.param("{}", id="empty object"),
        pytest.param('{"version": "2.1.0", "runs": []}', id="SARIF"),
        pytest.param('{"type":"other"}\n', id="other lines"),
        pytest.param("text\n", id="text"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, text: str) -> None:
    _refused(tmp_path / "x", text, "x: not a whole JSON or JSON Lines report")


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="x: cannot be read: No such file"):
        reportfile.findings(tmp_path / "x")


@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_report_that_is_cut_off_is_refused(
    tmp_path: Path, written: dict[str, str], kind: str
) -> None:
    text = written[kind]
    for end in (len(text) // 2, text.rstrip().rfind("\n") + 1):
        _refused(tmp_path / "x", text[:end], "not a whole")


@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_other_versions_are_refused(tmp_path: Path, written: dict[str, str], kind: str) -> None:
    later = written[kind].replace('"schema_version": 1', '"schema_version": 2')
    _refused(tmp_path / "x", later, "another version")
    other = written[kind].replace('"v1:', '"v2:')
    _refused(tmp_path / "x", other, "fingerprints of another version")


@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_findings_are_read(tmp_path: Path, written: dict[str, str], kind: str) -> None:
    (tmp_path / "x").write_text(written[kind])
    (found,) = reportfile.findings(tmp_path / "x")
    assert found.rule_id == "byteengine-api-key"
    assert found.paths == ("a", "b")
    assert found.fingerprint.startswith("v1:")


@pytest.mark.parametrize("kind", [json.document, json.lines], ids=["json", "jsonl"])
def test_report_is_read_as_it_was_made(plan: Plan, kind: Callable[..., Iterator[str]]) -> None:
    scanner = Scanner(plan)
    made = _full(scanner)
    text = "".join(kind(made, scanner.rules.by_id(), "1", False))
    read = reportfile.parse(text.encode(), "x")
    assert (read.command, read.root, read.history, read.complete) == ("history", "/r", True, True)
    (one,) = read.findings
    assert (one.description, one.severity) == ("ByteEngine API key", Severity.CRITICAL)
    assert one.remediation == scanner.rules.by_id()["byteengine-api-key"].remediation
    assert one.finding.secret.reveal() == b""
    assert one.finding.secret.redacted == made.findings[0].secret.redacted
    assert one.finding.liveness == made.findings[0].liveness
    for place, expected in zip(one.finding.places, made.findings[0].places, strict=True):
        assert place._replace(excerpt=expected.excerpt) == expected


def _full(scanner: Scanner) -> Report:
    """A report with all that one can have."""
    blobs = [Blob(Kind.FILE, path, f"k = '{KEY}'\n".encode()) for path in ("a", "b")]
    made = run(scanner, blobs, command="history", root="/r")
    commit = Commit("1" * 40, "Ada", "a@x", "2026-01-01", "s", False, True, ("a",), ("r",), 2)
    (finding,) = made.findings
    first, second = finding.places
    places = (
        first._replace(commit=commit, blob="2" * 40, decoded=("percent",)),
        second._replace(suppressed=Suppression("baseline", None, "x:1")),
    )
    live = Liveness(Verdict.LIVE, "200", "2026-01-01T00:00:00Z", (("account", "a"),))
    info = made.info._replace(head="1" * 40, refs=3)
    finding = finding._replace(places=places, liveness=live)
    return made._replace(info=info, findings=(finding,))


def test_finding_without_a_place_is_refused(tmp_path: Path, written: dict[str, str]) -> None:
    document = loads(written["json"])
    document["findings"][0]["places"] = []
    _refused(tmp_path / "x", dumps(document), "without a place")


@pytest.mark.parametrize(
    "id_", ["--output=x", "HEAD", "1" * 39, "1" * 40 + "\n", "G" * 40], ids=repr
)
def test_what_is_no_name_of_an_object_is_refused(
    tmp_path: Path, written: dict[str, str], id_: str
) -> None:
    for part in ({"blob": id_}, {"commit": dict.fromkeys(Commit._fields[:5], "") | {"id": id_}}):
        document = loads(written["json"])
        document["findings"][0]["places"][0] |= part
        _refused(tmp_path / "x", dumps(document), "not a whole")
