"""The proxy that stands between us and a host, as the environment or the system says."""

from __future__ import annotations

import urllib.request
from urllib.parse import unquote, urlsplit

from scanner.liveness import guard
from scanner.liveness.request import Origin


def proxy_of(origin: Origin) -> str | None:
    """The URL of the proxy for a server, nothing when there is none.

    It is that of `HTTPS_PROXY` (`HTTP_PROXY`, `ALL_PROXY`) unless `NO_PROXY` lists the host, or
    on macOS and Windows that of the system's settings. This machine is reached without one.
    """
    scheme, host, port = origin
    if guard.names_loopback(host) or urllib.request.proxy_bypass(f"{host}:{port}"):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def user_of(proxy: str) -> str | None:
    """`user:password` out of a proxy's URL, nothing when it has none."""
    parts = urlsplit(proxy)
    if parts.username is None:
        return None
    return f"{unquote(parts.username)}:{unquote(parts.password or '')}"
