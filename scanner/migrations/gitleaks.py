"""Configuration files of gitleaks (`.gitleaks.toml`) and of betterleaks, which began as its copy.

https://github.com/gitleaks/gitleaks#configuration says what the keys mean, and `config.go` there
how they are read: unknown keys are passed over, and names of keys do not mind their case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scanner import carried, globs, patterntree, re2, rewriting, toml
from scanner.carried import Allow, Carried, Disable, Entry, Item, Known, NewRule
from scanner.errors import ConfigError
from scanner.leakfile import Allowlist, Allowlists, File, Rule, lowered

_NO_WORD = re.compile(r"[^a-z0-9]+")
_ENTROPY = re.compile(r"(?:filter\.)?entropy\(finding\[\"secret\"\]\) <=? (\d+(?:\.\d+)?)(?![\d.])")
_DEEPEST = 2  # files that extend files
_LATER = (9, 0)  # the version of gitleaks from which on a file may mean something else
_WHOLE_LINE = "its regexes are searched in the whole line rather than in the match"
_REMEDIATION = (
    "Revoke this secret where it was made and make a new one, then read the new one from the "
    "environment or a secret manager."
)


_MARKS = ("title", "extend", "minversion", "betterleaksminversion")
_RULE_MARKS = ("secretgroup", "entropy", "tags", "allowlists", "path", "skipreport", "required")
_CODE = ("filter", "prefilter", "validate", "analyze", "revoke")  # betterleaks' own language


def is_one(path: Path, values: dict[str, Any]) -> bool:
    """Whether the values of a TOML file are such a configuration rather than one of ours."""
    values = lowered(values)
    rules = values.get("rules")
    tables = [one for one in rules if isinstance(one, dict)] if isinstance(rules, list) else []
    if "carried_from" in values or any("severity" in one for one in tables):
        return False  # what `keysweep migrate` has written is ours, whatever its name
    return (
        "leaks" in path.name
        or any(mark in values for mark in _MARKS)
        or isinstance(values.get("allowlist"), dict)
        or any(mark in one for one in tables for mark in _RULE_MARKS)
    )


def read(path: Path) -> Carried:
    """What a configuration file comes to; raises ConfigError for a broken one."""
    tool = "betterleaks" if "betterleaks" in path.name else "gitleaks"
    entries = list(_entries(path, tool, 0))
    file = _file(path)
    own = file.extend.usedefault or bool(file.extend.path) or not file.rules
    return Carried(tool, tuple(entries), own)


def _file(path: Path) -> File:
    return toml.check(lowered(toml.load(path)), File, str(path))


def _entries(path: Path, tool: str, depth: int) -> Iterator[Entry]:
    values = lowered(toml.load(path))
    file = toml.check(values, File, str(path))
    _check_version(path, file)
    yield from _extended(path, file, tool, depth)
    names = {rule.id for rule in file.rules if rule.id and rule.regex}
    for number, rule in enumerate(file.rules, 1):
        yield _rule_entry(rule, number, tool, values["rules"][number - 1])
    for key in ("allowlist", "allowlists"):
        for number, allowlist in enumerate(_listed(getattr(file, key)), 1):
            yield _allow_entry(allowlist, f"{key} {number}", tool, names)
    for key in sorted(values.keys() - set(File.__struct_fields__)):
        reason = "is betterleaks' own language" if key in _CODE else "is unknown"
        yield Entry(key, "", notes=(f"`{key}` {reason}, and not carried over",))


def _check_version(path: Path, file: File) -> None:
    numbers = file.minversion.lstrip("v").split(".")
    if numbers[0].isdigit() and int(numbers[0]) >= _LATER[0]:
        raise ConfigError(
            [f"{path}: needs gitleaks {file.minversion}, later than what keysweep can read (8.x)"]
        )


def _extended(path: Path, file: File, tool: str, depth: int) -> Iterator[Entry]:
    extend = file.extend
    if extend.usedefault:
        yield Entry("extend", "useDefault: keysweep's own rules stay on")
    for name in extend.disabledrules:
        yield Entry("extend", f"disabledRules {carried.shown(name)}", (Disable(name),))
    if extend.url:
        yield Entry("extend", "url", notes=("keysweep fetches no configuration",))
    if not extend.path:
        return
    base = path.parent / extend.path
    if depth >= _DEEPEST:
        yield Entry("extend", carried.shown(extend.path), notes=("gitleaks reads no deeper",))
    elif not base.is_file():
        yield Entry("extend", carried.shown(extend.path), notes=("there is no such file",))
    else:
        for entry in _entries(base, tool, depth + 1):
            yield entry._replace(where=f"{base.name}, {entry.where}")


def _listed(given: Allowlists) -> list[Allowlist]:
    return given if isinstance(given, list) else [given]


def _rule_entry(rule: Rule, number: int, tool: str, values: dict[str, Any]) -> Entry:
    where, what = f"rule {number}", carried.shown(rule.id or rule.description)
    own = carried.rule_id(tool, rule.id or rule.description or f"rule-{number}")
    items: list[Item] = []
    notes = list(_left_out(rule, values))
    allowlists = [*_listed(rule.allowlist), *_listed(rule.allowlists)]
    if rule.skipreport:
        reason = "it is never reported by itself, but as a part of other rules"
        return Entry(where, what, (), (*notes, reason))
    if rule.regex:
        try:
            items.append(_rule(rule, own, allowlists, notes))
        except patterntree.Untranslatable as error:
            return Entry(where, what, (), (*notes, f"the regex is not carried over: {error}"))
    elif rule.path:
        reason = "it names files by their path alone, and keysweep looks for secrets in them"
        return Entry(where, what, (), (*notes, reason))
    elif not allowlists:
        return Entry(where, what, (), (*notes, "it has no regex, so it changes a built-in rule"))
    for allowlist in allowlists:
        about = [] if rule.regex else [rule.id]
        found, said = _allows(allowlist, (own,) if rule.regex else (), about)
        items += found if not rule.regex else _besides(allowlist, found)
        inner = bool(rule.regex) and _is_inner(allowlist)
        notes += (one for one in said if not (inner and one == _WHOLE_LINE))
    return Entry(where, what, tuple(items), tuple(dict.fromkeys(notes)))


def _left_out(rule: Rule, values: dict[str, Any]) -> Iterator[str]:
    if rule.required or rule.components:
        yield "it is reported although none of the rules that it requires may be near"
    if rule.filter and not _ENTROPY.fullmatch(rule.filter.strip()):
        kept = " but for its entropy" if _entropy(rule.filter) else ""
        yield f"`filter` is not carried over{kept}"
    for key in sorted(values.keys() - set(Rule.__struct_fields__)):
        known = key in (*_CODE, "specificity", "tokenefficiency")
        yield f"`{key}` is {'not carried over' if known else 'unknown, and not carried over'}"


def _rule(rule: Rule, own: str, allowlists: list[Allowlist], notes: list[str]) -> NewRule:
    group = rule.secretgroup or rule.valuegroup
    found = rewriting.rule(
        re2.parse(rule.regex), (lambda one: one.number == group) if group else None
    )
    notes += found.notes
    table = carried.table(own, _described(rule), rule.confidence, found)
    table["remediation"] = _REMEDIATION
    if entropy := rule.entropy or _entropy(rule.filter):
        table["min_entropy"] = float(entropy)
    if rule.keywords and not _has_keyword(rule):
        notes.append("it is looked for in files without its keywords too")
    if rule.path:
        patterns = globs.of(rule.path)
        if patterns:
            table["paths"] = patterns
        else:
            notes.append(
                f"it looks at every file: {carried.shown(rule.path)!r} is no gitignore pattern"
            )
    for key, patterns in _inner(allowlists).items():
        translated, said = carried.searches(patterns)
        notes += said
        if translated:
            table[key] = list(translated)
    return NewRule(own, tuple(table.items()))


def _entropy(text: str) -> float:
    """The entropy that a filter of betterleaks' asks for, when it drops what has less."""
    found = _ENTROPY.match(text.strip())
    return float(found[1]) if found and "&&" not in text else 0.0


