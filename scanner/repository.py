"""Every start of the `git` program; a scanned repository cannot make it run or fetch anything.

A repository's own configuration can name programs (file system monitors, hooks, filters,
pagers). None of the commands here needs one, so all are switched off on the command line,
which outranks the repository's configuration. Only commands are used that write nothing, but for
the one in `remotes`, which runs only when the user asks for it.
"""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from threading import Thread
from typing import IO, NamedTuple

from scanner.errors import GitError
from scanner.positions import harmless

_SAFE = (
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=" + os.devnull,
    "-c", "core.untrackedCache=false",
    "-c", "protocol.allow=never",
    "-c", "submodule.recurse=false",
    "-c", "core.quotePath=false",
    "-c", "advice.graftFileDeprecated=false",
)  # fmt: skip
_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    # For a git too old to know the line above. An empty list of protocols, which outranks a
    # repository's own `protocol.ext.allow`.
    "GIT_ALLOW_PROTOCOL": ":",
    # What is there counts, not what is said to stand for it.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "LC_ALL": "C",
}
# Set by git in hooks, they would turn a question about another folder to the hook's repository.
_LOCAL = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR",
          "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG_PARAMETERS",
          "GIT_SHALLOW_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_INTERNAL_SUPER_PREFIX")  # fmt: skip
# Programs, and what makes git read other names, files or settings than those asked for.
_NEVER = ("GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_PROXY_COMMAND",
          "GIT_ASKPASS", "SSH_ASKPASS", "GIT_PAGER", "GIT_CONFIG", "GIT_NAMESPACE",
          "GIT_REPLACE_REF_BASE", "GIT_ATTR_SOURCE", "GIT_LITERAL_PATHSPECS",
          "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS")  # fmt: skip
_SUBMODULE = b"160000"
_UNTRACKED = b"? "
_LONGEST_ERROR = 500
# Bytes that a git may print of a tree, far more than that of any repository takes up. Folders that
# hold each other several times over, a few objects in all, would have it print without end.
MOST_OUTPUT = 512 << 20
_BLOCK = 1 << 18
_TOLD = "GITHEAD_"
_ID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DUBIOUS = re.compile(rb"dubious ownership in repository at '([^\n]*)'")


class Listed(NamedTuple):
    """A path that git lists, relative to the folder asked about; raw bytes with `/`."""

    path: bytes
    repository: bool  # a submodule, or a repository of its own inside this one


class Repository(NamedTuple):
    """A repository to ask, by a folder in it.

    With `as_called`, what git tells a hook in the environment holds: which index, and where
    objects are that are only being taken in. Otherwise the folder alone decides.
    """

    folder: bytes
    as_called: bool = False


