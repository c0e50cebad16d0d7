"""What a version of a content has from an earlier one, so that it need not be looked for again."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanner.changes import Kept, Stretch
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


def moved(
    base: Known, parts: Sequence[Kept], size: int, prefilter: Prefilter
) -> dict[int, list[int]]:
    """The hits of an earlier version that lie in what is kept of it, where they are in a content of
    `size` bytes.

    Not those beside a change: it may be in them, and otherwise they are found anew.
    """
    found: dict[int, list[int]] = {}
    for pattern, offsets in base.hits.items():
        starts, width = prefilter.told(pattern)
        now: list[int] = []
        for new, old, length in parts:
            low, high = old, old + length
            if not (starts or old == new == 0):
                low += width
            elif starts and not (high == base.size and new + length == size):
                high -= width
            inside = offsets[bisect_left(offsets, low) : bisect_right(offsets, high)]
            now += [offset + new - old for offset in inside] if new != old else inside
        if now:
            found[pattern] = now
    return found


def inherited(base: Known, parts: Sequence[Kept], size: int) -> Iterator[Candidate]:
    """The candidates of an earlier version that lie in what is kept of it, where they are now."""
    for candidate in base.candidates:
        more = _AROUND_DECODED if candidate.decoded else AROUND
        low = candidate.start - candidate.before - candidate.rule.lead - more
        high = candidate.end + candidate.behind + more
        for new, old, length in parts:
            begins = old <= low or old == new == 0
            ends = old + length >= high or (old + length == base.size and new + length == size)
            if begins and ends and old <= candidate.start and candidate.end <= old + length:
                yield candidate._replace(
                    start=candidate.start - old + new, end=candidate.end - old + new
                )


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
