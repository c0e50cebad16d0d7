"""Ignore files of gitleaks and betterleaks: one finding a line.

A line is `commit:file:rule:line` or `file:rule:line` (https://github.com/gitleaks/gitleaks,
"Additional Configuration"); betterleaks also takes the SHA-256 of a secret, keyed or not.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from scanner import carried, documents
from scanner.carried import Carried, Entry, Known
from scanner.errors import ConfigError

_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_HASH = re.compile(r"[0-9a-fA-F]{64}")
_OLD = "it is of gitleaks' first versions, and names a finding by a hash that nothing tells"
_KEYED = "it may be keyed; set BETTERLEAKS_FINGERPRINT_HMAC_KEY if it is"


def read(path: Path, key: bytes | None = None) -> Carried:
    """What an ignore file comes to; `key` is that of betterleaks' keyed hashes, if there is one.

    Raises ConfigError for a file in which no line is one.
    """
    tool = "betterleaks" if "betterleaks" in path.name else "gitleaks"
    entries = tuple(_entries(documents.text(path), key))
    if entries and not any(entry.items or entry.notes == (_OLD,) for entry in entries):
        raise ConfigError([f"{path}: not an ignore file of {tool}: no line is `file:rule:line`"])
    return Carried(tool, entries)


def _entries(text: str, key: bytes | None) -> Iterator[Entry]:
    for number, line in enumerate(map(str.strip, text.split("\n")), 1):
        if line and not line.startswith("#"):
            yield _entry(f"line {number}", line, key)


def _entry(where: str, line: str, key: bytes | None) -> Entry:
    if _HASH.fullmatch(line):
        known = Known(test=_is(line, key), doubt="" if key else _KEYED)
        return Entry(where, f"a secret by its hash {line[:8]}", (known,))
    if "|" in line and _HASH.search(line.rpartition("|")[2]):
        return Entry(where, carried.shown(line.partition("|")[0]), notes=(_OLD,))
    # From the right: a path may hold colons.
    head, _, last = line.replace("\\", "/").rpartition(":")
    path, _, rule = head.rpartition(":")
    if not (path and rule and last.isascii() and last.isdigit()):
        return Entry(where, carried.shown(line), notes=("it is not `commit:file:rule:line`",))
    first, colon, rest = path.partition(":")
    commit = first if colon and _COMMIT.fullmatch(first) else None
    path = (rest if commit else path).removeprefix("./").rstrip("/")
    what = f"{path}:{last} ({rule}{f', {commit[:10]}' if commit else ''})"
    if "!" in path:
        return Entry(where, carried.shown(what), notes=("it stands inside of an archive",))
    known = Known(path=path, line=int(last), commit=commit, rule=rule)
    return Entry(where, carried.shown(what), (known,))


def _is(digest: str, key: bytes | None) -> Callable[[bytes], bool]:
    wanted = bytes.fromhex(digest)

    def test(secret: bytes) -> bool:
        if hashlib.sha256(secret).digest() == wanted:
            return True
        return bool(key) and hmac.digest(key or b"", secret, "sha256") == wanted

    return test
