"""`keysweep triage`: the findings of a report, one by one, on a terminal."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli import finding_view, options, report_argument
from scanner.cli.keyboard import Keyboard
from scanner.decisions import Judgement
from scanner.errors import UsageError
from scanner.positions import harmless
from scanner.suppressions import ignorefile
from scanner.triage import Holder, Triage
from scanner.wording import is_live, plural

if TYPE_CHECKING:
    from scanner.scan import Scanner

_JUDGEMENTS = {
    "r": Judgement.REAL,
    "f": Judgement.FALSE,
    "t": Judgement.TEST,
    "v": Judgement.REVOKED,
}
_PROMPT = "real, false alarm, test value, reVoked, skip, back, undo, owner, quit [rftvsbuoq?] "
_HELP = """\
  r  real: it stays a finding; noted, so that it is not asked about again
  f  false alarm: no secret at all      \\
  t  test value: opens nothing           > written to {file} at once, with a reason
  v  revoked: opens nothing any more    /
  s  skip: ask again next time      b  back to the finding before
  u  undo the last decision         o  owner and last day of the entries that follow
  q  quit: the next run goes on with what is undecided
"""


@click.command("triage")
@report_argument.argument
@options.looking
def command(report: str, root: str | None, **values: Any) -> None:
    """Walk through the findings of a JSON or JSON Lines report, and say what each is.

    False alarms, test values and revoked keys are written to .keysweepignore at the project's
    root, each at once; the next run on the same report goes on where this one ended. Without
    REPORT, or with -, the report comes from standard input.

    \b
    keysweep scan --format jsonl --output findings.jsonl
    keysweep triage findings.jsonl
    """
    keyboard = Keyboard(beside_input=report == report_argument.STDIN)
    given = report_argument.given(report, root)
    triage = Triage(given.root, given.reading.findings)
    common = options.common(values)
    scanner = options.scanner(common, options.settings(common, given.root))
    _Session(triage, keyboard, _shower(triage, scanner, given.root), scanner.tells).run()
    click.echo(_summary(triage))


def _shower(triage: Triage, scanner: Scanner, root: Path) -> Callable[[int], None]:
    """What shows the finding of a number."""

    def show(number: int) -> None:
        width = shutil.get_terminal_size().columns  # asked each time: windows are resized
        click.echo("\n" + f"-- {number + 1} of {len(triage.findings)} ".ljust(width - 1, "-"))
        for line in finding_view.lines(triage.findings[number], scanner, root):
            click.echo(line)
        if decided := triage.decided(number):
            click.echo(f"Decided: {harmless(decided)}")

    return show


class _Session:
    """Where in the findings the user is, and who answers for what they ignore."""

    def __init__(
        self,
        triage: Triage,
        keyboard: Keyboard,
        show: Callable[[int], None],
        tells: Callable[[str], bool],
    ) -> None:
        """`show` shows the finding of a number, `tells` says whether a text tells a secret."""
        self._triage, self._keyboard, self._show, self._tells = triage, keyboard, show, tells
        self._holder = Holder()
        self._number: int | None = triage.undecided()

    def run(self) -> None:
        """Shows findings and does what the keys say until the user quits or all is decided."""
        while self._number is not None:
            self._show(self._number)
            moved = False
            while not moved:
                moved = self._step(self._number)

    def _step(self, number: int) -> bool:
        """Asks for one key and does what it says; tells whether another finding is to be shown."""
        key = self._keyboard.key(_PROMPT)
        if key in ("q", ""):
            self._number = None
        elif key in _JUDGEMENTS:
            return self._decide(number, _JUDGEMENTS[key])
        elif key == "s":
            self._number = self._triage.undecided(number + 1)
        elif key == "b":
            self._number = max(0, number - 1)
        elif key == "u":
            return self._undo()
        elif key == "o":
            return self._own()
        else:
            click.echo(_HELP.format(file=ignorefile.FILE))
            return False
        return True

    def _decide(self, number: int, verdict: Judgement) -> bool:
        """Asks for the reason and writes it; the next undecided finding comes next."""
        reason = ""
        if verdict is not Judgement.REAL:
            if not self._sure(number):
                return False
            default = _reason(verdict)
            answer = self._keyboard.line(f"Reason [{default}]: ")
            if answer is None:
                return False
            reason = answer.strip() or default
            if self._tells(reason):
                click.echo("Not written: the reason holds a secret; say it without.")
                return False
        try:
            line = self._triage.decide(number, verdict, reason, self._holder)
        except UsageError as error:
            click.echo(f"Not written: {harmless(str(error))}")
            return False
        click.echo(f"Added to {ignorefile.FILE}: {harmless(line)}" if line else "Noted as real.")
        self._number = self._triage.undecided(number + 1)
        return True

    def _sure(self, number: int) -> bool:
        """Whether the user means it, although the provider accepts the key."""
        if not is_live(self._triage.findings[number].finding):
            return True
        asked = "Its provider accepts this key. Ignore it all the same? [y/N] "
        return self._keyboard.key(asked) == "y"

    def _undo(self) -> bool:
        undone = self._triage.undo()
        if undone is None:
            click.echo("Nothing was decided that could be undone.")
            return False
        click.echo("Undone.")
        self._number = undone
        return True

    def _own(self) -> bool:
        """Asks who answers for the entries that follow, and until when they hold."""
        owner = self._keyboard.line(f"Owner [{self._holder.owner or 'none'}] (- for none): ")
        until = self._keyboard.line(f"Last day, YYYY-MM-DD [{self._holder.until or 'none'}]: ")
        try:
            self._holder = Holder(
                _answer(owner, self._holder.owner),
                _day(_answer(until, str(self._holder.until or "") or None)),
            )
        except ValueError:
            click.echo("No such day; write it as 2027-01-31. Nothing is changed.")
        return False


def _answer(text: str | None, before: str | None) -> str | None:
    """What was answered: nothing keeps what was there, a dash takes it away."""
    found = (text or "").strip()
    return None if found == "-" else found or before


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _reason(verdict: Judgement) -> str:
    """The reason that is offered."""
    if verdict is Judgement.REVOKED:
        return f"on or before {datetime.now(UTC).date()}"
    return "not a secret" if verdict is Judgement.FALSE else "opens nothing"


def _summary(triage: Triage) -> str:
    """What was decided, in numbers."""
    counts = triage.counts()
    parts = [f"{counts[word]} {word}" for word in (*Judgement, "ignored") if word in counts]
    parts += [f"{counts['']} undecided"] if "" in counts else []
    told = f": {', '.join(parts)}" if parts else ", none of them open"
    advice = "; `keysweep remediate` plans what to do about it" if "real" in counts else ""
    return f"{plural(len(triage.findings), 'finding')}{told}{advice}"
