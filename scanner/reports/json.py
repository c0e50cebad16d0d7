"""JSON and JSON Lines reports: the same objects, in one array or one a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from scanner.models import Commit, Finding, Liveness, Place, Report, ScanInfo, Suppression, Unseen
from scanner.rules import Rule

SCHEMA_VERSION = 1


def lines(
    report: Report, rules: Mapping[str, Rule], version: str, show_secrets: bool
) -> Iterator[str]:
    """The report as JSON Lines: a `scan` object, the findings, a `summary` object.

    `version` is that of keysweep. Secrets are in it only with `show_secrets`.
    """
    yield _dump(_scan(report, version))
    for finding in report.findings:
        yield _dump(_finding(finding, rules[finding.rule_id], show_secrets))
    yield _dump(_summary(report))


def document(
    report: Report, rules: Mapping[str, Rule], version: str, show_secrets: bool
) -> Iterator[str]:
    """The report as one JSON object with the parts `scan`, `findings` and `summary`."""
    content = {
        "scan": _scan(report, version),
        "findings": [_finding(f, rules[f.rule_id], show_secrets) for f in report.findings],
        "summary": _summary(report),
    }
    yield json.dumps(content, indent=2, ensure_ascii=True) + "\n"


def _dump(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=True) + "\n"


def _scan(report: Report, version: str) -> dict[str, Any]:
    info = report.info
    return {
        "type": "scan",
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "keysweep", "version": version},
        "rules_digest": info.rules_digest,
        "command": info.command,
        "root": info.root,
        "repository": _repository(info),
        "started_at": info.started_at,
    }


def _repository(info: ScanInfo) -> dict[str, Any] | None:
    if info.refs is None:
        return None
    return {"root": info.root, "head": info.head, "refs": info.refs}


def _finding(finding: Finding, rule: Rule, show_secrets: bool) -> dict[str, Any]:
    places = [_place(place) for place in finding.places]
    first = {key: value for key, value in places[0].items() if not key.endswith("suppressed")}
    secret = finding.secret.reveal().decode("utf-8", "replace") if show_secrets else None
    return {
        "type": "finding",
        "rule_id": rule.id,
        "family": rule.family,
        "description": rule.description,
        "severity": rule.severity,
        "confidence": rule.confidence,
        "redacted": finding.secret.redacted,
        "secret": secret,
        "fingerprint": finding.fingerprint,
        "suppressed": _suppression(finding.suppressed),
        "liveness": _liveness(finding.liveness),
        "remediation": rule.remediation,
        **first,
        "places": places,
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "kind": place.kind,
        "path": place.path,
        **place.span._asdict(),
        "commit": _commit(place.commit),
        "blob": place.blob,
        "decoded": list(place.decoded),
        "suppressed": _suppression(place.suppressed),
        "would_be_suppressed": _suppression(place.distrusted),
    }


def _commit(commit: Commit | None) -> dict[str, Any] | None:
    return commit._asdict() if commit else None


def _suppression(suppression: Suppression | None) -> dict[str, Any] | None:
    return suppression._asdict() if suppression else None


def _liveness(liveness: Liveness | None) -> dict[str, Any] | None:
    return liveness and {**liveness._asdict(), "details": dict(liveness.details)}


def _summary(report: Report) -> dict[str, Any]:
    suppressed = sum(finding.suppressed is not None for finding in report.findings)
    return {
        "type": "summary",
        "findings": len(report.findings) - suppressed,
        "suppressed": suppressed,
        "not_seen": _unseen(report.not_seen),
        "skipped": _unseen(report.skipped),
        "blobs": report.blobs,
        "bytes": report.bytes,
        "seconds": report.seconds,
        "complete": report.complete,
    }


def _unseen(items: tuple[Unseen, ...]) -> list[dict[str, str]]:
    return [item._asdict() for item in items]
