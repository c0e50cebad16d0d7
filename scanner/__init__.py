"""keysweep: finds API keys and other secrets, and tells what to do about them.

The public Python API; everything is loaded when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = ["Finding", "KeysweepError", "Match", "Report", "Secret", "scan_paths", "scan_text"]

if TYPE_CHECKING:
    from scanner.api import scan_paths, scan_text
    from scanner.errors import KeysweepError
    from scanner.models import Finding, Match, Report, Secret

_HOMES = {
    "scan_paths": "scanner.api",
    "scan_text": "scanner.api",
    "KeysweepError": "scanner.errors",
    "Finding": "scanner.models",
    "Match": "scanner.models",
    "Report": "scanner.models",
    "Secret": "scanner.models",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
