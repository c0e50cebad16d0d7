"""What is told of candidates: where they overlap, the stronger evidence; every secret hidden."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from scanner import positions
from scanner.fingerprints import redact
from scanner.models import Match, Secret, Span
from scanner.search import Candidate

_SHORTEST_ECHO = 4  # bytes; hiding shorter ones everywhere would hide the text


def matches(content: bytes, candidates: Sequence[Candidate]) -> tuple[Match, ...]:
    """The candidates in a content that are told, in the order of their positions."""
    if not candidates:
        return ()
    # In one order, however they were found: where two hide the same text, the first does.
    strongest = sorted(candidates, key=lambda one: (one.rank(), one.start, one.secret))
    kept = _settle(strongest)
    covers, texts = _covers(kept, strongest), _texts(content, strongest)
    return tuple(_matches(content, kept, covers, texts))


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
