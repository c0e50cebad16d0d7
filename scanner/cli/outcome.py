"""How a scan ends: what of it fails, and with which exit status."""

from __future__ import annotations

from collections.abc import Callable

from scanner.cli import statuses
from scanner.cli.options import Common
from scanner.errors import UsageError
from scanner.models import Confidence, Finding, Report, Severity, Verdict
from scanner.rules import Rule
from scanner.wording import is_live

LIVE = "live"

Fails = Callable[[Finding, Rule], bool]


def words_of(fail_on: str) -> set[str]:
    """The words of a `--fail-on` list.

    Raises UsageError for one that is neither severity nor confidence, nor `live` or `none`.
    """
    words = {word.strip() for word in fail_on.split(",") if word.strip()}
    known = {*Severity, *(f"confidence:{c}" for c in Confidence)}
    if unknown := words - known - {"none", LIVE}:
        raise UsageError(
            f"--fail-on: unknown {', '.join(sorted(unknown))}; "
            f"known: none, live, {', '.join(sorted(known))}"
        )
    return words


def failing(fail_on: str | None) -> Fails:
    """Which findings make the scan fail: a test made from a `--fail-on` list.

    Severities and confidences must both fit, where there are any of a kind; with `live` in the
    list, live keys fail besides. Raises what `words_of` raises.
    """
    if fail_on is None:
        return lambda _finding, _rule: True
    words = words_of(fail_on)
    if "none" in words:
        return lambda _finding, _rule: False
    confidences = {word.partition(":")[2] for word in words if ":" in word}
    named = {severity for severity in Severity if severity in words}
    severities = named or (set() if words == {LIVE} else set(Severity))

    def fails(finding: Finding, rule: Rule) -> bool:
        if LIVE in words and is_live(finding):
            return True
        sure = not confidences or rule.confidence in confidences
        return rule.severity in severities and sure

    return fails


def exit_status(report: Report, rules: dict[str, Rule], common: Common) -> int:
    """The exit status that the design gives a report."""
    if report.interrupted:
        return statuses.INTERRUPTED
    fails = failing(common.fail_on)
    counting = [finding for finding in report.findings if not finding.suppressed]
    if any(fails(finding, rules[finding.rule_id]) for finding in counting):
        return statuses.FOUND
    if not report.complete and not common.allow_incomplete:
        return statuses.INCOMPLETE
    unknown = any(f.liveness and f.liveness.verdict is Verdict.UNKNOWN for f in counting)
    return statuses.UNKNOWN if unknown and LIVE in words_of(common.fail_on or "") else 0
