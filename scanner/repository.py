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
_LONGEST_ERROR = 500
_DUBIOUS = re.compile(rb"dubious ownership in repository at '([^\n]*)'")


class Listed(NamedTuple):
    """A path that git lists, relative to the folder asked about; raw bytes with `/`."""

    path: bytes
    repository: bool  # a submodule, or a repository of its own inside this one


def _git(arguments: Sequence[str], folder: bytes) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in _LOCAL}
    try:
        return subprocess.run(
            ["git", *_SAFE, *arguments],
            cwd=folder,
            env=environment | _ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except PermissionError:
        raise
    except OSError as error:
        if not os.path.isdir(folder):  # noqa: PTH112 - bytes
            raise GitError(f"{_name(folder)}: no such folder") from error
        raise GitError("git is not installed, or not on PATH") from error


def _name(folder: bytes) -> str:
    return harmless(os.fsdecode(folder))


def _output(arguments: Sequence[str], folder: bytes) -> bytes:
    done = _git(arguments, folder)
    if done.returncode:
        said = harmless(done.stderr.decode("utf-8", "replace").strip())[:_LONGEST_ERROR]
        raise GitError(f"git {arguments[0]} in {_name(folder)}: {said or 'failed'}")
    return done.stdout


def toplevel(folder: bytes) -> bytes | None:
    """The root of the work tree that holds `folder`, or nothing when there is none.

    Raises GitError when git refuses the repository, such as one that another user owns.
    """
    done = _git(["rev-parse", "--show-toplevel"], folder)
    if done.returncode == 0:
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
    return _git(["check-ignore", "--quiet", "."], folder).returncode == 0


def listed(folder: bytes) -> Iterator[Listed]:
    """Tracked and untracked-but-not-ignored paths below a folder of a work tree.

    Each once, in the order of their bytes. Raises GitError when git fails.
    """
    found: dict[bytes, bool] = {}
    for entry in _output(["ls-files", "-z", "--stage"], folder).split(b"\0")[:-1]:
        mode, _, path = entry.partition(b"\t")
        found[path] = mode.startswith(_SUBMODULE)
    others = ["ls-files", "-z", "--others", "--exclude-standard"]
    for path in _output(others, folder).split(b"\0")[:-1]:
        found[path.rstrip(b"/")] = path.endswith(b"/")
    for path in sorted(found):
        yield Listed(path, found[path])
