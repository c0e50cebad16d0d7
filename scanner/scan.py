"""The one place where source, detector, suppressions and report meet."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from scanner import rules as rule_values
from scanner.changes import ends
from scanner.config import Settings
from scanner.detector import NOTHING, Detection, Detector, readable
from scanner.exemptions import Exemption
from scanner.fingerprints import PUBLIC_KEY
from scanner.gathered import Gathered, Seen
from scanner.judge import Judge
from scanner.linehash import line_hashes
from scanner.models import (
    NO_REASON,
    Blob,
    Gap,
    Kind,
    Match,
    Place,
    Report,
    ScanInfo,
    Secret,
    Suppression,
    Unseen,
)
from scanner.sources.worktree import Entry, read
from scanner.suppressions import inline

_CHUNK = 64  # entries handed to a worker at a time
_CHUNK_BYTES = 32 << 10  # of their names, at about which a chunk is full sooner
WORTH_WORKERS = 600  # entries below which starting workers costs more than it saves
_MOST_JOBS = 16
_BESIDES = (Kind.FILE_NAME, Kind.AUTHOR, Kind.REF_NAME)  # not counted: what they name is


class Plan(NamedTuple):
    """All that a worker needs to scan: compiled rules and settings.

    `artefact` is what `rules.dump` made; `fingerprint_key` is in bytes. With `line_hashes`,
    places tell what GitHub knows their line by.
    """

    artefact: bytes
    settings: Settings
    fingerprint_key: bytes = PUBLIC_KEY
    line_hashes: bool = False


Item = Entry | Blob | Gap


class Scanner:
    """A detector and a judge, ready to look at blobs. Each thread and process needs its own."""

    def __init__(self, plan: Plan, detector: Detector | None = None) -> None:
        """Loads the plan's artefact unless its detector is there already.

        Raises ConfigError when the artefact does not fit this machine.
        """
        self.plan = plan
        self.detector = detector or Detector(rule_values.load(plan.artefact))
        self.rules = self.detector.rules
        self._judge = Judge(self.rules, plan.settings.allowlists)
        self._families = {rule.id: rule.family for rule in self.rules.rules}

    def __reduce__(self) -> "tuple[type[Scanner], tuple[Plan]]":
        return Scanner, (self.plan,)

    def look_at(self, items: Sequence[Item]) -> Seen:
        """What some items hold, as one value: less for a process to hand back."""
        blobs = size = 0
        places: list[tuple[str, Secret, Place]] = []
        gaps: list[Gap] = []
        for item in (*items, *self._telling_names(items)):
            blob = read(item, self.plan.settings.max_file_size) if isinstance(item, Entry) else item
            if isinstance(blob, Gap):
                gaps.append(blob)
                continue
            try:
                detection = self._detect(blob)
                if detection.matches:
                    places += self._places(blob, detection.matches)
            except Exception as error:  # noqa: BLE001 - the rest of the scan goes on
                # By its type alone: a message could hold what was scanned.
                gaps.append(_not_seen(blob, f"internal error ({type(error).__name__}); report it"))
                continue
            gaps += [_not_seen(blob, f"rule {id_} took too long") for id_ in detection.timeouts]
            blobs += blob.kind not in _BESIDES
            size += len(blob.content)
        return Seen(blobs, size, tuple(places), tuple(gaps))

    def _detect(self, blob: Blob) -> Detection:
        """What the blob holds, as far as that can count: without a marker in either version,
        all that was there before is known."""
        content, before = blob.content, blob.before
        if before and not _may_mark(content, before):
            adds = all(self.detector.adds(content, version) for version in before)
        else:
            adds = True
        return self.detector.detect(content) if adds else NOTHING

    def _telling_names(self, items: Sequence[Item]) -> Iterator[Blob]:
        """The paths of files in which there may be a secret."""
        paths = [item.path for item in items if isinstance(item, Entry)]
        names = [path.encode("utf-8", "surrogateescape") for path in paths]
        for number in self.detector.suspects(names) if names else ():
            yield Blob(Kind.FILE_NAME, paths[number], names[number])

    def _places(self, blob: Blob, found: tuple[Match, ...]) -> Iterator[tuple[str, Secret, Place]]:
        """The matches that count at the blob's path, with what suppresses them."""
        known = self._open_secrets(blob)
        hashed = self.hashed(blob.content, found)
        for match, marker in self.marked(blob.content, hashed):
            place = self.place(blob, match, marker)
            if place and self._key(match) not in known:
                yield match.rule_id, match.secret, place

    def exemptions(self) -> list[Exemption]:
        """Where some rule does not look, or some allowlist may hold, though not elsewhere."""
        return self._judge.exemptions()

    def tells(self, text: str) -> bool:
        """Whether there is a secret in a text."""
        return bool(self.detector.detect(text.encode()).matches)

    def hashed(self, content: bytes, found: tuple[Match, ...]) -> tuple[Match, ...]:
        """The matches in a content, with the hashes of their lines if the plan wants them."""
        if not (found and self.plan.line_hashes):
            return found
        hashes = line_hashes(content, readable(content)[0], found)
        return tuple(m._replace(line_hash=h) for m, h in zip(found, hashes, strict=True))

    def marked(
        self, content: bytes, found: tuple[Match, ...]
    ) -> Iterator[tuple[Match, Suppression | None]]:
        """The matches in a content, each with the marker that allows it there."""
        return zip(found, inline.find(readable(content)[0], found), strict=True)

    def place(self, blob: Blob, match: Match, marker: Suppression | None) -> Place | None:
        """The match as a place of the blob, unless its rule does not look at the blob's path."""
        path = blob.path or None
        if not self._judge.keeps(match, path):
            return None
        given = marker or self._judge.allowed(match, path)
        place = Place(
            blob.kind, blob.path, match.span, match.excerpt, match.decoded, given,
            blob.commit, blob.id, line_hash=match.line_hash,
        )  # fmt: skip
        if given is None or self._counts(given):
            return place
        idle = given._replace(where=f"{given.where}, {NO_REASON}")
        return place._replace(suppressed=None, distrusted=idle)

    def _counts(self, given: Suppression) -> bool:
        return bool(given.reason) or not self.plan.settings.require_reason

    def _open_secrets(self, blob: Blob) -> set[tuple[str, Secret]]:
        """The secrets in the blob's earlier versions that no marker there allows."""
        return {
            self._key(match)
            for content in blob.before
            for match, marker in self.marked(content, self.detector.detect(content).matches)
            if (marker is None or not self._counts(marker))
            and self._judge.keeps(match, blob.path or None)
        }

    def _key(self, match: Match) -> tuple[str, Secret]:
        return self._families[match.rule_id], match.secret


