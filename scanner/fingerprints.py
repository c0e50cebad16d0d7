"""One way to name a secret without telling it, and one way to show it redacted.

A fingerprint is `v1:` and 32 hex digits of a keyed hash over family and secret. It holds no
path, line, commit or rule id, so it survives moved lines, renamed files and rewritten
history. Somebody who reads a committed baseline and knows the key (it is public unless set)
can test guesses: for random keys that is hopeless, for passwords each guess costs one scrypt.
"""

from __future__ import annotations

VERSION = "v1"
PUBLIC_KEY = b"keysweep fingerprint v1"
_DIGEST_BYTES = 16
# A few milliseconds and 2 MiB for each distinct password (RFC 7914 parameters N, r, p).
_SCRYPT_COST = 2**11
_SCRYPT_BLOCK = 8
_SCRYPT_LANES = 1

MASK = "…"
HIDDEN = "*****"
LONG_ENOUGH = 20  # characters from which on a head and a tail may be shown
_HEAD = 5
_TAIL = 2


def fingerprint(
    family: str, secret: bytes, *, guessable: bool = False, key: bytes = PUBLIC_KEY
) -> str:
    """The fingerprint of a secret of a family.

    `secret` is the decoded secret in bytes; `guessable` families (passwords) go through
    scrypt; `key` is the project's public constant unless the user set another.
    """
    return f"{VERSION}:{_digest(family, secret, guessable, key).hex()}"


def _digest(family: str, secret: bytes, guessable: bool, key: bytes) -> bytes:
    # Loaded with the first finding: OpenSSL takes 2 ms, and most commits have none.
    import hashlib  # noqa: PLC0415
    import hmac  # noqa: PLC0415

    # The length keeps (ab, c) and (a, bc) apart.
    name = family.encode()
    message = len(name).to_bytes(4, "big") + name + secret
    tag = hmac.digest(key, message, "sha256")
    if not guessable:
        return tag[:_DIGEST_BYTES]
    return hashlib.scrypt(
        tag, salt=key, n=_SCRYPT_COST, r=_SCRYPT_BLOCK, p=_SCRYPT_LANES, dklen=_DIGEST_BYTES
    )


def redact(secret: bytes, *, guessable: bool = False) -> str:
    """What may be shown of a secret: the first five and last two characters of a long one.

    Short and guessable secrets show nothing, not even their length. Only letters, digits and
    `_-.=` are ever shown, so that a redacted secret cannot carry control characters.
    """
    text = secret.decode("utf-8", "replace")
    if guessable or len(text) < LONG_ENOUGH:
        return HIDDEN
    return _plain(text[:_HEAD]) + MASK + _plain(text[-_TAIL:])


def _plain(text: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-.=") else "?" for c in text)
