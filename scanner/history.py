"""Everything that a repository holds, each object looked at once, each finding traced back."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from scanner import attribution
from scanner.attribution import Changes, Graph, Introduction, Origins
from scanner.audit import Auditor, Found, Harvest, Marked
from scanner.catfile import Absent, Objects
from scanner.errors import GitError, KeysweepError, UsageError
from scanner.models import Blob, Finding, Gap, Kind, Place, Report, ScanInfo, Secret, Unseen
from scanner.packs import BLOB, COMMIT, TAG, TREE, TYPES
from scanner.paths import display
from scanner.repository import (
    Repository,
    ask,
    commit_id,
    finish,
    git_folder,
    listed,
    start,
    toplevel,
)
from scanner.scan import Gathered, Item, Scanner, Seen
from scanner.sources.objects import Held, Piece, Store

_MOST_MISSING = 50  # objects that are named one by one
_ID_SIZES = {b"sha1": 20, b"sha256": 32}
_NOW = 5  # seconds
_LARGE = 1 << 50  # more than any object has bytes

Spread = Callable[
    [Callable[[Piece], Harvest], Iterable[Piece], int], Iterator[tuple[Piece, Harvest | None]]
]


class Narrowed(NamedTuple):
    """What part of history findings are reported from: options of `git rev-list`, as strings.

    Everything when empty.
    """

    since: str | None = None
    branch: str | None = None
    max_commits: int | None = None


class Opened(NamedTuple):
    """A repository made ready: where it is, its object folders and the size of its ids."""

    where: Repository
    common: Path
    folders: list[Path]
    id_size: int
    root: bytes | None  # of its work tree


def opened(path: str) -> Opened:
    """The repository at or around `path`.

    Raises UsageError when there is none, GitError when git refuses it.
    """
    folder = os.fsencode(path)
    if not os.path.isdir(folder):  # noqa: PTH112 - bytes
        raise UsageError(f"{path}: no such folder")
    git = git_folder(folder)
    if git is None:
        raise UsageError(f"{path}: not a git repository")
    where = Repository(folder)
    common = Path(os.path.realpath(os.path.join(path, _line(where, "--git-common-dir"))))  # noqa: PTH118
    objects = Path(os.path.realpath(os.path.join(path, _line(where, "--git-path", "objects"))))  # noqa: PTH118
    done = finish(start(["rev-parse", "--show-object-format"], where))
    id_size = _ID_SIZES.get(done.stdout.strip(), 20)  # a git that does not know it knows SHA-1 only
    root = toplevel(folder)
    if root is not None and not _is_inside(os.path.realpath(folder), root):
        root = None  # its own configuration must not choose which other folders are looked at
    return Opened(where, common, _alternates(objects), id_size, root)


def _is_inside(folder: bytes, root: bytes) -> bool:
    return folder == root or folder.startswith(root.rstrip(b"/") + b"/")


def _line(where: Repository, *arguments: str) -> str:
    return os.fsdecode(ask(["rev-parse", *arguments], where).rstrip(b"\n"))


def _alternates(objects: Path) -> list[Path]:
    """An object folder and those that it borrows from; see gitrepository-layout(5)."""
    found: list[Path] = []
    todo = [objects]
    while todo:
        folder = todo.pop(0)
        if folder in found:
            continue
        found.append(folder)
        try:
            lines = (folder / "info" / "alternates").read_bytes().split(b"\n")
        except OSError:
            continue
        todo += [
            Path(os.path.realpath(folder / os.fsdecode(_unquoted(line))))
            for line in lines
            if line and not line.startswith(b"#")
        ]
    return found


def _unquoted(line: bytes) -> bytes:
    """A path that may be quoted as in C."""
    if len(line) > 1 and line.startswith(b'"') and line.endswith(b'"'):
        return line[1:-1].decode("unicode_escape").encode("latin-1")
    return line


def run(  # noqa: PLR0913 - one call is all that an audit is
    scanner: Scanner,
    repository: Opened,
    *,
    jobs: int = 1,
    spread: Spread | None = None,
    narrowed: Narrowed | None = None,
    prefix: str = "",
    whole: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Looks at every object of a repository and reports on it; the same whatever `jobs` is.

    `spread` is `workers.spread`. `prefix` is put before paths: that of a submodule. With `whole`,
    objects are not looked at around their changes only. `progress` is called with the number
    of objects done since the last call. Ctrl-C ends the scan with what was found so far.
    Raises GitError when git cannot read the repository.
    """
    began = time.monotonic()
    started_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    most = scanner.plan.settings.max_file_size
    store = Store(repository.folders, repository.id_size, most)
    chosen = _commits_of(narrowed or Narrowed(), repository.where)
    commits = store.commits()
    graph = Graph(repository.where, commits)
    changes = Changes(repository.where, commits, jobs)
    auditor = Auditor(scanner, store, repository.id_size, whole=whole)
    total = _Total(repository.id_size, frozenset(store.ids()))
    interrupted = False
    try:
        for piece, harvest in _harvests(auditor, store, jobs, spread, changes):
            total.add(piece, harvest)
            if progress and harvest:
                progress(harvest.objects)
        total.add(None, _second_try(auditor, repository, total, store))
    except KeyboardInterrupt:
        interrupted = True
    names, ids = changes.survey()
    total.names |= names
    total.refer(ids)
    trace = _Trace(scanner, repository, total, graph, changes, prefix)
    gathered = Gathered(scanner.rules, scanner.plan.fingerprint_key, trace.order)
    for seen in trace.seen(chosen):
        gathered.add(seen)
    total.refer(bytes.fromhex(ref.target) for ref in trace.graph.refs)
    gathered.add(Seen(total.blobs, total.size, (), tuple(_gaps(repository, total, store, prefix))))
    info = ScanInfo(
        "history",
        display(repository.root or os.fsencode(repository.common)),
        scanner.rules.digest,
        started_at,
        attribution.head(repository.where),
        len(trace.graph.refs),
    )
    report = gathered.report(info, time.monotonic() - began, interrupted)
    return report._replace(findings=tuple(map(trace.settled, report.findings)))


