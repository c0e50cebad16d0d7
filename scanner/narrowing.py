"""Which commits an audit reports on, when that is not all."""

from __future__ import annotations

import time
from datetime import datetime
from typing import NamedTuple

from scanner.errors import UsageError
from scanner.repository import Repository, ask, commit_id

_NOW = 5  # seconds


class Narrowed(NamedTuple):
    """What part of history findings are reported from: options of `git rev-list`, as strings.

    Everything when empty.
    """

    since: str | None = None
    branch: str | None = None
    max_commits: int | None = None


def commits_of(narrowed: Narrowed, where: Repository) -> frozenset[str] | None:
    """The commits that findings are wanted of, or nothing when that is all.

    Raises UsageError for a date or branch that is none.
    """
    if not any(part is not None for part in narrowed):
        return None
    options = []
    if narrowed.since is not None:
        options.append(_since(narrowed.since, where))
    if narrowed.max_commits is not None:
        options.append(f"--max-count={narrowed.max_commits}")
    tips = ["--all"]
    if narrowed.branch is not None:
        name = narrowed.branch
        # A tag may have the same name.
        found = (commit_id(p + name, where) for p in ("refs/heads/", "refs/remotes/", ""))
        tip = next(filter(None, found), None)
        if tip is None:
            raise UsageError(f"--branch {name}: there is no such branch or commit")
        tips = [tip]
    return frozenset(ask(["rev-list", *options, *tips], where).decode().split())


def _since(date: str, where: Repository) -> str:
    """An option for `git rev-list`; git itself takes any word for a date, for the time of the
    question, and has its own idea of dates to come."""
    try:
        return f"--max-age={int(datetime.fromisoformat(date).timestamp())}"
    except (ValueError, OverflowError):
        raw = ask(["rev-parse", f"--since={date}"], where).decode().strip()
    seconds = int(raw.rpartition("=")[2])
    if abs(seconds - time.time()) < _NOW and date.lower() not in {"now", "today"}:
        raise UsageError(f"--since {date}: not a date; write it like 2026-01-31 or '2 weeks ago'")
    return raw
