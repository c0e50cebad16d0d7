"""Rules as values, and the artefact from which a start-up loads them without parsing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
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


def dump(rules: RuleSet, database: bytes) -> bytes:
    """The artefact: one line of JSON with the rules (without their examples), the database."""
    slim = [rule._replace(examples=(), counter_examples=()) for rule in rules.rules]
    head = {"format": FORMAT, "digest": rules.digest, "rules": slim}
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + database


def load(artefact: bytes) -> tuple[RuleSet, bytes]:
    """Rules and serialised database from an artefact; the other way round from `dump`.

    Raises ConfigError when this is not an artefact of this version.
    """
    head, _, database = artefact.partition(b"\n")
    try:
        content = json.loads(head)
        if content["format"] != FORMAT:
            raise ConfigError([f"rule artefact has format {content['format']!r}"])
        return RuleSet(tuple(map(_rule, content["rules"])), content["digest"]), database
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError([f"rule artefact is damaged: {error}"]) from error


def _rule(values: list[object]) -> Rule:
    fields = [tuple(value) if isinstance(value, list) else value for value in values]
    rule = Rule(*fields)  # type: ignore[arg-type]
    return rule._replace(
        severity=Severity(rule.severity),
        confidence=Confidence(rule.confidence),
        specificity=Specificity(rule.specificity),
    )
