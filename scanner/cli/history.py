"""`keysweep history`: everything that a repository holds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli import options, progress, writing
from scanner.cli.options import Common
from scanner.cli.scan import Looked

if TYPE_CHECKING:
    from scanner.narrowing import Narrowed


@click.command("history")
@click.argument("repository", default=".", metavar="[REPO]")
@click.option("--since", metavar="DATE", help="Findings of commits after this date only.")
@click.option("--branch", metavar="NAME", help="Findings of this branch's commits only.")
@click.option("--max-commits", type=click.IntRange(min=0), help="Findings of the latest only.")
@options.fetch_missing
@options.scanning
@options.asking
def command(
    repository: str,
    since: str | None,
    branch: str | None,
    max_commits: int | None,
    fetch_missing: bool,
    **values: Any,
) -> int:
    """Scan everything a repository holds.

    Every version of every file on every branch, tag and stash, what nothing leads to any more,
    commit messages and authors, tags, notes, names of files and refs, the repository's own
    configuration. Each finding is traced to the commit that brought it in.
    """
    from scanner.narrowing import Narrowed

    common = options.common(values)
    narrowed = Narrowed(since, branch, max_commits)
    looked = look(repository, common, narrowed, fetch_missing)
    return writing.finish(looked.report, looked.scanner, common, looked.known)


def look(
    repository: str, common: Common, narrowed: Narrowed | None = None, fetch: bool = False
) -> Looked:
    """Scans everything a repository holds."""
    from scanner.history import everything  # the regex engines
    from scanner.narrowing import Narrowed
    from scanner.whereabouts import opened
    from scanner.workers import spread

    found = opened(repository)
    root = Path(os.fsdecode(found.root)) if found.root else None
    scanner = options.scanner(common, options.settings(common, root))
    known = options.known(common, root) if root else options.known_at(common, found.where, "HEAD")
    jobs = common.jobs or os.cpu_count() or 1
    with progress.shown(common, "Scanning objects") as told:
        report = everything(
            scanner,
            found,
            narrowed or Narrowed(),
            jobs,
            spread,
            remember=common.cache,
            fetch=fetch,
            progress=told,
            until=options.until(common),
        )
    return Looked(report, scanner, known, root or Path(repository))
