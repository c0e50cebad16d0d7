"""Settings and a scanner made of them, without click: a hook has no time for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.config import Settings, repository_file
from scanner.exemptions import Exemptions
from scanner.folders import user_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from scanner.exemptions import Exemption
    from scanner.known import Known
    from scanner.scan import Scanner


def settings(root: Path | None, named: Path | None = None) -> Settings:
    """The settings of the files of a scanned folder and of the user, or of a named one instead
    of the folder's; each outranks the one before it. Raises ConfigError for a broken file."""
    own = repository_file(root) if root and not named else None
    users = user_file()
    result = Settings()
    for file in (own, users, named):
        if file:
            from scanner import configfile

            result = (configfile.read_user if file is users else configfile.read)(file, result)
    return result


def user_file() -> Path | None:
    """The user's own configuration file, if there is one."""
    file = user_config() / "config.toml"
    return file if file.is_file() else None


def scanner(chosen: Settings, *, cache: bool = True) -> Scanner:
    """A scanner with these settings; its rules come compiled from the cache if they can."""
    from scanner import rulecache  # the regex engines, which git may list files beside
    from scanner.scan import Plan, Scanner

    artefact, detector = rulecache.compiled(chosen, _build, cache=cache)
    secret_key = os.environ.get("KEYSWEEP_FINGERPRINT_KEY") or chosen.fingerprint_key
    plan = Plan(artefact, chosen, secret_key.encode()) if secret_key else Plan(artefact, chosen)
    return Scanner(plan, detector)


def exempt(chosen: Settings, others: Callable[[], tuple[Scanner, Known]]) -> Exemptions:
    """The paths that are exempt by settings, and by what the scanner and an ignore file say, which
    are asked for when they are needed."""

    def exemptions() -> list[Exemption]:
        from datetime import UTC, datetime

        from scanner import known

        made, held = others()
        return [*made.exemptions(), *known.exemptions(held, datetime.now(UTC).date())]

    return Exemptions(chosen.exclude, exemptions)


def _build(files: list[Path], chosen: Settings) -> bytes:
    from scanner import artefact  # parses and compiles: only when nothing is kept

    return artefact.build(files, chosen)


def wants_color(choice: str) -> bool:
    """Whether a choice of auto, always or never means colour on standard output.

    https://no-color.org says how a terminal does without.
    """
    if choice != "auto":
        return choice == "always"
    return (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )
