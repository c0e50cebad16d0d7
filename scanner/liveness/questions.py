"""What is to be asked of which provider, for the findings of a report; nothing is sent here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from scanner.errors import UsageError
from scanner.liveness import canaries, guard
from scanner.models import Finding, Liveness, Place, Secret, Verdict
from scanner.rules import Check, Rule

NO_CHECK = "no check is known for this kind of key"
_LACKING = "not asked: "
_UNFIT = "it has characters that no such request can carry"
_TEMPORARY = "a temporary key, which works with its session token only"
_TEMPORARY_ID = b"ASIA"
_Where = tuple[str, str | None]  # a path, and which version of it where it comes out of git


class Question(NamedTuple):
    """One request to make.

    `rule_id` is that of the first finding that asks it. `companions` are the names of the check's
    `needs`, each with its secret. `base` is the URL to ask at, without a slash at the end; when
    the user `named` it, it may be inside of their network. It is `doubtful` when the file holds
    other candidates for a companion, so that a rejection need not be the key's.
    """

    check: Check
    rule_id: str
    secret: Secret
    companions: tuple[tuple[str, Secret], ...]
    base: str
    named: bool
    doubtful: bool = False


def ask_of(
    findings: Sequence[Finding], rules: Mapping[str, Rule], endpoints: Mapping[str, str]
) -> tuple[Question | Liveness, ...]:
    """For each finding, in order, what to ask; or NOT_CHECKED, where nothing can be asked.

    `rules` are by id, each with the check that serves it (see `checkfiles.shared`), `endpoints`
    by provider (see `endpoint`). Findings of the same key get
    equal questions. Raises UsageError for an endpoint of a provider that no rule asks.
    """
    _known(endpoints, rules)
    beside = _Surroundings(findings, rules)
    first: dict[object, Question] = {}

    def one(finding: Finding) -> Question | Liveness:
        asked = _ask(finding, rules, endpoints, beside)
        if isinstance(asked, Question):  # several rules may have the same check
            return first.setdefault(asked._replace(rule_id=""), asked)
        if rules[finding.rule_id].liveness and asked.startswith(_LACKING):
            return Liveness(Verdict.UNKNOWN, asked)  # it may well be live
        return Liveness(Verdict.NOT_CHECKED, asked)

    return tuple(map(one, findings))


def endpoint(text: str) -> tuple[str, str]:
    """The provider and the base URL of an option like `byteengine=https://host/v1`.

    Raises UsageError for what is none, and for http to anywhere but this machine.
    """
    provider, sign, base = text.partition("=")
    if not provider or not sign or not _is_base(base):
        raise UsageError(
            f"endpoint of {provider!r}: write PROVIDER=https://host, perhaps with a port and a path"
        )
    parts = urlsplit(base)
    if parts.scheme == "http" and not guard.names_loopback(parts.hostname or ""):
        raise UsageError(
            f"endpoint of {provider!r}: a key is sent by https only, except to this machine"
        )
    return provider, base.rstrip("/")


def told(question: Question) -> str:
    """The request in words, without the key: `GET https://host/path, key in header X`."""
    check = question.check
    return f"{check.method} {question.base}{check.path}, key {_carrier(check)}"


def _is_base(text: str) -> bool:
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    others = parts.username or parts.password or parts.query or parts.fragment
    plain = text.isascii() and text.isprintable() and " " not in text
    return usable and plain and not others and parts.scheme in ("https", "http")


def _carrier(check: Check) -> str:
    for name, value in check.headers:
        if "{secret}" in value:
            return f"in header {name}"
    if check.basic is not None:
        return "in header Authorization (Basic)"
    if check.sign is not None:
        return "as a signature"
    return "in the body" if check.body and "{secret}" in check.body else "in the path"


def _known(endpoints: Mapping[str, str], rules: Mapping[str, Rule]) -> None:
    providers = {rule.liveness.provider for rule in rules.values() if rule.liveness}
    for provider in endpoints:
        if provider not in providers:
            raise UsageError(
                f"endpoint of {provider!r}: no rule asks such a provider; "
                f"there are {', '.join(sorted(providers)) or 'none'}"
            )


def _ask(
    finding: Finding,
    rules: Mapping[str, Rule],
    endpoints: Mapping[str, str],
    beside: _Surroundings,
) -> Question | str:
    """The question, or why there is none."""
    check = rules[finding.rule_id].liveness
    if check is None:
        return canaries.known(finding.secret.reveal()) or NO_CHECK
    companions = []
    doubtful = False
    for name, needed in (*check.needs, *check.optional):
        near = beside.nearest(finding, needed)
        if len(near) > 1:
            return f"{_LACKING}two of {needed} stand equally near, and either may belong to it"
        doubtful |= beside.count(finding, needed) > 1
        if near:
            companions.append((name, near.pop()))
        elif (name, needed) in check.needs:
            article = "an" if needed[0] in "aeiou" else "a"
            return f"{_LACKING}it needs {article} {needed} in the same file"
    base = endpoints.get(check.provider, check.base)
    named = check.provider in endpoints
    given = tuple(_fitting(companions))
    question = Question(check, finding.rule_id, finding.secret, given, base, named, doubtful)
    return _unasked(question) or question


def _fitting(companions: Sequence[tuple[str, Secret]]) -> Iterator[tuple[str, Secret]]:
    """The companions without the session token that stands beside a lasting AWS key: it is
    another key's, and AWS would reject the two together."""
    temporary = any(
        name == "id" and secret.reveal().startswith(_TEMPORARY_ID) for name, secret in companions
    )
    for name, secret in companions:
        if name != "token" or temporary:
            yield name, secret


