"""A file, a folder or all files as a commit, a tag or the index has them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from scanner import diffs, repository
from scanner.catfile import Objects
from scanner.diffs import Change
from scanner.errors import UsageError
from scanner.exemptions import Exemptions
from scanner.models import Blob, Gap
from scanner.positions import harmless
from scanner.repository import Repository

_FILE = b"100644"


def items(revision: str, where: Repository, exempt: Exemptions, most: int) -> Iterator[Blob | Gap]:
    """The names and contents that `revision` names, as in gitrevisions(7): `main`, `v1:src`,
    `HEAD~2:a/b.py`, or `:a` for what is staged. Contents of more than `most` bytes are left out.

    Raises UsageError when there is no such thing, GitError when the objects of folders are missing.
    """
    id_ = repository.object_id(revision, where)
    if id_ is None:
        raise UsageError(f"{harmless(revision)}: no commit, folder or file of that name here")
    kind = repository.ask(["cat-file", "-t", id_], where).strip()
    path = _path(revision, where)
    if kind == b"blob":
        changes = [Change(path or id_.encode(), _FILE, id_, added=bool(path))]
    else:
        leaves = diffs.tree(where, id_).items()
        changes = [Change(posixpath.join(path, one), *leaf, added=True) for one, leaf in leaves]
    return _items(changes, where, exempt, most)


def _items(
    changes: list[Change], where: Repository, exempt: Exemptions, most: int
) -> Iterator[Blob | Gap]:
    with Objects(where, most) as objects:
        objects.expect(name for change in changes for name in diffs.read_for(change, exempt))
        for change in changes:
            yield from diffs.items(change, objects, exempt)


def _path(revision: str, where: Repository) -> bytes:
    """The path from the root of the work tree in a revision; empty where there is none."""
    name, colon, path = revision.partition(":")
    if not colon or "^{/" in name:
        return b""
    if not name and path[1:2] == ":" and path[:1] in "0123":  # a stage of the index
        path = path[2:]
    found = path.encode("utf-8", "surrogateescape")
    if found.startswith((b"./", b"../")):
        found = repository.ask(["rev-parse", "--show-prefix"], where).rstrip(b"\n") + found
    return posixpath.normpath(found).removeprefix(b"./") if found else b""
