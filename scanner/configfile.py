"""Configuration files (TOML) read and checked, each with errors that name file and entry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import regex

from scanner import toml
from scanner.config import LARGEST, PROJECT_FILE, REPOSITORY_FILE, Settings, project_table
from scanner.errors import ConfigError
from scanner.models import Allowlist, Confidence, Severity
from scanner.pathpatterns import compile_paths

_MOST_REPEATS = 20_000
# An escape, a set, the ends of a group, a repeat, anything else.
_TOKENS = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()]|\{(\d{1,9})(?:,(\d{0,9}))?\}|.", re.DOTALL
)
_SIZE = re.compile(r"(\d+)\s*([kMG]?)i?B?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


class _AllowlistTable(msgspec.Struct, forbid_unknown_fields=True):
    paths: list[str] = []
    regexes: list[str] = []
    rules: list[str] = []
    reason: str | None = None
    path_regexes: list[str] = []
    line_regexes: list[str] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    exclude: list[str] = []
    enable: list[str] = []
    disable: list[str] = []
    rules: list[str] = []
    min_severity: Severity | None = None
    min_confidence: Confidence | None = None
    max_file_size: str | int | None = None
    allowlist: list[_AllowlistTable] = []
    require_reason: bool | None = None


class _UserFile(_File, forbid_unknown_fields=True):
    liveness: bool = False
    endpoints: dict[str, str] = {}
    fingerprint_key: str | None = None


_USERS_OWN = set(_UserFile.__struct_fields__) - set(_File.__struct_fields__)


def read_user(path: Path, earlier: Settings) -> Settings:
    """`earlier` with what the user's own file sets, which can be more than `read` takes.

    Raises ConfigError as `read` does.
    """
    table = toml.check(toml.load(path), _UserFile, str(path))
    if table.fingerprint_key == "":
        raise ConfigError([f"{path}: fingerprint_key is empty"])
    return _settings(path, table, earlier)._replace(
        liveness=table.liveness,
        endpoints=tuple(table.endpoints.items()),
        fingerprint_key=table.fingerprint_key,
    )


def read(path: Path, earlier: Settings) -> Settings:
    """`earlier` with what the file sets; paths in it are relative to its folder.

    Raises ConfigError for TOML that does not parse, unknown keys, wrong values, patterns that
    do not compile.
    A configuration of another scanner's is taken for what it comes to; see `foreign`.
    """
    if path.name not in (PROJECT_FILE, REPOSITORY_FILE):
        from scanner import foreign  # noqa: PLC0415 - most runs have none, and it takes 10 ms

        if foreign.is_one(path):
            return _borrowing(foreign.settings(path, earlier), earlier)
    values = toml.load(path, LARGEST)
    if path.name == PROJECT_FILE:
        values = project_table(values) or {}
        if not isinstance(values, dict):
            raise ConfigError([f"{path}: `tool.keysweep` must be a table"])
    if refused := sorted(_USERS_OWN & values.keys()):
        raise ConfigError(
            [f"{path}: `{name}` can only stand in your own configuration" for name in refused]
        )
    return _borrowing(_settings(path, toml.check(values, _File, str(path)), earlier), earlier)


def _borrowing(result: Settings, earlier: Settings) -> Settings:
    """The settings with the rule files that they have more than `earlier` marked as borrowed."""
    added = result.rules[len(earlier.rules) :]
    return result._replace(borrowed=(*earlier.borrowed, *added))


def _settings(path: Path, table: _File, earlier: Settings) -> Settings:
    problems = [f"{path}: {problem}" for problem in _problems(table)]
    if problems:
        raise ConfigError(problems)
    return earlier._replace(
        exclude=(*earlier.exclude, *table.exclude),
        enable=(*earlier.enable, *table.enable),
        disable=(*earlier.disable, *table.disable),
        rules=(*earlier.rules, *(path.parent / name for name in table.rules)),
        min_severity=table.min_severity or earlier.min_severity,
        min_confidence=table.min_confidence or earlier.min_confidence,
        max_file_size=(
            earlier.max_file_size if table.max_file_size is None else size(table.max_file_size)
        ),
        allowlists=(*earlier.allowlists, *_allowlists(table, path)),
        require_reason=(
            earlier.require_reason if table.require_reason is None else table.require_reason
        ),
        origins=(*earlier.origins, *((name, str(path)) for name in _rules_named(table))),
    )


def _rules_named(table: _File) -> Iterator[str]:
    """The ids of rules that a file speaks of."""
    yield from (*table.enable, *table.disable)
    for entry in table.allowlist:
        yield from entry.rules


def size(value: str | int) -> int:
    """A size in bytes from a number or a text like `50MB` (units of 1024).

    Raises ValueError for anything else.
    """
    found = _SIZE.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(f"{value!r} is no size; write it like 50MB")
    return int(found[1]) * _UNITS[found[2].lower()]


def _allowlists(table: _File, path: Path) -> Iterator[Allowlist]:
    for number, entry in enumerate(table.allowlist, 1):
        where = f"{path.name}, allowlist {number}"
        yield Allowlist(
            tuple(entry.paths),
            tuple(entry.regexes),
            tuple(entry.rules),
            entry.reason,
            where,
            tuple(entry.path_regexes),
            tuple(entry.line_regexes),
        )


def _problems(table: _File) -> Iterator[str]:
    if any("\0" in name for name in table.rules):
        yield "rules: a name with a NUL"
    if table.max_file_size is not None:
        try:
            size(table.max_file_size)
        except ValueError as error:
            yield f"max_file_size: {error}"
    yield from _bad_patterns("exclude", table.exclude)
    for number, entry in enumerate(table.allowlist, 1):
        if not (entry.paths or entry.regexes or entry.path_regexes or entry.line_regexes):
            yield f"allowlist {number} would allow everything: give `paths` or `regexes`"
        yield from _bad_patterns(f"allowlist {number}: paths", entry.paths)
        for pattern in (*entry.regexes, *entry.path_regexes, *entry.line_regexes):
            if _repeats(pattern) > _MOST_REPEATS:
                yield f"allowlist {number}: regex {pattern[:40]!r}: too many repeats of repeats"
                continue
            try:
                regex.compile(pattern.encode())
            except regex.error as error:
                yield f"allowlist {number}: regex {pattern!r}: {error}"


def _repeats(pattern: str) -> int:
    """How many times at least, at the deepest, a part of a pattern is repeated: as often, it
    would be written down in memory."""
    depths, last = [1], 1
    for token in _TOKENS.finditer(pattern):
        if token[0] == "(":
            depths.append(1)
            last = 1
        elif token[0] == ")" and len(depths) > 1:
            last = depths.pop()
            depths[-1] = max(depths[-1], last)
        elif token[1] is not None:
            last *= max(1, int(token[2] or token[1]))
            depths[-1] = max(depths[-1], last)
        else:
            last = 1
    return max(depths)


def _bad_patterns(name: str, patterns: list[str]) -> Iterator[str]:
    for pattern in patterns:
        try:
            compile_paths([pattern])
        except ValueError as error:
            yield f"{name}: {pattern!r}: {error}"
