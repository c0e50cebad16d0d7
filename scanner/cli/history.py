"""`keysweep history`: everything that a repository holds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from scanner.cli import options, writing
from scanner.cli.options import Common
from scanner.models import Unseen


@click.command("history")
@click.argument("repository", default=".", metavar="[REPO]")
@click.option("--since", metavar="DATE", help="Findings of commits after this date only.")
@click.option("--branch", metavar="NAME", help="Findings of this branch's commits only.")
@click.option("--max-commits", type=click.IntRange(min=0), help="Findings of the latest only.")
@options.scanning
def command(
    repository: str,
    since: str | None,
    branch: str | None,
    max_commits: int | None,
    **values: Any,
) -> int:
    """Scan everything a repository holds.

    Every version of every file on every branch, tag and stash, what nothing leads to any more,
    commit messages and authors, tags, notes, names of files and refs, the repository's own
    configuration. Each finding is traced to the commit that brought it in.
    """
    from scanner import history  # the regex engines
    from scanner.workers import spread

    common = Common(**values)
    options.failing(common.fail_on)
    for path in common.output:
        options.format_of(path)
    opened = history.opened(repository)
    root = Path(os.fsdecode(opened.root)) if opened.root else opened.common
    scanner = options.scanner(common, options.settings(common, root))
    jobs = common.jobs or os.cpu_count() or 1
    narrowed = history.Narrowed(since, branch, max_commits)
    first = history.run(scanner, opened, jobs=jobs, spread=spread, narrowed=narrowed)
    inner, gaps = [], []
    for path, folder in history.submodules(opened):
        if folder is None:
            gaps.append(Unseen(path, "submodule that is not checked out"))
        else:
            below = history.opened(str(folder))
            inner.append(history.run(scanner, below, jobs=jobs, spread=spread, prefix=f"{path}/"))
    report = history.joined(first, inner, gaps)
    rules = scanner.rules.by_id()
    writing.write(report, rules, common)
    return options.exit_status(report, rules, common)
