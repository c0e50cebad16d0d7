"""Which of our rules look for what a rule of another scanner's looks for, by its name there."""

from __future__ import annotations

import re

_GENERIC = (
    "generic-secret-quoted", "generic-secret-unquoted", "generic-secret-xml",
    "generic-secret-pair", "generic-secret-block",
)  # fmt: skip
_PASSWORDS = (
    "generic-password-quoted", "generic-password-default", "generic-password-unquoted",
    "generic-password-xml", "generic-password-pair", "generic-password-block",
)  # fmt: skip
_KEYS = ("pem-private-key", "pem-encrypted-private-key", "putty-private-key")
_AWS = ("aws-access-key-id", "aws-secret-access-key", "aws-access-key-pair")
_AZURE_STORAGE = ("azure-storage-account-key", "azure-storage-account-key-legacy")
_BASIC = ("url-password", "authorization-basic")
_STRIPE = ("stripe-secret-key", "stripe-restricted-key", "stripe-test-key")
_SLACK = ("slack-bot-token", "slack-user-token", "slack-legacy-token", "slack-app-token")
_GITHUB = (
    "github-personal-access-token", "github-oauth-access-token", "github-app-user-token",
    "github-app-installation-token", "github-refresh-token", "github-fine-grained-token",
)  # fmt: skip

# Names in words joined by hyphens, without what names the kind of thing that a rule is.
_OURS = {
    "generic-api-key": (*_GENERIC, *_PASSWORDS),
    "secret-keyword": (*_GENERIC, *_PASSWORDS),
    "keyword": (*_GENERIC, *_PASSWORDS),
    "generic-password": _PASSWORDS,
    "generic-high-entropy-secret": _GENERIC,
    "generic-high-entropy": _GENERIC,
    "base64-high-entropy-string": _GENERIC,
    "hex-high-entropy-string": _GENERIC,
    "private-key": _KEYS,
    "privatekey": _KEYS,
    "jwt": ("json-web-token",),
    "json-web-token": ("json-web-token",),
    "aws": _AWS,
    "aws-access-key": _AWS,
    "aws-access-token": _AWS,
    "aws-keys": _AWS,
    "azure-storage-key": _AZURE_STORAGE,
    "azure-storage-account-access-key": _AZURE_STORAGE,
    "azure-ad-client-secret": ("azure-entra-client-secret",),
    "basic-auth": _BASIC,
    "basicauth": _BASIC,
    "basic-auth-credentials": _BASIC,
    "curl-auth-user": ("curl-user-password",),
    "curl-auth-header": ("authorization-bearer", "authorization-header"),
    "gcp-api-key": ("google-api-key",),
    "gcp": ("google-api-key", "google-oauth-client-secret"),
    "github": _GITHUB,
    "github-token": _GITHUB,
    "github-pat": ("github-personal-access-token",),
    "github-oauth": ("github-oauth-access-token",),
    "github-app-token": ("github-app-user-token", "github-app-installation-token"),
    "github-fine-grained-pat": ("github-fine-grained-token",),
    "gitlab-pat": ("gitlab-personal-access-token",),
    "gitlab-token": ("gitlab-personal-access-token",),
    "hashicorp-tf-api-token": ("terraform-cloud-token",),
    "huggingface-access-token": ("hugging-face-token",),
    "npm": ("npm-access-token", "npm-legacy-token"),
    "npm-tokens": ("npm-access-token", "npm-legacy-token"),
    "openai": ("openai-api-key", "openai-project-key"),
    "sendgrid": ("sendgrid-api-key",),
    "sendgrid-api-token": ("sendgrid-api-key",),
    "sentry-access-token": ("sentry-legacy-token",),
    "slack": _SLACK,
    "slack-token": _SLACK,
    "slack-webhook-url": ("slack-incoming-webhook", "slack-workflow-webhook"),
    "stripe": _STRIPE,
    "stripe-access-token": _STRIPE,
    "stripe-keys": _STRIPE,
    "telegram-bot-api-token": ("telegram-bot-token", "telegram-bot-token-in-url"),
    "twilio-api-key": ("twilio-api-key-secret",),
    "vault-service-token": ("vault-token",),
}
_NO_WORD = re.compile(r"[^a-z0-9]+")
_KIND = re.compile(r"^(?:secretlint-rule|kingfisher|np|betterleaks)-|-(?:detector|rule)$|-[0-9]+$")
_COMMON = frozenset(
    [
        "api",
        "key",
        "token",
        "access",
        "secret",
        "id",
        "client",
        "user",
        "app",
        "the",
        "of",
        "for",
        "generic",
    ]
)


def ours(name: str, known: frozenset[str] | None = None) -> tuple[str, ...]:
    """The ids of our rules for a rule's name in another scanner; none when it has no namesake.

    `known` are our rules; with it, a rule of ours that has the very name is one.
    """
    plain = _plain(name)
    if known and plain in known:
        return (plain,)
    return _OURS.get(plain, ())


def _plain(name: str) -> str:
    text = _NO_WORD.sub("-", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()).strip("-")
    return _KIND.sub("", _KIND.sub("", text))


def is_like(name: str, rule_id: str) -> bool:
    """Whether a rule of ours may have found what a rule of that name found: it is a namesake, or
    both names tell the same provider."""
    if rule_id in ours(name):
        return True
    words = set(_plain(name).split("-")) - _COMMON
    return not words.isdisjoint(rule_id.split("-"))
