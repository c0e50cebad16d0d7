"""Tells a string drawn at random from a name, a sentence or a placeholder.

Two measures work together. A model of character pairs, trained on identifiers and prose
(`benchmarks/train_randomness.py` makes its table), says how many bits a string costs when it
is read as language; the alphabet that the string uses says how many bits it costs when it is
read as random. The difference is a log-likelihood ratio. Shannon entropy and the structure
of the string (steps, repeats) catch what is neither: counting-up and repeated placeholders.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from pathlib import Path

# Character classes of the model: each letter by itself, all digits together, separators.
_LOWER = b"abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()
_SEPARATORS = {b"_": 53, b"-": 54, b".": 55, b"/": 56, b"+": 57}
DIGIT = 52
OTHER = 58
CLASS_COUNT = 59
START = CLASS_COUNT

_DIGITS = re.compile(rb"[0-9]")
_SEPARATOR = re.compile(rb"[_./+-]")
_WORD = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+|[0-9]{1,8}|[vV][0-9]{1,3}")
_SEPARATOR_BITS = 7.0
_BITS = 8.0  # how much more likely random must be than language, as a power of two
# Words of languages that the model was not trained on are letters of one case; few keys are.
_LETTERS_BITS = 20.0

_DIGIT_BITS = math.log2(10)
_REMEMBERED = 1024  # answers: the same values stand in version after version of a file
_LONGEST = 256  # characters that are looked at; more would change no verdict


def _class_table() -> bytes:
    table = bytearray([OTHER] * 256)
    for index, (lower, upper) in enumerate(zip(_LOWER, _UPPER, strict=True)):
        table[lower] = index
        table[upper] = 26 + index
    for digit in b"0123456789":
        table[digit] = DIGIT
    for separator, index in _SEPARATORS.items():
        table[separator[0]] = index
    return bytes(table)


_CLASSES = _class_table()


def classes(text: bytes) -> bytes:
    """The model's class of each byte of `text`, as bytes of the same length."""
    return text.translate(_CLASSES)


@lru_cache(maxsize=1)
def _pair_costs() -> tuple[tuple[float, ...], ...]:
    """Bits that each character pair costs as language: rows by the class before."""
    raw = (Path(__file__).parent / "_data" / "randomness.bin").read_bytes()
    rows = []
    for row in range(CLASS_COUNT + 1):
        costs = [value / 16 for value in raw[row * CLASS_COUNT : (row + 1) * CLASS_COUNT]]
        costs[DIGIT] += _DIGIT_BITS  # the class is one digit out of ten
        rows.append(tuple(costs))
    return tuple(rows)


def shannon_entropy(text: bytes) -> float:
    """Shannon entropy of `text` in bits per byte; 0.0 for no bytes."""
    size = len(text)
    if not size:
        return 0.0
    counts = [text.count(byte) for byte in set(text)]
    return sum(-count / size * math.log2(count / size) for count in counts)


def alphabet_size(text: bytes) -> int:
    """How many characters the smallest usual alphabet has that holds all of `text`.

    The usual alphabets: decimal, hexadecimal (one case), one case of letters with or without
    digits, base62, base64 and its URL-safe form, printable ASCII.
    """
    seen = set(text)
    if seen <= set(b"0123456789"):
        return 10
    if seen <= set(b"0123456789abcdef") or seen <= set(b"0123456789ABCDEF"):
        return 16
    digits = any(48 <= byte <= 57 for byte in seen)
    lower = any(97 <= byte <= 122 for byte in seen)
    upper = any(65 <= byte <= 90 for byte in seen)
    size = 26 * (lower + upper) + 10 * digits
    others = {byte for byte in seen if not chr(byte).isascii() or not chr(byte).isalnum()}
    if not others:
        return size
    if others <= set(b"+/=") or others <= set(b"-_=."):
        return size + 2
    return size + 32


def surprise(text: bytes) -> float:
    """How much better `text` is explained as random than as language, in bits.

    Above zero: random is the better explanation. A 20-character base62 key scores around
    50, an identifier of that length around -50.
    """
    text = text[:_LONGEST]
    if not text:
        return 0.0
    language = _language_bits(text)
    if text.isupper():
        # SHOUTED_NAMES are names: the shouting itself is one choice, not one for each letter.
        language = min(language, _language_bits(text.lower()))
    return language - len(text) * math.log2(alphabet_size(text)) - _segment_bits(text)


def _language_bits(text: bytes) -> float:
    costs = _pair_costs()
    before = START
    total = 0.0
    for now in text.translate(_CLASSES):
        total += costs[before][now]
        before = now
    return total


def _segment_bits(text: bytes) -> float:
    """What separators count for language: names are words joined, random strings are not.

    A separator counts only when every piece between separators is of one sort (a word in one
    case, a capitalised word, a number), as in `cisco.nxos.nxos_smu` or `X_API_V2`.
    """
    pieces = _SEPARATOR.split(text)
    if len(pieces) > 1 and all(_WORD.fullmatch(piece) for piece in pieces if piece):
        return _SEPARATOR_BITS * (len(pieces) - 1)
    return 0.0


def is_numeric(text: bytes) -> bool:
    """Whether `text` is a number, date, version, address or path of coordinates."""
    digits = sum(48 <= byte <= 57 for byte in text)
    marks = sum(byte in b".,:-+ " for byte in text)
    if digits + marks == len(text):
        return True
    return b"." in text and digits > 0 and (digits + marks) * 4 >= len(text) * 3


def is_patterned(text: bytes) -> bool:
    """Whether `text` counts up or down, stays on few characters, or repeats itself.

    These are placeholders (`1234567890abcdef`, `xxxx`, `abcabcabc`), whatever their entropy.
    """
    size = len(text)
    if size < 4:
        return True
    # Counting by single characters (`123456`) or in alternation (`a1b2c3d4`).
    steps = max(_steps(text, 1), _steps(text, 2))
    distinct = len(set(text))
    # A random string of n characters over an alphabet of a has on average this many.
    alphabet = alphabet_size(text)
    expected = alphabet * (1 - (1 - 1 / alphabet) ** size)
    if steps > 0.4 * (size - 1) + 2 or distinct < 0.45 * expected:
        return True
    return _repeats(text)


def _steps(text: bytes, lag: int) -> int:
    """How many characters differ by at most one from the character `lag` places before."""
    return sum(-1 <= after - before <= 1 for before, after in zip(text, text[lag:], strict=False))


def _repeats(text: bytes) -> bool:
    """Whether some shift of `text` by at most half its length agrees nearly everywhere."""
    size = len(text)
    if size < 8:
        return False
    for shift in range(1, size // 2 + 1):
        same = sum(a == b for a, b in zip(text, text[shift:], strict=False))
        if same >= 0.8 * (size - shift):
            return True
    return False


def needed(text: bytes) -> float:
    """What `surprise` must be for `text` to look drawn at random, in bits."""
    text = text[:_LONGEST]
    letters = not _DIGITS.search(text) and (text.islower() or text.isupper())
    return _LETTERS_BITS if letters else _BITS


@lru_cache(_REMEMBERED)
def is_random(text: bytes) -> bool:
    """Whether `text` looks drawn at random, and is no number."""
    text = text[:_LONGEST]
    return surprise(text) >= needed(text) and not is_numeric(text) and not is_patterned(text)
