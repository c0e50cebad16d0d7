"""detect-secrets' baselines: results, filters, and files that are none."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from scanner.carried import Allow, Entry, Known
from scanner.errors import ConfigError
from scanner.migrations import detect_secrets

FILTERS = "detect_secrets.filters"


def _read(tmp_path: Path, **values: object) -> tuple[Entry, ...]:
    file = tmp_path / ".secrets.baseline"
    file.write_text(json.dumps({"version": "1.5.0", "results": {}} | values))
    return detect_secrets.read(file).entries


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        pytest.param({"version": "2.0.0"}, "later than keysweep can read", id="later"),
        pytest.param({"version": "next"}, "later than keysweep can read", id="no version"),
        pytest.param({"version": 1}, "not a baseline", id="number for a version"),
        pytest.param({"results": []}, "not a baseline", id="list of results"),
        pytest.param({"results": {"a": [{}]}}, "hashed_secret", id="no hash"),
        pytest.param({"results": None}, "not a baseline", id="no results"),
    ],
)
def test_another_file_is_refused_by_name(tmp_path: Path, values: object, problem: str) -> None:
    with pytest.raises(ConfigError, match=r"\.secrets\.baseline: ") as caught:
        _read(tmp_path, **values)  # type: ignore[arg-type]
    assert problem in str(caught.value)


def test_cut_off_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / ".secrets.baseline"
    file.write_text('{"version": "1.5.0", "resu')
    with pytest.raises(ConfigError, match="not JSON, or cut off"):
        detect_secrets.read(file)


@pytest.mark.parametrize(
    ("audited", "accepted", "notes"),
    [
        pytest.param(None, False, 0, id="not audited"),
        pytest.param(True, False, 1, id="real"),
        pytest.param(False, True, 0, id="harmless"),
    ],
)
def test_result(tmp_path: Path, audited: bool | None, accepted: bool, notes: int) -> None:
    result = {
        "type": "Secret Keyword",
        "hashed_secret": hashlib.sha1(b"one", usedforsecurity=False).hexdigest(),
        "line_number": 3,
    }
    if audited is not None:
        result["is_secret"] = audited
    (entry,) = _read(tmp_path, results={"a\\b.py": [result]})
    (known,) = entry.items
    assert isinstance(known, Known)
    assert (known.path, known.line, known.accepted) == ("a/b.py", 3, accepted)
    assert known.test
    assert known.test(b"one")
    assert not known.test(b"two")
    assert len(entry.notes) == notes


def test_slim_result_has_no_line(tmp_path: Path) -> None:
    (entry,) = _read(tmp_path, results={"a.py": [{"hashed_secret": "0" * 40}]})
    assert isinstance(entry.items[0], Known)
    assert entry.items[0].line is None


@pytest.mark.parametrize(
    ("values", "allow"),
    [
        pytest.param(
            {"filters_used": [{"path": f"{FILTERS}.regex.should_exclude_file", "pattern": ["^a"]}]},
            Allow(path_regexes=("^a",)),
            id="files",
        ),
        pytest.param(
            {"filters_used": [{"path": f"{FILTERS}.regex.should_exclude_line", "pattern": "b"}]},
            Allow(line_regexes=("b",)),
            id="lines",
        ),
        pytest.param(
            {"filters_used": [{"path": f"{FILTERS}.regex.should_exclude_secret", "pattern": "c"}]},
            Allow(regexes=("c",)),
            id="secrets",
        ),
        pytest.param(
            {"exclude": {"files": "d", "lines": None}}, Allow(path_regexes=("d",)), id="old"
        ),
    ],
)
def test_filter(tmp_path: Path, values: dict[str, object], allow: Allow) -> None:
    (entry,) = _read(tmp_path, **values)
    assert entry.items == (allow,)


@pytest.mark.parametrize(
    ("values", "note"),
    [
        pytest.param(
            {"filters_used": [{"path": f"{FILTERS}.regex.should_exclude_file", "pattern": ["("]}]},
            "is left out",
            id="broken pattern",
        ),
        pytest.param(
            {"filters_used": [{"path": "mine.filter"}]}, "no such filter", id="own filter"
        ),
        pytest.param(
            {"plugins_used": [{"name": "Mine", "path": "file://mine.py"}]}, "program", id="plugin"
        ),
    ],
)
def test_what_is_left_out_is_told(tmp_path: Path, values: dict[str, object], note: str) -> None:
    (entry,) = _read(tmp_path, **values)
    assert entry.items == ()
    assert note in entry.notes[0]


def test_what_keysweep_does_in_its_own_ways_is_passed_over(tmp_path: Path) -> None:
    names = ("heuristic.is_lock_file", "allowlist.is_line_allowlisted", "gibberish.x", "common.x")
    assert not _read(tmp_path, filters_used=[{"path": f"{FILTERS}.{name}"} for name in names])
