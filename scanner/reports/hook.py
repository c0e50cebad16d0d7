"""What a git hook tells when it stops something: where, what to do, how to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from scanner import wording
from scanner.models import Finding, Kind, Place, Report
from scanner.positions import harmless
from scanner.rules import Rule

_MOST = 20  # findings shown, and things not seen
_MOST_PLACES = 3
_HELD = 12  # characters of an id
_ENVIRONMENT = "Move it to the environment or a secret store, and read it from there."
_ROTATE = "If it was ever pushed or shared, rotate it: `keysweep rules show {rule}` tells how."
_AMEND = "Take it out of the commit that added it (`git rebase -i {commit}~1`)."
_ALLOW = "No secret, or accepted? Put `keysweep:allow <reason>` in a comment on that line"
_BROUGHT = "what came with this push, which does not count here"
_LAST = "As a last resort, `--no-verify` skips every hook; checks after the push see it still.\n"
_SEEN = "To go on although something was not seen, set KEYSWEEP_ALLOW_INCOMPLETE=1.\n"


class Advice(NamedTuple):
    """What is stopped, what to do with a secret in it, and how to go on."""

    stopped: str
    steps: tuple[str, str, str]
    onward: str


ADVICE = {
    "pre-commit": Advice(
        "this commit",
        (_ENVIRONMENT, _ROTATE, f"{_ALLOW}."),
        f"Then `git add` what you changed, and commit again.\n{_LAST}",
    ),
    # Files asked for by name outside of a commit, as `pre-commit run --all-files` does.
    "files": Advice(
        "here",
        (_ENVIRONMENT, _ROTATE, f"{_ALLOW}."),
        "What is committed already stays in the history: `keysweep history` tells where.\n",
    ),
    "commit-msg": Advice(
        "this commit",
        ("Take it out of the message.", _ROTATE, f"{_ALLOW.replace(' in a comment', '')}."),
        f"The message is kept: `git commit -e -F {{path}}` goes on with it.\n{_LAST}",
    ),
    "pre-push": Advice(
        "this push",
        (_AMEND, _ROTATE, f"{_ALLOW} of that commit, or an entry in .keysweepignore."),
        f"Then push again; a commit on top that deletes it would still send it.\n{_LAST}",
    ),
    "pre-receive": Advice(
        "this push",
        (
            _AMEND,
            "Rotate it if it was ever pushed before. {remediation}",
            "No secret, or accepted? Ask whoever runs this server to allow it.",
        ),
        "Then push again; a commit on top that deletes it would still send it.\n",
    ),
}


def render(
    report: Report, rules: Mapping[str, Rule], fails: Callable[[Finding, Rule], bool], stage: str
) -> Iterator[str]:
    """The lines to show, each with its line end; `stage` is a key of `ADVICE`.

    `fails` tells which findings stop it.
    """
    open_findings = [f for f in report.findings if not f.suppressed]
    stopping = [f for f in open_findings if fails(f, rules[f.rule_id])]
    advice = ADVICE[stage]
    yield f"keysweep stopped {advice.stopped}: {_why(len(stopping), len(report.not_seen))}\n\n"
    for finding in stopping[:_MOST]:
        yield from _finding(finding, rules[finding.rule_id])
    if len(stopping) > _MOST:
        yield f"  ... and {len(stopping) - _MOST} more\n\n"
    yield from (f"  not seen: {line}\n" for line in wording.unseen(report.not_seen, _MOST))
    yield "\n" if report.not_seen else ""
    if not stopping:
        yield _SEEN
        return
    place = _places(stopping[0])[0]
    words = {
        "rule": stopping[0].rule_id,
        "remediation": harmless(rules[stopping[0].rule_id].remediation),
        "commit": place.commit.id[:_HELD] if place.commit else "COMMIT",
        "path": harmless(place.path),
    }
    for number, step in enumerate(advice.steps, 1):
        yield f"  {number}. {step.format_map(words)}\n"
    yield "\n" + advice.onward.format_map(words)


def _why(secrets: int, gaps: int) -> str:
    parts = [wording.plural(secrets, "secret")] if secrets else []
    parts += [f"{wording.plural(gaps, 'thing')} not seen"] if gaps else []
    return " and ".join(parts) or "interrupted"


def _places(finding: Finding) -> list[Place]:
    return [place for place in finding.places if not place.suppressed]


def _finding(finding: Finding, rule: Rule) -> Iterator[str]:
    first, *others = _places(finding)
    yield f"  {_position(first)}  {harmless(rule.description)}  [{rule.id}]\n"
    yield f"      {first.excerpt.text}\n"
    if first.distrusted:
        yield f"      {wording.set_aside(first.distrusted, _BROUGHT)}\n"
    if first.commit:
        subject = harmless(first.commit.subject)
        yield f"      added by {first.commit.id[:_HELD]} {subject}\n"
    if others:
        more = f" and {n} more" if (n := len(others) - _MOST_PLACES) > 0 else ""
        yield f"      also in {', '.join(map(_position, others[:_MOST_PLACES]))}{more}\n"
    yield "\n"


def _position(place: Place) -> str:
    where = f"{harmless(place.path)}:{place.span.start_line}:{place.span.start_column}"
    return where if place.kind == Kind.FILE else f"{where} ({place.kind})"
