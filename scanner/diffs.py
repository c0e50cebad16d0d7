"""What git tells of differences between versions, and the blobs that these bring in.

The format is that of `git diff-tree --raw -z`, described in git-diff-index(1) under "Raw output
format" and, for merges, "Diff format for merges".
"""

import subprocess
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from scanner.catfile import Absent, Objects
from scanner.exemptions import Exemptions
from scanner.models import Blob, Commit, Gap, Kind, Unseen
from scanner.paths import display
from scanner.repository import MOST_OUTPUT, Repository, ask, finish, start

_RAW = (
    "--raw",
    "-z",
    "--no-abbrev",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=none",
)
# Whatever the repository's configuration says of how many.
_RENAMES = ("-M", "-l1000")
_NOTHING, _LINK, _SUBMODULE = b"000000", b"120000", b"160000"
_MOST_OUTPUT = 128 << 20  # bytes that git may print of some commits at once
_AT_ONCE = 256  # commits asked about in one call
_HELD = 12  # characters of an id that reports show


class Change(NamedTuple):
    """A path that has another content, or another mode, than in every earlier version.

    `mode` is git's, `id` the blob's in hex, and `before` has the ids of the earlier versions,
    which may have been elsewhere: then `old_paths` has the path of each. `added` tells that the
    path is new.
    """

    path: bytes
    mode: bytes
    id: str
    before: tuple[str, ...] = ()
    added: bool = False
    old_paths: tuple[bytes, ...] = ()
    unmerged: bool = False

    @property
    def gone(self) -> bool:
        """Whether there is nothing at the path any more."""
        return self.mode == _NOTHING and not self.unmerged

    @property
    def places(self) -> tuple[bytes, ...]:
        """The path of each earlier version."""
        return self.old_paths or (self.path,) * len(self.before)

    @property
    def brings_content(self) -> bool:
        """Whether there is a content at the path that no earlier version has."""
        return self.mode != _SUBMODULE and self.id not in self.before


class Changed(NamedTuple):
    """What a commit changes against all of its parents, or why that is not known."""

    commit: str
    changes: tuple[Change, ...]
    reason: str | None = None


class Leaf(NamedTuple):
    """A file, link or submodule in a tree."""

    mode: bytes
    id: str


def of_index(where: Repository, parent: str) -> Iterator[Change]:
    """What the index holds otherwise than the commit or tree `parent`.

    Git begins at once, and whoever asks for the first change waits for it. Raises GitError on
    the first change when git fails.
    """
    arguments = ["diff-index", "--cached", "--ita-invisible-in-index", *_RAW]
    first = start([*arguments, *_RENAMES, parent, "--"], where)
    return _of_index(first, where, [*arguments, parent, "--"])


def _of_index(
    first: subprocess.Popen[bytes], where: Repository, plain: Sequence[str]
) -> Iterator[Change]:
    done = finish(first)
    # To tell renames, git reads contents, some of which may be missing from a partial clone.
    raw = ask(plain, where) if done.status else done.stdout
    for part in _parts(raw):
        assert isinstance(part, Change)  # noqa: S101 - only diff-tree names commits
        yield part


def of_commits(where: Repository, commits: Sequence[str]) -> Iterator[Changed]:
    """What each of the commits changes against all of its parents, in their order."""
    todo = list(commits)
    while todo:
        known, said = _of_some(where, todo[:_AT_ONCE], renames=True)
        yield from known
        todo = todo[len(known) :]
        if said:
            one, _ = _of_some(where, todo[:1], renames=False)
            yield one[0] if one else Changed(todo[0], (), said)
            del todo[0]


def _of_some(
    where: Repository, commits: Sequence[str], *, renames: bool
) -> tuple[list[Changed], str | None]:
    """What is known of the first of the commits, and what git says of the one after these."""
    options = [*_RAW, *_RENAMES, "--combined-all-paths"] if renames else list(_RAW)
    arguments = ["diff-tree", "--stdin", "--always", "--root", "-r", "-c", *options]
    from scanner.processlimits import limit  # noqa: PLC0415 - a hook before a commit needs none

    process = start(arguments, where, stdin=subprocess.PIPE)
    limit(process)
    done = finish(process, "".join(f"{commit}\n" for commit in commits).encode(), _MOST_OUTPUT)
    found: dict[str, list[Change]] = {}
    changes: list[Change] = []
    for part in _parts(done.stdout, all_paths=renames):
        if isinstance(part, str):
            changes = found.setdefault(part, [])
        else:
            changes.append(part)
    # What git does not know at all it passes over without a word.
    known = [Changed(name, tuple(found[name])) for name in takewhile(found.__contains__, commits)]
    if done.status:
        return known[:-1], done.said  # it gave up on the last that it named, or on the next
    return known, None if len(known) == len(commits) else "git cannot read the commit"


