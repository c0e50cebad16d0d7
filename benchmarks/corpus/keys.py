"""Every kind of planted key: how its provider writes it, drawn at random."""

import base64
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from benchmarks.corpus import draw, pems, people


@dataclass(frozen=True)
class KeyKind:
    """A placeholder's meaning: the kind that the truth names, and how to draw one."""

    kind: str
    draw: Callable[[Random], str]


def _byteengine_hex(random: Random) -> str:
    return "be_" + draw.mixed(random, draw.HEX, random.choice((20, 24, 32, 40, 48, 64)))


def _byteengine_base62(random: Random) -> str:
    return "be_" + draw.mixed(
        random, draw.BASE62, random.choice((20, 22, 24, 32, 36, 40, 43, 48, 64))
    )


def _byteengine_long(random: Random) -> str:
    return "be_" + draw.mixed(random, draw.BASE62, random.choice((72, 80, 96, 112, 128)))


def _byteengine(random: Random) -> str:
    return random.choice((_byteengine_hex, _byteengine_base62, _byteengine_base62))(random)


def _opaque(random: Random, shortest: int, longest: int) -> str:
    """Draw a token without any mark, `shortest` to `longest` characters."""
    alphabet = random.choice((draw.BASE62, draw.BASE62, draw.BASE64URL, draw.HEX))
    length = random.choice(
        [n for n in (24, 28, 32, 36, 40, 43, 48, 56, 64) if shortest <= n <= longest]
    )
    return draw.mixed(random, alphabet, length)


def _bytestack(random: Random) -> str:
    return _opaque(random, 32, 64)


def _bearer(random: Random) -> str:
    return _opaque(random, 28, 64)


def _generic_key(random: Random) -> str:
    return _opaque(random, 24, 48)


def _basic(random: Random) -> str:
    pair = f"{people.user(random)}:{people.url_password(random)}"
    return base64.b64encode(pair.encode()).decode()


def _prefixed(prefix: str, alphabet: str, length: int, suffix: str = "") -> Callable[[Random], str]:
    """Make a drawer of `length` characters between a prefix and a suffix."""

    def drawer(random: Random) -> str:
        return prefix + draw.mixed(random, alphabet, length) + suffix

    return drawer


def _checksummed(prefix: str) -> Callable[[Random], str]:
    """Make a drawer of 30 base62 characters and their six-digit checksum."""

    def drawer(random: Random) -> str:
        body = draw.mixed(random, draw.BASE62, 30)
        return prefix + body + draw.base62_checksum(body)

    return drawer


def _uuid(random: Random) -> str:
    digits = draw.chars(random, draw.HEX, 32)
    variant = random.choice("89ab")
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def _github_fine(random: Random) -> str:
    first, second = (draw.mixed(random, draw.BASE62, length) for length in (22, 59))
    return f"github_pat_{first}_{second}"


def _openai_legacy(random: Random) -> str:
    first, second = (draw.mixed(random, draw.BASE62, 20) for _ in range(2))
    return f"sk-{first}T3BlbkFJ{second}"


def _openai_project(random: Random) -> str:
    first, second = (draw.mixed(random, draw.BASE64URL, 74) for _ in range(2))
    return f"sk-proj-{first}T3BlbkFJ{second}"


def _packet(kind: int, data: bytes) -> bytes:
    """Write one field of a version 2 macaroon."""
    return bytes((kind, len(data))) + data


def _pypi(random: Random) -> str:
    caveat = json.dumps({"version": 1, "permissions": "user"}).encode()
    macaroon = b"\x02" + _packet(1, b"pypi.org") + _packet(2, _uuid(random).encode()) + b"\0"
    macaroon += _packet(2, caveat) + b"\0\0" + _packet(6, random.randbytes(32))
    return "pypi-" + draw.base64url_text(macaroon)


def _sendgrid(random: Random) -> str:
    return f"SG.{draw.mixed(random, draw.BASE64URL, 22)}.{draw.mixed(random, draw.BASE64URL, 43)}"


def _telegram(random: Random) -> str:
    return (
        f"{random.randint(500_000_000, 7_900_000_000)}:AA{draw.mixed(random, draw.BASE64URL, 33)}"
    )


def _discord(random: Random) -> str:
    account = (
        base64.b64encode(str(random.randint(10**17, 13 * 10**17)).encode()).decode().rstrip("=")
    )
    return (
        f"{account}.{draw.mixed(random, draw.BASE62, 6)}.{draw.mixed(random, draw.BASE64URL, 38)}"
    )


def _slack_bot(random: Random) -> str:
    team, bot = (random.randint(10**11, 10**13) for _ in range(2))
    return f"xoxb-{team}-{bot}-{draw.mixed(random, draw.BASE62, 24)}"


