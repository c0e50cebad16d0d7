"""The words in which several reports tell of places, suppressions, gaps and totals.

All are plain text of one line without control characters; each report escapes them further as
its format asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from scanner.models import (
    EXPIRED,
    NO_REASON,
    Finding,
    Kind,
    Liveness,
    Place,
    Report,
    Severity,
    Suppression,
    Unseen,
    Verdict,
)
from scanner.positions import harmless
from scanner.rules import Rule


class Occurrence(NamedTuple):
    """A finding at one of its places."""

    finding: Finding
    place: Place


def counting(report: Report) -> Iterator[Occurrence]:
    """Every place that nothing suppresses, finding by finding.

    Of all that a history holds, one place of a secret is told: where it came in.
    """
    most = 1 if report.info.refs is not None else None
    for finding in report.findings:
        for place in [place for place in finding.places if not place.suppressed][:most]:
            yield Occurrence(finding, place)


def worst_first(report: Report, rules: Mapping[str, Rule]) -> list[Occurrence]:
    """What `counting` gives, live keys before all others, then by severity; of one severity, a
    place of every secret comes before the second place of any: a reader may see the beginning
    only."""
    severities = list(Severity)
    seen: Counter[str] = Counter()
    ranked = []
    for occurrence in counting(report):
        finding, place = occurrence
        severity = severities.index(rules[finding.rule_id].severity)
        count = seen[finding.fingerprint]
        key = (not is_live(finding), -severity, count, place.path, place.span)
        seen[finding.fingerprint] += 1
        ranked.append((key, occurrence))
    return [occurrence for _, occurrence in sorted(ranked, key=lambda pair: pair[0])]


def where(place: Place) -> str:
    """The path and the line."""
    return f"{harmless(place.path) or '(standard input)'}:{place.span.start_line}"


def stands(finding: Finding, rule: Rule) -> str:
    """What was found, in a sentence, with the secret redacted."""
    return harmless(f"{rule.description} '{finding.secret.redacted}' stands here.")


def is_live(finding: Finding) -> bool:
    """Whether the provider was asked, and accepted the key."""
    return finding.liveness is not None and finding.liveness.verdict is Verdict.LIVE


def liveness(found: Liveness) -> str:
    """The verdict on a key, why, when, and what the provider told of it."""
    told = [found.reason] if found.reason else []
    told += [f"{name}: {value}" for name, value in found.details]
    told += [f"asked {found.checked_at}"] if found.checked_at else []
    return harmless(f"{_VERDICTS[found.verdict]} ({'; '.join(told)})")


_VERDICTS = {
    Verdict.LIVE: "LIVE",
    Verdict.REJECTED: "rejected by the provider",
    Verdict.UNKNOWN: "not known whether it is live",
    Verdict.NOT_CHECKED: "not asked whether it is live",
}


def verdicts(findings: Iterable[Finding]) -> str:
    """How many of the keys have which verdict; nothing when nobody was asked."""
    counts = Counter(finding.liveness.verdict for finding in findings if finding.liveness)
    names = {Verdict.LIVE: "LIVE", Verdict.NOT_CHECKED: "not asked"}
    parts = (f"{counts[one]} {names.get(one, one)}" for one in Verdict if counts[one])
    return ", ".join(parts)


def circumstances(finding: Finding, place: Place) -> list[str]:
    """What else there is to know of a finding and its place; no person is named."""
    notes = [liveness(finding.liveness)] if finding.liveness else []
    notes += [f"in {place.kind}"] if place.kind != Kind.FILE else []
    notes += [f"decoded from {' in '.join(reversed(place.decoded))}"] if place.decoded else []
    if place.commit:
        notes.append(f"came in with {place.commit.id[:12]}, {place.commit.date}")
        notes += [] if place.commit.reachable else ["unreachable"]
    if place.distrusted:
        notes.append(set_aside(place.distrusted))
    return notes


def means(suppression: Suppression) -> str:
    """By what, where and for what reason something is suppressed."""
    reason = f" ({suppression.reason})" if suppression.reason else ""
    return harmless(f"{suppression.by}, {suppression.where}{reason}")


def set_aside(suppression: Suppression, brought: str = "this request") -> str:
    """What would suppress something, and why it does not count; `brought` is what brought it
    along, if that is why."""
    if NO_REASON in suppression.where or EXPIRED in suppression.where:
        return f"not suppressed: {means(suppression)}"
    return f"would be suppressed by {brought}: {means(suppression)}"


def unseen(items: Iterable[Unseen], most: int) -> Iterator[str]:
    """What was not scanned and why, by reason, `most` names for each and the rest counted."""
    by_reason: dict[str, list[str]] = {}
    for item in items:
        by_reason.setdefault(item.reason, []).append(item.what)
    for reason, names in sorted(by_reason.items()):
        for name in names[:most]:
            yield f"{harmless(name)}: {harmless(reason)}"
        if len(names) > most:
            yield f"... and {len(names) - most} more: {harmless(reason)}"


def found(report: Report, rules: Mapping[str, Rule]) -> str:
    """How many findings there are, of which severities, how many are suppressed, and the
    verdicts on all of them."""
    open_findings = [finding for finding in report.findings if not finding.suppressed]
    counts = Counter(rules[finding.rule_id].severity for finding in open_findings)
    parts = [f"{counts[rank]} {rank}" for rank in reversed(Severity) if counts[rank]]
    suppressed = len(report.findings) - len(open_findings)
    by_severity = f" ({', '.join(parts)})" if parts else ""
    extra = f", {suppressed} suppressed" if suppressed else ""
    asked = f"; {told}" if (told := verdicts(report.findings)) else ""
    return f"{plural(len(open_findings), 'finding')}{by_severity}{extra}{asked}"


def incomplete(report: Report) -> str:
    """That and why the report is not complete; nothing for one that is."""
    if report.interrupted:
        return "INTERRUPTED, so not everything was seen"
    return "" if report.complete else f"INCOMPLETE: {len(report.not_seen)} not seen"


def plural(count: int, noun: str) -> str:
    """A number and what it counts."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
