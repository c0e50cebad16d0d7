"""What a version of a content has from an earlier one, so that it need not be looked for again."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanner.changes import Bounds, Stretch
from scanner.prefilter import Prefilter
from scanner.search import Candidate

# Bytes beside a candidate on which it depends: edges, and what stood in the way of a longer one.
AROUND = 80
_AROUND_DECODED = 320


class Known(NamedTuple):
    """What one version of a content tells about the next: its candidates, the hits of patterns
    that reach far (by number, offsets in order), the content's size in bytes, and the stretches
    of it on which those hits depend that its notations hide."""

    candidates: tuple[Candidate, ...]
    hits: dict[int, list[int]]
    size: int
    hidden: tuple[Stretch, ...] = ()


def moved(base: Known, kept_parts: Sequence[Bounds], prefilter: Prefilter) -> dict[int, list[int]]:
    """The hits of an earlier version that lie in what is kept of it, where they are now.

    Not those beside a change: it may be in them, and otherwise they are found anew.
    """
    found: dict[int, list[int]] = {}
    for pattern, offsets in base.hits.items():
        starts, width = prefilter.told(pattern)
        now: list[int] = []
        for first, last, by in kept_parts:
            low, high = (first, last - width) if starts else (first + width, last)
            inside = offsets[bisect_left(offsets, low) : bisect_right(offsets, high)]
            now += [offset + by for offset in inside] if by else inside
        if now:
            found[pattern] = now
    return found


def inherited(base: Known, kept_parts: Sequence[Bounds]) -> Iterator[Candidate]:
    """The candidates of an earlier version that lie in what is kept of it, where they are now."""
    for candidate in base.candidates:
        more = _AROUND_DECODED if candidate.decoded else AROUND
        low = candidate.start - candidate.before - candidate.rule.lead - more
        high = candidate.end + candidate.behind + more
        for first, last, by in kept_parts:
            if first <= low and high <= last:
                yield candidate._replace(start=candidate.start + by, end=candidate.end + by)


def without_swallowed(
    found: dict[Candidate, None], drawn: Sequence[Candidate]
) -> dict[Candidate, None]:
    """Inherited candidates, without those that a new one of the same rule begins before: a rule's
    matches do not overlap."""
    if not (found and drawn):
        return found
    return {
        one: None
        for one in found
        if not any(
            other.start < one.start < other.end
            and other.rule is one.rule
            and other.decoded == one.decoded
            for other in drawn
        )
    }