def _slack_webhook(random: Random) -> str:
    alphabet = draw.DIGITS + draw.UPPER
    team, hook = (draw.mixed(random, alphabet, 10) for _ in range(2))
    return f"https://hooks.slack.com/services/T{team}/B{hook}/{draw.mixed(random, draw.BASE62, 24)}"


def _grafana(random: Random) -> str:
    body = "glsa_" + draw.mixed(random, draw.BASE62, 32)
    return f"{body}_{zlib.crc32(body.encode()).to_bytes(4, 'little').hex()}"


def _sentry(random: Random) -> str:
    claims = {"iat": random.randint(1_690_000_000, 1_780_000_000) + 0.5, "url": "https://sentry.io"}
    claims |= {"region_url": "https://de.sentry.io", "org": "harborline"}
    head = base64.b64encode(json.dumps(claims).encode()).decode()
    return f"sntrys_{head}_{draw.base64_text(random, 32).rstrip('=')}"


def _azure_client_secret(random: Random) -> str:
    head = draw.mixed(random, draw.BASE62, 3)
    return f"{head}{random.randint(7, 8)}Q~{draw.mixed(random, draw.BASE64URL + '.~', 34)}"


def _atlassian(random: Random) -> str:
    checksum = draw.chars(random, "0123456789ABCDEF", 8)
    return f"ATATT3xFfGF0{draw.mixed(random, draw.BASE64URL, 171)}={checksum}"


def _terraform_cloud(random: Random) -> str:
    return f"{draw.mixed(random, draw.BASE62, 14)}.atlasv1.{draw.mixed(random, draw.BASE62, 67)}"


def _mailchimp(random: Random) -> str:
    return f"{draw.mixed(random, draw.HEX, 32)}-us{random.randint(1, 21)}"


def _postman(random: Random) -> str:
    return f"PMAK-{draw.mixed(random, draw.HEX, 24)}-{draw.mixed(random, draw.HEX, 34)}"


def _notion(random: Random) -> str:
    return f"ntn_{draw.chars(random, draw.DIGITS, 11)}{draw.mixed(random, draw.BASE62, 35)}"


def _aws_secret(random: Random) -> str:
    while True:
        text = draw.mixed(random, draw.BASE64, 40)
        if any(c.isupper() for c in text) and any(c.islower() for c in text):
            return text


def _airtable(random: Random) -> str:
    return f"pat{draw.mixed(random, draw.BASE62, 14)}.{draw.mixed(random, draw.HEX, 64)}"


def _age(random: Random) -> str:
    return "AGE-SECRET-KEY-1" + draw.mixed(random, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)


