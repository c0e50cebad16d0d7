"""Which files are other scanners', and what their configuration comes to in a run of ours."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from scanner import documents, namesakes, prefilter, toml
from scanner.carried import Allow, Carried, Disable, Entry, Exclude, Known, NewRule, shown
from scanner.config import PROJECT_FILE, REPOSITORY_FILE, Settings
from scanner.errors import ConfigError
from scanner.migrations import (
    detect_secrets,
    gitguardian,
    gitleaks,
    gitleaks_report,
    gitleaksignore,
    kingfisher,
    precommit,
    secretlint,
    trufflehog,
)
from scanner.models import Allowlist

Reader = Callable[[Path], Carried]

_FOUND_BY_NAME = (
    ".gitleaks.toml", "gitleaks.toml", ".betterleaks.toml", "betterleaks.toml", ".gitleaksignore",
    ".betterleaksignore", ".secrets.baseline", ".gitguardian.yaml", ".gitguardian.yml",
    ".secretlintrc", ".secretlintrc.json", ".secretlintrc.yaml", ".secretlintrc.yml",
    ".secretlintrc.js", ".secretlintrc.cjs", ".secretlintignore", ".pre-commit-config.yaml",
)  # fmt: skip
_KINGFISHER = re.compile(r"\.?kingfisher.*\.ya?ml")
_BY_ENDING: tuple[tuple[str, Reader], ...] = (
    (".secrets.baseline", detect_secrets.read),
    (".secretlintignore", secretlint.read_ignore),
    (".pre-commit-config.yaml", precommit.read),
)
_KEY = "BETTERLEAKS_FINGERPRINT_HMAC_KEY"
_KINDS = (
    "gitleaks and betterleaks (.gitleaks.toml, .gitleaksignore, JSON reports), Kingfisher (rules "
    "and baselines), detect-secrets (.secrets.baseline), ggshield (.gitguardian.yaml), "
    "secretlint (.secretlintrc, .secretlintignore), TruffleHog (exclude files, *.txt)"
)


def find(root: Path) -> list[Path]:
    """The files of other scanners that lie in a folder under their usual names."""
    named = [root / name for name in _FOUND_BY_NAME]
    others = (path for path in sorted(root.iterdir()) if _KINGFISHER.fullmatch(path.name.lower()))
    return [path for path in (*named, *others) if path.is_file()]


def read(path: Path, environment: dict[str, str] | None = None) -> Carried:
    """What a file of another scanner's comes to; raises ConfigError for anything else."""
    reader = _reader(path, environment or {})
    if reader is None:
        raise ConfigError([f"{path}: of no kind that keysweep can read: {_KINDS}"])
    return reader(path)


def _reader(path: Path, environment: dict[str, str]) -> Reader | None:
    name = path.name.lower()
    for ending, reader in _BY_ENDING:
        if name.endswith(ending):
            return reader
    if name.endswith("leaksignore"):
        key = environment.get(_KEY)
        return lambda path: gitleaksignore.read(path, os.fsencode(key) if key else None)
    if name.startswith(".secretlintrc"):
        return secretlint.read
    return _by_content(path, name)


def _by_content(path: Path, name: str) -> Reader | None:
    if name.endswith((".yaml", ".yml")):
        return gitguardian.read if "gitguardian" in name else kingfisher.read
    if name.endswith((".json", ".baseline")):
        return _json_reader(path)
    if name.endswith(".toml"):
        return gitleaks.read if gitleaks.is_one(path, toml.load(path)) else None
    return trufflehog.read if name.endswith(".txt") or "exclude" in name else None


def _json_reader(path: Path) -> Reader | None:
    values: Any = documents.from_json(path)
    if gitleaks_report.is_one(values):
        return gitleaks_report.read
    if isinstance(values, dict) and "results" in values:
        return detect_secrets.read
    return secretlint.read if isinstance(values, dict) and "rules" in values else None


def is_one(path: Path) -> bool:
    """Whether a configuration or rule file is another scanner's; what cannot be read is not."""
    name = path.name
    if name in (REPOSITORY_FILE, PROJECT_FILE):
        return False
    if not name.endswith(".toml"):
        return name in _FOUND_BY_NAME or name.endswith((".yaml", ".yml"))
    try:
        return gitleaks.is_one(path, toml.load(path))
    except ConfigError:
        return "leaks" in name


