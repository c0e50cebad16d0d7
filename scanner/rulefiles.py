"""Rule files (TOML) read and checked, once, at the edge; everything behind trusts the result.

Every problem of every file is reported together, each with file and rule.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import regex

from scanner import checkfiles, foreign, measures, prefilter, toml
from scanner.checksums import CHECKSUMS
from scanner.errors import ConfigError
from scanner.models import Confidence, Severity, Specificity
from scanner.rules import Rule, RuleSet, digest, shipped

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_WIDEST = 40_000  # bytes; a wider match would be an unbounded repeat
_WIDEST_EXACT = 200
_FEWEST_EXAMPLES = 2


class _RuleTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A `[[rules]]` table as it stands in a file."""

    id: str
    description: str
    severity: Severity
    confidence: Confidence
    regex: str
    remediation: str
    examples: list[str] = []
    counter_examples: list[str] = []
    references: list[str] = []
    family: str | None = None
    aliases: list[str] = []
    specificity: Specificity = Specificity.PROVIDER
    prefilter: str | None = None
    starts_match: bool = False
    lead: int = 0
    backtracking: bool = False
    keywords: list[str] = []
    checksum: str | None = None
    min_entropy: float = 0.0
    random: bool = True
    guessable: bool = False
    edges: bool = True
    strip: str | None = None
    allowlist: list[str] = []
    allowlist_match: list[str] = []
    paths: list[str] = []
    liveness: checkfiles.Table | None = None


class _File(msgspec.Struct, forbid_unknown_fields=True):
    rules: list[dict[str, Any]]  # each checked by itself, so that one hides no other
    carried_from: str | None = None  # another scanner's file, which had no examples


def read(
    files: Iterable[Path],
    *,
    thorough: bool = True,
    unasked: Collection[Path] = (),
    beside: Collection[str] = (),
) -> RuleSet:
    """All rules of the files, in the order of their ids; those of `unasked` without checks.

    `beside` are the ids of rules in other files, which a check may name.

    `thorough` also tries each pattern in hyperscan by itself, which takes some 20 ms a rule;
    without it, a pattern that hyperscan refuses is found when the database is compiled.

    Raises ConfigError with every problem found: TOML that does not parse, unknown keys,
    wrong types, duplicate ids, broken regexes, missing examples.
    """
    files = sorted(files)
    rules: list[Rule] = []
    problems: list[str] = []
    owners: dict[str, list[str]] = {}
    for path in files:
        for name, result in _results(path, thorough):
            owners.setdefault(name, []).append(str(path))
            if isinstance(result, Rule):
                rules.append(result._replace(liveness=None) if path in unasked else result)
            else:
                problems += result
    problems += [
        f"{', '.join(sorted(set(paths)))}: rule id {name!r} stands {len(paths)} times"
        for name, paths in owners.items()
        if name and len(paths) > 1
    ]
    problems += [
        f"{owners[name][0]}: rule {name!r}: {problem}"
        for name, problem in checkfiles.misnamed(rules, {*owners, *beside})
    ]
    if problems:
        raise ConfigError(problems)
    return RuleSet(tuple(sorted(checkfiles.shared(rules))), digest(files))


def _results(path: Path, thorough: bool) -> Iterator[tuple[str, Rule | list[str]]]:
    """For each rule of a file its id and the rule, or what is wrong with it."""
    try:
        entries, carried = _tables(path)
    except ConfigError as error:
        yield "", error.problems
        return
    for number, entry in enumerate(entries):
        name = entry.get("id")
        where = f"{path}: rule {name!r}" if isinstance(name, str) else f"{path}: rules[{number}]"
        try:
            table = toml.check(entry, _RuleTable, where)
        except ConfigError as error:
            yield name if isinstance(name, str) else "", error.problems
            continue
        found = list(_problems(table, thorough, carried))
        yield table.id, [f"{where}: {problem}" for problem in found] or _rule(table)


def _tables(path: Path) -> tuple[list[dict[str, Any]], bool]:
    """The tables of a file's rules, and whether they are carried over from another scanner's,
    so that they have neither examples nor references."""
    if path.parent != shipped() and foreign.is_one(path):
        return foreign.tables(path), True
    file = toml.read(path, _File)
    return file.rules, file.carried_from is not None


