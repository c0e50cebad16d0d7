"""Rule files made into the artefact that scanners load: read, checked, selected, compiled."""

from __future__ import annotations

import difflib
import platform
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scanner import rulefiles
from scanner.config import Settings
from scanner.detector import patterns_of
from scanner.errors import ConfigError
from scanner.prefilter import Prefilter, compile_patterns, refusal
from scanner.regexes import compile_rule, freeze
from scanner.rules import Compiled, Rule, RuleSet, dump, files_in, shipped
from scanner.search import TRIGGERS
from scanner.vetting import Missed, by_words, missed

# The processors on which our own rules are known to be found: tests try them.
_TRIED = frozenset({"x86_64", "AMD64"})
_LOST = "{}: hyperscan loses matches of its prefilter, such as {!r}: write it in another way"


def build(files: Iterable[Path], settings: Settings | None = None) -> bytes:
    """The artefact of the rules in `files` that the settings leave on.

    Rules that a repository names find keys, but send none: their checks are dropped.

    Raises ConfigError for broken rule files and for names of rules that do not exist.
    """
    files, settings = list(files), settings or Settings()
    borrowed = {file for folder in settings.borrowed for file in files_in(folder)}
    rules = select(rulefiles.read(files, thorough=False, unasked=borrowed), settings)
    folder = shipped()
    others = [file for file in files if file.parent != folder]
    try:
        return dump(compile_rules(rules, vet=bool(others) or platform.machine() not in _TRIED))
    except ConfigError:
        # The thorough check says which file, and what to do; ours have passed it.
        rulefiles.read(others)
        raise


def select(rules: RuleSet, settings: Settings) -> RuleSet:
    """The rules that are on: all or those enabled, without those disabled or below a minimum.

    Raises ConfigError for an unknown name, with the file that names it and the nearest name.
    """
    known = rules.by_id()
    origins = dict(settings.origins)
    problems = []
    allowed = (name for entry in settings.allowlists for name in entry.rules)
    for name in dict.fromkeys((*settings.enable, *settings.disable, *allowed)):
        if name not in known:
            where = f"{origins[name]}: " if name in origins else ""
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            problems.append(f"{where}there is no rule {name!r}{hint}")
    if problems:
        raise ConfigError(problems)
    on = (r for r in rules.rules if settings.wants(r.id, r.severity, r.confidence))
    return rules._replace(rules=tuple(on))


def compile_rules(rules: RuleSet, *, vet: bool = True) -> Compiled:
    """The rules made ready for a detector.

    With `vet`, hyperscan is not trusted to find what it is to look for, and what it loses is
    looked for by words. Raises ConfigError naming the rules whose pattern hyperscan refuses, or
    cannot find by any means; takes about a second for 300 rules.
    """
    with ThreadPoolExecutor(1) as beside:  # hyperscan lets others run while it compiles
        database = beside.submit(_database, rules.rules)
        frozen = tuple(freeze(compile_rule(rule)) for rule in rules.rules)
        made = Compiled(rules, frozen, database.result())
    return _vetted(made) if vet else made


def _vetted(made: Compiled) -> Compiled:
    every = made.rules.rules
    lost, unknown = _missed(made)
    doubtful = lost.keys() | unknown
    other = tuple(by_words(one) or one if at in doubtful else one for at, one in enumerate(every))
    if other == every and not lost:
        return made
    made = made._replace(rules=made.rules._replace(rules=other), database=_database(other))
    if lost := _missed(made).lost:
        names = [f"rule {rule.id!r}" for rule in every]
        names += [f"notation {decoder.name!r}" for decoder, _ in TRIGGERS]
        texts = {at: text.decode("latin-1") for at, text in lost.items()}
        raise ConfigError([_LOST.format(names[at], text) for at, text in texts.items()])
    return made


def _missed(made: Compiled) -> Missed:
    patterns = patterns_of(made.rules.rules)
    return missed(patterns, Prefilter(made.database, patterns))


def _database(rules: Sequence[Rule]) -> bytes:
    try:
        return compile_patterns(patterns_of(rules))
    except ConfigError as error:
        refused = {rule.id: refusal(rule.prefilter, rule.exact) for rule in rules}
        problems = [f"rule {name!r}: {reason}" for name, reason in refused.items() if reason]
        raise ConfigError(problems or error.problems) from error
