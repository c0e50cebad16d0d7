"""`keysweep remediate --apply`: the edits, each file shown before it is written."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner import files, standing
from scanner.cli.keyboard import Keyboard
from scanner.cli.remediate import Work, places_in_files
from scanner.errors import UsageError
from scanner.positions import harmless
from scanner.replacement import Aim, Replaced, replaced
from scanner.veil import Veil
from scanner.wording import plural

if TYPE_CHECKING:
    from scanner.scan import Scanner
    from scanner.standing import Text


def apply(work: Work, yes: bool) -> int:
    """Edits the files of the findings, after asking for each unless `yes`; gives the status.

    Raises UsageError where it would have to ask and there is no terminal.
    """
    keyboard = None if yes else _keyboard()
    written: list[Replaced] = []
    aims = _aims(work)
    for path in sorted(aims):
        if path not in work.texts:
            click.echo(f"{harmless(path)}: not a file that can be read; left")
            continue
        before = work.texts[path]
        found = replaced(path, before, aims[path])
        for left in found.left:
            click.echo(harmless(f"{path}:{left.line}: left: {left.reason}"))
        if found.edits and _meant(path, before, found, work.scanner, keyboard):
            written += _write(work.root, path, before, found)
    _sum_up(written)
    return 0


def _aims(work: Work) -> dict[str, list[Aim]]:
    """What is to be replaced in each file."""
    aims: dict[str, list[Aim]] = {}
    for one, name in zip(work.findings, work.names, strict=True):
        for path, span in dict.fromkeys(places_in_files(one)):
            aims.setdefault(path, []).append(Aim(one.finding.fingerprint, span, name))
    return aims


def _keyboard() -> Keyboard:
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        raise UsageError("--apply asks on a terminal before it writes; --yes does without")
    return Keyboard(beside_input=False)


def _meant(
    path: str, before: Text, found: Replaced, scanner: Scanner, keyboard: Keyboard | None
) -> bool:
    """Shows what changes; whether the user wants it."""
    after = standing.parse(scanner, found.content)
    for line in _diff(path, before, after):
        click.echo(line)
    return keyboard is None or keyboard.key(f"Write {harmless(path)}? [y/N] ") == "y"


def _diff(path: str, before: Text, after: Text) -> Iterator[str]:
    """What changes, without any secret of either version."""
    secrets = (one.match.secret.reveal() for one in (*before.standings, *after.standings))
    veil = Veil(secrets)
    old, new = ([veil.over(line) for line in standing.shown(one)] for one in (before, after))
    name = harmless(path)
    return difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", lineterm="")


def _write(root: Path, path: str, before: Text, found: Replaced) -> list[Replaced]:
    """Writes a file, unless it is no longer what it was when it was read."""
    file = standing.located(root, path)
    if file is None or files.read(file) != before.content:
        click.echo(f"{harmless(path)}: changed meanwhile; not written")
        return []
    files.write(file, found.content)
    edits = plural(len(found.edits), "secret")
    click.echo(f"{harmless(path)}: {edits} replaced")
    for note in found.notes:
        click.echo(f"{harmless(path)}: now {note}")
    return [found]


def _sum_up(written: list[Replaced]) -> None:
    names = sorted({edit.name for found in written for edit in found.edits})
    click.echo(f"{plural(len(written), 'file')} written")
    if names:
        click.echo(f"Set in the environment, with new keys: {', '.join(names)}")
