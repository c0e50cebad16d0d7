"""SARIF 2.1.0: what GitHub code scanning reads, the official schema, Microsoft's validator."""

from __future__ import annotations

import contextlib
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema  # type: ignore[import-untyped]
import pytest

from scanner.models import Blob, Kind, Report, Unseen
from scanner.reports.sarif import render
from scanner.rules import Rule

Rules = Mapping[str, Rule]
Key = Callable[[object], str]
Scanned = Callable[..., Report]
Json = dict[str, Any]
MULTITOOL = "@microsoft/sarif-multitool@5.7.0"


def _run(report: Report, rules: Rules) -> Json:
    (text,) = render(report, rules, "1.2.3")
    (run,) = json.loads(text)["runs"]
    assert isinstance(run, dict)
    return run


def _pem(seed: int) -> str:
    body = random.Random(seed).randbytes(300).hex()
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----"


NAMES = ["plain", "with space", "ü/日本", "a#b?c", "x:y", "per%cent", "new\nline", "%FF", "a&b=c"]


@pytest.fixture(scope="module")
def varied(scanned: Scanned, key: Key) -> Report:
    """Findings of several rules, at odd names, over several lines, at many places."""
    blobs = {name: f"\n'{key(name)}' \"{key('all')}\"\n" for name in NAMES}
    blobs |= {"pem": f"x\n{_pem(1)}\n", "pem in a line": _pem(2).replace("\n", "\\n")}
    blobs |= {"allowed/a": key("a"), "marked": f"{key('m')} # keysweep:allow\n"}
    blobs |= {f"copies/{number:03}": key("copied") for number in range(30)}
    blobs |= {"one line": f"é{key('l')} {key('all')} api_secret = '{key('s')[3:]}'"}
    return scanned(
        blobs,
        Blob(Kind.STDIN, "", key("stdin").encode()),
        Blob(Kind.SYMLINK, "link", f"https://example.org/{key('link')}".encode()),
    )._replace(
        not_seen=(Unseen("lost\n'x'", "Permission denied"),), skipped=(Unseen("big", "too large"),)
    )


@pytest.fixture(scope="module", params=["report", "varied", "empty"])
def run(
    request: pytest.FixtureRequest, scanned: Scanned, rules_by_id: Rules
) -> tuple[Report, Json]:
    """A report and its SARIF run."""
    name: str = request.param
    report = scanned({}) if name == "empty" else request.getfixturevalue(name)
    return report, _run(report, rules_by_id)


def test_log_names_its_schema_and_version(report: Report, rules_by_id: Rules) -> None:
    log = json.loads("".join(render(report, rules_by_id, "1.2.3")))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    assert len(log["runs"]) == 1


def test_report_without_findings_is_a_run_with_no_results(
    scanned: Scanned, rules_by_id: Rules
) -> None:
    run = _run(scanned({}), rules_by_id)
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is True


def test_nothing_that_is_said_is_empty(run: tuple[Report, Json]) -> None:
    empty: list[str] = []

    def look(where: str, value: object) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                look(f"{where}.{name}", inner)
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                look(f"{where}[{number}]", inner)
        elif value is None or value == "":
            empty.append(where)

    look("run", run[1])
    assert empty == []


def test_driver_has_what_code_scanning_asks_for(run: tuple[Report, Json]) -> None:
    driver = run[1]["tool"]["driver"]
    assert driver["name"] == "keysweep"
    assert driver["version"] == driver["semanticVersion"] == "1.2.3"
    assert driver["informationUri"].startswith("https://")


