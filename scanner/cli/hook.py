"""`keysweep hook`: what a git hook is about to let through, and installing such hooks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from scanner.cli.lazy import Lazy
from scanner.cli.options import Common, judged
from scanner.cli.outcome import exit_status, failing
from scanner.models import Report

if TYPE_CHECKING:
    from scanner.known import Known
    from scanner.scan import Scanner

_COMMANDS = {
    "pre-commit": ("scanner.cli.hook_commit", "What is staged, or some files."),
    "commit-msg": ("scanner.cli.hook_message", "The message of a commit."),
    "pre-push": ("scanner.cli.hook_push", "The commits that are about to be pushed."),
    "pre-receive": ("scanner.cli.hook_receive", "The commits that a server is about to take in."),
    "install": ("scanner.cli.hook_install", "Install these as git's own hooks."),
    "uninstall": ("scanner.cli.hook_uninstall", "Remove them, and bring back earlier ones."),
}


@click.group("hook", cls=Lazy, commands_at=_COMMANDS)
def command() -> None:
    """Scan what a git hook is about to let through, or install such hooks.

    \b
    keysweep hook install            pre-commit, commit-msg and pre-push of this repository
    keysweep hook install --global   of all repositories of this user
    keysweep hook uninstall          earlier hooks come back as they were
    """


def finish(report: Report, scanner: Scanner, common: Common, stage: str, known: Known) -> int:
    """Tells on standard error why a hook stops something, if it does; gives the exit status.

    What is `known` is suppressed. `stage` is a key of `reports.hook.ADVICE`. A report is written
    only where `--format` and `--output` ask.
    """
    rules = scanner.rules.by_id()
    report = judged(report, scanner, known)
    if common.format or common.output:
        from scanner.cli import writing

        writing.write(report, rules, common._replace(quiet=common.quiet or not common.format))
    status = exit_status(report, rules, common)
    if status and not common.format and not common.quiet:
        from scanner.redaction import hidden, impersonal
        from scanner.reports import hook

        report = report if common.personal_data else impersonal(report)
        fails = failing(common.fail_on)
        sys.stderr.writelines(hook.render(hidden(report), rules, fails, stage))
    return status
