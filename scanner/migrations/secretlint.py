"""Configuration and ignore files of secretlint (`.secretlintrc*`, `.secretlintignore`).

https://github.com/secretlint/secretlint: rules and presets of rules, each with options; `allows`
are texts, or regexes of JavaScript written `/so/i`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from scanner import carried, documents, patterntree, re2, rewriting
from scanner.carried import Allow, Carried, Disable, Entry, Exclude, Item, Known, NewRule
from scanner.errors import ConfigError

_REGEX = re.compile(r"/(?P<body>.*)/(?P<flags>[a-z]*)", re.DOTALL)
_PREFIX = "@secretlint/secretlint-rule-"
_DEEPEST = 10  # presets inside presets
_PATTERN = "pattern"  # the rule that takes patterns of the user's
_REMEDIATION = "Revoke this secret where it was made, make a new one, and keep it out of files."


class _Options(msgspec.Struct):
    allows: list[str] = []
    patterns: list[dict[str, Any]] = []


class _Rule(msgspec.Struct, rename="camel"):
    id: str
    disabled: bool = False
    options: _Options = msgspec.field(default_factory=_Options)
    allow_message_ids: list[str] = []
    rules: list[_Rule] = []


class _File(msgspec.Struct):
    rules: list[_Rule]


def read(path: Path) -> Carried:
    """What a configuration file (JSON or YAML) comes to; raises ConfigError for a broken one."""
    if path.suffix in (".js", ".cjs", ".mjs", ".ts"):
        reason = "a program, which keysweep does not run; make it JSON, and name that"
        return Carried("secretlint", (Entry("all of it", "", notes=(reason,)),))
    text = documents.text(path)
    is_json = path.suffix == ".json" or text.lstrip().startswith("{")
    values = documents.from_json(path) if is_json else documents.from_yaml(path)
    try:
        file = msgspec.convert(values, _File)
    except (msgspec.ValidationError, RecursionError) as error:
        raise ConfigError([f"{path}: not a configuration of secretlint: {error}"]) from error
    entries = [entry for rule in file.rules for entry in _entries(rule, 0)]
    unknown = sorted(map(str, values.keys() - {"rules"}))
    entries += [
        Entry(carried.shown(key), "", notes=("secretlint has no such setting",)) for key in unknown
    ]
    return Carried("secretlint", tuple(entries))


def read_ignore(path: Path) -> Carried:
    """What an ignore file comes to: its lines are gitignore patterns."""
    lines = enumerate(documents.text(path).split("\n"), 1)
    return Carried(
        "secretlint",
        tuple(
            Entry(f"line {number}", carried.shown(line.strip()), (Exclude(line.strip()),))
            for number, line in lines
            if line.strip() and not line.startswith("#")
        ),
    )


def _entries(rule: _Rule, depth: int) -> Iterator[Entry]:
    name = rule.id.removeprefix(_PREFIX)
    where = carried.shown(name)
    if rule.disabled:
        yield Entry(where, "disabled", (Disable(name),))
        return
    about = () if name == _PATTERN else (name,)
    for allowed in rule.options.allows:
        yield _allow_entry(where, allowed, about)
    for number, pattern in enumerate(rule.options.patterns, 1):
        yield _pattern_entry(f"{where}, pattern {number}", pattern)
    for message in rule.allow_message_ids:
        reason = "keysweep's rules are named otherwise; turn off what you do not want by its id"
        yield Entry(where, f"allowMessageIds {carried.shown(message)}", notes=(reason,))
    if depth < _DEEPEST:
        for inner in rule.rules:
            yield from _entries(inner, depth + 1)


def _allow_entry(where: str, allowed: str, about: tuple[str, ...]) -> Entry:
    what = f"allows {carried.shown(allowed)}"
    written = _REGEX.fullmatch(allowed)
    if written is None:
        return Entry(where, what, (Known(text=allowed),))
    found, notes = carried.searches([_with_flags(written)], rust=True)
    items: tuple[Item, ...] = (Allow(regexes=found, foreign_rules=about),) if found else ()
    return Entry(where, what, items, tuple(notes))


def _with_flags(written: re.Match[str]) -> str:
    flags = "".join(sorted(set(written["flags"]) & set("ims")))
    return f"(?{flags}){written['body']}" if flags else written["body"]


def _pattern_entry(where: str, values: dict[str, Any]) -> Entry:
    name, pattern = str(values.get("name", "")), values.get("pattern", values.get("patterns"))
    written = _REGEX.fullmatch(pattern) if isinstance(pattern, str) else None
    if written is None:
        return Entry(where, carried.shown(name), notes=("its pattern is no regex like /this/",))
    try:
        found = rewriting.rule(re2.parse(_with_flags(written), rust=True))
    except patterntree.Untranslatable as error:
        return Entry(where, carried.shown(name), notes=(f"the regex is not carried over: {error}",))
    own = carried.rule_id("secretlint", name)
    table = carried.table(own, " ".join(name.split()) or "Pattern of secretlint's", "", found)
    table["remediation"] = _REMEDIATION
    return Entry(where, carried.shown(name), (NewRule(own, tuple(table.items())),), found.notes)
