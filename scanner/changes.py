"""Which stretches of an object are not those of its base in the pack.

What both begin and end with is found by comparing; where that leaves much, the delta's own
instructions tell more. They are those of gitformat-pack(5): copy from the base, or insert.
"""

from __future__ import annotations

_STEP = 256  # bytes compared first
_FINE = 64  # bytes to which the common beginning and end are found out
_MUCH = 12_000  # bytes between them from which on the delta is read
_LONGEST = 3000  # bytes of a delta above which reading it costs more than it saves
_WORTH = 0.75  # of the object's size, above which there is no point in stretches
_COPY, _OFFSET_BYTES, _SIZE_BYTES = 128, (1, 2, 4, 8), (16, 32, 64)


def stretches(
    content: bytes, base: bytes, delta: bytes, margin: int
) -> list[tuple[int, int]] | None:
    """Where an object differs from its base, widened by `margin` bytes on each side.

    Byte offsets, the ends exclusive, in order and without overlaps. A text that lies outside of
    them, and `margin` bytes on each side of it, stand in the base as they do here. Returns None
    when the whole object had better be looked at.
    """
    size = len(content)
    most = min(size, len(base))
    head = _common_head(content, base, most)
    tail = _common_tail(content, base, most - head)
    low, high = max(0, head - margin), min(size, size - tail + margin)
    if high - low > _MUCH + 2 * margin and len(delta) <= _LONGEST:
        return _by_delta(delta, size, margin)
    return [(low, high)] if high - low <= _WORTH * size else None


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


def _by_delta(delta: bytes, size: int, margin: int) -> list[tuple[int, int]] | None:
    found: list[tuple[int, int]] = []
    covered = 0
    low = high = -1
    for begin, end in _changes(delta):
        if begin - margin <= high:
            high = end + margin
            continue
        if high >= 0:
            found.append((max(0, low), high))
            covered += high - low
        low, high = begin - margin, end + margin
    if high >= 0:
        found.append((max(0, low), min(size, high)))
        covered += high - low
    return None if covered > _WORTH * size else found


def _changes(delta: bytes) -> list[tuple[int, int]]:
    """Stretches of the result that are inserted, or where two copies meet that do not follow
    each other in the base; also its two ends when the base's are not there."""
    at, base_size = _number(delta, 0)
    at, size = _number(delta, at)
    found = []
    done = 0  # bytes of the result
    expected = 0  # where in the base the next copy would go on
    end = len(delta)
    while at < end:
        code = delta[at]
        at += 1
        if code < _COPY:
            found.append((done, done + code))
            at += code
            done += code
            expected = -1
            continue
        offset = length = 0
        for place, bit in enumerate(_OFFSET_BYTES):
            if code & bit:
                offset |= delta[at] << (8 * place)
                at += 1
        for place, bit in enumerate(_SIZE_BYTES):
            if code & bit:
                length |= delta[at] << (8 * place)
                at += 1
        length = length or 0x10000
        if offset != expected:
            found.append((done, done))
        done += length
        expected = offset + length
    if expected != base_size:
        found.append((size, size))
    return found


def _number(delta: bytes, at: int) -> tuple[int, int]:
    """Where a number ends that begins at `at`, and the number."""
    value = shift = 0
    while True:
        byte = delta[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < _COPY:
            return at, value
