"""What `git commit` would add: the index as it differs from HEAD.

While a merge is under way, what one of the other parents has is not added either.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from scanner import diffs, repository
from scanner.catfile import Objects
from scanner.diffs import Change
from scanner.exemptions import Exemptions
from scanner.models import Blob, Gap
from scanner.repository import Repository

_EMPTY_TREE = ["hash-object", "-t", "tree", "--stdin"]  # of nothing, and without writing it
_OURS, _THEIRS = b"2", b"3"
_LISTING = ["ls-files", "--stage", "-z", "--full-name", ":/"]
_OF_COMMIT = "GIT_INDEX_FILE"  # git sets it for the hooks of a commit


def items(
    where: Repository,
    exempt: Exemptions,
    most: int,
    known: Sequence[str] | None = None,
) -> Iterator[Blob | Gap]:
    """The names and contents that are new in the index.

    `most` is in bytes: larger contents are left out. `known` are the parents of the commit to
    come, if they were asked for before. Git begins at once, and whoever asks for the first item
    waits for it. Raises GitError when git fails, then or later.
    """
    parents = list(known or _parents(where))
    listings = [diffs.of_index(where, parent) for parent in parents]
    return _items(where, parents, listings, exempt, most)


def named(
    where: Repository,
    paths: Iterable[bytes],
    exempt: Exemptions,
    most: int,
    known: Sequence[str] | None = None,
) -> Iterator[Blob | Gap | bytes]:
    """What the index has at some paths (from the root of the work tree): what is new there,
    and of a path that is as in HEAD, the whole.

    A folder stands for everything in it. A path that the index has nothing at is handed back,
    for whoever looks elsewhere. Otherwise as `items`.
    """
    parents = list(known or _parents(where))
    listings = [diffs.of_index(where, parent) for parent in parents]
    return _named(where, frozenset(paths), parents, listings, exempt, most)


def _named(  # noqa: PLR0913, PLR0917 - what `named` was given
    where: Repository,
    chosen: frozenset[bytes],
    parents: Sequence[str],
    listed: Sequence[Iterator[Change]],
    exempt: Exemptions,
    most: int,
) -> Iterator[Blob | Gap | bytes]:
    listings = [list(listing) for listing in listed]
    changed = {change.path for change in listings[0]}
    own = [iter([c for c in listing if _above(c.path, chosen)]) for listing in listings]
    yield from _items(where, parents, own, exempt, most)
    # Whoever concludes a merge is not to be told of what was there before it.
    merging = len(parents) > 1 and where.as_called and _OF_COMMIT in os.environ
    if not merging and not chosen <= changed:
        yield from _as_before(where, chosen, changed, exempt, most)


def _above(path: bytes, chosen: frozenset[bytes]) -> set[bytes]:
    """Which of the chosen paths are this one, or a folder that it is in; the root is empty."""
    found = chosen & {path, b""}
    while path and len(found) < len(chosen):
        path = path.rpartition(b"/")[0]
        found |= chosen & {path}
    return set(found)


def _as_before(
    where: Repository,
    chosen: frozenset[bytes],
    changed: set[bytes],
    exempt: Exemptions,
    most: int,
) -> Iterator[Blob | Gap | bytes]:
    """What the index has at the chosen paths but the changed ones, and where it has nothing."""
    empty = repository.ask(["hash-object", "-t", "blob", "--stdin"], where).decode().strip()
    found = {name for path in changed for name in _above(path, chosen)}
    with Objects(where, most) as objects:
        for line in repository.ask(_LISTING, where).split(b"\0")[:-1]:
            head, _, path = line.partition(b"\t")
            mode, name, _ = head.split(b" ")
            if path in changed or not (above := _above(path, chosen)):
                continue
            # What `git add -N` has only announced is empty in the index, though not on disk.
            found |= above - {path} if name.decode() == empty else above
            yield from diffs.items(Change(path, mode, name.decode(), added=True), objects, exempt)
    yield from sorted(chosen - found)


def _parents(where: Repository) -> list[str]:
    """The parents of the commit to come; without any, the empty tree."""
    head = repository.ask(["rev-parse", "--revs-only", "HEAD"], where).strip()
    first = head or repository.ask(_EMPTY_TREE, where).strip()
    return [first.decode(), *repository.merge_heads(where)]


def _items(
    where: Repository,
    parents: Sequence[str],
    listings: Sequence[Iterator[Change]],
    exempt: Exemptions,
    most: int,
) -> Iterator[Blob | Gap]:
    changes = _against_all(listings)
    merged = [change for change in changes if not change.unmerged]
    with Objects(where, most) as objects:
        objects.expect(name for change in merged for name in diffs.read_for(change, exempt))
        for change in merged:
            yield from diffs.items(change, objects, exempt)
        for change in _unmerged(where, parents, [c for c in changes if c.unmerged]):
            yield from diffs.items(change, objects, exempt)


def _against_all(listings: Sequence[Iterator[Change]]) -> list[Change]:
    """The paths that differ from every parent, each with the versions of all of them."""
    first, *others = ({change.path: change for change in listing} for listing in listings)
    for other in others:
        first = {
            path: change._replace(
                before=change.before + other[path].before,
                added=change.added and other[path].added,
                old_paths=change.places + other[path].places,
            )
            for path, change in first.items()
            if path in other
        }
    return list(first.values())


def _unmerged(
    where: Repository, parents: Sequence[str], conflicts: Sequence[Change]
) -> Iterator[Change]:
    """Both sides of each conflict, unless a parent has that very content.

    Their common ancestor is nothing that a commit would add.
    """
    if not conflicts:
        return
    held = {leaf.id for parent in parents for leaf in diffs.tree(where, parent).values()}
    sides = _sides(where)
    for change in conflicts:
        versions = sides.get(change.path, [])
        known = tuple(name for _, name in versions if name in held)
        added = change.added
        for mode, name in versions:
            if name not in known:
                before = change.before + known
                yield change._replace(
                    mode=mode, id=name, before=before, old_paths=(), added=added, unmerged=False
                )
                added = False


def _sides(where: Repository) -> dict[bytes, list[tuple[bytes, str]]]:
    """Mode and id of what the two sides of each conflict have at its path."""
    raw = repository.ask(["ls-files", "--unmerged", "-z", "--full-name", ":/"], where)
    sides: dict[bytes, list[tuple[bytes, str]]] = {}
    for line in raw.split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        mode, name, stage = head.split(b" ")
        if stage in (_OURS, _THEIRS):
            sides.setdefault(path, []).append((mode, name.decode()))
    return sides
