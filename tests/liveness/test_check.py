"""Reports with verdicts, from a real provider on loopback."""

from __future__ import annotations

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.errors import UsageError
from scanner.liveness.check import Manners, checked
from scanner.liveness.kept import Kept
from scanner.models import Liveness, Report, Verdict
from scanner.rules import Check
from tests.liveness import server
from tests.liveness.server import NAME, Authority, Given, Provider, Proxy
from tests.liveness.values import CHECK, by_id, finding, key, place, report, rule

QUICK = Manners(for_request=5.0, for_all=20.0)
KEY = key("it")
DEAD = "revoked, mistyped or never valid, says localhost"


def _asked(url: str, manners: Manners = QUICK, **changes: Any) -> Liveness:
    """What is learnt of KEY at an endpoint that the user named."""
    rules = by_id(rule(liveness=CHECK._replace(**changes)))
    done = checked(report([finding(KEY)]), rules, {"byteengine": url}, manners)
    known = done.findings[0].liveness
    assert known is not None
    return known


@pytest.mark.parametrize(
    ("given", "verdict", "reason", "requests"),
    [
        pytest.param(server.INVALID, "rejected", DEAD, 1, id="401"),
        pytest.param(
            server.FORBIDDEN, "live", "accepted, but not permitted to make this call", 1, id="403"
        ),
        pytest.param(server.UNPAID, "live", "accepted, but a payment is due", 1, id="402"),
        pytest.param(server.LIVE, "live", "accepted", 1, id="200"),
        pytest.param(server.FAILED, "unknown", "the server failed (status 500)", 3, id="500"),
        pytest.param(
            Given(404),
            "unknown",
            "answered with status 404, which tells nothing of the key",
            1,
            id="404",
        ),
        pytest.param(
            server.TRUNCATED,
            "unknown",
            "the answer is no whole JSON and cannot be read",
            1,
            id="truncated JSON",
        ),
        pytest.param(server.CUT_OFF, "unknown", "the answer broke off", 3, id="cut off"),
        pytest.param(server.HUGE, "live", "accepted", 1, id="huge"),
        pytest.param(server.RESET, "unknown", "connection reset", 3, id="reset"),
        pytest.param(server.SLOW, "unknown", "no answer in time", 3, id="slow"),
        pytest.param(server.DRIPPING, "unknown", "no answer in time", 3, id="drop by drop"),
    ],
)
def test_verdict_and_reason(
    provider: Provider, given: Given, verdict: str, reason: str, requests: int
) -> None:
    provider.answers[KEY] = [given]
    hasty = QUICK._replace(for_request=0.5)
    known = _asked(provider.url(), hasty if given.delay or given.drip else QUICK)
    assert (known.verdict, known.reason) == (verdict, reason)
    assert known.checked_at
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", known.checked_at)
    assert len(provider.seen) == requests


def test_bytestack_is_asked_at_its_own_path(provider: Provider) -> None:
    provider.answers[KEY] = [server.said(200, {"jobs": []})]
    known = _asked(provider.url(), path=server.BYTESTACK, rate_per_key=())
    assert known.verdict is Verdict.LIVE
    assert [(seen.method, seen.path) for seen in provider.seen] == [("GET", "/v1/jobs")]


def test_request_says_who_asks_and_brings_nothing_else(provider: Provider) -> None:
    provider.answers[KEY] = [server.LIVE]
    _asked(provider.url(), QUICK._replace(agent="keysweep/9 (+liveness check)"))
    assert provider.seen[0].headers == {
        "host": f"localhost:{provider.port}",
        "authorization": f"Bearer {KEY}",
        "user-agent": "keysweep/9 (+liveness check)",
        "accept": "application/json",
        "accept-encoding": "identity",
    }


def test_redirect_is_not_followed(provider: Provider, trusted: Authority) -> None:
    with trusted.provider() as other:
        provider.answers[KEY] = [server.redirect(other.url() + server.BYTEENGINE)]
        known = _asked(provider.url())
        assert (known.verdict, known.reason) == (
            Verdict.UNKNOWN,
            "answered with a redirect, which is not followed",
        )
        assert (other.seen, other.connections) == ([], 0)


def test_certificate_of_another_authority(provider: Provider, trusted: Authority) -> None:
    with Authority().provider() as other:
        known = _asked(other.url())
        assert (known.verdict, known.reason) == ("unknown", "the certificate was not accepted")
        assert other.seen == []


def test_certificate_of_another_name(trusted: Authority) -> None:
    with trusted.provider("other.example") as other:
        known = _asked(other.url())
        assert (known.verdict, known.reason) == ("unknown", "the certificate was not accepted")
        assert other.seen == []


