"""Rule files made into the artefact that scanners load: read, checked, selected, compiled."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

from scanner import rulefiles
from scanner.detector import compile_rules
from scanner.errors import ConfigError
from scanner.rules import RuleSet, dump


def build(files: Iterable[Path], enable: Sequence[str] = (), disable: Sequence[str] = ()) -> bytes:
    """The artefact of the rules in `files`: of all, or of those that `enable` names, without
    those that `disable` names.

    Raises ConfigError for broken rule files and for names of rules that do not exist.
    """
    rules = select(rulefiles.read(files, thorough=False), enable, disable)
    return dump(rules, compile_rules(rules.rules))


def select(rules: RuleSet, enable: Sequence[str], disable: Sequence[str]) -> RuleSet:
    """The rules that are on; raises ConfigError for an unknown name, with the nearest one."""
    known = rules.by_id()
    problems = []
    for name in (*enable, *disable):
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            problems.append(f"there is no rule {name!r}{hint}")
    if problems:
        raise ConfigError(problems)
    kept = (
        rule for rule in rules.rules if (not enable or rule.id in enable) and rule.id not in disable
    )
    return rules._replace(rules=tuple(kept))
