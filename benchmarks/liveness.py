"""How fast keys are asked about, from a provider on loopback with a latency of 50 ms.

    python -m benchmarks.liveness

First a server that counts per key, then one that takes 50 requests a second and answers 429 to
any beyond. The status is 0 however bad the numbers are.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from scanner.liveness.check import Manners, checked
from tests.liveness.server import LIVE, Authority, Provider, Window
from tests.liveness.values import CHECK, by_id, finding, key, report, rule

KEYS = 500
LATENCY = 0.05  # seconds


def main() -> None:
    """Prints the figures."""
    authority = Authority()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SSL_CERT_FILE"] = str(authority.write(Path(folder) / "ca.pem"))
        with authority.provider() as provider:
            provider.per_key = (100, 10.0)
            run("counted per key", provider, "1000/1s")
        with authority.provider() as provider:
            provider.per_host = Window(50, 1.0)
            run("50 a second for all", provider, "50/1s")


def run(name: str, provider: Provider, rate: str) -> None:
    """Asks about distinct keys, and prints how long that took and what the server saw."""
    provider.delay, provider.default = LATENCY, LIVE
    rules = by_id(rule(liveness=CHECK._replace(rate=rate)))
    found = report([finding(key(number)) for number in range(KEYS)])
    began = time.perf_counter()
    done = checked(found, rules, {"byteengine": provider.url()}, Manners())
    seconds = time.perf_counter() - began
    live = sum(one.liveness is not None and one.liveness.verdict == "live" for one in done.findings)
    print(
        f"{name}: {seconds:.2f} s, {live} of {KEYS} live, {len(provider.seen)} requests over "
        f"{provider.connections} connections, {provider.refused} answers 429"
    )


if __name__ == "__main__":
    main()