def test_rules_have_what_code_scanning_asks_for(run: tuple[Report, Json]) -> None:
    report, sarif = run
    rules = sarif["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({f.rule_id for f in report.findings})
    for rule in rules:
        assert rule["shortDescription"]["text"].strip()
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"].strip()
        assert rule["help"]["markdown"].strip()
        assert rule["properties"]["precision"] in {"very-high", "high", "medium", "low"}
        assert "security" in rule["properties"]["tags"]
        assert len(rule["properties"]["tags"]) <= 20


@pytest.mark.parametrize(
    ("severity", "low", "high"),
    [("low", 0.1, 3.9), ("medium", 4.0, 6.9), ("high", 7.0, 8.9), ("critical", 9.1, 10.0)],
)
def test_security_severity_is_a_text_in_github_s_range(
    varied: Report, rules_by_id: Rules, severity: str, low: float, high: float
) -> None:
    rules = {name: rule._replace(severity=severity) for name, rule in rules_by_id.items()}  # type: ignore[arg-type]
    for rule in _run(varied, rules)["tool"]["driver"]["rules"]:
        score = rule["properties"]["security-severity"]
        assert isinstance(score, str)
        assert low <= float(score) <= high


def test_long_descriptions_are_cut(report: Report, rules_by_id: Rules) -> None:
    rule = rules_by_id["byteengine-api-key"]._replace(remediation="Change it. " * 200)
    (said,) = _run(report, {**rules_by_id, rule.id: rule})["tool"]["driver"]["rules"]
    assert len(said["fullDescription"]["text"]) <= 1024


def test_every_place_is_a_result(run: tuple[Report, Json]) -> None:
    report, sarif = run
    expected = [(f.rule_id, place.span) for f in report.findings for place in f.places]
    rules = sarif["tool"]["driver"]["rules"]
    found = []
    for result in sarif["results"]:
        region = result["locations"][0]["physicalLocation"]["region"]
        names = ("startLine", "startColumn", "endLine", "endColumn")
        found.append((result["ruleId"], tuple(region[name] for name in names)))
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert len(result["locations"]) == 1
    assert found == expected


def test_results_say_what_and_carry_the_fingerprint(run: tuple[Report, Json]) -> None:
    report, sarif = run
    fingerprints = [f.fingerprint for f in report.findings for _ in f.places]
    for result, fingerprint in zip(sarif["results"], fingerprints, strict=True):
        assert result["message"]["text"].strip()
        assert fingerprint in result["partialFingerprints"].values()
        assert result["level"] in {"error", "warning", "note"}


def test_message_is_the_rule_s_with_the_result_s_arguments(run: tuple[Report, Json]) -> None:
    rules = run[1]["tool"]["driver"]["rules"]
    for result in run[1]["results"]:
        message = result["message"]
        text = rules[result["ruleIndex"]]["messageStrings"][message["id"]]["text"]
        assert text.format(*message["arguments"]) == message["text"]


def test_columns_count_characters(varied: Report, rules_by_id: Rules, key: Key) -> None:
    sarif = _run(varied, rules_by_id)
    assert sarif["columnKind"] == "unicodeCodePoints"
    places = [result["locations"][0]["physicalLocation"] for result in sarif["results"]]
    region = next(
        p["region"] for p in places if p["artifactLocation"]["uri"] == "one%20line"
        and p["region"]["startColumn"] == 2
    )  # fmt: skip
    assert region["endColumn"] == 2 + len(key("l"))


def test_uris_are_relative_and_lead_back_to_the_paths(run: tuple[Report, Json]) -> None:
    report, sarif = run
    uris = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in sarif["results"]
    ]
    for uri in uris:
        assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri)
        assert not urlsplit(uri).scheme
        assert not uri.startswith("/")
    paths = [place.path or "stdin" for f in report.findings for place in f.places]
    assert [unquote(uri) for uri in uris] == paths


def test_siblings_are_related(varied: Report, rules_by_id: Rules) -> None:
    sarif = _run(varied, rules_by_id)
    copied = [r for r in sarif["results"] if len(r.get("relatedLocations", [])) == 10]
    assert len(copied) == 30
    for result in copied:
        related = result["relatedLocations"]
        own = result["locations"][0]["physicalLocation"]
        assert all(location["physicalLocation"] != own for location in related)
        assert len({location["id"] for location in related}) == len(related)
    alone = [r for r in sarif["results"] if r["ruleId"].startswith("pem")]
    assert alone
    assert all("relatedLocations" not in result for result in alone)