KEYS: dict[str, KeyKind] = {
    "byteengine": KeyKind("byteengine", _byteengine),
    "byteengine_hex": KeyKind("byteengine", _byteengine_hex),
    "byteengine_long": KeyKind("byteengine", _byteengine_long),
    "bytestack": KeyKind("bytestack", _bytestack),
    "bearer": KeyKind("bearer", _bearer),
    "basic": KeyKind("basic", _basic),
    "url_password": KeyKind("url-credentials", people.url_password),
    "url_token": KeyKind("url-credentials", _generic_key),
    "jwt": KeyKind("jwt", pems.jwt),
    "oauth_access": KeyKind("oauth-access-token", _bearer),
    "oauth_refresh": KeyKind("oauth-refresh-token", _bearer),
    "client_secret": KeyKind("oauth-client-secret", _generic_key),
    "google_refresh": KeyKind("oauth-refresh-token", _prefixed("1//0", draw.BASE64URL, 99)),
    "google_client_secret": KeyKind(
        "google-client-secret", _prefixed("GOCSPX-", draw.BASE64URL, 28)
    ),
    "jwk_rsa_d": KeyKind("private-jwk", _prefixed("", draw.BASE64URL, 342)),
    "jwk_ec_d": KeyKind("private-jwk", _prefixed("", draw.BASE64URL, 43)),
    "pem_rsa": KeyKind("pem-rsa", pems.rsa_private),
    "pem_rsa_legacy": KeyKind("pem-rsa-encrypted", pems.rsa_private_legacy),
    "pem_ec": KeyKind("pem-ec", pems.ec_private),
    "pem_pkcs8": KeyKind("pem-pkcs8", pems.pkcs8_private),
    "pem_pkcs8_ec": KeyKind("pem-pkcs8", pems.pkcs8_ec_private),
    "pem_encrypted": KeyKind("pem-encrypted", pems.encrypted_private),
    "pem_openssh": KeyKind("pem-openssh", pems.openssh_private),
    "api_key": KeyKind("generic-key", _generic_key),
    "hmac_secret": KeyKind("generic-key", lambda random: draw.base64_text(random, 32)),
    "hex_secret": KeyKind("generic-key", _prefixed("", draw.HEX, 64)),
    "password": KeyKind("password", people.password),
    "plain_password": KeyKind("password", people.url_password),
    "passphrase": KeyKind("password", people.passphrase),
    "github_classic": KeyKind("github", _checksummed("ghp_")),
    "github_oauth": KeyKind("github", _checksummed("gho_")),
    "github_server": KeyKind("github", _checksummed("ghs_")),
    "github_fine": KeyKind("github", _github_fine),
    "gitlab": KeyKind("gitlab", _prefixed("glpat-", draw.BASE64URL, 20)),
    "aws_secret": KeyKind("aws-secret-key", _aws_secret),
    "google_api": KeyKind("google-api-key", _prefixed("AIza", draw.BASE64URL, 35)),
    "azure_storage": KeyKind("azure-storage", lambda random: draw.base64_text(random, 64)),
    "azure_client_secret": KeyKind("azure-client-secret", _azure_client_secret),
    "slack_bot": KeyKind("slack", _slack_bot),
    "slack_webhook": KeyKind("slack-webhook", _slack_webhook),
    "stripe": KeyKind("stripe", _prefixed("sk_live_", draw.BASE62, 24)),
    "stripe_long": KeyKind("stripe", _prefixed("sk_live_51", draw.BASE62, 97)),
    "stripe_webhook": KeyKind("stripe-webhook", _prefixed("whsec_", draw.BASE62, 32)),
    "openai": KeyKind("openai", _openai_project),
    "openai_legacy": KeyKind("openai", _openai_legacy),
    "anthropic": KeyKind("anthropic", _prefixed("sk-ant-api03-", draw.BASE64URL, 93, "AA")),
    "npm": KeyKind("npm", _checksummed("npm_")),
    "pypi": KeyKind("pypi", _pypi),
    "docker": KeyKind("docker-hub", _prefixed("dckr_pat_", draw.BASE64URL, 27)),
    "twilio": KeyKind("twilio", _prefixed("", draw.HEX, 32)),
    "sendgrid": KeyKind("sendgrid", _sendgrid),
    "huggingface": KeyKind(
        "huggingface", lambda r: "hf_" + draw.chars(r, draw.UPPER + draw.LOWER, 34)
    ),
    "databricks": KeyKind("databricks", _prefixed("dapi", draw.HEX, 32)),
    "shopify": KeyKind("shopify", _prefixed("shpat_", draw.HEX, 32)),
    "digitalocean": KeyKind("digitalocean", _prefixed("dop_v1_", draw.HEX, 64)),
    "telegram": KeyKind("telegram", _telegram),
    "discord": KeyKind("discord", _discord),
    "mailgun": KeyKind("mailgun", _prefixed("key-", draw.HEX, 32)),
    "mailchimp": KeyKind("mailchimp", _mailchimp),
    "square": KeyKind("square", _prefixed("EAAAE", draw.BASE64URL, 59)),
    "cloudflare": KeyKind("cloudflare", _prefixed("", draw.BASE64URL, 40)),
    "datadog": KeyKind("datadog", _prefixed("", draw.HEX, 32)),
    "datadog_app": KeyKind("datadog", _prefixed("", draw.HEX, 40)),
    "newrelic": KeyKind("new-relic", _prefixed("NRAK-", draw.DIGITS + draw.UPPER, 27)),
    "sentry": KeyKind("sentry", _sentry),
    "sentry_user": KeyKind("sentry", _prefixed("sntryu_", draw.HEX, 64)),
    "grafana": KeyKind("grafana", _grafana),
    "vault": KeyKind("vault", _prefixed("hvs.", draw.BASE62, 24)),
    "vault_service": KeyKind("vault", _prefixed("hvs.CAESI", draw.BASE64URL, 86)),
    "terraform_cloud": KeyKind("terraform-cloud", _terraform_cloud),
    "heroku": KeyKind("heroku", _prefixed("HRKU-AA", draw.BASE64URL, 58)),
    "linear": KeyKind("linear", _prefixed("lin_api_", draw.BASE62, 40)),
    "notion": KeyKind("notion", _notion),
    "postman": KeyKind("postman", _postman),
    "atlassian": KeyKind("atlassian", _atlassian),
    "airtable": KeyKind("airtable", _airtable),
    "rubygems": KeyKind("rubygems", _prefixed("rubygems_", draw.HEX, 48)),
    "pulumi": KeyKind("pulumi", _prefixed("pul-", draw.HEX, 40)),
    "age": KeyKind("age", _age),
}
