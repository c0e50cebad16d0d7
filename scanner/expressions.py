"""Expressions for `git filter-repo --replace-text`, the one file into which secrets are written.

One a line: `literal:TEXT==>***REMOVED***`, and what a line cannot hold as `regex:`, a regex of
Python's over bytes (the manual of https://github.com/newren/git-filter-repo; version 2.47 splits a
line at its last `==>`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_INSTEAD = b"***REMOVED***"
_LINE_ENDS = re.compile(rb"([\r\n])")
_WRITTEN = {b"\r": rb"\r", b"\n": rb"\n"}


def render(texts: Iterable[bytes]) -> bytes:
    """The file that takes all these texts out of a history, the longest first: a text may hold
    another."""
    return b"".join(_line(text) + b"\n" for text in sorted(set(texts), key=_order) if text)


def _order(text: bytes) -> tuple[int, bytes]:
    return -len(text), text


def _line(text: bytes) -> bytes:
    if not _LINE_ENDS.search(text):
        return b"literal:" + text + b"==>" + _INSTEAD
    parts = (_WRITTEN.get(part) or re.escape(part) for part in _LINE_ENDS.split(text))
    # The replacement of a regex is one of `re.sub`, in which these characters mean themselves.
    return b"regex:" + b"".join(parts) + b"==>" + _INSTEAD
