"""Bounds on what a git may take up, where the system can set them for another process: on Linux.

Git compares all that two commits have before it prints a line of it, and folders that hold each
other several times over make any number of paths out of a few objects.
"""

import subprocess
import sys

if sys.platform == "linux":
    import resource

_MEMORY = 512 << 20  # bytes; enough for a commit that changes a million files


def limit(process: subprocess.Popen[bytes], written: int | None = None) -> bool:
    """Has a process fail that needs more than `_MEMORY`, mapped files apart, or writes more than
    `written` bytes into a file, be it one in memory; whether it can be held to that."""
    if sys.platform != "linux":
        return False
    limits = {resource.RLIMIT_DATA: _MEMORY, resource.RLIMIT_CORE: 0}
    if written is not None:
        limits[resource.RLIMIT_FSIZE] = written
    try:
        for kind, value in limits.items():
            _, hard = resource.prlimit(process.pid, kind)
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.prlimit(process.pid, kind, (most, hard))
    except OSError:  # some sandboxes do not let that through
        return False
    return True
