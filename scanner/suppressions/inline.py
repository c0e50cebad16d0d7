"""Markers beside a secret that allow it: our own `keysweep:allow` and other scanners'.

Where a marker must stand follows the scanner that it belongs to: `gitleaks:allow`,
`betterleaks:allow` and `kingfisher:ignore` anywhere on a line of the secret (Kingfisher's also
on the line before or after a secret of several lines);
`trufflehog:ignore` on the secret's last line, behind it; detect-secrets' pragma in a comment
at the line's end, or alone on the line before; `ggignore` anywhere on the line; secretlint's
`disable-line`, `disable-next-line` and `disable` up to `enable`.

A reason is text of the scanned file: it ends where its comment ends, and every secret in it is
redacted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scanner.models import Match, Suppression
from scanner.positions import harmless

_COMMENT = rb"(?:#|//|/\*|'|--|<!-- )"
_REASON = rb"[ \t:=]+(?P<reason>[^\r\n]*)"
_DASHED_REASON = rb"[^\n]*?--[ \t]*(?P<reason>[^\r\n]*)"
# Compiled by `re` when one is first looked for: hardly a commit has a marker.
_SAME_LINE = (
    rb"keysweep:allow(?![\w-])(?:" + _REASON + rb")?",
    rb"gitleaks:allow|betterleaks:allow|kingfisher:ignore|ggignore",
    rb"secretlint-disable-line\b(?:" + _DASHED_REASON + rb")?",
    _COMMENT + rb" *pragma: ?(?:allow|white)list[ -]secret",
)
_LINE_BEFORE = (
    rb"secretlint-disable-next-line\b(?:" + _DASHED_REASON + rb")?",
    rb"^\s*" + _COMMENT + rb" *pragma: ?(?:allow|white)list nextline secret[^\n]*$",
    rb"^\s*(?:#|//|/\*|--|;|<!--)[ \t]*keysweep:allow-next-line(?![\w-])(?:" + _REASON + rb")?",
)
_AROUND = rb"kingfisher:ignore"
_LAST_LINE = rb"trufflehog:ignore"
_BLOCKS = b"secretlint-disable"  # no block begins without
_BLOCK = rb"secretlint-(?P<word>disable|enable)(?![\w-])(?:" + _DASHED_REASON + rb")?"
# One of these is in every marker. Each is looked for by itself: for plain words, that is many
# times as fast as a regex.
_WORDS = (b":allow", b":ignore", b"ggignore", _BLOCKS, b"pragma:")
WIDEST = max(map(len, _WORDS))  # bytes
_COMMENT_END = r"\*/|-->|#\}|%>|\"\"\"|'''"
_LONGEST_REASON = 200  # characters


def find(
    content: bytes, matches: Sequence[Match], others: Sequence[Match] = ()
) -> list[Suppression | None]:
    """For each match the inline marker that allows it, in the order of the matches.

    `content` is the text that the matches' lines count in; `others` are further matches in
    it, whose secrets a reason must not tell either.
    """
    if not matches or not may_mark(content):
        return [None] * len(matches)
    markers = _Markers(content, [*matches, *others])
    return [markers.on(match) for match in matches]


def may_mark(content: bytes) -> bool:
    """Whether there may be a marker in a text; says no only when there is none."""
    return any(word in content for word in _WORDS)


class _Markers:
    """The lines of one text, asked for markers match by match."""

    def __init__(self, content: bytes, matches: Sequence[Match]) -> None:
        self._lines = content.split(b"\n")
        secrets = {match.secret for match in matches}
        self._secrets = sorted(secrets, key=lambda secret: -len(secret.reveal()))
        self._columns: dict[int, list[int]] = {}  # where secrets begin, by line, both from 0
        for span in (match.span for match in matches):
            self._columns.setdefault(span.start_line - 1, []).append(span.start_column - 1)
        self._blocks = dict(_blocks(self._lines)) if _BLOCKS in content else {}

    def on(self, match: Match) -> Suppression | None:
        first, last = match.span.start_line - 1, match.span.end_line - 1
        for number in range(first, last + 1):
            if found := _search(_SAME_LINE, self._lines[number]):
                return self._suppression(found, number)
        return (
            self._behind(match, last)
            or self._at(first - 1, _LINE_BEFORE)
            or (self._at(first - 1, (_AROUND,)) if last > first else None)
            or (self._at(last + 1, (_AROUND,)) if last > first else None)
            or self._block(first)
        )

    def _behind(self, match: Match, last: int) -> Suppression | None:
        if not re.search(_LAST_LINE, self._lines[last]):  # long lines are costly to decode
            return None
        text = self._lines[last].decode("utf-8", "surrogateescape")[match.span.end_column - 1 :]
        found = re.search(_LAST_LINE, text.encode("utf-8", "surrogateescape"))
        return self._suppression(found, last) if found else None

    def _at(self, number: int, patterns: Sequence[bytes]) -> Suppression | None:
        if not 0 <= number < len(self._lines):
            return None
        found = _search(patterns, self._lines[number])
        return self._suppression(found, number) if found else None

    def _block(self, number: int) -> Suppression | None:
        begun = self._blocks.get(number)
        return self._suppression(*begun) if begun else None

    def _suppression(self, found: re.Match[bytes], line: int) -> Suppression:
        raw = found.groupdict().get("reason") or b""
        if not raw:
            return Suppression("inline", None, f"line {line + 1}")
        reason = raw.decode("utf-8", "replace")
        begins = len(found.string[: found.start("reason")].decode("utf-8", "surrogateescape"))
        behind = [at - begins for at in self._columns.get(line, ()) if at >= begins]
        reason = reason[: min(behind, default=len(reason))]
        for secret in self._secrets:
            reason = reason.replace(secret.reveal().decode("utf-8", "replace"), secret.redacted)
        text = harmless(re.split(_COMMENT_END, reason, maxsplit=1)[0]).strip()[:_LONGEST_REASON]
        return Suppression("inline", text or None, f"line {line + 1}")


def _blocks(lines: list[bytes]) -> Iterator[tuple[int, tuple[re.Match[bytes], int]]]:
    """For each line inside a secretlint block: the marker that began it, and its line."""
    begun: tuple[re.Match[bytes], int] | None = None
    for number, line in enumerate(lines):
        if found := re.search(_BLOCK, line):
            begun = (found, number) if found["word"] == b"disable" else None
        if begun:
            yield number, begun


def _search(patterns: Sequence[bytes], line: bytes) -> re.Match[bytes] | None:
    return next((found for pattern in patterns if (found := re.search(pattern, line))), None)
