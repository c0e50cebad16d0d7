"""The files of other scanners, entry by entry, against what stands in a project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from scanner import foreign
from scanner.adoption import Plan
from scanner.carried import Allow, Carried, Disable, Entry, Exclude, Item, Known, NewRule
from scanner.judge import Judge
from scanner.models import Allowlist, Match, Report
from scanner.pathpatterns import compile_paths
from scanner.rules import RuleSet
from scanner.settling import Ground
from scanner.suppressions import baseline, ignorefile
from scanner.wording import plural


class Outcome(StrEnum):
    """What became of an entry."""

    CARRIED = "carried over"
    NEARLY = "carried over, with a difference"
    PARTLY = "carried over in part"
    IDLE = "carried over, though it hides nothing now"
    GONE = "hides nothing any more, left out"
    NEEDLESS = "not needed, as keysweep reports nothing there"
    LEFT = "not carried over"
    NOTHING = "nothing to carry over"


class Told(NamedTuple):
    """An entry, what became of it, what it came to and what is to be known about it, in lines,
    and what is to be written for it."""

    entry: Entry
    outcome: Outcome
    lines: tuple[str, ...]
    plan: Plan


class File(NamedTuple):
    """A file of another scanner's and what it comes to."""

    path: Path
    carried: Carried


def sound(file: File) -> File:
    """The file without the rules whose patterns hyperscan refuses, which are told of instead."""
    return file._replace(
        carried=file.carried._replace(entries=tuple(map(_sound, file.carried.entries)))
    )


def _sound(entry: Entry) -> Entry:
    items: list[Item] = []
    notes = list(entry.notes)
    refused: set[str] = set()
    for item in entry.items:
        made = foreign.sound(item) if isinstance(item, NewRule) else item
        if isinstance(made, str):
            notes.append(f"the regex is not carried over: {made}")
            refused |= {item.id} if isinstance(item, NewRule) else set()
        elif not (isinstance(made, Allow) and refused & set(made.rules)):
            items.append(made)
    return entry._replace(items=tuple(items), notes=tuple(notes))


def tables(files: Iterable[File]) -> list[tuple[str, dict[str, object]]]:
    """The rules of the files by the scanner they are of; of those with one id, the last."""
    found = {
        item.id: (file.carried.tool, dict(item.table))
        for file in files
        for entry in file.carried.entries
        for item in entry.items
        if isinstance(item, NewRule)
    }
    return list(found.values())


def told(file: File, ground: Ground, rules: RuleSet) -> Iterator[Told]:
    """Each entry of a file and what becomes of it; `rules` are ours and those carried over."""
    for entry in file.carried.entries:
        notes = list(entry.notes)
        results = [_result(item, file, entry, ground, rules, notes) for item in entry.items]
        plan = merged([one for result in results for one in result.plans])
        lines = dict.fromkeys([*(line for result in results for line in result.lines), *notes])
        yield Told(entry, _outcome(results, notes), tuple(lines), plan)


class _Result(NamedTuple):
    outcome: Outcome
    lines: tuple[str, ...]
    plans: tuple[Plan, ...] = ()


def _outcome(results: Sequence[_Result], notes: Sequence[str]) -> Outcome:
    found = {result.outcome for result in results}
    if not found:
        return Outcome.LEFT if notes else Outcome.NOTHING
    if found <= {Outcome.CARRIED, Outcome.IDLE} and notes:
        return Outcome.NEARLY
    if len(found) == 1:
        return found.pop()
    if found == {Outcome.CARRIED, Outcome.IDLE}:
        return Outcome.CARRIED
    return Outcome.PARTLY


