"""The one place where source, detector, suppressions and report meet."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from typing import NamedTuple

from scanner import rules as rule_values
from scanner.config import Settings
from scanner.detector import Detector, readable
from scanner.fingerprints import PUBLIC_KEY, fingerprint
from scanner.judge import Judge
from scanner.models import (
    Blob,
    Confidence,
    Finding,
    Match,
    Place,
    Report,
    ScanInfo,
    Secret,
    Specificity,
    Suppression,
    Unseen,
)
from scanner.rules import Rule, RuleSet
from scanner.sources.worktree import Entry, Gap, read
from scanner.suppressions import inline

_CHUNK = 64  # entries handed to a worker at a time
_WORTH_WORKERS = 600  # entries below which starting workers costs more than it saves
_MOST_JOBS = 16


class Plan(NamedTuple):
    """All that a worker needs to scan: compiled rules and settings.

    `artefact` is what `rules.dump` made; `fingerprint_key` is in bytes.
    """

    artefact: bytes
    settings: Settings
    fingerprint_key: bytes = PUBLIC_KEY


class Seen(NamedTuple):
    """What some blobs held: how many and how many bytes they are, the rule, secret and place
    of each match, and what was not seen."""

    blobs: int
    size: int
    places: tuple[tuple[str, Secret, Place], ...]
    gaps: tuple[Gap, ...]


class Scanner:
    """A detector and a judge, ready to look at blobs. Each thread needs its own."""

    def __init__(self, plan: Plan) -> None:
        """Loads the artefact; raises ConfigError when it does not fit this machine."""
        self.rules, database = rule_values.load(plan.artefact)
        settings = plan.settings
        self._max_size = settings.max_file_size
        self._detector = Detector(self.rules, database)
        self._judge = Judge(self.rules, settings.allowlists)

    def look(self, item: Entry | Blob | Gap) -> Seen:
        """What a blob holds, or why there is nothing to look at."""
        if isinstance(item, Entry):
            item = read(item, self._max_size)
        if isinstance(item, Gap):
            return Seen(0, 0, (), (item,))
        try:
            return self._scan(item)
        except Exception as error:  # noqa: BLE001 - the rest of the scan goes on
            # By its type alone: a message could hold what was scanned.
            reason = f"internal error ({type(error).__name__}); please report it"
            return Seen(0, 0, (), (Gap(Unseen(item.path, reason), by_policy=False),))

    def _scan(self, blob: Blob) -> Seen:
        detection = self._detector.detect(blob.content)
        gaps = tuple(
            Gap(Unseen(blob.path, f"rule {rule} took too long"), by_policy=False)
            for rule in detection.timeouts
        )
        if not detection.matches:
            return Seen(1, len(blob.content), (), gaps)
        path = blob.path or None
        matches = [match for match in detection.matches if self._judge.keeps(match, path)]
        markers = inline.find(readable(blob.content)[0], matches, detection.matches)
        places = tuple(
            (
                match.rule_id,
                match.secret,
                _place(blob, match, marker or self._judge.allowed(match, path)),
            )
            for match, marker in zip(matches, markers, strict=True)
        )
        return Seen(1, len(blob.content), places, gaps)


def _place(blob: Blob, match: Match, suppressed: Suppression | None) -> Place:
    return Place(blob.kind, blob.path, match.span, match.excerpt, match.decoded, suppressed)


# One worker process's scanner: a process has no other way to keep state between calls.
_WORKER: list[Scanner] = []


def _start_worker(plan: Plan) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides, and reports what it has
    _WORKER.append(Scanner(plan))


def _look_at(items: Sequence[Entry | Blob | Gap]) -> Seen:
    """What a chunk of items held, as one value: less to hand back to the parent."""
    seen = [_WORKER[0].look(item) for item in items]
    return Seen(
        sum(each.blobs for each in seen),
        sum(each.size for each in seen),
        tuple(place for each in seen for place in each.places),
        tuple(gap for each in seen for gap in each.gaps),
    )


def run(  # noqa: PLR0913 - one call is all that a scan is
    plan: Plan,
    items: Iterable[Entry | Blob | Gap],
    *,
    command: str,
    root: str,
    jobs: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Scans the items and reports on them; the same report whatever `jobs` (processes) is.

    `progress` is called with the number of items done since the last call. Ctrl-C ends the
    scan with what was found so far, marked as interrupted.
    """
    began = time.monotonic()
    started_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    scanner = Scanner(plan)
    info = ScanInfo(command, root, scanner.rules.digest, started_at)
    gathered = _Gathered(scanner.rules, plan.fingerprint_key)
    queue = list(items)
    interrupted = False
    try:
        for seen in _looks(scanner, plan, queue, jobs):
            gathered.add(seen)
            if progress:
                progress(seen.blobs + len(seen.gaps))
    except KeyboardInterrupt:
        interrupted = True
    return gathered.report(info, time.monotonic() - began, interrupted)