def start(  # noqa: PLR0913 - as many as there are streams, and one
    arguments: Sequence[str],
    where: Repository,
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
    environment: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """A git command that has begun; raises GitError when there is no git or no such folder.

    `environment` outranks what is set here: only for the one command that fetches.
    """
    folder = where.folder
    unwanted = _NEVER if where.as_called else (*_NEVER, *_LOCAL)
    own = {name: value for name, value in os.environ.items() if name not in unwanted}
    try:
        return subprocess.Popen(
            ["git", *_SAFE, *arguments],
            cwd=folder,
            env=own | _ENVIRONMENT | (environment or {}),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
        )
    except PermissionError:
        raise
    except OSError as error:
        if not os.path.isdir(folder):  # noqa: PTH112 - bytes
            raise GitError(f"{_name(folder)}: no such folder") from error
        raise GitError("git is not installed, or not on PATH") from error


class Done(NamedTuple):
    """How a git command ended, and what it wrote."""

    status: int
    stdout: bytes
    stderr: bytes
    too_much: bool = False  # it would have printed more than was allowed

    @property
    def said(self) -> str:
        """What git complained of, without control characters, in one line or a few."""
        said = harmless(self.stderr.decode("utf-8", "replace").strip())
        return said[:_LONGEST_ERROR] or "failed"


def _git(arguments: Sequence[str], where: Repository) -> Done:
    return finish(start(arguments, where))


def finish(
    process: subprocess.Popen[bytes], stdin: bytes | None = None, most: int | None = None
) -> Done:
    """Waits for a git command, which reads `stdin` if it was started for that.

    One that prints more than `most` bytes, if that is given, is ended: then its status is not 0,
    and there is no output but what `said` tells.
    """
    if most is not None:
        return _bounded(process, stdin, most)
    with process:
        stdout, stderr = process.communicate(stdin)
    return Done(process.returncode, stdout, stderr)


def _bounded(process: subprocess.Popen[bytes], stdin: bytes | None, most: int) -> Done:
    complaints: list[bytes] = []
    printed: list[bytes] = []
    with process:
        beside = []
        if process.stderr:
            beside.append(Thread(target=_hear, args=(process.stderr, complaints), daemon=True))
        if process.stdin:
            beside.append(Thread(target=_feed, args=(process.stdin, stdin), daemon=True))
        for thread in beside:
            thread.start()
        left = most
        while process.stdout and (block := process.stdout.read(min(_BLOCK, left + 1))):
            printed.append(block)
            left -= len(block)
            if left < 0:
                process.kill()
                break
        for thread in beside:
            thread.join()
    if left < 0:
        said = b"more than %d MB of output" % (most >> 20)
        return Done(process.returncode or -1, b"", said, too_much=True)
    return Done(process.returncode, b"".join(printed), b"".join(complaints))


def _hear(stream: IO[bytes], told: list[bytes]) -> None:
    """Reads all that git complains of, and keeps the beginning."""
    while block := stream.read(_BLOCK):
        told += [] if told else [block]


def _feed(stream: IO[bytes], content: bytes | None) -> None:
    with suppress(OSError), stream:  # git may end before it has read all
        stream.write(content or b"")


def _name(folder: bytes) -> str:
    return harmless(os.fsdecode(folder))


def _output(process: subprocess.Popen[bytes], what: str, most: int | None = None) -> bytes:
    """What a git command printed; raises GitError, which begins with `what`, when it failed."""
    done = finish(process, most=most)
    if done.status:
        raise GitError(f"{what}: {done.said}")
    return done.stdout


def ask(arguments: Sequence[str], where: Repository, most: int | None = None) -> bytes:
    """What a git command prints, at most `most` bytes; raises GitError, which names the command,
    when it fails."""
    return _output(start(arguments, where), f"git {arguments[0]} in {_name(where.folder)}", most)


def toplevel(folder: bytes, *, as_called: bool = False) -> bytes | None:
    """The root of the work tree that holds `folder`, or nothing when there is none.

    `as_called` as for `Repository`. Raises GitError when git refuses the repository, such as
    one that another user owns.
    """
    return _place("--show-toplevel", Repository(folder, as_called))


def git_folder(folder: bytes) -> bytes | None:
    """Where the repository around `folder` keeps its data, or nothing when there is none.

    Raises GitError when git refuses the repository.
    """
    return _place("--absolute-git-dir", Repository(folder))


def _place(which: str, where: Repository) -> bytes | None:
    done = _git(["rev-parse", which], where)
    if done.status == 0:
        return os.path.realpath(done.stdout.rstrip(b"\n"))
    said = done.stderr
    if b"dubious ownership" in said:
        owned = _DUBIOUS.search(said)
        name = _name(owned[1] if owned else where.folder)
        raise GitError(
            f"{name} belongs to another user, so git will not read it; if you trust it: "
            f"git config --global --add safe.directory {shlex.quote(name)}"
        )
    return None


def commit_id(revision: str, where: Repository) -> str | None:
    """The commit that a revision names, in hex, or nothing when it names none that is there."""
    return object_id(revision + "^{commit}", where)


def object_id(revision: str, where: Repository) -> str | None:
    """The object that a revision names, in hex, or nothing when it names none."""
    if revision.startswith("-"):  # never an option of git's
        return None
    done = _git(["rev-parse", "--verify", "--quiet", revision], where)
    name = done.stdout.rstrip(b"\n")
    return name.decode() if done.status == 0 and _ID.fullmatch(name) else None


def ids_in(name: str, where: Repository) -> list[str]:
    """The ids in a file of git's, one a line; none when there is no such file.

    Raises GitError when it holds something else.
    """
    path = ask(["rev-parse", "--git-path", name], where).rstrip(b"\n")
    try:
        with open(os.path.join(where.folder, path), "rb") as file:  # noqa: PTH118, PTH123 - bytes
            lines = file.read().split()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise GitError(f"{name}: {error.strerror or 'cannot be read'}") from error
    if not all(map(_ID.fullmatch, lines)):
        raise GitError(f"{name} in {_name(where.folder)}: holds what is no id of a commit")
    return [line.decode() for line in lines]


class Situation(NamedTuple):
    """Where a commit would be made: the root of the work tree, and the ids of its parents (none
    when it would be the first)."""

    top: bytes
    parents: tuple[str, ...]


def situation(where: Repository) -> Situation | None:
    """Where a commit would be made, with one call of git; nothing outside of a work tree.

    Raises GitError when git refuses the repository, and for a broken MERGE_HEAD.
    """
    arguments = ["rev-parse", "--show-toplevel", "--git-path", "MERGE_HEAD"]
    done = _git([*arguments, "--revs-only", "HEAD"], where)
    top, *rest = done.stdout.split(b"\n")[:-1] or [b""]
    if done.status or not rest or len(rest) > 2:  # outside, or a name with a line break
        known = toplevel(where.folder, as_called=where.as_called)
        head = ask(["rev-parse", "--revs-only", "HEAD"], where).split() if known else []
        heads = [*(name.decode() for name in head), *merge_heads(where)] if head else []
        return Situation(known, tuple(heads)) if known else None
    merging = os.path.join(where.folder, rest[0])  # noqa: PTH118 - bytes
    others = merge_heads(where) if os.path.exists(merging) or _told_of_merge(where) else []  # noqa: PTH110
    first = [name.decode() for name in rest[1:]]
    return Situation(os.path.realpath(top), (*first, *others) if first else ())


def _told_of_merge(where: Repository) -> bool:
    merging = os.environ.get("GIT_REFLOG_ACTION", "").startswith(("merge", "pull"))
    return where.as_called and merging


def merge_heads(where: Repository) -> list[str]:
    """The ids of the other parents, when the commit to come is a merge.

    Raises GitError for a broken MERGE_HEAD.
    """
    heads = ids_in("MERGE_HEAD", where)
    if heads or not _told_of_merge(where):
        return heads
    # To a pre-merge-commit hook, which comes before that file, git tells them in names alone.
    told = (name.removeprefix(_TOLD) for name in sorted(os.environ) if name.startswith(_TOLD))
    return [name for name in told if _ID.fullmatch(os.fsencode(name))]


def is_ignored(folder: bytes, name: str = ".") -> bool:
    """Whether the repository around `folder` ignores it, or what has a name in it; false for a
    work tree's root, and for what is tracked."""
    return _git(["check-ignore", "--quiet", "--", name], Repository(folder)).status == 0


def listed(folder: bytes) -> Iterator[Listed]:
    """Tracked and untracked-but-not-ignored paths below a folder of a work tree.

    Each once, in the order of their bytes. Git begins at once, and whoever asks for the first
    path waits for it. Raises GitError when git is not there, and on the first path when it
    fails.
    """
    # `-t` puts a letter before each entry, by which the two kinds are told apart: in one call,
    # git reads the index once.
    options = ["-z", "-t", "--stage", "--others", "--exclude-standard"]
    return _listed(start(["ls-files", *options], Repository(folder)), folder)


def _listed(process: subprocess.Popen[bytes], folder: bytes) -> Iterator[Listed]:
    found: dict[bytes, bool] = {}
    for line in _output(process, f"git ls-files in {_name(folder)}").split(b"\0")[:-1]:
        if line.startswith(_UNTRACKED):
            path = line[len(_UNTRACKED) :]
            found[path.rstrip(b"/")] = path.endswith(b"/")
        else:
            mode, _, path = line[2:].partition(b"\t")
            found[path] = mode.startswith(_SUBMODULE)
    for path in sorted(found):
        yield Listed(path, found[path])
