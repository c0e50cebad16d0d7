"""The baseline: findings that were there when a project began to scan, one a line.

A line holds fingerprint, family and the path where the secret stood when it was added. The path
is for readers only and never changes, so that moved files and lines change nothing here. Lines
are in order and have no dates, so that git's union merge joins what two branches did.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from scanner.errors import ConfigError
from scanner.models import Finding, Kind, Report
from scanner.positions import harmless
from scanner.redaction import hidden
from scanner.rules import Rule

FILE = ".keysweep.baseline"
ATTRIBUTE = "merge=union"  # gitattributes(5): lines of both sides are taken
BY = "baseline"

_VERSION = 1
_NAME = "# keysweep baseline v"
_HISTORY = "# covers: history"
_ABOUT = "# Known findings. `keysweep baseline update` drops those that are gone."
_HEADER = re.compile(re.escape(_NAME) + r"(\d+)\s*")
_ENTRY = re.compile(r"(v1:[0-9a-f]{32}) (\S+) (\S.*)")
_OTHER = re.compile(r"v\d+:[0-9a-f]+ ")
_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
_NOWHERE = "-"  # for a secret that stands in no path that may be told
_MOST_PROBLEMS = 20


class Entry(NamedTuple):
    """A known secret: its fingerprint, its family, and where it stood when it was added."""

    fingerprint: str
    family: str
    path: str


class Baseline(NamedTuple):
    """What a baseline file holds: the number of each line with its entry, and the comments
    below the header, without their line ends.

    With `history`, it was made of all that the repository holds, and not of its files alone.
    """

    lines: tuple[tuple[int, Entry], ...] = ()
    comments: tuple[str, ...] = (_ABOUT,)
    history: bool = False
    name: str = FILE

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries in the order of the file."""
        return tuple(entry for _, entry in self.lines)


def parse(content: bytes, path: str) -> Baseline:
    """The baseline that a file holds; `path` is for messages.

    Raises ConfigError, which names every line, for what is no baseline, is cut off or was
    written by a later version.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: not a baseline of keysweep: no UTF-8 text"]) from error
    _check_header(text, path)
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    if lines.pop():
        raise ConfigError(
            [f"{path}:{len(lines) + 1}: the last line is cut off; take the file from git again"]
        )
    problems = list(_problems(lines, path))
    if problems:
        raise ConfigError(problems[:_MOST_PROBLEMS])
    found = ((number, _ENTRY.fullmatch(line)) for number, line in enumerate(lines, 1))
    comments = dict.fromkeys(line for line in lines[1:] if line.startswith("#"))
    return Baseline(
        tuple((number, Entry(*match.groups())) for number, match in found if match),
        tuple(line for line in comments if line != _HISTORY and not _HEADER.fullmatch(line)),
        _HISTORY in comments,
        path.replace("\\", "/").rpartition("/")[2],
    )


def _check_header(text: str, path: str) -> None:
    header = _HEADER.fullmatch(text.partition("\n")[0])
    if header is None:
        raise ConfigError(
            [
                f"{path}:1: not a baseline of keysweep, which begins with `{_NAME}{_VERSION}`; "
                "`keysweep baseline create` makes one"
            ]
        )
    if int(header[1]) != _VERSION:
        raise ConfigError([f"{path}:1: made by a later version of keysweep; install that one"])


def _problems(lines: Iterable[str], path: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#") or _ENTRY.fullmatch(line):
            continue
        remedy = "write `v1:<32 hex digits> <family> <path>`, or take the file from git again"
        if line.startswith(_CONFLICT):
            remedy = f"a merge left it; take both sides' lines, and put `{FILE} {ATTRIBUTE}` into "
            remedy += ".gitattributes"
        elif _OTHER.match(line):
            remedy = "it is of a later version of keysweep, or cut off"
        yield f"{path}:{number}: not an entry: {remedy}"


def render(baseline: Baseline) -> bytes:
    """The file's content, in order, each secret once."""
    covers = [_HISTORY] if baseline.history else []
    entries = [" ".join(entry) for entry in tidy(baseline.entries)]
    lines = [f"{_NAME}{_VERSION}", *covers, *baseline.comments, *entries]
    return "".join(f"{line}\n" for line in lines).encode()


def holding(entries: Iterable[Entry], like: Baseline) -> Baseline:
    """A baseline with these entries, otherwise like another."""
    return like._replace(lines=tuple(enumerate(tidy(entries), 1)))


def tidy(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries in order, and of those with one fingerprint the first."""
    found: dict[str, Entry] = {}
    for entry in sorted(entries):
        found.setdefault(entry.fingerprint, entry)
    return tuple(found.values())


def open_entries(report: Report, rules: Mapping[str, Rule]) -> tuple[Entry, ...]:
    """An entry for each finding of a report that nothing suppresses."""
    return tidy(
        Entry(finding.fingerprint, rules[finding.rule_id].family, _path(finding, told))
        for finding, told in zip(report.findings, hidden(report).findings, strict=True)
        if not finding.suppressed
    )


def _path(finding: Finding, told: Finding) -> str:
    """Where it stands first, unless that path tells a secret; `told` is it without secrets."""
    for place, shown in zip(finding.places, told.places, strict=True):
        if place.path and place.path == shown.path and place.kind is not Kind.FILE_NAME:
            return encoded(place.path)
    return _NOWHERE


def encoded(path: str) -> str:
    """A path of a report with what would break its line percent-encoded."""
    text = "".join(c if harmless(c) == c else _percent(c) for c in path)
    inner = text.strip()
    start = text.index(inner)
    return _percent(text[:start]) + inner + _percent(text[start + len(inner) :]) or _NOWHERE


def _percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogateescape"))
