"""Every call of the `git` program; a scanned repository cannot make it run or fetch anything.

A repository's own configuration can name programs (file system monitors, hooks, filters,
pagers). None of the commands here needs one, so all are switched off on the command line,
which outranks the repository's configuration.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scanner.errors import GitError
from scanner.positions import harmless

_SAFE = (
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=" + os.devnull,
    "-c", "core.untrackedCache=false",
    "-c", "protocol.allow=never",
    "-c", "submodule.recurse=false",
    "-c", "core.quotePath=false",
)  # fmt: skip
_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C",
}
# Set by git in hooks, they would turn a question about another folder to the hook's repository.
_LOCAL = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR",
          "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")  # fmt: skip
_SUBMODULE = b"160000"
_UNTRACKED = b"? "
_LONGEST_ERROR = 500
_DUBIOUS = re.compile(rb"dubious ownership in repository at '([^\n]*)'")


class Listed(NamedTuple):
    """A path that git lists, relative to the folder asked about; raw bytes with `/`."""

    path: bytes
    repository: bool  # a submodule, or a repository of its own inside this one


def _start(arguments: Sequence[str], folder: bytes) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in _LOCAL}
    try:
        return subprocess.Popen(
            ["git", *_SAFE, *arguments],
            cwd=folder,
            env=environment | _ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except PermissionError:
        raise
    except OSError as error:
        if not os.path.isdir(folder):  # noqa: PTH112 - bytes
            raise GitError(f"{_name(folder)}: no such folder") from error
        raise GitError("git is not installed, or not on PATH") from error


class _Done(NamedTuple):
    status: int
    stdout: bytes
    stderr: bytes


def _git(arguments: Sequence[str], folder: bytes) -> _Done:
    return _finish(_start(arguments, folder))


def _finish(process: subprocess.Popen[bytes]) -> _Done:
    with process:
        stdout, stderr = process.communicate()
    return _Done(process.returncode, stdout, stderr)


def _name(folder: bytes) -> str:
    return harmless(os.fsdecode(folder))


def _output(process: subprocess.Popen[bytes], what: str) -> bytes:
    """What a git command printed; raises GitError, which begins with `what`, when it failed."""
    done = _finish(process)
    if done.status:
        said = harmless(done.stderr.decode("utf-8", "replace").strip())[:_LONGEST_ERROR]
        raise GitError(f"{what}: {said or 'failed'}")
    return done.stdout


def toplevel(folder: bytes) -> bytes | None:
    """The root of the work tree that holds `folder`, or nothing when there is none.

    Raises GitError when git refuses the repository, such as one that another user owns.
    """
    done = _git(["rev-parse", "--show-toplevel"], folder)
    if done.status == 0:
        return os.path.realpath(done.stdout.rstrip(b"\n"))
    said = done.stderr
    if b"dubious ownership" in said:
        owned = _DUBIOUS.search(said)
        name = _name(owned[1] if owned else folder)
        raise GitError(
            f"{name} belongs to another user, so git will not read it; if you trust it: "
            f"git config --global --add safe.directory {shlex.quote(name)}"
        )
    return None


def is_ignored(folder: bytes) -> bool:
    """Whether the repository around `folder` ignores it; false for a work tree's root."""
    return _git(["check-ignore", "--quiet", "."], folder).status == 0


def listed(folder: bytes) -> Iterator[Listed]:
    """Tracked and untracked-but-not-ignored paths below a folder of a work tree.

    Each once, in the order of their bytes. Git begins at once, and whoever asks for the first
    path waits for it. Raises GitError when git is not there, and on the first path when it
    fails.
    """
    # `-t` puts a letter before each entry, by which the two kinds are told apart: in one call,
    # git reads the index once.
    options = ["-z", "-t", "--stage", "--others", "--exclude-standard"]
    return _listed(_start(["ls-files", *options], folder), folder)


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