def _has_keyword(rule: Rule) -> bool:
    """Whether one of a rule's keywords stands in its regex, so that the regex asks for it."""
    regex = _NO_WORD.sub("", rule.regex.lower())
    return any(_NO_WORD.sub("", keyword.lower()) in regex for keyword in rule.keywords)


def _inner(allowlists: list[Allowlist]) -> dict[str, list[str]]:
    """What a rule's own allowlist keys can take of its allowlists: patterns in RE2's syntax."""
    found: dict[str, list[str]] = {"allowlist": [], "allowlist_match": []}
    for one in filter(_is_inner, allowlists):
        found["allowlist"] += _word_patterns(one)
        patterns = [pattern for pattern in one.regexes if not carried.telling(pattern)]
        if one.regextarget.lower() == "match":
            found["allowlist_match"] += patterns
        elif one.regextarget.lower() != "line":
            found["allowlist"] += patterns
    return found


def _is_inner(allowlist: Allowlist) -> bool:
    return allowlist.condition.upper() in ("OR", "||", "")


def _besides(allowlist: Allowlist, items: list[Item]) -> list[Item]:
    """Those of the items of a rule's allowlist that its own keys cannot take."""
    if not _is_inner(allowlist):
        return items
    return [
        one
        for one in items
        if not isinstance(one, Allow)
        or one.path_regexes
        or (one.line_regexes and allowlist.regextarget.lower() == "line")
    ]


