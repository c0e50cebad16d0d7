"""Settings of one run, and where the files are that they come from."""

from pathlib import Path
from typing import Any, NamedTuple

from scanner.models import Allowlist, Confidence, Severity

REPOSITORY_FILE = ".keysweep.toml"
PROJECT_FILE = "pyproject.toml"
LARGEST = 256 << 10  # bytes; a repository's own file may be hostile
MOST_PARTS = 400  # of a key: parsing one takes the square of its parts
MAX_FILE_SIZE = 50 * 1024 * 1024  # bytes


class Settings(NamedTuple):
    """What configuration files can set; lists of later files add to those of earlier ones."""

    exclude: tuple[str, ...] = ()
    enable: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    borrowed: tuple[Path, ...] = ()  # those of `rules` that a repository names
    fleeting: bool = False  # whether some of `rules` are there for this run only
    min_severity: Severity = Severity.LOW
    min_confidence: Confidence = Confidence.LOW
    max_file_size: int = MAX_FILE_SIZE
    allowlists: tuple[Allowlist, ...] = ()
    require_reason: bool = False  # a marker or allowlist entry without one does not count
    origins: tuple[tuple[str, str], ...] = ()  # rule names, and the file that names each
    # What the user's own file alone can set; endpoints are addresses by provider.
    liveness: bool = False
    endpoints: tuple[tuple[str, str], ...] = ()
    fingerprint_key: str | None = None
    notes: tuple[str, ...] = ()  # what of another scanner's configuration does not hold here

    def wants(self, rule_id: str, severity: Severity, confidence: Confidence) -> bool:
        """Whether a rule of these is on: enabled or not disabled, and above the minimums."""
        return self.refusal(rule_id, severity, confidence) is None

    def refusal(self, rule_id: str, severity: Severity, confidence: Confidence) -> str | None:
        """Why a rule of these is off, or nothing when it is on."""
        if rule_id in self.disable:
            return f"disabled in {dict(self.origins).get(rule_id, 'the configuration')}"
        if self.enable and rule_id not in self.enable:
            return "not among those that the configuration enables"
        severities, confidences = list(Severity), list(Confidence)
        if severities.index(severity) < severities.index(self.min_severity):
            return f"severity {severity} is below min_severity {self.min_severity}"
        if confidences.index(confidence) < confidences.index(self.min_confidence):
            return f"confidence {confidence} is below min_confidence {self.min_confidence}"
        return None


def repository_file(root: Path) -> Path | None:
    """The configuration file of a scanned folder, or nothing.

    `.keysweep.toml` comes before a `pyproject.toml` with a `[tool.keysweep]` table. Raises
    OSError when a project file cannot be read.
    """
    own, project = root / REPOSITORY_FILE, root / PROJECT_FILE
    if _is_file(own):
        return own
    if not _is_file(project):
        return None
    with project.open("rb") as file:
        content = file.read(LARGEST + 1)
    if b"keysweep" not in content:  # most have no table of ours, and need no parsing
        return None
    if len(content) > LARGEST or has_endless_key(content):
        return project  # more than a parser could take, as its reader will tell
    import tomllib  # noqa: PLC0415 - most projects have none of ours

    try:
        values = tomllib.loads(content.decode())
    except (ValueError, RecursionError):  # broken; it is ours to tell when it means us
        return project if b"tool.keysweep" in content else None
    return None if project_table(values) is None else project


def has_endless_key(content: bytes) -> bool:
    """Whether a TOML file may have a key of more parts than a parser should be let at."""
    parts = content.replace(b"=", b"\n").split(b"\n")
    return any(part.count(b".") > MOST_PARTS for part in parts)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder that may not be searched, which the scan itself reports
        return False


def project_table(values: dict[str, Any]) -> Any:
    """What a project file's values hold as `tool.keysweep`; nothing when it is not there.

    Not necessarily a table: that is for the reader to check.
    """
    tool = values.get("tool", {})
    return tool.get("keysweep") if isinstance(tool, dict) else tool
