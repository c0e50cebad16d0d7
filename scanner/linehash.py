"""The hash by which GitHub code scanning knows a line again, its `primaryLocationLineHash`.

The algorithm is that of `src/fingerprints.ts` in github/codeql-action: over the first 100 UTF-16
units of the file from the line's start on, without spaces and tabs and with every line end as a
line feed, the sum of each unit times a power of 37 modulo 2**64; then how many lines of the file
have had that hash so far. GitHub's action works it out from the checked-out file; for what is
only in the history, nobody could but us.

Who has a report and knows what stands around a secret learns 64 bits of it from this sum: enough
to work a password out, and a part of any key. So the line's own value is given only where at
least 64 bits of every secret in these 100 units stay unknown (the fingerprint lets a guess be
tested, so a few would not do). Elsewhere the hash is made of the text with its secrets as reports
show them, and is not `exact`: GitHub's action finds that its own differs, says so in its log, and
keeps ours.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from scanner.fingerprints import HIDDEN
from scanner.models import LineHash, Match
from scanner.positions import decode

_BLOCK = 100  # UTF-16 units
_FACTOR, _MODULUS = 37, 1 << 64
_POWERS = [pow(_FACTOR, _BLOCK - 1 - at, _MODULUS) for at in range(_BLOCK)]
_END = "\uffff" + "\0" * _BLOCK  # what the algorithm puts behind the text
_BOM = "\ufeff"
_BLANKS = str.maketrans("", "", " \t")
_LONE_RETURN = re.compile("\r(?!\n)")  # ends a line for the algorithm and for nobody else
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_TOLD = 64  # bits that one hash tells
_SHOWN = 7  # characters of a secret that its redacted form shows
_ALPHABETS = ((r"[0-9]", 10), (r"[a-f]", 6), (r"[g-z]", 20), (r"[A-F]", 6), (r"[G-Z]", 20),
              (r"[^0-9A-Za-z]", 2))  # fmt: skip
_SHORTEST_ECHO = 4  # characters; shorter ones would hide the text


class _Hidden(NamedTuple):
    """A secret in a text: from where to where, in characters, and what is shown instead."""

    start: int
    end: int
    shown: str
    unknown: float  # bits that whoever reads the report does not know


def line_hashes(content: bytes, text: bytes, found: Sequence[Match]) -> list[LineHash]:
    """For each match the hash of the line on which it begins, in the order of the matches.

    `text` is what the matches' lines count in, as UTF-8: the content itself unless that is in
    another encoding. `found` are all matches in it.
    """
    characters = decode(text)
    hidden = list(_joined(_hidden(characters, found)))
    lines = [match.span.start_line for match in found]
    alike = text is content and not _LONE_RETURN.search(characters)
    safe = _safe(characters, hidden, lines) if alike else []
    own = _hashes(_normal(content.decode("utf-8", "replace")), {*safe})
    shown = _hashes(_normal(_redacted(characters, hidden)), {*lines} - {*safe})
    return [own[line] if line in own else shown[line]._replace(exact=False) for line in lines]


def _hashes(text: str, lines: set[int]) -> dict[int, LineHash]:
    """The hashes of some lines of a text that is in the algorithm's form."""
    if not lines:
        return {}
    starts = list(_starts(text))
    padded = text + _END
    blocks = {line: padded[(at := starts[line - 1]) : at + _BLOCK] for line in lines}
    wanted = dict.fromkeys(blocks.values(), 0)
    found: dict[int, LineHash] = {}
    for line, at in enumerate(starts[: max(lines)], 1):
        block = padded[at : at + _BLOCK]
        if block in wanted:
            wanted[block] += 1
            if line in lines:
                found[line] = LineHash(_digest(block), wanted[block])
    return found


def _starts(text: str) -> Iterator[int]:
    lengths = (len(line) + 1 for line in text.split("\n"))
    return accumulate(lengths, initial=0)


def _digest(block: str) -> str:
    total = sum(ord(unit) * power for unit, power in zip(block, _POWERS, strict=True))
    return f"{total % _MODULUS:x}"


def _normal(text: str) -> str:
    """The text without blanks, its lines ended by line feeds, one character for each unit."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_BLANKS)
    return text if text.isascii() else _ASTRAL.sub(_units, text)


def _units(found: re.Match[str]) -> str:
    code = ord(found[0]) - 0x10000
    return chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))


def _hidden(text: str, found: Sequence[Match]) -> Iterator[_Hidden]:
    """Where the secrets stand, and where else the same words do."""
    starts = list(_starts(text))
    starts[0] += text.startswith(_BOM)  # which takes no column
    words: dict[str, _Hidden] = {}
    for match in found:
        span, secret = match.span, match.secret
        start = starts[span.start_line - 1] + span.start_column - 1
        end = starts[span.end_line - 1] + span.end_column - 1
        plain = decode(secret.reveal())
        known = _Hidden(start, end, secret.redacted, _unknown(plain, secret.redacted))
        yield known
        words.setdefault(plain, known)
    for word, known in words.items():
        at = text.find(word) if len(word) >= _SHORTEST_ECHO else -1
        while at >= 0:
            yield known._replace(start=at, end=at + len(word))
            at = text.find(word, at + len(word))


def _joined(hidden: Iterator[_Hidden]) -> Iterator[_Hidden]:
    """In order and without overlaps; of two that overlap, the weaker counts."""
    last: _Hidden | None = None
    for one in sorted(hidden):
        if last and one.start < last.end:
            end, unknown = max(last.end, one.end), min(last.unknown, one.unknown)
            last = last._replace(end=end, unknown=unknown)
            continue
        if last:
            yield last
        last = one
    if last:
        yield last


def _unknown(secret: str, shown: str) -> float:
    """Bits of a secret that its redacted form does not tell, if it is random."""
    if shown == HIDDEN:  # short, or such as people choose
        return 0.0
    size = sum(size for pattern, size in _ALPHABETS if re.search(pattern, secret))
    return (len(secret) - _SHOWN) * math.log2(size)


def _safe(text: str, hidden: Sequence[_Hidden], lines: Sequence[int]) -> list[int]:
    """Those lines whose own hash leaves every secret in its reach unknown.

    A secret that the reach cuts short is told twice, once by its own line.
    """
    starts = list(_starts(text))
    found = []
    for line in sorted(set(lines)):
        at = starts[line - 1]
        end = _reach(text, at)
        reached = _between(hidden, at, end)
        if all(one.unknown >= _TOLD * (2 + (one.end > end)) for one in reached):
            found.append(line)
    return found


def _reach(text: str, start: int) -> int:
    """Where the 100 units that begin at `start` end, in characters."""
    at, room = start, _BLOCK
    while room > 0 and at < len(text):
        part = text[at : at + room]
        room -= len(_normal(part))
        at += len(part)
    return at


def _between(hidden: Sequence[_Hidden], start: int, end: int) -> Iterator[_Hidden]:
    """Those that reach into a stretch."""
    # Without overlaps the ends are in order too.
    for one in hidden[bisect_right(hidden, start, key=lambda one: one.end) :]:
        if one.start >= end:
            break
        yield one


def _redacted(text: str, hidden: Sequence[_Hidden]) -> str:
    parts, done = [], 0
    for one in hidden:
        parts += [text[done : one.start], one.shown]
        # Lines count on behind a secret of several.
        parts.append("\n" * text.count("\n", one.start, one.end))
        done = one.end
    return _LONE_RETURN.sub("\v", "".join([*parts, text[done:]]))
