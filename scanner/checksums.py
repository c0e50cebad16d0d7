"""Offline proofs that a token is well-formed, by the name that a rule's `checksum` gives.

Each function takes the whole token in bytes and says whether its checksum is right; a wrong
one means mistyped, altered or made up.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable

from scanner.placeholders import is_placeholder, is_weak_sample

_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHORTEST_SECRET = 4


def _base62(number: int, width: int) -> bytes:
    digits = bytearray()
    while number:
        number, rest = divmod(number, 62)
        digits.append(_BASE62[rest])
    return bytes(reversed(digits)).rjust(width, b"0")


def github(token: bytes) -> bool:
    """GitHub's and npm's classic tokens: prefix, `_`, body, six base62 digits of its CRC-32.

    Source: https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
    """
    _, _, rest = token.partition(b"_")
    body, check = rest[:-6], rest[-6:]
    return check == _base62(zlib.crc32(body), 6)


def grafana(token: bytes) -> bool:
    """Grafana's service account tokens: `glsa_`, 32 characters, `_`, CRC-32 of `glsa_` and those.

    Source: https://github.com/grafana/grafana, package `pkg/components/satokengen`: the sum
    is written as the hex digits of its bytes, the lowest first.
    """
    text, _, check = token.rpartition(b"_")
    return check.lower() == zlib.crc32(text).to_bytes(4, "little").hex().encode()


def jwt(token: bytes) -> bool:
    """JSON Web Token in compact form: header and payload are JSON objects, with an `alg`.

    Source: RFC 7519, section 3; RFC 7515, section 4.1.1.
    """
    header, _, rest = token.partition(b".")
    payload, _, signature = rest.partition(b".")
    return bool(signature) and "alg" in _json_object(header) and bool(_json_object(payload))


def _json_object(part: bytes) -> dict[str, object]:
    import json  # noqa: PLC0415 - a hook starts without it

    """A base64url part as a JSON object; an empty one when it is none."""
    try:
        value = json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    # ValueError is also binascii.Error, JSONDecodeError and UnicodeDecodeError.
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def basic_credentials(token: bytes) -> bool:
    """Base64 of `user:password` in printable characters, the password no mere sample.

    Source: RFC 7617, section 2.
    """
    try:
        text = base64.b64decode(token + b"=" * (-len(token) % 4), validate=True).decode()
    except ValueError:
        return False
    user, colon, password = text.partition(":")
    if not (colon and text.isprintable() and len(password) >= _SHORTEST_SECRET):
        return False
    sample = is_placeholder(password.encode()) or is_weak_sample(password.encode())
    return not sample and user != password


CHECKSUMS: dict[str, Callable[[bytes], bool]] = {
    "basic-credentials": basic_credentials,
    "github": github,
    "grafana": grafana,
    "jwt": jwt,
}
