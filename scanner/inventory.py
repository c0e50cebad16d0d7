"""All that was found in a repository's objects, and all that was not seen of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from scanner.audit import Auditor, Found, Harvest
from scanner.background import LateError
from scanner.catfile import MOST_OF_COMMIT, Absent, Objects
from scanner.memory import Memory
from scanner.models import Gap, Unseen
from scanner.packindex import split
from scanner.packs import TOO_DEEP, TYPES
from scanner.sources.objects import Held, Store
from scanner.sources.pieces import Piece
from scanner.whereabouts import Opened

_MOST_MISSING = 50  # objects that are named one by one


class Inventory:
    """All harvests together."""

    def __init__(
        self,
        id_size: int,
        absent: Callable[[Iterable[bytes]], set[bytes]],
        *,
        keep: bool = False,
    ) -> None:
        """`absent` tells of some ids, in bytes, those of which there is no object. With `keep`,
        `done` has what each piece held."""
        self.id_size, self.absent, self._keep = id_size, absent, keep
        self.done: list[tuple[Piece, Harvest]] = []
        self.objects = self.blobs = self.size = 0
        self.found: list[Found] = []
        self.names: set[bytes] = set()
        self.trees: list[bytes] = []  # the ids of those of commits, in bytes, one after another
        self.missing: set[bytes] = set()
        self.unread: list[Held] = []
        self.timeouts: list[tuple[bytes, str]] = []
        self.lost: list[str] = []  # what processes had to look at that died
        self._skipped: list[tuple[str, str]] = []

    def add_piece(self, piece: Piece, harvest: Harvest | None) -> None:
        """Adds what a piece held; nothing when its process died."""
        if harvest is None:
            self.lost.append(f"{piece.high - piece.low} objects and their deltas")
            return
        if self._keep:
            self.done.append((piece, harvest))
        self.add(harvest)

    def add(self, harvest: Harvest) -> None:
        """Adds what some objects held."""
        self.objects += harvest.objects
        self.blobs += harvest.blobs
        self.size += harvest.size
        self.found += harvest.found
        self.names.update(harvest.names)
        self.trees.append(harvest.trees)
        self.unread += harvest.unread
        self.timeouts += harvest.timeouts
        self.refer(split(harvest.references, self.id_size))

    def recall(self, memory: Memory) -> None:
        """Adds what earlier audits counted, left out and could not read, and looks for what was
        missing."""
        self.blobs += memory.blobs
        self.size += memory.size
        self._skipped += memory.skipped
        self.unread += [
            Held(bytes.fromhex(id_), kind, -1, reason=reason) for id_, kind, reason in memory.unread
        ]
        self.refer(map(bytes.fromhex, memory.missing))

    def add_again(self, count: int, harvest: Harvest | None, *, counted: bool) -> None:
        """Adds what some objects held that git read for us, nothing when the process died; they may
        have been counted before."""
        if harvest is None:
            self.lost.append("1 object" if count == 1 else f"{count} objects")
        elif counted:
            self.add(harvest._replace(objects=0, blobs=0, size=0))
        else:
            self.add(harvest)

    def unreached(self, store: Store, below: Iterable[bytes]) -> list[bytes]:
        """The ids, in bytes, of trees in packs that no commit leads to; `below` has those of all
        trees below the commits' own, one after another."""
        reached: set[bytes] = set()
        for part in (*self.trees, *below):
            reached.update(split(part, self.id_size))
        return store.trees_but(reached)

    def skipped(self) -> list[tuple[str, str]]:
        """What policy left out, and why."""
        now = [(_named(held), held.reason or "") for held in self.unread if held.policy]
        return [*self._skipped, *now]

    def survey(self, names: set[bytes], ids: Iterable[Iterable[bytes]]) -> None:
        """Adds what git told of all commits: the names of files, and the ids of blobs, in bytes and
        in some parts."""
        self.names |= names
        for part in ids:
            self.refer(part)

    def refer(self, ids: Iterable[bytes]) -> None:
        """Notes those of the ids that objects or refs name and that are not there."""
        self.missing |= self.absent(ids)


def _named(held: Held) -> str:
    return f"{TYPES.get(held.type, 'object')} {held.id.hex()}"


def second_try(
    auditor: Auditor, repository: Opened, total: Inventory, store: Store, until: float
) -> Harvest:
    """What could not be read, asked of git: another pack may hold it too. Raises LateError at the
    time `until`, on the clock of `time.monotonic`."""
    tried = [*(held for held in total.unread if not _is_final(held)), *store.strange()]
    most = auditor.most

    def again() -> Iterator[Held]:
        with Objects(repository.where, most) as objects:
            for held in tried:
                if time.monotonic() > until:
                    raise LateError
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

    harvest = auditor.look(again())
    total.unread = [held for held in total.unread if _is_final(held)]
    return harvest


def _is_final(held: Held) -> bool:
    """Whether git would make no more of what could not be read. Among loose objects it might wait
    for a pipe; deep deltas would take it as long as us."""
    return held.policy or held.loose or held.reason == TOO_DEEP


def gaps(repository: Opened, total: Inventory, store: Store, prefix: str) -> Iterator[Gap]:
    """Everything that was not seen, and why."""
    for name, reason in store.unread:
        yield Gap(Unseen(f"{prefix}{name}", reason), by_policy=False)
    for what, reason in total.skipped():
        yield Gap(Unseen(f"{prefix}{what}", reason), by_policy=True)
    for held in total.unread:
        if not held.policy:
            reason = held.reason or "cannot be read"
            yield Gap(Unseen(f"{prefix}{_named(held)}", reason), by_policy=False)
    for what in total.lost:
        reason = "a worker process died (out of memory?)"
        yield Gap(Unseen(f"{prefix}{what}", reason), by_policy=False)
    for timed_out, rule in sorted(set(total.timeouts)):
        what = f"{prefix}object {timed_out.hex()}"
        yield Gap(Unseen(what, f"rule {rule} took too long"), by_policy=False)
    yield from _missing(repository, total, store, prefix)


def _missing(repository: Opened, total: Inventory, store: Store, prefix: str) -> Iterator[Gap]:
    """Objects that others refer to and that are not there."""
    shallow = _shallow(repository)
    if shallow:
        reason = (
            "shallow clone: what came before is not here; "
            "--fetch-missing or git fetch --unshallow brings it"
        )
        yield Gap(Unseen(f"{prefix}history before {len(shallow)} commits", reason), False)
    missing = set(total.missing)
    if shallow and missing:
        with Objects(repository.where, MOST_OF_COMMIT) as objects:
            for commit in shallow:
                content = objects.read(commit, "commit")
                if not isinstance(content, Absent):
                    parents = [w[7:] for w in content.split(b"\n\n")[0].split(b"\n")
                               if w.startswith(b"parent ")]  # fmt: skip
                    missing -= {bytes.fromhex(parent.decode()) for parent in parents}
    reason = "missing from the repository"
    if any(path.with_suffix(".promisor").exists() for path in store.paths()):
        reason = (
            "partial clone: not fetched yet; "
            "--fetch-missing or git fetch --refetch --no-filter brings it"
        )
    for id_ in sorted(missing)[:_MOST_MISSING]:
        yield Gap(Unseen(f"{prefix}object {id_.hex()}", reason), by_policy=False)
    if (more := len(missing) - _MOST_MISSING) > 0:
        yield Gap(Unseen(f"{prefix}{more} further objects", reason), by_policy=False)


def _shallow(repository: Opened) -> list[str]:
    try:
        return (repository.common / "shallow").read_text("ascii").split()
    except (OSError, UnicodeDecodeError):
        return []
