"""SARIF 2.1.0 (OASIS, errata 01), as GitHub code scanning and Microsoft's validator want it."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from scanner import descriptors
from scanner.fingerprints import HIDDEN, MASK
from scanner.models import (
    Confidence,
    Finding,
    Kind,
    Place,
    Report,
    ScanInfo,
    Severity,
    Suppression,
    Verdict,
)
from scanner.notifications import invocation
from scanner.positions import harmless
from scanner.rules import Rule
from scanner.wording import circumstances, is_live

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_INFORMATION = "https://pypi.org/project/keysweep/"
_ROOT = "%SRCROOT%"
_OWN = "keysweep/v1"
_OF_PLACE = "keysweep/place/v1"
_GITHUB = "primaryLocationLineHash"
_NAMESPACE = uuid.UUID("5a1f6f0e-6f0b-5c55-9d0a-2f3c8e5b7a41")
# GitHub takes no file of more bytes (zipped) or results.
_MOST_BYTES = 10_000_000
_MOST_RESULTS = 25_000
_MOST_RELATED = 10  # a secret may stand in thousands of versions
_MOST_LINKED = 3
_SEVERITIES, _CONFIDENCES = list(Severity), list(Confidence)
_BYTES = re.compile("((?:%[89A-F][0-9A-F])+)")  # what stands in a path for bytes
_LINE = re.compile(r"line (\d+)")


class _Ranked(NamedTuple):
    """A place of a finding, the how-manieth, from 0."""

    finding: Finding
    number: int
    rule: Rule

    @property
    def place(self) -> Place:
        return self.finding.places[self.number]


def render(report: Report, rules: Mapping[str, Rule], version: str) -> Iterator[str]:
    """The report as a SARIF log with one run; every place of a finding is a result.

    The worst come first. When GitHub would refuse the file, the last are left out, and told.
    """
    ranked = _ranked(report, rules)
    most = _MOST_RESULTS
    while True:
        run = _run(report, ranked[:most], len(ranked), version)
        log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
        text = json.dumps(log, indent=2, ensure_ascii=True) + "\n"
        size = len(gzip.compress(text.encode(), 6)) if len(text) > _MOST_BYTES else 0
        if size <= _MOST_BYTES or not run["results"]:
            yield text
            return
        most = int(len(run["results"]) * 0.9 * _MOST_BYTES / size)


def _ranked(report: Report, rules: Mapping[str, Rule]) -> list[_Ranked]:
    """All places, live keys first: one of every secret before the second of any, by severity."""

    def key(one: _Ranked) -> tuple[bool, bool, bool, int, int]:
        return (
            not is_live(one.finding),
            one.place.suppressed is not None,
            one.number > 0,
            -_SEVERITIES.index(one.rule.severity),
            -_CONFIDENCES.index(one.rule.confidence),
        )

    every = (
        _Ranked(finding, number, rules[finding.rule_id])
        for finding in report.findings
        for number in range(len(finding.places))
    )
    return sorted(every, key=key)


def _run(report: Report, ranked: Sequence[_Ranked], total: int, version: str) -> dict[str, Any]:
    used = {one.rule.id: one.rule for one in ranked}
    rules = [used[name] for name in sorted(used)]
    index = {rule.id: number for number, rule in enumerate(rules)}
    results = [_result(one, index[one.rule.id]) for one in ranked]
    run = {
        "tool": {"driver": _driver(rules, version)},
        "language": "en-US",
        "automationDetails": {"id": f"keysweep/{report.info.command}/"},
        "versionControlProvenance": _provenance(report.info),
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of what was scanned."}}},
        "columnKind": "unicodeCodePoints",
        "redactionTokens": [MASK, HIDDEN],
        "invocations": [invocation(report, len(ranked), total)],
        "results": results,
        "taxonomies": [descriptors.TAXONOMY],
        "properties": {"rulesDigest": report.info.rules_digest, "blobs": report.blobs},
    }
    return {name: value for name, value in run.items() if value or name == "results"}


def _driver(rules: list[Rule], version: str) -> dict[str, Any]:
    return {
        "name": "keysweep",
        "version": version,
        "semanticVersion": version,
        "informationUri": _INFORMATION,
        "rules": [descriptors.descriptor(rule) for rule in rules] or [descriptors.ANY],
        "supportedTaxonomies": [{"name": "CWE", "index": 0}],
    }


def _provenance(info: ScanInfo) -> list[dict[str, Any]]:
    """Which version of which repository was scanned; nothing where there is none."""
    if info.origin is None:
        return []
    found = {"repositoryUri": info.origin, "revisionId": info.head, "branch": info.branch}
    return [
        {name: value for name, value in found.items() if value} | {"mappedTo": {"uriBaseId": _ROOT}}
    ]


def _result(one: _Ranked, index: int) -> dict[str, Any]:
    finding, place, rule = one.finding, one.place, one.rule
    others = [*finding.places[: one.number], *finding.places[one.number + 1 :]]
    result = {
        "ruleId": descriptors.identifier(rule),
        "ruleIndex": index,
        "level": "error" if is_live(finding) else descriptors.LEVELS[rule.severity],
        "rank": _rank(one),
        "message": _message(one, others),
        "locations": [_location(place)],
        "fingerprints": {_OF_PLACE: _fingerprint(one)},
        "partialFingerprints": _partial(finding, place),
        "correlationGuid": str(uuid.uuid5(_NAMESPACE, finding.fingerprint)),
        "relatedLocations": [
            {"id": number, **_location(other), "message": {"text": "The same secret."}}
            for number, other in enumerate(others[:_MOST_RELATED], 1)
        ],
        "codeFlows": _code_flows(one),
        "suppressions": [_suppression(place, place.suppressed)] if place.suppressed else [],
        "properties": _properties(finding, place),
    }
    return {name: value for name, value in result.items() if value or name == "ruleIndex"}


def _rank(one: _Ranked) -> float:
    """How much a result matters: nothing more than a live key, little that was rejected."""
    rank = descriptors.rank(one.rule)
    verdict = one.finding.liveness and one.finding.liveness.verdict
    return {Verdict.LIVE: 100.0, Verdict.REJECTED: rank / 2}.get(verdict or Verdict.UNKNOWN, rank)


def _message(one: _Ranked, others: Sequence[Place]) -> dict[str, Any]:
    """What is said: the rule's text, and in it what else is to know of the place."""
    redacted = one.finding.secret.redacted
    more = [_linkless(text) for text in circumstances(one.finding, one.place)]
    links = [
        f"[{_linkless(harmless(other.path or 'stdin'))}:{other.span.start_line}]({number})"
        for number, other in enumerate(others[:_MOST_LINKED], 1)
    ]
    rest = len(others) - len(links)
    if links:
        more.append("also at " + ", ".join(links) + (f" and {rest} more places" if rest else ""))
    name = "more" if more else "default"
    arguments = [redacted, "; ".join(more)] if more else [redacted]
    text = descriptors.message(one.rule, name).format(*arguments)
    return {"id": name, "arguments": arguments, "text": text}


