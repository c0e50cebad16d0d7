"""A detector that remembers every decision, so that it can be asked why.

It is the detector of every scan: what it finds and why it does not is decided there, and only
written down here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanner.changes import Stretch
from scanner.decoders.view import View
from scanner.detector import Detection, Detector, readable
from scanner.matcher import Found, Matcher, Sample
from scanner.prefilter import WIDEST, Prefilter
from scanner.randomness import is_numeric, is_patterned, needed, shannon_entropy, surprise
from scanner.rules import Compiled, Rule
from scanner.search import Candidate, Search, cut_off, undone

FORM, EDGES, WINDOW = "form", "edges", "window"  # asked before and after a rule's own filters
_NO_FORM = "what stands here has not the form that the rule wants"
_TOO_LONG = "the rule took too long here and was given up"
_NO_EDGES = "part of a longer word"
_CUT_OFF = "longer than what is decoded at a time"
_WORD = re.compile(rb"\w*", re.ASCII)


class Measure(NamedTuple):
    """A number that a filter goes by, and the least that it wants, if any; in bits."""

    value: float
    least: float | None
    remark: str = ""


class Outcome(NamedTuple):
    """What a filter said: nothing against an attempt, or why not; `asked` or not any more."""

    filter: str
    objection: str | None = None
    asked: bool = True
    measure: Measure | None = None


class Attempt(NamedTuple):
    """One place where a rule's prefilter hit, and what came of it.

    `start` and `end` are bytes of the undecoded text: of the secret, or where there is none (as
    the regex does not match) of the hit. `keyword` is the longest of the rule's that stands there.
    """

    rule: Rule
    start: int
    end: int
    secret: bytes | None
    decoded: tuple[str, ...]
    keyword: str | None
    outcomes: tuple[Outcome, ...]

    @property
    def objection(self) -> str | None:
        """What stopped it, or nothing when it is a secret."""
        return next((one.objection for one in self.outcomes if one.objection), None)


class Testimony(NamedTuple):
    """What was made of one content: the text in which lines count, every attempt in the order
    of positions and with the fewest decoders first, and what was detected."""

    text: bytes
    attempts: tuple[Attempt, ...]
    detection: Detection


class Witness(Detector):
    """A detector that tells of its attempts; several times as slow as one that does not."""

    def __init__(self, compiled: Compiled) -> None:
        """Raises what `Detector` does."""
        super().__init__(compiled)
        self._matchers = [*map(_Attentive, compiled.rules.rules, compiled.regexes)]
        self._watches: list[_Watch] = []
        self.heard: dict[bytes, Testimony] = {}  # by content

    def _begin(self) -> Search:
        watch = _Watch(self._prefilter, self._matchers, self._reaches)
        self._watches.append(watch)
        return watch

    def detect(self, content: bytes) -> Detection:
        """What a detector finds; `heard` then has how that came."""
        self._watches.clear()
        detection = super().detect(content)
        attempts = [one for watch in self._watches for one in watch.attempts]
        self.heard[content] = Testimony(readable(content)[0], _once(attempts), detection)
        return detection


def _once(attempts: list[Attempt]) -> tuple[Attempt, ...]:
    """Each attempt once: what lies in two windows of a notation is tried in both."""
    # Of those with one key the last stays, which is one that passed, if any did.
    last = sorted(attempts, key=lambda one: one.objection is None)
    found = {(one.start, one.end, one.rule.id, len(one.decoded), one.decoded): one for one in last}
    return tuple(found[key] for key in sorted(found))


class _Attentive(Matcher):
    """A matcher that keeps what its regex found inside of longer words."""

    def __init__(self, rule: Rule, frozen: bytes | None = None) -> None:
        super().__init__(rule, frozen)
        self.crowded: list[Found] = []

    def _stands_alone(self, content: bytes, found: Found) -> bool:
        alone = super()._stands_alone(content, found)
        if not alone:
            self.crowded.append(found)
        return alone


class _Window(NamedTuple):
    """A window of a notation, and the attempts of its text, with how many there were before it."""

    view: View
    attempts: list[Attempt]
    before: int

    def lies_in(self, other: View) -> bool:
        same = self.view.decoder is other.decoder
        return same and other.low <= self.view.low and self.view.high <= other.high


class _Watch(Search):
    """A search that writes its attempts down; their offsets are those of the text at hand."""

    def __init__(
        self, prefilter: Prefilter, matchers: list[Matcher], reaches: Sequence[Stretch]
    ) -> None:
        super().__init__(prefilter, matchers, reaches)
        self.attempts: list[Attempt] = []
        self._looked: list[Found] = []  # what the regex of the rule at hand found
        self._last: _Window | None = None

    def _confirm(
        self, matcher: Matcher, content: bytes, ends: list[int], decoded: tuple[str, ...]
    ) -> Iterator[Candidate]:
        assert isinstance(matcher, _Attentive)  # noqa: S101 - for the type checker
        matcher.crowded.clear()
        self._looked.clear()
        yield from super()._confirm(matcher, content, ends, decoded)
        for found in _first_of_words(matcher.crowded, self._looked, content):
            self._note(matcher.rule, _sample(content, found), decoded, _WITHIN)
        against = _TOO_LONG if matcher.rule.id in self.timeouts else _NO_FORM
        for at in _unanswered(ends, [*self._looked, *matcher.crowded]):
            hit = _sample(content, _hit(matcher.rule, at, len(content)))
            self._note(matcher.rule, hit, decoded, (Outcome(FORM, against),))

    def _passes(self, matcher: Matcher, sample: Sample, decoded: tuple[str, ...]) -> bool:
        passes = super()._passes(matcher, sample, decoded)
        edges = (Outcome(EDGES),) if matcher.rule.edges else ()
        outcomes = (Outcome(FORM), *edges, *_outcomes(matcher, sample))
        self._note(matcher.rule, sample, decoded, outcomes)
        return passes

    def _note(
        self, rule: Rule, sample: Sample, decoded: tuple[str, ...], outcomes: tuple[Outcome, ...]
    ) -> None:
        found = sample.found
        self._looked.append(found)
        start, end = found.secret_start, found.secret_end
        secret = None if outcomes[0].objection else sample.identity
        keyword = _keyword(rule, sample.content[max(0, found.start - rule.lead) : found.end])
        self.attempts.append(Attempt(rule, start, end, secret, decoded, keyword, outcomes))

    def _inside(self, view: View, decoded: tuple[str, ...], depth: int) -> list[Candidate]:
        outer, self.attempts = self.attempts, []
        if self._last and self._last.attempts is outer and self._last.lies_in(view):
            del outer[self._last.before :]  # a wider window knows better
        found = super()._inside(view, decoded, depth)
        inner, self.attempts = self.attempts, outer
        self._last = _Window(view, outer, len(outer))
        outer += [_moved(one, view) for one in inner if undone(view, one.start, one.end)]
        return found


_WITHIN = (Outcome(FORM), Outcome(EDGES, _NO_EDGES))


def _first_of_words(crowded: list[Found], looked: list[Found], content: bytes) -> Iterator[Found]:
    """Of what stands inside of longer words the first of each, unless another overlaps it that
    stands alone."""
    starts = [one.start for one in looked]
    done = 0
    for found in crowded:
        if found.secret_start < done:
            continue
        index = bisect_left(starts, found.end)
        if not (index and looked[index - 1].end > found.start):
            yield found
        word = _WORD.match(content, found.secret_end)
        done = word.end() if word else 0


def _unanswered(hits: list[int], looked: list[Found]) -> Iterator[int]:
    """The hits, in order, that lie in nothing that a regex found."""
    spans = sorted((one.start, one.end) for one in looked)
    index, reach = 0, -1
    for hit in hits:
        while index < len(spans) and spans[index][0] <= hit:
            reach = max(reach, spans[index][1])
            index += 1
        if hit > reach:
            yield hit


def _hit(rule: Rule, at: int, size: int) -> Found:
    """A hit of a rule's prefilter (see `Prefilter.hits`), and what it may have hit."""
    low, high = (at, at + WIDEST) if rule.exact else (max(0, at - min(rule.reach, WIDEST)), at)
    start = at if rule.exact else max(0, at - 1)
    return Found(low, min(size, high), start, min(size, start + 1), b"")


