"""Where the user's configuration and what can be made again are kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_NAME = "keysweep"


def user_config() -> Path:
    """The folder of the user's own configuration."""
    return _folder("config", "XDG_CONFIG_HOME", ".config")


def user_cache() -> Path:
    """The folder of what can be made again."""
    return _folder("cache", "XDG_CACHE_HOME", ".cache")


def user_state() -> Path:
    """The folder of what is remembered from one run to the next, and cannot be made again."""
    return _folder("state", "XDG_STATE_HOME", ".local/state")


def _folder(kind: str, variable: str, default: str) -> Path:
    if sys.platform == "linux":
        # As platformdirs does it, by the XDG Base Directory Specification; importing that
        # package takes a twentieth of a hook's time.
        named = os.environ.get(variable, "")
        home = Path(named) if named.strip() else Path.home() / default
        return home / _NAME
    import platformdirs  # noqa: PLC0415

    found = {
        "config": platformdirs.user_config_path,
        "cache": platformdirs.user_cache_path,
        "state": platformdirs.user_state_path,
    }
    return Path(found[kind](_NAME))
