"""What a range's report says of its end, and in which order it tells what came in."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.exemptions import Exemptions
from scanner.models import Commit, Excerpt, Finding, Kind, Place, Report, ScanInfo, Secret, Span
from scanner.ranges import Standing, at_end, in_order, scan
from scanner.repository import Repository
from scanner.scan import Plan, Scanner
from scanner.sources.commits import Walk, ends

Git = Callable[..., str]
SECRET = Secret(b"winter-2026", "wi…26")
NOTHING = Standing(frozenset(), {}, {})
FAMILIES = {"rule": "family"}


def _commit(name: str) -> Commit:
    return Commit(name, "Ada", "a@b", "", "subject")


def _place(kind: Kind, path: str, commit: Commit | None, line: int = 1) -> Place:
    span = Span(line, 1, line, 2)
    return Place(kind, path, span, Excerpt("x", 0, 1), (), None, commit, "blob")


def _report(*findings: tuple[Place, ...]) -> Report:
    values = tuple(
        Finding("rule", SECRET, f"v1:{number}", places) for number, places in enumerate(findings)
    )
    return Report(ScanInfo("range", "/", "", ""), values, (), (), 1, 1, 1.0)


def _only(report: Report) -> Commit | None:
    ((place,),) = (finding.places for finding in report.findings)
    return place.commit


@pytest.mark.parametrize("kind", [Kind.FILE, Kind.SYMLINK, Kind.FILE_NAME])
def test_what_is_not_in_the_tree_is_gone(kind: Kind) -> None:
    report = _report((_place(kind, "a", _commit("1")),))
    other = Standing(frozenset(["b"]), {"other": ["a"]}, {("other", SECRET): {"a"}})
    for standing in (NOTHING, other):
        assert _only(at_end(report, standing, FAMILIES)) == _commit("1")


def test_place_without_a_commit_stays(plan: Plan) -> None:
    report = _report((_place(Kind.FILE, "a", None),))
    assert at_end(report, NOTHING, FAMILIES) == report


@pytest.mark.parametrize("kind", [Kind.COMMIT_MESSAGE, Kind.AUTHOR])
def test_what_a_commit_says_stays_there(kind: Kind) -> None:
    report = _report((_place(kind, "commit/1", _commit("1")),))
    assert _only(at_end(report, NOTHING, FAMILIES)) == _commit("1")._replace(at_head=True)


@pytest.mark.parametrize(
    ("kind", "standing", "expected"),
    [
        pytest.param(Kind.FILE_NAME, Standing(frozenset("a"), {}, {}), ("a",), id="name"),
        pytest.param(
            Kind.FILE, Standing(frozenset(), {"blob": ["c", "b"]}, {}), ("b", "c"), id="blob"
        ),
        pytest.param(
            Kind.FILE,
            Standing(frozenset(), {"blob": ["b"]}, {("family", SECRET): {"b", "d"}}),
            ("b", "d"),
            id="secret",
        ),
    ],
)
def test_what_is_in_the_tree_is_told_with_its_paths(
    kind: Kind, standing: Standing, expected: tuple[str, ...]
) -> None:
    report = _report((_place(kind, "a", _commit("1")),))
    commit = _commit("1")._replace(at_head=True, head_paths=expected)
    assert _only(at_end(report, standing, FAMILIES)) == commit


def test_places_stand_in_the_order_of_their_commits_and_once_each() -> None:
    places = (
        _place(Kind.FILE, "a", _commit("2")),
        _place(Kind.FILE, "a", _commit("3")),
        _place(Kind.FILE, "b", _commit("1"), 2),
        _place(Kind.FILE, "b", _commit("1")),
    )
    (finding,) = in_order(_report(places), ["1", "2", "3"]).findings
    assert finding.places == (places[3], places[2], places[0])


def test_findings_stand_in_the_order_of_their_first_places() -> None:
    report = _report(
        (_place(Kind.FILE, "a", _commit("2")), _place(Kind.FILE, "z", _commit("1"))),
        (_place(Kind.FILE, "b", _commit("2")),),
    )
    ordered = in_order(report, ["1", "2"])
    assert [finding.fingerprint for finding in ordered.findings] == ["v1:1", "v1:0"]


def test_interrupted_scan_has_what_was_found(
    plan: Plan, repository: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "a").write_text("x")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "one")
    (repository / "a").write_text("y")
    git(repository, "commit", "-qam", "two")
    where = Repository(os.fsencode(repository))
    walk = Walk(where, ends("HEAD~1..HEAD", where), Exemptions(), 100)
    scanner = Scanner(plan)

    def interrupt(_items: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(scanner, "look_at", interrupt)
    report = scan(scanner, walk, command="range", root="/root")
    assert report.interrupted
    assert (report.info.command, report.info.root) == ("range", "/root")
