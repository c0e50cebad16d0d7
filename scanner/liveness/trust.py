"""Which certificates are accepted: the system's, and those of files that the user names."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

import truststore

from scanner.errors import UsageError

# OpenSSL's own variable, and the one of the most used HTTP library, which companies set.
_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def context(environment: Mapping[str, str]) -> ssl.SSLContext:
    """The settings of TLS connections: certificates and names are checked, TLS 1.2 or later.

    `SSL_CERT_FILE` and `REQUESTS_CA_BUNDLE` of the environment name a file (the latter perhaps a
    folder) of authorities that are trusted besides the system's. Raises UsageError when there are
    none in it.
    """
    made = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    for variable in _VARIABLES:
        if path := environment.get(variable):
            _load(made, variable, Path(path))
    return made


def _load(made: ssl.SSLContext, variable: str, path: Path) -> None:
    try:
        if path.is_dir():
            made.load_verify_locations(capath=path)
        else:
            made.load_verify_locations(cafile=path)
    except OSError as error:  # SSLError too
        raise UsageError(
            f"{variable}: {path} holds no certificates that can be read; "
            "name a PEM file, or unset the variable"
        ) from error
