"""The report for people: by file, the line with the secret redacted and marked, what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from scanner.models import Commit, Finding, Kind, Report, Severity, Specificity, Unseen, Verdict
from scanner.positions import harmless
from scanner.rules import Rule
from scanner.wording import (
    Occurrence,
    counting,
    found,
    incomplete,
    is_live,
    liveness,
    means,
    plural,
    set_aside,
    unseen,
    where,
)

_COLOURS = {
    Severity.CRITICAL: "1;31",
    Severity.HIGH: "31",
    Severity.MEDIUM: "33",
    Severity.LOW: "36",
}
_BOLD, _FAINT, _ALARM = "1", "2", "1;37;41"
_HARM = {
    Severity.CRITICAL: "whoever reads it can act as its owner",
    Severity.HIGH: "whoever reads it can use the service or account behind it",
    Severity.MEDIUM: "it opens something, for a time or in part",
    Severity.LOW: "of little use to a thief by itself",
}
_EVIDENCE = {
    Specificity.PROVIDER: "its form or its name is that of this provider's keys",
    Specificity.FORMAT: "it has the documented form of such a credential",
    Specificity.CONTEXT: "it stands where credentials are carried",
    Specificity.GENERIC: "a name that says secret is given a value that looks like one",
}
_MOST_UNSEEN = 20  # names shown for one reason
_MOST_SKIPPED = 5
_MOST_PATHS = 3
_IN_TREES = (Kind.FILE, Kind.SYMLINK, Kind.FILE_NAME)
_LONGEST_SUBJECT = 100
_COUNTED = {"range": "version", "history": "version"}  # of files, and messages


def render(
    report: Report, rules: Mapping[str, Rule], color: bool, show_secrets: bool
) -> Iterator[str]:
    """The lines of the report, each with its line end.

    `color` adds terminal colours. Text from the scanned files carries no control characters.
    """
    paint = _Paint(color)
    yield from _alarm(report, rules, paint)
    by_path: dict[str, list[Occurrence]] = {}
    for occurrence in counting(report):
        by_path.setdefault(occurrence.place.path, []).append(occurrence)
    for path in sorted(by_path, key=lambda path: (not any(map(_is_live, by_path[path])), path)):
        yield paint(_BOLD, harmless(path) or "(standard input)") + "\n"
        for occurrence in sorted(by_path[path], key=lambda o: o.place.span):
            yield from _occurrence(
                occurrence, rules[occurrence.finding.rule_id], paint, show_secrets
            )
        yield "\n"
    yield from _advice(report, rules, paint)
    yield from _unseen("Not seen", report.not_seen, _MOST_UNSEEN, paint)
    yield from _unseen("Skipped by policy", report.skipped, _MOST_SKIPPED, paint)
    yield _summary(report, rules, paint)


def _is_live(occurrence: Occurrence) -> bool:
    return is_live(occurrence.finding)


def _alarm(report: Report, rules: Mapping[str, Rule], paint: _Paint) -> Iterator[str]:
    """The keys that work now, before everything else, whatever suppresses them."""
    live = [finding for finding in report.findings if is_live(finding)]
    if not live:
        return
    works = "key works" if len(live) == 1 else "keys work"
    yield paint(_ALARM, f"LIVE: {len(live)} {works} right now. Rotate first, then clean up.") + "\n"
    for finding in live:
        name = harmless(f"{rules[finding.rule_id].description} {finding.secret.redacted}")
        given = finding.suppressed
        but = f", though suppressed by {means(given)}" if given else ""
        yield f"  {where(finding.places[0])}  {name}{but}\n"
        if finding.liveness:
            yield f"      {liveness(finding.liveness)}\n"
    yield "\n"


class _Paint:
    """Wraps text in a terminal colour, or does not."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def __call__(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._color else text


