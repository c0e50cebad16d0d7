"""SARIF 2.1.0 (OASIS, errata 01), as GitHub code scanning and Microsoft's validator want it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from scanner.fingerprints import HIDDEN
from scanner.models import Confidence, Finding, Place, Report, Severity, Unseen
from scanner.rules import Rule

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_INFORMATION = "https://pypi.org/project/keysweep/"
_CWE = "798"
# GitHub: over 9.0 critical, 7.0-8.9 high, 4.0-6.9 medium, less is low.
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
}
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
_PRECISION = {Confidence.HIGH: "very-high", Confidence.MEDIUM: "high", Confidence.LOW: "medium"}
_RANKS = {Severity.CRITICAL: 90.0, Severity.HIGH: 70.0, Severity.MEDIUM: 40.0, Severity.LOW: 10.0}
_FINGERPRINT = "keysweep/v1"
_LONGEST_DESCRIPTION = 1024


def render(report: Report, rules: Mapping[str, Rule], version: str) -> Iterator[str]:
    """The report as a SARIF log with one run; every place of a finding is a result."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report, rules, version)]}
    yield json.dumps(log, indent=2, ensure_ascii=True) + "\n"


def _run(report: Report, rules: Mapping[str, Rule], version: str) -> dict[str, Any]:
    used = sorted({finding.rule_id for finding in report.findings})
    index = {name: number for number, name in enumerate(used)}
    results = [
        _result(finding, place, rules[finding.rule_id], index[finding.rule_id])
        for finding in report.findings
        for place in finding.places
    ]
    return {
        "tool": {"driver": _driver([rules[name] for name in used], version)},
        "automationDetails": {"id": f"keysweep/{report.info.command}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": results,
        "taxonomies": [_TAXONOMY],
    }


def _driver(rules: list[Rule], version: str) -> dict[str, Any]:
    return {
        "name": "keysweep",
        "version": version,
        "semanticVersion": version,
        "informationUri": _INFORMATION,
        "rules": [_rule(rule) for rule in rules],
        "supportedTaxonomies": [{"name": "CWE", "index": 0}],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    name = "".join(word.capitalize() for word in rule.id.split("-"))
    full = f"{rule.description} in the scanned content. {rule.remediation}"[:_LONGEST_DESCRIPTION]
    reference = rule.references[0]
    return {
        "id": rule.id,
        "name": name,
        "shortDescription": {"text": f"{rule.description}."},
        "fullDescription": {"text": full},
        "help": {
            "text": f"{rule.remediation} Format: {reference}",
            "markdown": f"**What to do now.** {rule.remediation}\n\n[Format]({reference})",
        },
        "helpUri": reference,
        "defaultConfiguration": {"level": _LEVELS[rule.severity], "rank": _RANKS[rule.severity]},
        "messageStrings": {"default": {"text": f"{rule.description} {_MESSAGE}"}},
        "relationships": [
            {"target": {"id": _CWE, "toolComponent": {"name": "CWE", "index": 0}},
             "kinds": ["superset"]}
        ],
        "properties": {
            "security-severity": _SCORES[rule.severity],
            "precision": _PRECISION[rule.confidence],
            "tags": ["security", "secret", f"external/cwe/cwe-{_CWE}"],
        },
    }  # fmt: skip


_MESSAGE = "'{0}' stands here in clear: rotate it and keep it out of the repository."


def _result(finding: Finding, place: Place, rule: Rule, index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": rule.id,
        "ruleIndex": index,
        "level": _LEVELS[rule.severity],
        "rank": _RANKS[rule.severity],
        "message": {
            "id": "default",
            "arguments": [finding.secret.redacted],
            "text": f"{rule.description} {_MESSAGE.format(finding.secret.redacted)}",
        },
        "locations": [_location(place)],
        "partialFingerprints": {_FINGERPRINT: finding.fingerprint},
    }
    siblings = [other for other in finding.places[: _MOST_RELATED + 1] if other is not place]
    if siblings:
        result["relatedLocations"] = [
            {"id": number, **_location(other), "message": {"text": "The same secret."}}
            for number, other in enumerate(siblings[:_MOST_RELATED])
        ]
    if place.commit:
        result["properties"] = {
            "commit": place.commit.id,
            "date": place.commit.date,
            "reachable": place.commit.reachable,
            "atHead": place.commit.at_head,
        }
    if place.suppressed:
        result["suppressions"] = [
            {
                "kind": "inSource" if place.suppressed.by == "inline" else "external",
                "status": "accepted",
                "justification": place.suppressed.reason or "No reason given.",
            }
        ]
    return result


_MOST_RELATED = 10  # a secret may stand in thousands of versions


def _location(place: Place) -> dict[str, Any]:
    span = place.span
    text, start, end = place.excerpt
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(place.path or "stdin")},
            "region": {
                "startLine": span.start_line,
                "startColumn": span.start_column,
                "endLine": span.end_line,
                "endColumn": span.end_column,
                "snippet": {"text": text[start:end] or HIDDEN},
            },
            "contextRegion": {
                "startLine": span.start_line,
                "endLine": span.end_line,
                "snippet": {"text": text or HIDDEN},
            },
        }
    }


def _invocation(report: Report) -> dict[str, Any]:
    invocation: dict[str, Any] = {
        "executionSuccessful": report.complete,
        "startTimeUtc": report.info.started_at,
    }
    notes = [_notification(item, "warning") for item in report.not_seen]
    notes += [_notification(item, "note") for item in report.skipped]
    if notes:
        invocation["toolExecutionNotifications"] = notes
    return invocation


def _notification(item: Unseen, level: str) -> dict[str, Any]:
    return {
        "level": level,
        "message": {"text": f"'{item.what}' was not scanned: {item.reason}."},
    }


_TAXONOMY = {
    "name": "CWE",
    "version": "4.16",
    "organization": "MITRE",
    "informationUri": "https://cwe.mitre.org/data/published/cwe_v4.16.pdf",
    "downloadUri": "https://cwe.mitre.org/data/xml/cwec_v4.16.xml.zip",
    "shortDescription": {"text": "The MITRE Common Weakness Enumeration."},
    "isComprehensive": False,
    "taxa": [
        {
            "id": _CWE,
            "name": "UseOfHardCodedCredentials",
            "shortDescription": {"text": "Use of Hard-coded Credentials."},
            "helpUri": f"https://cwe.mitre.org/data/definitions/{_CWE}.html",
        }
    ],
}
