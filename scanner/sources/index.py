"""What `git commit` would add: the index as it differs from HEAD.

While a merge is under way, what one of the other parents has is not added either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from scanner import diffs, repository
from scanner.catfile import Objects
from scanner.diffs import Change
from scanner.models import Blob, Gap
from scanner.repository import Repository

_EMPTY_TREE = ["hash-object", "-t", "tree", "--stdin"]  # of nothing, and without writing it
_OURS, _THEIRS = b"2", b"3"


def items(where: Repository, excluded: Callable[[str], bool], most: int) -> Iterator[Blob | Gap]:
    """The names and contents that are new in the index.

    `most` is in bytes: larger contents are left out. Git begins at once, and whoever asks for
    the first item waits for it. Raises GitError when git fails, then or later.
    """
    parents = _parents(where)
    listings = [diffs.of_index(where, parent) for parent in parents]
    return _items(where, parents, listings, excluded, most)


def _parents(where: Repository) -> list[str]:
    """The parents of the commit to come; without any, the empty tree."""
    head = repository.ask(["rev-parse", "--revs-only", "HEAD"], where).strip()
    first = head or repository.ask(_EMPTY_TREE, where).strip()
    return [first.decode(), *repository.merge_heads(where)]


def _items(
    where: Repository,
    parents: Sequence[str],
    listings: Sequence[Iterator[Change]],
    excluded: Callable[[str], bool],
    most: int,
) -> Iterator[Blob | Gap]:
    changes = _against_all(listings)
    with Objects(where, most) as objects:
        for change in changes:
            if not change.unmerged:
                yield from diffs.items(change, objects, excluded)
        for change in _unmerged(where, parents, [c for c in changes if c.unmerged]):
            yield from diffs.items(change, objects, excluded)


def _against_all(listings: Sequence[Iterator[Change]]) -> list[Change]:
    """The paths that differ from every parent, each with the versions of all of them."""
    first, *others = ({change.path: change for change in listing} for listing in listings)
    for other in others:
        first = {
            path: change._replace(
                before=change.before + other[path].before,
                added=change.added and other[path].added,
                old_path=change.old_path or other[path].old_path,
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
                yield change._replace(
                    mode=mode, id=name, before=change.before + known, added=added, unmerged=False
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
