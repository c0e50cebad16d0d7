"""The entry of the `keysweep` command."""

from __future__ import annotations

import gc
import sys

_COLLECT_AFTER = 100_000  # new objects
_INTERRUPTED = 130


def main() -> None:
    """Runs the command line and exits with its status."""
    # Rules and modules make many objects that stay; looking through them again and again for
    # garbage takes a twentieth of a scan's time.
    gc.set_threshold(_COLLECT_AFTER, 20, 100)
    argv = sys.argv[1:]
    if argv[:1] == ["staged"] and _is_well(argv):
        return
    from scanner.cli.main import run

    sys.exit(run(argv))


def _is_well(argv: list[str]) -> bool:
    """Whether the short way could do all that is asked for, and has told so."""
    from scanner.cli import quick

    if not quick.fits(argv):
        return False
    try:
        report = quick.staged()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    if report is None:
        return False
    print(f"0 findings; {report.blobs} files, {report.bytes / 1e6:.1f} MB in {report.seconds:.1f} s")
    return True


if __name__ == "__main__":
    main()
