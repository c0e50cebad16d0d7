"""A report with verdicts: which of the keys that were found are live."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from typing import NamedTuple

from scanner.liveness.client import Client
from scanner.liveness.inquiry import Bounds, Inquiry
from scanner.liveness.kept import Kept
from scanner.liveness.questions import Question, ask_of
from scanner.models import Liveness, Report, Verdict
from scanner.rules import Rule

INTERRUPTED = "interrupted"


class Manners(NamedTuple):
    """How a run asks: seconds for one request and for all, how many at once to one server and in
    all, the results of earlier runs where they may be used, and what we say we are."""

    for_request: float = 10.0
    for_all: float = 300.0
    cache: Kept | None = None
    per_host: int = 16
    overall: int = 64
    agent: str = "keysweep (+liveness check)"


def checked(
    report: Report,
    rules: Mapping[str, Rule],
    endpoints: Mapping[str, str],
    manners: Manners,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """The report with the liveness of each finding, each distinct key asked about once.

    `rules` are by id, `endpoints` by provider (see `questions.endpoint`); `progress` gets how
    many questions are done, and of how many. When the user interrupts it, the report says so
    and has what was learnt until then. Raises UsageError for an endpoint of an unknown provider,
    and where the environment names certificates that cannot be read.
    """
    asked = ask_of(report.findings, rules, endpoints)
    known: dict[Question, Liveness] = {}
    questions = list(dict.fromkeys(one for one in asked if isinstance(one, Question)))
    interrupted = False
    try:
        with closing(_answers(questions, manners)) as answers:
            for question, liveness in answers:
                known[question] = liveness
                if progress:
                    progress(len(known), len(questions))
    except KeyboardInterrupt:
        interrupted = True
    unasked = Liveness(Verdict.NOT_CHECKED, INTERRUPTED)
    findings = tuple(
        finding._replace(liveness=one if isinstance(one, Liveness) else known.get(one, unasked))
        for finding, one in zip(report.findings, asked, strict=True)
    )
    return report._replace(findings=findings, interrupted=report.interrupted or interrupted)


def _answers(questions: list[Question], manners: Manners) -> Generator[tuple[Question, Liveness]]:
    """What is still known of earlier runs, then what the providers say."""
    recalled = _recalled(questions, manners.cache)
    yield from recalled.items()
    left = [question for question in questions if question not in recalled]
    if not left:
        return
    bounds = Bounds(manners.for_request, manners.for_all, manners.per_host, manners.overall)
    with closing(Client(manners.agent)) as client:
        try:
            for question, liveness in Inquiry(left, client.ask, bounds).learnt():
                if manners.cache:
                    manners.cache.learn(question, liveness)
                yield question, liveness
        finally:
            if manners.cache:
                manners.cache.save()


def _recalled(questions: list[Question], cache: Kept | None) -> dict[Question, Liveness]:
    if cache is None:
        return {}
    pairs = ((question, cache.recall(question)) for question in questions)
    return {question: liveness for question, liveness in pairs if liveness}
