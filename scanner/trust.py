"""What a scanned request brings along to silence its own findings: it does not count.

A request is judged with the files and markers as they stand at its base. What its own would
suppress is told, so that whoever reads the report sees why a marker has no effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from scanner.config import Settings
from scanner.judge import Judge
from scanner.models import Finding, Match, Place, Report, Secret, Suppression
from scanner.pathpatterns import compile_paths
from scanner.rules import Rule, RuleSet

INLINE = "inline"  # what a marker in a text gives as its means

Named = tuple[str, Secret]  # a secret under its family


class Distrust:
    """Takes back what silences a finding only since the request."""

    def __init__(
        self,
        rules: RuleSet,
        own: Settings | None,
        allowed: Callable[[], frozenset[Named]],
    ) -> None:
        """`own` are the settings at the end of the request, if they are sound; `allowed` gives
        the secrets that markers allowed at the base already."""
        self._rules: Mapping[str, Rule] = rules.by_id()
        self._own, self._ask = own, allowed
        self._judge = Judge(rules, own.allowlists if own else ())
        self._excluded = compile_paths(own.exclude if own else ())

    @cached_property
    def _allowed(self) -> frozenset[Named]:
        return self._ask()

    def judged(self, report: Report) -> Report:
        """The report with every place that only the request itself suppresses as a finding."""
        return report._replace(findings=tuple(map(self._finding, report.findings)))

    def _finding(self, finding: Finding) -> Finding:
        named = self._rules[finding.rule_id].family, finding.secret
        places = (self._place(finding, place, named) for place in finding.places)
        return finding._replace(places=tuple(places))

    def _place(self, finding: Finding, place: Place, named: Named) -> Place:
        marker = place.suppressed
        if marker is None:
            return place._replace(distrusted=self._silenced(finding, place) or place.distrusted)
        if marker.by != INLINE or named in self._allowed:
            return place
        return place._replace(suppressed=None, distrusted=marker)

    def _silenced(self, finding: Finding, place: Place) -> Suppression | None:
        """What in the request's own configuration would suppress a place."""
        if self._own is None:
            return None
        rule = self._rules[finding.rule_id]
        if not self._own.wants(rule.id, rule.severity, rule.confidence):
            return Suppression("configuration", None, f"the rule {rule.id} is off")
        if place.path and self._excluded(place.path):
            return Suppression("configuration", None, "the path is excluded")
        match = Match(rule.id, finding.secret, place.span, place.excerpt, place.decoded)
        return self._judge.allowed(match, place.path or None)
