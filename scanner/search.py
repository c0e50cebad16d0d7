"""The search through one content: what the prefilter hit is confirmed, notations are undone."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanner.changes import Stretch
from scanner.decoders.concatenation import CONCATENATION
from scanner.decoders.escapes import ESCAPES
from scanner.decoders.percent import PERCENT
from scanner.decoders.view import Decoder, View
from scanner.matcher import Matcher, Sample
from scanner.models import Confidence, Specificity
from scanner.prefilter import CLOSE, Prefilter
from scanner.rules import Rule

DECODERS: tuple[Decoder, ...] = (CONCATENATION, ESCAPES, PERCENT)
TRIGGERS = [(decoder, trigger) for decoder in DECODERS for trigger in decoder.triggers]
# What may stand inside of what: an escape is whole in one literal, so escapes are undone before
# literals are joined, never after; and a URL holds no literals.
_INSIDE = {
    CONCATENATION.name: frozenset({PERCENT.name}),
    ESCAPES.name: frozenset({CONCATENATION.name, ESCAPES.name, PERCENT.name}),
    PERCENT.name: frozenset({ESCAPES.name, PERCENT.name}),
}
MAX_DEPTH = 3  # notations inside notations, such as JSON in a JSON string in a URL
# Bytes decoded on each side of a trigger: few, and where a match runs out of them, all that any
# rule but PEM spans.
_REACHES = (1024, 4096)
# Bytes around a change in which triggers are known anyway, and so what they hide there.
NEAR = 800
_LONGEST_ESCAPE = 12  # bytes, such as `\\u{000041}` in a JSON string
# A rule's evidence may be escaped where its secret is not: `\"api_key\": \"…\"`.
_CONTEXT_BEFORE = 120
_SPECIFICITY = list(Specificity)
_CONFIDENCE = list(Confidence)


class Candidate(NamedTuple):
    """A confirmed secret; offsets in bytes of the undecoded text.

    `before` and `behind` are bytes beside the secret that the rule's regex took in.
    """

    rule: Rule
    start: int
    end: int
    secret: bytes
    identity: bytes
    decoded: tuple[str, ...]
    before: int
    behind: int

    def rank(self) -> tuple[bool, int, int, int, int, str]:
        """Sorts the stronger evidence first.

        A rule that holds in some files only comes last: where it does not hold, it must not
        have pushed out one that holds everywhere.
        """
        return (
            bool(self.rule.paths),
            -_SPECIFICITY.index(self.rule.specificity),
            self.start - self.end,
            -_CONFIDENCE.index(self.rule.confidence),
            len(self.decoded),
            self.rule.id,
        )


# A window by the notation's name, its text, and where in it the first and the last trigger is.
_Window = tuple[str, bytes, int, int]
# Windows in which a notation hides nothing, and the stretches that hits which reach far hold in
# them, counted from their beginning. From version to version, most windows around a change stay
# what they were.
Barren = dict[_Window, list[Stretch]]
_MOST_BARREN = 4000  # windows, some 8 MB
_LARGEST_BARREN = 16_000  # bytes: a whole file may be one window


class Search:
    """One search: collects what went wrong while its candidates are drawn.

    The methods are steps, so that who wants to be told of each can be, and the others need not
    pay for it.
    """

    def __init__(
        self,
        prefilter: Prefilter,
        matchers: list[Matcher],
        reaches: Sequence[Stretch],
        barren: Barren | None = None,
    ) -> None:
        """`reaches` are the bytes before and behind a hit of each matcher on which what it finds
        depends. `barren` is what other searches with the same rules have learnt, to which this one
        adds."""
        self._prefilter = prefilter
        self._matchers = matchers
        self._reaches = reaches
        self._barren = barren
        # Where triggers must be known for hits that notations hide: those of which it takes more
        # than `NEAR` bytes to tell what they are.
        self.hidden: list[Stretch] = []
        self.timeouts: set[str] = set()

    def search(
        self,
        content: bytes,
        hits: dict[int, list[int]],
        decoded: tuple[str, ...],
        depth: int = 0,
    ) -> Iterator[Candidate]:
        """Candidates at the prefilter's hits in `content` and, below it, in what its notations
        hide."""
        triggered: dict[str, list[int]] = {}
        for pattern, ends in hits.items():
            if pattern < len(self._matchers):
                yield from self._confirm(self._matchers[pattern], content, ends, decoded)
            elif depth < MAX_DEPTH:
                decoder, _ = TRIGGERS[pattern - len(self._matchers)]
                if not depth or decoder.name in _INSIDE[decoded[-1]]:
                    triggered.setdefault(decoder.name, []).extend(ends)
        for decoder in DECODERS:
            if hit := triggered.get(decoder.name):
                yield from self._decode(decoder, content, sorted(hit), decoded, depth)

    def _confirm(
        self, matcher: Matcher, content: bytes, ends: list[int], decoded: tuple[str, ...]
    ) -> Iterator[Candidate]:
        rule = matcher.rule
        matches = matcher.find(content, ends)
        try:
            found = next(matches, None)
            while found:
                start, end = found.secret_start, found.secret_end
                sample = matcher.sample(content, found)
                passes = self._passes(matcher, sample, decoded)
                if passes:
                    secret, identity = content[start:end], sample.identity
                    before, behind = start - found.start, found.end - end
                    yield Candidate(rule, start, end, secret, identity, decoded, before, behind)
                found = matches.send(passes)
        except StopIteration:
            return
        except TimeoutError:
            self.timeouts.add(rule.id)

    def _passes(self, matcher: Matcher, sample: Sample, _decoded: tuple[str, ...]) -> bool:
        """Whether what a rule's regex found passes its filters."""
        return matcher.rejection(sample) is None

    def _decode(
        self,
        decoder: Decoder,
        content: bytes,
        ends: list[int],
        decoded: tuple[str, ...],
        depth: int,
    ) -> Iterator[Candidate]:
        size = len(content)
        barren = None if decoded else self._barren
        for low, high, inside in _windows(ends, size, _REACHES[0]):
            named = decoder.name, content[low:high], inside[0] - low, inside[-1] - low
            if barren is not None and named in barren:
                self.hidden += [(begin + low, end + low) for begin, end in barren[named]]
                continue
            if not decoder.works(content, inside[0], inside[-1]):
                _learn(barren, named, [])
                continue
            view = View(content, low, high, decoder)
            before = len(self.hidden)
            found = self._inside(view, decoded, depth)
            if not (found or self.timeouts):
                hidden = [(begin - low, end - low) for begin, end in self.hidden[before:]]
                _learn(barren, named, hidden)
            if any(cut_off(view, inner.start, inner.end) for inner in found):
                more = _REACHES[1] - _REACHES[0]
                view = View(content, max(0, low - more), min(size, high + more), decoder)
                found = self._inside(view, decoded, depth)
            for inner in found:
                if undone(view, inner.start, inner.end) and not cut_off(
                    view, inner.start, inner.end
                ):
                    yield _outside(inner, view)

    def _inside(self, view: View, decoded: tuple[str, ...], depth: int) -> list[Candidate]:
        hits = self._prefilter.hits(view.content)
        if not hits:
            return []
        outer, self.hidden = self.hidden, []
        found = list(self.search(view.content, hits, (*decoded, view.decoder.name), depth + 1))
        # Of how many bytes a hit needs what is around it, before they may be more than `NEAR` in
        # the text itself.
        room = -1 if decoded else NEAR - view.shrunk
        for pattern, at in hits.items():
            if pattern < len(self._reaches) and sum(self._reaches[pattern]) > room:
                before, behind = self._reaches[pattern]
                self.hidden += [(hit - before, hit + behind) for hit in at]
        for stretch in self.hidden:
            low, high = view.around(*stretch)
            if high - low > NEAR:
                outer.append(window(low, high))
            elif decoded:
                outer.append((low, high))
        self.hidden = outer
        return found


