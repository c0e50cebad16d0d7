"""`keysweep range`: what the commits of a range add."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from scanner import repository
from scanner.cli import options, progress, setup, writing
from scanner.cli.options import Common
from scanner.committed import committed
from scanner.errors import ConfigError, GitError, UsageError
from scanner.known import Known, doubted
from scanner.paths import display
from scanner.positions import harmless
from scanner.repository import Repository
from scanner.sources import commits
from scanner.sources.commits import Ends

T = TypeVar("T")

_OF_OBJECTS = ("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")


@click.command("range")
@click.argument("chosen", metavar="BASE..HEAD")
@options.scanning
@options.asking
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
    """The repository of the current folder; raises UsageError when there is none.

    What the environment says of repositories holds only where git is taking in a push, as it keeps
    that apart; elsewhere it is told that it does not.
    """
    taking_in = "GIT_QUARANTINE_PATH" in os.environ  # git-receive-pack(1)
    where = Repository(os.fsencode(Path.cwd()), as_called=taking_in)
    top = repository.toplevel(where.folder, as_called=taking_in)
    own = repository.git_folder(where.folder)
    root = top or own
    if root is None:
        raise UsageError(f"{display(where.folder)}: not in a git repository")
    if not taking_in and own:
        _tell_unheeded(own, root)
    return Inside(where, top, root)


def _tell_unheeded(own: bytes, root: bytes) -> None:
    """Says so when the environment names another repository than that of the current folder, or
    further objects."""
    named = os.environ.get("GIT_DIR")
    names = ["GIT_DIR"] if named and os.path.realpath(os.fsencode(named)) != own else []
    names += [name for name in _OF_OBJECTS if name in os.environ]
    if names:
        told = f"{' and '.join(names)} not heeded: this is about {display(root)}"
        click.echo(f"keysweep: {told}", err=True)


def scan(common: Common, inside: Inside, ends: Ends, name: str) -> int:
    """Scans what the commits between two ends add, writes the reports and gives the exit
    status; `name` is the command's.

    Configuration and markers are those at the base, unless the end is trusted.
    """
    top = Path(os.fsdecode(inside.top)) if inside.top else None
    with committed(inside.where, ends.head if common.trust_head else ends.base, top) as held:
        settings = options.settings_of(common, held)
        scanner = options.scanner(common, settings)
        known = options.known_of(common, held)
    own, brought = None, Known()
    if not common.trust_head:
        with committed(inside.where, ends.head, top) as held:
            own = sound(lambda: options.settings_of(common, held))
            brought = sound(lambda: options.known_of(common, held)) or brought

    from scanner import ranges

    exempt = setup.exempt(settings, lambda: (scanner, known))
    walk = commits.Walk(inside.where, ends, exempt, settings.max_file_size)
    with progress.shown(common, "Scanning commits") as told:
        report = ranges.scan(
            scanner,
            walk,
            command=name,
            root=display(inside.root),
            own=own,
            trusting=common.trust_head,
            progress=told,
            until=options.until(common),
        )
    report = doubted(report, brought, scanner.rules.by_id(), scanner.plan.fingerprint_key)
    return writing.finish(report, scanner, common, known)


def sound(read: Callable[[], T]) -> T | None:
    """What a file of a request's own holds; nothing when it is broken, which is told."""
    try:
        return read()
    except (ConfigError, GitError, OSError, ValueError, RecursionError, MemoryError) as error:
        known = isinstance(error, ConfigError | GitError)
        told = "; ".join(str(error).splitlines()) if known else type(error).__name__
        click.echo(f"keysweep: not used: {harmless(told)}", err=True)
        return None
