"""`keysweep scan`: files and folders as they are on disk, or standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from scanner import repository
from scanner.cli import options, progress, writing
from scanner.cli.options import Common
from scanner.errors import UsageError
from scanner.exemptions import Exemptions
from scanner.models import Blob, Gap, Kind, Report
from scanner.pathpatterns import compile_paths
from scanner.paths import display
from scanner.repository import Repository
from scanner.sources import worktree

if TYPE_CHECKING:
    from scanner.known import Known
    from scanner.scan import Scanner, Spread

Item = worktree.Entry | Gap | Blob
_STDIN = "-"


@click.command("scan")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--stdin-name", metavar="NAME", default="", help="What the file on stdin is called.")
@click.option("--git", "revision", metavar="REV[:PATH]", help="What a commit has, not the disk.")
@options.scanning
@options.asking
def command(paths: tuple[str, ...], stdin_name: str, revision: str | None, **values: Any) -> int:
    """Scan files and folders as they are on disk.

    In a git work tree: tracked files and untracked ones that are not ignored. Without PATH:
    the current folder. With - : standard input. With --git: all files of a commit, or the file or
    folder PATH in it, as `git show` would take it.
    """
    common = options.common(values)
    if revision is None:
        looked = look(paths or (".",), common, stdin_name)
    elif paths:
        raise UsageError("--git names what is scanned: leave out the other paths")
    else:
        looked = _at(revision, common)
    return writing.finish(looked.report, looked.scanner, common, looked.known)


class Looked(NamedTuple):
    """A report that knows of no baseline or ignore file yet, and what these hold; `root` is
    the folder that they belong to."""

    report: Report
    scanner: Scanner
    known: Known
    root: Path


def look(paths: tuple[str, ...], common: Common, stdin_name: str = "") -> Looked:
    """Scans files and folders, or standard input."""
    root = root_of(paths)
    settings = options.settings(common, root)
    known = options.known(common, root)
    listings = _listings(paths, stdin_name, root, settings.exclude)
    scanner = options.scanner(common, settings)
    return Looked(_report(scanner, _joined(listings), root, common), scanner, known, root)


def _at(revision: str, common: Common) -> Looked:
    """Scans what a commit has, or the index; configuration is that of the work tree."""
    from scanner.scan import in_time, run
    from scanner.sources import snapshot

    folder = os.fsencode(Path.cwd())
    top = repository.toplevel(folder)
    root = top or repository.git_folder(folder)
    if root is None:
        raise UsageError(f"{display(folder)}: not in a git repository")
    own = Path(os.fsdecode(top)) if top else None
    settings = options.settings(common, own)
    known = options.known(common, own)
    exempt = Exemptions(settings.exclude)
    items = snapshot.items(revision, Repository(folder), exempt, settings.max_file_size)
    scanner = options.scanner(common, settings)
    reached = in_time(items, options.until(common))
    report = run(scanner, reached, command="scan", root=display(root))
    return Looked(report, scanner, known, Path(os.fsdecode(root)))


def _joined(listings: list[Iterator[Item]]) -> Iterator[Item]:
    """What is to be scanned, once, though two of the paths may lead to it."""
    if len(listings) == 1:
        return listings[0]
    return iter(dict.fromkeys(item for listing in listings for item in listing))


def _report(scanner: Scanner, items: Iterator[Item], root: Path, common: Common) -> Report:
    from scanner.scan import WORTH_WORKERS, in_time, jobs_for, run

    until = options.until(common)
    # Workers begin while git is still listing, unless the user wants to see how far they are.
    first = list(items if progress.wanted(common) else islice(items, WORTH_WORKERS))
    jobs = common.jobs or jobs_for(len(first), os.cpu_count() or 1)
    with progress.shown(common, "Scanning", len(first)) as told:
        return run(
            scanner,
            in_time(chain(first, items), until),
            command="scan",
            root=display(os.fsencode(root)),
            jobs=jobs,
            spread=_spread() if jobs > 1 else None,
            progress=told,
        )


def _spread() -> Spread:
    from scanner import workers  # several milliseconds that a small scan need not spend

    return workers.spread


def root_of(paths: tuple[str, ...]) -> Path:
    """The folder that report paths are relative to, and that the configuration is in.

    In a repository its root, so that both are the same from every folder; elsewhere the one
    given, or the one all are in.
    """
    given = [path for path in paths if path != _STDIN]
    for path in given:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder")
    common = Path(os.path.commonpath([Path(path).absolute() for path in given or ["."]]))
    if not common.is_dir() or common.is_symlink():
        common = common.parent
    return next((folder for folder in (common, *common.parents) if _is_root(folder)), common)


def _is_root(folder: Path) -> bool:
    try:
        return (folder / ".git").exists()
    except OSError:  # a folder that may not be searched
        return False


def _listings(
    paths: tuple[str, ...], stdin_name: str, root: Path, exclude: tuple[str, ...]
) -> list[Iterator[Item]]:
    """What is to be scanned, path by path; git lists the files of a work tree beside what
    follows."""
    excluded = compile_paths(exclude)
    return [
        iter([_stdin(stdin_name)])
        if path == _STDIN
        else worktree.entries(path, str(root), excluded)
        for path in paths
    ]


def _stdin(name: str) -> Blob:
    return Blob(Kind.STDIN, display(os.fsencode(name)), sys.stdin.buffer.read())
