"""`keysweep explain`: why something is, or is not, a finding."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from scanner import repository
from scanner.cli import options, scan, setup, statuses, writing
from scanner.cli.options import Common
from scanner.config import Settings
from scanner.errors import UsageError
from scanner.models import Blob, Confidence, Gap, Kind, Severity
from scanner.pathpatterns import compile_paths
from scanner.paths import display
from scanner.sources import worktree

if TYPE_CHECKING:
    from scanner.explanation import Explanation, Where
    from scanner.scan import Plan

_NUMBERED = re.compile(r"(.+):([0-9]{1,9})")
_STDIN = "-"
_ALL_ON: dict[str, Any] = {
    "enable": (),
    "disable": (),
    "min_severity": Severity.LOW,
    "min_confidence": Confidence.LOW,
}


@click.command("explain")
@click.argument("position", metavar="PATH[:LINE[:COLUMN]]", required=False)
@click.option("--text", help="Explain this text, which a list of processes shows.")
@click.option("--name", metavar="PATH", default="", help="What --text or standard input is called.")
@click.option("--baseline", metavar="FILE", help="Known findings, instead of .keysweep.baseline.")
@click.option("--format", "chosen", type=click.Choice(("text", "json")), default="text",
              show_default=True)  # fmt: skip
@options.looking
def command(position: str | None, text: str | None, name: str, chosen: str, **values: Any) -> int:
    """Tell why a line of a file is, or is not, a finding.

    For each candidate on the line: the rule, what it captured (redacted), which decoders and
    filters it passed, how random it is, and what suppresses it. Where there is none: which
    keywords and values stand there. Without LINE: of the whole file. With - : standard input.

    Exit status: 0 whatever is found, 3 when the file could not be read.
    """
    from scanner import explanation

    common = options.common(values)
    target = _target(position, text, name)
    settings = options.settings(common, target.root)
    known = options.known(common, target.root)
    item = _read(target, settings)
    told = explanation.explain(
        item, target.where, _plan(settings, common), known, _everything(settings, common)
    )
    writing.show(_lines(told._replace(notes=tuple(_notes(target))), chosen))
    return 0 if common.allow_incomplete or not told.not_seen else statuses.INCOMPLETE


class _Target(NamedTuple):
    """What is asked about: a file or some bytes, the place in it, and the folder it belongs to."""

    path: str
    content: bytes | None
    where: Where
    root: Path


def _target(position: str | None, text: str | None, name: str) -> _Target:
    """Raises UsageError for what is no file, and for options that do not go together."""
    from scanner.explanation import Where

    if (position is None) == (text is None):
        raise UsageError("write PATH:LINE, or --text TEXT, or - for standard input")
    if text is not None:
        content = text.encode("utf-8", "surrogateescape")
        return _Target(name, content, Where(), scan.root_of((".",)))
    path, line, column = _parts(position or "")
    where = Where(line, column)
    if path == _STDIN:
        return _Target(name, sys.stdin.buffer.read(), where, scan.root_of((".",)))
    if name:
        raise UsageError("--name is for --text and - alone: a file has its own")
    file = _file(path)
    return _Target(str(file), None, where, scan.root_of((str(file),)))


def _parts(position: str) -> tuple[str, int | None, int | None]:
    """The path, line and column of a position; the name of a file may well end in a number."""
    path = position
    numbers: list[int] = []
    while len(numbers) < 2 and not os.path.lexists(path) and (found := _NUMBERED.fullmatch(path)):
        path = found[1]
        numbers.insert(0, int(found[2]))
    if 0 in numbers:
        raise UsageError(f"{position}: lines and columns count from 1")
    line, column, *_ = (*numbers, None, None)
    return path, line, column


def _file(name: str) -> Path:
    """A file, given from the current folder or from the project's root."""
    path = Path(name)
    if not os.path.lexists(path):
        path = scan.root_of((".",)) / path
    if not os.path.lexists(path):
        raise UsageError(f"{name}: no such file")
    if path.is_dir():
        raise UsageError(f"{name}: a folder; name a file in it")
    return path


def _read(target: _Target, settings: Settings) -> Blob | Gap:
    """The content as a scan would read it, or why it would not."""
    if target.content is not None:
        return Blob(Kind.STDIN, display(os.fsencode(target.path)), target.content)
    excluded = compile_paths(settings.exclude)
    (item,) = worktree.entries(target.path, str(target.root), excluded)
    return item if isinstance(item, Gap) else worktree.read(item, settings.max_file_size)


def _notes(target: _Target) -> Iterator[str]:
    """What a scan of the whole folder would do otherwise."""
    path = Path(target.path).absolute()
    if target.content is None and repository.is_ignored(os.fsencode(path.parent), path.name):
        yield "git ignores this file, so only a scan that is given its name sees it"


def _plan(settings: Settings, common: Common) -> Plan:
    return setup.scanner(settings, cache=common.cache).plan


def _everything(settings: Settings, common: Common) -> Plan | None:
    """The plan with the rules besides that the settings turn off, if they do."""
    everything = settings._replace(**_ALL_ON)
    return None if everything == settings else _plan(everything, common)


def _lines(told: Explanation, chosen: str) -> Iterator[str]:
    from scanner import explanationtext

    if chosen == "json":
        yield json.dumps(explanationtext.document(told), indent=2) + "\n"
    else:
        yield from explanationtext.lines(told)