def test_suppressed_places_are_written_with_their_reason(
    varied: Report, rules_by_id: Rules
) -> None:
    found = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]: result[
            "suppressions"
        ]
        for result in _run(varied, rules_by_id)["results"]
        if "suppressions" in result
    }
    assert set(found) == {"allowed/a", "marked"}
    (by_file,), (by_marker,) = found["allowed/a"], found["marked"]
    assert (by_file["kind"], by_file["justification"]) == ("external", "samples")
    assert (by_marker["kind"], by_marker["status"]) == ("inSource", "accepted")


def test_what_was_not_scanned_is_notified(varied: Report, rules_by_id: Rules) -> None:
    (invocation,) = _run(varied, rules_by_id)["invocations"]
    assert invocation["executionSuccessful"] is False
    said = [
        (note["level"], note["message"]["text"])
        for note in invocation["toolExecutionNotifications"]
    ]
    assert [level for level, _ in said] == ["warning", "note"]
    assert "Permission denied" in said[0][1]
    assert "'big'" in said[1][1]


def test_same_report_gives_the_same_bytes(varied: Report, rules_by_id: Rules) -> None:
    backwards = dict(reversed(list(rules_by_id.items())))
    assert list(render(varied, rules_by_id, "1")) == list(render(varied, backwards, "1"))


# Other readers


@pytest.fixture(scope="module")
def multitool(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of Microsoft's validator, installed with npm when it is not yet there."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    cache = getattr(request.config, "cache", None)
    home = Path(cache.mkdir(MULTITOOL.replace("/", "-")) if cache else tmp_path_factory.mktemp("n"))
    system = {"darwin": "darwin", "win32": "win32"}.get(sys.platform, "linux")
    folder = home / "node_modules" / "@microsoft" / f"sarif-multitool-{system}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=home) as fresh:
            install = [npm, "install", "--no-audit", "--no-fund", "--prefix", fresh, MULTITOOL]
            subprocess.run(install, check=True, capture_output=True)
            with contextlib.suppress(OSError):  # another worker was quicker
                Path(fresh, "node_modules").rename(home / "node_modules")
    (folder / "Sarif.Multitool").chmod(0o755)
    return folder


@pytest.mark.slow
def test_official_schema_accepts_it(
    multitool: Path, run: tuple[Report, Json], rules_by_id: Rules
) -> None:
    schema = json.loads((multitool / "sarif-2.1.0.json").read_text("utf-8"))
    log = json.loads("".join(render(run[0], rules_by_id, "1.2.3")))
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(log)] == []
    log["runs"][0]["tool"]["driver"]["naem"] = "x"
    assert not validator.is_valid(log)


@pytest.mark.slow
def test_microsoft_s_validator_has_nothing_to_say(
    multitool: Path, run: tuple[Report, Json], rules_by_id: Rules, tmp_path: Path
) -> None:
    path, verdict = tmp_path / "report.sarif", tmp_path / "verdict.sarif"
    path.write_text("".join(render(run[0], rules_by_id, "1.2.3")), encoding="utf-8")
    command: list[str | Path] = [multitool / "Sarif.Multitool", "validate", path, "-o", verdict]
    command += ["--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note"]
    command += ["--log", "ForceOverwrite"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert verdict.exists(), done.stdout + done.stderr
    (judged,) = json.loads(verdict.read_text("utf-8-sig"))["runs"]
    said = {
        (result["ruleId"], result.get("level", "warning"), result["message"].get("id"))
        for result in judged.get("results", [])
        if result.get("level", "warning") in {"error", "warning"}
    }
    assert said == set()
