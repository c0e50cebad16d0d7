"""A plan says where each secret is, and everything that still leads to it."""

from __future__ import annotations

import pytest

from scanner.models import Commit, Excerpt, Finding, Kind, Place, Secret, Severity, Span
from scanner.remedies import Came, Remedy, Sort, Spot, remedies, sorted_refs
from scanner.reportfile import Reported
from scanner.scan import Plan, Scanner

RULE = "byteengine-api-key"


def _place(path: str, commit: Commit | None = None, kind: Kind = Kind.FILE) -> Place:
    return Place(kind, path, Span(3, 1, 3, 9), Excerpt("", 0, 0), (), None, commit, "b" * 40)


def _commit(letter: str, **more: object) -> Commit:
    return Commit(letter * 40, "Ada", "a@x", "2026-01-01", "s")._replace(**more)  # type: ignore[arg-type]


def _reported(*places: Place, rule: str = RULE) -> Reported:
    finding = Finding(rule, Secret(b"", "be_12…9f"), "v1:" + "0" * 32, places)
    return Reported(finding, "A key", Severity.HIGH, "Rotate it.")


def _remedy(plan: Plan, one: Reported, leading: dict[str, list[str]] | None = None) -> Remedy:
    (found,) = remedies([one], Scanner(plan).rules.by_id(), ["X"], leading or {})
    return found


def test_rule_that_is_no_longer_there_has_no_references(plan: Plan) -> None:
    assert _remedy(plan, _reported(_place("a"), rule="gone")).references == ()


def test_files_have_lines_and_no_history(plan: Plan) -> None:
    found = _remedy(plan, _reported(_place("a"), _place("b"), _place("b")))
    assert found.now == (Spot("a", 3), Spot("b", 3))
    assert (found.history, found.refs, found.carriers) == ((), (), ())
    assert found.references[0].startswith("https://")


def test_history_tells_commits_and_what_is_still_there(plan: Plan) -> None:
    first = _commit("1", head_paths=("a", "c"), at_head=True, refs=("refs/heads/main",))
    lost = _commit("2", reachable=False)
    found = _remedy(plan, _reported(_place("a", first), _place("b", lost)))
    assert found.now == (Spot("a", None), Spot("c", None))
    assert found.history == (
        Came("1" * 40, "2026-01-01", True, "a"),
        Came("2" * 40, "2026-01-01", False, "b"),
    )
    assert found.unreachable == 1


def test_refs_that_were_looked_up_count_more_than_those_of_the_report(plan: Plan) -> None:
    commit = _commit("1", refs=("refs/heads/old",), more_refs=5)
    one = _reported(_place("a", commit))
    told = _remedy(plan, one)
    assert (told.refs, told.more_refs) == (((Sort.BRANCH, ("refs/heads/old",)),), 5)
    found = _remedy(plan, one, {"1" * 40: ["refs/pull/7/head", "refs/heads/a"]})
    assert found.refs == (
        (Sort.BRANCH, ("refs/heads/a",)), (Sort.REQUEST, ("refs/pull/7/head",)),
    )  # fmt: skip
    assert found.more_refs == 0


@pytest.mark.parametrize(
    "kind", [Kind.COMMIT_MESSAGE, Kind.TAG_MESSAGE, Kind.NOTE, Kind.REF_NAME, Kind.GIT_CONFIG]
)
def test_what_is_no_file_is_a_carrier(plan: Plan, kind: Kind) -> None:
    found = _remedy(plan, _reported(_place("x/y", kind=kind)))
    assert found.carriers == (f"{kind} x/y",)
    assert found.now == ()


@pytest.mark.parametrize(
    ("ref", "sort"),
    [
        ("refs/heads/tags", Sort.BRANCH),
        ("refs/tags/v1", Sort.TAG),
        ("refs/pull/1/head", Sort.REQUEST),
        ("refs/merge-requests/1/head", Sort.REQUEST),
        ("refs/pull-requests/1/from", Sort.REQUEST),
        ("refs/changes/01/1/1", Sort.REQUEST),
        ("refs/remotes/origin/x", Sort.REMOTE),
        ("refs/stash", Sort.STASH),
        ("refs/notes/commits", Sort.NOTE),
        ("refs/bisect/bad", Sort.OTHER),
        ("HEAD", Sort.OTHER),
    ],
)
def test_refs_are_sorted_by_their_names(ref: str, sort: Sort) -> None:
    assert sorted_refs([ref]) == ((sort, (ref,)),)