def tables(path: Path) -> list[dict[str, Any]]:
    """The rules of another scanner's file as tables of a rule file; raises ConfigError."""
    found = {item.id: item for item in _items(read(path)) if isinstance(item, NewRule)}
    tables, problems = [], []
    for rule in found.values():
        made = sound(rule)
        if isinstance(made, NewRule):
            tables.append(dict(made.table))
        else:
            problems.append(f"{path}: rule {rule.id!r}: {made}; take it out, or `keysweep migrate`")
    if problems:
        raise ConfigError(problems)
    return tables


def sound(rule: NewRule) -> NewRule | str:
    """The rule as hyperscan takes it, or why it does not; takes some 20 ms."""
    table = dict(rule.table)
    hint = str(table["prefilter"])
    if refused := prefilter.refusal(hint):
        return f"hyperscan cannot look for it: {refused}"
    if table["starts_match"] and prefilter.refusal(hint, starts=True):
        table["starts_match"] = False
    return rule._replace(table=tuple(table.items()))


def _items(carried: Carried) -> Iterator[Any]:
    for entry in carried.entries:
        yield from entry.items


def settings(path: Path, earlier: Settings) -> Settings:
    """`earlier` with what another scanner's file comes to, and notes on what of it does not hold.

    Raises ConfigError for a broken file.
    """
    carried = read(path)
    rules = [item.id for item in _items(carried) if isinstance(item, NewRule)]
    allowlists: list[Allowlist] = []
    disable: list[str] = []
    notes: list[str] = []
    for entry in carried.entries:
        said = [*entry.notes]
        for item in entry.items:
            if isinstance(item, Allow):
                allowlists += allowlist(item, f"{path.name}, {entry.where}", said)
            elif isinstance(item, Disable):
                disable += disabled(item, said)
            elif isinstance(item, Known):
                allowlists += _by_text(item, f"{path.name}, {entry.where}", said)
        notes += (f"{path.name}, {_named(entry)}: {one}" for one in said)
    excluded = (item.pattern for item in _items(carried) if isinstance(item, Exclude))
    return earlier._replace(
        exclude=(*earlier.exclude, *excluded),
        rules=(*earlier.rules, *([path] if rules else [])),
        enable=earlier.enable if carried.own_rules else (*earlier.enable, *rules),
        disable=(*earlier.disable, *disable),
        allowlists=(*earlier.allowlists, *allowlists),
        notes=(*earlier.notes, *notes),
    )


def _named(entry: Entry) -> str:
    return f"{entry.where} ({entry.what})" if entry.what else entry.where


def allowlist(item: Allow, where: str, notes: list[str]) -> list[Allowlist]:
    """An entry as one of our allowlists, if it has any rule to be about; else a note more."""
    ours = [own for name in item.foreign_rules for own in namesakes.ours(name)]
    unknown = (name for name in item.foreign_rules if not namesakes.ours(name))
    notes += (f"keysweep has no rule for {shown(name)!r}" for name in unknown)
    if item.foreign_rules and not (ours or item.rules):
        return []
    reason = item.reason or f"carried over from {where}"
    return [
        Allowlist(
            item.paths, item.regexes, (*item.rules, *ours), reason, where, item.path_regexes,
            item.line_regexes,
        )
    ]  # fmt: skip


def disabled(item: Disable, notes: list[str]) -> tuple[str, ...]:
    """The ids of our rules to turn off, or a note that there are none."""
    found = namesakes.ours(item.rule)
    if not found:
        notes.append("keysweep has no rule of this name: turn off by its id what you do not want")
    return found


def _by_text(item: Known, where: str, notes: list[str]) -> list[Allowlist]:
    if item.text is None:
        notes.append("`keysweep migrate` carries over what names single findings")
        return []
    pattern = item.pattern or re.escape(item.text)
    about = Allow(rules=item.rules, foreign_rules=item.foreign_rules, regexes=(pattern,))
    return allowlist(about, where, notes)
