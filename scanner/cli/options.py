"""Options that mean the same in every scanning command, and what they are made into."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from scanner.cli import setup
from scanner.config import Settings
from scanner.errors import UsageError
from scanner.models import Report
from scanner.positions import harmless

if TYPE_CHECKING:
    from scanner.committed import Committed
    from scanner.known import Known
    from scanner.repository import Repository
    from scanner.scan import Scanner

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = (
    "text", "json", "jsonl", "sarif", "junit", "gitlab", "github", "markdown", "csv",
)  # fmt: skip
_SUFFIXES = {
    ".sarif.json": "sarif",
    "gl-secret-detection-report.json": "gitlab",  # the name under which GitLab looks for it
    ".json": "json",
    ".jsonl": "jsonl",
    ".sarif": "sarif",
    ".txt": "text",
    ".xml": "junit",
    ".md": "markdown",
    ".csv": "csv",
}


class Common(NamedTuple):
    """The values of the options that every scanning command has."""

    format: str | None = None
    output: tuple[str, ...] = ()
    config: str | None = None
    rules: tuple[str, ...] = ()
    fail_on: str | None = None
    show_secrets: bool = False
    allow_incomplete: bool = False
    trust_head: bool = False
    max_file_size: str | None = None
    jobs: int = 0
    cache: bool = True
    progress: bool = True
    quiet: bool = False
    color: str = "auto"
    baseline: str | None = None
    require_reason: bool = False
    timeout: float | None = None
    personal_data: bool = True
    liveness: bool | None = False
    liveness_dry_run: bool = False
    endpoint: tuple[str, ...] = ()
    liveness_cache: bool = True
    liveness_timeout: float = 300.0


def scanning(function: F) -> F:
    """Adds the options of every scanning command, handed over as one `common` value."""
    for option in reversed((*_OPTIONS, *_LOOKING)):
        function = option(function)
    return function


def asking(function: F) -> F:
    """Adds the options about asking providers: no hook has them, whatever its environment."""
    for option in reversed((*_ASKING, *ENDPOINTS)):
        function = option(function)
    return function


def endpoints(function: F) -> F:
    """Adds those of them that say how providers are asked, not whether."""
    for option in reversed(ENDPOINTS):
        function = option(function)
    return function


def looking(function: F) -> F:
    """Adds the options that say what is looked at and how, without those of reports."""
    for option in reversed(_LOOKING):
        function = option(function)
    return function


def _option(*names: str, **settings: Any) -> Callable[[F], F]:
    variable = "KEYSWEEP_" + names[0].split("/")[0].strip("-").replace("-", "_").upper()
    return click.option(*names, envvar=variable, **settings)


_OPTIONS = (
    _option("--format", type=click.Choice(FORMATS), help="Format of standard output."),
    _option("--output", "-o", multiple=True, metavar="FILE", type=click.Path(),
            help="Also write a report; the format follows the suffix, or stands before the "
            "name: gitlab:FILE. Repeatable."),
    _option("--baseline", metavar="FILE", help="Known findings, instead of .keysweep.baseline."),
    _option("--fail-on", metavar="LIST",
            help="What fails the scan: none, live, or severities and confidences such as "
            "critical,high,confidence:high (default: any finding)."),
    _option("--show-secrets", is_flag=True, help="Write secrets in clear into the reports."),
    _option("--trust-head", is_flag=True,
            help="Let a scanned request's own configuration and markers count (range, ci)."),
    _option("--personal-data/--no-personal-data", default=True,
            help="Names and e-mail addresses of those who committed."),
    _option("--quiet", "-q", is_flag=True, help="Nothing on standard output."),
    _option("--color", type=click.Choice(["auto", "always", "never"]), default="auto",
            help="Colour the text report."),
)  # fmt: skip
_LOOKING = (
    _option("--config", metavar="FILE", help="Configuration file instead of the repository's."),
    _option("--rules", multiple=True, metavar="PATH", type=click.Path(),
            help="More rule files, or folders of them."),
    _option("--require-reason", is_flag=True,
            help="Let no allow marker or allowlist entry count that gives no reason."),
    _option("--allow-incomplete", is_flag=True, help="Exit 0 although something was not seen."),
    _option("--max-file-size", metavar="SIZE", help="Skip larger files (default: 50MB)."),
    _option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS",
            help="Stop after this long; what is left then was not seen (0: no limit)."),
    _option("--jobs", "-j", type=click.IntRange(min=0), default=0, help="Processes (0: as fits)."),
    _option("--cache/--no-cache", default=True,
            help="Keep compiled rules, and what a history held, for the next run."),
    _option("--progress/--no-progress", default=True, help="Progress on a terminal."),
)  # fmt: skip

_ASKING = (
    _option("--liveness/--no-liveness", default=None,
            help="Ask the providers which of the keys are live. Sends the keys to them."),
    _option("--liveness-dry-run", is_flag=True,
            help="Instead of a report, list what --liveness would send, and send nothing."),
)  # fmt: skip
ENDPOINTS = (
    _option("--endpoint", multiple=True, metavar="PROVIDER=URL",
            help="Ask this provider at another address, such as your own installation's."),
    _option("--liveness-cache/--no-liveness-cache", default=True,
            help="Remember live keys for minutes, rejected ones for hours."),
    _option("--liveness-timeout", type=click.FloatRange(min=0, min_open=True), default=300.0,
            metavar="SECONDS", help="For all requests together (default: 300)."),
)  # fmt: skip

fetch_missing = _option(
    "--fetch-missing", is_flag=True, help="Fetch from origin what a shallow or partial clone lacks."
)


def common(values: dict[str, Any]) -> Common:
    """The values of the common options, with those checked that could only fail at the end.

    Raises UsageError: a wrong list is told before the scan, not after.
    """
    from scanner.cli import outcome

    chosen = Common(**values)
    outcome.failing(chosen.fail_on)
    for path in chosen.output:
        format_of(path)
    return chosen


def settings(common: Common, root: Path | None) -> Settings:
    """The settings of a run on `root`: the repository's file, the user's, the command line.

    Without `root`, there is no repository's file. Raises ConfigError for a broken file and
    UsageError for a broken option.
    """
    result = setup.settings(root, Path(common.config) if common.config else None)
    return _sized(common, result._replace(rules=(*result.rules, *map(Path, common.rules))))


def settings_of(common: Common, commit: Committed) -> Settings:
    """The same, with what is the repository's as a commit has it. Raises what `settings` does,
    and ConfigError for a named file that the commit does not have."""
    named = Path(common.config) if common.config else None
    return _sized(common, commit.settings(setup.user_file(), named, map(Path, common.rules)))


def until(common: Common) -> float:
    """When the time that the user gives is over, on the clock of `time.monotonic`."""
    return time.monotonic() + (common.timeout or math.inf)


def known(common: Common, root: Path | None) -> Known:
    """What the baseline and the ignore file of a scanned folder hold, or the baseline named.

    Raises ConfigError for a broken file.
    """
    from scanner import known

    return known.read(root, Path(common.baseline) if common.baseline else None)


def known_of(common: Common, commit: Committed) -> Known:
    """The same, with what is the repository's as a commit has it."""
    return commit.known(Path(common.baseline) if common.baseline else None)


