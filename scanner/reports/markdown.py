"""Markdown as GitHub shows it in a step summary or a comment: a heading, a table, the gaps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from scanner import wording
from scanner.models import Commit, Report, Unseen
from scanner.positions import harmless
from scanner.rules import Rule
from scanner.wording import Occurrence

# GitHub drops a step's summary over 1 MiB as a whole; other commands of the step may write to
# it too.
LIMIT = 1_000_000  # bytes of UTF-8
_MOST_UNSEEN = 20  # names told for one reason
_COLUMNS = ("Severity", "Rule", "Secret", "Where", "Commit", "What to do")
_HEADER = f"| {' | '.join(_COLUMNS)} |\n|{' --- |' * len(_COLUMNS)}\n"
# Inside a code span nothing is special but the backtick, and the bar that ends a table's cell;
# renderers disagree on a bar after a backslash, so neither is left to them.
_CODE = {ord("`"): "\\x60", ord("|"): "\\x7c"}
_URL = re.compile(r"(https://[^\s<>|`\\\"']*[^\s<>|`\\\"'.,;:()])")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#!|~$&])")
_MENTION = "@&#8203;"  # a space of no width, and GitHub takes what follows for nobody's name


def render(report: Report, rules: Mapping[str, Rule], _version: str) -> Iterator[str]:
    """The places that count, the worst first, and what was not seen; at most LIMIT bytes.

    What does not fit is counted instead. Names and excerpts cannot break out of their cell.
    """
    head = [f"## keysweep: {wording.found(report, rules)}\n\n"]
    if text := wording.incomplete(report):
        head.append(f"**{text}**\n\n")
    places = wording.worst_first(report, rules)
    rows = [_row(occurrence, rules[occurrence.finding.rule_id]) for occurrence in places]
    tail = [*_gaps("Not seen", report.not_seen), *_gaps("Skipped by policy", report.skipped)]
    tail = list(_cut(tail, LIMIT // 2))
    head += [_HEADER] if rows else []
    yield from head
    yield from _cut(rows, LIMIT - _size(head) - _size(tail))
    yield from tail


def _row(occurrence: Occurrence, rule: Rule) -> str:
    finding, place = occurrence
    notes = wording.circumstances(finding, place._replace(commit=None))
    cells = (
        f"**LIVE** {rule.severity}" if wording.is_live(finding) else rule.severity,
        f"{_plain(rule.description)} {_code(rule.id)}",
        _code(finding.secret.redacted),
        "<br>".join(map(_code, [wording.where(place), *notes])),
        _commit(place.commit) if place.commit else "",
        _plain(rule.remediation),
    )
    return f"| {' | '.join(cells)} |\n"


def _commit(commit: Commit) -> str:
    return _code(commit.id[:12]) + ("" if commit.reachable else " unreachable")


def _gaps(title: str, items: Iterable[Unseen]) -> Iterator[str]:
    for number, text in enumerate(wording.unseen(items, _MOST_UNSEEN)):
        if not number:
            yield f"\n### {title}\n\n"
        yield f"- {_code(text)}\n"


def _cut(lines: list[str], limit: int) -> Iterator[str]:
    """As many of the lines as fit into `limit` bytes, and how many do not."""
    left = limit if _size(lines) <= limit else limit - _size([_left_out(len(lines))])
    for number, line in enumerate(lines):
        left -= _size([line])
        if left < 0:
            yield _left_out(len(lines) - number)
            return
        yield line


def _left_out(count: int) -> str:
    return f"\n**{wording.plural(count, 'more line')} left out: GitHub shows 1 MB.**\n"


def _size(lines: list[str]) -> int:
    return sum(len(line.encode("utf-8", "backslashreplace")) for line in lines)


def _code(text: str) -> str:
    """A code span that holds whatever text there is."""
    return f"`{harmless(text).translate(_CODE) or ' '}`"


def _plain(text: str) -> str:
    """Text as it is, with its links: no markup, no HTML, nobody called."""
    pieces = _URL.split(harmless(text))
    return "".join(
        f"<{piece}>" if number % 2 else _SPECIAL.sub(r"\\\1", piece).replace("@", _MENTION)
        for number, piece in enumerate(pieces)
    )
