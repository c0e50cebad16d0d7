"""Whose certificates are accepted; that they are checked is in test_check.py."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from scanner.errors import UsageError
from scanner.liveness.trust import context
from tests.liveness.server import Authority, Provider

VARIABLES = pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])


@VARIABLES
@pytest.mark.parametrize("content", [None, b"", b"nothing"], ids=["missing", "empty", "no PEM"])
def test_file_without_certificates(tmp_path: Path, variable: str, content: bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=f"{variable}: .*ca.pem holds no certificates"):
        context({variable: str(path)})


@VARIABLES
def test_authority_of_a_file_is_trusted(
    authority: Authority, tmp_path: Path, variable: str
) -> None:
    environment = {variable: str(authority.write(tmp_path / "ca.pem"))}
    with authority.provider() as provider:
        assert _greets(provider, environment)


@pytest.mark.skipif(not shutil.which("openssl"), reason="what OpenSSL looks for is made by openssl")
def test_authority_of_a_folder_is_trusted(authority: Authority, tmp_path: Path) -> None:
    authority.write(tmp_path / "ca.pem")
    subprocess.run(["openssl", "rehash", tmp_path], check=True)
    with authority.provider() as provider:
        assert _greets(provider, {"REQUESTS_CA_BUNDLE": str(tmp_path)})


def test_authority_that_nothing_names_is_not_trusted(authority: Authority) -> None:
    with authority.provider() as provider, pytest.raises(ssl.SSLCertVerificationError):
        _greets(provider, {})


def _greets(provider: Provider, environment: dict[str, str]) -> bool:
    """Whether a TLS connection comes about."""
    with socket.create_connection(("127.0.0.1", provider.port)) as plain:
        made = context(environment)
        with made.wrap_socket(plain, server_hostname="localhost") as wrapped:
            return wrapped.version() is not None


def test_certificates_and_names_are_checked() -> None:
    made = context({"SSL_CERT_FILE": ""})
    assert made.verify_mode is ssl.CERT_REQUIRED
    assert made.check_hostname
    assert made.minimum_version is ssl.TLSVersion.TLSv1_2