def _may_mark(content: bytes, before: Sequence[bytes]) -> bool:
    """Whether there may be a marker in a content, or in what its earlier versions have besides."""
    if inline.may_mark(content):
        return True
    for version in before:
        head, tail = ends(content, version)
        if inline.may_mark(version[max(0, head.size - inline.WIDEST) : tail.old + inline.WIDEST]):
            return True
    return False


def _not_seen(blob: Blob, reason: str) -> Gap:
    return Gap(Unseen(blob.path, reason), by_policy=False)


Progress = Callable[[int, int], None]

Spread = Callable[
    [Callable[[Sequence[Item]], Seen], Iterable[Sequence[Entry]], int],
    Iterator[tuple[Sequence[Entry], Seen | None]],
]


LATE = "the time limit was over before it was reached"


def in_time(items: Iterable[Item], until: float) -> Iterator[Item]:
    """The items that are reached before `until`, on the clock of `time.monotonic`; what is left
    then is told as not seen."""
    for item in items:
        if time.monotonic() > until:
            yield Gap(Unseen("the rest", LATE), by_policy=False)
            return
        yield item


def run(  # noqa: PLR0913 - one call is all that a scan is
    scanner: Scanner,
    items: Iterable[Item],
    *,
    command: str,
    root: str,
    jobs: int = 1,
    spread: Spread | None = None,
    progress: Progress | None = None,
) -> Report:
    """Scans the items and reports on them; the same report whatever `jobs` (processes) is.

    `spread` is `workers.spread`, handed over so that who needs one process only need not
    import it. `progress` is told the numbers of items done since the last call, and of more
    that there are to do than it knew: none. Ctrl-C ends the scan with what was found so far,
    marked as interrupted.
    """
    began = time.monotonic()
    started_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    info = ScanInfo(command, root, scanner.rules.digest, started_at)
    gathered = Gathered(scanner.rules, scanner.plan.fingerprint_key)
    interrupted = False
    try:
        for seen in _looks(scanner, items, jobs, spread):
            gathered.add(seen)
            if progress:
                progress(seen.blobs + len(seen.gaps), 0)
    except KeyboardInterrupt:
        interrupted = True
    return gathered.report(info, time.monotonic() - began, interrupted)


def jobs_for(entries: int, cores: int) -> int:
    """How many processes are worth their start for so many entries on so many cores."""
    return min(cores, _MOST_JOBS) if entries >= WORTH_WORKERS else 1


def _looks(
    scanner: Scanner, items: Iterable[Item], jobs: int, spread: Spread | None
) -> Iterator[Seen]:
    if jobs <= 1 or spread is None:
        yield from (scanner.look_at([item]) for item in items)
        return
    rest: list[Blob | Gap] = []  # content is already here, so it stays
    for entries, seen in spread(scanner.look_at, _chunks(items, rest), jobs):
        yield seen or Seen(0, 0, (), tuple(map(_lost, entries)))
    yield scanner.look_at(rest)


def _chunks(items: Iterable[Item], rest: list[Blob | Gap]) -> Iterator[list[Entry]]:
    """Entries in chunks of bounded size; what is no entry is added to `rest`."""
    chunk: list[Entry] = []
    room = _CHUNK_BYTES
    for item in items:
        if not isinstance(item, Entry):
            rest.append(item)
            continue
        chunk.append(item)
        room -= 2 * len(item.location)
        if len(chunk) == _CHUNK or room < 0:
            yield chunk
            chunk, room = [], _CHUNK_BYTES
    if chunk:
        yield chunk


def _lost(entry: Entry) -> Gap:
    reason = "a worker process died (out of memory?)"
    return Gap(Unseen(entry.path, reason), by_policy=False)
