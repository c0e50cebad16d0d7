"""GitLab's Secret Detection report, schema 15.0.7: `artifacts:reports:secret_detection`.

The schema is `dist/secret-detection-report-format.json` of
https://gitlab.com/gitlab-org/security-products/security-report-schemas. GitLab reads a report by
the newest schema it has of the same major and minor version: 15.0 is known to all since 15.0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from scanner import wording
from scanner.models import Finding, Place, Report
from scanner.positions import harmless
from scanner.rules import Rule

_VERSION = "15.0.7"
_SCHEMA = (
    "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/"
    f"v{_VERSION}/dist/secret-detection-report-format.json"
)
_INFORMATION = "https://pypi.org/project/keysweep/"
_IDS = uuid5(NAMESPACE_URL, _INFORMATION)
_NO_COMMIT = "0000000"  # what GitLab's own analyzer writes for files that no commit holds
_LONGEST_NAME = 255
_LONGEST_SOLUTION = 7000
_MOST_UNSEEN = 20  # names told for one reason
_LINK = re.compile("(?:https?|ftp)://.")
_CWE = {
    "type": "cwe",
    "name": "CWE-798",
    "value": "798",
    "url": "https://cwe.mitre.org/data/definitions/798.html",
}


def render(report: Report, rules: Mapping[str, Rule], version: str) -> Iterator[str]:
    """The report as GitLab's JSON; every place that nothing suppresses is a vulnerability.

    `version` is that of keysweep. What is suppressed is left out, as GitLab's one flag for it
    says that it is a false positive, which a suppression need not mean.
    """
    content = {
        "version": _VERSION,
        "schema": _SCHEMA,
        "scan": _scan(report, version),
        "vulnerabilities": [
            _vulnerability(finding, place, rules[finding.rule_id], report.info.head)
            for finding in report.findings
            for place in finding.places
            if not place.suppressed
        ],
    }
    yield json.dumps(content, indent=2, ensure_ascii=True) + "\n"


def _scan(report: Report, version: str) -> dict[str, Any]:
    tool = {
        "id": "keysweep",
        "name": "keysweep",
        "url": _INFORMATION,
        "version": version,
        "vendor": {"name": "keysweep"},
    }
    start = datetime.fromisoformat(report.info.started_at)
    end = start + timedelta(seconds=report.seconds)
    return {
        "analyzer": tool,
        "scanner": tool,
        "type": "secret_detection",
        "start_time": _time(start),
        "end_time": _time(end),
        "status": "success" if report.complete else "failure",
        "messages": _messages(report),
    }


def _time(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S")  # in UTC, and the schema allows no zone


def _messages(report: Report) -> list[dict[str, str]]:
    told = [("fatal", wording.incomplete(report))] if report.interrupted else []
    told += [("warn", f"not seen: {text}") for text in _unseen(report, by_policy=False)]
    told += [("info", f"skipped by policy: {text}") for text in _unseen(report, by_policy=True)]
    return [{"level": level, "value": value} for level, value in told]


def _unseen(report: Report, by_policy: bool) -> Iterator[str]:
    return wording.unseen(report.skipped if by_policy else report.not_seen, _MOST_UNSEEN)


def _vulnerability(finding: Finding, place: Place, rule: Rule, head: str | None) -> dict[str, Any]:
    return {
        "id": _id(finding, place),
        "name": rule.description[:_LONGEST_NAME],
        "description": f"{rule.description} was found in what was scanned.",
        "severity": "Critical" if wording.is_live(finding) else rule.severity.capitalize(),
        "solution": rule.remediation[:_LONGEST_SOLUTION],
        "identifiers": [
            {"type": "keysweep_rule_id", "name": f"keysweep rule {rule.id}", "value": rule.id},
            _CWE,
        ],
        "links": [{"name": "Format", "url": url} for url in rule.references if _LINK.match(url)],
        "details": _details(finding, place, rule),
        "location": {
            "file": place.path or "stdin",
            "start_line": place.span.start_line,
            "end_line": place.span.end_line,
            "commit": _commit(place, head),
        },
    }


def _id(finding: Finding, place: Place) -> str:
    """The same for the same secret at the same place, whatever else the report holds."""
    commit = place.commit.id if place.commit else ""
    parts = (finding.fingerprint, finding.rule_id, place.kind, place.path, *place.span)
    return str(uuid5(_IDS, json.dumps([*parts, commit, place.blob, place.decoded])))


def _details(finding: Finding, place: Place, rule: Rule) -> dict[str, Any]:
    details = {
        "secret": {"type": "code", "name": "Secret", "value": harmless(finding.secret.redacted)},
        "fingerprint": {"type": "value", "name": "Fingerprint", "value": finding.fingerprint},
        "confidence": {"type": "value", "name": "Confidence", "value": rule.confidence},
    }
    if notes := wording.circumstances(finding, place):
        details["notes"] = {"type": "text", "name": "Notes", "value": "; ".join(notes)}
    return details


def _commit(place: Place, head: str | None) -> dict[str, str]:
    if place.commit is None:
        return {"sha": head or _NO_COMMIT}
    known = place.commit.author or place.commit.email
    who = {"author": harmless(f"{place.commit.author} <{place.commit.email}>")} if known else {}
    return {
        "sha": place.commit.id,
        **who,
        "date": place.commit.date,
        "message": harmless(place.commit.subject),
    }
