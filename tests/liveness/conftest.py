"""A provider to ask, trusted through a certificate authority of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.liveness.server import Authority, Provider


@pytest.fixture(scope="session")
def authority() -> Authority:
    """The authority that the tests' servers have their certificates from."""
    return Authority()


@pytest.fixture
def trusted(
    authority: Authority,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Authority:
    """The authority, trusted by clients made during the test; without any proxy."""
    path = authority.write(tmp_path_factory.mktemp("authority") / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    for scheme in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)
    return authority


@pytest.fixture
def provider(trusted: Authority) -> Iterator[Provider]:
    """A provider on loopback that knows no key yet."""
    with trusted.provider() as running:
        yield running
