"""Small files of a project, as its baseline: read with a bound, written whole or not at all."""

from __future__ import annotations

import errno
import io
import os
import stat
from pathlib import Path

from scanner.errors import ConfigError, UsageError

MOST = 20 << 20  # bytes
_BINARY = getattr(os, "O_BINARY", 0)
# A link that is put there meanwhile is not followed, nor is a pipe waited for.
_SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def read(path: Path) -> bytes | None:
    """What a file holds; nothing when there is none.

    Raises ConfigError for links, folders and other things that are no regular file, for a file
    of more than `MOST` bytes, and for one that may not be read.
    """
    status = _status(path)
    if status is None:
        return None
    if status.st_size > MOST:
        raise ConfigError([f"{path}: {status.st_size} bytes, but no such file is over {MOST}"])
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | _BINARY | _SAFELY), "rb") as file:
            return file.read(MOST)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error


def content(path: Path, most: int = -1) -> bytes:
    """The bytes of a file, at most `most`; raises what `regular` raises."""
    with regular(path) as file:
        return file.read(most)


def regular(path: Path) -> io.BufferedReader:
    """A file opened to be read, through links too; raises OSError, also for what is no regular
    file: a pipe would have us wait, and a device may have no end."""
    handle = os.open(path, os.O_RDONLY | _BINARY | getattr(os, "O_NONBLOCK", 0))
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    raise OSError(errno.EINVAL, "not a regular file", str(path))


def write(path: Path, content: bytes, *, private: bool = False) -> None:
    """Puts a file in place, or leaves the one that is there as it is; its permissions stay,
    unless it is `private`: then it is for the user alone from the first byte.

    Raises ConfigError when something other than a regular file is there, UsageError when it
    cannot be written.
    """
    status = _status(path)
    part = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
    try:
        mode = 0o600 if private else None if status is None else stat.S_IMODE(status.st_mode)
        _write(part, content, mode)
        part.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)  # it has another name when all went well


def _status(path: Path) -> os.stat_result | None:
    try:
        status = path.lstat()
    except OSError:  # not there, or in a folder that may not be searched
        return None
    if not stat.S_ISREG(status.st_mode):
        what = "a link" if stat.S_ISLNK(status.st_mode) else "not a regular file"
        raise ConfigError([f"{path}: {what}; put a regular file there"])
    return status


def _write(path: Path, content: bytes, mode: int | None) -> None:
    first = 0o666 if mode is None else 0o600
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, first)
    with os.fdopen(handle, "wb") as file:
        if mode is not None:
            path.chmod(mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # or a crash could leave an empty file under the final name