def _allow_entry(allowlist: Allowlist, where: str, tool: str, names: set[str]) -> Entry:
    rules = tuple(carried.rule_id(tool, name) for name in allowlist.targetrules if name in names)
    about = [name for name in allowlist.targetrules if name not in names]
    items, notes = _allows(allowlist, rules, about)
    if not items and not notes:
        notes = ["it names nothing"]
    return Entry(where, carried.shown(allowlist.description), tuple(items), tuple(notes))


def _described(rule: Rule) -> str:
    text = " ".join(rule.description.split()) or rule.id
    return carried.shown(text) if carried.is_telling(text) else text


def _allows(
    allowlist: Allowlist, rules: tuple[str, ...], about: list[str]
) -> tuple[list[Item], list[str]]:
    """The entries of ours that an allowlist comes to, and what is not the same."""
    notes: list[str] = []
    target = allowlist.regextarget.lower()
    if target not in ("", "secret", "match", "line"):
        return [], [f"the regexTarget {carried.shown(target)!r} is unknown"]
    told = " ".join(allowlist.description.split())
    reason = (carried.shown(told) if carried.is_telling(told) else told) or None
    base = Allow(rules=rules, foreign_rules=tuple(about), reason=reason)
    secrets = [
        _known(text, one, target, base)
        for one in allowlist.regexes
        for text in carried.telling(one)
    ]
    patterns = [one for one in allowlist.regexes if not carried.telling(one)]
    named = [*allowlist.paths, *allowlist.files]
    if any(map(carried.telling, named)):
        notes.append("a path that may hold a secret is left out")
    paths, said = carried.searches([one for one in named if not carried.telling(one)])
    notes += said
    regexes, said = carried.searches(patterns)
    notes += said
    words_telling = filter(carried.is_telling, allowlist.stopwords)
    secrets += [Known(text=one, rules=rules, foreign_rules=tuple(about)) for one in words_telling]
    words, said = carried.searches(_word_patterns(allowlist))
    line, own = (regexes, words) if target in ("match", "line") else ((), (*regexes, *words))
    if target == "match" and regexes:
        notes.append(_WHOLE_LINE)
    if _is_inner(allowlist):
        parts: list[Item] = [
            *([base._replace(path_regexes=paths)] if paths else []),
            *([base._replace(regexes=own)] if own else []),
            *([base._replace(line_regexes=line)] if line else []),
            *secrets,
            *(Known(commit=commit, rule=next(iter(about), None)) for commit in allowlist.commits),
        ]
        return parts, notes
    if allowlist.commits or secrets or said or len(notes) > (target == "match"):
        return [], [*notes, "not carried over: all of its conditions must hold, and not all can"]
    if regexes and words:
        return [], [*notes, "not carried over: it asks for a regex and a stopword at once"]
    return [base._replace(path_regexes=paths, regexes=own, line_regexes=line)], notes


def _known(text: str, pattern: str, target: str, about: Allow) -> Known:
    """What a pattern with a secret in it comes to: the secret, where the whole pattern fits."""
    whole, _ = carried.searches([pattern]) if target in ("", "secret") else ((), [])
    return Known(
        text=text,
        pattern=whole[0] if whole else None,
        rules=about.rules,
        foreign_rules=about.foreign_rules,
    )


def _word_patterns(allowlist: Allowlist) -> list[str]:
    """The stopwords as patterns, without those that may be secrets."""
    words = (word for word in allowlist.stopwords if not carried.is_telling(word))
    return [f"(?i:{_quoted(word)})" for word in words]


def _quoted(text: str) -> str:
    """A text as a pattern of RE2 that stands for it."""
    return "".join(c if c.isalnum() or ord(c) > 0x7F else f"\\x{ord(c):02x}" for c in text)
