"""One request at a time, over real connections; verdicts are in test_check.py."""

from __future__ import annotations

import logging
import socket
from typing import Any

import pytest

from scanner.liveness.answer import Answer, Failure
from scanner.liveness.client import Client
from tests.liveness import server
from tests.liveness.server import Provider
from tests.liveness.values import key, question

KEY = key("it")


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `several.example` resolves to; may be changed."""
    addresses: list[str] = []
    real = socket.getaddrinfo

    def resolve(name: str, port: int, *rest: Any, **more: Any) -> Any:
        if name != "several.example":
            return real(name, port, *rest, **more)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return addresses


def test_next_address_is_tried_when_one_takes_no_connection(
    trusted: server.Authority, resolved: list[str]
) -> None:
    resolved += ["127.0.0.2", "127.0.0.1"]
    with trusted.provider("several.example") as provider:
        provider.default = server.LIVE
        client = Client("keysweep")
        came = client.ask(question(KEY, base=provider.url("several.example")), 5.0)
        client.close()
    assert isinstance(came, Answer)
    assert (came.status, came.body) == (200, server.LIVE.body)


def test_public_address_alone_is_tried_when_there_are_others(
    provider: Provider, resolved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved += ["127.0.0.1", "127.0.0.2"]
    monkeypatch.setattr("scanner.liveness.guard.is_public", lambda one: one == "127.0.0.2")
    client = Client("keysweep")
    base = provider.url("several.example")
    came = client.ask(question(KEY, base=base, named=False), 5.0)
    assert came == Failure("connection refused", again=True)
    assert provider.connections == 0


def test_plain_http_goes_to_this_machine_alone(resolved: list[str], provider: Provider) -> None:
    resolved.append("192.0.2.1")
    came = Client("keysweep").ask(question(KEY, base="http://several.example"), 5.0)
    assert came == Failure("a private address, and the endpoint was not named", again=False)


def test_connection_is_used_again(provider: Provider) -> None:
    provider.default = server.LIVE
    client = Client("keysweep")
    for seed in range(5):
        assert isinstance(client.ask(question(key(seed), base=provider.url()), 5.0), Answer)
    client.close()
    assert (len(provider.seen), provider.connections) == (5, 1)


def test_what_others_do_is_still_logged(
    provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    """Our requests are kept out of the log by their threads' names alone."""
    caplog.set_level(logging.DEBUG)
    client = Client("keysweep")
    client.ask(question(KEY, base=provider.url()), 5.0)
    client.close()
    assert any(record.name == "urllib3.connectionpool" for record in caplog.records)


@pytest.mark.parametrize("port", [1, 65535])
def test_unusable_names_are_failures(trusted: server.Authority, port: int) -> None:
    came = Client("keysweep").ask(question(KEY, base=f"https://{'a' * 64}.example:{port}"), 5.0)
    assert came == Failure("the name could not be resolved", again=False)
