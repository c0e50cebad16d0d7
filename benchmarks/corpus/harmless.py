"""What looks random and is no secret: hashes, identifiers, public keys, pictures, filler."""

import base64
import hashlib
import string
from collections.abc import Callable
from random import Random

from benchmarks.corpus import draw, pems, people

IDENTIFIERS = (
    "props", "state", "render", "node", "value", "index", "children", "className", "onClick",
    "options", "target", "event", "handler", "result", "callback", "module", "exports",
    "require", "context", "prototype", "length", "component", "token", "password", "secret",
    "key", "auth", "session", "header", "bearer", "be_visible", "be_disabled",
)  # fmt: skip
LATIN = (
    "lorem", "ipsum", "dolor", "sit", "amet", "consectetur", "adipiscing", "elit", "sed", "do",
    "eiusmod", "tempor", "incididunt", "ut", "labore", "et", "dolore", "magna", "aliqua",
    "enim", "minim", "veniam", "quis", "nostrud", "exercitation", "ullamco",
)  # fmt: skip


def uuid(random: Random, _: int = 0) -> str:
    """Draw a version 4 UUID."""
    digits = draw.chars(random, draw.HEX, 32)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _hex(length: int) -> Callable[[Random, int], str]:
    return lambda random, _: draw.chars(random, draw.HEX, length)


def _base64(size: int) -> Callable[[Random, int], str]:
    return lambda random, _: draw.base64_text(random, size)


def _drawn(alphabet: str, length: int) -> Callable[[Random, int], str]:
    return lambda random, wanted: draw.chars(random, alphabet, wanted or length)


def _pem(drawer: Callable[[Random], str]) -> Callable[[Random, int], str]:
    return lambda random, _: drawer(random)


def _png(random: Random, size: int) -> str:
    data = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + random.randbytes(size or 300)
    return base64.b64encode(data).decode()


def _colons(random: Random, size: int) -> str:
    return random.randbytes(size).hex(":").upper()


def _ipv6(random: Random, _: int) -> str:
    return "2001:db8:" + ":".join(f"{random.getrandbits(16):x}" for _ in range(6))


def _sops(random: Random, size: int) -> str:
    data, iv, tag = (draw.base64_text(random, n) for n in (size or 24, 32, 16))
    return f"ENC[AES256_GCM,data:{data},iv:{iv},tag:{tag},type:str]"


def _vault_line(random: Random, _: int) -> str:
    """Draw one full line of an ansible-vault body: 80 hex digits that spell hex digits."""
    return draw.chars(random, draw.HEX, 40).encode().hex()


def _mappings(random: Random, length: int) -> str:
    """Draw a source map's mappings, about `length` characters."""
    text = ""
    while len(text) < (length or 400):
        text += draw.chars(random, draw.BASE64, random.choice((4, 4, 5, 8))) + random.choice(",,,;")
    return text


def _minified(random: Random, length: int) -> str:
    """Draw minified JavaScript without any newline, at least `length` characters."""
    parts: list[str] = []
    size = 0
    while size < length:
        a, b, c = (random.choice(string.ascii_letters) for _ in range(3))
        name, other = random.choice(IDENTIFIERS), random.choice(IDENTIFIERS)
        number = random.randint(2, 9999)
        parts.append(
            random.choice(
                (
                    f"function {a}({b},{c}){{return {b}.{name}?{c}[{number}]:{b}.{other}({c})}}",
                    f"var {a}=n({number}),{b}={a}.{name}||{{}};",
                    f'{a}.displayName="{other}",{b}.exports={a};',
                    f"if({a}&&{b}.{name}!=={c}){{{c}=void 0;return {a}({number})}}",
                    f'switch({a}.type){{case"{name}":return{{...{b},{other}:{c}.{name}}}}}',
                )
            )
        )
        size += len(parts[-1])
    return "".join(parts)


def _hexdump(random: Random, offset: int) -> str:
    data = random.randbytes(16)
    shown = "".join(chr(byte) if 32 < byte < 127 else "." for byte in data)
    return f"{offset * 16:08x}  {data[:8].hex(' ')}  {data[8:].hex(' ')}  |{shown}|"


def _latin(random: Random, count: int) -> str:
    return " ".join(random.choices(LATIN, k=count or 12)).capitalize() + "."


def _timestamp(random: Random, _: int) -> str:
    month, day, hour = random.randint(1, 12), random.randint(1, 28), random.randint(0, 23)
    minute, fraction = random.randint(0, 59), random.randint(100, 999)
    return f"2025-{month:02}-{day:02}T{hour:02}:{minute:02}:07.{fraction}Z"


def _address(random: Random, _: int) -> str:
    return f"10.{random.randint(0, 255)}.{random.randint(0, 255)}.{random.randint(2, 250)}"


def _google_client_id(random: Random, _: int) -> str:
    name = draw.chars(random, draw.LOWER + draw.DIGITS, 32)
    return f"{random.randint(10**11, 10**12)}-{name}.apps.googleusercontent.com"


def _sentry_dsn(random: Random, _: int) -> str:
    organisation, project = random.randint(1000, 99999), random.randint(10**6, 10**7)
    key = draw.chars(random, draw.HEX, 32)
    return f"https://{key}@o{organisation}.ingest.sentry.io/{project}"


