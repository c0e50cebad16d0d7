"""Private and public keys, certificates and signed tokens, right in shape and worthless."""

import base64
import json
from random import Random

from benchmarks.corpus import draw

RSA_2048_PKCS1 = bytes.fromhex("308204a40201000282010100")
RSA_2048_PKCS8 = bytes.fromhex("308204bd020100300d06092a864886f70d0101010500048204a7308204a3020100")
EC_256_SEC1 = bytes.fromhex("30770201010420")
EC_256_PKCS8 = bytes.fromhex(
    "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420"
)
ENCRYPTED_PKCS8 = bytes.fromhex("3082052d305706092a864886f70d01050d304a")
RSA_PUBLIC = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")
CERTIFICATE = bytes.fromhex("308203a53082028da003020102021400")
OPENSSH_ED25519 = (
    b"openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none\0\0\0\0\0\0\0\x01"
    b"\0\0\0\x33\0\0\0\x0bssh-ed25519\0\0\0\x20"
)
RSA_EXPONENT = bytes.fromhex("0203010001")


def pem(label: str, data: bytes, width: int = 64, headers: str = "") -> str:
    """Wrap bytes in PEM armour, `width` characters a line, without a final newline."""
    body = base64.b64encode(data).decode()
    lines = [body[start : start + width] for start in range(0, len(body), width)]
    return "\n".join(
        [
            f"-----BEGIN {label}-----",
            *([headers] if headers else []),
            *lines,
            f"-----END {label}-----",
        ]
    )


def _filled(random: Random, head: bytes, size: int, tail: bytes = b"") -> bytes:
    """Put random bytes between head and tail, `size` bytes in all."""
    return head + random.randbytes(size - len(head) - len(tail)) + tail


def rsa_private(random: Random) -> str:
    """Draw a PKCS #1 RSA key."""
    return pem("RSA PRIVATE KEY", _filled(random, RSA_2048_PKCS1, 1192))


def rsa_private_legacy(random: Random) -> str:
    """Draw a PKCS #1 RSA key in OpenSSL's old encrypted form, whose passphrase guards little."""
    iv = draw.chars(random, "0123456789ABCDEF", 32)
    headers = f"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{iv}\n"
    return pem("RSA PRIVATE KEY", random.randbytes(1200), headers=headers)


def ec_private(random: Random) -> str:
    """Draw a SEC 1 key on P-256."""
    oid = bytes.fromhex("a00a06082a8648ce3d030107a14403420004")
    return pem("EC PRIVATE KEY", EC_256_SEC1 + random.randbytes(32) + oid + random.randbytes(64))


def pkcs8_private(random: Random) -> str:
    """Draw a PKCS #8 RSA key."""
    return pem("PRIVATE KEY", _filled(random, RSA_2048_PKCS8, 1217))


def pkcs8_ec_private(random: Random) -> str:
    """Draw a PKCS #8 key on P-256, as Apple and Google hand out."""
    return pem("PRIVATE KEY", _filled(random, EC_256_PKCS8, 138))


def encrypted_private(random: Random) -> str:
    """Draw a PKCS #8 key under a passphrase."""
    return pem("ENCRYPTED PRIVATE KEY", _filled(random, ENCRYPTED_PKCS8, 1329))


def openssh_private(random: Random) -> str:
    """Draw an Ed25519 key as ssh-keygen writes it."""
    public, check = random.randbytes(32), random.randbytes(4)
    private = check * 2 + b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + public + b"\0\0\0\x40"
    private += random.randbytes(32) + public + b"\0\0\0\x0bdeploy@ci-1\x01\x02"
    data = OPENSSH_ED25519 + public + len(private).to_bytes(4) + private
    return pem("OPENSSH PRIVATE KEY", data, width=70)


def public_key(random: Random) -> str:
    """Draw an RSA public key."""
    return pem("PUBLIC KEY", _filled(random, RSA_PUBLIC, 294, RSA_EXPONENT))


def certificate(random: Random) -> str:
    """Draw a certificate."""
    return pem("CERTIFICATE", _filled(random, CERTIFICATE, 937))


def ssh_rsa(random: Random) -> str:
    """Draw an OpenSSH public key, without its comment."""
    head = b"\0\0\0\x07ssh-rsa\0\0\0\x03\x01\0\x01\0\0\x01\x01\0"
    return "ssh-rsa " + base64.b64encode(head + random.randbytes(256)).decode()


def ssh_ed25519(random: Random) -> str:
    """Draw an Ed25519 public key, without its comment."""
    head = b"\0\0\0\x0bssh-ed25519\0\0\0\x20"
    return "ssh-ed25519 " + base64.b64encode(head + random.randbytes(32)).decode()


def _segment(value: dict[str, object]) -> str:
    """Encode an object as one part of a JWT."""
    return draw.base64url_text(json.dumps(value, separators=(",", ":")).encode())


def jwt(random: Random) -> str:
    """Draw a signed JWT with believable claims."""
    issued = random.randint(1_690_000_000, 1_790_000_000)
    algorithm, size = random.choice((("HS256", 32), ("RS256", 256), ("ES256", 64), ("HS512", 64)))
    header: dict[str, object] = {"alg": algorithm, "typ": "JWT"}
    if algorithm != "HS256":
        header["kid"] = draw.chars(random, draw.HEX, 16)
    payload: dict[str, object] = {
        "iss": random.choice(("https://login.northwind-labs.io/", "https://id.harborline.eu")),
        "sub": f"user|{draw.chars(random, draw.HEX, 24)}",
        "aud": random.choice(("orders-api", "internal-gateway", "mobile")),
        "iat": issued,
        "exp": issued + random.choice((3600, 86_400, 31_536_000)),
        "scope": random.choice(("orders:read orders:write", "admin", "openid profile")),
    }
    return ".".join(
        (_segment(header), _segment(payload), draw.base64url_text(random.randbytes(size)))
    )
