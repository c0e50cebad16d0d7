"""Fetches what a shallow or partial clone lacks of its history, when the user asks for it."""

from __future__ import annotations

from collections.abc import Sequence

from scanner import remotes, revisions
from scanner.repository import Repository, ask, commit_id

# Of a bare clone, its branches are those of `origin`; of another they can be the user's own.
_OF_ORIGIN = ("refs/remotes/", "refs/tags/")
_OWN = "refs/heads/"


def complete(where: Repository) -> list[str]:
    """Fetches the history and the contents that a clone was made without; no ref changes.

    Gives what git complained of, each once: what could be fetched is there all the same.
    Raises GitError when git cannot read the repository.
    """
    ways = []
    if revisions.cut(where):
        ways.append("--unshallow")
    if remotes.is_partial(where):
        ways.append("--refetch")  # says that nothing is here yet, so that all is sent
    tips = _tips(where) if ways else []
    return list(dict.fromkeys(said for way in ways for said in _fetch(where, tips, way)))


def _fetch(where: Repository, tips: Sequence[str], way: str) -> list[str]:
    """What git complained of when it fetched all that leads to these commits and tags."""
    said = remotes.fetch(where, tips, way)
    if said is None:
        return []
    if len(tips) < 2 or not _left(where, way):
        return [said]
    # One that `origin` no longer has makes git refuse all of them.
    return [
        said for tip in tips if _left(where, way) and (said := remotes.fetch(where, [tip], way))
    ]


def _left(where: Repository, way: str) -> bool:
    """Whether there is still something to fetch in this way; of contents, nobody knows."""
    return way != "--unshallow" or bool(revisions.cut(where))


def _tips(where: Repository) -> list[str]:
    """The ids (hex) that refs for what is at `origin` stand for; without any, that of HEAD."""
    bare = ask(["rev-parse", "--is-bare-repository"], where).strip() == b"true"
    names = (*_OF_ORIGIN, _OWN) if bare else _OF_ORIGIN
    found = ask(["for-each-ref", "--format=%(objectname)", *names], where).decode().split()
    head = commit_id("HEAD", where)
    return sorted(set(found)) or ([head] if head else [])