def jobs_for(entries: int, cores: int) -> int:
    """How many processes are worth their start for so many entries on so many cores."""
    return min(cores, _MOST_JOBS) if entries >= _WORTH_WORKERS else 1


def _looks(
    scanner: Scanner, plan: Plan, queue: list[Entry | Blob | Gap], jobs: int
) -> Iterator[Seen]:
    if jobs <= 1:
        yield from map(scanner.look, queue)
        return
    # A fork inherits the loaded modules; elsewhere it is not safe, or not there.
    method = "fork" if sys.platform == "linux" else "spawn"
    context = multiprocessing.get_context(method)
    chunks = [queue[at : at + _CHUNK] for at in range(0, len(queue), _CHUNK)]
    done = 0
    with ProcessPoolExecutor(jobs, context, _start_worker, (plan,)) as pool:
        try:
            for seen in pool.map(_look_at, chunks):
                done += _CHUNK
                yield seen
        except BrokenProcessPool:
            yield Seen(0, 0, (), tuple(_lost(queue[done:])))
        except (KeyboardInterrupt, GeneratorExit):
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _lost(items: Sequence[Entry | Blob | Gap]) -> Iterator[Gap]:
    for item in items:
        name = item.unseen.what if isinstance(item, Gap) else item.path
        yield Gap(Unseen(name, "a worker process died (out of memory?)"), by_policy=False)


class _Gathered:
    """Everything seen so far, by secret."""

    def __init__(self, rules: RuleSet, key: bytes) -> None:
        self._rules = rules.by_id()
        self._key = key
        self._places: dict[tuple[str, Secret], list[tuple[str, Place]]] = {}
        self._not_seen: list[Unseen] = []
        self._skipped: list[Unseen] = []
        self._blobs = 0
        self._bytes = 0

    def add(self, seen: Seen) -> None:
        self._bytes += seen.size
        self._blobs += seen.blobs
        for gap in seen.gaps:
            (self._skipped if gap.by_policy else self._not_seen).append(gap.unseen)
        for rule_id, secret, place in seen.places:
            family = self._rules[rule_id].family
            self._places.setdefault((family, secret), []).append((rule_id, place))

    def report(self, info: ScanInfo, seconds: float, interrupted: bool) -> Report:
        findings = [
            self._finding(family, secret, places)
            for (family, secret), places in self._places.items()
        ]
        findings.sort(key=lambda finding: (finding.places[0].path, finding.places[0].span))
        return Report(
            info,
            tuple(findings),
            tuple(sorted(self._not_seen)),
            tuple(sorted(self._skipped)),
            self._blobs,
            self._bytes,
            round(seconds, 3),
            interrupted,
        )

    def _finding(self, family: str, secret: Secret, found: list[tuple[str, Place]]) -> Finding:
        rule = min((self._rules[rule_id] for rule_id, _ in found), key=_strength)
        places = tuple(sorted((place for _, place in found), key=lambda p: (p.path, p.span)))
        guessable = any(self._rules[rule_id].guessable for rule_id, _ in found)
        name = fingerprint(family, secret.identity, guessable=guessable, key=self._key)
        return Finding(rule.id, secret, name, places)


def _strength(rule: Rule) -> tuple[int, int, str]:
    """Sorts the rule with the strongest evidence first."""
    return (
        -list(Specificity).index(rule.specificity),
        -list(Confidence).index(rule.confidence),
        rule.id,
    )
