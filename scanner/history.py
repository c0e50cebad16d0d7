"""Everything that a repository holds, each object looked at once, each finding traced back."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from scanner import commitgraph, completion, keeping
from scanner import memory as memory_of
from scanner.audit import Auditor, Harvest
from scanner.background import LateError
from scanner.errors import GitError, KeysweepError
from scanner.gathered import Gathered, Seen
from scanner.graph import Graph
from scanner.introductions import Changes, trees_of
from scanner.inventory import Inventory, gaps, second_try
from scanner.memory import Memory
from scanner.models import Finding, Gap, Report, ScanInfo, Secret, Unseen
from scanner.narrowing import Narrowed, limits
from scanner.packs import TREE
from scanner.paths import display
from scanner.repository import listed
from scanner.scan import LATE, Progress, Scanner
from scanner.sources.objects import TEXTS, Store
from scanner.sources.pieces import Piece, Share
from scanner.trace import Trace
from scanner.whereabouts import Opened, modules, opened

# `workers.spread`, for pieces of any kind.
Spread = Callable[
    [Callable[[Any], Harvest], Iterable[Any], int], Iterator[tuple[Any, Harvest | None]]
]


def run(  # noqa: PLR0913 - one call is all that an audit is
    scanner: Scanner,
    repository: Opened,
    *,
    jobs: int = 1,
    spread: Spread | None = None,
    narrowed: Narrowed | None = None,
    prefix: str = "",
    whole: bool = False,
    remember: bool = False,
    progress: Progress | None = None,
    until: float = math.inf,
) -> Report:
    """Looks at every object of a repository and reports on it; the same whatever `jobs` is.

    `spread` is `workers.spread`. `prefix` is put before paths: that of a submodule. With `whole`,
    objects are not looked at around their changes only; with `remember`, what an earlier audit
    has seen is not looked at again, and what this one sees is kept for the next. `progress` is
    told the numbers of objects done since the last call, and of more that there are to do than
    it knew. Ctrl-C ends the scan with what was found so far, and so does the time `until`, on
    the clock of `time.monotonic`. Raises GitError when git cannot read the repository.
    """
    began = time.monotonic()
    started_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    kept = memory_of.name(repository, scanner.plan) if remember else None
    most = scanner.plan.settings.max_file_size
    memory, store = _opened(repository, most, kept)
    chosen = limits(narrowed or Narrowed(), repository.where)
    changes = Changes(repository.where, jobs, until)
    # Git begins at once with what does not depend on what there is.
    graph = Graph(repository.where, commitgraph.name(repository) if remember else None)
    commits = store.commits()
    graph.of([*commits, *memory.commits()])
    changes.of(commits)
    auditor = Auditor(scanner, store, repository.id_size, whole=whole)
    total = Inventory(repository.id_size, store.absent, keep=bool(kept))
    total.recall(memory)
    if progress:
        progress(0, store.count(TEXTS, memory.shares))
    harvests = partial(_look, auditor.harvest, jobs, spread)
    interrupted = late = False
    try:
        for piece, harvest in _harvests(harvests, store, changes, memory.shares):
            total.add_piece(piece, harvest)
            changes.go_on()
            _keep_time(until)
            if progress and harvest:
                progress(harvest.objects, 0)
        again = partial(_look, partial(auditor.again, repository.where), jobs, spread)
        for objects, counted in _by_git(repository, total, store, changes, memory):
            for part, harvest in again(_parts(objects)):
                total.add_again(len(part), harvest, counted=counted)
                _keep_time(until)
        total.add(second_try(auditor, repository, total, store, until))
    except (KeyboardInterrupt, LateError) as error:
        interrupted = not (late := isinstance(error, LateError))
        if kept:
            keeping.part(kept, memory, total, store)
        changes.stop()
        changes = Changes(repository.where, jobs)
    total.survey(*changes.survey)
    trace = Trace(scanner, repository, total, graph, changes, memory, prefix)
    gathered = Gathered(scanner.rules, scanner.plan.fingerprint_key, trace.order)
    for seen in trace.seen(chosen.commits(graph) if chosen else None):
        gathered.add(seen)
    total.refer(map(bytes.fromhex, graph.named))
    rest = [Gap(Unseen(f"{prefix}the rest", LATE), by_policy=False)] if late else []
    missed = (*gaps(repository, total, store, prefix), *rest)
    gathered.add(Seen(total.blobs, total.size, (), missed))
    graph.keep()
    if kept and not (interrupted or late) and changes.complete and not trace.names_tell:
        keeping.whole(kept, total, store, trace)
    info = ScanInfo(
        "history",
        display(repository.root or os.fsencode(repository.common)),
        scanner.rules.digest,
        started_at,
        graph.head,
        len(trace.graph.refs),
    )
    return _settled(gathered.report(info, time.monotonic() - began, interrupted), trace)


def _opened(repository: Opened, most: int, kept: str | None) -> tuple[Memory, Store]:
    """What is kept under a name of earlier audits, and the objects that there are now, of which
    those of more than `most` bytes are not read."""
    folders, id_size = repository.folders, repository.id_size
    memory = keeping.recalled(kept, folders, id_size) if kept else Memory()
    store = Store(folders, id_size, most, memory.packs | memory.loose, memory.objects)
    missing = set(map(bytes.fromhex, memory.missing))
    if len(store.absent(missing)) < len(missing):  # which commits brought it in is not kept
        return Memory(), Store(folders, id_size, most)
    return memory, store


def _keep_time(until: float) -> None:
    if time.monotonic() > until:
        raise LateError


def _settled(report: Report, trace: Trace) -> Report:
    """The report with what HEAD still has of its findings."""
    findings = tuple(map(trace.settled, report.findings))
    not_seen = tuple(sorted({*report.not_seen, *trace.partly()}))
    return report._replace(findings=findings, not_seen=not_seen)


def _by_git(
    repository: Opened, total: Inventory, store: Store, changes: Changes, memory: Memory
) -> Iterator[tuple[Sequence[tuple[str, int]], bool]]:
    """Objects that git reads for us, by id in hex and type, and whether they have been counted
    before: in which earlier audits found something, and trees that nothing leads to."""
    yield memory.suspects, True
    yield _unreached(repository, total, store, changes, memory), False


def _unreached(
    repository: Opened, total: Inventory, store: Store, changes: Changes, memory: Memory
) -> list[tuple[str, int]]:
    """The trees in packs that no commit leads to, if git can tell what commits lead to; otherwise
    all trees have been looked at."""
    if not changes.complete:
        return []
    if memory.shares:  # their commits have not been read now
        total.trees.append(trees_of(store.commits(), repository.where))
    return [(id_.hex(), TREE) for id_ in total.unreached(store, changes.trees)]


def _parts(objects: Sequence[tuple[str, int]]) -> list[Sequence[tuple[str, int]]]:
    return [objects[at : at + _TOGETHER] for at in range(0, len(objects), _TOGETHER)]


_TOGETHER = 250  # objects of a piece that git reads for us
_TREES = frozenset({TREE})


def _harvests(
    look: Callable[[list[Piece]], Iterator[tuple[Piece, Harvest | None]]],
    store: Store,
    changes: Changes,
    done: frozenset[Share],
) -> Iterator[tuple[Piece, Harvest | None]]:
    """Of all pieces but those `done`; of trees only when git cannot tell what all of the commits
    changed."""
    yield from look([one for one in store.pieces(TEXTS) if store.share(one) not in done])
    if not changes.complete:
        yield from look([piece for piece in store.pieces(_TREES) if piece.pack is not None])


def _look(
    function: Callable[[Any], Harvest], jobs: int, spread: Spread | None, pieces: list[Any]
) -> Iterator[tuple[Any, Harvest | None]]:
    """What a function makes of pieces, in several processes where they are worth it."""
    if jobs <= 1 or spread is None or len(pieces) < 2:
        return ((piece, function(piece)) for piece in pieces)
    return spread(function, pieces, jobs)


def everything(  # noqa: PLR0913, PLR0917 - one call is all that an audit is
    scanner: Scanner,
    repository: Opened,
    narrowed: Narrowed,
    jobs: int,
    spread: Spread,
    remember: bool = False,
    fetch: bool = False,
    progress: Progress | None = None,
    until: float = math.inf,
) -> Report:
    """The report on a repository and on the submodules in its work tree, at any depth.

    With `fetch`, what a clone lacks is fetched before. `progress` and `until` are as for `run`.
    Raises what `run` raises for the repository itself; a submodule that cannot be read is told.
    """
    audit = partial(
        run,
        scanner,
        jobs=jobs,
        spread=spread,
        remember=remember,
        progress=progress,
        until=until,
    )
    unseen = _completed(repository, "") if fetch else []
    reports = [audit(repository, narrowed=narrowed)]
    inner = narrowed._replace(branch=None)  # a name of the outer one's
    todo = [(repository, "")]
    seen = {repository.common}
    below_git: dict[Path, str] = {}  # as git keeps them, and how reports name them
    while todo:
        outer, prefix = todo.pop()
        for kept in modules(outer.common):
            shown = display(os.fsencode(kept.relative_to(outer.common)))
            below_git[Path(os.path.realpath(kept))] = f"{prefix}{shown}"
        try:
            inside = _submodules(outer)
        except GitError as error:  # its index is damaged
            unseen.append(Unseen(f"{prefix}submodules", str(error)))
            continue
        for path in inside:
            name = f"{prefix}{display(path)}"
            root = os.path.realpath(os.fsdecode(outer.root or b""))
            folder = Path(root, os.fsdecode(path))
            if os.path.realpath(folder) != os.fspath(folder):  # `resolve` raises on loops of them
                unseen.append(Unseen(name, "submodule with a symbolic link in its place"))
                continue
            if not os.path.exists(folder / ".git"):  # noqa: PTH110 - no error where it is forbidden
                unseen.append(Unseen(name, "submodule that is not checked out"))
                continue
            try:
                below = opened(str(folder))
                if below.common in seen:  # what looks like one, and is part of the outer one
                    unseen.append(Unseen(name, "submodule without a repository of its own"))
                    continue
                seen.add(below.common)
                unseen += _completed(below, f"{name}/") if fetch else []
                reports.append(audit(below, narrowed=inner, prefix=f"{name}/"))
            except KeysweepError as error:
                unseen.append(Unseen(name, str(error)))
                continue
            todo.append((below, f"{name}/"))
    unseen += [
        Unseen(name, "submodule that is not checked out here: clone this folder and scan that")
        for kept, name in below_git.items()
        if kept not in seen
    ]
    return _joined(reports, unseen)


def _completed(repository: Opened, prefix: str) -> list[Unseen]:
    """Fetches what a clone lacks, and tells why some of it could not be."""
    said = completion.complete(repository.where)
    return [Unseen(f"{prefix}origin", f"git fetch: {text}") for text in said]


def _submodules(repository: Opened) -> list[bytes]:
    if repository.root is None:
        return []
    return [path for path, is_repository in listed(repository.root) if is_repository]


def _joined(reports: list[Report], unseen: Iterable[Unseen]) -> Report:
    """Several reports as one; the first gives what is said of the repository."""
    findings: dict[tuple[str, Secret], Finding] = {}
    for finding in (finding for report in reports for finding in report.findings):
        key = finding.fingerprint, finding.secret
        known = findings.get(key)
        places = (*known.places, *finding.places) if known else finding.places
        findings[key] = (known or finding)._replace(places=places)
    return reports[0]._replace(
        findings=tuple(findings.values()),
        not_seen=tuple(sorted({*(u for report in reports for u in report.not_seen), *unseen})),
        skipped=tuple(sorted({u for report in reports for u in report.skipped})),
        blobs=sum(report.blobs for report in reports),
        bytes=sum(report.bytes for report in reports),
        seconds=round(sum(report.seconds for report in reports), 3),
        interrupted=any(report.interrupted for report in reports),
    )
