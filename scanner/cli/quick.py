"""The short way of `staged` and `hook pre-commit` when nothing is found, which is nearly always.

Click, the options and the reports take as long as the scan of a commit. So the scan is done
without them first; whenever there is more to say than that all is well, the command does it
again in full, with its options, messages and exit statuses.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scanner import repository
from scanner.cli import setup, statuses
from scanner.paths import display
from scanner.repository import Repository
from scanner.sources import index

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scanner.known import Known
    from scanner.models import Report
    from scanner.scan import Item

# Variables that this way heeds; any other of ours stands for an option.
_HEEDED = frozenset({"KEYSWEEP_CACHE_DIR", "KEYSWEEP_FINGERPRINT_KEY"})


def is_well(*, silent: bool = False, files: Sequence[str] = ()) -> bool:
    """Whether nothing is wrong with what is staged, or with what is asked for by the names of
    files; it is then told unless `silent`.

    Ends the process on Ctrl-C.
    """
    if not {name for name in os.environ if name.startswith("KEYSWEEP_")} <= _HEEDED:
        return False
    try:
        report = staged(files)
        if report is not None and not silent:
            _tell(report)
    except KeyboardInterrupt:
        sys.exit(statuses.INTERRUPTED)
    except Exception:  # noqa: BLE001 - whatever it is, the whole command tells it, without secrets
        return False
    return report is not None


def _tell(report: Report) -> None:
    from scanner.reports import text

    sys.stdout.writelines(text.render(report, {}, setup.wants_color("auto"), show_secrets=False))
    sys.stdout.flush()


def _known(root: Path) -> Known:
    from scanner import known

    return known.read(root)


def staged(files: Sequence[str] = ()) -> Report | None:
    """The report on what is staged, or on what is asked for by the names of files, if nothing was
    found and everything seen, otherwise nothing.

    Raises KeysweepError, OSError and KeyboardInterrupt.
    """
    where = Repository(os.fsencode(Path.cwd()), as_called=True)
    found = repository.situation(where)
    if found is None:
        return None
    top, parents = found
    root = Path(os.fsdecode(top))
    settings = setup.settings(root)
    exempt = setup.exempt(settings, lambda: (scanner, _known(root)))
    most = settings.max_file_size
    if files:
        from scanner.sources import chosen

        items: Iterator[Item] = chosen.items(where, top, files, exempt, most, parents)
    else:
        items = index.items(where, exempt, most, parents)
    scanner = setup.scanner(settings)  # git lists beside it

    from scanner.scan import run

    report = run(scanner, items, command="staged", root=display(top))
    if report.interrupted:
        raise KeyboardInterrupt
    return None if report.findings or report.not_seen or report.skipped else report
