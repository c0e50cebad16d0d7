"""Findings of a report looked at one by one: what is decided already, what a decision writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from scanner import decisions, files, known
from scanner.decisions import Decision, Judgement
from scanner.errors import UsageError
from scanner.models import Finding, Severity
from scanner.positions import harmless
from scanner.reportfile import Reported
from scanner.suppressions import ignorefile
from scanner.suppressions.ignorefile import Entry, Ignores
from scanner.wording import is_live


class Holder(NamedTuple):
    """Who answers for what is ignored, and the last day on which it is."""

    owner: str | None = None
    until: date | None = None


def order(findings: Sequence[Reported]) -> list[Reported]:
    """The findings that nothing suppressed, live keys first, then the most severe."""
    ranks = list(Severity)
    found = [one for one in findings if not one.finding.suppressed]
    return sorted(found, key=lambda one: (not is_live(one.finding), -ranks.index(one.severity)))


def holding(root: Path) -> Ignores:
    """The entries of a project's ignore file that hold today. Raises ConfigError for a broken
    one."""
    today = datetime.now(UTC).date()
    entries = known.read_ignores(root / ignorefile.FILE)
    return Ignores([entry for entry in entries if not known.expired(entry, today)])


def ignored(finding: Finding, ignores: Ignores) -> Entry | None:
    """The entry that ignores a finding's first place, if all its places are ignored."""
    about = ignores.about((finding.fingerprint,), finding.rule_id)
    by_place = [list(ignores.covering(about, place.path)) for place in finding.places]
    return by_place[0][0] if all(by_place) else None


class Triage:
    """The findings of a report in their order, and what was decided about them.

    Every decision is written at once. The ignore file is read anew each time: an editor may have
    it open.
    """

    def __init__(self, root: Path, findings: Sequence[Reported]) -> None:
        """`root` is the folder of the project. Raises ConfigError for a broken ignore file, or
        broken decisions."""
        self.findings = order(findings)
        self._root = root
        self._file = root / ignorefile.FILE
        self._numbers = {one.finding.fingerprint: n for n, one in enumerate(self.findings)}
        self._made = list(decisions.read(root))
        self._read()

    def _read(self) -> None:
        """Reads the ignore file: what it says outlives what was remembered."""
        self._ignores = holding(self._root)

    def decided(self, number: int) -> str | None:
        """What was decided about a finding (from 0), or nothing."""
        finding = self.findings[number].finding
        if entry := ignored(finding, self._ignores):
            return f"{entry.reason} ({ignorefile.FILE}:{entry.line})"
        made = self._decision(finding.fingerprint)
        return made.verdict if made and made.verdict is Judgement.REAL else None

    def _decision(self, name: str) -> Decision | None:
        return next((one for one in reversed(self._made) if one.fingerprint == name), None)

    def undecided(self, start: int = 0) -> int | None:
        """The first undecided finding from a number on, or nothing."""
        numbers = range(start, len(self.findings))
        return next((number for number in numbers if self.decided(number) is None), None)

    def decide(
        self, number: int, verdict: Judgement, reason: str = "", holder: Holder | None = None
    ) -> str:
        """Writes a decision, instead of an earlier one of the same finding; gives the line that
        is in the ignore file now, or nothing for a real one.

        Raises UsageError when an entry that was not made here ignores the finding, when the
        reason would not fit into one, and when a file cannot be written.
        """
        self._made = list(decisions.read(self._root))  # another run may have decided something
        name = self.findings[number].finding.fingerprint
        line = "" if verdict is Judgement.REAL else _line(name, verdict, reason, holder or Holder())
        before = self._decision(name)
        content = files.read(self._file) or b""
        changed = content
        if before and before.line:
            changed = _without(content, before.line)
        if changed == content and (given := self._by_hand(number)):
            raise UsageError(f"it is ignored already: {given}; change that entry by hand")
        self._put(content, ignorefile.with_line(changed, line) if line else changed)
        kept = [one for one in self._made if one.fingerprint != name]
        self._keep([*kept, Decision(name, verdict, line)])
        return line

    def _by_hand(self, number: int) -> str | None:
        """The entry that ignores a finding, if one does."""
        given = self.decided(number)
        return None if given == Judgement.REAL else given

    def undo(self) -> int | None:
        """Takes the last decision about one of the findings back, of this run or an earlier one;
        gives the number of the finding, or nothing when there is none."""
        self._made = list(decisions.read(self._root))
        ours = [one for one in self._made if one.fingerprint in self._numbers]
        if not ours:
            return None
        content = files.read(self._file) or b""
        self._put(content, _without(content, ours[-1].line) if ours[-1].line else content)
        self._keep([one for one in self._made if one != ours[-1]])
        return self._numbers[ours[-1].fingerprint]

    def _put(self, content: bytes, changed: bytes) -> None:
        """Writes the ignore file if it changes; one that would then be empty was made here."""
        if changed == content:
            return
        if changed:
            files.write(self._file, changed)
        else:
            self._file.unlink()
        self._read()

    def _keep(self, made: list[Decision]) -> None:
        decisions.write(self._root, tuple(made))
        self._made = made

    def counts(self) -> dict[str, int]:
        """How many findings were judged to be what, and how many are undecided (``).

        What an entry says that was not made here counts as `ignored`.
        """
        found: dict[str, int] = {}
        for number, one in enumerate(self.findings):
            made = self._decision(one.finding.fingerprint)
            given = self.decided(number)
            word = "" if given is None else made.verdict if made else "ignored"
            found[word] = found.get(word, 0) + 1
        return found


def _line(name: str, verdict: Judgement, reason: str, holder: Holder) -> str:
    text = harmless(reason).strip()
    entry = Entry(
        f"{verdict}: {text}" if text else str(verdict),
        fingerprints=(name,),
        owner=holder.owner and harmless(holder.owner),
        until=holder.until,
    )
    try:
        return ignorefile.line(entry)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _without(content: bytes, line: str) -> bytes:
    """The content without a line; as it is when somebody took it out already."""
    changed = ignorefile.without_line(content, line)
    return content if changed is None else changed
