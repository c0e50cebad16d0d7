"""The files of a project as they are now: which findings of a report still stand in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from scanner import files, positions
from scanner.detector import readable
from scanner.errors import ConfigError
from scanner.fingerprints import fingerprint, redact
from scanner.inheritance import Known
from scanner.models import Match, Secret
from scanner.positions import Hidden, harmless
from scanner.rules import Rule
from scanner.scan import Scanner
from scanner.veil import Veil

_SHORTEST_ECHO = 4  # bytes; hiding shorter ones everywhere would hide the text
_LONGEST_LINE = 160  # characters shown


class Standing(NamedTuple):
    """A secret in a text: its fingerprints, the latest first, and its byte offsets."""

    names: tuple[str, ...]
    start: int
    end: int
    match: Match


class Text(NamedTuple):
    """A file's content, as text in which lines and columns count, with what stands in it and
    what of it must not be shown."""

    content: bytes
    text: bytes
    standings: tuple[Standing, ...]
    hidden: tuple[Hidden, ...]

    def named(self, name: str) -> list[Standing]:
        """Where the secret with this fingerprint stands."""
        return [one for one in self.standings if name in one.names]


class Line(NamedTuple):
    """A line to show: its number from 1, its text without secrets, whether it is meant."""

    number: int
    text: str
    meant: bool


def located(root: Path, path: str) -> Path | None:
    """The file of a report's path below the project's root; nothing when there is none there.

    No path and no link leads out of the project: a report may come from elsewhere.
    """
    parts = PurePosixPath(path).parts
    if not parts or ".." in parts or PurePosixPath(path).is_absolute() or "\0" in path:
        return None
    file = root.joinpath(*parts)
    inside = Path(os.path.realpath(root))
    if not file.is_file() or Path(os.path.realpath(file)) != inside.joinpath(*parts):
        return None
    return file


def read(scanner: Scanner, root: Path, path: str) -> Text | None:
    """A file of the project as it is now; nothing when it is not there or cannot be read."""
    file = located(root, path)
    try:
        content = files.read(file) if file else None
    except ConfigError:  # too large, or it may not be read: its places are told without lines
        return None
    return None if content is None else parse(scanner, content)


def parse(scanner: Scanner, content: bytes) -> Text:
    """What stands in a content."""
    found = scanner.detector.detect(content)
    text = readable(content)[0]
    offsets = positions.stretches(text, [match.span for match in found.matches])
    rules, key = scanner.rules.by_id(), scanner.plan.fingerprint_key
    standings = tuple(
        Standing(_names(rules[match.rule_id], match.secret, key), *at, match)
        for match, at in zip(found.matches, offsets, strict=True)
        if at
    )
    return Text(content, text, standings, tuple(_hidden(text, found.known)))


def _names(rule: Rule, secret: Secret, key: bytes) -> tuple[str, ...]:
    return tuple(
        fingerprint(family, secret.identity, guessable=rule.guessable, key=key)
        for family in (rule.family, *rule.aliases)
    )


def _hidden(text: bytes, known: Known) -> list[Hidden]:
    """What must not be shown: every candidate, those included that lost against others."""
    own: list[Hidden] = []
    spellings: dict[bytes, str] = {}
    for one in sorted(known.candidates, key=lambda one: (one.start, -one.end)):
        shown = redact(one.identity, guessable=one.rule.guessable)
        for spelling in (text[one.start : one.end], one.secret, one.identity):
            if len(spelling) >= _SHORTEST_ECHO:
                spellings.setdefault(spelling, shown)
        if own and one.start < own[-1].end:
            own[-1] = own[-1]._replace(end=max(own[-1].end, one.end))
        else:
            own.append(Hidden(one.start, one.end, shown))
    return positions.with_echoes(text, own, spellings)


def around(found: Text, standing: Standing, reach: int) -> list[Line]:
    """The lines of a text from `reach` before a secret's line to as many behind it, without
    any secret and without control characters."""
    veil = Veil(one.match.secret.reveal() for one in found.standings)
    meant = standing.match.span.start_line
    lines = []
    for number, text in _lines(found, meant - reach, meant + reach):
        shown = standing.match.excerpt.text if number == meant else veil.over(text)
        lines.append(Line(number, _cut(shown), number == meant))
    return lines


def shown(found: Text) -> list[str]:
    """All lines of a text, without any secret and without control characters."""
    last = found.text.count(b"\n") + (not found.text.endswith(b"\n"))
    return [text for _, text in _lines(found, 1, last)]


def _lines(found: Text, first: int, last: int) -> Iterator[tuple[int, str]]:
    """Lines of a text with what is hidden as it is shown; one that lies within a secret is left
    out."""
    at = 0
    for number, line in enumerate(found.text.split(b"\n"), 1):
        end = at + len(line)
        if first <= number <= last and not any(
            piece.start < at and piece.end >= end for piece in found.hidden
        ):
            yield number, _shown(found, at, end)
        at = end + 1
        if number >= last:
            return


def _shown(found: Text, start: int, end: int) -> str:
    parts = []
    done = start
    for piece in found.hidden:
        if piece.start >= end or piece.end <= start:
            continue
        parts.append(_plain(found.text[done : max(done, piece.start)]))
        parts.append(piece.shown if piece.start >= start else "")
        done = min(piece.end, end)
    return "".join([*parts, _plain(found.text[done:end])])


def _plain(text: bytes) -> str:
    return harmless(text.decode("utf-8", "replace").rstrip("\r").expandtabs(4))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_LINE else text[: _LONGEST_LINE - 1] + "…"
