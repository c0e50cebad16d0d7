"""What a place says about a match: rules for some files only, and the user's allowlists."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from scanner.exemptions import Exemption
from scanner.models import Allowlist, Match, Suppression
from scanner.pathpatterns import compile_paths
from scanner.rules import RuleSet

if TYPE_CHECKING:
    import regex

_TIMEOUT = 0.5  # seconds for one search: a repository's own configuration may be hostile


class _Compiled(NamedTuple):
    paths: Callable[[str], bool] | None
    regexes: "list[regex.Pattern[bytes]]"
    path_regexes: "list[regex.Pattern[bytes]]"
    line_regexes: "list[regex.Pattern[bytes]]"
    rules: frozenset[str]
    suppression: Suppression


class Judge:
    """Compiled path patterns and allowlists, asked once for each match and place."""

    def __init__(self, rules: RuleSet, allowlists: Iterable[Allowlist] = ()) -> None:
        self._patterns = {rule.id: rule.paths for rule in rules.rules if rule.paths}
        self._specs: dict[tuple[str, ...], Callable[[str], bool]] = {}
        self._allowlists = [_compile(allowlist) for allowlist in allowlists]

    def keeps(self, match: Match, path: str | None) -> bool:
        """Whether the match is reported at this path; nothing is known of nameless input."""
        patterns = self._patterns.get(match.rule_id)
        return patterns is None or path is None or self._names(patterns)(path)

    def _names(self, patterns: tuple[str, ...]) -> Callable[[str], bool]:
        """Patterns compiled when they are first needed: most runs need none."""
        if patterns not in self._specs:
            self._specs[patterns] = compile_paths(patterns)
        return self._specs[patterns]

    def exemptions(self) -> list[Exemption]:
        """Where some rule does not look, or some allowlist may hold, though not elsewhere."""
        rules = (self._names(patterns) for patterns in {*self._patterns.values()})
        allowed = (one for one in self._allowlists if one.paths or one.path_regexes)
        return [
            *(partial(_is_not, looks) for looks in rules),
            *(partial(_reaches, a) for a in allowed),
        ]

    def allowed(self, match: Match, path: str | None) -> Suppression | None:
        """The first allowlist entry of the user's that covers the match at this path."""
        for allowlist in self._allowlists:
            if _covers(allowlist, match, path):
                return allowlist.suppression
        return None


def _compile(allowlist: Allowlist) -> _Compiled:
    import regex  # noqa: PLC0415 - most runs have no allowlist

    return _Compiled(
        compile_paths(allowlist.paths) if allowlist.paths else None,
        [regex.compile(pattern.encode()) for pattern in allowlist.regexes],
        [regex.compile(pattern.encode()) for pattern in allowlist.path_regexes],
        [regex.compile(pattern.encode()) for pattern in allowlist.line_regexes],
        frozenset(allowlist.rules),
        Suppression("allowlist", allowlist.reason, allowlist.where),
    )


def _is_not(test: Exemption, path: str) -> bool:
    return not test(path)


def _reaches(allowlist: _Compiled, path: str | None) -> bool:
    """Whether an allowlist may hold at a path."""
    if path is None:
        return not (allowlist.paths or allowlist.path_regexes)
    if allowlist.paths and not allowlist.paths(path):
        return False
    try:
        return _found(allowlist.path_regexes, path.encode("utf-8", "surrogateescape"))
    except TimeoutError:
        return False


def _covers(allowlist: _Compiled, match: Match, path: str | None) -> bool:
    if allowlist.rules and match.rule_id not in allowlist.rules:
        return False
    if not _reaches(allowlist, path):
        return False
    secret = match.secret.reveal()
    try:
        return _found(allowlist.regexes, secret) and (
            not allowlist.line_regexes or _found(allowlist.line_regexes, _line(match, secret))
        )
    except TimeoutError:  # what cannot be decided in time is not allowed
        return False


def _found(patterns: "list[regex.Pattern[bytes]]", text: bytes) -> bool:
    """Whether one of the patterns is found in a text, or there are none."""
    return not patterns or any(pattern.search(text, timeout=_TIMEOUT) for pattern in patterns)


def _line(match: Match, secret: bytes) -> bytes:
    """The line of a match as far as it is known, with the secret in it."""
    text, start, end = match.excerpt
    before, behind = text[:start], text[end:]
    return (
        before.encode("utf-8", "surrogateescape")
        + secret
        + behind.encode("utf-8", "surrogateescape")
    )
