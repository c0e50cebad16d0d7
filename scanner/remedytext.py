"""A plan for the secrets of a report as text, Markdown or JSON."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from scanner.models import Kind
from scanner.positions import harmless
from scanner.remedies import Came, Remedy, Spot
from scanner.wording import is_live, liveness, plural

SCHEMA_VERSION = 1
_MOST = 8  # paths, commits or refs named of a kind


class Plan(NamedTuple):
    """The remedies in their order, the report's name, and whether it tells of the history."""

    remedies: Sequence[Remedy]
    report: str
    history: bool


class Step(NamedTuple):
    """A step of the order to do things in: its title, and what is done."""

    title: str
    text: tuple[str, ...]


def steps(plan: Plan) -> list[Step]:
    """The order to do it in."""
    name = "REPORT" if plan.report == "standard input" else shlex.quote(plan.report)
    return [
        Step("Rotate first", (
            "Make a new key at each provider, put it where the programs run, then revoke the old "
            "one. Whoever read the old key can use it until then, whatever becomes of the files.",
        )),
        Step("Replace", (
            "Take the keys out of the files, and let the programs read them from the environment "
            "or a secret store. Where that is mechanical:",
            f"$ keysweep remediate {name} --apply",
        )),
        Step("Rewrite the history, only if it must be", (
            "A revoked key in the history opens nothing, and rewriting changes the ids of all "
            "commits from there on. Where it has to be, write the secrets into a file outside:",
            f"$ keysweep remediate {name} --expressions ../secrets.txt --show-secrets",
            "and in a fresh clone from the server (`git clone --mirror URL`) beside this one:",
            "$ git filter-repo --replace-text ../secrets.txt --replace-message ../secrets.txt",
            "$ keysweep history .",
            "Then delete that file. Names of files, refs and people, and files with null bytes, "
            "are left as they are.",
        )),
        Step("Invalidate what has the old history", (
            "Push all branches and tags by force, delete those that are not needed, and drop "
            "stashes and notes that hold a secret.",
            "Pull requests (refs/pull/*), forks and cached pages of commits on the server stay: "
            "ask the server's support to remove them, and the owners of forks to delete those.",
            "All others clone anew, and delete their old clones; build machines and mirrors drop "
            "their caches. A merge from an old clone brings the secret back.",
        )),
    ]  # fmt: skip


def text(plan: Plan) -> Iterator[str]:
    """The plan for a terminal, line by line with line ends; no control characters."""
    for number, remedy in enumerate(plan.remedies, 1):
        yield f"{number}. {_title(remedy)}\n"
        for label, lines in _sections(remedy, plan):
            yield f"   {label}\n"
            yield from (f"     {harmless(line)}\n" for line in lines)
        yield "\n"
    if plan.remedies:
        yield "The order\n"
        for number, step in enumerate(steps(plan), 1):
            yield f"  {number}. {step.title}\n"
            yield from (f"       {harmless(line)}\n" for line in step.text)
        yield "\n"
    yield from (f"{line}\n" for line in _end(plan))


def markdown(plan: Plan) -> Iterator[str]:
    """The plan as GitHub's Markdown, with boxes to tick."""
    yield "# What to do about the secrets found\n\n"
    for number, remedy in enumerate(plan.remedies, 1):
        yield f"## {number}. {_escaped(_title(remedy))}\n\n"
        for label, lines in _sections(remedy, plan):
            box = "- [ ] " if label.startswith(("Rotate", "Stands now")) else "- "
            yield f"{box}**{label}**\n"
            yield from (f"  - {_escaped(line)}\n" for line in lines)
        yield "\n"
    if plan.remedies:
        yield "## The order\n\n"
        for number, step in enumerate(steps(plan), 1):
            yield f"{number}. **{step.title}**\n"
            for line in step.text:
                yield f"   - {_command(line) or _escaped(line)}\n"
        yield "\n"
    yield from (f"{_escaped(line)}\n" for line in _end(plan))


def _command(line: str) -> str | None:
    code = harmless(line[2:]).replace("`", "'")
    return f"`{code}`" if line.startswith("$ ") else None


