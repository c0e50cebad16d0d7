"""`keysweep hook pre-receive`: what a server is about to take in."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from scanner import pushes
from scanner.cli import hook, options, setup
from scanner.cli.options import Common
from scanner.cli.range import sound
from scanner.known import Known, doubted
from scanner.models import Report
from scanner.paths import display
from scanner.pushes import Limits, Pushed
from scanner.repository import Repository
from scanner.scan import Scanner

_SECONDS = 60.0


@click.command("pre-receive")
@options.scanning
def command(**values: Any) -> int:
    """Scan what a push brings that no ref of this repository leads to, and refuse secrets.

    No file of the pushed repository configures anything. Its baseline and ignore file count as
    they stand at HEAD, the server's main branch; these files and markers that a push brings along
    do not, unless --trust-head says so. Allow findings by the server's user's own file, too, or
    --config. What cannot be looked at, or not in time, is refused too, unless
    --allow-incomplete; without --timeout, there are 60 seconds.
    """
    common = options.common(values)
    if common.timeout is None:
        common = common._replace(timeout=_SECONDS)
    until = options.until(common)
    # Git keeps a push apart until it is accepted, and tells in the environment where.
    where = Repository(os.fsencode(Path.cwd()), as_called=True)
    updates = pushes.incoming(sys.stdin.buffer.read())
    settings = options.settings(common, None)
    scanner = options.scanner(common, settings)
    exempt = setup.exempt(settings, lambda: (scanner, options.known_at(common, where, "HEAD")))
    limits = Limits(exempt, settings.max_file_size, until)
    found = pushes.walks(updates, where, pushes.tips(where), "HEAD", limits)
    report = pushes.scan(
        scanner,
        found,
        command="hook pre-receive",
        root=display(where.folder),
        trusting=common.trust_head,
        judged=lambda walk, one: _judged(walk, one, scanner, common, where),
    )
    known = Known()
    if _open(report):
        known = options.known_at(common, where, "HEAD")
    return hook.finish(report, scanner, common, "pre-receive", known)


def _open(report: Report) -> bool:
    """Whether git is worth asking for files: most pushes have no finding."""
    return not all(finding.suppressed for finding in report.findings)


def _judged(
    walk: Pushed, report: Report, scanner: Scanner, common: Common, where: Repository
) -> Report:
    """The report with what the push's own baseline and ignore file say: counted when the push
    is trusted, told otherwise."""
    if not _open(report):
        return report
    brought = sound(lambda: options.known_at(common, where, walk.update.new)) or Known()
    if common.trust_head:
        return options.judged(report, scanner, brought)
    return doubted(report, brought, scanner.rules.by_id(), scanner.plan.fingerprint_key)
