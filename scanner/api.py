"""The Python API: scan a text, or files and folders, and get values back.

Nothing here keeps state between calls, reads the environment or prints, so it may be used
from any thread or process. `load_plan` once and pass the plan on to save the loading.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from scanner import artefact, rulecache
from scanner.config import Settings
from scanner.errors import UsageError
from scanner.models import Blob, Finding, Gap, Kind, Report
from scanner.pathpatterns import compile_paths
from scanner.paths import display
from scanner.scan import Plan, Scanner, run
from scanner.sources import worktree
from scanner.workers import spread


def load_plan(settings: Settings | None = None) -> Plan:
    """Rules and settings made ready; compiled rules are kept in the user's cache folder.

    Raises ConfigError for broken rule files or unknown rule names.
    """
    settings = settings or Settings()
    return Plan(rulecache.compiled(settings, artefact.build).artefact, settings)


def scan_text(
    text: str | bytes, *, path: str = "", plan: Plan | None = None
) -> tuple[Finding, ...]:
    """The findings in a text (UTF-8 or UTF-16 when given as bytes).

    `path` is the name that the text has, if any: some rules look at certain files only.
    """
    content = _encode(text) if isinstance(text, str) else text
    blob = Blob(Kind.FILE if path else Kind.STDIN, path, content)
    report = run(Scanner(plan or load_plan()), [blob], command="api", root="")
    if report.interrupted:  # no findings would say that it is clean
        raise KeyboardInterrupt
    return report.findings


def _encode(text: str) -> bytes:
    """UTF-8, with one byte for whatever is no character, so that columns stay right."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def scan_paths(
    paths: Sequence[str | os.PathLike[str]],
    *,
    root: str | os.PathLike[str] | None = None,
    plan: Plan | None = None,
    jobs: int = 1,
) -> Report:
    """A report on files and folders as they are on disk.

    Paths in it are relative to `root`, by default the first path's folder. `jobs` processes
    share the work; with more than one, call it from a program's main module only, as
    `multiprocessing` asks. Ctrl-C gives the report so far, marked as interrupted. Raises
    UsageError for a path that does not exist and GitError when git refuses a repository.
    """
    if not paths:
        raise UsageError("scan_paths needs at least one path")
    plan = plan or load_plan()
    first = Path(paths[0])
    base = Path(root) if root is not None else first if first.is_dir() else first.parent
    excluded = compile_paths(plan.settings.exclude)
    items: dict[worktree.Entry | Gap, None] = {}
    for path in paths:
        items.update(dict.fromkeys(worktree.entries(os.fspath(path), os.fspath(base), excluded)))
    shown = display(os.fsencode(base))
    return run(Scanner(plan), items, command="api", root=shown, jobs=jobs, spread=spread)
