"""From bytes to matches: decode, prefilter, confirm, settle overlaps. No input or output.

`Detector.detect` depends on the content and the rules alone, so that its result can be kept
by content. What the place of a content says is `judge`'s business.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from scanner import changes, positions
from scanner.changes import Kept, stretches
from scanner.decoders import utf16
from scanner.fingerprints import redact
from scanner.matcher import SLACK, Matcher
from scanner.models import Match, Secret, Span
from scanner.prefilter import CLOSE, WIDEST, Pattern, Prefilter
from scanner.rules import Compiled, Rule
from scanner.search import TRIGGERS, Barren, Candidate, Search

_BETWEEN = b"\n\0\n"
# Bytes around a change that must be looked at for a candidate to turn up at all: what the widest
# pattern takes. Notations make it longer: `_FAR` is up to where they are undone around a change,
# and where they hide a rule that reaches farther, all of the content is looked at.
NARROW = WIDEST
_FAR = 800
_DECODED = _FAR + CLOSE  # an offset may stand for hits behind it
# Bytes beside a candidate on which it depends: edges, and what stood in the way of a longer one.
_AROUND = 80
_AROUND_DECODED = 320


class Known(NamedTuple):
    """What one version of a content tells about the next: its candidates, the hits of patterns
    that reach far (by number, offsets in order), the content's size in bytes, and whether its
    notations hide something that may reach far."""

    candidates: tuple[Candidate, ...]
    hits: dict[int, list[int]]
    size: int
    hidden: bool = False


class Detection(NamedTuple):
    """What a content holds: matches in the order of their positions, rules that gave up.

    `known` is what `detect_changed` needs of it.
    """

    matches: tuple[Match, ...]
    timeouts: tuple[str, ...]
    known: Known


NOTHING = Detection((), (), Known((), {}, 0))


def readable(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The text in which lines and columns count, as UTF-8, and the decoder that made it."""
    text = utf16.decode(content)
    return (content, ()) if text is None else (text, (utf16.NAME,))


def patterns_of(rules: Sequence[Rule]) -> list[Pattern]:
    """What hyperscan looks for: the rules' prefilters, then the decoders' triggers."""
    prefilters = [Pattern(rule.prefilter, rule.exact) for rule in rules]
    return prefilters + [Pattern(trigger, thinned=decoder.dense) for decoder, trigger in TRIGGERS]


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
        self._far = frozenset(n for n, margin in enumerate(margins) if margin > _FAR)
        self._barren: Barren = {}

    def _begin(self) -> Search:
        return Search(self._prefilter, self._matchers, self._far, self._barren)

    def detect(self, content: bytes) -> Detection:
        """Every secret in `content`, the stronger evidence where matches overlap."""
        text, outer = readable(content)
        hits = self._prefilter.hits(text)
        if not hits:  # most contents
            return Detection((), (), Known((), hits, len(content)))
        run = self._begin()
        candidates = list(run.search(text, hits, outer))
        return self._detection(text, candidates, run, hits)

    def detect_changed(self, content: bytes, base: Known, parts: Sequence[Kept]) -> Detection:
        """What `detect` gives, from what is known of an earlier version and what of that
        version is `kept`; neither version may be UTF-16.

        A candidate depends on its own text and little around it. So one that lies in what is
        kept is still there, and a new one lies where something changed.
        """
        if base.hidden:
            return self.detect(content)
        size = len(content)
        zones = stretches(parts, size, base.size, NARROW)
        hits = _moved(base, parts)
        new: dict[int, list[int]] = {}
        for low, high in zones:
            for pattern, offsets in self._prefilter.hits(content[low:high]).items():
                new.setdefault(pattern, []).extend([low + offset for offset in offsets])
        for pattern, found in new.items():
            hits[pattern] = sorted({*found, *hits[pattern]}) if pattern in hits else found
        if not hits and not base.candidates:
            return Detection((), (), Known((), hits, size))
        run = self._begin()
        near = self._near(hits, parts, size, base.size)
        candidates = dict.fromkeys(_inherited(base, parts, size))
        if near:
            candidates.update(dict.fromkeys(run.search(content, near, ())))
        if run.hidden:  # perhaps more than the windows around the changes show
            return self.detect(content)
        return self._detection(content, list(candidates), run, hits)

    def adds(self, content: bytes, base: bytes) -> bool:
        """Whether there may be a secret in `content` that `base`, an earlier version, has not.

        Says no only when there is none. Most changes add none, and finding that out takes
        much less than a detection.
        """
        if utf16.is_suspect(content) or utf16.is_suspect(base):
            return True
        hits = self._prefilter.hits(content)
        sizes = len(content), len(base)
        near = self._near(hits, changes.ends(content, base), *sizes, max(self._margins))
        run = self._begin()
        return any(True for _ in run.search(content, near, ())) or bool(run.timeouts)

    def _near(
        self,
        hits: dict[int, list[int]],
        parts: Sequence[Kept],
        size: int,
        base_size: int,
        widest: int = 0,
    ) -> dict[int, list[int]]:
        """Those hits from which a candidate can reach something that changed.

        What notations hide may be `widest` bytes long, or as long as what the widest rule with
        a hit here finds.
        """
        widest = max([widest, NARROW, *(self._margins[pattern] for pattern in hits)])
        found = {}
        zones: dict[int, list[tuple[int, int]]] = {}
        for pattern, offsets in hits.items():
            margin = widest if pattern >= len(self._matchers) else self._margins[pattern]
            if margin not in zones:
                zones[margin] = stretches(parts, size, base_size, margin)
            near = [
                offset
                for low, high in zones[margin]
                for offset in offsets[bisect_left(offsets, low) : bisect_right(offsets, high)]
            ]
            if near:
                found[pattern] = near
        return found

    def _detection(
        self, text: bytes, candidates: list[Candidate], run: Search, hits: dict[int, list[int]]
    ) -> Detection:
        far = {number: at for number, at in hits.items() if self._margins[number] > NARROW}
        known = Known(tuple(candidates), far, len(text), run.hidden)
        matches: Iterator[Match] = iter(())
        if candidates:
            # In one order, however they were found: where two hide the same text, the first does.
            candidates.sort(key=lambda one: (one.rank(), one.start, one.secret))
            kept = _settle(candidates)
            matches = _matches(text, kept, _covers(kept, candidates), _texts(text, candidates))
        return Detection(tuple(matches), tuple(sorted(run.timeouts)), known)

    def suspects(self, contents: Sequence[bytes]) -> list[int]:
        """The numbers of those contents in which `detect` might find something.

        Small contents are looked at together, which takes a fraction of the time of one by one.
        """
        ends = list(accumulate(len(content) + len(_BETWEEN) for content in contents))
        found: set[int] = set()
        for offsets in self._prefilter.hits(_BETWEEN.join(contents), every=True).values():
            for offset in offsets:
                # A hit may tell its start or its end, so what follows it is suspect too.
                first = bisect_right(ends, offset - 1)
                found.update(range(first, bisect_right(ends, offset + WIDEST) + 1))
        return sorted(number for number in found if number < len(contents))


