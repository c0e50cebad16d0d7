"""`keysweep baseline create`: all findings of now, as known."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from scanner import files
from scanner.cli import options, scan, whole
from scanner.errors import UsageError
from scanner.positions import harmless
from scanner.suppressions import baseline
from scanner.suppressions.baseline import Baseline
from scanner.wording import plural

_ATTRIBUTES = ".gitattributes"


@click.command("create")
@click.argument("path", default=".", metavar="[PATH]")
@click.option("--history", "everything", is_flag=True, help="All that the repository holds.")
@click.option("--output", "-o", metavar="FILE", help="Instead of .keysweep.baseline at the root.")
@click.option("--force", is_flag=True, help="Replace a baseline that is there.")
@click.option("--gitattributes", is_flag=True, help="Let git merge it without conflicts.")
@options.looking
def command(
    path: str, everything: bool, output: str | None, force: bool, gitattributes: bool, **values: Any
) -> int:
    """Write all findings that nothing suppresses into .keysweep.baseline at the project's root.

    From then on they are reported as suppressed, and only new ones fail. The file tells no
    secret; `docs/baselines.md` says what who reads it can learn.
    """
    common = options.common(values)
    if everything and output is None:
        _need_files(path)
    file = whole.baseline_file(path, output)
    if not force and os.path.lexists(file):
        raise UsageError(f"{file}: is there already; `keysweep baseline update` keeps it up to "
                         "date, and --force replaces it")  # fmt: skip
    looked = whole.look(path, common, everything=everything)
    ignored = looked.known._replace(baseline=None)
    report = options.judged(looked.report, looked.scanner, ignored)
    if report.interrupted:
        return whole.status(report, common)
    entries = baseline.open_entries(report, looked.scanner.rules.by_id())
    held = baseline.holding(entries, Baseline(history=everything))
    files.write(file, baseline.render(held))
    click.echo(f"Wrote {plural(len(entries), 'finding')} to {harmless(str(file))}")
    _attribute(scan.root_of((path,)), file, gitattributes)
    return whole.status(report, common)


def _need_files(path: str) -> None:
    """Raises UsageError for a repository that has no files to put a baseline among."""
    from scanner.whereabouts import opened

    if opened(path).root is None:
        raise UsageError(f"{path}: no work tree to put the baseline in; name a file by --output")


def _attribute(root: Path, file: Path, wanted: bool) -> None:
    """Puts the line into .gitattributes that lets git join two branches' baselines, or tells it."""
    inside = os.path.relpath(file.absolute(), root.absolute()).replace(os.sep, "/")
    if inside.startswith("../"):
        return
    name = f'"{inside}"' if " " in inside else inside
    line = f"{name} {baseline.ATTRIBUTE}"
    attributes = root / _ATTRIBUTES
    content = files.read(attributes) or b""
    if line.encode() in content.splitlines():
        return
    if not wanted:
        click.echo(f"For merges without conflicts, put this line into {_ATTRIBUTES}: {line}")
        return
    end = b"\n" if content and not content.endswith(b"\n") else b""
    files.write(attributes, content + end + line.encode() + b"\n")
    click.echo(f"Added to {_ATTRIBUTES}: {harmless(line)}")
