"""Known secrets kept out of any text, in clear or in base64, hex or percent-encoding."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from urllib.parse import unquote_to_bytes

from scanner.fingerprints import HIDDEN

_PIECE = 8  # characters in a row that tell; what a redacted secret shows is less
# Every piece holds one of these, if one begins at every third character.
_PROBE = 6
_EVERY = _PIECE - _PROBE + 1
_ARMOUR = re.compile(r"-----[A-Z0-9 ]+-----")  # the same for all private keys


class Veil:
    """Hides every piece of some secrets."""

    def __init__(self, secrets: Iterable[bytes]) -> None:
        """Of `secrets` (in bytes) those of fewer than eight characters are too common to hide."""
        self._texts = [_ARMOUR.sub("\n", _text(secret)) for secret in set(secrets)]
        self._probes = {
            text[at : at + _PROBE]
            for text in self._texts
            if len(text) >= _PIECE
            for at in range(0, len(text) - _PROBE + 1, _EVERY)
        }
        self._known: dict[str, str] = {}

    @cached_property
    def _pieces(self) -> set[str]:
        """All pieces of all secrets: asked for by hardly any text, and a hundred thousand of some
        private keys."""
        return {piece for text in self._texts for _, piece in _pieces(text)}

    def over(self, text: str) -> str:
        """The text with every stretch of eight or more characters of a secret hidden."""
        if text not in self._known:
            self._known[text] = self._over(text) if self._probes else text
        return self._known[text]

    def _over(self, text: str) -> str:
        for pattern, decodings in _NOTATIONS:

            def replaced(found: re.Match[str], decodings: _Decodings = decodings) -> str:
                tells = any(map(self._tells, decodings(found[0])))
                return HIDDEN if tells else found[0]

            text = pattern.sub(replaced, text)
        return self._plain(text)

    def _tells(self, text: str) -> bool:
        return self._may_tell(text) and any(piece in self._pieces for _, piece in _pieces(text))

    def _may_tell(self, text: str) -> bool:
        return any(piece in self._probes for _, piece in _pieces(text, _PROBE))

    def _plain(self, text: str) -> str:
        if not self._may_tell(text):
            return text
        parts: list[str] = []
        done = 0
        for at, piece in _pieces(text):
            if piece in self._pieces:
                if at > done or not parts:
                    parts += [text[done:at], HIDDEN]
                done = at + _PIECE
        return "".join([*parts, text[done:]])


def _pieces(text: str, size: int = _PIECE) -> Iterator[tuple[int, str]]:
    return ((at, text[at : at + size]) for at in range(len(text) - size + 1))


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


_Decodings = Callable[[str], Iterator[str]]


def _of_base64(text: str) -> Iterator[str]:
    """At each of the four places where a group of characters may begin."""
    plain = text.replace("-", "+").replace("_", "/")
    for start in range(4):
        size = (len(plain) - start) // 4 * 4
        yield _text(base64.b64decode(plain[start : start + size]))


def _of_hex(text: str) -> Iterator[str]:
    for start in range(2):
        size = (len(text) - start) // 2 * 2
        yield _text(bytes.fromhex(text[start : start + size]))


def _of_percent(text: str) -> Iterator[str]:
    yield _text(unquote_to_bytes(text))


_NOTATIONS: tuple[tuple[re.Pattern[str], _Decodings], ...] = (
    (re.compile(r"[0-9A-Fa-f]{16,}"), _of_hex),
    (re.compile(r"[A-Za-z0-9+/_-]{11,}"), _of_base64),
    (re.compile(r"[^\s%]*(?:%[0-9A-Fa-f]{2}[^\s%]*)+"), _of_percent),
)
