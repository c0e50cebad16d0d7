"""The multi-pattern databases: a hyperscan pass that says where a rule may match.

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
_LENGTH = 8  # bytes
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

    def flags(self) -> int:
        """The pattern's hyperscan flags."""
        start = hyperscan.HS_FLAG_SOM_LEFTMOST if self.starts else 0
        once = hyperscan.HS_FLAG_SINGLEMATCH if self.thinned else 0
        return int(hyperscan.HS_FLAG_DOTALL | start | once)


def compile_patterns(patterns: Sequence[Pattern]) -> bytes:
    """Compiles patterns, numbered by position, and serialises the databases: the length of the
    first in 8 bytes, the first, that of patterns which are apart.

    Raises ConfigError with hyperscan's reason when it refuses a pattern.
    """
    first, apart = (_compile(some) for some in _groups(patterns))
    return b"".join((len(first).to_bytes(_LENGTH, "big"), first, apart))


def _groups(patterns: Sequence[Pattern]) -> list[dict[int, Pattern]]:
    """The patterns for each database, by their numbers."""
    numbered = list(enumerate(patterns))
    return [{n: one for n, one in numbered if one.apart == apart} for apart in (False, True)]


def _compile(patterns: dict[int, Pattern]) -> bytes:
    if not patterns:
        return b""
    database = hyperscan.Database()
    try:
        database.compile(
            expressions=[(one.hint or one.text).encode() for one in patterns.values()],
            ids=list(patterns),
            elements=len(patterns),
            flags=[one.flags() for one in patterns.values()],
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
        self._found: dict[int, list[int]] = {}
        end = _LENGTH + int.from_bytes(serialised[:_LENGTH], "big")
        parts = serialised[_LENGTH:end], serialised[end:]
        groups = zip(parts, _groups(patterns), strict=True)
        self._databases = [_load(part) for part, some in groups if some]

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
        for database, scratch in self._databases:
            database.scan(content, match_event_handler=self._report, scratch=scratch)
        hits = {
            pattern: offsets if len(offsets) == 1 else sorted(set(offsets))
            for pattern, offsets in self._found.items()
        }
        for pattern, regex in self._thinned.items():
            if pattern in hits:
                at = max(0, hits.pop(pattern)[0] - _SHORT)
                if ends := _ends(regex, content, at, thinned=not every):
                    hits[pattern] = ends
        return hits

    def _report(self, pattern: int, start: int, end: int, _flags: int, _context: object) -> None:
        """Hyperscan's call for each hit."""
        self._found.setdefault(pattern, []).append(start if self._starts[pattern] else end)


def _load(serialised: bytes) -> tuple[hyperscan.Database, hyperscan.Scratch]:
    try:
        database = hyperscan.loadb(serialised, hyperscan.HS_MODE_BLOCK)
        return database, hyperscan.Scratch(database)
    except (hyperscan.HyperscanError, hyperscan.error) as error:
        raise ConfigError([f"prefilter: {error}"]) from error


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
