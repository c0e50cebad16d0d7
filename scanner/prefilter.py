"""The multi-pattern databases: a hyperscan pass that says where a rule may match.

Hyperscan gets bounded patterns only, so that a hit's end tells within how many bytes before
it the match begins, and so that a long token is reported once rather than at each of its
ends. What it reports is confirmed by `matcher`.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

import hyperscan

from scanner.errors import ConfigError

# The most bytes that a rule's pattern may match, so that it is known how far from a change in a
# text a new hit can be.
WIDEST = 300
CLOSE = 128  # bytes
_MANY = 8  # hits so close to each other after which one is told for all that are `CLOSE`
_SHORT = 16  # bytes
_LENGTH = 8  # bytes
_WORTH_THINNING = 4096  # bytes
_LITTLE = 2048  # bytes of a text that is looked at together with others
_TOGETHER = 1 << 16  # bytes of them
_BETWEEN = b"\n\0\n"  # between them
# Anchors, once all that is none or beside which white space does as well has been taken away: the
# end of a line stands between the texts.
_ANCHOR = re.compile(r"[\^$]|\\[AzZ]")
_CLASS = r"\[\^?\]?(?:\\.|[^\]\\])*\]"
_WHITE = r"\[(?!\^)(?:\\.|[^\]\\])*?\\s(?:\\.|[^\]\\])*\]"
_NO_ANCHOR = re.compile(rf"\(\?:\^\|{_WHITE}\)|\(\?:{_WHITE}\|\$\)|\\[^AzZ]|{_CLASS}", re.DOTALL)
# A repeat that ends a pattern, perhaps inside closing groups: `{20,128}`, `{20,})`, `{36}`.
# One that may be absent (`{0,2}`) stays: hyperscan refuses `{0}`.
_LAST_REPEAT = re.compile(r"(?<!\\)((?:\\\\)*)\{([1-9]\d*)(?:,\d*)?\}(\)*)$")
_ENOUGH = 24  # times; with longer tails the database takes up to a tenth longer


def clamp(regex: str) -> str:
    """`regex` with its last repeat cut short, to the minimum or less: it matches wherever `regex`
    does."""
    return _LAST_REPEAT.sub(lambda m: f"{m[1]}{{{min(_ENOUGH, int(m[2]))}}}{m[3]}", regex)


class Pattern(NamedTuple):
    """A hyperscan pattern; with `starts`, its hits tell where they begin, else where they end.

    One that is `thinned` may stand at every few bytes of a text, matches `_SHORT` bytes at most
    and means the same to `re`. Hyperscan tells whether it is there at all, as it would take
    longer to tell of each hit than to look for them; and it looks for the `hint`, if there is one,
    that ends in or with whatever the pattern matches, but may be found elsewhere too.

    Patterns that are `apart` are looked for by themselves. Those that begin with common bytes would
    have the others take up to twice as long.
    """

    text: str
    starts: bool = False
    thinned: bool = False
    hint: str = ""
    apart: bool = False

    def flags(self, *, every: bool = False) -> int:
        """The pattern's hyperscan flags; with `every`, those with which each hit is told."""
        start = hyperscan.HS_FLAG_SOM_LEFTMOST if self.starts else 0
        once = hyperscan.HS_FLAG_SINGLEMATCH if self.thinned and not every else 0
        return int(hyperscan.HS_FLAG_DOTALL | start | once)

    def joins(self) -> bool:
        """Whether it can be looked for in many texts together: it finds the same in a text between
        others, and hyperscan tells each of its hits."""
        anchored = _ANCHOR.search(_NO_ANCHOR.sub("", self.text)) is not None
        return not anchored and (self.apart or not self.thinned)


def compile_patterns(patterns: Sequence[Pattern]) -> bytes:
    """Compiles patterns, numbered by position, and serialises the databases, each after its length
    in 8 bytes: of most patterns, of those that are apart, of the latter for many texts together.

    Raises ConfigError with hyperscan's reason when it refuses a pattern.
    """
    made = [_compile(*group) for group in _groups(patterns)]
    return b"".join(part for one in made for part in (len(one).to_bytes(_LENGTH, "big"), one))


