"""Rule files and baselines of Kingfisher (YAML), and Nosey Parker's rules, from which its come.

https://github.com/mongodb/kingfisher, docs/RULES.md and docs/BASELINE.md. Patterns are in the
syntax of Rust's `regex`; the secret is the group `TOKEN`, else the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from scanner import carried, documents, patterntree, re2, rewriting
from scanner.carried import Carried, Entry, Known, NewRule
from scanner.errors import ConfigError

_LATEST = 2  # version of baselines
_REMEDIATION = "Revoke this secret where it was made, make a new one, and keep it out of files."
_SPECIAL = r"""[!@#$%^&*()_+\-=\[\]{}|;:'",.<>?/\\`~]"""
_CLASSES = {
    "min_digits": r"[0-9]", "min_uppercase": r"[A-Z]", "min_lowercase": r"[a-z]",
    "min_special_chars": _SPECIAL,
}  # fmt: skip
_NOT_CARRIED = ("validation", "revocation", "depends_on_rule")


class _Rule(msgspec.Struct):
    name: str
    id: str
    pattern: str
    min_entropy: float = 0.0
    confidence: str = "medium"
    visible: bool = True
    references: list[str] | None = None
    pattern_requirements: dict[str, Any] | None = None


class _Rules(msgspec.Struct):
    rules: list[_Rule]


class _Known(msgspec.Struct):
    filepath: str = ""
    path: str = ""
    rule_id: str = ""
    linenum: int | None = None
    line: int | None = None


class _Matches(msgspec.Struct):
    matches: list[_Known] = []


class _Repository(msgspec.Struct):
    id: str = ""
    findings: list[_Known] = []


class _Baseline(msgspec.Struct, rename={"exact": "ExactFindings"}):
    version: int | str | None = None
    exact: _Matches | None = None
    repositories: list[_Repository] = []


def read(path: Path) -> Carried:
    """What a rule file or a baseline comes to; raises ConfigError for anything else."""
    values = documents.from_yaml(path)
    if not isinstance(values, dict):
        raise ConfigError([f"{path}: neither rules nor a baseline of Kingfisher"])
    try:
        if "rules" in values:
            rules = msgspec.convert(values, _Rules).rules
            pairs = zip(rules, values["rules"], strict=True)
            entries = tuple(_rule_entry(n, *pair) for n, pair in enumerate(pairs, 1))
        elif {"ExactFindings", "repositories", "fingerprint_algorithm"} & values.keys():
            entries = tuple(_findings(msgspec.convert(values, _Baseline), path))
        else:
            raise ConfigError([f"{path}: neither rules nor a baseline of Kingfisher"])
    except msgspec.ValidationError as error:
        raise ConfigError(
            [f"{path}: neither rules nor a baseline of Kingfisher: {error}"]
        ) from error
    return Carried("kingfisher", entries)


def _findings(baseline: _Baseline, path: Path) -> Iterator[Entry]:
    if baseline.version is not None and str(baseline.version).partition(".")[0] not in ("1", "2"):
        shown = carried.shown(str(baseline.version))
        raise ConfigError([f"{path}: version {shown} is later than keysweep can read ({_LATEST})"])
    found = [*(baseline.exact.matches if baseline.exact else ())]
    found += [one for repository in baseline.repositories for one in repository.findings]
    for number, one in enumerate(found, 1):
        file, line = one.filepath or one.path, one.linenum if one.line is None else one.line
        what = carried.shown(f"{file}:{line} {one.rule_id}".strip())
        if not file or line is None:
            reason = "it has no line, and its fingerprint tells nothing to others"
            yield Entry(f"finding {number}", what, notes=(reason,))
            continue
        known = Known(path=file, line=line, rule=one.rule_id or None, accepted=False)
        yield Entry(f"finding {number}", what, (known,))


def _rule_entry(number: int, rule: _Rule, values: dict[str, Any]) -> Entry:
    where, what = f"rule {number}", carried.shown(f"{rule.id} {rule.name}")
    notes = [f"`{key}` is not carried over" for key in _NOT_CARRIED if values.get(key)]
    if not rule.visible:
        return Entry(where, what, (), ("it is a part of other rules, and never told by itself",))
    own = carried.rule_id("kingfisher", rule.id)
    try:
        named = bool(re.search(r"\(\?P?<TOKEN>", rule.pattern))
        tree = re2.parse(rule.pattern.strip(), rust=True)
        found = rewriting.rule(tree, (lambda one: one.name == "TOKEN") if named else None)
    except patterntree.Untranslatable as error:
        return Entry(where, what, (), (*notes, f"the regex is not carried over: {error}"))
    allowed = list(_allowed(rule.pattern_requirements or {}, notes))
    name = " ".join(rule.name.split()) or rule.id
    table = carried.table(own, name, rule.confidence, found)
    table["remediation"] = _REMEDIATION
    table["references"] = rule.references or []
    if rule.min_entropy > 0:
        table["min_entropy"] = float(rule.min_entropy)
    if allowed:
        table["allowlist"] = allowed
    return Entry(where, what, (NewRule(own, tuple(table.items())),), (*notes, *found.notes))


def _allowed(requirements: dict[str, Any], notes: list[str]) -> Iterator[str]:
    """What a secret must not look like, so that it meets the requirements, as regexes."""
    for key, value in requirements.items():
        if key in _CLASSES and isinstance(value, int) and 0 < value < 100:
            one = _CLASSES[key]
            other = f"[^{one[1:]}"
            yield rf"(?s)\A{other}*(?:{one}{other}*){{0,{value - 1}}}\Z"
        elif key == "ignore_if_contains" and isinstance(value, list):
            yield from (f"(?i){re.escape(str(text))}" for text in value)
        elif key not in _CLASSES:
            notes.append(f"`pattern_requirements.{carried.shown(key)}` is not carried over")
