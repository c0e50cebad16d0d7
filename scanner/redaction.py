"""Secrets kept out of what a report tells besides the places where they were found.

A commit's subject or author may tell the secret that the report is about, and so may the path
of a file whose name holds it, or a line on which it was not recognised.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from urllib.parse import quote

from scanner.fingerprints import LONG_ENOUGH
from scanner.models import (
    Commit,
    Excerpt,
    Finding,
    Kind,
    Liveness,
    Place,
    Report,
    Secret,
    Suppression,
    Unseen,
)
from scanner.veil import Veil

_Hide = Callable[[str], str]
_NAMES = (Kind.FILE_NAME, Kind.REF_NAME)  # their own path tells the secret


def impersonal(report: Report) -> Report:
    """The report without names and e-mail addresses of people: those of commits, and the lines
    of headers around the secrets in them."""
    return report._replace(
        findings=tuple(
            finding._replace(places=tuple(map(_impersonal, finding.places)))
            for finding in report.findings
        )
    )


def _impersonal(place: Place) -> Place:
    commit = place.commit and place.commit._replace(author="", email="")
    if place.kind is not Kind.AUTHOR:
        return place._replace(commit=commit)
    text, start, end = place.excerpt
    return place._replace(commit=commit, excerpt=Excerpt(text[start:end], 0, end - start))


def hidden(report: Report) -> Report:
    """The report with its secrets redacted in all texts, and those of file names in all paths.

    Each line has its own secrets redacted already; here it is those found elsewhere, and other
    ways to write them. Paths are left alone otherwise, unless a secret is long: a weak password
    may well be the name of a folder.
    """
    if not report.findings:
        return report
    places = [place for finding in report.findings for place in finding.places]
    commits = {place.commit for place in places if place.commit}
    shown = [_shown(finding.secret) for finding in report.findings]
    named = [
        one
        for one, f in zip(shown, report.findings, strict=True)
        if len(f.secret.reveal()) >= LONG_ENOUGH or any(p.kind in _NAMES for p in f.places)
    ]
    paths = {place.path for place in places}.union(*(commit.head_paths for commit in commits))
    unseen = {item.what for item in (*report.not_seen, *report.skipped)}
    in_path = _hider(named, paths | unseen)
    whole = _hider(shown, {text for commit in commits for text in _texts(commit)})
    veil = Veil(finding.secret.reveal() for finding in report.findings)

    def in_text(text: str) -> str:
        return veil.over(whole(text))

    return report._replace(
        findings=tuple(_finding(finding, in_path, in_text) for finding in report.findings),
        not_seen=_unseen(report.not_seen, in_path, in_text),
        skipped=_unseen(report.skipped, in_path, in_text),
    )


def _texts(commit: Commit) -> tuple[str, ...]:
    return commit.author, commit.email, commit.subject, *commit.refs


def _shown(secret: Secret) -> dict[str, str]:
    """What is shown instead of a secret, for each way to write it."""
    return dict.fromkeys(filter(None, _spellings(secret.reveal())), secret.redacted)


def _hider(shown: Iterable[dict[str, str]], texts: set[str]) -> _Hide:
    """What redacts secrets in any of the texts."""
    # Of thousands of secrets hardly any is in a text: one search each in all texts tells which.
    together = "\0".join(texts)
    ways = {way: redacted for one in shown for way, redacted in one.items()}
    pairs = [(way, ways[way]) for way in ways if way in together]
    pairs.sort(key=lambda pair: (-len(pair[0]), pair))

    def hide(text: str) -> str:
        for secret, redacted in pairs:
            text = text.replace(secret, redacted)
        return text

    return hide


def _spellings(secret: bytes) -> tuple[str, ...]:
    """How a secret may be written in one word."""
    base64 = b64encode(secret).decode().rstrip("=")
    percent = f"%{secret.hex('%')}" if secret else ""
    plain = secret.decode("utf-8", "replace")
    return (
        plain, quote(secret, safe=""), base64, base64.replace("+", "-").replace("/", "_"),
        secret.hex(), secret.hex().upper(), percent, percent.upper(),
    )  # fmt: skip


def _unseen(items: tuple[Unseen, ...], in_path: _Hide, in_text: _Hide) -> tuple[Unseen, ...]:
    return tuple(Unseen(in_path(item.what), in_text(item.reason)) for item in items)


def _finding(finding: Finding, in_path: _Hide, in_text: _Hide) -> Finding:
    def place(place: Place) -> Place:
        return place._replace(
            path=in_path(place.path),
            excerpt=_excerpt(place.excerpt, in_text),
            commit=_commit(place.commit, in_path, in_text) if place.commit else None,
            suppressed=_suppression(place.suppressed, in_text),
            distrusted=_suppression(place.distrusted, in_text),
        )

    return finding._replace(
        places=tuple(map(place, finding.places)), liveness=_liveness(finding.liveness, in_text)
    )


def _liveness(found: Liveness | None, in_text: _Hide) -> Liveness | None:
    """A verdict: a provider may well send back the key that it was asked about."""
    details = tuple((name, in_text(value)) for name, value in found.details) if found else ()
    return found and found._replace(reason=in_text(found.reason), details=details)


def _excerpt(excerpt: Excerpt, in_text: _Hide) -> Excerpt:
    text, start, end = excerpt
    before, mark, after = map(in_text, (text[:start], text[start:end], text[end:]))
    return Excerpt(before + mark + after, len(before), len(before) + len(mark))


def _suppression(given: Suppression | None, in_text: _Hide) -> Suppression | None:
    return given and given._replace(reason=given.reason and in_text(given.reason))


def _commit(commit: Commit, in_path: _Hide, in_text: _Hide) -> Commit:
    return commit._replace(
        author=in_text(commit.author),
        email=in_text(commit.email),
        subject=in_text(commit.subject),
        refs=tuple(map(in_text, commit.refs)),
        head_paths=tuple(map(in_path, commit.head_paths)),
    )
