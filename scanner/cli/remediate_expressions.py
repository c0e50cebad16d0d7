"""`keysweep remediate --expressions`: the secrets as git-filter-repo wants them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from scanner import expressions, files, known, positions, repository
from scanner.catfile import Objects
from scanner.cli import history, statuses, whole
from scanner.cli.options import Common
from scanner.cli.report_argument import Given
from scanner.cli.scan import Looked
from scanner.detector import readable
from scanner.errors import UsageError
from scanner.models import Finding
from scanner.positions import harmless
from scanner.reportfile import Reported
from scanner.wording import plural

_SHORT = 8  # characters, fewer than which stand in many places that are no secret


def write(file: Path, given: Given, findings: list[Reported], common: Common, force: bool) -> int:
    """Scans the project's history for the secrets of the findings, and writes them into a file
    that only the user may read; gives the exit status.

    Raises UsageError for a file that is there, or that git would add, unless `force`.
    """
    _check(file, force)
    looked = history.look(str(given.root), common)
    if looked.report.interrupted:
        return statuses.INTERRUPTED
    wanted = {one.finding.fingerprint: one for one in findings}
    texts: set[bytes] = set()
    for finding in looked.report.findings:
        names = _names(finding, looked)
        if not wanted.keys().isdisjoint(names):
            texts.update(_texts(finding, given.root, looked))
            for name in names:
                wanted.pop(name, None)
    files.write(file, expressions.render(texts), private=True)
    click.echo(f"{harmless(str(file))}: {plural(len(texts), 'expression')}; delete it when done")
    _warn(texts, list(wanted.values()))
    return whole.status(looked.report, common)


def _check(file: Path, force: bool) -> None:
    """Raises UsageError where a file with secrets must not be written."""
    folder = file.absolute().parent
    if not folder.is_dir():
        raise UsageError(f"{file}: there is no such folder")
    if force:
        return
    if os.path.lexists(file):
        raise UsageError(f"{file}: is there already; --force writes over it")
    inside = os.fsencode(folder)
    if repository.toplevel(inside) and not repository.is_ignored(inside, file.name):
        raise UsageError(
            f"{file}: git would add it, and it holds the secrets; write it elsewhere, or --force"
        )


def _names(finding: Finding, looked: Looked) -> tuple[str, ...]:
    rule = looked.scanner.rules.by_id()[finding.rule_id]
    return known.names(finding, rule, looked.scanner.plan.fingerprint_key)


def _texts(finding: Finding, root: Path, looked: Looked) -> Iterator[bytes]:
    """The secret as it is written at each of its places."""
    most = looked.scanner.plan.settings.max_file_size
    if not all(place.decoded for place in finding.places):
        yield finding.secret.reveal()
    blobs = dict.fromkeys((place.blob, place.span) for place in finding.places if place.blob)
    with Objects(repository.Repository(os.fsencode(root)), most) as objects:
        for blob, span in blobs:
            content = objects.read(blob)
            if isinstance(content, bytes):
                text, encoded = readable(content)
                (at,) = positions.stretches(text, [span])
                if at and not encoded:
                    yield text[slice(*at)]


def _warn(texts: set[bytes], missing: list[Reported]) -> None:
    """Tells what the file does not do, or does too much."""
    for one in missing:
        name = f"{one.description} {one.finding.secret.redacted}"
        click.echo(harmless(f"Not in this history: {name}"), err=True)
    short = sum(len(text) < _SHORT for text in texts)
    if short:
        click.echo(
            f"{plural(short, 'text')} of fewer than {_SHORT} characters: what else reads like "
            "them is replaced too; look through the file",
            err=True,
        )
