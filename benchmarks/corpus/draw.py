"""Strings of random characters, the stuff that keys are made of."""

import base64
import string
import zlib
from random import Random

DIGITS = string.digits
LOWER = string.ascii_lowercase
UPPER = string.ascii_uppercase
BASE62 = DIGITS + UPPER + LOWER
BASE64 = UPPER + LOWER + DIGITS + "+/"
BASE64URL = UPPER + LOWER + DIGITS + "-_"
BASE32 = UPPER + "234567"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
HEX = "0123456789abcdef"


def chars(random: Random, alphabet: str, length: int) -> str:
    """Draw `length` characters of an alphabet."""
    return "".join(random.choices(alphabet, k=length))


def mixed(random: Random, alphabet: str, length: int) -> str:
    """Draw until a letter, a digit and no edge sign are there, as in tokens that people copy."""
    while True:
        text = chars(random, alphabet, length)
        letter_and_digit = any(c.isalpha() for c in text) and any(c.isdigit() for c in text)
        if letter_and_digit and text[0].isalnum() and text[-1].isalnum():
            return text


def base64_text(random: Random, size: int) -> str:
    """Encode `size` random bytes as padded base64."""
    return base64.b64encode(random.randbytes(size)).decode()


def base64url_text(data: bytes) -> str:
    """Encode bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def base62_checksum(body: str) -> str:
    """Give the six base62 digits of a body's CRC-32, most significant first."""
    number = zlib.crc32(body.encode())
    digits = ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        digits = BASE62[rest] + digits
    return digits
