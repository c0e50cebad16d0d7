"""Reports written to standard output and to files."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import IO, TYPE_CHECKING

from scanner import __version__
from scanner.cli.options import Common, format_of, judged
from scanner.cli.outcome import exit_status
from scanner.cli.setup import wants_color
from scanner.errors import UsageError
from scanner.models import Report
from scanner.redaction import hidden, impersonal
from scanner.rules import Rule

if TYPE_CHECKING:
    from scanner.known import Known
    from scanner.scan import Scanner

_WITH_SECRETS = ("text", "json", "jsonl")  # formats that `--show-secrets` speaks of


def finish(report: Report, scanner: Scanner, common: Common, known: Known) -> int:
    """Writes the report, with what is known suppressed, and with verdicts if they are wanted;
    gives the exit status. Raises what `write` raises."""
    from scanner.cli import asking

    rules = scanner.rules.by_id()
    report = judged(report, scanner, known)
    if common.liveness_dry_run:
        write(report, rules, common._replace(quiet=True))
        show(() if common.quiet else asking.listed(report, scanner, common))
        return exit_status(report, rules, common)
    report = asking.asked(report, scanner, common)
    write(report, rules, common)
    return exit_status(report, rules, common)


def write(report: Report, rules: dict[str, Rule], common: Common) -> None:
    """Writes the report wherever the options say; raises UsageError for a file it cannot write."""
    if not common.personal_data:
        report = impersonal(report)
    for output in common.output:
        chosen, path = format_of(output)
        _to_file(path, _lines(report, rules, chosen, common.show_secrets, False))
    if common.quiet:
        return
    color = wants_color(common.color)
    chosen = common.format or "text"
    show(_lines(report, rules, chosen, common.show_secrets, color))


def show(lines: Iterable[str]) -> None:
    """Writes lines to standard output; raises UsageError when that cannot be written to."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # an encoding that lacks a character: escape it
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.writelines(lines)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone (`| head`): that is its choice, and no reason to complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise UsageError(f"standard output: {error.strerror}") from error


def _to_file(path: str, lines: Iterator[str]) -> None:
    """Writes a file that only its owner may read: a report tells where secrets are.

    GitHub's file for the summaries of a step is added to: others write there, and it is theirs.
    """
    shared = path == os.environ.get("GITHUB_STEP_SUMMARY")
    try:
        with _opened(path, shared) as file:
            if not shared:
                os.chmod(path, 0o600)  # noqa: PTH101 - the file may have been there before
            elif file.tell():
                file.write("\n")  # whoever wrote before may not have ended the line
            file.writelines(lines)
    except OSError as error:
        raise UsageError(f"--output {path}: {error.strerror}") from error


def _opened(path: str, shared: bool) -> IO[str]:
    """The file, made if need be. A repository may hold a link under the very name that a report
    gets in CI: what it leads to is not overwritten, unless it is a device."""
    flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if shared else os.O_TRUNC)
    if os.path.islink(path):  # noqa: PTH114
        if not _is_device(path):
            raise OSError(errno.ELOOP, "a link, through which no report is written; remove it")
    else:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags, 0o600)
    mode = "a" if shared else "w"
    return os.fdopen(handle, mode, encoding="utf-8", errors="backslashreplace", newline="\n")


def _is_device(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116
    except OSError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)


def _lines(
    report: Report, rules: dict[str, Rule], chosen: str, show_secrets: bool, color: bool
) -> Iterator[str]:
    if chosen not in _WITH_SECRETS:  # made to be handed on
        if chosen == "sarif":
            from scanner.provenance import traced

            report = traced(report)
        module = import_module(f"scanner.reports.{chosen}")
        found: Iterator[str] = module.render(hidden(report), rules, __version__)
        return found
    if not show_secrets:
        report = hidden(report)
    if chosen == "text":
        from scanner.reports import text

        return text.render(report, rules, color, show_secrets)
    from scanner.reports import json

    if chosen == "json":
        return json.document(report, rules, __version__, show_secrets)
    return json.lines(report, rules, __version__, show_secrets)
