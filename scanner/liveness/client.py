"""Sends requests to providers; the only module that imports the HTTP library."""

from __future__ import annotations

import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import urllib3
from urllib3 import exceptions

from scanner.liveness import guard, proxies, trust
from scanner.liveness.answer import Answer, Failure
from scanner.liveness.questions import Question
from scanner.liveness.request import Origin, Request, build, origin

THREADS = "keysweep-liveness"  # how the names of the threads that send begin
MOST = 1 << 20  # bytes read of an answer
_PIECE = 1 << 16
_KEPT_OPEN = 16  # connections to one server
_PROXIED = ("http", "https")
_INSIDE = Failure("a private address, and the endpoint was not named", again=False)
_NO_TIME = Failure("no answer in time", again=True)
_LOGGERS = ("connection", "connectionpool", "poolmanager", "response", "util.retry")


class _Others(logging.Filter):
    """Keeps what our threads do out of the log: the library's lines hold whole URLs."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.threadName or "").startswith(THREADS)


for _name in _LOGGERS:
    logging.getLogger(f"urllib3.{_name}").addFilter(_Others())


class Client:
    """Open connections to providers; for many threads at once, named as `THREADS` says."""

    def __init__(self, agent: str, environment: Mapping[str, str] = os.environ) -> None:
        """`agent` is what we say we are. Raises UsageError where the environment names
        certificates that cannot be read."""
        self._agent = agent
        self._context = trust.context(environment)
        self._doors: dict[tuple[Origin, bool], _Door] = {}
        self._lock = threading.Lock()

    def ask(self, question: Question, seconds: float) -> Answer | Failure:
        """Sends one request and reads the answer, within so many seconds."""
        ends = time.monotonic() + seconds
        request = build(question, datetime.now(UTC), self._agent)
        pools = self._door(origin(question.base), question.named).pools()
        if isinstance(pools, Failure):
            return pools
        return _over(pools, request, ends)

    def close(self) -> None:
        """Closes what is open."""
        for door in list(self._doors.values()):
            door.close()

    def _door(self, place: Origin, named: bool) -> _Door:
        with self._lock:
            return self._doors.setdefault((place, named), _Door(place, named, self._context))


class _Door:
    """The way to one server: its addresses, resolved and judged once, with their connections."""

    def __init__(self, place: Origin, named: bool, context: ssl.SSLContext) -> None:
        self._origin, self._named, self._context = place, named, context
        self._pools: list[urllib3.HTTPConnectionPool] | Failure | None = None
        self._lock = threading.Lock()

    def pools(self) -> list[urllib3.HTTPConnectionPool] | Failure:
        """One set of connections for each address that may be tried."""
        with self._lock:
            if self._pools is None or (isinstance(self._pools, Failure) and self._pools.again):
                self._pools = self._opened()
            return self._pools

    def close(self) -> None:
        """Closes the connections that are not in use."""
        if isinstance(self._pools, list):
            for pool in self._pools:
                pool.close()

    def _opened(self) -> list[urllib3.HTTPConnectionPool] | Failure:
        proxy = proxies.proxy_of(self._origin)
        if proxy:
            return self._through(proxy)
        scheme, host, port = self._origin
        addresses = _addresses(host, port)
        if isinstance(addresses, Failure):
            return addresses
        if scheme == "http":  # only ever to this machine, see `questions.endpoint`
            addresses = list(filter(guard.is_loopback, addresses))
        elif not self._named:
            addresses = list(filter(guard.is_public, addresses))
        return [self._pool(address) for address in addresses] or _INSIDE

    def _pool(self, address: str) -> urllib3.HTTPConnectionPool:
        """Connections to the very address that was judged: the name is not resolved again."""
        scheme, host, port = self._origin
        if scheme == "http":
            return urllib3.HTTPConnectionPool(address, port, maxsize=_KEPT_OPEN)
        return urllib3.HTTPSConnectionPool(
            address, port, maxsize=_KEPT_OPEN, ssl_context=self._context, server_hostname=host
        )

    def _through(self, proxy: str) -> list[urllib3.HTTPConnectionPool] | Failure:
        scheme, host, port = self._origin
        if not self._named and guard.names_inside(host):
            return _INSIDE
        if urlsplit(proxy).scheme not in _PROXIED:
            return Failure("the proxy is of a kind that is not supported", again=False)
        user = proxies.user_of(proxy)
        manager = urllib3.ProxyManager(
            proxy,
            proxy_headers=urllib3.make_headers(proxy_basic_auth=user) if user else None,
            proxy_ssl_context=self._context,
            ssl_context=self._context,
            maxsize=_KEPT_OPEN,
        )
        return [manager.connection_from_host(host, port, scheme)]


def _addresses(host: str, port: int) -> list[str] | Failure:
    """What the name resolves to, each once, in the resolver's order."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        later = error.errno == socket.EAI_AGAIN
        return Failure("the name could not be resolved", again=later)
    except UnicodeError:
        return Failure("the name could not be resolved", again=False)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _over(
    pools: list[urllib3.HTTPConnectionPool], request: Request, ends: float
) -> Answer | Failure:
    """The answer from the first of the addresses that takes a connection."""
    failure = _NO_TIME
    for number, pool in enumerate(pools):
        left = ends - time.monotonic()
        if left <= 0:
            break
        timeout = urllib3.Timeout(connect=left / (len(pools) - number), read=left)
        try:
            return _exchange(pool, request, timeout, ends)
        except (exceptions.NewConnectionError, exceptions.ConnectTimeoutError) as error:
            failure = _failure(error)
        except (exceptions.HTTPError, OSError) as error:
            return _failure(error)
    return failure