def _rule(table: _RuleTable) -> Rule:
    hint = _prefilter(table)
    width = _width(table.regex)
    derived = table.prefilter is None and not table.backtracking
    # A prefilter that may hit anywhere inside a match tells less about where it begins.
    reach = _width(hint) if derived or table.starts_match else max(width, _width(hint))
    family = table.family or table.id
    values = {name: getattr(table, name) for name in Rule._fields if hasattr(table, name)}
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    alphabet, least = measures.fabric(table.regex)
    words, within = measures.words(table.regex)
    return Rule(
        **{
            **values,
            **lists,
            "family": family,
            "prefilter": hint,
            "exact": _exact(table),
            "reach": reach,
            "width": width,
            "alphabet": alphabet,
            "least": least,
            "words": words,
            "within": within,
            "liveness": table.liveness and checkfiles.check(table.liveness, family),
        }
    )


def _prefilter(table: _RuleTable) -> str:
    """What hyperscan looks for: as given, else the keywords, else the regex; cut short."""
    if table.prefilter is not None:
        return table.prefilter if table.starts_match else prefilter.clamp(table.prefilter)
    if table.backtracking:
        return "(?i)(?:" + "|".join(regex.escape(word) for word in table.keywords) + ")"
    return prefilter.clamp(table.regex)


def _exact(table: _RuleTable) -> bool:
    """Whether hyperscan shall tell where hits begin: it can for narrow patterns only."""
    return table.starts_match and _width(_prefilter(table)) <= _WIDEST_EXACT


def _width(pattern: str) -> int:
    """The most bytes a pattern can match, without its look-around."""
    return measures.widths(pattern)[1]


def _problems(table: _RuleTable, thorough: bool, carried: bool) -> Iterator[str]:
    if not _ID.fullmatch(table.id):
        yield "id must be lower-case words joined by hyphens"
    if len(table.examples) < _FEWEST_EXAMPLES and not carried:
        yield f"needs at least {_FEWEST_EXAMPLES} examples"
    if len(table.counter_examples) < _FEWEST_EXAMPLES and not carried:
        yield f"needs at least {_FEWEST_EXAMPLES} counter_examples"
    if not table.references and not carried:
        yield "needs a reference for the format"
    for name in ("description", "remediation"):
        if not getattr(table, name).strip():
            yield f"needs a {name}"
    if table.checksum is not None and table.checksum not in CHECKSUMS:
        yield f"unknown checksum {table.checksum!r}; known: {', '.join(sorted(CHECKSUMS))}"
    if table.starts_match and table.prefilter is None:
        yield "`starts_match` speaks of a `prefilter`: give one"
    if table.backtracking and not (table.keywords or table.prefilter):
        yield "a backtracking regex needs keywords or a prefilter"
    if table.liveness:
        yield from checkfiles.problems(table.liveness)
    broken = list(_pattern_problems(table))
    yield from broken
    if thorough and not broken:  # hyperscan has no better advice for what is broken already
        yield from _engine_problems(table)


def _pattern_problems(table: _RuleTable) -> Iterator[str]:
    patterns = {
        "regex": table.regex,
        **{f"allowlist[{n}]": p for n, p in enumerate(table.allowlist)},
        **{f"allowlist_match[{n}]": p for n, p in enumerate(table.allowlist_match)},
        **({"strip": table.strip} if table.strip is not None else {}),
        **({"prefilter": table.prefilter} if table.prefilter is not None else {}),
    }
    broken = [
        f"{name} does not compile: {error}"
        for name, pattern in patterns.items()
        if (error := _compile_error(pattern))
    ]
    yield from broken
    if broken:
        return
    if not measures.widths(table.regex)[0]:
        yield "regex matches the empty string"
    if _width(table.regex) > _WIDEST:
        yield f"regex has no upper bound, or one over {_WIDEST} bytes: bound its repeats"
    elif _width(table.prefilter or _prefilter(table)) > prefilter.WIDEST:
        yield f"prefilter may match over {prefilter.WIDEST} bytes: give a shorter `prefilter`"
    for example in table.examples:
        if table.keywords and not any(k.lower() in example.lower() for k in table.keywords):
            yield f"no keyword stands in the example {example[:12]!r}..."


def _engine_problems(table: _RuleTable) -> Iterator[str]:
    if not table.backtracking and (refused := prefilter.refusal(table.regex)):
        yield f"regex needs `backtracking = true` (hyperscan: {refused})"
    elif refused := prefilter.refusal(_prefilter(table), _exact(table)):
        yield f"prefilter does not compile: {refused}"


def _compile_error(pattern: str) -> str | None:
    try:
        regex.compile(pattern.encode())
        _width(pattern)
    except (regex.error, re.error, OverflowError) as error:
        return str(error)
    return None