def _occurrence(
    occurrence: Occurrence, rule: Rule, paint: _Paint, show_secrets: bool
) -> Iterator[str]:
    finding, place = occurrence
    span = place.span
    where = f"{span.start_line}:{span.start_column}"
    severity = paint(_COLOURS[rule.severity], f"{rule.severity}")
    notes = [f"confidence {rule.confidence}"]
    notes += [f"in {place.kind}"] if place.kind != Kind.FILE else []
    notes += [f"decoded from {' in '.join(reversed(place.decoded))}"] if place.decoded else []
    yield f"  {where}  {severity}  {harmless(rule.description)}  {paint(_FAINT, f'[{rule.id}]')}  "
    yield paint(_FAINT, ", ".join(notes)) + "\n"
    text, start, end = place.excerpt
    marked = text[:start] + paint(_COLOURS[rule.severity], text[start:end]) + text[end:]
    yield f"      {marked}\n"
    yield " " * (6 + start) + paint(_COLOURS[rule.severity], "^" * max(1, end - start)) + "\n"
    if finding.liveness and (finding.liveness.verdict != Verdict.NOT_CHECKED or rule.liveness):
        code = _ALARM if is_live(finding) else _FAINT
        yield f"      {paint(code, liveness(finding.liveness))}\n"
    if place.distrusted:
        yield f"      {set_aside(place.distrusted)}\n"
    if place.commit:
        yield from _origin(place.commit, place.kind, paint)
    if len(finding.places) > 1 and place.blob:
        yield f"      {_elsewhere(finding)}\n"
    if show_secrets:
        secret = harmless(finding.secret.reveal().decode("utf-8", "replace"))
        yield f"      secret: {secret}\n"


def _origin(commit: Commit, kind: Kind, paint: _Paint) -> Iterator[str]:
    """Which commit brought it in, where that is, and whether it is still there."""
    who = harmless(f", {commit.author} <{commit.email}>") if commit.author or commit.email else ""
    yield f"      {paint(_FAINT, f'came in with {commit.id[:12]}, {commit.date}{who}')}\n"
    yield f"      {paint(_FAINT, harmless(commit.subject)[:_LONGEST_SUBJECT])}\n"
    if not commit.reachable:
        yield "      unreachable: no branch or tag leads to it, but the repository still holds it\n"
    elif commit.refs:
        more = f" and {commit.more_refs} more" if commit.more_refs else ""
        yield f"      in {harmless(', '.join(commit.refs))}{more}\n"
    if commit.head_paths:
        paths = ", ".join(commit.head_paths[:_MOST_PATHS])
        more = f" and {n} more" if (n := len(commit.head_paths) - _MOST_PATHS) > 0 else ""
        yield f"      still there: {harmless(paths)}{more}\n"
    elif commit.at_head:
        yield "      still there\n"
    elif kind in _IN_TREES:
        yield "      no longer in the current tree\n"


def _elsewhere(finding: Finding) -> str:
    """In how many versions, commits and paths a secret out of git stands."""
    versions = len({place.blob for place in finding.places})
    commits = len({place.commit.id for place in finding.places if place.commit})
    paths = sorted({place.path for place in finding.places})
    more = f" and {n} more" if (n := len(paths) - _MOST_PATHS) > 0 else ""
    named = harmless(", ".join(paths[:_MOST_PATHS])) + more
    brought = f"brought by {plural(commits, 'commit')}, " if commits else ""
    at = f"at {plural(len(paths), 'path')}: {named}"
    return f"in all: {plural(versions, 'version')}, {brought}{at}"


def _advice(report: Report, rules: Mapping[str, Rule], paint: _Paint) -> Iterator[str]:
    """Why it matters and what to do, once for each rule that found something."""
    open_findings = [finding for finding in report.findings if not finding.suppressed]
    counts = Counter(finding.rule_id for finding in open_findings)
    if not counts:
        return
    yield paint(_BOLD, "What to do now") + "\n"
    severities = list(Severity)
    order = sorted(counts, key=lambda name: (-severities.index(rules[name].severity), name))
    for name in order:
        rule = rules[name]
        yield f"  {paint(_COLOURS[rule.severity], harmless(rule.description))} ({counts[name]})\n"
        yield f"      Why: {_EVIDENCE[rule.specificity]}; {_HARM[rule.severity]}.\n"
        yield f"      Now: {harmless(rule.remediation)}\n"
    yield "  A false alarm, or accepted? Put `keysweep:allow <reason>` in a comment there,\n"
    yield "  or run `keysweep ignores add PATH:LINE --reason TEXT`.\n\n"


def _unseen(title: str, items: tuple[Unseen, ...], most: int, paint: _Paint) -> Iterator[str]:
    if items:
        yield paint(_BOLD, title) + "\n"
        yield from (f"  {line}\n" for line in unseen(items, most))
        yield "\n"


def _summary(report: Report, rules: Mapping[str, Rule], paint: _Paint) -> str:
    size = report.bytes / 1e6
    noun = _COUNTED.get(report.info.command, "file")
    seen = f"{plural(report.blobs, noun)}, {size:.1f} MB in {report.seconds:.1f} s"
    text = f"{found(report, rules)}; {seen}"
    if gaps := incomplete(report):
        text += f"; {gaps}"
    return paint(_BOLD, text) + "\n"