def _exchange(
    pool: urllib3.HTTPConnectionPool, request: Request, timeout: urllib3.Timeout, ends: float
) -> Answer:
    response = pool.urlopen(
        request.method,
        request.target,
        body=request.body,
        headers=dict(request.headers),
        retries=False,
        redirect=False,
        assert_same_host=False,
        timeout=timeout,
        preload_content=False,
        decode_content=False,
    )
    try:
        return _read(response, ends)
    finally:
        response.close()  # a connection whose answer was read to its end stays open


def _read(response: urllib3.BaseHTTPResponse, ends: float) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    body = bytearray()
    while piece := response.read1(_PIECE):
        body += piece
        if len(body) > MOST:
            return Answer(response.status, headers, bytes(body[:MOST]), whole=False)
        if time.monotonic() > ends:
            raise exceptions.TimeoutError
    return Answer(response.status, headers, bytes(body))


class _Kind(NamedTuple):
    """A kind of error, and what is said of it."""

    error: type[BaseException]
    failure: Failure


# The first that fits any of an error and its causes; no error's own text is ever shown.
_KINDS = (
    _Kind(ssl.SSLCertVerificationError, Failure("the certificate was not accepted", again=False)),
    _Kind(exceptions.ProxyError, Failure("the proxy does not let the request through", again=True)),
    _Kind(ConnectionRefusedError, Failure("connection refused", again=True)),
    _Kind(exceptions.NewConnectionError, Failure("no connection could be made", again=True)),
    _Kind(exceptions.TimeoutError, _NO_TIME),
    _Kind(TimeoutError, _NO_TIME),
    _Kind(ssl.SSLError, Failure("no TLS connection could be made", again=False)),
    _Kind(exceptions.SSLError, Failure("no TLS connection could be made", again=False)),
    _Kind(exceptions.IncompleteRead, Failure("the answer broke off", again=True)),
    _Kind(ConnectionResetError, Failure("connection reset", again=True)),
    _Kind(BrokenPipeError, Failure("connection reset", again=True)),
    _Kind(exceptions.ProtocolError, Failure("the answer is not HTTP", again=True)),
)


def _failure(error: BaseException) -> Failure:
    chain = list(_chain(error))
    for kind in _KINDS:
        if any(isinstance(link, kind.error) for link in chain):
            return kind.failure
    return Failure("the request failed", again=False)


def _chain(error: BaseException) -> list[BaseException]:
    """The error, what the library wrapped in it, and what caused it."""
    chain = [error]
    for link in chain:
        inner = [*link.args, link.__cause__, link.__context__]
        chain += [one for one in inner if isinstance(one, BaseException) and one not in chain]
    return chain
