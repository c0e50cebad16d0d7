"""Requests signed as AWS wants them, by AWS's own library."""

from __future__ import annotations

import io
from datetime import datetime
from typing import NamedTuple

from awscrt import auth, http

_OURS = ("host", "content-type")
_PATIENCE = 5.0  # seconds; nothing is waited for but a thread of the library


class Credentials(NamedTuple):
    """An access key and what it is to sign for; shows neither secret nor token."""

    id: str
    secret: str
    token: str | None
    service: str
    region: str

    def __repr__(self) -> str:
        return f"Credentials({self.service} {self.region})"


class Unsigned(NamedTuple):
    """What is signed of a request: path and query are its `target`, Host is in its `headers`."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None


def signed(unsigned: Unsigned, credentials: Credentials, at: datetime) -> list[tuple[str, str]]:
    """The headers to add to a request so that it is signed with Signature Version 4.

    `at` is the time of signing, in UTC. See
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
    """
    method, target, headers, body = unsigned
    stream = io.BytesIO(body) if body is not None else None
    request = http.HttpRequest(method, target, http.HttpHeaders(list(headers)), stream)
    auth.aws_sign_request(request, _config(credentials, at)).result(_PATIENCE)
    return [(name, value) for name, value in request.headers if name.lower() not in _OURS]


def _config(credentials: Credentials, at: datetime) -> auth.AwsSigningConfig:
    provider = auth.AwsCredentialsProvider.new_static(
        credentials.id, credentials.secret, credentials.token
    )
    return auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4,
        signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=provider,
        region=credentials.region,
        service=credentials.service,
        date=at,
    )
