"""Comma-separated values (RFC 4180), a row for each place, that a spreadsheet can open safely."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping

from scanner.models import Commit, Finding, Place, Report, Suppression
from scanner.positions import harmless
from scanner.rules import Rule
from scanner.wording import means

_COLUMNS = (
    "rule", "description", "severity", "confidence", "redacted", "fingerprint", "kind", "path",
    "start_line", "start_column", "end_line", "end_column", "decoded", "commit", "author",
    "email", "date", "subject", "reachable", "at_head", "suppressed", "would_be_suppressed",
    "liveness", "liveness_reason", "remediation",
)  # fmt: skip
# A spreadsheet runs what begins like this as a formula; where the semicolon separates, as in
# half of Europe, a cell may begin behind one too. The wide forms count in some languages.
_FORMULA = re.compile(r"(^|;)(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r])")


def render(report: Report, rules: Mapping[str, Rule], _version: str) -> Iterator[str]:
    """A header, and a row for each place of each finding, suppressed or not; lines end in CRLF.

    What begins like a formula gets an apostrophe before it. What was not seen has no place in
    rows of findings: the exit status and the other formats tell that.
    """
    yield _row(_COLUMNS)
    for finding in report.findings:
        for place in finding.places:
            yield _row(_cells(finding, place, rules[finding.rule_id]))


def _cells(finding: Finding, place: Place, rule: Rule) -> tuple[object, ...]:
    return (
        rule.id,
        rule.description,
        rule.severity,
        rule.confidence,
        finding.secret.redacted,
        finding.fingerprint,
        place.kind,
        place.path,
        *place.span,
        " ".join(place.decoded),
        *_commit(place.commit),
        _suppression(place.suppressed),
        _suppression(place.distrusted),
        *((finding.liveness.verdict, finding.liveness.reason) if finding.liveness else ("", "")),
        rule.remediation,
    )


def _commit(commit: Commit | None) -> tuple[str, ...]:
    if commit is None:
        return ("",) * 7
    flags = ("yes" if flag else "no" for flag in (commit.reachable, commit.at_head))
    return (commit.id, commit.author, commit.email, commit.date, commit.subject, *flags)


def _suppression(suppression: Suppression | None) -> str:
    return means(suppression) if suppression else ""


def _row(cells: tuple[object, ...]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow([_cell(str(cell)) for cell in cells])
    return line.getvalue()


def _cell(text: str) -> str:
    return harmless(_FORMULA.sub(r"\1'", text))