def _sample(content: bytes, found: Found) -> Sample:
    return Sample(content, found, content[found.secret_start : found.secret_end], None)


def _keyword(rule: Rule, text: bytes) -> str | None:
    """The longest keyword of a rule that stands in a text, in any case."""
    lowered = text.lower()
    there = [word for word in rule.keywords if word.lower().encode() in lowered]
    return max(there, key=len, default=None)


def _outcomes(matcher: Matcher, sample: Sample) -> Iterator[Outcome]:
    """What a rule's filters say of a sample, up to the one that stops it."""
    stopped = False
    for name, objection in matcher.filters:
        against = None if stopped else objection(sample)
        yield Outcome(name, against, not stopped, _measure(name, matcher.rule, sample))
        stopped = stopped or against is not None


def _measure(name: str, rule: Rule, sample: Sample) -> Measure | None:
    if name == "entropy":
        return Measure(shannon_entropy(sample.identity), rule.min_entropy)
    if name != "randomness":
        return None
    part = sample.random_part
    remark = "a number, date or version" if is_numeric(part) else ""
    remark = "counts up or repeats itself" if is_patterned(part) else remark
    return Measure(surprise(part), needed(part), remark)


def _moved(attempt: Attempt, view: View) -> Attempt:
    """An attempt in a view, with its position in the text that the view is of."""
    start, end = view.original(attempt.start, attempt.end)
    if attempt.objection or not cut_off(view, attempt.start, attempt.end):
        return attempt._replace(start=start, end=end)
    outcomes = (*attempt.outcomes, Outcome(WINDOW, _CUT_OFF))
    return attempt._replace(start=start, end=end, outcomes=outcomes)
