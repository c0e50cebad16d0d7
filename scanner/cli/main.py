"""The `keysweep` command: its subcommands, and how errors become exit statuses."""

from __future__ import annotations

import os

import click

from scanner import __version__
from scanner.cli import statuses
from scanner.cli.lazy import Lazy
from scanner.errors import IncompleteError, KeysweepError
from scanner.positions import harmless

# Loaded when it is called: help for one command must not load them all.
_COMMANDS = {
    "scan": ("scanner.cli.scan", "Scan files and folders as they are on disk."),
    "history": ("scanner.cli.history", "Scan everything that a repository holds."),
    "staged": ("scanner.cli.staged", "Scan what `git commit` would add."),
    "hook": ("scanner.cli.hook", "Scan what a git hook is about to let through; install hooks."),
    "range": ("scanner.cli.range", "Scan what the commits of BASE..HEAD add."),
    "ci": ("scanner.cli.ci", "Scan what the current pull request or push adds."),
    "baseline": ("scanner.cli.baseline", "Keep the findings that a project begins with."),
    "ignores": ("scanner.cli.ignores", "Keep the findings that are accepted, with reasons."),
    "triage": ("scanner.cli.triage", "Walk through the findings of a report and judge them."),
    "remediate": ("scanner.cli.remediate", "Plan what to do about a report's secrets, and do it."),
    "verify": ("scanner.cli.verify", "Ask whether the key on standard input is live."),
    "explain": ("scanner.cli.explain", "Tell why a line is, or is not, a finding."),
    "rules": ("scanner.cli.rules", "List, show and check rules."),
    "migrate": ("scanner.cli.migrate", "Carry over what other scanners were told."),
}


@click.group(
    cls=Lazy, commands_at=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="keysweep")
def group() -> None:
    """Find API keys and other secrets, and tell what to do about them.

    \b
    keysweep scan .                    the files of this repository
    keysweep scan . --output out.sarif the same, also as SARIF
    git diff | keysweep scan -         standard input
    keysweep staged                    what `git commit` would add
    keysweep range main..HEAD          what the commits of a branch add
    keysweep ci                        the same in CI, which tells the range

    Exit status: 0 nothing found, 1 findings, 2 wrong use, 3 something was not seen,
    4 not known whether a key is live (--fail-on live).
    """


def run(argv: list[str]) -> int:
    """Runs a command line (without the program's name) and gives its exit status."""
    try:
        status = group.main(argv, prog_name="keysweep", standalone_mode=False)
    except (click.ClickException, KeysweepError, OSError) as error:
        return _fail(error)
    except SystemExit:  # click's answer to a reader of our output that has gone
        return 0
    except (KeyboardInterrupt, click.Abort):
        return statuses.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last line of defence: a traceback could hold a secret
        return _internal(error)
    return status if isinstance(status, int) else 0


def _fail(error: click.ClickException | KeysweepError | OSError) -> int:
    """Tells what the user can mend; names in it may come from a hostile repository."""
    message = str(error)
    if isinstance(error, OSError):
        name = f"{os.fsdecode(error.filename)}: " if error.filename else ""
        message = f"{name}{error.strerror or error}"
    elif isinstance(error, click.ClickException):
        context = getattr(error, "ctx", None)
        usage = f"{context.get_usage()}\n" if context else ""
        message = usage + error.format_message()
    text = "\n".join(harmless(line) for line in message.split("\n"))
    click.echo(f"keysweep: {text}", err=True)
    return statuses.INCOMPLETE if isinstance(error, IncompleteError) else statuses.USAGE


def _internal(error: Exception) -> int:
    """Tells of a bug by type and place alone: messages and values may hold what was scanned."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
    click.echo(
        f"keysweep {__version__}: internal error ({type(error).__name__} at {place}). "
        "Please report it with this line and the command that you ran.",
        err=True,
    )
    return statuses.INTERNAL
