"""gitleaks' baselines, which are its JSON reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scanner.carried import Known
from scanner.errors import ConfigError
from scanner.migrations import gitleaks_report

FINDING = {"RuleID": "jwt", "File": "a\\b.py", "StartLine": 3, "Secret": "REDACTED", "Commit": ""}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('[{"RuleID": "jwt"', id="cut off"),
        pytest.param('{"RuleID": "jwt"}', id="no list"),
        pytest.param('[{"rule": "jwt"}]', id="another list"),
        pytest.param('[{"RuleID": "jwt"}]', id="keys missing"),
        pytest.param('[{"RuleID": 1, "File": "a", "StartLine": 1}]', id="number for a name"),
        pytest.param("[" * 100_000, id="nested"),
    ],
)
def test_another_file_is_refused_by_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        gitleaks_report.read(file)
    assert caught.value.problems[0].startswith(f"{file}: not")


@pytest.mark.parametrize(
    ("change", "known"),
    [
        pytest.param({}, Known("a/b.py", 3, rule="jwt", accepted=False), id="redacted"),
        pytest.param(
            {"Secret": "x", "Commit": "c1"},
            Known("a/b.py", 3, "c1", "jwt", "x", accepted=False),
            id="in clear",
        ),
        pytest.param(
            {"Secret": "xyz..."}, Known("a/b.py", 3, rule="jwt", accepted=False), id="in part"
        ),
    ],
)
def test_finding(tmp_path: Path, change: dict[str, str], known: Known) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(json.dumps([FINDING | change]))
    (entry,) = gitleaks_report.read(file).entries
    assert entry.items == (known,)
    assert entry.what == "a\\b.py:3 (jwt)"
