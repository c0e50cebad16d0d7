"""Markers beside a secret that allow it: our own `keysweep:allow` and other scanners'.

Where a marker must stand follows the scanner that it belongs to: `gitleaks:allow`,
`betterleaks:allow` and `kingfisher:ignore` anywhere on a line of the secret;
`trufflehog:ignore` on the secret's last line, behind it; detect-secrets' pragma in a comment
at the line's end, or alone on the line before; `ggignore` anywhere on the line; secretlint's
`disable-line` and `disable-next-line`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from scanner.models import Match, Suppression

_COMMENT = rb"(?:#|//|/\*|'|--|<!-- )"
_SAME_LINE = (
    re.compile(rb"keysweep:allow(?:[ \t:=]+(?P<reason>[^\r\n]*))?"),
    re.compile(rb"gitleaks:allow|betterleaks:allow|kingfisher:ignore|ggignore"),
    re.compile(rb"secretlint-disable-line\b(?:[^\n]*?--[ \t]*(?P<reason>[^\r\n]*))?"),
    re.compile(_COMMENT + rb" *pragma: ?(?:allow|white)list[ -]secret"),
)
_LINE_BEFORE = (
    re.compile(rb"secretlint-disable-next-line\b(?:[^\n]*?--[ \t]*(?P<reason>[^\r\n]*))?"),
    re.compile(rb"^\s*" + _COMMENT + rb" *pragma: ?(?:allow|white)list nextline secret[^\n]*$"),
    re.compile(
        rb"^\s*(?:#|//|/\*|--|;|<!--)[ \t]*keysweep:allow-next-line"
        rb"(?:[ \t:=]+(?P<reason>[^\r\n]*))?"
    ),
)
_LAST_LINE = re.compile(rb"trufflehog:ignore")
_ANY = re.compile(
    rb"keysweep:allow|gitleaks:allow|betterleaks:allow|kingfisher:ignore|trufflehog:ignore"
    rb"|ggignore|secretlint-disable|list[ -](?:nextline )?secret"
)
_COMMENT_END = re.compile(r"\s*(?:\*/|-->|#\}|\"\"\"|'''|[\"',;]+)\s*$")


def find(content: bytes, matches: Sequence[Match]) -> list[Suppression | None]:
    """For each match the inline marker that allows it, in the order of the matches.

    `content` is the text that the matches' lines count in.
    """
    if not matches or not _ANY.search(content):
        return [None] * len(matches)
    lines = content.split(b"\n")
    return [_marker(lines, match) for match in matches]


def _marker(lines: list[bytes], match: Match) -> Suppression | None:
    first, last = match.span.start_line - 1, match.span.end_line - 1
    for number in range(first, last + 1):
        if found := _search(_SAME_LINE, lines[number]):
            return _suppression(found, number)
    behind = lines[last].decode("utf-8", "surrogateescape")[match.span.end_column - 1 :]
    if found := _LAST_LINE.search(behind.encode("utf-8", "surrogateescape")):
        return _suppression(found, last)
    if first and (found := _search(_LINE_BEFORE, lines[first - 1])):
        return _suppression(found, first - 1)
    return None


def _search(patterns: Sequence[re.Pattern[bytes]], line: bytes) -> re.Match[bytes] | None:
    return next((found for pattern in patterns if (found := pattern.search(line))), None)


def _suppression(found: re.Match[bytes], line: int) -> Suppression:
    reason = found.groupdict().get("reason") or b""
    text = _COMMENT_END.sub("", reason.decode("utf-8", "replace")).strip()
    return Suppression("inline", text or None, f"line {line + 1}")
