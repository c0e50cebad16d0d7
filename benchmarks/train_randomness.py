"""Makes `scanner/_data/randomness.bin`, the table of character pairs in names and prose.

    python -m benchmarks.train_randomness OUTPUT DIR...

The shipped table was trained on CPython 3.11's `Lib` folder and the files of the Django 5
package (for its names, its prose and its messages in some ninety languages). Layout: a row
for each character class that comes before, a column for each that follows, one byte a pair:
16 times the bits that the pair costs (-log2 of its probability), at most 255. Classes are
those of `scanner.randomness.CLASSES`, plus one row for the start of a word.
"""

from __future__ import annotations

import math
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from scanner.randomness import CLASS_COUNT, START, classes

WORD = re.compile(rb"[A-Za-z0-9_\-./+]{3,60}")
TEXT_SUFFIXES = {".py", ".po", ".txt", ".html", ".js", ".css", ".rst", ".md"}
SMOOTHING = 0.5


def words(folders: list[Path]) -> Counter[bytes]:
    """Every word-like run in the text files below the folders, with how often it stands."""
    found: Counter[bytes] = Counter()
    for path in _files(folders):
        found.update(WORD.findall(path.read_bytes()))
    return found


def _files(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in TEXT_SUFFIXES and path.is_file():
                yield path


def train(found: Counter[bytes]) -> bytes:
    """The table, from words weighted by the square root of their count.

    The root keeps `self` from drowning rare names; words that look like digests (long and
    with many digits) are left out, since test data is full of them.
    """
    pairs = [[SMOOTHING] * CLASS_COUNT for _ in range(CLASS_COUNT + 1)]
    for word, count in found.items():
        digits = sum(48 <= byte <= 57 for byte in word)
        if digits > 3 and digits * 5 > len(word):
            continue
        weight = math.sqrt(count)
        before = START
        for now in classes(word):
            pairs[before][now] += weight
            before = now
    table = bytearray()
    for row in pairs:
        total = sum(row)
        table += bytes(min(255, round(-16 * math.log2(value / total))) for value in row)
    return bytes(table)


def main(argv: list[str]) -> int:
    """Trains on the folders named and writes the table."""
    output, *folders = map(Path, argv)
    output.write_bytes(train(words(folders)))
    print(f"{output}: {output.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
