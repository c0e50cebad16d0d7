"""All that is to be told of a place: why what stands there is, or is not, a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scanner import cases, rules
from scanner.cases import Case
from scanner.errors import UsageError
from scanner.known import Known, applied
from scanner.models import Blob, Gap, Report, Span, Unseen
from scanner.positions import harmless
from scanner.redaction import hidden
from scanner.rules import Rule
from scanner.scan import Plan, Scanner, run
from scanner.silence import Silence, silence
from scanner.witness import Testimony, Witness

_FEW = 200  # lines up to which each is looked at, when none is asked about


class Where(NamedTuple):
    """What is asked about: a line, perhaps a column of it, both from 1; otherwise all."""

    line: int | None = None
    column: int | None = None

    def meets(self, span: Span) -> bool:
        """Whether something that stands there is meant."""
        if self.line is None:
            return True
        if self.column is None:
            return span.start_line <= self.line <= span.end_line
        return span[:2] <= (self.line, self.column) < span[2:]


class Explanation(NamedTuple):
    """What became of the candidates at a place, and what stands on its lines without any.

    `not_seen` and `skipped` are what a scan does not look at, or not to its end; `notes` say
    what else there is to know of scans of the file.
    """

    path: str
    where: Where
    cases: tuple[Case, ...] = ()
    silences: tuple[Silence, ...] = ()
    not_seen: tuple[Unseen, ...] = ()
    skipped: tuple[Unseen, ...] = ()
    notes: tuple[str, ...] = ()


def explain(
    item: Blob | Gap, where: Where, plan: Plan, known: Known, everything: Plan | None = None
) -> Explanation:
    """What a scan of the item finds and does not find there, and why.

    `everything` is a plan with the rules that are on in `plan` and those that are off, if there
    are any. Raises UsageError for a line that there is not.
    """
    witness = Witness(rules.load(plan.artefact))
    scanner = Scanner(plan, witness)
    report = run(scanner, [item], command="explain", root="")
    by_id = scanner.rules.by_id()
    report = hidden(applied(report, known, by_id, plan.fingerprint_key))
    if isinstance(item, Gap):
        return _gaps(Explanation(item.unseen.what, where), report)
    told = _gaps(Explanation(item.path, where), report)
    heard = witness.heard.get(item.content)
    if heard is None:  # the scan broke off, as the gaps tell
        return told
    _check(where, heard.text, item.path)
    found = [*cases.cases(heard, report), *_off(item.content, plan, everything)]
    found = sorted((one for one in found if where.meets(one.span)), key=lambda one: one.span)
    silences = _silences(heard, where, found, scanner.rules.rules)
    return told._replace(cases=tuple(found), silences=tuple(silences))


def _gaps(told: Explanation, report: Report) -> Explanation:
    return told._replace(not_seen=report.not_seen, skipped=report.skipped)


def _check(where: Where, text: bytes, path: str) -> None:
    count = text.count(b"\n") + (not text.endswith(b"\n") and bool(text))
    if where.line and where.line > count:
        name = harmless(path) or "standard input"
        lines = "1 line" if count == 1 else f"{count} lines"
        raise UsageError(f"{name}:{where.line}: it has {lines}; lines count from 1")


def _off(content: bytes, plan: Plan, everything: Plan | None) -> Iterator[Case]:
    if everything is None:
        return
    witness = Witness(rules.load(everything.artefact))
    witness.detect(content)
    yield from cases.off(witness.heard[content], plan.settings)


def _silences(
    heard: Testimony, where: Where, told: Iterable[Case], looked_for: Iterable[Rule]
) -> Iterator[Silence]:
    """The line asked about, unless a case has a value there; of all lines, those with a value
    that looks like a secret."""
    spoken = {
        line
        for case in told
        if case.redacted is not None
        for line in range(case.span.start_line, case.span.end_line + 1)
    }
    lines = heard.text.split(b"\n")
    if where.line is None and len(lines) > _FEW:
        return
    for number in [where.line] if where.line else range(1, len(lines) + 1):
        if number not in spoken:
            found = silence(number, lines[number - 1], looked_for)
            if found.values or where.line or len(lines) == 1:
                yield found
