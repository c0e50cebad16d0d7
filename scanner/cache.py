"""The folder of things that can be made again: compiled rules, what histories hold.

Serialised hyperscan databases authenticate nothing, so the folder is the user's alone (mode
0700, owner checked); when it cannot be, nothing is cached.
"""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

from scanner.folders import user_cache

_OURS = ("rules-", "history-", "graph-", "liveness-")
_KEPT = 90 * 24 * 3600  # seconds
_BINARY = getattr(os, "O_BINARY", 0)


def folder() -> Path | None:
    """The cache folder, made when it is missing; nothing when it would not be private."""
    path = Path(os.environ.get("KEYSWEEP_CACHE_DIR") or user_cache())
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.lstat()
    except OSError:  # a read-only home, say: the run goes on without a cache
        return None
    return path if _is_private(status) else None


def _is_private(status: os.stat_result) -> bool:
    if not stat.S_ISDIR(status.st_mode):
        return False
    if not hasattr(os, "getuid"):  # Windows: the profile's own permissions apply
        return True
    return status.st_uid == os.getuid() and not status.st_mode & 0o077


def read(name: str) -> bytes | None:
    """What was kept under this name, or nothing."""
    path = folder()
    if path is None:
        return None
    try:
        return (path / name).read_bytes()
    except OSError:  # not kept yet
        return None


def write(name: str, content: bytes) -> None:
    """Keeps `content` under this name, whole or not at all; does nothing without a folder."""
    path = folder()
    if path is None:
        return
    part = path / f"{name}.{os.getpid()}.part"
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        part.replace(path / name)
        _tidy(path)
    except OSError:  # a full disk must not stop a scan that has no need of the cache
        part.unlink(missing_ok=True)


def _tidy(folder: Path) -> None:
    """Removes what was written long ago: rules of versions that have gone, mostly."""
    oldest = time.time() - _KEPT
    for path in folder.glob("*-*"):
        if path.name.startswith(_OURS) and path.is_file() and path.lstat().st_mtime < oldest:
            path.unlink()