def _unasked(question: Question) -> str | None:
    """Why this question is better not asked."""
    secrets = [question.secret, *(secret for _, secret in question.companions)]
    values = [secret.reveal() for secret in secrets]
    if reason := canaries.known(values[0]):
        return reason
    for value in values[1:]:
        if reason := canaries.known(value):
            return f"{_LACKING}what stands beside it is {reason}"
    if not all(value.isascii() and value.decode().isprintable() for value in values):
        return _UNFIT
    prefixes = question.check.prefixes
    if prefixes and not values[0].startswith(tuple(prefix.encode() for prefix in prefixes)):
        return f"only keys that begin with {' or '.join(prefixes)} can be asked about"
    return _TEMPORARY if _lacks_token(question) else None


def _lacks_token(question: Question) -> bool:
    """Whether AWS would reject the key though it is good: an ASIA key has a session token."""
    given = dict(question.companions)
    signed = question.check.sign is not None and "id" in given and "token" not in given
    return signed and given["id"].reveal().startswith(_TEMPORARY_ID)


class _Surroundings:
    """Which secrets stand in which files, to find a key's other half."""

    def __init__(self, findings: Iterable[Finding], rules: Mapping[str, Rule]) -> None:
        self._rules = rules
        self._found: dict[tuple[_Where, str], list[tuple[int, int, Finding]]] = {}
        for finding in findings:
            for place in finding.places:
                for kind in {finding.rule_id, rules[finding.rule_id].family}:
                    at = place.span.start_line, place.span.start_column
                    self._found.setdefault((_where(place), kind), []).append((*at, finding))

    def nearest(self, finding: Finding, needed: str) -> set[Secret]:
        """The secret of a rule, or of its family, that stands nearest to one of the places;
        several when they are equally near, none when there is none."""
        for kind in (needed, self._rules[needed].family):
            near = [item for place in finding.places for item in self._near(finding, place, kind)]
            if near:
                least = min(item[:2] for item in near)
                return {secret for *distance, secret in near if tuple(distance) == least}
        return set()

    def count(self, finding: Finding, needed: str) -> int:
        """How many secrets of a rule, or of its family, stand in the places' files."""
        found = {
            secret
            for kind in (needed, self._rules[needed].family)
            for place in finding.places
            for _, _, secret in self._near(finding, place, kind)
        }
        return len(found)

    def _near(self, finding: Finding, place: Place, kind: str) -> Iterator[tuple[int, int, Secret]]:
        for line, column, other in self._found.get((_where(place), kind), ()):
            if other is not finding:
                lines = abs(line - place.span.start_line)
                yield lines, abs(column - place.span.start_column), other.secret


def _where(place: Place) -> _Where:
    return place.path, place.blob or (place.commit.id if place.commit else None)
