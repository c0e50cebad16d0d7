"""Which stretches of an object its base in the pack has too.

What both begin and end with is found by comparing; where that leaves much, the delta's own
instructions tell more. They are those of gitformat-pack(5): copy from the base, or insert.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_STEP = 256  # bytes compared first
_FINE = 64  # bytes to which the common beginning and end are found out
_MUCH = 12_000  # bytes between them from which on the delta is read
# Bytes of a delta above which reading it costs more than it saves, and bytes between the common
# beginning and end for each of its own from which on it does not.
_LONGEST = 3000
_WORTH_READING = 12
_SHORT = 600  # bytes of a delta up to which reading it costs less than comparing
_WORTH = 1200  # bytes of a copy; what is looked at around changes takes up shorter ones
_COPY, _OFFSET_BYTES, _SIZE_BYTES = 128, (1, 2, 4, 8), (16, 32, 64)
_MOST = 0x10000  # bytes of a copy that gives no size
_MORE = 1 << 62  # bytes; more than there are

# Bytes of a text, from the one offset to the other (exclusive).
Stretch = tuple[int, int]


class Kept(NamedTuple):
    """`size` bytes that stand at offset `new` of the object and at `old` of its base."""

    new: int
    old: int
    size: int


def kept(content: bytes, base: bytes, delta: bytes) -> list[Kept]:
    """What an object has from its base, in the order of the object, without overlaps.

    There may be more than is told.
    """
    if len(delta) <= _SHORT:
        return _copies(delta)
    both = ends(content, base)
    between = both[1].new - both[0].size
    if between > _MUCH and len(delta) <= max(_LONGEST, between // _WORTH_READING):
        return _copies(delta)
    return both


def ends(content: bytes, base: bytes) -> list[Kept]:
    """What an object and its base both begin with, and what both end with.

    There may be more than is told.
    """
    size = len(content)
    most = min(size, len(base))
    head = _common_head(content, base, most)
    tail = _common_tail(content, base, most - head)
    return [Kept(0, 0, head), Kept(size - tail, len(base) - tail, tail)]


def altered(parts: Sequence[Kept], size: int, base_size: int) -> list[Stretch]:
    """What of an object of `size` bytes is not as in its base of `base_size` bytes: byte offsets
    in order and without overlaps. Where something is gone, both ends are the same."""
    found: list[Stretch] = []
    done = old = 0
    for part in parts:
        # Nothing new may stand between two parts, but something may be gone from there.
        if part.new > done or part.old != old:
            found.append((done, part.new))
        done, old = part.new + part.size, part.old + part.size
    if size > done or base_size != old:
        found.append((done, size))
    return found


def around(found: Sequence[Stretch], margin: int, size: int) -> list[Stretch]:
    """What of an object of `size` bytes lies within `margin` bytes of some stretches of it, which
    are in order and without overlaps, as it is itself."""
    wide: list[Stretch] = []
    for low, high in found:
        begin, end = max(0, low - margin), min(size, high + margin)
        if wide and begin <= wide[-1][1]:
            wide[-1] = wide[-1][0], end
        else:
            wide.append((begin, end))
    return wide


class Bounds(NamedTuple):
    """From where to where in the base something is kept, and by how much it has moved."""

    first: int
    last: int
    moved: int


def bounds(parts: Sequence[Kept], size: int, base_size: int) -> list[Bounds]:
    """The bounds of what an object of `size` bytes has from its base of `base_size`. Where the
    object begins or ends as its base does, what lies beyond is kept too."""
    return [
        Bounds(
            -_MORE if old == new == 0 else old,
            _MORE if old + length == base_size and new + length == size else old + length,
            new - old,
        )
        for new, old, length in parts
    ]


def carried(
    found: Sequence[Stretch], kept_parts: Sequence[Bounds]
) -> tuple[list[Stretch], list[Stretch]]:
    """Where stretches of a base are in an object: those that are kept as a whole, and what is kept
    of the others."""
    whole: list[Stretch] = []
    pieces: list[Stretch] = []
    for low, high in found:
        some: list[Stretch] = []
        for first, last, moved in kept_parts:
            if first <= low and high <= last:
                whole.append((low + moved, high + moved) if moved else (low, high))
                break
            if first <= high and low <= last:
                some.append((max(low, first) + moved, min(high, last) + moved))
        else:
            pieces += some
    return whole, pieces


def merged(found: Iterable[Stretch]) -> list[Stretch]:
    """The stretches in order, as one where they touch."""
    done: list[Stretch] = []
    for low, high in sorted(found):
        if done and low <= done[-1][1]:
            done[-1] = done[-1][0], max(done[-1][1], high)
        else:
            done.append((low, high))
    return done


def outermost(found: Iterable[Stretch]) -> list[Stretch]:
    """The stretches in order, without those that lie in another."""
    done: list[Stretch] = []
    for low, high in sorted(found, key=lambda one: (one[0], -one[1])):
        if not done or high > done[-1][1]:
            done.append((low, high))
    return done


def meets(one: Stretch, others: Sequence[Stretch]) -> bool:
    """Whether a stretch touches one of others, which are in order and apart."""
    index = bisect_right(others, one[1], key=_low) - 1
    return index >= 0 and others[index][1] >= one[0]


def lies(one: Stretch, others: Sequence[Stretch], size: int) -> bool:
    """Whether what a stretch takes up of an object of `size` bytes lies in one of others, which are
    in order and apart."""
    low, high = max(0, one[0]), min(size, one[1])
    index = bisect_right(others, low, key=_low) - 1
    return index >= 0 and others[index][1] >= high


def _low(one: Stretch) -> int:
    return one[0]


def _common_head(one: bytes, other: bytes, most: int) -> int:
    """Bytes that both begin with, at most `most`; perhaps `_FINE` less than there are."""
    done, step = 0, _STEP
    while done + step <= most and one[done : done + step] == other[done : done + step]:
        done += step
        step *= 2
    while step > _FINE:
        step //= 2
        if done + step <= most and one[done : done + step] == other[done : done + step]:
            done += step
    return done


def _common_tail(one: bytes, other: bytes, most: int) -> int:
    """Bytes that both end with, at most `most`; perhaps `_FINE` less than there are."""
    end, other_end = len(one), len(other)
    done, step = 0, _STEP
    while done + step <= most and one[end - step : end] == other[other_end - step : other_end]:
        done += step
        end -= step
        other_end -= step
        step *= 2
    while step > _FINE:
        step //= 2
        if done + step <= most and one[end - step : end] == other[other_end - step : other_end]:
            done += step
            end -= step
            other_end -= step
    return done


class _Plain(NamedTuple):
    """How the number behind a copy's code is made up: its bytes in all, which of its bits are the
    offset, and how many bits the size is above that."""

    width: int
    mask: int
    shift: int


def _plain(code: int) -> _Plain | None:
    """How a copy's offset and size follow its code, when those of their bytes that are left out,
    which are zero, all come last; nothing otherwise."""
    offset, size = code & sum(_OFFSET_BYTES), (code & sum(_SIZE_BYTES)) >> 4
    if offset & (offset + 1) or size & (size + 1):
        return None
    bits = 8 * offset.bit_length()
    return _Plain(offset.bit_length() + size.bit_length(), (1 << bits) - 1, bits)


_PLAIN = [_plain(code) for code in range(2 * _COPY)]


def _copies(delta: bytes) -> list[Kept]:
    """The copies of a delta that are worth it; those that follow each other in the base too
    are one."""
    at = _behind_number(delta, _behind_number(delta, 0))
    found: list[Kept] = []
    done = 0  # bytes of the result
    new = old = length = 0  # of the copies gathered so far
    end = len(delta)
    plain, number = _PLAIN, int.from_bytes
    while at < end:
        code = delta[at]
        at += 1
        if code < _COPY:
            at += code
            done += code
            continue
        if made_up := plain[code]:  # most, at a third of the time
            width, mask, shift = made_up
            both = number(delta[at : at + width], "little")
            at += width
            offset, size = both & mask, both >> shift
        else:
            offset, size, at = _copy(delta, at)
        size = size or _MOST
        if old + length == offset and new + length == done:
            length += size
        else:
            if length >= _WORTH:
                found.append(Kept(new, old, length))
            new, old, length = done, offset, size
        done += size
    if length >= _WORTH:
        found.append(Kept(new, old, length))
    return found


def _copy(delta: bytes, at: int) -> tuple[int, int, int]:
    """The offset and size of a copy, each of whose bytes may be left out, and where it ends;
    `at` is behind its code."""
    code = delta[at - 1]
    offset = size = 0
    for place, bit in enumerate(_OFFSET_BYTES):
        if code & bit:
            offset |= delta[at] << (8 * place)
            at += 1
    for place, bit in enumerate(_SIZE_BYTES):
        if code & bit:
            size |= delta[at] << (8 * place)
            at += 1
    return offset, size, at


def _behind_number(delta: bytes, at: int) -> int:
    """Where a number ends that begins at `at`."""
    while delta[at] >= _COPY:
        at += 1
    return at + 1