def known_at(common: Common, where: Repository, revision: str) -> Known:
    """The same of a repository without a work tree; only the baseline named, if any, when the
    revision names no commit."""
    from scanner.committed import committed
    from scanner.repository import commit_id

    commit = commit_id(revision, where)
    if commit is None:
        return known(common, None)
    with committed(where, commit, None) as held:
        return known_of(common, held)


def judged(report: Report, scanner: Scanner, known: Known) -> Report:
    """The report with what is known as suppressed: the one way of every command to it."""
    from scanner.known import applied

    return applied(report, known, scanner.rules.by_id(), scanner.plan.fingerprint_key)


def _tell(notes: tuple[str, ...]) -> None:
    """Says what of another scanner's configuration does not hold here.

    Once for a command: a range is judged with two versions of one file.
    """
    said: set[str] = click.get_current_context().meta.setdefault(__name__, set())
    for note in dict.fromkeys(notes):
        if note not in said:
            click.echo(f"keysweep: {harmless(note)}", err=True)
    said.update(notes)


def _sized(common: Common, result: Settings) -> Settings:
    if result.notes:
        _tell(result.notes)
    if common.require_reason:
        result = result._replace(require_reason=True)
    if common.max_file_size is None:
        return result
    from scanner import configfile

    try:
        return result._replace(max_file_size=configfile.size(common.max_file_size))
    except ValueError as error:
        raise UsageError(f"--max-file-size: {error}") from error


def scanner(common: Common, chosen: Settings) -> Scanner:
    """A scanner with these settings; its rules come compiled from the cache if they can."""
    from scanner.cli import asking

    # Rule files out of a commit have another name each time: compiled, they would pile up.
    found = setup.scanner(chosen, cache=common.cache and not chosen.fleeting)
    asking.check(common, found)
    if "sarif" not in (common.format, *(format_of(output)[0] for output in common.output)):
        return found
    return type(found)(found.plan._replace(line_hashes=True), found.detector)


def format_of(output: str) -> tuple[str, str]:
    """The format and the path that an `--output` names; raises UsageError when it tells none."""
    named, colon, path = output.partition(":")
    if colon and path and named in FORMATS:
        return named, path
    name = Path(output).name
    for suffix, chosen in _SUFFIXES.items():
        if name.endswith(suffix) and (name != suffix or not suffix.startswith(".")):
            return chosen, output
    suffixes = ", ".join(suffix for suffix in _SUFFIXES if suffix.rindex(".") == 0)
    raise UsageError(
        f"--output {output}: use one of the suffixes {suffixes}, or put a format before it, "
        f"as in text:{output}"
    )
