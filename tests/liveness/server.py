"""A provider of keys on loopback: HTTPS, and the answers that ByteEngine and ByteStack document.

It counts what it is asked, and so may the tests that use it.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import trustme

NAME = "provider.example"
BYTEENGINE, BYTESTACK = "/v1/api/workers", "/v1/jobs"


class Seen(NamedTuple):
    """A request that came in; the names of `headers` are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        """The bearer token."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")


class Given(NamedTuple):
    """An answer to give: `length` is what `Content-Length` says when it is not the body's."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
    length: int | None = None
    delay: float = 0.0  # seconds before it
    drip: float = 0.0  # seconds between its bytes
    reset: bool = False  # instead of it, the connection is torn down


def said(status: int, content: object, *headers: tuple[str, str]) -> Given:
    """An answer in JSON."""
    every = (("Content-Type", "application/json"), *headers)
    return Given(status, json.dumps(content).encode(), every)


def error(status: int, code: str, message: str, *headers: tuple[str, str]) -> Given:
    """An error as ByteEngine documents it."""
    return said(status, {"error": {"code": code, "message": message}}, *headers)


LIVE = said(200, {"workers": [], "account": {"name": "Acme", "owner": "ada@example.org"}})
UNPAID = said(402, {"error": "payment_required"})
INVALID = error(401, "unauthorized", "Invalid or missing API key")
FORBIDDEN = error(403, "forbidden", "Insufficient permissions for this resource")
FAILED = error(500, "internal", "Something went wrong")
TRUNCATED = Given(200, b'{"workers": [')
CUT_OFF = Given(200, b'{"workers": [', length=1000)
HUGE = Given(200, b'{"workers": "' + b"x" * (3 << 20) + b'"}')
RESET = Given(200, reset=True)
SLOW = Given(200, b"{}", delay=3.0)
DRIPPING = Given(200, b"x" * 1000, drip=0.2)


def limited(*headers: tuple[str, str]) -> Given:
    """ByteEngine's answer to one request too many."""
    return error(429, "rate_limit_exceeded", "Rate limit exceeded. Try again.", *headers)


def redirect(url: str) -> Given:
    """An answer that sends the client elsewhere."""
    return Given(302, b"", (("Location", url),))


class Window:
    """Counts requests: at most so many in so many seconds."""

    def __init__(self, number: int, seconds: float) -> None:
        self._number, self._seconds = number, seconds
        self._times: deque[float] = deque()

    def takes(self, now: float) -> bool:
        """Whether another request is not one too many."""
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        if len(self._times) >= self._number:
            return False
        self._times.append(now)
        return True


class Provider(ThreadingHTTPServer):
    """The server. `answers` are by key, each a list of which the last stays; all others are 401.

    `per_host` and `per_key` are numbers of requests and seconds, beyond which it answers 429.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._context = context
        self._lock = threading.Lock()
        self.answers: dict[str, list[Given]] = {}
        self.default = INVALID
        self.delay = 0.0
        self.per_host: Window | None = None
        self.per_key: tuple[int, float] | None = None
        self._keys: dict[str, Window] = {}
        self.seen: list[Seen] = []
        self.refused = 0
        self.connections = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def url(self, host: str = "localhost") -> str:
        """Its base URL under one of its names."""
        return f"{'https' if self._context else 'http'}://{host}:{self.port}"

    def finish_request(self, request: object, client_address: object) -> None:
        """Speaks TLS first, in the thread of the connection."""
        assert isinstance(request, socket.socket)
        self.connections += 1
        with request:
            try:
                self._speak(request, client_address)
            except OSError:  # the client did not like the certificate, or has gone
                return

    def _speak(self, request: socket.socket, client_address: object) -> None:
        if self._context is None:
            super().finish_request(request, client_address)  # type: ignore[arg-type]
            return
        with self._context.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)  # type: ignore[arg-type]

    def answer(self, seen: Seen) -> Given:
        """Counts a request, and chooses its answer."""
        now = time.monotonic()
        with self._lock:
            self.seen.append(seen)
            windows = [self.per_host] if self.per_host else []
            if self.per_key:
                windows.append(self._keys.setdefault(seen.key, Window(*self.per_key)))
            taken = [window.takes(now) for window in windows]
            if not all(taken):
                self.refused += 1
                return limited(("X-RateLimit-Remaining", "0"))
            given = self.answers.get(seen.key)
            if given is None:
                return self.default
            return given.pop(0) if len(given) > 1 else given[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Provider

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        given = self.server.answer(Seen(self.command, self.path, headers, body))
        time.sleep(self.server.delay + given.delay)
        if given.reset:
            self._tear_down()
            return
        self.send_response(given.status)
        for name, value in given.headers:
            self.send_header(name, value)
        length = len(given.body) if given.length is None else given.length
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.close_connection = given.length is not None
        if self.command != "HEAD":
            self._write(given)

    do_GET = do_HEAD = do_POST = do_PUT = _serve

    def _write(self, given: Given) -> None:
        if not given.drip:
            self.wfile.write(given.body)
            return
        for byte in given.body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(given.drip)

    def _tear_down(self) -> None:
        # Closing with nothing to linger for sends a reset.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class Authority:
    """A certificate authority of the test's own, and servers that it vouches for."""

    def __init__(self) -> None:
        self._ca = trustme.CA()

    def write(self, path: Path) -> Path:
        """Writes its certificate, for a client to trust."""
        self._ca.cert_pem.write_to_path(str(path))
        return path

    def context(self, *names: str) -> ssl.SSLContext:
        """What a server with these names needs."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*names).configure_cert(made)
        return made

    @contextmanager
    def provider(self, *names: str) -> Iterator[Provider]:
        """A running provider, by default under every name that it is asked by."""
        given = names or (NAME, "localhost", "127.0.0.1")
        with running(Provider(self.context(*given))) as provider:
            yield provider


@contextmanager
def running(server: ThreadingHTTPServer) -> Iterator[Provider]:
    """A server at work in a thread of its own, until the end."""
    assert isinstance(server, Provider)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def speaking(first: bytes) -> Iterator[int]:
    """A server that says this to everybody at once, whatever they want; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stop = threading.Event()
        listener.settimeout(0.05)

        def serve() -> None:
            while not stop.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(1)
                    connection.sendall(first)
                    connection.recv(1 << 16)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stop.set()
            thread.join()


class Proxy:
    """A proxy that takes CONNECT alone and leads every name to one port of this machine."""

    def __init__(self, port: int, user: str | None = None) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._stop = threading.Event()
        self._user = user
        self.heads: list[str] = []
        self.port = self._listener.getsockname()[1]

    @contextmanager
    def running(self) -> Iterator[Proxy]:
        """At work until the end."""
        thread = threading.Thread(target=self._serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()
            self._listener.close()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=self._lead, args=(connection,), daemon=True).start()

    def _lead(self, connection: socket.socket) -> None:
        with connection:
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(1 << 16)
            self.heads.append(head.decode())
            if self._user and self._user not in self.heads[-1]:
                connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", self._target)) as onward:
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pour, args=(onward, connection), daemon=True)
                back.start()
                _pour(connection, onward)
                back.join(1)


def _pour(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(1 << 16):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:  # one side has gone
        return
