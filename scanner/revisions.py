"""Commits as others name them: by an id, perhaps cut short, or as a branch of `origin`.

Such names come from a CI system's environment, where people who may be hostile choose the names
of branches. So nothing here goes through git's own way to read a name, in which a branch can be
called like an id, and a name can hold operators such as `^` and `@{}`.
"""

from __future__ import annotations

import re

from scanner.errors import GitError
from scanner.repository import Repository, ask, commit_id, ids_in

_ID = re.compile(r"[0-9a-f]{7,64}")
_ORIGIN = "refs/remotes/origin/"


def by_id(text: str, where: Repository) -> str | None:
    """The commit whose id begins with `text` (at least 7 hex digits), or nothing when there is
    none, or more than one. Raises GitError when git fails."""
    if not _ID.fullmatch(text):
        return None
    names = ask(["rev-parse", f"--disambiguate={text}"], where).decode().split()
    found = [name for name in names if commit_id(name, where) == name]
    return found[0] if len(found) == 1 else None


def of_origin(branch: str, where: Repository) -> str | None:
    """The commit at which a branch of `origin` stood when it was fetched last; `HEAD` is its
    default branch. Nothing when there is no such branch here.

    A local branch is no substitute: in a pull request from another repository's `main`, it can
    be the requested commits themselves.
    """
    try:
        found = ask(["show-ref", "--verify", "--hash", _ORIGIN + branch], where)
    except (GitError, ValueError):  # no such ref, or a name that cannot be one
        return None
    return commit_id(found.decode().strip(), where)


def parents(commit: str, where: Repository) -> list[str]:
    """The ids of a commit's parents, none where a shallow clone ends. Raises GitError."""
    return ask(["rev-list", "--max-count=1", "--parents", commit, "--"], where).decode().split()[1:]


def between(base: str, head: str, where: Repository) -> list[str]:
    """The ids of the commits that lead to `head` and not to `base` (ids). Raises GitError."""
    return ask(["rev-list", head, "^" + base, "--"], where).decode().split()


def related(one: str, other: str, where: Repository) -> bool:
    """Whether two commits (ids) have an ancestor in common, as far as this clone knows."""
    try:
        return bool(ask(["merge-base", one, other], where))
    except GitError:
        return False


def cut(where: Repository) -> set[str]:
    """The commits whose parents a shallow clone lacks; none in a full one. Raises GitError."""
    return set(ids_in("shallow", where))


def lacking(base: str, head: str, where: Repository) -> bool:
    """Whether contents of these commits are missing, as in a clone with `--filter`."""
    arguments = ["rev-list", "--objects", "--missing=print", head, "^" + base, "--"]
    return any(line.startswith(b"?") for line in ask(arguments, where).splitlines())


def nothing(where: Repository) -> str:
    """The id of the empty tree: as the base of a range, it leaves no commit out."""
    return ask(["hash-object", "-t", "tree", "--stdin"], where).decode().strip()
