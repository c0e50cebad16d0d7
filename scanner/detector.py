"""From bytes to matches: decode, prefilter, confirm, settle overlaps. No input or output.

`Detector.detect` depends on the content and the rules alone, so that its result can be kept
by content. What the place of a content says is `judge`'s business.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from scanner.changes import (
    Kept,
    Stretch,
    altered,
    around,
    bounds,
    carried,
    ends,
    lies,
    meets,
    merged,
    outermost,
)
from scanner.decoders import utf16
from scanner.inheritance import AROUND, Known, inherited, moved, without_swallowed
from scanner.matcher import SLACK, Matcher
from scanner.models import Match
from scanner.overlaps import matches
from scanner.prefilter import CLOSE, WIDEST, Pattern, Prefilter
from scanner.rules import Compiled, Rule
from scanner.search import NEAR, TRIGGERS, Barren, Candidate, Search, window

# Bytes around a change that must be looked at for a candidate to turn up at all: what the widest
# pattern takes. Notations make it longer: they are undone farther around, and where they hide a hit
# that depends on more (see `Known.hidden`), in all of that.
_NARROW = WIDEST
# Of what is known, times parts that are kept, from which on looking at all takes less time.
_MANY = 200_000
_FEW = 100  # offsets that are put in order faster than it is found out which of them need it
_DECODED = NEAR + CLOSE  # an offset may stand for hits behind it


class Detection(NamedTuple):
    """What a content holds: matches in the order of their positions, rules that gave up.

    `known` is what `detect_changed` needs of it.
    """

    matches: tuple[Match, ...]
    timeouts: tuple[str, ...]
    known: Known


NOTHING = Detection((), (), Known((), {}, 0))


class Change(NamedTuple):
    """A version of a content beside an earlier one: what of that is `kept`, what is not as there,
    and the zones in which hits must be known for what it brings in to show."""

    parts: Sequence[Kept]
    changed: Sequence[Stretch]
    zones: Sequence[Stretch]


def change(content: bytes, base_size: int, parts: Sequence[Kept]) -> Change:
    """The change from a version of `base_size` bytes of which `parts` are kept."""
    size = len(content)
    changed = altered(parts, size, base_size)
    return Change(parts, changed, around(changed, _NARROW, size))


def readable(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The text in which lines and columns count, as UTF-8, and the decoder that made it."""
    text = utf16.decode(content)
    return (content, ()) if text is None else (text, (utf16.NAME,))


def patterns_of(rules: Sequence[Rule]) -> list[Pattern]:
    """What hyperscan looks for: the rules' prefilters, then the decoders' triggers."""
    prefilters = [Pattern(rule.prefilter, rule.exact) for rule in rules]
    return prefilters + [
        Pattern(trigger, thinned=decoder.dense, hint=decoder.hint, apart=True)
        for decoder, trigger in TRIGGERS
    ]


