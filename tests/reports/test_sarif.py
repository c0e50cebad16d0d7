"""SARIF 2.1.0: what GitHub code scanning reads, the official schema, Microsoft's validator."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import random
import re
import shutil
import string
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import jsonschema  # type: ignore[import-untyped]
import pytest

from scanner.cli import main
from scanner.models import (
    Blob,
    Excerpt,
    Kind,
    Liveness,
    Report,
    Severity,
    Suppression,
    Unseen,
    Verdict,
)
from scanner.paths import display
from scanner.reports.sarif import render
from scanner.rules import Rule

Rules = Mapping[str, Rule]
Key = Callable[[object], str]
Scanned = Callable[..., Report]
Json = dict[str, Any]
Git = Callable[..., str]
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
    found = [rule["properties"].get("rule") for rule in rules]
    assert found == (sorted({f.rule_id for f in report.findings}) or [None])
    for rule in rules:
        assert rule["shortDescription"]["text"].strip()
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"].strip()
        assert rule["help"]["markdown"].strip()
        if report.findings:
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


def _spans(sarif: Json) -> list[tuple[str, str, tuple[int, ...]]]:
    """The rule, the secret and the region of each result."""
    rules = sarif["tool"]["driver"]["rules"]
    found = []
    for result in sarif["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert len(result["locations"]) == 1
        region = result["locations"][0]["physicalLocation"]["region"]
        names = ("startLine", "startColumn", "endLine", "endColumn")
        span = tuple(region[name] for name in names)
        found.append((rule["properties"]["rule"], result["partialFingerprints"][OWN], span))
    return found


OWN = "keysweep/v1"


def test_every_place_is_a_result(run: tuple[Report, Json]) -> None:
    report, sarif = run
    expected = [
        (f.rule_id, f.fingerprint, place.span) for f in report.findings for place in f.places
    ]
    assert sorted(_spans(sarif)) == sorted(expected)


def test_worst_come_first_and_each_secret_before_another_s_second_place(
    varied: Report, rules_by_id: Rules
) -> None:
    sarif = _run(varied, rules_by_id)
    open_ones = ["suppressions" not in result for result in sarif["results"]]
    assert open_ones == sorted(open_ones, reverse=True)
    counted = [f for f in varied.findings if not f.suppressed]
    ranked = sarif["results"][: len(counted)]
    assert len({result["partialFingerprints"][OWN] for result in ranked}) == len(counted)
    ranks = [result["rank"] for result in ranked]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) > 1


def test_fingerprints_tell_every_place_apart_and_secrets_together(
    run: tuple[Report, Json],
) -> None:
    results = run[1]["results"]
    assert len({_one(result["fingerprints"]) for result in results}) == len(results)
    together = {(r["partialFingerprints"][OWN], r["correlationGuid"]) for r in results}
    assert len(together) == len({guid for _, guid in together}) == len(run[0].findings)


def _one(values: Mapping[str, str]) -> str:
    (value,) = values.values()
    return value


def test_fingerprint_of_a_place_stays_when_the_line_moves(
    scanned: Scanned, rules_by_id: Rules, key: Key
) -> None:
    def prints(text: str) -> set[str]:
        results = _run(scanned({"a": text}), rules_by_id)["results"]
        return {_one(result["fingerprints"]) for result in results}

    line = f"{key('a')}\n{key('a')}\n"
    assert prints(line) == prints("\n\n" + line)
    assert len(prints(line)) == 2
    assert prints(line) > prints(f"{key('a')}\n")


def _github(result: Json) -> str:
    value = result["partialFingerprints"]["primaryLocationLineHash"]
    assert isinstance(value, str)
    return value


def test_line_hash_is_given_for_every_place(run: tuple[Report, Json]) -> None:
    report, sarif = run
    assert all(re.fullmatch(r"[0-9a-f]{1,16}:[1-9]\d*", _github(r)) for r in sarif["results"])
    exact = {
        f"{place.line_hash.digest}:{place.line_hash.number}"
        for finding in report.findings
        for place in finding.places
        if place.line_hash and place.line_hash.exact
    }
    assert exact <= {_github(result) for result in sarif["results"]}


def test_line_hash_is_left_out_where_there_is_none(report: Report, rules_by_id: Rules) -> None:
    bare = report._replace(
        findings=tuple(
            f._replace(places=tuple(p._replace(line_hash=None) for p in f.places))
            for f in report.findings
        )
    )
    for result in _run(bare, rules_by_id)["results"]:
        assert set(result["partialFingerprints"]) == {OWN}


def test_passwords_on_the_same_line_have_different_hashes(
    scanned: Scanned, rules_by_id: Rules
) -> None:
    hashes = set()
    for seed in range(2):
        password = "".join(random.Random(seed).choices(string.ascii_letters, k=12)) + "7!"
        (result,) = _run(scanned({"a": f'password = "{password}"\n'}), rules_by_id)["results"]
        hashes.add(_github(result))
    assert len(hashes) == 2


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


def test_uris_are_relative_to_the_root_and_lead_back_to_the_paths(
    run: tuple[Report, Json],
) -> None:
    report, sarif = run
    artifacts = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]
        for result in sarif["results"]
    ]
    assert {artifact["uriBaseId"] for artifact in artifacts} <= {"%SRCROOT%"}
    assert set(sarif["originalUriBaseIds"]) == {"%SRCROOT%"}
    uris = [artifact["uri"] for artifact in artifacts]
    for uri in uris:
        assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri)
        assert not urlsplit(uri).scheme
        assert not uri.startswith("/")
    paths = [place.path or "stdin" for f in report.findings for place in f.places]
    assert sorted(display(unquote_to_bytes(uri)) for uri in uris) == sorted(paths)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        pytest.param("caf%E9", "caf%E9", id="byte that is no UTF-8"),
        pytest.param("100%25", "100%2525", id="percent sign"),
        pytest.param("%C3%A9", "%25C3%25A9", id="name that looks encoded"),
        pytest.param("%e9", "%25e9", id="small digits"),
        pytest.param("é", "%C3%A9", id="UTF-8"),
        pytest.param("\ud800", "%3F", id="half a character"),
        pytest.param("/etc/x y", "file:///etc/x%20y", id="outside"),
        pytest.param("a/../b", "a/../b", id="folders"),
    ],
)
def test_uri_of_a_path(report: Report, rules_by_id: Rules, path: str, uri: str) -> None:
    finding = report.findings[0]
    place = finding.places[0]._replace(path=path)
    only = report._replace(findings=(finding._replace(places=(place,)),))
    (result,) = _run(only, rules_by_id)["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact["uri"] == uri
    assert ("uriBaseId" in artifact) == (not path.startswith("/"))


def test_siblings_are_related_and_linked(varied: Report, rules_by_id: Rules) -> None:
    sarif = _run(varied, rules_by_id)
    copied = [r for r in sarif["results"] if len(r.get("relatedLocations", [])) == 10]
    assert len(copied) == 30
    for result in copied:
        related = result["relatedLocations"]
        own = result["locations"][0]["physicalLocation"]
        assert all(location["physicalLocation"] != own for location in related)
        assert [location["id"] for location in related] == list(range(1, 11))
        assert re.findall(r"\]\((\d+)\)", result["message"]["text"]) == ["1", "2", "3"]
        assert "and 26 more places" in result["message"]["text"]
    alone = [r for r in sarif["results"] if "-----" in r["message"]["text"]]
    alone += [r for r in sarif["results"] if "PEM" in r["message"]["text"]]
    assert alone
    assert all("relatedLocations" not in result for result in alone)


def test_brackets_of_paths_are_no_links(report: Report, rules_by_id: Rules) -> None:
    finding = next(f for f in report.findings if len(f.places) == 2)
    places = (finding.places[0], finding.places[1]._replace(path="a](9)[b\\"))
    only = report._replace(findings=(finding._replace(places=places),))
    first, _ = _run(only, rules_by_id)["results"]
    assert r"also at [a\](9)\[b\\:2](1)" in first["message"]["text"]


@pytest.mark.parametrize(
    ("written", "names"),
    [
        pytest.param(lambda key: key, [], id="plain"),
        pytest.param(lambda key: "".join(f"%{ord(c):02x}" for c in key), ["percent"], id="percent"),
        pytest.param(
            lambda key: "".join(f"%5cu{ord(c):04x}" for c in key),
            ["percent", "escapes"],
            id="escapes in percent",
        ),
    ],
)
def test_code_flow_leads_through_the_notations(
    scanned: Scanned,
    rules_by_id: Rules,
    key: Key,
    written: Callable[[str], str],
    names: list[str],
) -> None:
    report = scanned({"a": f'k = "{written(key("k"))}"\n'})
    (finding,) = report.findings
    assert len(finding.places[0].decoded) == len(names)
    (result,) = _run(report, rules_by_id)["results"]
    flows = result.get("codeFlows", [])
    assert len(flows) == bool(names)
    for flow in flows:
        (thread,) = flow["threadFlows"]
        said = [step["location"]["message"]["text"] for step in thread["locations"]]
        assert len(said) == 1 + len(names)
        for name, text in zip(finding.places[0].decoded, said[1:], strict=True):
            assert f"Decoded from {name}." in text
        assert finding.secret.redacted in said[-1]


def test_what_the_request_itself_would_suppress_is_told_and_counts(
    report: Report, rules_by_id: Rules
) -> None:
    finding = report.findings[0]
    place = finding.places[0]._replace(distrusted=Suppression("inline", "a [sample]", "line 1"))
    only = report._replace(findings=(finding._replace(places=(place,)),))
    (result,) = _run(only, rules_by_id)["results"]
    assert "suppressions" not in result
    assert (
        r"would be suppressed by this request: inline, line 1 (a \[sample\])"
        in (result["message"]["text"])
    )
    assert result["properties"]["wouldBeSuppressed"]["by"] == "inline"


def test_provenance_is_the_repository_s(report: Report, rules_by_id: Rules) -> None:
    assert "versionControlProvenance" not in _run(report, rules_by_id)
    info = report.info._replace(origin="https://example.org/a.git", head="c" * 40, branch="main")
    (found,) = _run(report._replace(info=info), rules_by_id)["versionControlProvenance"]
    assert found == {
        "repositoryUri": "https://example.org/a.git",
        "revisionId": "c" * 40,
        "branch": "main",
        "mappedTo": {"uriBaseId": "%SRCROOT%"},
    }


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
    assert by_marker["location"]["physicalLocation"]["region"] == {"startLine": 1}
    assert by_marker["justification"] == "No reason given."


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


def test_interrupted_scan_was_no_success(report: Report, rules_by_id: Rules) -> None:
    stopped = report._replace(interrupted=True, not_seen=(), skipped=())
    (invocation,) = _run(stopped, rules_by_id)["invocations"]
    assert invocation["executionSuccessful"] is False
    (note,) = invocation["toolExecutionNotifications"]
    assert (note["descriptor"]["id"], note["level"]) == ("interrupted", "error")


def test_times_are_those_of_the_scan(report: Report, rules_by_id: Rules) -> None:
    (invocation,) = _run(report, rules_by_id)["invocations"]
    assert invocation["startTimeUtc"] == "2026-01-02T03:04:05Z"
    assert invocation["endTimeUtc"] == "2026-01-02T03:04:05.250Z"


def _many(report: Report, rules: Rules, findings: int, excerpt: int = 0) -> Report:
    """A report with so many findings, each of another secret, the last of the worst rule."""
    (model, *_) = [f for f in report.findings if f.rule_id == "byteengine-api-key"]
    draw = random.Random(0)
    mild = min(rules.values(), key=lambda rule: list(Severity).index(rule.severity)).id
    made = []
    for number in range(findings):
        text = draw.randbytes(excerpt // 2).hex()
        place = model.places[0]._replace(path=f"folder/{number}", excerpt=Excerpt(text, 0, 0))
        rule = "byteengine-api-key" if number == findings - 1 else mild
        name = f"v1:{draw.randbytes(16).hex()}"
        made.append(model._replace(rule_id=rule, fingerprint=name, places=(place,)))
    return report._replace(findings=tuple(made), not_seen=(), skipped=())


def test_more_results_than_github_takes_are_cut_and_told(
    report: Report, rules_by_id: Rules
) -> None:
    many = _many(report, rules_by_id, 30_000)
    sarif = _run(many, rules_by_id)
    assert len(sarif["results"]) == 25_000
    rules = sarif["tool"]["driver"]["rules"]
    assert rules[sarif["results"][0]["ruleIndex"]]["properties"]["rule"] == "byteengine-api-key"
    cut, shown = sarif["invocations"][0]["toolExecutionNotifications"]
    assert "Of 30000 results the least severe 5000 are left out" in cut["message"]["text"]
    assert "GitHub shows 5000 of the 25000" in shown["message"]["text"]
    assert cut["level"] == shown["level"] == "warning"


def test_larger_file_than_github_takes_is_cut_and_told(report: Report, rules_by_id: Rules) -> None:
    (text,) = render(_many(report, rules_by_id, 6_000, excerpt=4_000), rules_by_id, "1")
    size = len(gzip.compress(text.encode(), 6))
    assert 7_000_000 < size <= 10_000_000
    (run,) = json.loads(text)["runs"]
    listed = len(run["results"])
    assert listed < 6_000
    first = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    assert f"the least severe {6_000 - listed} are left out" in first


def test_endless_list_of_gaps_is_cut_and_counted(report: Report, rules_by_id: Rules) -> None:
    gaps = tuple(Unseen(str(number), "too large") for number in range(10_007))
    (invocation,) = _run(report._replace(not_seen=(), skipped=gaps), rules_by_id)["invocations"]
    notes = invocation["toolExecutionNotifications"]
    assert len(notes) == 10_001
    assert notes[-1]["message"]["text"] == "Not scanned, besides: 7 further items."


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


def _judged(multitool: Path, path: Path) -> set[tuple[str, str, str]]:
    """What Microsoft's validator says, notes too: rule, message, where.

    That a page cannot be reached says nothing of the report: there may be no network.
    """
    verdict = path.with_suffix(".verdict")
    command: list[str | Path] = [multitool / "Sarif.Multitool", "validate", path, "-o", verdict]
    command += ["--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note"]
    command += ["--log", "ForceOverwrite"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert verdict.exists(), done.stdout + done.stderr
    (judged,) = json.loads(verdict.read_text("utf-8-sig"))["runs"]
    for result in judged.get("results", []):
        if result["ruleId"] == "SARIF2006":
            assert result["message"]["arguments"][1].startswith("https://")
    return {
        (result["ruleId"], result["message"].get("id", ""), str(result["message"]["arguments"]))
        for result in judged.get("results", [])
        if result["ruleId"] != "SARIF2006"
    }


@pytest.mark.slow
def test_microsoft_s_validator_has_nothing_to_say(
    multitool: Path, run: tuple[Report, Json], rules_by_id: Rules, tmp_path: Path
) -> None:
    info = run[0].info._replace(origin="https://example.org/a.git")
    path = tmp_path / "report.sarif"
    report = run[0]._replace(info=info)
    live = Liveness(Verdict.LIVE, "status 200", "2026-01-02T03:04:05Z", (("account", "a"),))
    asked = tuple(finding._replace(liveness=live) for finding in report.findings)
    for one in (report, report._replace(findings=asked)):
        path.write_text("".join(render(one, rules_by_id, "1.2.3")), "utf-8")
        assert _judged(multitool, path) == set()


HOSTILE_NAMES = [
    b"caf\xe9", b"a\nb", b"[a](1)", b"100%25", b"a#b?c=d&e", b"x:y", b" ", b"\x1b[2J", b"..a",
    "日本\u202e".encode(), b"'{0}' {1}", b"a\\b", b"-o",
]  # fmt: skip


@pytest.fixture
def repositories(repository: Path, git: Git, key: Key, tmp_path: Path) -> dict[str, list[str]]:
    """Command lines whose scans differ in what a report has to say."""
    (repository / "a.py").write_text(f"k = '{key(1)}'\nl = '{key(2)}'\n")
    (repository / "b.py").write_text(f"k = '{key(1)}'  # keysweep:allow a sample\n")
    (repository / "c.py").write_text("k = '" + "".join(f"%{ord(c):02x}" for c in key(3)) + "'\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", f"with {key(4)}")
    git(repository, "rm", "-q", "a.py")
    git(repository, "commit", "-qm", "without")
    hostile, clean = tmp_path / "hostile", tmp_path / "clean"
    for folder in (hostile, clean):
        folder.mkdir()
        git(folder, "init", "-q")
    git(hostile, "remote", "add", "origin", f"https://me:{key(5)}@example.org/a.git")
    for number, name in enumerate(HOSTILE_NAMES):
        (hostile / os.fsdecode(name)).write_text(f"'{key(number)}'\n")
    (hostile / "big").write_bytes(b"x" * 2000)
    (clean / "a").write_text("nothing\n")
    return {
        "findings": ["scan", str(repository)],
        "clean": ["scan", str(clean)],
        "history": ["history", str(repository)],
        "hostile names": ["scan", str(hostile), "--max-file-size", "1KB"],
    }


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such names")
@pytest.mark.parametrize("kind", ["findings", "clean", "history", "hostile names"])
def test_microsoft_s_validator_has_nothing_to_say_of_a_real_scan(
    multitool: Path, repositories: dict[str, list[str]], kind: str, tmp_path: Path, key: Key
) -> None:
    results = {"findings": 2, "clean": 0, "history": 7, "hostile names": len(HOSTILE_NAMES)}[kind]
    path = tmp_path / "report.sarif"
    assert main.run([*repositories[kind], "-q", "-o", str(path)]) in {0, 1}
    (run,) = json.loads(path.read_text("utf-8"))["runs"]
    assert len(run["results"]) == results
    assert key(5) not in path.read_text("utf-8")
    assert _judged(multitool, path) == set()