def window(low: int, high: int) -> Stretch:
    """Where triggers must be known for notations to be undone from `low` to `high`."""
    reach = _REACHES[0] + CLOSE
    return low - reach, high + reach


def _outside(inner: Candidate, view: View) -> Candidate:
    """What was found in a view, in bytes of the text below it."""
    start, end = view.original(inner.start, inner.end)
    low, high = view.original(inner.start - inner.before, inner.end + inner.behind)
    return inner._replace(start=start, end=end, before=start - low, behind=high - end)


def _learn(barren: Barren | None, named: _Window, hidden: list[Stretch]) -> None:
    if barren is None or len(named[1]) > _LARGEST_BARREN:
        return
    if len(barren) >= _MOST_BARREN:  # versions of a file follow each other: old ones can go
        barren.clear()
    barren[named] = hidden


def _windows(ends: list[int], size: int, reach: int) -> Iterator[tuple[int, int, list[int]]]:
    """Stretches around triggers, joined where they overlap, and the triggers in each."""
    inside: list[int] = []
    low = high = 0
    for end in ends:
        if inside and end - reach > high:
            yield low, high, inside
            inside = []
        if not inside:
            low = max(0, end - reach)
        high = min(size, end + reach)
        inside.append(end)
    yield low, high, inside


def cut_off(view: View, start: int, end: int) -> bool:
    """Whether what stands in a view from `start` to `end` touches an end of it that is none of
    the text, or what an end makes of an escape by cutting it in two."""
    return (start < _LONGEST_ESCAPE and view.low > 0) or (
        end > len(view.content) - _LONGEST_ESCAPE and view.high < view.size
    )


def undone(view: View, start: int, end: int) -> bool:
    """Whether a notation was undone in what stands in a view from `start` to `end`, or shortly
    before: otherwise it is found where it stands."""
    return view.changed(start - _CONTEXT_BEFORE, end)
