"""Configuration files of ggshield (`.gitguardian.yaml`), versions 1 and 2.

https://github.com/GitGuardian/ggshield#configuration; a match is named by itself or by the
SHA-256 of `match,type` (`ggshield/core/filter.py`), where the type is GitGuardian's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from scanner import carried, documents
from scanner.carried import Carried, Disable, Entry, Exclude, Known
from scanner.errors import ConfigError

_LATEST = 2
_HASH = re.compile(r"[0-9a-f]{64}")
# The types under which GitGuardian most often tells a secret that has one part.
_TYPES = (
    "apikey", "password", "client_secret", "connection_uri", "private_key", "token", "secret",
    "username", "client_id", "webhook", "access_token", "key",
)  # fmt: skip
_OLD_PATHS = ("paths_ignore", "paths-ignore")
_OLD_MATCHES = ("matches_ignore", "matches-ignore")
_OLD_DETECTORS = ("banlisted_detectors", "banlisted-detectors")
_HASHED = "its hash may be over several parts of a secret, which cannot be told from one"


class _Match(msgspec.Struct):
    match: str
    name: str | None = None


class _Secret(msgspec.Struct):
    ignored_paths: list[str] | None = None
    ignored_matches: list[_Match | str] | None = None
    ignored_detectors: list[str] | None = None


def read(path: Path) -> Carried:
    """What a configuration file comes to; raises ConfigError for a broken one."""
    values = documents.from_yaml(path)
    if values is None:
        return Carried("gitguardian", ())
    if not isinstance(values, dict):
        raise ConfigError([f"{path}: not a configuration of ggshield: no table of settings"])
    version = values.get("version", 1)
    if version not in range(1, _LATEST + 1):
        raise ConfigError(
            [f"{path}: version {str(version)[:20]!r} is later than keysweep can read ({_LATEST})"]
        )
    try:
        secret = msgspec.convert(_secret(values), _Secret)
    except msgspec.ValidationError as error:
        raise ConfigError([f"{path}: {error}"]) from error
    return Carried("gitguardian", tuple(_entries(secret, values)))


def _secret(values: dict[str, Any]) -> Any:
    """What is set about secrets, with the old names of version 1 as those of version 2."""
    found = values.get("secret") or {}
    if not isinstance(found, dict):
        return found
    found = {str(key).replace("-", "_"): value for key, value in found.items()}
    for new, olds in (
        ("ignored_paths", _OLD_PATHS),
        ("ignored_matches", _OLD_MATCHES),
        ("ignored_detectors", _OLD_DETECTORS),
    ):
        for old in olds:
            if values.get(old) is not None:
                found.setdefault(new, values[old])
    return found


def _entries(secret: _Secret, values: dict[str, Any]) -> Iterator[Entry]:
    for number, pattern in enumerate(secret.ignored_paths or (), 1):
        yield Entry(f"ignored path {number}", carried.shown(pattern), (Exclude(_glob(pattern)),))
    for number, given in enumerate(secret.ignored_matches or (), 1):
        yield _match_entry(f"ignored match {number}", given)
    for number, name in enumerate(secret.ignored_detectors or (), 1):
        yield Entry(f"ignored detector {number}", carried.shown(name), (Disable(name),))
    known = {"version", "secret", *_OLD_PATHS, *_OLD_MATCHES, *_OLD_DETECTORS}
    for key in values.keys() - known:
        yield Entry(carried.shown(str(key)), "", notes=("it is not about what is found",))


def _glob(pattern: str) -> str:
    """The gitignore pattern for one of ggshield's, which holds at any depth unless it begins
    with a slash."""
    return pattern if pattern.startswith(("/", "**/")) or "/" not in pattern else f"**/{pattern}"


def _match_entry(where: str, given: _Match | str) -> Entry:
    match, name = (given, None) if isinstance(given, str) else (given.match, given.name)
    what = carried.shown(name or match)
    if _HASH.fullmatch(match):
        return Entry(where, what, (Known(test=_is(match), doubt=_HASHED),))
    return Entry(where, what, (Known(text=match),))


def _is(digest: str) -> Callable[[bytes], bool]:
    wanted = bytes.fromhex(digest)
    return lambda secret: any(
        hashlib.sha256(secret + f",{kind}".encode()).digest() == wanted for kind in _TYPES
    )
