"""Baselines of gitleaks and betterleaks: their JSON reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from scanner import carried, documents
from scanner.carried import Carried, Entry, Known
from scanner.errors import ConfigError

_HIDDEN = ("REDACTED", "")


class _Finding(msgspec.Struct, rename="pascal"):
    rule_id: str = msgspec.field(name="RuleID")
    file: str
    start_line: int
    secret: str = ""
    commit: str = ""


def is_one(values: Any) -> bool:
    """Whether the values of a JSON file are such a report."""
    return isinstance(values, list) and (
        not values or (isinstance(values[0], dict) and "RuleID" in values[0])
    )


def read(path: Path) -> Carried:
    """What a report comes to; raises ConfigError for anything else."""
    values = documents.from_json(path)
    if not is_one(values):
        raise ConfigError([f"{path}: not a JSON report of gitleaks: a list of findings"])
    try:
        found = msgspec.convert(values, list[_Finding])
    except msgspec.ValidationError as error:
        raise ConfigError([f"{path}: not a JSON report of gitleaks: {error}"]) from error
    return Carried("gitleaks", tuple(_entry(n, one) for n, one in enumerate(found, 1)))


def _entry(number: int, finding: _Finding) -> Entry:
    told = finding.secret not in _HIDDEN and "..." not in finding.secret
    known = Known(
        path=finding.file.replace("\\", "/"),
        line=finding.start_line,
        commit=finding.commit or None,
        rule=finding.rule_id,
        text=finding.secret if told else None,
        accepted=False,
    )
    what = f"{finding.file}:{finding.start_line} ({finding.rule_id})"
    return Entry(f"finding {number}", carried.shown(what), (known,))
