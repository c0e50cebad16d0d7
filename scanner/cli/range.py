"""`keysweep range`: what the commits of a range add."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import click

from scanner import repository
from scanner.cli import options, writing
from scanner.cli.options import Common
from scanner.errors import UsageError
from scanner.pathpatterns import compile_paths
from scanner.paths import display
from scanner.repository import Repository
from scanner.sources import commits
from scanner.sources.commits import Ends


@click.command("range")
@click.argument("chosen", metavar="BASE..HEAD")
@options.scanning
def command(chosen: str, **values: Any) -> int:
    """Scan what commits add: all that lead to HEAD and not to BASE.

    Commit by commit, so that what was added and removed again is found too: contents, file
    names, messages and headers. BASE... and three dots name the same commits, as in a pull
    request. BASE and HEAD are branches, tags or ids.
    """
    common = options.common(values)
    inside = here()
    return scan(common, inside, commits.ends(chosen, inside.where), "range")


class Inside(NamedTuple):
    """A repository, the top of its work tree if it has one, and what stands for it in reports."""

    where: Repository
    top: bytes | None
    root: bytes


def here() -> Inside:
    """The repository of the current folder; raises UsageError when there is none."""
    where = Repository(os.fsencode(Path.cwd()))
    top = repository.toplevel(where.folder)
    root = top or repository.git_folder(where.folder)
    if root is None:
        raise UsageError(f"{display(where.folder)}: not in a git repository")
    return Inside(where, top, root)


def scan(common: Common, inside: Inside, ends: Ends, name: str) -> int:
    """Scans what the commits between two ends add, writes the reports and gives the exit
    status; `name` is the command's."""
    # A bare repository has no files of its own that could configure anything.
    settings = options.settings(common, Path(os.fsdecode(inside.top)) if inside.top else None)
    excluded = compile_paths(settings.exclude)
    scanner = options.scanner(common, settings)

    from scanner import ranges

    walk = commits.Walk(inside.where, ends, excluded, settings.max_file_size)
    report = ranges.scan(scanner, walk, command=name, root=display(inside.root))
    return writing.finish(report, scanner.rules.by_id(), common)
