"""Rules as values, and the artefact from which a start-up loads them without parsing."""

import marshal
from collections.abc import Iterable, Mapping
from enum import StrEnum
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from scanner.errors import ConfigError
from scanner.models import Confidence, Severity, Specificity


class Check(NamedTuple):
    """The request that tells whether a key is live, and how to read the answer.

    `{secret}` and the names of `needs` (each with the rule of the secret it stands for) are put
    into one of `path`, `headers`, `basic` and `body`. `optional` are companions of a signature
    that are used where they are found (`token`). `serves` are the other rules that have this
    check too. When there are `prefixes`, only a key that begins with one of them is asked about.

    What an answer means, the first that holds: rejected, when one of the values of `rejected_if`
    stands in its JSON; live, when its status is in `live` and what stands at `live_if` (if any)
    is true or not empty; rejected, when its status is in `rejected`; otherwise unknown. Where
    keys of the same form are issued `elsewhere` too (other regions, own installations), only
    the endpoint that the user names can reject one.

    `live_if` and the names of `rejected_if` are paths in the answer's JSON, like `error.code`
    or `errors.0.code`. `details` are names with a path, or a header, to read out. `rate` and
    `rate_per_key` are as in `10/1s`.
    """

    provider: str
    method: str
    base: str
    path: str
    headers: tuple[tuple[str, str], ...]
    basic: str | None
    body: str | None
    content_type: str | None
    sign: str | None
    needs: tuple[tuple[str, str], ...]
    live: tuple[int, ...]
    rejected: tuple[int, ...]
    live_if: str | None
    rejected_if: tuple[tuple[str, tuple[str, ...]], ...]
    details: tuple[tuple[str, str], ...]
    personal: tuple[str, ...]
    rate: str
    rate_per_key: tuple[str, ...]
    reference: str
    optional: tuple[tuple[str, str], ...] = ()
    serves: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    elsewhere: bool = False


class Rule(NamedTuple):
    """One kind of secret: how to find it, how sure that is, and what to do about it.

    Patterns are the text of the rule file; they run over the bytes of UTF-8 text. `prefilter`
    is what hyperscan looks for: a match of `regex` begins where a hit begins when the rule is
    `exact`, otherwise at most `reach` bytes before the hit's end. No match is longer than `width`
    bytes, and no secret shorter than `least`, or of other bytes than those of `alphabet`. When
    there are `words`, one of them stands, in any case, in the first `within` bytes of each match.
    `allowlist_match` also sees `lead` bytes before the match. `paths` are gitignore patterns: when
    there are any, only files that one of them names are judged by this rule.
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
    alphabet: bytes
    least: int
    words: tuple[bytes, ...]
    within: int
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
    liveness: Check | None = None


# Differs whenever the artefact's content would mean something else.
FORMAT = "keysweep-rules-7 " + ",".join((*Rule._fields, *Check._fields))

_SIZES = 16  # bytes
_SEVERITIES = {str(one): one for one in Severity}
_CONFIDENCES = {str(one): one for one in Confidence}
_SPECIFICITIES = {str(one): one for one in Specificity}


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


def secret_group(count: int, named: Mapping[str, int]) -> int:
    """Which group of a rule's regex is the secret: the one named `secret`, else the first unnamed
    one, else the whole match (0). `count` are its groups, `named` the numbers of those with names.
    """
    if "secret" in named:
        return named["secret"]
    return min(set(range(1, count + 1)) - set(named.values()), default=0)


def digest(files: Iterable[Path]) -> str:
    """A hash over the files' names and bytes; equal exactly when all rules are equal.

    Raises ConfigError naming a file that cannot be read.
    """
    import hashlib  # noqa: PLC0415 - only when rules are compiled

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
    `regexes.freeze` gives them, and for all together the databases that
    `prefilter.compile_patterns` made."""

    rules: RuleSet
    regexes: tuple[bytes, ...]
    database: bytes


def dump(compiled: Compiled) -> bytes:
    """The artefact: the lengths of its head and of the regexes in 8 bytes each, then the head,
    the regexes, the databases.

    The head has the rules (without their examples) and the sizes of the regexes, in Python's
    own form of plain values, which loads in a fraction of the time that JSON takes.
    """
    slim = [_plain(rule) for rule in compiled.rules.rules]
    sizes = [len(frozen) for frozen in compiled.regexes]
    head = marshal.dumps((FORMAT, compiled.rules.digest, slim, sizes))
    lengths = (len(head).to_bytes(8, "big"), sum(sizes).to_bytes(8, "big"))
    return b"".join((*lengths, head, *compiled.regexes, compiled.database))


def database_at(artefact: bytes) -> int:
    """Where in an artefact its database begins, a byte offset; anything where it is damaged."""
    return _SIZES + sum(int.from_bytes(artefact[at : at + 8], "big") for at in (0, 8))


def _plain(rule: Rule) -> tuple[object, ...]:
    check = rule.liveness and tuple(rule.liveness)
    slim = (*rule._replace(examples=(), counter_examples=())[:-1], check)
    return tuple(str(value) if isinstance(value, StrEnum) else value for value in slim)


def load(artefact: bytes) -> Compiled:
    """What `dump` made an artefact of.

    Raises ConfigError when this is not an artefact of this version. Like a database of
    hyperscan's, it must come from where only the user can write.
    """
    start = _SIZES + int.from_bytes(artefact[:8], "big")
    try:
        if start > len(artefact):
            raise ValueError("cut short")
        head = marshal.loads(artefact[_SIZES:start])  # noqa: S302 - see above
        if head[0] != FORMAT:
            raise ConfigError([f"rule artefact has format {head[0]!r}"])
        _, digest_of_files, values, sizes = head
        rules = RuleSet(tuple(map(_rule, values)), digest_of_files)
        ends = list(accumulate(sizes, initial=start))
    except (ValueError, KeyError, IndexError, TypeError, EOFError) as error:
        raise ConfigError([f"rule artefact is damaged: {error}"]) from error
    if len(ends) != len(rules.rules) + 1:
        raise ConfigError(["rule artefact is damaged: regexes are missing"])
    frozen = tuple(artefact[low:high] for low, high in pairwise(ends))
    return Compiled(rules, frozen, artefact[ends[-1] :])


def _rule(values: tuple[Any, ...]) -> Rule:
    words = _SEVERITIES[values[4]], _CONFIDENCES[values[5]], _SPECIFICITIES[values[6]]
    check = values[-1] and Check._make(values[-1])
    return Rule._make((*values[:4], *words, *values[7:-1], check))
