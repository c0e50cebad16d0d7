"""One rule on one text: where its regex matches, and whether what it captures is a secret."""

import base64
import re
import time
from collections.abc import Callable, Generator, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from scanner.checksums import CHECKSUMS
from scanner.placeholders import is_placeholder, is_template, is_weak_sample
from scanner.randomness import is_random, shannon_entropy
from scanner.rules import Rule, secret_group

if TYPE_CHECKING:
    import regex

    from scanner.regexes import Regexes

TIMEOUT = 1.0  # seconds for one search in one window
BUDGET = 5.0  # seconds for all searches of one rule in one content
_LONG = 2048  # bytes searched at a time, beside those of one hit
SLACK = 16  # bytes past a window, so that its end is not taken for the text's end

_LEAST_IN_A_ROW = 10  # bytes: longer than most words of the same letters
_MOST_LETTERS = 70
_WORD = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
# What may stand before a secret and end in a word character without being part of it:
# escapes of strings and URLs, HTML's in numbers, and a terminal's colours.
_ESCAPE_BEFORE = re.compile(
    rb"(?:\\[abefnrtv0]|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\[0-3][0-7]{2}|%[0-9A-Fa-f]{2}"
    rb"|(?:\x1b|\\e|\\033|\\x1b|\\u001b)\[[0-9;]{0,12}m)$"
)
_ESCAPE_LENGTH = 20
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{4,1000}={0,2}")


class Found(NamedTuple):
    """A regex match: byte offsets of the whole match and of the secret; ends exclusive."""

    start: int
    end: int
    secret_start: int
    secret_end: int
    random_part: bytes


class Sample(NamedTuple):
    """What the filters of a rule look at.

    `identity` makes the secret itself: as captured, without what the rule strips from it.
    `plain` is the text that it is the base64 of, if it is of any.
    """

    content: bytes
    found: Found
    identity: bytes
    plain: bytes | None

    @property
    def random_part(self) -> bytes:
        """What has to look drawn at random."""
        return self.plain or self.found.random_part


class Filter(NamedTuple):
    """A test that a secret has to pass: its name, and what it says against one, if anything."""

    name: str
    objection: Callable[[Sample], str | None]


class _Row(NamedTuple):
    """A table for `bytes.translate`, and what it makes of the shortest secret."""

    table: bytes
    text: bytes


