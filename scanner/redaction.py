"""Secrets kept out of what a report tells besides the lines that they stand on.

A commit's subject or author may tell the secret that the report is about, and so may the path
of a file whose name holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scanner.models import Commit, Finding, Kind, Place, Report, Unseen

_Hide = Callable[[str], str]
_NAMES = (Kind.FILE_NAME, Kind.REF_NAME)  # their own path tells the secret


def hidden(report: Report) -> Report:
    """The report with its secrets redacted in commits, and those of file names in all paths.

    Paths are left alone otherwise: a weak password may well be the name of a folder.
    """
    places = [place for finding in report.findings for place in finding.places]
    commits = {place.commit for place in places if place.commit}
    named = [f for f in report.findings if any(p.kind in _NAMES for p in f.places)]
    if not commits and not named:
        return report
    paths = {place.path for place in places}.union(*(commit.head_paths for commit in commits))
    unseen = {item.what for item in (*report.not_seen, *report.skipped)}
    in_path = _hider(named, paths | unseen)
    in_text = _hider(report.findings, {text for commit in commits for text in _texts(commit)})
    return report._replace(
        findings=tuple(_finding(finding, in_path, in_text) for finding in report.findings),
        not_seen=_unseen(report.not_seen, in_path),
        skipped=_unseen(report.skipped, in_path),
    )


def _texts(commit: Commit) -> tuple[str, ...]:
    return commit.author, commit.email, commit.subject, *commit.refs


def _hider(findings: Iterable[Finding], texts: set[str]) -> _Hide:
    """What redacts the findings' secrets in any of the texts."""
    # Of thousands of secrets hardly any is in a text: one search each in all texts tells which.
    together = "\0".join(texts)
    shown = {f.secret.reveal().decode("utf-8", "replace"): f.secret.redacted for f in findings}
    pairs = [(secret, shown[secret]) for secret in shown if secret and secret in together]
    pairs.sort(key=lambda pair: (-len(pair[0]), pair))

    def hide(text: str) -> str:
        for secret, redacted in pairs:
            text = text.replace(secret, redacted)
        return text

    return hide


def _unseen(items: tuple[Unseen, ...], in_path: _Hide) -> tuple[Unseen, ...]:
    return tuple(item._replace(what=in_path(item.what)) for item in items)


def _finding(finding: Finding, in_path: _Hide, in_text: _Hide) -> Finding:
    def place(place: Place) -> Place:
        commit = _commit(place.commit, in_path, in_text) if place.commit else None
        return place._replace(path=in_path(place.path), commit=commit)

    return finding._replace(places=tuple(map(place, finding.places)))


def _commit(commit: Commit, in_path: _Hide, in_text: _Hide) -> Commit:
    return commit._replace(
        author=in_text(commit.author),
        email=in_text(commit.email),
        subject=in_text(commit.subject),
        refs=tuple(map(in_text, commit.refs)),
        head_paths=tuple(map(in_path, commit.head_paths)),
    )
