"""Rules as values, and the artefact from which a start-up loads them without parsing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

from scanner.errors import ConfigError
from scanner.models import Confidence, Severity, Specificity


class Rule(NamedTuple):
    """One kind of secret: how to find it, how sure that is, and what to do about it.

    Patterns are the text of the rule file; they run over the bytes of UTF-8 text. `prefilter`
    is what hyperscan looks for: a match of `regex` begins where a hit begins when the rule is
    `exact`, otherwise at most `reach` bytes before the hit's end. No
    match is longer than `width` bytes. `allowlist_match` also sees `lead` bytes before the
    match. `paths` are gitignore patterns: when there are any, only files that one of them
    names are judged by this rule.
    """

    id: str
    family: str
    aliases: tuple[str, ...]
    description: str
    severity: Severity
    confidence: Confidence
    specificity: Specificity
    regex: str
    prefilter: str
    exact: bool
    reach: int
    width: int
    lead: int
    backtracking: bool
    keywords: tuple[str, ...]
    checksum: str | None
    min_entropy: float
    random: bool
    guessable: bool
    edges: bool
    strip: str | None
    allowlist: tuple[str, ...]
    allowlist_match: tuple[str, ...]
    paths: tuple[str, ...]
    references: tuple[str, ...]
    remediation: str
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]


# Differs whenever the artefact's content would mean something else.
FORMAT = "keysweep-rules-1 " + ",".join(Rule._fields)


class RuleSet(NamedTuple):
    """Checked rules in the order of their ids, and a digest of the files they came from."""

    rules: tuple[Rule, ...]
    digest: str

    def by_id(self) -> dict[str, Rule]:
        """The rules by id."""
        return {rule.id: rule for rule in self.rules}


def shipped() -> Path:
    """The folder of the rules that come with keysweep: in the package, or beside it."""
    packaged = Path(__file__).parent / "_data" / "rules"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "rules"


def digest(files: Iterable[Path]) -> str:
    """A hash over the files' names and bytes; equal exactly when all rules are equal.

    Raises ConfigError naming a file that cannot be read.
    """
    total = hashlib.sha256()
    for path in sorted(files):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
        total.update(path.name.encode() + b"\0" + len(content).to_bytes(8, "big") + content)
    return total.hexdigest()


def files_in(folder: Path) -> list[Path]:
    """The rule files of a folder, or the file itself when `folder` is one, in order.

    Raises ConfigError for a folder without any: it is surely not the one that was meant.
    """
    if not folder.is_dir():
        return [folder]
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ConfigError([f"{folder}: no rule files (*.toml) in this folder"])
    return files


class Compiled(NamedTuple):
    """Rules with all that a detector needs ready-made: for each rule its regexes as
    `regexes.freeze` gives them, and for all together the serialised prefilter database."""

    rules: RuleSet
    regexes: tuple[bytes, ...]
    database: bytes


def dump(compiled: Compiled) -> bytes:
    """The artefact: a line of JSON with the rules (without their examples) and the sizes of
    the regexes, then the regexes, then the database."""
    slim = [r._replace(examples=(), counter_examples=()) for r in compiled.rules.rules]
    head = {
        "format": FORMAT,
        "digest": compiled.rules.digest,
        "rules": slim,
        "sizes": [len(frozen) for frozen in compiled.regexes],
    }
    line = json.dumps(head, separators=(",", ":")).encode()
    return b"".join((line, b"\n", *compiled.regexes, compiled.database))


def load(artefact: bytes) -> Compiled:
    """What `dump` made an artefact of.

    Raises ConfigError when this is not an artefact of this version.
    """
    line, _, _ = artefact.partition(b"\n")
    try:
        head = json.loads(line)
        if head["format"] != FORMAT:
            raise ConfigError([f"rule artefact has format {head['format']!r}"])
        rules = RuleSet(tuple(map(_rule, head["rules"])), head["digest"])
        ends = list(accumulate(head["sizes"], initial=len(line) + 1))
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError([f"rule artefact is damaged: {error}"]) from error
    if len(ends) != len(rules.rules) + 1:
        raise ConfigError(["rule artefact is damaged: regexes are missing"])
    frozen = tuple(artefact[start:end] for start, end in pairwise(ends))
    return Compiled(rules, frozen, artefact[ends[-1] :])


def _rule(values: list[object]) -> Rule:
    fields = [tuple(value) if isinstance(value, list) else value for value in values]
    rule = Rule(*fields)  # type: ignore[arg-type]
    return rule._replace(
        severity=Severity(rule.severity),
        confidence=Confidence(rule.confidence),
        specificity=Specificity(rule.specificity),
    )