class Detector:
    """A compiled rule set. Each thread needs its own (see `Prefilter`)."""

    def __init__(self, compiled: Compiled) -> None:
        """Raises ConfigError when the database was made for another processor or is damaged."""
        self.rules = compiled.rules
        rules = compiled.rules.rules
        self._prefilter = Prefilter(compiled.database, patterns_of(rules))
        self._matchers = list(map(Matcher, rules, compiled.regexes))
        margins = [_margin(rule) for rule in rules]
        self._margins = [*margins, *(_DECODED for _ in TRIGGERS)]
        self._reaches = [_reaches(rule) for rule in rules]
        self._barren: Barren = {}

    def _begin(self) -> Search:
        return Search(self._prefilter, self._matchers, self._reaches, self._barren)

    def detect(self, content: bytes) -> Detection:
        """Every secret in `content`, the stronger evidence where matches overlap."""
        text, outer = readable(content)
        return self._whole(text, outer, self._prefilter.hits(text))

    def detect_at(self, content: bytes, hits: dict[int, list[int]]) -> Detection:
        """What `detect` gives, from the hits in a content that is not UTF-16."""
        return self._whole(content, (), hits)

    def _whole(self, text: bytes, outer: tuple[str, ...], hits: dict[int, list[int]]) -> Detection:
        if not hits:  # most contents
            return Detection((), (), Known((), hits, len(text)))
        run = self._begin()
        candidates = list(run.search(text, hits, outer))
        return self._detection(text, candidates, run, hits)

    def hits_of(self, texts: Sequence[bytes]) -> list[dict[int, list[int]]]:
        """What the prefilter tells of each of some texts; of many at once in the least time."""
        return self._prefilter.hits_of(texts)

    def detect_changed(self, content: bytes, base: Known, parts: Sequence[Kept]) -> Detection:
        """What `detect` gives, from what is known of an earlier version and what of that
        version is `kept`; neither version may be UTF-16.

        Of many contents, `change`, `hits_of` and `detect_near` give it in less time.
        """
        made = change(content, base.size, parts)
        told = self.hits_of([content[low:high] for low, high in made.zones])
        return self.detect_near(content, base, made, told)

    def detect_near(
        self,
        content: bytes,
        base: Known,
        made: Change,
        told: Sequence[dict[int, list[int]]],
    ) -> Detection:
        """What `detect_changed` gives, from the hits in each of a change's zones.

        A candidate depends on its own text and little around it. So one that lies in what is
        kept is still there, and a new one lies where something changed.
        """
        parts, changed, zones = made
        if (len(base.hidden) + len(base.candidates)) * len(parts) > _MANY:
            return self.detect(content)
        size = len(content)
        if not (base.hits or base.candidates or any(told)):  # most
            return Detection((), (), Known((), {}, size))
        new: dict[int, list[int]] = {}
        for (low, _), there in zip(zones, told, strict=True):
            for pattern, offsets in there.items():
                new.setdefault(pattern, []).extend([low + offset for offset in offsets])
        kept_parts = bounds(parts, size, base.size)
        hits = moved(base, kept_parts, self._prefilter)
        for pattern, found in new.items():
            hits[pattern] = _union(hits[pattern], found, zones) if pattern in hits else found
        if not hits and not base.candidates:
            return Detection((), (), Known((), {}, size))
        known = dict.fromkeys(inherited(base, kept_parts))
        whole, cut = carried(base.hidden, kept_parts)
        run = self._begin()
        drawn = self._draw(run, content, hits, changed, cut)
        candidates = list(without_swallowed(known, drawn) | dict.fromkeys(drawn))
        return self._detection(content, candidates, run, hits, whole)

    def _draw(
        self,
        run: Search,
        content: bytes,
        hits: dict[int, list[int]],
        changed: Sequence[Stretch],
        wanted: Sequence[Stretch],
    ) -> list[Candidate]:
        """The candidates at hits near what `changed`, and those that notations hide near it or in
        what is `wanted`."""
        size = len(content)
        near = self._near(hits, changed, size)
        zones = around(changed, _DECODED, size)
        for pattern, offsets in near.items():
            before, behind = self._reaches[pattern]
            if before + behind > NEAR:
                wanted = [*wanted, *(window(at - before, at + behind) for at in offsets)]
        while True:
            if wanted:
                zones = merged([*zones, *wanted])
            seen = near | self._triggers(hits, zones)
            drawn = list(run.search(content, seen, ())) if seen else []
            wanted = [
                one for one in run.hidden if meets(one, changed) and not lies(one, zones, size)
            ]
            if not wanted:
                return drawn
            run.hidden.clear()

    def adds(self, content: bytes, base: bytes) -> bool:
        """Whether there may be a secret in `content` that `base`, an earlier version, has not.

        Says no only when there is none. Most changes add none, and finding that out takes
        much less than a detection.
        """
        if utf16.is_suspect(content) or utf16.is_suspect(base):
            return True
        hits = self._prefilter.hits(content)
        size = len(content)
        changed = altered(ends(content, base), size, len(base))
        near = self._near(hits, changed, size)
        near |= self._triggers(hits, around(changed, max(self._margins), size))
        run = self._begin()
        return any(True for _ in run.search(content, near, ())) or bool(run.timeouts)

    def _near(
        self, hits: dict[int, list[int]], changed: Sequence[Stretch], size: int
    ) -> dict[int, list[int]]:
        """Those hits of rules from which a candidate can reach something that `changed`."""
        found = {}
        zones: dict[int, list[Stretch]] = {}
        for pattern, offsets in hits.items():
            if pattern >= len(self._matchers):
                continue
            margin = self._margins[pattern]
            if margin not in zones:
                zones[margin] = around(changed, margin, size)
            if near := _within(offsets, zones[margin]):
                found[pattern] = near
        return found

    def _triggers(
        self, hits: dict[int, list[int]], zones: Sequence[Stretch]
    ) -> dict[int, list[int]]:
        """The hits in some stretches of what tells of notations."""
        found = {}
        for pattern in range(len(self._matchers), len(self._margins)):
            if pattern in hits and (inside := _within(hits[pattern], zones)):
                found[pattern] = inside
        return found

    def _detection(
        self,
        text: bytes,
        candidates: list[Candidate],
        run: Search,
        hits: dict[int, list[int]],
        hidden: Sequence[Stretch] = (),
    ) -> Detection:
        far = {number: at for number, at in hits.items() if self._margins[number] > _NARROW}
        stretches = tuple(outermost([*hidden, *run.hidden])) if hidden or run.hidden else ()
        known = Known(tuple(candidates), far, len(text), stretches)
        return Detection(matches(text, candidates), tuple(sorted(run.timeouts)), known)

    def suspects(self, contents: Sequence[bytes]) -> list[int]:
        """The numbers of those contents in which `detect` might find something, in order.

        Small contents are looked at together, which takes a fraction of the time of one by one.
        """
        return [number for number, hits in enumerate(self._prefilter.hits_of(contents)) if hits]


def _union(known: list[int], found: list[int], zones: Sequence[Stretch]) -> list[int]:
    """All offsets of both, in order; those found lie in the zones. Only what is known there is
    compared: in a large file there may be thousands elsewhere."""
    if len(known) < _FEW:
        return sorted({*known, *found})
    both: list[int] = []
    at = done = 0
    for low, high in zones:
        end = bisect_right(found, high, done)
        if end > done:
            first, last = bisect_left(known, low, at), bisect_right(known, high, at)
            both += known[at:first]
            both += sorted({*known[first:last], *found[done:end]})
            at, done = last, end
    return both + known[at:]


def _within(offsets: list[int], zones: Sequence[Stretch]) -> list[int]:
    """Those of some offsets, in order, that lie in stretches, in order too."""
    return [
        offset
        for low, high in zones
        for offset in offsets[bisect_left(offsets, low) : bisect_right(offsets, high)]
    ]


def _reaches(rule: Rule) -> Stretch:
    """Bytes before and behind a hit of a rule that a candidate depends on."""
    before = rule.lead if rule.exact else rule.reach + rule.lead
    return before + AROUND, rule.width + SLACK + AROUND


def _margin(rule: Rule) -> int:
    return max(_NARROW, max(rule.reach, rule.width) + rule.lead + SLACK)