_TEXTS = frozenset({COMMIT, BLOB, TAG})
_TREES = frozenset({TREE})


def _harvests(
    auditor: Auditor, store: Store, jobs: int, spread: Spread | None, changes: Changes
) -> Iterator[tuple[Piece, Harvest | None]]:
    """Of all pieces; of trees only when git cannot tell what all of the commits changed."""

    def harvests(pieces: list[Piece]) -> Iterator[tuple[Piece, Harvest | None]]:
        if jobs <= 1 or spread is None:
            return ((piece, auditor.harvest(piece)) for piece in pieces)
        return spread(auditor.harvest, pieces, jobs)

    yield from harvests(store.pieces(_TEXTS))
    changes.survey()
    if not changes.complete:
        yield from harvests([piece for piece in store.pieces(_TREES) if piece.pack is not None])


class _Total:
    """All harvests together."""

    def __init__(self, id_size: int, held: frozenset[bytes]) -> None:
        self._id_size, self._held = id_size, held
        self.objects = self.blobs = self.size = 0
        self.found: list[Found] = []
        self.names: set[bytes] = set()
        self.missing: set[bytes] = set()
        self.unread: list[Held] = []
        self.timeouts: list[tuple[bytes, str]] = []
        self.lost: list[Piece] = []

    def add(self, piece: Piece | None, harvest: Harvest | None) -> None:
        if harvest is None:
            self.lost += [piece] if piece else []
            return
        self.objects += harvest.objects
        self.blobs += harvest.blobs
        self.size += harvest.size
        self.found += harvest.found
        self.names.update(harvest.names)
        self.unread += harvest.unread
        self.timeouts += harvest.timeouts
        self.refer(self._ids(harvest.references))

    def refer(self, ids: Iterable[bytes]) -> None:
        """Notes those of the ids that objects or refs name and that are not there."""
        self.missing.update(id_ for id_ in ids if id_ not in self._held)

    def _ids(self, joined: bytes) -> list[bytes]:
        size = self._id_size
        return [joined[at : at + size] for at in range(0, len(joined), size)]


def _second_try(auditor: Auditor, repository: Opened, total: _Total, store: Store) -> Harvest:
    """What could not be read, asked of git: another pack may hold it too."""
    first, total.unread = total.unread, []
    policy = [held for held in first if held.policy]
    # Git would make no more of a loose object, but might wait for a pipe among them.
    tried = [held for held in (*first, *store.strange()) if not (held.policy or held.loose)]
    total.unread += [held for held in first if held.loose and not held.policy]
    most = auditor.most

    def again() -> Iterator[Held]:
        with Objects(repository.where, most) as objects:
            for held in tried:
                kinds = [held.type] if held.type in TYPES else list(TYPES)
                for kind in kinds:
                    content = objects.read(held.id.hex(), TYPES[kind])
                    if not isinstance(content, Absent):
                        yield Held(held.id, kind, -1, content)
                        break
                    if content.by_policy:
                        yield held._replace(reason=content.reason, policy=True)
                        break
                else:
                    yield held

    total.unread += policy
    return auditor.look(again())


