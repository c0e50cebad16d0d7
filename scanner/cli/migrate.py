"""`keysweep migrate`: what a project has from other scanners, carried over entry by entry."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from scanner.cli import scan, setup
from scanner.config import Settings
from scanner.errors import ConfigError, UsageError
from scanner.positions import harmless

if TYPE_CHECKING:
    from scanner.adoption import Change
    from scanner.migration import File, Told
    from scanner.models import Report
    from scanner.scan import Scanner


@click.command("migrate")
@click.argument("names", nargs=-1, metavar="[FILE]...")
@click.option("--root", metavar="DIR", default=".", help="The project (default: where you are).")
@click.option(
    "--history",
    "everything",
    is_flag=True,
    help="Look for secrets that are named by a hash in the whole history too.",
)
@click.option("--write", "writing", is_flag=True, help="Write what is carried over.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be written (the default).")
def command(
    names: tuple[str, ...], root: str, everything: bool, writing: bool, dry_run: bool
) -> int:
    """Carry over what other scanners were told about this project.

    Reads the files of gitleaks, betterleaks, Kingfisher, detect-secrets, ggshield, secretlint and
    TruffleHog: those given, or those at the project's root. Says of each entry what it comes to,
    what of it does not carry over and why, and which entries hide nothing any more. Theirs are
    not changed, and of ours nothing is overwritten.
    """
    from scanner import adoption, migration

    if writing and dry_run:
        raise UsageError("--write and --dry-run: choose one")
    if not Path(root).is_dir():
        raise UsageError(f"{root}: no such folder")
    project = scan.root_of((root,))
    files = _files(names, project)
    with _ground(files, project, everything) as (ground, scanner):
        told = [(file, list(migration.told(file, ground, scanner.rules))) for file in files]
        plan = migration.merged([one.plan for _, entries in told for one in entries])
        plan = plan._replace(sources=tuple(file.path.name for file in files))
        changes = adoption.changes(plan, project)
        for line in _report(told):
            click.echo(line)
        for gap in ground.report.not_seen:
            click.echo(harmless(f"not seen: {gap.what}: {gap.reason}"), err=True)
    if writing:
        adoption.write(changes)
    for line in _written(changes, project, writing):
        click.echo(line)
    return 0


def _files(names: tuple[str, ...], root: Path) -> list[File]:
    """The files read; raises UsageError for none, ConfigError with all that are broken."""
    from scanner import foreign, migration

    paths = [Path(name) for name in names] or [_near(path) for path in foreign.find(root)]
    found, problems = [], []
    for path in paths:
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
        try:
            carried = foreign.read(path, dict(os.environ))
        except ConfigError as error:
            problems += error.problems
            continue
        if carried.entries or names or carried.tool != "pre-commit":
            found.append(migration.sound(migration.File(path, carried)))
    if problems:
        raise ConfigError(problems)
    if not found:
        raise UsageError(
            f"{root}: no file of another scanner's under its usual name; name one, as in "
            "`keysweep migrate ci/gitleaks.toml`"
        )
    return found


def _near(path: Path) -> Path:
    """The path from where the user is, when that is shorter."""
    return min(path, Path(os.path.relpath(path)), key=lambda one: len(str(one)))


@contextmanager
def _ground(files: list[File], root: Path, everything: bool) -> Iterator[Any]:
    """What stands in the project, looked at with our rules and those carried over."""
    from scanner import adoption, migration
    from scanner.settling import Ground

    tables = [table for _, table in migration.tables(files)]
    with TemporaryDirectory(prefix="keysweep-") as folder:
        users = setup.settings(None)
        chosen = Settings(fingerprint_key=users.fingerprint_key)
        if tables:
            path = Path(folder) / "carried.toml"
            path.write_text(adoption.rule_file(tables, "other scanners"), encoding="utf-8")
            chosen = chosen._replace(rules=(path,))
        scanner = setup.scanner(chosen, cache=not tables)
        theirs = frozenset(
            os.path.relpath(file.path.resolve(), root.resolve()).replace(os.sep, "/")
            for file in files
        )
        past = (lambda: _past(scanner, root)) if everything else None
        yield Ground(scanner, root, theirs, past), scanner


def _past(scanner: Scanner, root: Path) -> Report:
    from scanner.history import everything
    from scanner.narrowing import Narrowed
    from scanner.whereabouts import opened
    from scanner.workers import spread

    return everything(scanner, opened(str(root)), Narrowed(), os.cpu_count() or 1, spread)


def _report(told: list[tuple[File, list[Told]]]) -> Iterator[str]:
    counts: Counter[str] = Counter()
    for file, entries in told:
        yield harmless(f"{file.path} ({file.carried.tool})")
        if not entries:
            yield "  nothing in it is to be carried over"
        for one in entries:
            counts[one.outcome] += 1
            name = ": ".join(filter(None, (one.entry.where, one.entry.what)))
            yield harmless(f"  {name}: {one.outcome}")
            yield from (harmless(f"      {line}") for line in one.lines)
        yield ""
    count = sum(counts.values())
    yield f"{count} entr{'y' if count == 1 else 'ies'}"
    yield from (f"  {number:>4} {outcome}" for outcome, number in counts.most_common())


def _written(changes: tuple[Change, ...], root: Path, writing: bool) -> Iterator[str]:
    if not changes:
        yield "Nothing is to be written: all that could be carried over is there."
        return
    for change in changes:
        name = change.path.relative_to(root).as_posix()
        verb = (
            ("Wrote" if change.new else "Added to")
            if writing
            else ("Would write" if change.new else "Would add to")
        )
        yield harmless(f"{verb} {name}:")
        yield from (harmless(f"  + {line}") for line in change.added)
    if not writing:
        yield "Nothing was written; --write does it."
