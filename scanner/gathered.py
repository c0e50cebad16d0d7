"""Findings out of what was seen: one for each secret under one rule, with all its places."""

from collections.abc import Callable
from typing import Any, NamedTuple

from scanner.fingerprints import fingerprint
from scanner.models import (
    Confidence,
    Finding,
    Gap,
    Place,
    Report,
    ScanInfo,
    Secret,
    Specificity,
    Unseen,
)
from scanner.rules import Rule, RuleSet


class Seen(NamedTuple):
    """What some blobs held: how many and how many bytes they are, the rule, secret and place
    of each match, and what was not seen."""

    blobs: int
    size: int
    places: tuple[tuple[str, Secret, Place], ...]
    gaps: tuple[Gap, ...]


class Gathered:
    """Everything seen so far, by secret."""

    def __init__(
        self,
        rules: RuleSet,
        key: bytes,
        order: Callable[[Place], Any] = lambda place: (place.path, place.span),
    ) -> None:
        """`key` is that of the fingerprints; `order` puts the places of a finding in order."""
        self._order = order
        self._rules = rules.by_id()
        self._key = key
        self._places: dict[tuple[str, Secret], list[tuple[str, Place]]] = {}
        self._not_seen: list[Unseen] = []
        self._skipped: list[Unseen] = []
        self._blobs = 0
        self._bytes = 0

    def add(self, seen: Seen) -> None:
        """Adds what some blobs held."""
        self._bytes += seen.size
        self._blobs += seen.blobs
        for gap in seen.gaps:
            (self._skipped if gap.by_policy else self._not_seen).append(gap.unseen)
        for rule_id, secret, place in seen.places:
            family = self._rules[rule_id].family
            self._places.setdefault((family, secret), []).append((rule_id, place))

    def report(self, info: ScanInfo, seconds: float, interrupted: bool) -> Report:
        """The report on all that was added."""
        findings = [
            self._finding(family, secret, places)
            for (family, secret), places in self._places.items()
        ]
        findings.sort(key=lambda f: (f.places[0].path, f.places[0].span, f.rule_id, f.fingerprint))
        return Report(
            info,
            tuple(findings),
            tuple(sorted(self._not_seen)),
            tuple(sorted(self._skipped)),
            self._blobs,
            self._bytes,
            round(seconds, 3),
            interrupted,
        )

    def _finding(self, family: str, secret: Secret, found: list[tuple[str, Place]]) -> Finding:
        rule = min((self._rules[rule_id] for rule_id, _ in found), key=_strength)
        places = tuple(sorted((place for _, place in found), key=self._order))
        guessable = any(self._rules[rule_id].guessable for rule_id, _ in found)
        name = fingerprint(family, secret.identity, guessable=guessable, key=self._key)
        return Finding(rule.id, secret, name, places)


def _strength(rule: Rule) -> tuple[int, int, str]:
    """Sorts the rule with the strongest evidence first."""
    return (
        -list(Specificity).index(rule.specificity),
        -list(Confidence).index(rule.confidence),
        rule.id,
    )
