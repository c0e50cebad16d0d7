"""Files for TruffleHog's `--exclude-paths`: one regex of Go's a line, searched in paths."""

from __future__ import annotations

from pathlib import Path

from scanner import carried, documents
from scanner.carried import Allow, Carried, Entry


def read(path: Path) -> Carried:
    """What such a file comes to; raises ConfigError for what is no text."""
    entries = []
    for number, line in enumerate(documents.text(path).split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found, notes = carried.searches([line.strip()])
        items = (Allow(path_regexes=found),) if found else ()
        entries.append(Entry(f"line {number}", carried.shown(line.strip()), items, tuple(notes)))
    return Carried("trufflehog", tuple(entries))