class Matcher:
    """A rule with its regexes, made ready when the first candidate turns up."""

    def __init__(self, rule: Rule, frozen: bytes | None = None) -> None:
        """`frozen` is what `regexes.freeze` made of the rule's regexes, when that was done."""
        self.rule = rule
        self._frozen = frozen

    @cached_property
    def _regexes(self) -> "Regexes":
        # Loaded with the first candidate, as it takes 10 ms and most commits have none.
        from scanner.regexes import compile_rule, thaw  # noqa: PLC0415

        return compile_rule(self.rule) if self._frozen is None else thaw(self._frozen)

    @cached_property
    def _row(self) -> "_Row | None":
        """What stands wherever there is a secret, if that is seldom elsewhere: to look for it
        takes a tenth of the time of a search, and most names of keys have no key beside them."""
        rule = self.rule
        if rule.least < _LEAST_IN_A_ROW or len(rule.alphabet) > _MOST_LETTERS:
            return None
        table = bytes(byte in rule.alphabet for byte in range(256))
        return _Row(table, b"\1" * rule.least)

    @cached_property
    def _secret_group(self) -> int:
        own = self._regexes.own
        return secret_group(own.groups, own.groupindex)

    def find(self, content: bytes, hits: list[int]) -> Generator[Found, bool | None, None]:
        """The rule's matches for prefilter hits (see `Prefilter.hits`), from left to right.

        Who answers that a match is no secret (`send(False)`) is given those inside of it too.

        Raises TimeoutError when a search takes longer than `TIMEOUT`, or all of them together
        longer than `BUDGET`.
        """
        return self._at(content, hits) if self.rule.exact else self._around(content, hits)

    def _at(self, content: bytes, starts: list[int]) -> Generator[Found, bool | None, None]:
        done = 0
        words, within = self.rule.words, self.rule.within
        for start in _within_budget(starts):
            if start < done:
                continue
            if words:  # which takes a tenth of the time of a match
                near = content[start : start + within].lower()
                if not any(word in near for word in words):
                    continue
            high = min(len(content), start + self.rule.width + SLACK)
            match = self._regexes.own.match(content, start, high, timeout=TIMEOUT)
            if match is not None and self._stands_alone(content, found := self._found(match)):
                accepted = yield found
                if accepted is not False:
                    done = found.secret_end

    def _around(self, content: bytes, ends: list[int]) -> Generator[Found, bool | None, None]:
        done = 0
        for first, last, high in self._stretches(content, ends):
            low = max(done, first)
            while low <= last:
                match = self._regexes.own.search(content, low, high, timeout=TIMEOUT)
                if match is None or match.start() > last:
                    break
                found = self._found(match)
                if self._stands_alone(content, found):
                    yield found
                    low = done = found.secret_end
                else:
                    low = match.start() + 1
            done = max(done, last)  # what begins before has been looked for

    def _stretches(self, content: bytes, ends: list[int]) -> Iterator[tuple[int, int, int]]:
        """From where to where a match with one of these hits in it may begin, and the end of what
        it may take up. Those that overlap are one, so that nothing is searched again for each
        hit: a text may have one at every few bytes."""
        row, size = self._row, len(content)
        before, behind = self.rule.reach, self.rule.width + SLACK
        first = last = high = -1
        bare = 0  # up to where there is no such row as a secret is
        for end in _within_budget(ends):
            low = max(0, end - before)
            if row:
                begin = max(low, bare - len(row.text))
                if row.text not in content[begin : end + behind].translate(row.table):
                    bare = end + behind
                    continue
            if low > high or high - first > _LONG:
                if high >= 0:
                    yield first, last, high
                first = low
            last, high = end, min(size, end + behind)
        if high >= 0:
            yield first, last, high

    def _stands_alone(self, content: bytes, found: Found) -> bool:
        return not self.rule.edges or has_edges(content, found)

    def _found(self, match: "regex.Match[bytes]") -> Found:
        start, end = match.span(self._secret_group)
        part = match.group("random") if "random" in match.re.groupindex else None
        return Found(match.start(), match.end(), start, end, part or match[self._secret_group])

    def sample(self, content: bytes, found: Found) -> Sample:
        """What the filters look at: the secret without what the rule strips from it, and more."""
        captured = content[found.secret_start : found.secret_end]
        strip = self._regexes.strip
        identity = captured
        if strip is not None:
            identity = bytes(strip.sub(b"", captured, timeout=TIMEOUT))
        return Sample(content, found, identity, base64_text(identity))

    def rejection(self, sample: Sample) -> str | None:
        """Why what was found is no secret, or nothing when it is one."""
        for _, objection in self.filters:
            if reason := objection(sample):
                return reason
        return None

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """What a secret of this rule has to pass, in this order: what costs most comes last."""
        rule = self.rule
        wanted = (
            (True, Filter("content", _blank)),
            (rule.checksum, Filter("checksum", self._checksum)),
            (rule.min_entropy, Filter("entropy", self._entropy)),
            (True, Filter("stand-in", self._stand_in)),
            (rule.random, Filter("randomness", _chance)),
            (rule.allowlist or rule.allowlist_match, Filter("allowlist", self._allowed)),
        )
        return tuple(one for is_wanted, one in wanted if is_wanted)

    def _checksum(self, sample: Sample) -> str | None:
        name = self.rule.checksum
        return f"wrong {name} checksum" if name and not CHECKSUMS[name](sample.identity) else None

    def _entropy(self, sample: Sample) -> str | None:
        least = self.rule.min_entropy
        if shannon_entropy(sample.identity) < least:
            return f"entropy below {least} bits per character"
        return None

    def _stand_in(self, sample: Sample) -> str | None:
        rule, secret = self.rule, sample.plain or sample.identity
        if rule.guessable:
            if is_placeholder(secret) or is_weak_sample(secret):
                return "a placeholder or sample password"
        elif is_template(secret) or (rule.random and is_placeholder(secret)):
            return "a placeholder"
        return None

    def _allowed(self, sample: Sample) -> str | None:
        _, allowed, allowed_match, _ = self._regexes
        content, found, identity, plain = sample
        forms = [identity] if plain is None else [identity, plain]
        if allowed and any(allowed.search(form, timeout=TIMEOUT) for form in forms):
            return "allowlist of the rule"
        whole = content[max(0, found.start - self.rule.lead) : found.end]
        if allowed_match and allowed_match.search(whole, timeout=TIMEOUT):
            return "allowlist of the rule, by its surroundings"
        return None


def _blank(sample: Sample) -> str | None:
    return None if sample.identity.strip() else "empty"


def _chance(sample: Sample) -> str | None:
    return None if is_random(sample.random_part) else "not drawn at random"


def _within_budget(offsets: list[int]) -> Iterator[int]:
    """The offsets, until the time for one rule is spent: a hostile text can hold many hits."""
    deadline = time.monotonic() + BUDGET
    for offset in offsets:
        if time.monotonic() > deadline:
            raise TimeoutError
        yield offset


def base64_text(secret: bytes) -> bytes | None:
    """The printable ASCII that `secret` is the base64 of, or nothing when it is of none.

    Kubernetes and others write every value so; whether it is a stand-in shows in the text.
    """
    if len(secret) % 4 or not _BASE64.fullmatch(secret):
        return None
    decoded = base64.b64decode(secret).strip()
    return decoded if decoded and all(32 <= byte < 127 for byte in decoded) else None


def has_edges(content: bytes, found: Found) -> bool:
    """Whether a secret stands by itself: no word character before it or after it.

    An escape before it (`\\n`, `%20`, a terminal's colour) is an edge although it ends in a
    letter or digit.
    """
    start, end = found.secret_start, found.secret_end
    if end < len(content) and content[end] in _WORD:
        return False
    if start == 0 or content[start - 1] not in _WORD:
        return True
    before = content[max(0, start - _ESCAPE_LENGTH) : start]
    return _ESCAPE_BEFORE.search(before) is not None