def _inherited(base: Known, parts: Sequence[Kept], size: int) -> Iterator[Candidate]:
    """The candidates of an earlier version that lie in what is kept of it, where they are now."""
    for candidate in base.candidates:
        more = _AROUND_DECODED if candidate.decoded else _AROUND
        low = candidate.start - candidate.before - candidate.rule.lead - more
        high = candidate.end + candidate.behind + more
        for new, old, length in parts:
            begins = old <= low or old == new == 0
            ends = old + length >= high or (old + length == base.size and new + length == size)
            if begins and ends and old <= candidate.start and candidate.end <= old + length:
                yield candidate._replace(
                    start=candidate.start - old + new, end=candidate.end - old + new
                )


def _moved(base: Known, parts: Sequence[Kept]) -> dict[int, list[int]]:
    """The hits of an earlier version that lie in what is kept of it, where they are now.

    Those beside a change may be none any more, which a rule's regex will tell.
    """
    found: dict[int, list[int]] = {}
    for pattern, offsets in base.hits.items():
        moved: list[int] = []
        for new, old, length in parts:
            inside = offsets[bisect_left(offsets, old) : bisect_right(offsets, old + length)]
            moved += [offset + new - old for offset in inside] if new != old else inside
        if moved:
            found[pattern] = moved
    return found


def _margin(rule: Rule) -> int:
    return max(NARROW, max(rule.reach, rule.width) + rule.lead + SLACK)


_SHORTEST_ECHO = 4  # bytes; hiding shorter ones everywhere would hide the text


def _settle(candidates: list[Candidate]) -> list[Candidate]:
    """Candidates without overlaps, in the order of their positions; given are the stronger
    first."""
    starts: list[int] = []
    kept: list[Candidate] = []
    for candidate in candidates:
        index = bisect_left(starts, candidate.end)
        if index and kept[index - 1].end > candidate.start:
            continue
        starts.insert(index, candidate.start)
        kept.insert(index, candidate)
    return kept


def _covers(kept: list[Candidate], candidates: list[Candidate]) -> list[tuple[int, int]]:
    """For each kept candidate the bytes to hide: its own and those of what lost against it."""
    bounds = [[candidate.start, candidate.end] for candidate in kept]
    starts = [candidate.start for candidate in kept]
    for candidate in candidates:
        index = bisect_left(starts, candidate.end) - 1
        while index >= 0 and kept[index].end > candidate.start:
            bounds[index][0] = min(bounds[index][0], candidate.start)
            bounds[index][1] = max(bounds[index][1], candidate.end)
            index -= 1
    for index in range(1, len(kept)):  # one that lost against two is shared out
        bounds[index - 1][1] = min(bounds[index - 1][1], starts[index])
        bounds[index][0] = max(bounds[index][0], bounds[index - 1][1])
    return [(low, high) for low, high in bounds]


def _texts(content: bytes, candidates: list[Candidate]) -> dict[bytes, str]:
    """Every spelling of every secret found, those that lost included, redacted."""
    texts: dict[bytes, str] = {}
    for c in candidates:
        shown = redact(c.identity, guessable=c.rule.guessable)
        for spelling in (content[c.start : c.end], c.secret, c.identity):
            if len(spelling) >= _SHORTEST_ECHO:
                texts.setdefault(spelling, shown)
    return texts


def _matches(
    content: bytes,
    kept: list[Candidate],
    covers: list[tuple[int, int]],
    texts: dict[bytes, str],
) -> Iterator[Match]:
    places = positions.locate(content, [at for c in kept for at in (c.start, c.end)])
    secrets = [
        Secret(c.secret, redact(c.identity, guessable=c.rule.guessable), c.identity) for c in kept
    ]
    own = [
        positions.Hidden(*cover, secret.redacted)
        for cover, secret in zip(covers, secrets, strict=True)
    ]
    hidden = positions.with_echoes(content, own, texts)
    for candidate, secret, piece in zip(kept, secrets, own, strict=True):
        yield Match(
            candidate.rule.id,
            secret,
            Span(*places[candidate.start], *places[candidate.end]),
            positions.excerpt(content, piece, hidden),
            candidate.decoded,
        )