def _linkless(text: str) -> str:
    """A text in which no brackets make a link (SARIF 2.1.0, 3.11.6)."""
    return re.sub(r"([\\\[\]])", r"\\\1", text)


def _fingerprint(one: _Ranked) -> str:
    """Names the place as long as the secret stands there, on whatever line."""
    before = one.finding.places[: one.number]
    same = sum((p.kind, p.path) == (one.place.kind, one.place.path) for p in before)
    parts = (one.finding.fingerprint, one.place.kind, one.place.path, str(same))
    return _hex("\0".join(parts))[:32]


def _partial(finding: Finding, place: Place) -> dict[str, str]:
    found = {_OWN: finding.fingerprint}
    if line := place.line_hash:
        # Made of the line as shown it does not tell one password from the next.
        digest = line.digest if line.exact else _hex(line.digest + finding.fingerprint)[:16]
        found[_GITHUB] = f"{digest}:{line.number}"
    return found


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _location(place: Place) -> dict[str, Any]:
    span = place.span
    text, start, end = place.excerpt
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(place),
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


def _artifact(place: Place) -> dict[str, str]:
    """The path as a URI reference; what stands in it for bytes stays as it is."""
    parts = _BYTES.split(place.path or "stdin")
    uri = "".join(part if n % 2 and _are_bytes(part) else _quoted(part)
                  for n, part in enumerate(parts))  # fmt: skip
    if uri.startswith("/"):  # outside of what was scanned
        return {"uri": "file://" + uri}
    return {"uri": uri, "uriBaseId": _ROOT}


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "replace"))


def _are_bytes(escaped: str) -> bool:
    """Whether percent-encoded bytes are no UTF-8, as they are where a path has them."""
    try:
        bytes.fromhex(escaped.replace("%", "")).decode()
    except UnicodeDecodeError:
        return True
    return False


def _code_flows(one: _Ranked) -> list[dict[str, Any]]:
    """From the text as written, notation by notation, to the secret."""
    decoded = one.place.decoded
    if not decoded:
        return []
    says = ["Written in a notation that hides it."]
    says += [f"Decoded from {name}." for name in decoded]
    says[-1] += f" It reads '{one.finding.secret.redacted}'."
    steps = [
        {"location": {**_location(one.place), "message": {"text": text}}, "importance": "essential"}
        for text in says
    ]
    return [{"threadFlows": [{"locations": steps}]}]


def _suppression(place: Place, given: Suppression) -> dict[str, Any]:
    inline = given.by == "inline"
    found: dict[str, Any] = {
        "kind": "inSource" if inline else "external",
        "status": "accepted",
        "justification": given.reason or "No reason given.",
        "properties": {"by": given.by, "where": given.where},
    }
    if inline and (line := _LINE.fullmatch(given.where)):
        region = {"startLine": int(line[1])}
        physical = {"artifactLocation": _artifact(place), "region": region}
        found["location"] = {"physicalLocation": physical}
    return found


def _properties(finding: Finding, place: Place) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": place.kind} if place.kind != Kind.FILE else {}
    if finding.liveness:
        told = finding.liveness._asdict() | {"details": dict(finding.liveness.details)}
        found["liveness"] = {name: value for name, value in told.items() if value}
    if place.blob:
        found["blob"] = place.blob
    if commit := place.commit:
        found |= {"commit": commit.id, "date": commit.date}
        found |= {"reachable": commit.reachable, "atHead": commit.at_head}
    if would := place.distrusted:
        found["wouldBeSuppressed"] = {name: value for name, value in would._asdict().items()
                                      if value}  # fmt: skip
    return found
