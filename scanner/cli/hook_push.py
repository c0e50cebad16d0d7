"""`keysweep hook pre-push`: the commits that are about to be pushed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from scanner import pushes, repository
from scanner.cli import hook, options, setup
from scanner.cli.options import Common
from scanner.errors import UsageError
from scanner.paths import display
from scanner.positions import harmless
from scanner.pushes import Limits, Update
from scanner.repository import Repository


@click.command("pre-push")
@click.argument("remote", default="")
@click.argument("url", default="")
@options.scanning
def command(remote: str, url: str, **values: Any) -> int:  # noqa: ARG001 - git gives it
    """Scan exactly the commits that are about to be pushed.

    Git tells on standard input which refs move; REMOTE and URL are what it calls the other side.
    Not looked at is what REMOTE had when it was fetched last. Under pre-commit, its variables
    PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF tell the commits.
    """
    common = options.common(values)
    where = Repository(os.fsencode(Path.cwd()), as_called=True)
    updates = pushes.outgoing(sys.stdin.buffer.read())
    if not updates and "PRE_COMMIT" in os.environ:
        updates = [_of_pre_commit(where)]
        remote = os.environ.get("PRE_COMMIT_REMOTE_NAME", "")
    known = pushes.tips(where, remote) if remote else []
    return scan(common, where, updates, known)


def scan(common: Common, where: Repository, updates: list[Update], known: list[str]) -> int:
    """Scans what a push sends, tells what stops it and gives the exit status."""
    top = repository.toplevel(where.folder, as_called=True)
    folder = Path(os.fsdecode(top)) if top else None
    settings = options.settings(common, folder)
    silenced = options.known(common, folder)
    scanner = options.scanner(common, settings)
    exempt = setup.exempt(settings, lambda: (scanner, silenced))
    limits = Limits(exempt, settings.max_file_size, options.until(common))
    found = pushes.walks(updates, where, known, "", limits)
    root = display(top or where.folder)
    report = pushes.scan(scanner, found, command="hook pre-push", root=root, trusting=True)
    return hook.finish(report, scanner, common, "pre-push", silenced)


def _of_pre_commit(where: Repository) -> Update:
    """What pre-commit tells of a push; raises UsageError when it tells nothing."""
    # Of a push that holds the first commit of all, it tells the branch alone.
    told = os.environ.get("PRE_COMMIT_TO_REF") or os.environ.get("PRE_COMMIT_LOCAL_BRANCH")
    if not told:
        raise UsageError(
            "pre-commit told of no commits; run this hook by `git push`, or with "
            "--from-ref and --to-ref"
        )
    base = os.environ.get("PRE_COMMIT_FROM_REF", "")
    ref = os.environ.get("PRE_COMMIT_REMOTE_BRANCH", told)
    return Update(os.fsencode(ref), _id(told, where), _id(base, where) if base else "")


def _id(revision: str, where: Repository) -> str:
    found = repository.commit_id(revision, where)
    if found is None:
        raise UsageError(f"{harmless(revision)}: no commit of that name here")
    return found
