"""What was learnt of keys in earlier runs: minutes long of live ones, hours of rejected ones.

Kept under a keyed hash; the random key is this machine's alone, so that who gets hold of the
results cannot try guesses. Neither file holds a secret.
"""

from __future__ import annotations

import hmac
import os
import time

import msgspec

from scanner import cache
from scanner.liveness.questions import Question
from scanner.models import Liveness, Verdict

_KEY, _RESULTS = "liveness-key", "liveness-results"
_KEY_BYTES = 32
_SECONDS = {Verdict.LIVE: 10 * 60, Verdict.REJECTED: 24 * 3600}
_MOST = 20_000  # results


class _Entry(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """A result until `expires`, in seconds since 1970."""

    expires: float
    verdict: Verdict
    reason: str
    checked_at: str | None
    details: tuple[tuple[str, str], ...]


class Kept:
    """The results of this user's earlier runs, and of this one once they are saved."""

    def __init__(self) -> None:
        """Reads what is there; what is damaged counts as nothing."""
        self._key = _key()
        self._entries = _read()
        self._new: dict[str, _Entry] = {}

    def recall(self, question: Question) -> Liveness | None:
        """What is still known of a question."""
        entry = self._entries.get(self._name(question))
        if entry is None or entry.expires <= time.time():
            return None
        return Liveness(entry.verdict, entry.reason, entry.checked_at, entry.details)

    def learn(self, question: Question, known: Liveness) -> None:
        """Remembers a verdict; one that is not sure is asked for again next time."""
        if known.verdict in _SECONDS:
            expires = time.time() + _SECONDS[known.verdict]
            self._new[self._name(question)] = _Entry(expires, *known)

    def save(self) -> None:
        """Keeps what is new, beside what another run may have kept meanwhile."""
        if not self._new:
            return
        now = time.time()
        both = _read() | self._new
        fresh = [(name, entry) for name, entry in both.items() if now < entry.expires]
        fresh.sort(key=lambda pair: -pair[1].expires)
        cache.write(_RESULTS, msgspec.json.encode(dict(fresh[:_MOST])))

    def _name(self, question: Question) -> str:
        """A keyed hash over all that the answer depends on."""
        secrets = [(name, secret.reveal().hex()) for name, secret in question.companions]
        parts = (
            question.rule_id,
            question.base,
            question.named,
            *question.check,
            question.secret.reveal().hex(),
            secrets,
        )
        return hmac.digest(self._key, msgspec.json.encode(parts), "sha256").hex()


def _key() -> bytes:
    """This machine's key, made when there is none."""
    kept = cache.read(_KEY)
    if kept is not None and len(kept) == _KEY_BYTES:
        return kept
    made = os.urandom(_KEY_BYTES)
    cache.write(_KEY, made)
    return made


def _read() -> dict[str, _Entry]:
    try:
        return msgspec.json.decode(cache.read(_RESULTS) or b"{}", type=dict[str, _Entry])
    except msgspec.MsgspecError:
        return {}