def _gaps(repository: Opened, total: _Total, store: Store, prefix: str) -> Iterator[Gap]:
    """Everything that was not seen, and why."""
    for name, reason in store.unread:
        yield Gap(Unseen(f"{prefix}{name}", reason), by_policy=False)
    for held in total.unread:
        kind = TYPES.get(held.type, "object")
        what = f"{prefix}{kind} {held.id.hex()}"
        yield Gap(Unseen(what, held.reason or "cannot be read"), by_policy=held.policy)
    for piece in total.lost:
        reason = "a worker process died (out of memory?)"
        what = f"{prefix}{piece.high - piece.low} objects and their deltas"
        yield Gap(Unseen(what, reason), by_policy=False)
    for timed_out, rule in sorted(set(total.timeouts)):
        what = f"{prefix}object {timed_out.hex()}"
        yield Gap(Unseen(what, f"rule {rule} took too long"), by_policy=False)
    yield from _missing(repository, total, store, prefix)


def _missing(repository: Opened, total: _Total, store: Store, prefix: str) -> Iterator[Gap]:
    """Objects that others refer to and that are not there."""
    shallow = _shallow(repository)
    if shallow:
        reason = "shallow clone: what came before is not here; git fetch --unshallow brings it"
        yield Gap(Unseen(f"{prefix}history before {len(shallow)} commits", reason), False)
    missing = set(total.missing)
    if shallow and missing:
        with Objects(repository.where, _LARGE) as objects:
            for commit in shallow:
                content = objects.read(commit, "commit")
                if not isinstance(content, Absent):
                    parents = [w[7:] for w in content.split(b"\n\n")[0].split(b"\n")
                               if w.startswith(b"parent ")]  # fmt: skip
                    missing -= {bytes.fromhex(parent.decode()) for parent in parents}
    reason = "missing from the repository"
    if any(path.with_suffix(".promisor").exists() for path in store.paths()):
        reason = "partial clone: not fetched yet, and nothing is fetched without --fetch-missing"
    for id_ in sorted(missing)[:_MOST_MISSING]:
        yield Gap(Unseen(f"{prefix}object {id_.hex()}", reason), by_policy=False)
    if (more := len(missing) - _MOST_MISSING) > 0:
        yield Gap(Unseen(f"{prefix}{more} further objects", reason), by_policy=False)


def _shallow(repository: Opened) -> list[str]:
    try:
        return (repository.common / "shallow").read_text("ascii").split()
    except (OSError, UnicodeDecodeError):
        return []


