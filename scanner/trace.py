"""From what was found in objects to the places where it came in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate

from scanner import ownfiles
from scanner.attribution import Leaves, Origins, leaves
from scanner.audit import Marked
from scanner.catfile import MOST_OF_COMMIT, Absent
from scanner.gathered import Seen
from scanner.graph import Graph
from scanner.introductions import Changes, Introduction
from scanner.inventory import Inventory
from scanner.memory import Memory
from scanner.models import Blob, Finding, Gap, Kind, Place, Secret, Unseen
from scanner.pathpatterns import compile_paths
from scanner.paths import display
from scanner.repository import finish, start
from scanner.scan import Scanner
from scanner.whereabouts import Opened

_OF_FILES = (Kind.FILE, Kind.SYMLINK, Kind.FILE_NAME)
_MOST_NAMED = 50  # commits and objects that are named one by one
# The same few objects may stand at any number of paths.
_MOST_PLACES = 2000  # of an object or a name
_MOST_AT_HEAD = 1_000_000  # paths in the tree of HEAD, of all places of a finding together
_TOO_MANY = "at more paths than are kept in memory: looked at, but not every place is told"


class Trace:
    """Turns what was found in objects into places, with the commits that brought it in."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that is known
        self,
        scanner: Scanner,
        repository: Opened,
        total: Inventory,
        graph: Graph,
        changes: Changes,
        memory: Memory,
        prefix: str,
    ) -> None:
        self._scanner, self._repository, self._total = scanner, repository, total
        self.graph, self._changes, self._prefix = graph, changes, prefix
        self._memory = memory
        self._excluded = compile_paths(scanner.plan.settings.exclude)
        self._where = repository.where
        self.names_tell = False  # whether a name of a file holds a secret
        self._origins = Origins(self._where, self.graph, MOST_OF_COMMIT)
        self._came: dict[str, list[Introduction]] = {}  # of those that were asked about
        self._head = Leaves({})  # what HEAD has of what was found
        self._below: dict[str, list[bytes]] = {}  # of that, by names that hold something
        self._others: dict[tuple[str, Secret], set[str]] = {}  # objects, where not all are told of
        self._cut: set[str] = set()  # what has more places than are told
        self._unread: list[Gap] = []

    def order(self, place: Place) -> tuple[object, ...]:
        """Sorts places by when they came in; those that no commit leads to come last."""
        commit = place.commit
        if commit is None:
            return True, 1, "", place.path, place.span
        came = self.graph.place(commit.id) if self.graph.holds(commit.id) else ()
        return not commit.reachable, 0, came, place.path, place.span

    def seen(self, allowed: frozenset[str] | None) -> Iterator[Seen]:
        """Every place of every match; of some commits only, when those are given."""
        left_out: set[Unseen] = set()
        placed = [*self._of_objects(allowed), *self._of_names(allowed)]
        if allowed is not None:
            self._note_others()
        commits = self._origins.commits(at for _, at, _ in placed if at)
        self._head = self._at_head([blob for blob, _, _ in placed])
        for blob, at, marked in placed:
            if allowed is not None and at not in allowed:
                continue
            if blob.kind in _OF_FILES and self._excluded(blob.path):
                left_out.add(Unseen(blob.path, "excluded by configuration"))
                continue
            yield self._places(blob._replace(commit=commits.get(at) if at else None), marked)
        yield Seen(0, 0, (), tuple(Gap(unseen, by_policy=True) for unseen in left_out))
        if allowed is None:
            yield self._scanner.look_at([*self._of_refs(), *self._of_own_files()])
            yield Seen(0, 0, (), tuple(self._unread))

    def _places(self, blob: Blob, marked: Marked) -> Seen:
        places = []
        for match, marker in marked:
            if place := self._scanner.place(blob, match, marker):
                places.append((match.rule_id, match.secret, place))
        return Seen(0, 0, tuple(places), ())

    def _note_others(self) -> None:
        """Notes all objects that hold the same secrets, whichever commits are told of."""
        for one in self._total.found:
            for match, _ in one.matches:
                there = self._others.setdefault((match.rule_id, match.secret), set())
                there.add(one.id.hex())

    def _of_objects(
        self, allowed: frozenset[str] | None
    ) -> Iterator[tuple[Blob, str | None, Marked]]:
        """What objects hold, once for each path that they have had, by its first commit; of some
        commits only, when those are given."""
        # Each once: it may be in a pack that is new and in one that an earlier audit has seen.
        each = {(one.kind, one.id): one for one in self._total.found}
        found = [(one, one.id.hex()) for one in each.values()]
        blobs = {id_ for one, id_ in found if one.kind == Kind.FILE}
        where = self.introductions(blobs) if blobs else {}
        loose = self._elsewhere(blobs - {id_ for id_, at in where.items() if at})
        for one, id_ in found:
            of_tag = one.kind == Kind.AUTHOR and not self.graph.holds(id_)
            if of_tag or one.kind == Kind.TAG_MESSAGE:
                names = [ref.name for ref in self.graph.refs if ref.target == id_]
                for name in names or [f"tag/{id_}"]:
                    yield self._blob(one.kind, name, id_), None, one.matches
            elif one.kind != Kind.FILE:
                yield self._blob(one.kind, f"commit/{id_}", id_), id_, one.matches
            for at in self._first(where.get(id_, []), allowed, f"object {id_}"):
                kind = Kind.SYMLINK if at.link else self._kind_of(at)
                yield self._blob(kind, display(at.path), id_), at.commit, one.matches
            if one.kind == Kind.FILE and not where.get(id_):
                yield self._blob(Kind.FILE, loose.get(id_, f"blob/{id_}"), id_), None, one.matches

    def introductions(self, ids: set[str]) -> dict[str, list[Introduction]]:
        """Where each of some objects came in, as git tells now and as is remembered."""
        if asked := ids - self._came.keys():  # all that git told is gone through
            now, before = self._changes.introductions(asked), self._memory.of(asked)
            self._came |= {id_: [*before[id_], *now[id_]] for id_ in asked}
        return {id_: self._came[id_] for id_ in ids}

    def _first(
        self, found: Iterable[Introduction], allowed: frozenset[str] | None, what: str
    ) -> list[Introduction]:
        """Of each path the first, in the order of the commits; of the first paths, if there are too
        many of them."""
        first: dict[bytes, Introduction] = {}
        if allowed is not None:
            found = (one for one in found if one.commit in allowed)
        for one in sorted(found, key=lambda one: self.graph.place(one.commit)):
            first.setdefault(one.path, one)
        if len(first) > _MOST_PLACES:
            self._cut.add(what)
        return list(first.values())[:_MOST_PLACES]

    def _kind_of(self, at: Introduction) -> Kind:
        return Kind.NOTE if at.commit in self._origins.notes else Kind.FILE

    def _elsewhere(self, ids: set[str]) -> dict[str, str]:
        """Paths of objects that no commit has: in the index, in a tagged tree, tagged."""
        if not ids:
            return {}
        found = {ref.peeled: ref.name for ref in self.graph.refs if ref.peeled in ids}
        for ref in self.graph.refs:
            if not self.graph.holds(ref.peeled) and ref.peeled not in ids:
                there = leaves(self._where, ref.peeled, lambda id_, _: id_ in ids)
                for id_, paths in there.paths.items():
                    found.setdefault(id_, display(paths[0]))
        staged = finish(start(["ls-files", "-z", "--stage", "--full-name", ":/"], self._where))
        for line in staged.stdout.split(b"\0")[:-1]:
            meta, _, path = line.partition(b"\t")
            if (id_ := meta.split()[1].decode()) in ids:
                found.setdefault(id_, display(path))
        return found

    def _of_names(
        self, allowed: frozenset[str] | None
    ) -> Iterator[tuple[Blob, str | None, Marked]]:
        detector = self._scanner.detector
        names = sorted(self._total.names)
        found: dict[bytes, Marked] = {}
        for number in detector.suspects(names):
            matches = detector.detect(names[number]).matches
            if hashed := self._scanner.hashed(names[number], matches):
                found[names[number]] = tuple((match, None) for match in hashed)
        self.names_tell = bool(found)
        if not found:
            return
        where = self._changes.named(set(found))
        for name, marked in found.items():
            for at in self._first(where[name], allowed, f"name {display(name)}"):
                yield self._blob(Kind.FILE_NAME, display(at.path), None), at.commit, marked
            if not where[name]:
                yield self._blob(Kind.FILE_NAME, display(name), None), None, marked

    def _of_refs(self) -> Iterator[Blob]:
        """The names of refs in which there may be something; there may be many thousands."""
        names = [ref.name for ref in self.graph.refs]
        names += sorted(ownfiles.refs(self._repository.common) - {*names})
        for number in self._scanner.detector.suspects([name.encode() for name in names]):
            yield self._blob(Kind.REF_NAME, names[number], None, names[number].encode())

    def _of_own_files(self) -> Iterator[Blob]:
        """The repository's own configuration, and its reflogs."""
        most = self._scanner.plan.settings.max_file_size
        for name, content in ownfiles.contents(self._repository.common, most):
            if isinstance(content, Absent):
                unseen = Unseen(f"{self._prefix}{name}", content.reason)
                self._unread.append(Gap(unseen, content.by_policy))
            elif list(self._scanner.detector.suspects([content])):
                yield self._blob(Kind.GIT_CONFIG, name, None, content)

    def _blob(self, kind: Kind, path: str, id_: str | None, content: bytes = b"") -> Blob:
        return Blob(kind, self._prefix + path, content, id=id_)

    def _at_head(self, blobs: list[Blob]) -> Leaves:
        """What HEAD has of what was found in objects and names."""
        ids = {blob.id for blob in blobs}.union(*self._others.values())
        names = {
            blob.path.removeprefix(self._prefix) for blob in blobs if blob.kind == Kind.FILE_NAME
        }
        paths = {one.path for id_ in ids if id_ for one in self._came.get(id_, ())}

        def wanted(id_: str, path: bytes) -> bool:
            return id_ in ids or (bool(names) and not names.isdisjoint(_above(path)))

        head = self._origins.at_head(wanted, paths)
        if names:
            for path in (path for there in head.paths.values() for path in there):
                for name in names.intersection(_above(path)):
                    self._below.setdefault(name, []).append(path)
        return head

    def partly(self) -> list[Unseen]:
        """What is not told of where findings came in, and stand, once all of them are settled."""
        told = [f"commit {id_}" for id_ in self._changes.untold]
        head = set() if self._head.complete else {"HEAD"}
        told += sorted(self._changes.cut | self._cut | head)
        if (more := len(told) - _MOST_NAMED) > 0:
            told[_MOST_NAMED:] = [f"{more} further commits and objects"]
        return [Unseen(f"{self._prefix}{what}", _TOO_MANY) for what in told]

    def settled(self, finding: Finding) -> Finding:
        """The finding with what HEAD still has of it."""
        ids = {place.blob for place in finding.places if place.blob}
        ids |= self._others.get((finding.rule_id, finding.secret), set())
        paths = {path for id_ in ids for path in self._head.paths.get(id_, ())}
        for place in finding.places:
            if place.kind == Kind.FILE_NAME:
                paths.update(self._below.get(place.path.removeprefix(self._prefix), ()))
        most = _MOST_AT_HEAD // len(finding.places)
        if len(paths) > most:
            self._cut.add("HEAD")
        shown_paths = tuple(sorted(self._prefix + display(path) for path in paths))[:most]
        places = tuple(
            place._replace(
                commit=place.commit
                and place.commit._replace(at_head=bool(paths), head_paths=shown_paths)
            )
            for place in finding.places
        )
        return finding._replace(places=places)


def _above(path: bytes) -> Iterator[str]:
    """A path and the folders that it is in, as reports show them."""
    return accumulate(display(path).split("/"), lambda folder, name: f"{folder}/{name}")
