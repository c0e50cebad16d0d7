"""What a report tells beside the lines: redacted where it holds a secret, else as it was."""

from __future__ import annotations

import pytest

from scanner.models import (
    Commit,
    Excerpt,
    Finding,
    Kind,
    Place,
    Report,
    ScanInfo,
    Secret,
    Span,
    Unseen,
)
from scanner.redaction import hidden

SECRET, SHOWN = "winter-2026", "wi…26"
COMMIT = Commit("id", "Ada", "ada@example.org", "", "subject", refs=("refs/heads/main",))


def _finding(kind: Kind, path: str, commit: Commit | None = None, secret: str = SECRET) -> Finding:
    place = Place(kind, path, Span(1, 1, 1, 2), Excerpt("x", 0, 1), (), None, commit)
    return Finding("rule", Secret(secret.encode(), SHOWN), "v1:0", (place,))


def _report(*findings: Finding, unseen: str = "a") -> Report:
    info = ScanInfo("scan", "/", "", "")
    return Report(info, findings, (Unseen(unseen, "why"),), (Unseen(unseen, "why"),), 1, 1, 1.0)


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(_report(), id="nothing found"),
        pytest.param(_report(_finding(Kind.FILE, f"{SECRET}/a")), id="folder's name"),
        pytest.param(_report(_finding(Kind.FILE, f"{SECRET}/a", COMMIT)), id="folder in a commit"),
        pytest.param(_report(_finding(Kind.FILE_NAME, "other")), id="in a notation"),
        pytest.param(_report(_finding(Kind.FILE_NAME, "a", secret="")), id="nothing to hide"),
        pytest.param(_report(_finding(Kind.COMMIT_MESSAGE, "commit/id", COMMIT)), id="other texts"),
    ],
)
def test_what_tells_no_secret_stays(report: Report) -> None:
    assert hidden(report) == report


def test_secret_in_a_file_name_is_hidden_wherever_the_path_is_told() -> None:
    path = f"a/{SECRET}/b"
    commit = COMMIT._replace(head_paths=(path,))
    other = _finding(Kind.FILE, path, commit, secret="something else")
    report = hidden(_report(_finding(Kind.FILE_NAME, path), other, unseen=path))
    redacted = f"a/{SHOWN}/b"
    assert [finding.places[0].path for finding in report.findings] == [redacted] * 2
    assert report.findings[1].places[0].commit == COMMIT._replace(head_paths=(redacted,))
    assert report.not_seen == report.skipped == (Unseen(redacted, "why"),)


@pytest.mark.parametrize("field", ["author", "email", "subject"])
def test_secret_in_a_commit_is_hidden(field: str) -> None:
    commit = COMMIT._replace(**{field: f"with {SECRET} in it"})
    (finding,) = hidden(_report(_finding(Kind.FILE, "a", commit))).findings
    assert finding.places[0].commit == COMMIT._replace(**{field: f"with {SHOWN} in it"})


def test_secret_in_a_ref_is_hidden() -> None:
    commit = COMMIT._replace(refs=(f"refs/heads/{SECRET}", "refs/heads/main"))
    (finding,) = hidden(_report(_finding(Kind.FILE, "a", commit))).findings
    assert finding.places[0].commit
    assert finding.places[0].commit.refs == (f"refs/heads/{SHOWN}", "refs/heads/main")


def test_secret_that_holds_another_is_hidden_whole() -> None:
    commit = COMMIT._replace(subject=f"x{SECRET}x")
    findings = [_finding(Kind.FILE, "a", commit, secret) for secret in (SECRET, f"x{SECRET}x")]
    assert {f.places[0].commit.subject for f in hidden(_report(*findings)).findings if
            f.places[0].commit} == {SHOWN}  # fmt: skip