class _Trace:
    """Turns what was found in objects into places, with the commits that brought it in."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that is known
        self,
        scanner: Scanner,
        repository: Opened,
        total: _Total,
        graph: Graph,
        changes: Changes,
        prefix: str,
    ) -> None:
        self._scanner, self._repository, self._total = scanner, repository, total
        self.graph, self._changes, self._prefix = graph, changes, prefix
        self._where = repository.where
        self._origins = Origins(self._where, self.graph, _LARGE)

    def order(self, place: Place) -> tuple[int, int, str, object]:
        """Sorts places by when they came in; those that no commit leads to come last."""
        commit = place.commit.id if place.commit else None
        number = self.graph.order.get(commit, -1) if commit else len(self.graph.order)
        return (not (place.commit and place.commit.reachable), number, place.path, place.span)

    def seen(self, allowed: frozenset[str] | None) -> Iterator[Seen]:
        """Every place of every match; of some commits only, when those are given."""
        placed = [*self._of_objects(), *self._of_names()]
        commits = self._origins.commits(at for _, at, _ in placed if at)
        for blob, at, marked in placed:
            if allowed is not None and at not in allowed:
                continue
            yield self._places(blob._replace(commit=commits.get(at) if at else None), marked)
        if allowed is None:
            yield self._scanner.look_at(list(self._of_repository()))

    def _places(self, blob: Blob, marked: Marked) -> Seen:
        places = []
        for match, marker in marked:
            if place := self._scanner.place(blob, match, marker):
                places.append((match.rule_id, match.secret, place))
        return Seen(0, 0, tuple(places), ())

    def _of_objects(self) -> Iterator[tuple[Blob, str | None, Marked]]:
        """What objects hold, once for each path that they have had, by its first commit."""
        found = [(one, one.id.hex()) for one in self._total.found]
        blobs = {id_ for one, id_ in found if one.kind == Kind.FILE}
        where = self._changes.introductions(blobs) if blobs else {}
        loose = self._elsewhere(blobs - {id_ for id_, at in where.items() if at})
        for one, id_ in found:
            of_tag = one.kind == Kind.AUTHOR and id_ not in self.graph.order
            if of_tag or one.kind == Kind.TAG_MESSAGE:
                names = [ref.name for ref in self.graph.refs if ref.target == id_]
                for name in names or [f"tag/{id_}"]:
                    yield self._blob(one.kind, name, id_), None, one.matches
            elif one.kind != Kind.FILE:
                yield self._blob(one.kind, f"commit/{id_}", id_), id_, one.matches
            for at in self._first(where.get(id_, [])):
                kind = Kind.SYMLINK if at.link else self._kind_of(at)
                yield self._blob(kind, display(at.path), id_), at.commit, one.matches
            if one.kind == Kind.FILE and not where.get(id_):
                yield self._blob(Kind.FILE, loose.get(id_, f"blob/{id_}"), id_), None, one.matches

    def _first(self, found: Iterable[Introduction]) -> list[Introduction]:
        """Of each path the first, in the order of the commits."""
        first: dict[bytes, Introduction] = {}
        for one in sorted(found, key=lambda one: self.graph.order[one.commit]):
            first.setdefault(one.path, one)
        return list(first.values())

    def _kind_of(self, at: Introduction) -> Kind:
        return Kind.NOTE if at.commit in self._origins.notes else Kind.FILE

    def _elsewhere(self, ids: set[str]) -> dict[str, str]:
        """Paths of objects that no commit has: in the index, in a tagged tree, tagged."""
        if not ids:
            return {}
        found = {ref.peeled: ref.name for ref in self.graph.refs if ref.peeled in ids}
        for ref in self.graph.refs:
            if ref.peeled not in self.graph.order and ref.peeled not in ids:
                for id_, paths in attribution.leaves(self._where, ref.peeled).items():
                    if id_ in ids:
                        found.setdefault(id_, display(paths[0]))
        staged = finish(start(["ls-files", "-z", "--stage", "--full-name", ":/"], self._where))
        for line in staged.stdout.split(b"\0")[:-1]:
            meta, _, path = line.partition(b"\t")
            if (id_ := meta.split()[1].decode()) in ids:
                found.setdefault(id_, display(path))
        return found

    def _of_names(self) -> Iterator[tuple[Blob, str | None, Marked]]:
        detector = self._scanner.detector
        names = sorted(self._total.names)
        found: dict[bytes, Marked] = {}
        for number in detector.suspects(names):
            if matches := detector.detect(names[number]).matches:
                found[names[number]] = tuple((match, None) for match in matches)
        if not found:
            return
        where = self._changes.named(set(found))
        for name, marked in found.items():
            for at in self._first(where[name]):
                yield self._blob(Kind.FILE_NAME, display(at.path), None), at.commit, marked
            if not where[name]:
                yield self._blob(Kind.FILE_NAME, display(name), None), None, marked

    def _of_repository(self) -> Iterator[Item]:
        """Names of refs, and the repository's own configuration."""
        for ref in self.graph.refs:
            yield self._blob(Kind.REF_NAME, ref.name, None, ref.name.encode())
        common = self._repository.common
        for file in (
            common / "config",
            common / "config.worktree",
            *sorted(common.glob("worktrees/*/config.worktree")),
        ):
            try:
                content = file.read_bytes()
            except OSError:
                continue
            name = file.relative_to(common.parent if common.name == ".git" else common)
            yield self._blob(Kind.GIT_CONFIG, display(os.fsencode(name)), None, content)

    def _blob(self, kind: Kind, path: str, id_: str | None, content: bytes = b"") -> Blob:
        return Blob(kind, self._prefix + path, content, id=id_)

    def settled(self, finding: Finding) -> Finding:
        """The finding with what HEAD still has of it."""
        ids = {place.blob for place in finding.places if place.blob}
        paths = {path for id_ in ids for path in self._origins.head.get(id_, ())}
        names = {
            place.path.removeprefix(self._prefix)
            for place in finding.places
            if place.kind == Kind.FILE_NAME
        }
        if names:
            paths.update(
                path
                for there in self._origins.head.values()
                for path in there
                if any(f"{display(path)}/".startswith(f"{name}/") for name in names)
            )
        shown_paths = tuple(sorted(self._prefix + display(path) for path in paths))
        places = tuple(
            place._replace(
                commit=place.commit
                and place.commit._replace(at_head=bool(paths), head_paths=shown_paths)
            )
            for place in finding.places
        )
        return finding._replace(places=places)