def _escaped(line: str) -> str:
    """A line in which nothing is Markdown or HTML."""
    special = "\\`*_{}[]<>#|~&"
    return "".join(f"\\{c}" if c in special else c for c in harmless(line))


def document(plan: Plan) -> Iterator[str]:
    """The plan as one JSON object."""
    content = {
        "type": "plan",
        "schema_version": SCHEMA_VERSION,
        "history": plan.history,
        "remedies": [_object(remedy) for remedy in plan.remedies],
        "order": [step._asdict() for step in steps(plan)],
    }
    yield json.dumps(content, indent=2, ensure_ascii=True) + "\n"


def _object(remedy: Remedy) -> dict[str, Any]:
    one, finding = remedy.reported, remedy.reported.finding
    return {
        "rule_id": finding.rule_id,
        "description": one.description,
        "severity": one.severity,
        "redacted": finding.secret.redacted,
        "fingerprint": finding.fingerprint,
        "live": finding.liveness.verdict if finding.liveness else None,
        "rotate": one.remediation,
        "references": list(remedy.references),
        "variable": remedy.variable,
        "now": [spot._asdict() for spot in remedy.now],
        "history": [came._asdict() for came in remedy.history],
        "refs": {sort: list(names) for sort, names in remedy.refs},
        "more_refs": remedy.more_refs,
        "carriers": list(remedy.carriers),
    }


FORMATS: dict[str, Callable[[Plan], Iterator[str]]] = {
    "text": text,
    "markdown": markdown,
    "json": document,
}


def _title(remedy: Remedy) -> str:
    one = remedy.reported
    live = "LIVE  " if is_live(one.finding) else ""
    name = f"{one.description} {one.finding.secret.redacted}  [{one.finding.rule_id}]"
    return harmless(f"{live}{one.severity}  {name}")


def _sections(remedy: Remedy, plan: Plan) -> Iterator[tuple[str, list[str]]]:
    """What a plan says about one secret: headings and their lines."""
    one = remedy.reported
    told = [liveness(one.finding.liveness)] if one.finding.liveness else []
    links = [f"See {link}" for link in remedy.references]
    yield "Rotate it first", [*told, one.remediation, *links]
    if remedy.now:
        yield "Stands now", _some([_spot(spot) for spot in remedy.now])
    elif plan.history:
        yield "Stands in no file of the current tree", []
    if remedy.history:
        yield f"In the history: {_in_history(remedy)}", _some(list(map(_came, remedy.history)))
    if remedy.carriers:
        yield "Not in a file, so no edit takes it out", _some(list(remedy.carriers))
    for sort, names in remedy.refs:
        yield f"Still held by {sort}", _some(list(names))
    if remedy.more_refs:
        yield f"and by {remedy.more_refs} more refs", []


def _in_history(remedy: Remedy) -> str:
    lost = remedy.unreachable
    told = f", {lost} of them unreachable but still in the repository" if lost else ""
    return plural(len({came.commit for came in remedy.history}), "commit") + told


def _spot(spot: Spot) -> str:
    line = f":{spot.line}" if spot.line else ""
    instead = f"  {spot.instead}" if spot.instead else ""
    return f"{spot.path or '(standard input)'}{line}{instead}"


def _came(came: Came) -> str:
    lost = "" if came.reachable else "  unreachable"
    return f"{came.commit[:12]}  {came.date}  {came.where}{lost}"


def _some(lines: list[str]) -> list[str]:
    more = len(lines) - _MOST
    return [*lines[:_MOST], *([f"and {more} more"] if more > 0 else [])]


def _end(plan: Plan) -> Iterator[str]:
    """How many secrets there are, and what this report cannot tell."""
    places = [place for r in plan.remedies for place in r.reported.finding.places]
    yield f"{plural(len(plan.remedies), 'secret')} to see to"
    if not plan.history and any(p.kind is Kind.FILE and not p.commit for p in places):
        yield (
            "This report tells of files only: one of `keysweep history` also tells which commits "
            "and refs hold them."
        )
