"""Asking providers which keys are live: only where the user wants it, never in a hook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from scanner import __version__
from scanner.cli import progress
from scanner.cli.options import Common
from scanner.cli.outcome import LIVE, words_of
from scanner.config import Settings
from scanner.errors import UsageError
from scanner.models import Liveness, Report
from scanner.rules import Rule

if TYPE_CHECKING:
    from scanner.scan import Scanner


def wanted(common: Common, settings: Settings) -> bool:
    """Whether providers are asked: the option decides, and without it the user's own file."""
    return settings.liveness if common.liveness is None else common.liveness


def check(common: Common, scanner: Scanner) -> None:
    """Raises UsageError, before the scan, for what could not be done after it: an endpoint that
    is none, `--fail-on live` without asking."""
    settings = scanner.plan.settings
    asks = wanted(common, settings) or common.liveness_dry_run
    if not asks and LIVE in words_of(common.fail_on or ""):
        raise UsageError("--fail-on live: nobody is asked without --liveness")
    if asks or common.endpoint:
        from scanner.liveness.questions import ask_of

        ask_of((), scanner.rules.by_id(), endpoints(common, settings))


def endpoints(common: Common, settings: Settings) -> dict[str, str]:
    """The addresses that the user gave by provider, the options' before those of their file."""
    from scanner.liveness.questions import endpoint

    of_file = (f"{provider}={base}" for provider, base in settings.endpoints)
    return dict(map(endpoint, (*of_file, *common.endpoint)))


def asked(report: Report, scanner: Scanner, common: Common) -> Report:
    """The report with a verdict on each finding, if that is wanted."""
    if not report.findings or report.interrupted or not wanted(common, scanner.plan.settings):
        return report
    from scanner.liveness.check import Manners, checked
    from scanner.liveness.kept import Kept

    manners = Manners(
        for_all=common.liveness_timeout,
        cache=Kept() if common.cache and common.liveness_cache else None,
        agent=f"keysweep/{__version__} (+liveness check)",
    )
    given = endpoints(common, scanner.plan.settings)
    with progress.shown(common, "Asking providers") as told:
        bar = _steps(told) if told else None
        return checked(report, scanner.rules.by_id(), given, manners, bar)


def _steps(told: progress.Progress) -> Callable[[int, int], None]:
    """What is told how many are done, and of how many, made of what is told the differences."""
    known = (0, 0)

    def step(done: int, total: int) -> None:
        nonlocal known
        told(done - known[0], total - known[1])
        known = done, total

    return step


def listed(report: Report, scanner: Scanner, common: Common) -> Iterator[str]:
    """The lines of `--liveness-dry-run`: what would be sent where, and what would not; no key."""
    from scanner.liveness.questions import NO_CHECK, Question, ask_of, told

    rules: dict[str, Rule] = scanner.rules.by_id()
    found = ask_of(report.findings, rules, endpoints(common, scanner.plan.settings))
    requests = {one for one in found if isinstance(one, Question)}
    reasons = Counter(one.reason for one in found if isinstance(one, Liveness))
    counts = Counter(map(told, requests))
    yield from (f"{_keys(counts[line])}: {line}\n" for line in sorted(counts))
    yield from (
        f"{_keys(reasons[reason])} not asked about: {reason}\n"
        for reason in sorted(reasons, key=lambda reason: (reason == NO_CHECK, reason))
    )
    yield f"{len(requests)} requests; nothing was sent\n"


def _keys(count: int) -> str:
    return f"{count} key" if count == 1 else f"{count} keys"
