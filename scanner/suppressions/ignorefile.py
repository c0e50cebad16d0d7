"""The ignore file: findings that somebody decided to live with, each with a reason.

An entry is a line of `key:value` words, quoted as in a shell where they hold spaces, and at the
end `reason:` with the rest of the line:

    fingerprint:v1:<32 hex digits> owner:ada until:2027-01-31 reason: revoked, kept for a test
    rule:json-web-token path:'docs/**' reason: made up for the manual

All keys that are given must hold; of several values of one key, any. `path` values are gitignore
patterns. An entry holds up to and including the day `until`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from scanner.errors import ConfigError
from scanner.pathpatterns import check, compile_paths

FILE = ".keysweepignore"
BY = "ignore-file"

_FINGERPRINT = re.compile(r"v1:[0-9a-f]{32}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# Characters, and strings in quotes; no text matches in two ways.
_WORD = re.compile(r"""(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+""")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SPACE = re.compile(r"\s*")
_REASON = "reason:"
_NAMING = ("fingerprint", "rule", "path")  # at least one of them is needed
_ONCE = ("owner", "until")
_MOST = 10_000  # entries
_MOST_PROBLEMS = 20


class Entry(NamedTuple):
    """Which findings are ignored, why, on whose word and until which day; `line` from 1."""

    reason: str
    fingerprints: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    owner: str | None = None
    until: date | None = None
    line: int = 0


def parse(content: bytes, path: str) -> tuple[Entry, ...]:
    """The entries of an ignore file; `path` is for messages.

    Raises ConfigError, which names every line with an unknown key, no reason, nothing to
    ignore, a bad value or a bad pattern.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: not an ignore file of keysweep: no UTF-8 text"]) from error
    found: list[Entry] = []
    problems: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            found.append(_entry(line.strip())._replace(line=number))
        except ValueError as error:
            problems.append(f"{path}:{number}: {error}")
    if len(found) > _MOST:
        problems.append(f"{path}: more than {_MOST} entries; a baseline is made for so many")
    if problems:
        raise ConfigError(problems[:_MOST_PROBLEMS])
    return tuple(found)


def _entry(line: str) -> Entry:
    """The entry of one line; raises ValueError, which tells what is wrong and the remedy."""
    words, reason = _words(line)
    values: dict[str, list[str]] = {key: [] for key in (*_NAMING, *_ONCE)}
    for word in words:
        key, value = _pair(word)
        values[key].append(value)
    if not reason:
        raise ValueError("no reason is given; end the line with `reason: why it may stay`")
    if not any(values[key] for key in _NAMING):
        raise ValueError("it would ignore everything; give fingerprint:, rule: or path:")
    fingerprints, rules, paths = (tuple(values[key]) for key in _NAMING)
    for value in fingerprints:
        if not _FINGERPRINT.fullmatch(value):
            raise ValueError(f"{value!r} is no fingerprint: v1: and 32 hex digits")
    _check_paths(paths)
    owner, until = (_only(key, values[key]) for key in _ONCE)
    return Entry(reason, fingerprints, rules, paths, owner, _day(until) if until else None)


def _pair(word: str) -> tuple[str, str]:
    key, _, value = word.partition(":")
    if key not in (*_NAMING, *_ONCE):
        known = ", ".join(f"{name}:" for name in (*_NAMING, *_ONCE))
        raise ValueError(f"unknown key {key!r}; known: {known}, and reason: at the end")
    if not value:
        raise ValueError(f"{key}: has no value; write {key}:VALUE")
    return key, value


def _only(key: str, values: Sequence[str]) -> str | None:
    if len(values) > 1:
        raise ValueError(f"{key}: is given twice")
    return values[0] if values else None


def _words(line: str) -> tuple[list[str], str]:
    """The words before the reason, without their quotes, and the reason."""
    found: list[str] = []
    at = 0
    while at < len(line):
        if line.startswith(_REASON, at):
            return found, line[at + len(_REASON) :].strip()
        word = _WORD.match(line, at)
        if word is None:
            raise ValueError("a quote is not closed, or a backslash is the last character")
        found += shlex.split(word[0])
        space = _SPACE.match(line, word.end())
        at = space.end() if space else word.end()
    return found, ""


def _check_paths(patterns: Sequence[str]) -> None:
    for pattern in patterns:
        try:
            check(pattern)
        except ValueError as error:
            raise ValueError(f"path:{pattern!r}: {error}") from error
    if patterns and all(pattern.startswith(("!", "#")) for pattern in patterns):
        raise ValueError("path: names nothing; a pattern with `!` takes back what one before named")


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:  # the 31st of February
        day = None
    if day is None:
        raise ValueError(f"until:{text}: no such day; write it as YYYY-MM-DD")
    return day


def line(entry: Entry) -> str:
    """The line, without its end, that `parse` makes this entry of.

    Raises ValueError when there is none, as for a reason of several lines.
    """
    words = [
        *(f"fingerprint:{value}" for value in entry.fingerprints),
        *(f"rule:{shlex.quote(value)}" for value in entry.rules),
        *(f"path:{shlex.quote(value)}" for value in entry.paths),
        *([f"owner:{shlex.quote(entry.owner)}"] if entry.owner else []),
        *([f"until:{entry.until.isoformat()}"] if entry.until else []),
        f"{_REASON} {entry.reason}",
    ]
    found = " ".join(words)
    if "\n" in found or _entry(found) != entry._replace(line=0):
        raise ValueError("an entry is one line, and its reason begins and ends with no space")
    return found


def with_line(content: bytes, line: str) -> bytes:
    """The content of an ignore file with a line at its end; no other line changes."""
    end = b"\r\n" if b"\r\n" in content else b"\n"
    between = end if content and not content.endswith(b"\n") else b""
    return content + between + line.encode() + end


def without_line(content: bytes, line: str) -> bytes | None:
    """The content without the last line that reads so; nothing when there is none."""
    lines = content.splitlines(keepends=True)
    for number in reversed(range(len(lines))):
        if lines[number].rstrip(b"\r\n") == line.encode():
            return b"".join(lines[:number] + lines[number + 1 :])
    return None


def pattern_of(path: str) -> str:
    """The gitignore pattern that names this path of a report, and no other unless it holds
    control characters: a line break cannot be written."""
    path = _CONTROL.sub("\0", path)
    end = len(path.rstrip())  # spaces behind it would be no part of the pattern
    special = re.sub(r"[\\*?\[\]]", lambda found: f"\\{found[0]}", path[:end])
    return f"/{special}{''.join(f'[{space}]' for space in path[end:])}".replace("\0", "?")


class Ignores:
    """Entries made ready, asked for each finding and place."""

    def __init__(self, entries: Sequence[Entry], *, hostile: bool = False) -> None:
        """`hostile` entries come from somebody who may want to keep us busy."""
        self._hostile = hostile
        self._named: dict[str, list[Entry]] = {}
        self._of_rules: dict[str, list[Entry]] = {}
        self._of_paths = [e for e in entries if not e.fingerprints and not e.rules]
        for entry in entries:
            table, keys = (
                (self._named, entry.fingerprints)
                if entry.fingerprints
                else (self._of_rules, entry.rules)
            )
            for key in dict.fromkeys(keys):
                table.setdefault(key, []).append(entry)
        self._tests: dict[tuple[str, ...], Callable[[str], bool]] = {}

    def about(self, names: Collection[str], rule_id: str) -> list[Entry]:
        """The entries that hold for a secret with these fingerprints, found by this rule, at
        some paths at least; in the order of the file."""
        found = [e for name in names for e in self._named.get(name, ())]
        found = [e for e in found if not e.rules or rule_id in e.rules]
        found += [*self._of_rules.get(rule_id, ()), *self._of_paths]
        return sorted(dict.fromkeys(found), key=lambda entry: entry.line)

    def covering(self, entries: Sequence[Entry], path: str) -> Iterator[Entry]:
        """Those of the entries that hold at a path of a report."""
        for entry in entries:
            if not entry.paths or (path and self._test(entry.paths)(path)):
                yield entry

    def _test(self, patterns: tuple[str, ...]) -> Callable[[str], bool]:
        if patterns not in self._tests:
            self._tests[patterns] = compile_paths(patterns, hostile=self._hostile)
        return self._tests[patterns]
