"""JUnit XML, as Jenkins, GitLab, Azure Pipelines and CircleCI read it.

There is no standard. What is used here is in the schema of Jenkins' xUnit plugin (junit-10.xsd),
which refuses anything else, so a case has no `file` and no `line`: the class is the file's path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from scanner import wording
from scanner.models import Report, Unseen
from scanner.positions import harmless
from scanner.rules import Rule
from scanner.wording import Occurrence

# What XML 1.0 forbids even as a character reference, besides the controls.
_FORBIDDEN = re.compile("[\ud800-\udfff\ufffe\uffff]")


def render(report: Report, rules: Mapping[str, Rule], version: str) -> Iterator[str]:
    """One test suite: a failure for each place that counts, grouped by file; an error for all
    that was not seen; what is suppressed as skipped. `version` is that of keysweep.

    ASCII, so that no encoding of standard output can break it.
    """
    places = [Occurrence(f, place) for f in report.findings for place in f.places]
    places.sort(key=lambda o: (o.place.path, o.place.span, o.finding.rule_id))
    failures = [o for o in places if not o.place.suppressed]
    skipped = [o for o in places if o.place.suppressed]
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    yield _suite(report, len(failures), len(skipped))
    yield f'    <properties>\n      <property name="version" value={_quoted(version)}/>\n'
    yield f'      <property name="command" value={_quoted(report.info.command)}/>\n'
    yield "    </properties>\n"
    for occurrence in failures:
        yield _failure(occurrence, rules[occurrence.finding.rule_id])
    if not failures:  # readers take a report without cases for a mistake
        yield _case("keysweep", "nothing found in what was seen", "")
    for item in _gaps(report):
        yield _error(item)
    for occurrence in skipped:
        yield _skipped(occurrence)
    yield f"    <system-out>{_text(_summary(report, rules))}</system-out>\n"
    yield "  </testsuite>\n</testsuites>\n"


def _suite(report: Report, failures: int, skipped: int) -> str:
    errors = len(_gaps(report))
    counts = {
        "tests": (failures or 1) + errors + skipped,
        "failures": failures,
        "errors": errors,
        "skipped": skipped,
        "time": f"{report.seconds:.3f}",
        "timestamp": report.info.started_at.removesuffix("Z"),
    }
    attributes = " ".join(f"{name}={_quoted(str(value))}" for name, value in counts.items())
    return f'  <testsuite name="keysweep" {attributes}>\n'


def _failure(occurrence: Occurrence, rule: Rule) -> str:
    finding, place = occurrence
    message = wording.stands(finding, rule)
    lines = [
        f"{wording.where(place)}: {message}",
        f"    {place.excerpt.text}",
        f"{rule.severity}, confidence {rule.confidence}",
        *wording.circumstances(finding, place),
        f"What to do now: {rule.remediation}",
    ]
    text = "\n".join(map(_text, lines))
    failure = f"<failure message={_quoted(message)} type={_quoted(rule.severity)}>{text}</failure>"
    return _case(_class(occurrence), _name(occurrence), failure)


def _skipped(occurrence: Occurrence) -> str:
    suppressed = occurrence.place.suppressed
    message = f"suppressed by {wording.means(suppressed)}" if suppressed else ""
    return _case(_class(occurrence), _name(occurrence), f"<skipped message={_quoted(message)}/>")


def _gaps(report: Report) -> list[Unseen]:
    stopped = [Unseen("the rest", wording.incomplete(report))] if report.interrupted else []
    return [*stopped, *report.not_seen]


def _error(item: Unseen) -> str:
    text = _text(f"{item.what} was not scanned: {item.reason}")
    error = f'<error message={_quoted(item.reason)} type="not-seen">{text}</error>'
    return _case("not seen", item.what, error)


def _class(occurrence: Occurrence) -> str:
    return occurrence.place.path or "(standard input)"


def _name(occurrence: Occurrence) -> str:
    """Different for each place: some readers keep only one of the cases that share a name."""
    finding, place = occurrence
    at = f"line {place.span.start_line}, column {place.span.start_column}"
    came = f", commit {place.commit.id[:12]}" if place.commit else ""
    return f"{finding.rule_id} {finding.secret.redacted} {at}{came}"


def _case(classname: str, name: str, inner: str) -> str:
    start = f'    <testcase classname={_quoted(classname)} name={_quoted(name)} time="0"'
    return f"{start}>\n      {inner}\n    </testcase>\n" if inner else f"{start}/>\n"


def _summary(report: Report, rules: Mapping[str, Rule]) -> str:
    parts = (wording.found(report, rules), wording.incomplete(report))
    return "; ".join(part for part in parts if part)


def _quoted(text: str) -> str:
    return _ascii(quoteattr(_allowed(text)))


def _text(text: str) -> str:
    return _ascii(escape(_allowed(text)))


def _allowed(text: str) -> str:
    return _FORBIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", harmless(text))


def _ascii(text: str) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode()