def _go_sum(random: Random, _: int) -> str:
    return "h1:" + base64.b64encode(hashlib.sha256(random.randbytes(8)).digest()).decode()


HARMLESS: dict[str, Callable[[Random, int], str]] = {
    "sha1": _hex(40),
    "short_sha": _hex(7),
    "sha256": _hex(64),
    "sha512": _hex(128),
    "md5": _hex(32),
    "etag": lambda random, _: f"{draw.chars(random, draw.HEX, 32)}-{random.randint(2, 30)}",
    "uuid": uuid,
    "uuid_upper": lambda random, _: uuid(random).upper(),
    "sri512": lambda random, _: "sha512-" + draw.base64_text(random, 64),
    "sri384": lambda random, _: "sha384-" + draw.base64_text(random, 48),
    "sri256": lambda random, _: "sha256-" + draw.base64_text(random, 32),
    "go_sum": _go_sum,
    "pseudo_version": lambda r, _: (
        f"v0.0.0-2025{r.randint(10, 12)}{r.randint(10, 28)}093012-{draw.chars(r, draw.HEX, 12)}"
    ),
    "image_digest": lambda random, _: "sha256:" + draw.chars(random, draw.HEX, 64),
    "png": _png,
    "ulid": lambda random, _: "01J" + draw.chars(random, draw.CROCKFORD, 23),
    "nanoid": _drawn(draw.BASE64URL, 21),
    "base32_name": _drawn(draw.BASE32, 32),
    "mac": lambda random, _: random.randbytes(6).hex(":"),
    "ipv6": _ipv6,
    "fingerprint": lambda random, _: _colons(random, 20),
    "fingerprint256": lambda random, _: _colons(random, 32),
    "ssh_fingerprint": lambda random, _: "SHA256:" + draw.base64_text(random, 32).rstrip("="),
    "pod_hash": lambda r, _: (
        f"{draw.chars(r, draw.HEX, 10)}-{draw.chars(r, 'bcdfghjklmnpqrstvwxz2456789', 5)}"
    ),
    "css_class": _drawn(draw.BASE62, 6),
    "asset_hash": _hex(20),
    "hex_colour": _hex(6),
    "serial": lambda random, _: draw.chars(random, draw.HEX, 36).upper(),
    "public_key": _pem(pems.public_key),
    "certificate": _pem(pems.certificate),
    "ssh_rsa": _pem(pems.ssh_rsa),
    "ssh_ed25519": _pem(pems.ssh_ed25519),
    "jwk_n": _drawn(draw.BASE64URL, 342),
    "jwk_x": _drawn(draw.BASE64URL, 43),
    "kid": _drawn(draw.BASE64URL, 43),
    "stripe_public": lambda random, _: "pk_live_" + draw.mixed(random, draw.BASE62, 24),
    "google_client_id": _google_client_id,
    "sentry_dsn": _sentry_dsn,
    "recaptcha_site": lambda random, _: "6Lc" + draw.chars(random, draw.BASE62, 37),
    "firebase_app": lambda r, _: f"1:{r.randint(10**11, 10**12)}:web:{draw.chars(r, draw.HEX, 22)}",
    "sops": _sops,
    "sealed": lambda random, _: "AgB" + draw.base64_text(random, 420),
    "vault_line": _vault_line,
    "arn": lambda r, _: f"arn:aws:kms:eu-west-1:{r.randint(10**11, 10**12 - 1)}:key/{uuid(r)}",
    "account": lambda random, _: str(random.randint(10**11, 10**12 - 1)),
    "trace": _hex(32),
    "span": _hex(16),
    "mappings": _mappings,
    "minified": _minified,
    "hexdump": _hexdump,
    "dna": _drawn("ACGT", 60),
    "protein": _drawn("ACDEFGHIKLMNPQRSTVWY", 60),
    "base64_blob": _base64(96),
    "wg_public": _base64(32),
    "age_public": lambda r, _: "age1" + draw.chars(r, "qpzry9x8gf2tvdw0s3jn54khce6mua7l", 58),
    "known_host": _drawn(draw.BASE64, 27),
    "serial_short": _drawn(draw.DIGITS + draw.UPPER, 12),
    "content_hash": _base64(64),
    "base64_line": _base64(48),
    "descriptor": lambda r, _: "".join(f"\\x{byte:02x}" for byte in r.randbytes(24)),
    "order_id": lambda random, _: "ORD-" + draw.chars(random, draw.DIGITS + draw.UPPER, 12),
}
FILLER: dict[str, Callable[[Random, int], str]] = {
    "word": lambda random, _: people.word(random),
    "user": lambda random, _: people.user(random),
    "latin": _latin,
    "int": lambda random, most: str(random.randint(1, most or 9999)),
    "float": lambda random, _: f"{random.random() * 100:.3f}",
    "time": _timestamp,
    "ip": _address,
}
NEUTRAL: dict[str, Callable[[Random, int], str]] = {
    "aws_id": lambda random, _: "AKIA" + draw.mixed(random, draw.BASE32, 16),
    "twilio_sid": lambda random, _: "AC" + draw.mixed(random, draw.HEX, 32),
    "jwk_prime": _drawn(draw.BASE64URL, 171),
    "private_key_id": _hex(40),
}
