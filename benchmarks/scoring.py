"""Compare what a scanner reported with what was planted."""

import base64
import binascii
import html
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PART_THAT_COUNTS = 0.8  # of the planted key's length, when only a part of it is reported
UNDERSCORES = ("\\u005f", "\\u005F", "\\x5f", "\\x5F", "%5F", "%5f")
SHORTEST_DECODED = 8  # characters; shorter base64 texts decode to something printable by chance


@dataclass(frozen=True)
class Planted:
    """A key of the truth, or a neutral value; lines count from 1 and include both ends."""

    path: str
    line: int
    column: int
    end_line: int
    kind: str
    secret: str
    surroundings: str = ""
    note: str = ""


@dataclass(frozen=True)
class Negative:
    """Lines that must not be reported; both ends included."""

    path: str
    line: int
    end_line: int
    reason: str


@dataclass(frozen=True)
class Reported:
    """One place of one finding."""

    path: str
    line: int
    end_line: int
    rule: str
    secret: str


@dataclass(frozen=True)
class FalseAlarm:
    """A report that matches no planted key, and why that place was planted, if it was."""

    reported: Reported
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Corpus:
    """What the generator says about one tree."""

    truth: list[Planted]
    neutral: list[Planted]
    negatives: list[Negative]


@dataclass
class Score:
    """The outcome of one run, or of several put together."""

    found: list[tuple[Planted, Reported]] = field(default_factory=list)
    missed: list[Planted] = field(default_factory=list)
    hits: list[Reported] = field(default_factory=list)
    duplicates: list[Reported] = field(default_factory=list)
    neutral: list[Reported] = field(default_factory=list)
    false_alarms: list[FalseAlarm] = field(default_factory=list)
    negatives: int = 0
    negatives_hit: int = 0

    def add(self, other: "Score") -> None:
        """Put another run's outcome to this one."""
        self.found += other.found
        self.missed += other.missed
        self.hits += other.hits
        self.duplicates += other.duplicates
        self.neutral += other.neutral
        self.false_alarms += other.false_alarms
        self.negatives += other.negatives
        self.negatives_hit += other.negatives_hit


@dataclass(frozen=True)
class Rate:
    """A share with its Wilson 95% interval; all three between 0 and 1, or nan for none of none."""

    count: int
    total: int
    value: float
    low: float
    high: float


def rate(count: int, total: int) -> Rate:
    """Compute a share and its Wilson interval at 95%."""
    if total == 0:
        return Rate(0, 0, math.nan, math.nan, math.nan)
    z = 1.959964
    share = count / total
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    middle, scale = share + z * z / (2 * total), 1 + z * z / total
    return Rate(count, total, share, (middle - spread) / scale, (middle + spread) / scale)


def read_corpus(folder: Path) -> Corpus:
    """Read the generator's three lists."""
    return Corpus(
        [Planted(**entry) for entry in _lines(folder / "truth.jsonl")],
        [Planted(**entry) for entry in _lines(folder / "neutral.jsonl")],
        [Negative(**entry) for entry in _lines(folder / "negatives.jsonl")],
    )


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    """Read a file of one JSON object a line."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def places(finding: Mapping[str, Any]) -> Iterable[Reported]:
    """Give a finding's places that are neither suppressed nor without a file."""
    if finding["secret"] is None:
        raise ValueError("the scanner withholds secrets; is --show-secrets on?")
    for place in finding["places"]:
        if place["kind"] == "file" and place.get("suppressed") is None:
            start, end = place["start_line"], place["end_line"]
            yield Reported(place["path"], start, end, finding["rule_id"], finding["secret"])


def score(corpus: Corpus, reported: Iterable[Reported]) -> Score:
    """Judge every report and list what was missed."""
    result = Score(negatives=len(corpus.negatives))
    truth, neutral = _by_path(corpus.truth), _by_path(corpus.neutral)
    first: dict[Planted, Reported] = {}
    for report in sorted(set(reported), key=lambda r: (r.path, r.line, r.rule, r.secret)):
        matched = [key for key in truth.get(report.path, ()) if matches(key, report)]
        if any(key not in first for key in matched):
            result.hits.append(report)
        elif matched:
            result.duplicates.append(report)
        elif any(matches(value, report) for value in neutral.get(report.path, ())):
            result.neutral.append(report)
        else:
            result.false_alarms.append(_false_alarm(report, corpus.negatives))
        for key in matched:
            first.setdefault(key, report)
    result.found = list(first.items())
    result.missed = [key for key in corpus.truth if key not in first]
    result.negatives_hit = _negatives_hit(result.false_alarms, corpus.negatives)
    return result


def _by_path(keys: Iterable[Planted]) -> dict[str, list[Planted]]:
    """Group by file."""
    groups: dict[str, list[Planted]] = {}
    for key in keys:
        groups.setdefault(key.path, []).append(key)
    return groups


def _overlap(one: Planted | Negative, report: Reported) -> bool:
    """Tell whether both stand on a common line of one file."""
    same = one.path == report.path
    return same and one.line <= report.end_line and report.line <= one.end_line


def _false_alarm(report: Reported, negatives: Iterable[Negative]) -> FalseAlarm:
    """Name the harmless things that stand on the lines of a false alarm."""
    reasons = dict.fromkeys(negative.reason for negative in negatives if _overlap(negative, report))
    return FalseAlarm(report, tuple(reasons))


def _negatives_hit(alarms: Iterable[FalseAlarm], negatives: Iterable[Negative]) -> int:
    """Count the harmless places on whose lines a false alarm stands."""
    alarms = list(alarms)
    return sum(
        any(_overlap(negative, alarm.reported) for alarm in alarms) for negative in negatives
    )


def matches(key: Planted, report: Reported) -> bool:
    """Tell whether a report is about a planted key."""
    if not _overlap(key, report):
        return False
    got = _squeeze(report.secret)
    return any(_alike(wanted, got) for wanted in _forms(key.secret))


def _alike(wanted: str, got: str) -> bool:
    """Tell whether a report is the key, holds it, or is the better part of it."""
    return wanted in got or (got in wanted and len(got) >= PART_THAT_COUNTS * len(wanted))


def _forms(secret: str) -> list[str]:
    """Give the texts that name the same key: itself, in base64, decoded from base64."""
    forms = [_squeeze(secret), base64.b64encode(secret.encode()).decode()]
    decoded = _decoded(secret)
    if decoded:
        forms += [decoded, decoded.partition(":")[2] or decoded]
    return forms


def _decoded(secret: str) -> str:
    """Decode base64 when that gives readable text."""
    try:
        text = base64.b64decode(secret, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return text if len(text) >= SHORTEST_DECODED and text.isprintable() else ""


def _squeeze(secret: str) -> str:
    """Drop what differs between ways of writing one key down: white space and escapes."""
    for escaped in UNDERSCORES:
        secret = secret.replace(escaped, "_")
    secret = html.unescape(secret).replace("\\\\n", "").replace("\\n", "")
    return "".join(secret.split())
