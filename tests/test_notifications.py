"""What a SARIF run says of itself: the cases that the report's own tests leave out."""

from __future__ import annotations

from scanner.models import Report, ScanInfo, Unseen
from scanner.notifications import invocation

INFO = ScanInfo("scan", "/", "", "2026-01-02T23:59:59Z")
REPORT = Report(INFO, (), (), (), 0, 0, 1.5)


def test_complete_scan_has_nothing_to_note() -> None:
    assert invocation(REPORT, 3, 3) == {
        "executionSuccessful": True,
        "startTimeUtc": "2026-01-02T23:59:59Z",
        "endTimeUtc": "2026-01-03T00:00:00.500Z",
    }


def test_hostile_names_do_no_harm() -> None:
    report = REPORT._replace(skipped=(Unseen("a\x1b[2J\n", "b\u202e"),))
    (note,) = invocation(report, 0, 0)["toolExecutionNotifications"]
    assert note["message"]["text"] == "'a\\x1b[2J\\x0a' was not scanned: b\\u202e."


def test_file_in_which_github_keeps_all_has_no_note() -> None:
    assert "toolExecutionNotifications" not in invocation(REPORT, 5_000, 5_000)
    (note,) = invocation(REPORT, 5_001, 5_001)["toolExecutionNotifications"]
    assert note["descriptor"] == {"id": "cut"}
