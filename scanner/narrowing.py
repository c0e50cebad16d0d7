"""Which commits an audit reports on, when that is not all."""

from __future__ import annotations

import time
from datetime import datetime
from typing import NamedTuple

from scanner.errors import UsageError
from scanner.graph import Graph
from scanner.repository import Repository, ask, commit_id

_NOW = 5  # seconds


class Narrowed(NamedTuple):
    """What part of history findings are reported from: options of `git rev-list`, as strings.

    Everything when empty.
    """

    since: str | None = None
    branch: str | None = None
    max_commits: int | None = None


class Limits(NamedTuple):
    """Where history ends for an audit: seconds since 1970, the id in hex of the commit from which
    to go back, how many commits at most."""

    since: int | None
    tip: str | None
    most: int | None

    def commits(self, graph: Graph) -> frozenset[str]:
        """The commits that findings are wanted of: of those within the other limits, the latest.

        As to the date, a commit counts as later than its parents, whatever its clock said.
        """
        found = graph.reachable if self.tip is None else graph.up_from(self.tip)
        latest = sorted(found, key=graph.time, reverse=True)
        if self.since is not None:
            latest = [commit for commit in latest if graph.time(commit) >= self.since]
        return frozenset(latest[: self.most])


def limits(narrowed: Narrowed, where: Repository) -> Limits | None:
    """What is asked for, or nothing when that is everything.

    Raises UsageError for a date or branch that is none.
    """
    if not any(part is not None for part in narrowed):
        return None
    since = None if narrowed.since is None else _since(narrowed.since, where)
    tip = None if narrowed.branch is None else _tip(narrowed.branch, where)
    return Limits(since, tip, narrowed.max_commits)


def _tip(name: str, where: Repository) -> str:
    # A tag may have the same name.
    found = (commit_id(p + name, where) for p in ("refs/heads/", "refs/remotes/", ""))
    tip = next(filter(None, found), None)
    if tip is None:
        raise UsageError(f"--branch {name}: there is no such branch or commit")
    return tip


def _since(date: str, where: Repository) -> int:
    """Seconds since 1970; git itself takes any word for a date, for the time of the question, and
    has its own idea of dates to come."""
    try:
        return int(datetime.fromisoformat(date).timestamp())
    except (ValueError, OverflowError, OSError):  # what the system's clock does not reach
        raw = ask(["rev-parse", f"--since={date}"], where).decode().strip()
    seconds = int(raw.rpartition("=")[2])
    if abs(seconds - time.time()) < _NOW and date.lower() not in {"now", "today"}:
        raise UsageError(f"--since {date}: not a date; write it like 2026-01-31 or '2 weeks ago'")
    return seconds