def _groups(patterns: Sequence[Pattern]) -> list[tuple[dict[int, Pattern], bool]]:
    """The patterns of each database by their numbers, and whether each hit is told."""
    numbered = list(enumerate(patterns))
    plain, apart = ({n: one for n, one in numbered if one.apart == kind} for kind in (False, True))
    return [(plain, False), (apart, False), (apart, True)]


def _compile(patterns: dict[int, Pattern], every: bool) -> bytes:
    if not patterns:
        return b""
    database = hyperscan.Database()
    try:
        database.compile(
            expressions=[(one.hint or one.text).encode() for one in patterns.values()],
            ids=list(patterns),
            elements=len(patterns),
            flags=[one.flags(every=every) for one in patterns.values()],
        )
    except (hyperscan.HyperscanError, hyperscan.error) as error:
        raise ConfigError([f"prefilter: {error}"]) from error
    return bytes(hyperscan.dumpb(database))


def refusal(text: str, starts: bool = False) -> str | None:
    """Why hyperscan cannot compile this pattern, or nothing when it can."""
    try:
        compile_patterns([Pattern(text, starts)])
    except ConfigError as error:
        return str(error)
    return None


_Loaded = tuple[hyperscan.Database, hyperscan.Scratch]


class Prefilter:
    """Loaded databases. Each thread needs a Prefilter of its own (hyperscan's scratch)."""

    def __init__(self, serialised: bytes, patterns: Sequence[Pattern]) -> None:
        """Loads what `compile_patterns` made of `patterns`.

        Raises ConfigError when it was made by another version, for another processor, or is
        damaged.
        """
        self._starts = [pattern.starts for pattern in patterns]
        self._thinned = {
            number: re.compile(pattern.text.encode(), re.DOTALL)
            for number, pattern in enumerate(patterns)
            if pattern.thinned
        }
        self._told = [(one.starts, _SHORT if one.thinned else WIDEST) for one in patterns]
        parts, groups = list(_parts(serialised)), _groups(patterns)
        if len(parts) != len(groups):
            raise ConfigError(["prefilter: a part is missing"])
        plain, apart, every = (
            _load(part) if some else None for part, (some, _) in zip(parts, groups, strict=True)
        )
        self._alone = [one for one in (plain, apart) if one]
        self._together = [one for one in (plain, every) if one]
        self.joins = all(one.joins() for one in patterns)  # whether texts can be joined

    def told(self, pattern: int) -> tuple[bool, int]:
        """Whether a pattern's hits tell where they begin, and how many bytes one takes at most."""
        return self._told[pattern]

    def hits(self, content: bytes) -> dict[int, list[int]]:
        """Where each pattern's hits in `content` are: pattern number to offsets in bytes.

        Offsets are those of the hits' starts for patterns with `starts`, else of their ends
        (exclusive); each once, in ascending order. Of patterns that are thinned, only some hits
        are told where many stand close together: any other ends within `CLOSE` bytes of one that is
        told, and before another one, which is no more than `2 * CLOSE` bytes away.
        """
        hits: dict[int, list[int]] = {}
        starts = self._starts

        def report(pattern: int, start: int, end: int, _flags: int, _context: object) -> None:
            hits.setdefault(pattern, []).append(start if starts[pattern] else end)

        self._scan(self._alone, content, report)
        if hits:
            self._settle(content, hits)
        return hits

    def hits_of(self, texts: Sequence[bytes]) -> list[dict[int, list[int]]]:
        """What `hits` tells of each of some texts, and perhaps further hits near their ends, as if
        other texts stood beside them.

        Short ones are looked at together, which takes a fraction of the time of one by one.
        """
        found: list[dict[int, list[int]]] = [{} for _ in texts]
        short: list[int] = []
        size = 0
        for number, text in enumerate(texts):
            if len(text) > _LITTLE or not self.joins:
                found[number] = self.hits(text)
                continue
            short.append(number)
            size += len(text)
            if size > _TOGETHER:
                self._look_together(texts, short, found)
                short, size = [], 0
        self._look_together(texts, short, found)
        return found

    def _look_together(
        self, texts: Sequence[bytes], numbers: Sequence[int], found: list[dict[int, list[int]]]
    ) -> None:
        """Adds to `found` the hits in those texts that have one of some numbers."""
        some = [texts[number] for number in numbers]
        begins = [0, *accumulate(len(text) + len(_BETWEEN) for text in some)]
        told: list[tuple[int, int, int]] = []

        def report(pattern: int, start: int, end: int, _flags: int, _context: object) -> None:
            told.append((end, pattern, start))

        self._scan(self._together, _BETWEEN.join(some), report)
        hit, again = set(), set()
        for end, pattern, start in told:
            at = bisect_left(begins, end) - 1
            text, low = some[at], begins[at]
            hit.add(at)
            if not self._starts[pattern]:
                # The end of a line may have been taken for that of the text.
                found[numbers[at]].setdefault(pattern, []).append(min(end - low, len(text)))
            elif start >= low:
                found[numbers[at]].setdefault(pattern, []).append(start - low)
            else:  # of several beginnings hyperscan tells the first, which hides those in the text
                again.add(at)
        for at in hit - again:
            self._settle(some[at], found[numbers[at]])
        for at in again:
            found[numbers[at]] = self.hits(some[at])

    def _scan(
        self, databases: Sequence[_Loaded], content: bytes, report: Callable[..., None]
    ) -> None:
        """Has each hit of some databases reported."""
        if content:  # hyperscan calls an empty buffer an invalid argument
            for database, scratch in databases:
                database.scan(content, match_event_handler=report, scratch=scratch)

    def _settle(self, content: bytes, hits: dict[int, list[int]]) -> None:
        """Puts hits in order, and those of thinned patterns in the place of those of hints."""
        for pattern, offsets in hits.items():
            if len(offsets) > 1:
                hits[pattern] = sorted(set(offsets))
        for pattern in self._thinned.keys() & hits.keys():
            at = max(0, hits.pop(pattern)[0] - _SHORT)
            if ends := _ends(self._thinned[pattern], content, at):
                hits[pattern] = ends


