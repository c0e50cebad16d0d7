"""The multi-pattern database: one hyperscan pass that says where a rule may match.

Hyperscan gets bounded patterns only, so that a hit's end tells within how many bytes before
it the match begins, and so that a long token is reported once rather than at each of its
ends. What it reports is confirmed by `matcher`.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import hyperscan

from scanner.errors import ConfigError

# The most bytes that a rule's pattern may match, so that it is known how far from a change in a
# text a new hit can be.
WIDEST = 300
CLOSE = 128  # bytes
_MANY = 8  # hits so close to each other after which one is told for all that are `CLOSE`
_SHORT = 16  # bytes
_WORTH_THINNING = 4096  # bytes
# A repeat that ends a pattern, perhaps inside closing groups: `{20,128}`, `{20,})`.
# One that may be absent (`{0,2}`) stays: hyperscan refuses `{0}`.
_LAST_REPEAT = re.compile(r"(?<!\\)((?:\\\\)*)\{([1-9]\d*),\d*\}(\)*)$")


def clamp(regex: str) -> str:
    """`regex` with its last repeat cut to the minimum: it matches wherever `regex` does."""
    return _LAST_REPEAT.sub(r"\1{\2}\3", regex)


class Pattern(NamedTuple):
    """A hyperscan pattern; with `starts`, its hits tell where they begin, else where they end.

    One that is `thinned` may stand at every few bytes of a text, matches `_SHORT` bytes at most
    and means the same to `re`. Hyperscan tells whether it is there at all, as it would take
    longer to tell of each hit than to look for them.
    """

    text: str
    starts: bool = False
    thinned: bool = False

    def flags(self) -> int:
        """The pattern's hyperscan flags."""
        start = hyperscan.HS_FLAG_SOM_LEFTMOST if self.starts else 0
        once = hyperscan.HS_FLAG_SINGLEMATCH if self.thinned else 0
        return int(hyperscan.HS_FLAG_DOTALL | start | once)


def compile_patterns(patterns: Sequence[Pattern]) -> bytes:
    """Compiles patterns, numbered by position, and serialises the database.

    Raises ConfigError with hyperscan's reason when it refuses a pattern.
    """
    database = hyperscan.Database()
    try:
        database.compile(
            expressions=[pattern.text.encode() for pattern in patterns],
            ids=list(range(len(patterns))),
            elements=len(patterns),
            flags=[pattern.flags() for pattern in patterns],
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


class Prefilter:
    """A loaded database. Each thread needs a Prefilter of its own (hyperscan's scratch)."""

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
        self._found: dict[int, list[int]] = {}
        try:
            self._database = hyperscan.loadb(serialised, hyperscan.HS_MODE_BLOCK)
            self._scratch = hyperscan.Scratch(self._database)
        except (hyperscan.HyperscanError, hyperscan.error) as error:
            raise ConfigError([f"prefilter: {error}"]) from error

    def told(self, pattern: int) -> tuple[bool, int]:
        """Whether a pattern's hits tell where they begin, and how many bytes one takes at most."""
        return self._told[pattern]

    def hits(self, content: bytes, *, every: bool = False) -> dict[int, list[int]]:
        """Where each pattern's hits in `content` are: pattern number to offsets in bytes.

        Offsets are those of the hits' starts for patterns with `starts`, else of their ends
        (exclusive); each once, in ascending order. Of patterns that are thinned, only some hits
        are told where many stand close together: any other ends within `CLOSE` bytes of one that is
        told, and before another one, which is no more than `2 * CLOSE` bytes away. With `every`,
        each is told.
        """
        if not content:  # hyperscan calls an empty buffer an invalid argument
            return {}
        self._found = {}
        self._database.scan(content, match_event_handler=self._report, scratch=self._scratch)
        hits = {
            pattern: offsets if len(offsets) == 1 else sorted(set(offsets))
            for pattern, offsets in self._found.items()
        }
        for pattern, regex in self._thinned.items():
            if pattern in hits:
                at = max(0, hits[pattern][0] - _SHORT)
                hits[pattern] = _ends(regex, content, at, thinned=not every)
        return hits

    def _report(self, pattern: int, start: int, end: int, _flags: int, _context: object) -> None:
        """Hyperscan's call for each hit."""
        self._found.setdefault(pattern, []).append(start if self._starts[pattern] else end)


def _ends(regex: re.Pattern[bytes], content: bytes, at: int, *, thinned: bool) -> list[int]:
    """Where matches from `at` on end; with `thinned`, where many stand close together, some."""
    if not thinned or len(content) - at < _WORTH_THINNING:
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