def _parts(raw: bytes, *, all_paths: bool = False) -> Iterator[Change | str]:
    """The changes, and before them the commit that they belong to where git names it. With
    `all_paths`, merges have the path in each parent.

    What was cut off at the end is left out.
    """
    tokens = iter(raw.split(b"\0")[:-1])
    for token in tokens:
        if not token.startswith(b":"):
            yield token.decode()
            continue
        try:
            yield _change(token, tokens, all_paths=all_paths)
        except StopIteration:
            return


def _change(token: bytes, tokens: Iterator[bytes], *, all_paths: bool) -> Change:
    fields = token.lstrip(b":").split(b" ")
    count = len(token) - len(token.lstrip(b":"))  # of the earlier versions
    modes, ids, status = fields[:count], fields[count + 1 : -2], fields[-1]
    letters = status if count > 1 else status[:1]  # one letter may have a score behind it
    told = count if count > 1 and all_paths else int(letters in (b"R", b"C"))
    old_paths = [next(tokens) for _ in range(told)]
    path = next(tokens)
    earlier = [
        (name.decode(), old_path)
        for mode, name, old_path in zip(modes, ids, old_paths or [path] * count, strict=True)
        if mode not in (_NOTHING, _SUBMODULE)
    ]
    moved = any(old_path != path for _, old_path in earlier)
    return Change(
        path,
        mode=fields[count],
        id=fields[-2].decode(),
        before=tuple(name for name, _ in earlier),
        added=all(letter in b"ARC" for letter in letters) or set(modes) == {_NOTHING},
        old_paths=tuple(old_path for _, old_path in earlier) if moved else (),
        unmerged=letters == b"U",
    )


def tree(where: Repository, revision: str) -> dict[bytes, Leaf]:
    """What stands at each path of a commit or tree; raises GitError when parts are missing."""
    raw = ask(["ls-tree", "-r", "-z", "--full-tree", revision], where, MOST_OUTPUT)
    leaves = (line.split(b"\t", 1) for line in raw.split(b"\0")[:-1])
    return {path: Leaf(head[:6], head.split(b" ")[2].decode()) for head, path in leaves}


def read_for(change: Change, exempt: Exemptions) -> tuple[str, ...]:
    """The ids of the objects that `items` reads for a change, in this order."""
    change = _seen_from(change, exempt)
    if change.gone or not change.brings_content or exempt.excluded(display(change.path)):
        return ()
    return change.id, *change.before


def _seen_from(change: Change, exempt: Exemptions) -> Change:
    """The change without earlier versions that were exempt where they stood, as this one is not:
    of what they held, nobody may have been told."""
    if not change.old_paths:
        return change
    path = display(change.path)
    left = [
        (name, old_path)
        for name, old_path in zip(change.before, change.old_paths, strict=True)
        if not exempt.end(display(old_path), path)
    ]
    return change._replace(
        before=tuple(name for name, _ in left),
        old_paths=tuple(old_path for _, old_path in left),
        added=change.added or not left,
    )


def items(
    change: Change,
    objects: Objects,
    exempt: Exemptions,
    commit: Commit | None = None,
) -> Iterator[Blob | Gap]:
    """What there is to scan of a change: its name when that is new, and its content."""
    change = _seen_from(change, exempt)
    if change.gone:
        return
    path = display(change.path)
    if exempt.excluded(path):
        yield Gap(Unseen(path, "excluded by configuration"), by_policy=True)
        return
    if change.added:
        old_names = tuple(old_path for old_path in change.old_paths if old_path != change.path)
        yield Blob(Kind.FILE_NAME, path, change.path, old_names, commit)
    if not change.brings_content:
        return
    content = objects.read(change.id)
    if isinstance(content, Absent):
        what = f"{path} (commit {commit.id[:_HELD]})" if commit else path
        yield Gap(Unseen(what, content.reason), content.by_policy)
        return
    kind = Kind.SYMLINK if change.mode == _LINK else Kind.FILE
    # An earlier version that cannot be read makes nothing old: what it had counts as new.
    earlier = (objects.read(name) for name in change.before)
    before = tuple(version for version in earlier if isinstance(version, bytes))
    yield Blob(kind, path, content, before, commit, change.id)