def _parts(serialised: bytes) -> Iterator[bytes]:
    """The databases one by one."""
    while serialised:
        end = _LENGTH + int.from_bytes(serialised[:_LENGTH], "big")
        yield serialised[_LENGTH:end]
        serialised = serialised[end:]


def _load(serialised: bytes) -> _Loaded:
    try:
        database = hyperscan.loadb(serialised, hyperscan.HS_MODE_BLOCK)
        return database, hyperscan.Scratch(database)
    except (hyperscan.HyperscanError, hyperscan.error) as error:
        raise ConfigError([f"prefilter: {error}"]) from error


def _ends(regex: re.Pattern[bytes], content: bytes, at: int) -> list[int]:
    """Where matches from `at` on end; where many stand close together, some."""
    if len(content) - at < _WORTH_THINNING:
        return [match.end() for match in regex.finditer(content, at)]
    found: list[int] = []
    passed = at  # up to where the next match begins, if it is not among those passed over
    while True:
        for match in regex.finditer(content, passed):
            if passed > at and match.start() - passed > CLOSE:
                found += _last_end(regex, content, at, passed)
            found.append(match.end())
            at = passed = match.end()
            if len(found) >= _MANY and at - found[-_MANY] < _MANY * CLOSE:
                passed = at + CLOSE - _SHORT
                break
        else:
            return found + (_last_end(regex, content, at, passed) if passed > at else [])


def _last_end(regex: re.Pattern[bytes], content: bytes, low: int, high: int) -> list[int]:
    """Where the last match ends that begins between two offsets, if there is one."""
    ends = [m.end() for m in regex.finditer(content, low, high + _SHORT) if m.start() < high]
    return ends[-1:]
