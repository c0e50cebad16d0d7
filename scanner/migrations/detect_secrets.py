"""Baselines of detect-secrets (`.secrets.baseline`).

https://github.com/Yelp/detect-secrets: `results` holds the SHA-1 of each secret by file, and
`filters_used` the patterns that leave out files, lines and secrets, in Python's syntax.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import regex

from scanner import carried, documents
from scanner.carried import Allow, Carried, Entry, Known
from scanner.errors import ConfigError

_LATEST = 1  # major version
_FILTERS = {
    "detect_secrets.filters.regex.should_exclude_file": "path_regexes",
    "detect_secrets.filters.regex.should_exclude_line": "line_regexes",
    "detect_secrets.filters.regex.should_exclude_secret": "regexes",
}
_ALLOWS: dict[str, Callable[[tuple[str, ...]], Allow]] = {
    "path_regexes": lambda patterns: Allow(path_regexes=patterns),
    "line_regexes": lambda patterns: Allow(line_regexes=patterns),
    "regexes": lambda patterns: Allow(regexes=patterns),
}
_OWN = ("allowlist", "common", "heuristic", "gibberish")  # what keysweep does in its own ways


class _Result(msgspec.Struct):
    hashed_secret: str
    type: str = ""
    line_number: int | None = None
    is_secret: bool | None = None


class _Named(msgspec.Struct):
    name: str = ""
    path: str = ""
    pattern: list[str] | str = []


class _Excluded(msgspec.Struct):
    files: str | None = None
    lines: str | None = None


class _File(msgspec.Struct):
    version: str
    results: dict[str, list[_Result]]
    filters_used: list[_Named] = []
    plugins_used: list[_Named] = []
    exclude: _Excluded = msgspec.field(default_factory=_Excluded)  # until version 0.14


def read(path: Path) -> Carried:
    """What a baseline comes to; raises ConfigError for anything else."""
    try:
        file = msgspec.convert(documents.from_json(path), _File)
    except msgspec.ValidationError as error:
        raise ConfigError([f"{path}: not a baseline of detect-secrets: {error}"]) from error
    major = file.version.partition(".")[0]
    if not major.isdigit() or int(major) > _LATEST:
        raise ConfigError(
            [f"{path}: made by detect-secrets {file.version}, later than keysweep can read (1.x)"]
        )
    return Carried("detect-secrets", (*_filters(file), *_plugins(file), *_results(file)))


def _filters(file: _File) -> Iterator[Entry]:
    for name, key in (("files", "path_regexes"), ("lines", "line_regexes")):
        if pattern := getattr(file.exclude, name):
            yield _pattern_entry(f"exclude.{name}", key, [pattern])
    for number, one in enumerate(file.filters_used, 1):
        where = f"filter {number}"
        if one.path in _FILTERS:
            patterns = [one.pattern] if isinstance(one.pattern, str) else one.pattern
            yield _pattern_entry(where, _FILTERS[one.path], patterns)
        elif not one.path.startswith(tuple(f"detect_secrets.filters.{own}." for own in _OWN)):
            name = carried.shown(one.path.rpartition("filters.")[2])
            yield Entry(where, name, notes=("keysweep has no such filter",))


def _pattern_entry(where: str, key: str, patterns: list[str]) -> Entry:
    good, notes = [], []
    for pattern in patterns:
        try:
            regex.compile(pattern.encode())
            good.append(pattern)
        except regex.error as error:
            notes.append(f"the pattern {carried.shown(pattern)!r} is left out: {error}")
    what = f"{key.replace('_', ' ')}: {carried.shown(', '.join(patterns))}"
    items = (_ALLOWS[key](tuple(good)),) if good else ()
    return Entry(where, what, items, tuple(notes))


def _plugins(file: _File) -> Iterator[Entry]:
    for number, one in enumerate(file.plugins_used, 1):
        if one.path:
            reason = "it is a program of its own; write its pattern as a rule of keysweep"
            yield Entry(f"plugin {number}", carried.shown(one.name), notes=(reason,))


def _results(file: _File) -> Iterator[Entry]:
    for path, results in file.results.items():
        for result in results:
            yield _entry(path, result)


def _entry(path: str, result: _Result) -> Entry:
    line = "" if result.line_number is None else f":{result.line_number}"
    audited = {True: "audited as real", False: "audited as harmless", None: "not audited"}
    known = Known(
        path=path.replace("\\", "/").removeprefix("./"),
        line=result.line_number,
        rule=result.type,
        test=lambda secret: hashlib.sha1(secret).hexdigest() == result.hashed_secret,  # noqa: S324 - theirs
        accepted=result.is_secret is False,
    )
    notes = ("a real secret, by your own word: revoke it",) if result.is_secret else ()
    what = f"{path}{line} ({result.type}, {audited[result.is_secret]})"
    return Entry(f"result {result.hashed_secret[:8]}", carried.shown(what), (known,), notes)
