"""Which proxy stands between us and a host."""

from __future__ import annotations

import pytest

from scanner.liveness.proxies import proxy_of, user_of
from scanner.liveness.request import Origin

HTTPS: Origin = ("https", "api.example.com", 443)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without proxies."""
    for scheme in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{scheme}_proxy", raising=False)
        monkeypatch.delenv(f"{scheme}_proxy".upper(), raising=False)


@pytest.mark.parametrize(
    ("environment", "origin"),
    [
        pytest.param({}, HTTPS, id="none"),
        pytest.param({"HTTP_PROXY": "http://proxy"}, HTTPS, id="for http"),
        pytest.param({"HTTPS_PROXY": "http://proxy", "NO_PROXY": "example.com"}, HTTPS, id="not"),
        pytest.param(
            {"HTTPS_PROXY": "http://proxy"}, ("https", "localhost", 443), id="this machine"
        ),
        pytest.param(
            {"HTTPS_PROXY": "http://proxy"}, ("https", "127.0.0.1", 443), id="its address"
        ),
    ],
)
def test_no_proxy(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], origin: Origin
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_of(origin) is None


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        pytest.param({"HTTPS_PROXY": "http://proxy:3128"}, "http://proxy:3128", id="URL"),
        pytest.param({"https_proxy": "proxy:3128"}, "http://proxy:3128", id="host and port"),
        pytest.param({"ALL_PROXY": "https://proxy"}, "https://proxy", id="for all"),
        pytest.param(
            {"HTTPS_PROXY": "http://a", "NO_PROXY": "other.example"}, "http://a", id="others not"
        ),
    ],
)
def test_proxy(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], proxy: str) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_of(HTTPS) == proxy


@pytest.mark.parametrize(
    ("proxy", "user"),
    [
        ("http://proxy:3128", None),
        ("http://a%40b:c%3Ad@proxy", "a@b:c:d"),  # keysweep:allow no password
        ("http://a@proxy", "a:"),
    ],
)
def test_user(proxy: str, user: str | None) -> None:
    assert user_of(proxy) == user