def _result(  # noqa: PLR0913, PLR0917 - one entry of one file, and all that it is held against
    item: Item, file: File, entry: Entry, ground: Ground, rules: RuleSet, notes: list[str]
) -> _Result:
    where = f"{file.path.name}, {entry.where}"
    match item:
        case Exclude(pattern):
            return _excluded(pattern, ground)
        case Disable():
            found = foreign.disabled(item, notes)
            lines = (f"disable = {', '.join(found)}",) if found else ()
            outcome = Outcome.CARRIED if found else Outcome.LEFT
            return _Result(outcome, lines, (Plan(disable=found),) if found else ())
        case NewRule():
            lines = (f"rule {item.id}",)
            plan = Plan(rules=((file.carried.tool, dict(item.table)),))
            return _Result(Outcome.CARRIED, lines, (plan,))
        case Allow():
            allowlists = foreign.allowlist(item, where, notes)
            return _allowed(allowlists, ground, rules)
        case Known():
            return _known(item, where, ground, rules)


def _excluded(pattern: str, ground: Ground) -> _Result:
    named = compile_paths([pattern])
    count = sum(map(named, ground.paths))
    outcome = Outcome.CARRIED if count or pattern.startswith("!") else Outcome.IDLE
    return _Result(
        outcome, (f"exclude {pattern}: {plural(count, 'file')} here",), (Plan(exclude=(pattern,)),)
    )


def _allowed(allowlists: Sequence[Allowlist], ground: Ground, rules: RuleSet) -> _Result:
    if not allowlists:
        return _Result(Outcome.LEFT, ())
    count = _covered(ground.report, Judge(rules, allowlists))
    kinds = ("paths", "path_regexes", "regexes", "line_regexes")
    lines = tuple(
        f"allowlist by {', '.join(kind for kind in kinds if getattr(one, kind))}"
        + (f" for {', '.join(one.rules)}" if one.rules else "")
        for one in allowlists
    )
    lines = (*lines[:-1], f"{lines[-1]}: hides {plural(count, 'finding')} here")
    outcome = Outcome.CARRIED if count else Outcome.IDLE
    return _Result(outcome, lines, (Plan(allowlists=tuple(allowlists)),))


def _covered(report: Report, judge: Judge) -> int:
    """How many findings of a report have a place that a judge's allowlists cover."""
    return sum(
        any(
            judge.allowed(
                Match(one.rule_id, one.secret, place.span, place.excerpt, place.decoded),
                place.path or None,
            )
            for place in one.places
        )
        for one in report.findings
    )


def _known(item: Known, where: str, ground: Ground, rules: RuleSet) -> _Result:
    settled = ground.settle(item)
    if not settled.findings:
        outcome = Outcome.LEFT
        if not item.doubt and settled.gone:
            outcome = Outcome.GONE
        elif not item.doubt and settled.needless:
            outcome = Outcome.NEEDLESS
        reason = f"{settled.reason}; {item.doubt}" if item.doubt else settled.reason
        return _Result(outcome, (reason,))
    fingerprints = tuple(dict.fromkeys(one.fingerprint for one in settled.findings))
    what = ", ".join(dict.fromkeys(one.rule_id for one in settled.findings))
    if item.accepted:
        entry = ignorefile.Entry(f"carried over from {where}", fingerprints)
        lines = tuple(f"ignore {name} ({what})" for name in fingerprints)
        return _Result(Outcome.CARRIED, lines, (Plan(ignores=(entry,)),))
    report = ground.report._replace(findings=settled.findings)
    known = baseline.open_entries(report, rules.by_id())
    if not known:
        return _Result(Outcome.CARRIED, ("a marker in the file hides it already",))
    lines = tuple(f"baseline {one.fingerprint} ({what})" for one in known)
    return _Result(Outcome.CARRIED, lines, (Plan(known=known),))


def merged(plans: Sequence[Plan]) -> Plan:
    """Several plans as one, each thing once."""
    fields = {
        name: tuple(one for plan in plans for one in getattr(plan, name)) for name in Plan._fields
    }
    once = {name: tuple(dict.fromkeys(fields[name])) for name in Plan._fields if name != "rules"}
    return Plan(rules=fields["rules"], **once)
