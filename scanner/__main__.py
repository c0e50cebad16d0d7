"""The entry of the `keysweep` command."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

_COLLECT_AFTER = 100_000  # new objects
_HOOK = ["hook", "pre-commit"]
_NAMES = [*_HOOK, "--"]  # and what pre-commit appends
_FEW = 50  # of more names, the short way would cost more than it saves where something is found


def main() -> None:
    """Runs the command line and exits with its status."""
    # Rules and modules make many objects that stay; looking through them again and again for
    # garbage takes a twentieth of a scan's time.
    gc.set_threshold(_COLLECT_AFTER, 20, 100)
    argv = sys.argv[1:]
    if argv in (["staged"], _HOOK) or (argv[:3] == _NAMES and len(argv) <= _FEW):
        from scanner.cli import quick

        if quick.is_well(silent=argv != ["staged"], files=argv[3:]):
            _leave(0)
    from scanner.cli.main import run

    _leave(run(argv))


def _leave(status: int) -> NoReturn:
    """Ends the process without taking everything down that it has built up, which takes as long
    as a hook's whole scan."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):  # nobody reads it any more
        sys.exit(status)
    os._exit(status)


if __name__ == "__main__":
    main()
