"""Where a scanned repository comes from, without the passwords that remotes may hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.models import Excerpt, Finding, Kind, Place, Report, ScanInfo, Secret, Span
from scanner.provenance import address, traced

Git = Callable[..., str]


def _report(root: Path, *secrets: bytes, head: str | None = None) -> Report:
    place = Place(Kind.FILE, "a", Span(1, 1, 1, 2), Excerpt("x", 0, 1), (), None)
    found = tuple(Finding("rule", Secret(s, "*****"), "v1:0", (place,)) for s in secrets)
    return Report(ScanInfo("scan", str(root), "", "", head), found, (), (), 1, 1, 0.0)


@pytest.mark.parametrize(
    "remote",
    [
        "",
        "../other",
        "ext::sh -c x",
        "https://[x/a",
        "https://a b/c",
        "javascript://x/%0a",
        "c:/a b",
    ],
)
def test_what_is_no_address_is_none(remote: str) -> None:
    assert address(remote) is None


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("https://example.org/a/b.git", "https://example.org/a/b.git"),
        ("https://me:pass@example.org:8443/a.git", "https://example.org:8443/a.git"),
        ("https://token@example.org/a?x=y#z", "https://example.org/a"),
        ("ssh://git@example.org/a.git", "ssh://example.org/a.git"),
        ("git@example.org:a/b c.git", None),
        ("git@example.org:a/b.git", "ssh://example.org/a/b.git"),
        ("https://[::1]:8080/a", "https://[::1]:8080/a"),
        ("file:///a/ü", "file:///a/%C3%BC"),
        ("/a b/c", "file:///a%20b/c"),
    ],
)
def test_address_has_no_user_password_or_query(remote: str, url: str | None) -> None:
    assert address(remote) == url


@pytest.mark.parametrize("root", ["plain", "not there", ""])
def test_folder_without_a_repository_has_no_provenance(tmp_path: Path, root: str) -> None:
    (tmp_path / "plain").mkdir()
    report = _report(tmp_path / root)
    assert traced(report) == report


def test_repository_without_commits_or_remote_is_its_folder(repository: Path) -> None:
    info = traced(_report(repository)).info
    assert (info.head, info.origin) == (None, repository.as_uri())


def test_origin_commit_and_branch_are_told(repository: Path, git: Git) -> None:
    (repository / "a").write_text("a")
    git(repository, "add", "a")
    git(repository, "commit", "-qm", "a")
    git(repository, "checkout", "-qb", "work")
    git(repository, "remote", "add", "origin", "https://me:pass@example.org/a.git")
    info = traced(_report(repository)).info
    head = git(repository, "rev-parse", "HEAD").strip()
    assert (info.head, info.branch, info.origin) == (head, "work", "https://example.org/a.git")


def test_commit_that_is_not_checked_out_has_no_branch(repository: Path, git: Git) -> None:
    (repository / "a").write_text("a")
    git(repository, "add", "a")
    git(repository, "commit", "-qm", "a")
    info = traced(_report(repository, head="c" * 40)).info
    assert (info.head, info.branch) == ("c" * 40, None)


def test_origin_that_tells_a_secret_is_not_told(repository: Path, git: Git) -> None:
    git(repository, "remote", "add", "origin", "https://example.org/winter-2026/a.git")
    info = traced(_report(repository, b"winter-2026")).info
    assert info.origin == repository.as_uri()