def test_plain_text_where_tls_should_be(trusted: Authority) -> None:
    with server.speaking(b"HTTP/1.0 400 Bad Request\r\n\r\n") as port:
        known = _asked(f"https://localhost:{port}")
    assert (known.verdict, known.reason) == ("unknown", "no TLS connection could be made")


def test_no_http(trusted: Authority) -> None:
    with server.speaking(b"SSH-2.0-server\r\n") as port:
        known = _asked(f"http://localhost:{port}")
    assert (known.verdict, known.reason) == ("unknown", "the answer is not HTTP")


def test_nobody_listens(trusted: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    known = _asked(f"https://localhost:{port}")
    assert (known.verdict, known.reason) == ("unknown", "connection refused")


@pytest.mark.parametrize(
    "host",
    ["no-such-name.invalid", pytest.param("a" * 64 + ".example", id="label too long")],
)
def test_name_that_does_not_resolve(
    trusted: Authority, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    real = socket.getaddrinfo

    def none(name: str, *rest: Any, **more: Any) -> Any:
        if name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return real(name, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", none)
    known = _asked(f"https://{host}")
    assert (known.verdict, known.reason) == ("unknown", "the name could not be resolved")


def test_resolver_that_hangs_holds_up_nothing_else(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def slow(name: str, *rest: Any, **more: Any) -> Any:
        if name == "slow.example":
            time.sleep(5)
        return real(name, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    provider.answers[KEY] = [server.LIVE]
    other = CHECK._replace(provider="other", base="https://slow.example")
    rules = by_id(rule(), rule("other-key", liveness=other))
    started = time.monotonic()
    done = checked(
        report([finding(KEY, "other-key"), finding(KEY)]),
        rules,
        {"byteengine": provider.url()},
        Manners(for_request=0.3, for_all=2.0),
    )
    verdicts = [found.liveness.verdict for found in done.findings if found.liveness]
    assert verdicts == [Verdict.UNKNOWN, Verdict.LIVE]
    assert time.monotonic() - started < 4


def test_thousand_findings_of_ten_keys_are_ten_requests(provider: Provider) -> None:
    keys = [key(number) for number in range(10)]
    provider.answers |= {one: [server.LIVE] for one in keys[:5]}
    found = [
        finding(keys[number % 10], "byteengine-api-key", place(f"{number}.py"))
        for number in range(1000)
    ]
    counts: list[tuple[int, int]] = []

    def progress(done: int, all_: int) -> None:
        counts.append((done, all_))

    done = checked(report(found), by_id(rule()), {"byteengine": provider.url()}, QUICK, progress)
    assert Counter(seen.key for seen in provider.seen) == Counter(keys)
    verdicts = Counter(one.liveness.verdict for one in done.findings if one.liveness)
    assert verdicts == {Verdict.LIVE: 500, Verdict.REJECTED: 500}
    assert counts == [(number, 10) for number in range(1, 11)]
    assert [one._replace(liveness=None) for one in done.findings] == found


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(lambda: ("Retry-After", "1"), id="Retry-After"),
        pytest.param(lambda: ("X-RateLimit-Reset", "1"), id="seconds from now"),
        pytest.param(lambda: ("X-RateLimit-Reset", str(int(time.time()) + 1)), id="time"),
    ],
)
@pytest.mark.parametrize("per_key", [("100/10s",), ()], ids=["per key", "per host"])
def test_one_request_too_many_is_asked_again_when_the_server_says(
    provider: Provider, header: Callable[[], tuple[str, str]], per_key: tuple[str, ...]
) -> None:
    provider.answers[KEY] = [server.limited(header()), server.LIVE]
    started = time.monotonic()
    known = _asked(provider.url(), rate_per_key=per_key)
    assert known.verdict is Verdict.LIVE
    assert len(provider.seen) == 2
    assert time.monotonic() - started < 4


def test_pause_longer_than_there_is_time(provider: Provider) -> None:
    provider.answers[KEY] = [server.limited(("Retry-After", "60")), server.LIVE]
    started = time.monotonic()
    known = _asked(provider.url())
    assert (known.verdict, known.reason) == (
        Verdict.UNKNOWN,
        "too many requests: to be asked again in 60 s",
    )
    assert len(provider.seen) == 1
    assert time.monotonic() - started < 5


def test_pause_of_a_host_stops_its_other_questions(provider: Provider) -> None:
    provider.default = server.limited(("Retry-After", "60"))
    rules = by_id(rule(liveness=CHECK._replace(rate="1/1s", rate_per_key=())))
    found = [finding(key(number)) for number in range(20)]
    done = checked(report(found), rules, {"byteengine": provider.url()}, QUICK)
    assert len(provider.seen) == 1
    reasons = {one.liveness.reason for one in done.findings if one.liveness}
    assert reasons == {
        "too many requests: to be asked again in 60 s",
        "too many requests: the server asks for a longer pause than there is time",
    }


def test_server_that_answers_nothing_is_left_alone(trusted: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = [finding(key(number)) for number in range(200)]
    url = f"https://localhost:{port}"
    done = checked(report(found), by_id(rule()), {"byteengine": url}, QUICK)
    reasons = Counter(one.liveness.reason for one in done.findings if one.liveness)
    assert reasons["the server did not answer other requests"] > 100


def test_time_is_over(provider: Provider) -> None:
    provider.default = server.SLOW
    manners = Manners(for_request=10.0, for_all=0.5, per_host=2)
    found = [finding(key(number)) for number in range(10)]
    started = time.monotonic()
    done = checked(report(found), by_id(rule()), {"byteengine": provider.url()}, manners)
    assert time.monotonic() - started < 2
    reasons = {one.liveness.reason for one in done.findings if one.liveness}
    assert reasons <= {"no time left", "no answer in time"}
    assert "no time left" in reasons
    assert not done.interrupted


def test_rate_of_a_host_is_kept(provider: Provider) -> None:
    provider.per_host = server.Window(10, 1.0)
    rules = by_id(rule(liveness=CHECK._replace(rate="10/1s")))
    found = [finding(key(number)) for number in range(25)]
    started = time.monotonic()
    checked(report(found), rules, {"byteengine": provider.url()}, QUICK)
    assert provider.refused == 0
    assert len(provider.seen) == 25
    assert time.monotonic() - started > 2


# Where a request may go.


def test_private_address_that_the_user_did_not_name_gets_nothing(provider: Provider) -> None:
    check = CHECK._replace(base=provider.url())
    done = checked(report([finding(KEY)]), by_id(rule(liveness=check)), {}, QUICK)
    known = done.findings[0].liveness
    assert known is not None
    assert (known.verdict, known.reason) == (
        Verdict.UNKNOWN,
        "a private address, and the endpoint was not named",
    )
    assert (provider.seen, provider.connections) == ([], 0)


def test_name_that_changes_its_address_gets_nothing(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: public when it is judged, loopback when it is connected to."""
    answers = iter([["192.0.2.1"], ["127.0.0.1"], ["127.0.0.1"]])
    names: list[str] = []
    real = socket.getaddrinfo

    def rebinding(name: str, port: int, *rest: Any, **more: Any) -> Any:
        if name != NAME:
            return real(name, port, *rest, **more)
        names.append(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in next(answers)]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr("scanner.liveness.guard.is_public", lambda one: one == "192.0.2.1")
    check = CHECK._replace(base=provider.url(NAME))
    done = checked(
        report([finding(KEY)]),
        by_id(rule(liveness=check)),
        {},
        Manners(for_request=0.3, for_all=1.0),
    )
    known = done.findings[0].liveness
    assert known is not None
    assert known.verdict is Verdict.UNKNOWN
    assert names == [NAME]
    assert (provider.seen, provider.connections) == ([], 0)


def test_proxy_is_asked_to_lead_to_the_name(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.answers[KEY] = [server.LIVE]
    with Proxy(provider.port, user="Basic dTpw").running() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://u:p@127.0.0.1:{proxy.port}")
        rules = by_id(rule(liveness=CHECK))
        done = checked(report([finding(KEY)]), rules, {}, QUICK)
    known = done.findings[0].liveness
    assert known is not None
    assert (known.verdict, known.reason) == (Verdict.LIVE, "accepted")
    assert [head.partition(" HTTP/")[0] for head in proxy.heads] == [f"CONNECT {NAME}:443"]
    assert KEY not in proxy.heads[0]


def test_proxy_that_refuses(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    with Proxy(provider.port, user="Basic other").running() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{proxy.port}")
        done = checked(report([finding(KEY)]), by_id(rule()), {}, QUICK)
    known = done.findings[0].liveness
    assert known is not None
    assert (known.verdict, known.reason) == (
        Verdict.UNKNOWN,
        "the proxy does not let the request through",
    )
    assert provider.seen == []


@pytest.mark.parametrize(
    "base", ["https://localhost", "https://127.0.0.1", "https://10.0.0.8", "https://[::1]:8443"]
)
def test_proxy_is_not_asked_to_lead_inside(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, base: str
) -> None:
    with Proxy(provider.port).running() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        rules = by_id(rule(liveness=CHECK._replace(base=base)))
        done = checked(report([finding(KEY)]), rules, {}, QUICK)
    known = done.findings[0].liveness
    assert known is not None
    assert known.reason == "a private address, and the endpoint was not named"
    assert (proxy.heads, provider.seen) == ([], [])


def test_proxy_of_another_kind_is_not_passed_by(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1")
    done = checked(report([finding(KEY)]), by_id(rule()), {}, QUICK)
    known = done.findings[0].liveness
    assert known is not None
    assert known.reason == "the proxy is of a kind that is not supported"
    assert provider.seen == []


def test_certificates_that_cannot_be_read(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with pytest.raises(UsageError, match=r"REQUESTS_CA_BUNDLE: .*ca\.pem holds no certificates"):
        _asked(provider.url())
    assert provider.seen == []


# What nobody may learn.


def _in_path(check: Check) -> Check:
    return check._replace(path="/{secret}/me", headers=())


@pytest.mark.parametrize("where", [lambda check: check, _in_path], ids=["header", "path"])
@pytest.mark.parametrize(
    "given",
    [server.LIVE, server.FAILED, server.RESET, server.CUT_OFF, server.SLOW],
    ids=["200", "500", "reset", "cut off", "slow"],
)
def test_key_is_in_no_log_and_no_output(
    provider: Provider,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    where: Callable[[Check], Check],
    given: Given,
) -> None:
    caplog.set_level(logging.DEBUG)
    provider.default = given
    rules = by_id(rule(liveness=where(CHECK)))
    done = checked(
        report([finding(KEY)]),
        rules,
        {"byteengine": provider.url()},
        Manners(for_request=0.3, for_all=5.0),
    )
    texts = [record.getMessage() for record in caplog.records]
    texts += [str(value) for record in caplog.records for value in vars(record).values()]
    assert provider.seen
    assert KEY not in "".join([*texts, repr(done), str(done), *capfd.readouterr()])


def test_error_of_ours_shows_no_key(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*given: object) -> object:
        raise RuntimeError(f"with {KEY} in it")

    monkeypatch.setattr("scanner.liveness.client.build", broken)
    known = _asked(provider.url())
    assert (known.verdict, known.reason) == (Verdict.UNKNOWN, "internal error (RuntimeError)")
    assert KEY not in "".join(capfd.readouterr())


def test_details_are_told(provider: Provider) -> None:
    headers = ("X-Scopes", "read, \x1b[31mwrite")
    provider.answers[KEY] = [
        server.said(
            200, {"account": {"name": "Acme", "owner": "ada@example.org", "k": KEY}}, headers
        )
    ]
    known = _asked(
        provider.url(),
        details=(
            ("account", "account.name"),
            ("owner", "account.owner"),
            ("scopes", "header X-Scopes"),
            ("echo", "account.k"),
            ("nothing", "account.none"),
        ),
        personal=("owner",),
    )
    assert known.details == (
        ("account", "Acme"),
        ("owner", "ad…@ex…"),
        ("scopes", "read, \\x1b[31mwrite"),
        ("echo", "be_" + KEY[3:5] + "…" + KEY[-2:]),
    )


# Once more, and stopped.


def test_second_run_asks_nothing(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYSWEEP_CACHE_DIR", str(tmp_path / "cache"))
    provider.answers[key(1)] = [server.LIVE]
    provider.answers[key(3)] = [server.FAILED]
    found = [finding(key(number)) for number in (1, 2, 3)]

    def run() -> Report:
        manners = QUICK._replace(cache=Kept())
        return checked(report(found), by_id(rule()), {"byteengine": provider.url()}, manners)

    first = run()
    provider.seen.clear()
    second = run()
    assert {seen.key for seen in provider.seen} == {key(3)}  # what is unknown is asked again
    assert second.findings[:2] == first.findings[:2]


_INTERRUPTED = """
import json, sys
from scanner.liveness.check import Manners, checked
from tests.liveness.values import by_id, finding, key, report, rule
found = [finding(key(number)) for number in range(6)]
done = checked(
    report(found), by_id(rule()), {"byteengine": sys.argv[1]}, Manners(per_host=1),
    lambda done, all_: print(done, flush=True),
)
known = [(one.liveness.verdict, one.liveness.reason) for one in done.findings]
print(json.dumps([done.interrupted, *known]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal")
def test_interrupted_run_reports_what_it_learnt(provider: Provider) -> None:
    provider.default = server.SLOW
    provider.answers |= {key(0): [server.LIVE], key(1): [server.INVALID]}
    process = subprocess.Popen(
        [sys.executable, "-c", _INTERRUPTED, provider.url()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ},
    )
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == ["1\n", "2\n"]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    left = '["not-checked", "interrupted"]'
    assert err == ""
    assert out.strip() == (
        f'[true, ["live", "accepted"], ["rejected", "{DEAD}"], ' + ", ".join([left] * 4) + "]"
    )
    assert process.returncode == 0
