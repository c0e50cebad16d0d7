"""What git tells hooks of a push, and what the push sends."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner import pushes
from scanner.errors import UsageError
from scanner.exemptions import Exemptions
from scanner.models import Blob, Gap, Kind
from scanner.pushes import Limits, Update
from scanner.repository import Repository

Git = Callable[..., str]
A, B, ZERO = "a" * 40, "b" * 40, "0" * 40
LIMITS = Limits(Exemptions(), 1000)


@pytest.mark.parametrize(
    "lines",
    [
        b"refs/heads/x\n",
        f"x {A} y\n".encode(),
        f"x {A} y HEAD\n".encode(),
        f"x {A} y {B} more\n".encode(),
        b"\n",
    ],
)
def test_other_lines_are_refused(lines: bytes) -> None:
    with pytest.raises(UsageError, match="no line that git gives"):
        pushes.outgoing(lines)


def test_refused_line_is_cut_and_harmless() -> None:
    with pytest.raises(UsageError) as caught:
        pushes.incoming(b"\x1b[2J" + b"x" * 1000)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(f"x {A} y {B}", [Update(b"y", A, B)], id="moved"),
        pytest.param(f"x {A} y {ZERO}", [Update(b"y", A, "")], id="new"),
        pytest.param(f"(delete) {ZERO} y {B}", [], id="deleted"),
        pytest.param(f"HEAD@{{1 day ago}} {A} y {B}", [Update(b"y", A, B)], id="spaces"),
        pytest.param(f"x {'a' * 64} y {'0' * 64}", [Update(b"y", "a" * 64, "")], id="sha-256"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_lines_of_pre_push(line: str, expected: list[Update]) -> None:
    assert pushes.outgoing(f"{line}\n".encode() if line else b"") == expected


def test_lines_of_pre_receive() -> None:
    lines = f"{B} {A} y\n{ZERO} {A} new\n{B} {ZERO} gone\n".encode()
    assert pushes.incoming(lines) == [Update(b"y", A, B), Update(b"new", A, "")]


@pytest.fixture
def history(repository: Path, git: Git) -> list[str]:
    """The ids of three commits, each of which adds a file."""
    ids = []
    for name in ("one", "two", "three"):
        (repository / name).write_text(name)
        git(repository, "add", ".")
        git(repository, "commit", "-qm", name)
        ids.append(git(repository, "rev-parse", "HEAD").strip())
    return ids


def _sent(repository: Path, updates: list[Update], known: list[str]) -> list[tuple[str, str]]:
    """Kind and path of all that the updates send."""
    where = Repository(os.fsencode(repository))
    found = pushes.walks(updates, where, known, "", LIMITS)
    items = [item for walk in found for item in walk.items()]
    assert all(isinstance(item, Blob) for item in items), items
    return [(item.kind, item.path) for item in items if isinstance(item, Blob)]


def _files(sent: list[tuple[str, str]]) -> list[str]:
    return [path for kind, path in sent if kind == Kind.FILE]


def test_moved_ref_sends_what_is_new(repository: Path, history: list[str]) -> None:
    one, two, three = history
    assert _files(_sent(repository, [Update(b"x", three, one)], [])) == ["two", "three"]
    assert _files(_sent(repository, [Update(b"x", one, three)], [])) == []
    assert _files(_sent(repository, [Update(b"x", three, one)], [two])) == ["three"]


def test_new_ref_sends_what_nobody_has(repository: Path, history: list[str]) -> None:
    one, _, three = history
    sent = _sent(repository, [Update(b"refs/heads/x", three, "")], [one])
    assert _files(sent) == ["two", "three"]
    assert (Kind.REF_NAME, "refs/heads/x") in sent
    assert _files(_sent(repository, [Update(b"x", three, "")], [])) == ["one", "two", "three"]


def test_old_id_that_is_not_here_leaves_nothing_out(repository: Path, history: list[str]) -> None:
    assert _files(_sent(repository, [Update(b"x", history[1], A)], [])) == ["one", "two"]


def test_commit_of_two_refs_is_sent_once(repository: Path, history: list[str]) -> None:
    one, two, three = history
    updates = [Update(b"x", two, one), Update(b"y", three, "")]
    assert _files(_sent(repository, updates, [one])) == ["two", "three"]


def test_tags_of_anything(repository: Path, history: list[str], git: Git) -> None:
    git(repository, "tag", "-am", "message", "v1")
    git(repository, "tag", "-am", "tag of a tag", "v2", "v1")
    git(repository, "tag", "tree", "HEAD^{tree}")
    git(repository, "tag", "blob", "HEAD:two")
    ids = {name: git(repository, "rev-parse", name).strip() for name in ("v2", "tree", "blob")}
    sent = _sent(repository, [Update(b"refs/tags/v2", ids["v2"], "")], [history[1]])
    assert [kind for kind, path in sent if path == "refs/tags/v2"] == [
        Kind.REF_NAME, Kind.AUTHOR, Kind.TAG_MESSAGE, Kind.AUTHOR, Kind.TAG_MESSAGE
    ]  # fmt: skip
    assert _files(sent) == ["three"]
    tree = _sent(repository, [Update(b"refs/tags/tree", ids["tree"], "")], history)
    assert sorted(_files(tree)) == ["one", "three", "two"]
    blob = _sent(repository, [Update(b"refs/tags/blob", ids["blob"], "")], history)
    assert _files(blob) == ["refs/tags/blob"]


def test_object_that_is_not_here_is_told(repository: Path, history: list[str]) -> None:
    where = Repository(os.fsencode(repository))
    (walk,) = pushes.walks([Update(b"refs/heads/x", A, history[0])], where, [], "", LIMITS)
    (gap,) = walk.items()
    assert isinstance(gap, Gap)
    assert gap.unseen.what == "refs/heads/x"
    assert not gap.by_policy


def test_what_is_late_is_told(repository: Path, history: list[str]) -> None:
    where = Repository(os.fsencode(repository))
    late = LIMITS._replace(until=time.monotonic() - 1)
    (walk,) = pushes.walks([Update(b"refs/heads/x", history[2], "")], where, [], "", late)
    (gap,) = walk.items()
    assert isinstance(gap, Gap)
    assert gap.unseen.reason.startswith("the time limit was over")


def test_refs_of_a_remote_are_its_own(repository: Path, history: list[str], git: Git) -> None:
    for remote, name in (("origin", history[0]), ("origin-2", history[1])):
        git(repository, "update-ref", f"refs/remotes/{remote}/main", name)
    where = Repository(os.fsencode(repository))
    assert pushes.tips(where, "origin") == [history[0]]
    assert pushes.tips(where, "https://example.org/x") == []
    assert pushes.tips(where) == sorted(history)
