"""`keysweep ignores check`: entries of the ignore file that need a look."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from scanner.cli import asking, options, statuses, whole, writing
from scanner.errors import UsageError
from scanner.positions import harmless
from scanner.suppressions import ignorefile


@click.command("check")
@click.argument("path", default=".", metavar="[PATH]")
@click.option("--history", "everything", is_flag=True, help="All that the repository holds.")
@click.option("--fail-on", metavar="LIST", default="",
              help="End with status 1 for these: unused, expired, soon, live.")  # fmt: skip
@options.looking
@options.asking
def command(path: str, everything: bool, fail_on: str, **values: Any) -> int:
    """Tell which entries of .keysweepignore hide nothing, have expired, expire within 30 days,
    or, with --liveness, hide a key that is live.
    """
    from scanner import remarks
    from scanner.remarks import Flaw

    common = options.common(values)
    failing = _failing(fail_on)
    looked = whole.look(path, common, everything=everything)
    if common.liveness_dry_run:
        writing.show(asking.listed(looked.report, looked.scanner, common))
        return 0
    if Flaw.LIVE in failing and not asking.wanted(common, looked.scanner.plan.settings):
        raise UsageError("--fail-on live: nobody is asked without --liveness")
    report = asking.asked(looked.report, looked.scanner, common)
    entries = looked.known.ignores
    rules, key = looked.scanner.rules.by_id(), looked.scanner.plan.fingerprint_key
    found = remarks.remarks(report, entries, rules, key)
    for entry, flaw, text in found:
        line = ignorefile.line(entry)
        click.echo(harmless(f"{ignorefile.FILE}:{entry.line}: {flaw}: {text} [{line}]"))
    counts = Counter(remark.flaw for remark in found)
    told = "".join(f", {counts[flaw]} {flaw}" for flaw in remarks.Flaw if counts[flaw])
    click.echo(f"{ignorefile.FILE}: {len(entries)} in all{told}")
    status = whole.status(report, common)
    if status == statuses.INTERRUPTED:
        return status
    return statuses.FOUND if failing & counts.keys() else status


def _failing(text: str) -> set[str]:
    """The words of `--fail-on`; raises UsageError for one that there is not."""
    from scanner.remarks import Flaw

    words = {word.strip() for word in text.split(",") if word.strip()}
    if unknown := words.difference(Flaw):
        raise UsageError(
            f"--fail-on: unknown {', '.join(sorted(unknown))}; known: {', '.join(Flaw)}"
        )
    return words