def everything(
    scanner: Scanner, repository: Opened, narrowed: Narrowed, jobs: int, spread: Spread
) -> Report:
    """The report on a repository and on the submodules in its work tree, at any depth.

    Raises what `run` raises for the repository itself; a submodule that cannot be read is told.
    """
    reports = [run(scanner, repository, jobs=jobs, spread=spread, narrowed=narrowed)]
    gaps: list[Unseen] = []
    inner = narrowed._replace(branch=None)  # a name of the outer one's
    todo = [(repository, "")]
    seen = {repository.common}
    while todo:
        outer, prefix = todo.pop()
        for path in _submodules(outer):
            name = f"{prefix}{display(path)}"
            folder = Path(os.fsdecode(outer.root or b"")) / os.fsdecode(path)
            if not (folder / ".git").exists():
                gaps.append(Unseen(name, "submodule that is not checked out"))
                continue
            try:
                below = opened(str(folder))
                if below.common in seen:  # what looks like one, and is part of the outer one
                    gaps.append(Unseen(name, "submodule without a repository of its own"))
                    continue
                seen.add(below.common)
                reports.append(
                    run(scanner, below, jobs=jobs, spread=spread, narrowed=inner, prefix=f"{name}/")
                )
            except KeysweepError as error:
                gaps.append(Unseen(name, str(error)))
                continue
            todo.append((below, f"{name}/"))
    return _joined(reports, gaps)


def _submodules(repository: Opened) -> list[bytes]:
    if repository.root is None:
        return []
    try:
        return [path for path, is_repository in listed(repository.root) if is_repository]
    except GitError:  # its index is damaged
        return []


def _joined(reports: list[Report], gaps: Iterable[Unseen]) -> Report:
    """Several reports as one; the first gives what is said of the repository."""
    findings: dict[tuple[str, Secret], Finding] = {}
    for finding in (finding for report in reports for finding in report.findings):
        key = finding.fingerprint, finding.secret
        known = findings.get(key)
        places = (*known.places, *finding.places) if known else finding.places
        findings[key] = (known or finding)._replace(places=places)
    return reports[0]._replace(
        findings=tuple(findings.values()),
        not_seen=tuple(sorted({*(u for report in reports for u in report.not_seen), *gaps})),
        skipped=tuple(sorted({u for report in reports for u in report.skipped})),
        blobs=sum(report.blobs for report in reports),
        bytes=sum(report.bytes for report in reports),
        seconds=round(sum(report.seconds for report in reports), 3),
        interrupted=any(report.interrupted for report in reports),
    )


def _commits_of(narrowed: Narrowed, where: Repository) -> frozenset[str] | None:
    """The commits that findings are wanted of, or nothing when that is all.

    Raises UsageError for a date or branch that is none.
    """
    if not any(part is not None for part in narrowed):
        return None
    options = []
    if narrowed.since is not None:
        options.append(_since(narrowed.since, where))
    if narrowed.max_commits is not None:
        options.append(f"--max-count={narrowed.max_commits}")
    tips = ["--all"]
    if narrowed.branch is not None:
        name = narrowed.branch
        # A tag may have the same name.
        found = (commit_id(p + name, where) for p in ("refs/heads/", "refs/remotes/", ""))
        tip = next(filter(None, found), None)
        if tip is None:
            raise UsageError(f"--branch {name}: there is no such branch or commit")
        tips = [tip]
    return frozenset(ask(["rev-list", *options, *tips], where).decode().split())


def _since(date: str, where: Repository) -> str:
    """An option for `git rev-list`; git itself takes any word for a date, for the time of the
    question, and has its own idea of dates to come."""
    try:
        return f"--max-age={int(datetime.fromisoformat(date).timestamp())}"
    except (ValueError, OverflowError):
        raw = ask(["rev-parse", f"--since={date}"], where).decode().strip()
    seconds = int(raw.rpartition("=")[2])
    if abs(seconds - time.time()) < _NOW and date.lower() not in {"now", "today"}:
        raise UsageError(f"--since {date}: not a date; write it like 2026-01-31 or '2 weeks ago'")
    return raw
