"""The entry of the `keysweep` command."""

from __future__ import annotations

import gc
import sys

_COLLECT_AFTER = 100_000  # new objects


def main() -> None:
    """Runs the command line and exits with its status."""
    # Rules and modules make many objects that stay; looking through them again and again for
    # garbage takes a twentieth of a scan's time.
    gc.set_threshold(_COLLECT_AFTER, 20, 100)
    argv = sys.argv[1:]
    if argv == ["staged"]:
        from scanner.cli import quick

        if quick.is_well():
            return
    from scanner.cli.main import run

    sys.exit(run(argv))


if __name__ == "__main__":
    main()
