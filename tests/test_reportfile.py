"""Reports are read back as they were written, and nothing else is taken for one."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from scanner import reportfile
from scanner.errors import UsageError
from scanner.models import Blob, Kind
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
