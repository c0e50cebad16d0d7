"""The `[rules.liveness]` tables of rule files: how to ask a provider whether a key is live."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from urllib.parse import urlsplit

import msgspec

from scanner.rules import Check, Rule

_STATUSES = range(200, 600)
_PLACE = re.compile(r"\{(\w*)\}")
_RATE = re.compile(r"[1-9]\d{0,5}/[1-9]\d{0,4}s")
_SIGN = re.compile(r"aws-sigv4 [a-z0-9-]+ [a-z0-9-]+")
_PLAIN = re.compile(r"[!-z|~]+")  # no braces: nothing is put into a host
_METHODS = ("GET", "HEAD", "POST")
_DEFAULT_RATE = "5/1s"
_LIVE = (*range(200, 300), 402, 403)  # 402 and 403: accepted, but not for this


class Table(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A `[rules.liveness]` table as it stands in a file.

    It asks for keys of its own rule and of those that `serves` names. A family alone would not
    do: a refresh token or a key of another make would be told to be rejected where it is only
    in the wrong place.
    """

    base: str
    path: str
    reference: str
    provider: str | None = None
    method: str = "GET"
    headers: dict[str, str] = {}
    basic: str | None = None
    body: str | None = None
    content_type: str | None = None
    sign: str | None = None
    needs: dict[str, str] = {}
    optional: dict[str, str] = {}
    serves: list[str] = []
    prefixes: list[str] = []
    elsewhere: bool = False
    live: list[int] = msgspec.field(default_factory=lambda: list(_LIVE))
    rejected: list[int] = msgspec.field(default_factory=lambda: [401])
    live_if: str | None = None
    rejected_if: dict[str, list[str]] = {}
    details: dict[str, str] = {}
    personal: list[str] = []
    rate: str = _DEFAULT_RATE
    rate_per_key: list[str] = []


def check(table: Table, family: str) -> Check:
    """The check that a sound table describes; `family` is that of its rule."""
    return Check(
        provider=table.provider or family,
        method=table.method,
        base=table.base.rstrip("/"),
        path=table.path,
        headers=tuple(table.headers.items()),
        basic=table.basic,
        body=table.body,
        content_type=table.content_type,
        sign=table.sign,
        needs=tuple(table.needs.items()),
        live=tuple(table.live),
        rejected=tuple(table.rejected),
        live_if=table.live_if,
        rejected_if=tuple((name, tuple(values)) for name, values in table.rejected_if.items()),
        details=tuple(table.details.items()),
        personal=tuple(table.personal),
        rate=table.rate,
        rate_per_key=tuple(table.rate_per_key),
        reference=table.reference,
        optional=tuple(table.optional.items()),
        serves=tuple(table.serves),
        prefixes=tuple(table.prefixes),
        elsewhere=table.elsewhere,
    )


def problems(table: Table) -> Iterator[str]:
    """What is wrong with a table, each in a line."""
    yield from _address(table)
    yield from _carriers(table)
    yield from _answers(table)
    for rate in (table.rate, *table.rate_per_key):
        if not _RATE.fullmatch(rate):
            yield f"liveness: {rate!r} is no rate; write it like 10/1s"
    if not table.reference.startswith("https://"):
        yield "liveness: `reference` must say where the call is documented"


def shared(rules: Iterable[Rule]) -> list[Rule]:
    """The rules, those without a check with the one that serves them."""
    rules = list(rules)
    served = {
        name: rule.liveness for rule in rules if rule.liveness for name in rule.liveness.serves
    }
    return [
        rule if rule.liveness else rule._replace(liveness=served.get(rule.id)) for rule in rules
    ]


def misnamed(rules: Sequence[Rule], known: Collection[str]) -> Iterator[tuple[str, str]]:
    """The ids of rules whose checks name other rules wrongly, each with what is wrong.

    `rules` are as they stand in files, and `known` the ids of all that there are, sound or not.
    """
    busy = {rule.id for rule in rules if rule.liveness}
    for rule in rules:
        for key, name in _named(rule.liveness) if rule.liveness else ():
            if name not in known:
                yield rule.id, f"liveness: `{key}` names {name!r}, a rule that there is not"
            elif key == "serves" and name in busy:
                yield rule.id, f"liveness: `serves` names {name!r}, which has a check already"
            elif key == "serves":
                busy.add(name)


def _named(check: Check) -> Iterator[tuple[str, str]]:
    """Every rule that a check names, with the key under which it does."""
    for _, name in check.needs:
        yield "needs", name
    for _, name in check.optional:
        yield "optional", name
    for name in check.serves:
        yield "serves", name


def _address(table: Table) -> Iterator[str]:
    if not _is_base(table.base):
        yield f"liveness: base {table.base!r} must be https://host, perhaps with a path"
    if not table.path.startswith("/"):
        yield "liveness: `path` must begin with /"
    if table.method not in _METHODS:
        yield f"liveness: method {table.method!r}; only {', '.join(_METHODS)} change nothing"
    if (table.body is not None) != (table.method == "POST"):
        yield "liveness: POST and `body` go together"
    if table.body is not None and not table.content_type:
        yield "liveness: `body` needs a `content_type`"
    if table.sign is not None and not _SIGN.fullmatch(table.sign):
        yield "liveness: `sign` must be like: aws-sigv4 sts us-east-1"


def _is_base(text: str) -> bool:
    try:
        parts = urlsplit(text)
        usable = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    others = parts.query or parts.fragment or parts.username or parts.password
    return usable and not others and _PLAIN.fullmatch(text) is not None


def _carriers(table: Table) -> Iterator[str]:
    """The secret goes into one place, and every other name stands for a companion."""
    texts = [table.path, *table.headers.values(), table.basic or "", table.body or ""]
    named = [name for text in texts for name in _PLACE.findall(text)]
    carriers = named.count("secret") + (table.sign is not None)
    if carriers != 1:
        yield f"liveness: `{{secret}}` must stand in one place, not in {carriers}"
    if unknown := set(named) - {"secret", *table.needs}:
        yield f"liveness: {', '.join(sorted(unknown))}: not in `needs`"
    if table.sign is None and (idle := set(table.needs) - set(named)):
        yield f"liveness: {', '.join(sorted(idle))} of `needs` is not used"
    if table.sign is not None and "id" not in table.needs:
        yield "liveness: `sign` needs the rule of the key's `id` in `needs`"
    if table.optional and (table.sign is None or set(table.optional) != {"token"}):
        yield "liveness: `optional` is for the `token` of a signature alone"
    if "" in table.prefixes:
        yield "liveness: an empty prefix would let every key through"


def _answers(table: Table) -> Iterator[str]:
    statuses = [*table.live, *table.rejected]
    if wrong := [status for status in statuses if status not in _STATUSES]:
        yield f"liveness: {wrong[0]} is no status of an answer"
    both = set(table.live) & set(table.rejected)
    if both and not (table.live_if or table.rejected_if):  # what the answer says tells them apart
        yield f"liveness: {min(both)} cannot be both live and rejected"
    if any(300 <= status < 400 for status in statuses):
        yield "liveness: a redirect tells nothing, as it is not followed"
    if unknown := set(table.personal) - set(table.details):
        yield f"liveness: {', '.join(sorted(unknown))} of `personal` is not in `details`"
