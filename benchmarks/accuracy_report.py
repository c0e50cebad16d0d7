"""Write a score down, as text for people and as JSON."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.scoring import FalseAlarm, Planted, Rate, Reported, Score, rate

LONGEST_SHOWN = 80  # characters of a generated secret


def as_text(score: Score, seeds: list[int]) -> str:
    """Write the whole report."""
    return "\n".join(_lines(score, seeds)) + "\n"


def _lines(score: Score, seeds: list[int]) -> Iterator[str]:
    """Write the report's lines."""
    yield f"seeds      {' '.join(map(str, seeds))}"
    yield f"recall     {_rate(recall(score))}"
    yield f"precision  {_rate(precision(score))}"
    yield f"negatives  {score.negatives_hit} of {score.negatives} harmless places reported"
    yield f"duplicates {len(score.duplicates)}, neutral reports {len(score.neutral)}"
    yield from _table("by kind", score, lambda key: key.kind)
    yield from _table("by surroundings", score, lambda key: key.surroundings)
    yield from _section("missed", [_missed(key) for key in score.missed])
    yield from _section("false alarms", [_false_alarm(alarm) for alarm in score.false_alarms])
    alarms = Counter(alarm.reported.rule for alarm in score.false_alarms)
    yield from _section(
        "false alarms by rule", [f"{n:5} {rule}" for rule, n in alarms.most_common()]
    )
    yield from _section("negatives hit, by reason", _reasons(score))
    yield from _section("duplicates", [_reported(report) for report in score.duplicates])


def recall(score: Score) -> Rate:
    """Share of planted keys that were found."""
    return rate(len(score.found), len(score.found) + len(score.missed))


def precision(score: Score) -> Rate:
    """Share of reports that were about a planted key; duplicates and neutral ones left out."""
    return rate(len(score.hits), len(score.hits) + len(score.false_alarms))


def by(score: Score, group: Callable[[Planted], str]) -> dict[str, Rate]:
    """Recall for each group, the worst first."""
    found = Counter(group(key) for key, _ in score.found)
    planted = found + Counter(group(key) for key in score.missed)
    rates = {name: rate(found[name], total) for name, total in planted.items()}
    return dict(sorted(rates.items(), key=lambda item: (item[1].value, -item[1].total, item[0])))


def _rate(shown: Rate) -> str:
    """Write a share in percent with its interval."""
    if shown.total == 0:
        return "nothing to count"
    low, high = 100 * shown.low, 100 * shown.high
    return f"{100 * shown.value:5.1f}%  ({low:.1f} to {high:.1f})  {shown.count}/{shown.total}"


def _table(title: str, score: Score, group: Callable[[Planted], str]) -> Iterator[str]:
    """Write recall for each group."""
    yield from _section(title, [f"{name:38} {_rate(r)}" for name, r in by(score, group).items()])


def _section(title: str, lines: list[str]) -> Iterator[str]:
    """Write a titled list."""
    yield ""
    yield f"{title} ({len(lines)})"
    yield from ("  " + line for line in lines or ["none"])


def _shown(secret: str) -> str:
    """Write a generated secret on one line, cut when long."""
    text = json.dumps(secret, ensure_ascii=False)[1:-1]
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."


def _missed(key: Planted) -> str:
    """Write one missed key."""
    note = f" ({key.note})" if key.note else ""
    place = f"{key.path}:{key.line}:{key.column}"
    return f"{place} {key.kind} {key.surroundings}{note} {_shown(key.secret)}"


def _reported(report: Reported) -> str:
    """Write one report."""
    return f"{report.path}:{report.line} [{report.rule}] {_shown(report.secret)}"


def _false_alarm(alarm: FalseAlarm) -> str:
    """Write one false alarm and what harmless things stand there."""
    reasons = f"  <- {', '.join(alarm.reasons)}" if alarm.reasons else ""
    return _reported(alarm.reported) + reasons


def _reasons(score: Score) -> list[str]:
    """Count false alarms by the reason why their place is harmless."""
    counts = Counter(reason for alarm in score.false_alarms for reason in alarm.reasons)
    return [f"{number:5} {reason}" for reason, number in counts.most_common()]


def as_json(score: Score, seeds: list[int]) -> str:
    """Write the same numbers and lists as JSON."""
    report: dict[str, Any] = {
        "seeds": seeds,
        "recall": _plain(recall(score)),
        "precision": _plain(precision(score)),
        "negatives": {"places": score.negatives, "hit": score.negatives_hit},
        "by_kind": {name: _plain(r) for name, r in by(score, lambda key: key.kind).items()},
        "by_surroundings": {n: _plain(r) for n, r in by(score, lambda k: k.surroundings).items()},
        "missed": [vars(key) for key in score.missed],
        "false_alarms": [{**vars(a.reported), "reasons": a.reasons} for a in score.false_alarms],
        "duplicates": [vars(report) for report in score.duplicates],
        "neutral": [vars(report) for report in score.neutral],
    }
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _plain(shown: Rate) -> dict[str, float | int | None]:
    """Give a share as an object; null where there was nothing to count."""
    if shown.total == 0:
        return {"count": 0, "total": 0, "value": None, "low": None, "high": None}
    return dict(vars(shown))
