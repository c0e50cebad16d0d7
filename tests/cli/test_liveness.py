"""Liveness from the command line: asked only when the user says so, and of whom the user says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.liveness.server import BYTESTACK, FAILED, LIVE, UNPAID, Provider, said

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]
JSON_LINES = ("--format", "jsonl")


@pytest.fixture(autouse=True)
def own_results(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No result of another test is remembered, though compiled rules are."""
    monkeypatch.setenv("KEYSWEEP_LIVENESS_CACHE", "0")
    monkeypatch.delenv("KEYSWEEP_LIVENESS", raising=False)


@pytest.fixture
def endpoint(provider: Provider) -> tuple[str, str]:
    """The option that sends ByteEngine's keys to the provider of this test."""
    return "--endpoint", f"byteengine={provider.url()}/v1/api"


def _verdicts(out: str) -> dict[str, str | None]:
    lines = [json.loads(line) for line in out.splitlines()]
    found = [line for line in lines if line["type"] == "finding"]
    return {f["path"]: f["liveness"] and f["liveness"]["verdict"] for f in found}


# Nothing leaves


def test_nobody_is_asked_by_default(
    keysweep: Run,
    tree: Path,
    provider: Provider,
    endpoint: tuple[str, str],
) -> None:
    ended = keysweep("scan", tree, *endpoint, *JSON_LINES)
    assert (ended.status, _verdicts(ended.out)) == (1, {"a.py": None})
    assert provider.connections == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param(".keysweep.toml", "liveness = true\n", id="turned on"),
        pytest.param(".keysweep.toml", "[endpoints]\nbyteengine = '{url}'\n", id="endpoint"),
        pytest.param("pyproject.toml", "[tool.keysweep]\nliveness = true\n", id="project file"),
    ],
)
def test_repository_cannot_turn_it_on(
    keysweep: Run,
    tree: Path,
    provider: Provider,
    name: str,
    text: str,
) -> None:
    (tree / name).write_text(text.format(url=provider.url()))
    ended = keysweep("scan", tree)
    assert ended.status == 2
    assert "can only stand in your own configuration" in ended.err
    assert provider.connections == 0


OWN_RULE = """
[[rules]]
id = "acme-key"
family = "byteengine"
description = "Acme key"
severity = "high"
confidence = "high"
regex = "be_[a-f0-9]{{40}}"
keywords = ["be_"]
references = ["https://example.org/keys"]
remediation = "Make a new one."
examples = ["x {one}", "y {two}"]
counter_examples = ["be_", "be_no"]

[rules.liveness]
provider = "{provider}"
base = "{url}"
path = "/"
headers = {{ Authorization = "Bearer {{secret}}" }}
reference = "https://example.org/call"
"""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("acme", id="its own provider"),
        pytest.param("byteengine", id="another's name"),
    ],
)
def test_rules_of_a_repository_send_nothing(
    keysweep: Run,
    tree: Path,
    provider: Provider,
    key: Key,
    name: str,
) -> None:
    url, one, two = provider.url(), key("one"), key("two")
    rules = OWN_RULE.format(provider=name, url=url, one=one, two=two)
    (tree / "rules.toml").write_text(rules)
    (tree / ".keysweep.toml").write_text(
        "rules = ['rules.toml']\ndisable = ['byteengine-api-key']\n"
    )
    ended = keysweep("scan", tree, "--liveness", *JSON_LINES)
    assert _verdicts(ended.out)["a.py"] == "not-checked"
    assert provider.connections == 0


def test_name_of_a_proxy_in_a_repository_is_nothing(
    keysweep: Run, tree: Path, provider: Provider, endpoint: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (tree / ".env").write_text(f"HTTPS_PROXY={provider.url()}\n")
    netrc = "machine localhost login a password b\n"  # keysweep:allow no password
    (tree / ".netrc").write_text(netrc)
    monkeypatch.chdir(tree)
    ended = keysweep("scan", ".", "--liveness", *endpoint, *JSON_LINES)
    assert _verdicts(ended.out)["a.py"] == "rejected"
    assert [seen.method for seen in provider.seen] == ["GET"]


@pytest.mark.parametrize("command", ["pre-commit", "pre-push", "commit-msg", "pre-receive"])
def test_hooks_know_no_such_option(keysweep: Run, command: str) -> None:
    ended = keysweep("hook", command, "--liveness")
    assert ended.status == 2
    assert "No such option" in ended.err


def test_environment_and_user_s_file_do_not_make_hooks_ask(
    process: Run, repository: Path, git: Git, key: Key, provider: Provider,
    endpoint: tuple[str, str], tmp_path: Path,
) -> None:  # fmt: skip
    (repository / "a.py").write_text(f"k = '{key(1)}'\n")
    git(repository, "add", ".")
    own = tmp_path / "own" / "keysweep"
    own.mkdir(parents=True)
    (own / "config.toml").write_text(
        f"liveness = true\n[endpoints]\nbyteengine = '{provider.url()}/v1/api'\n"
    )
    environment = {
        "KEYSWEEP_LIVENESS": "1",
        "KEYSWEEP_ENDPOINT": endpoint[1],
        "XDG_CONFIG_HOME": str(tmp_path / "own"),
    }
    for command in (("hook", "pre-commit"), ("staged",)):
        if command == ("staged",):  # a command, and asked by its environment; not by the file
            del environment["KEYSWEEP_LIVENESS"]
        done = subprocess.run(
            [sys.executable, "-P", "-m", "scanner", *command],
            cwd=repository, env={**os.environ, **environment}, check=False, capture_output=True,
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
    assert provider.connections == 0


def test_dry_run_lists_and_sends_nothing(
    keysweep: Run,
    tree: Path,
    provider: Provider,
    endpoint: tuple[str, str],
    key: Key,
) -> None:
    password = "".join(reversed("Xz9wL2qk$7Gh"))
    (tree / "c.py").write_text(f"a = '{key(1)}'\nb = '{key(2)}'\npassword = '{password}'\n")
    ended = keysweep("scan", tree, "--liveness-dry-run", "--liveness", *endpoint)
    assert ended.status == 1
    assert ended.out.splitlines() == [
        f"2 keys: GET {provider.url()}/v1/api/workers, key in header Authorization",
        "1 key not asked about: no check is known for this kind of key",
        "2 requests; nothing was sent",
    ]
    assert provider.connections == 0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(("--endpoint", "byteengine"), "write PROVIDER=https://host", id="no URL"),
        pytest.param(
            ("--endpoint", "byteengine=http://example.org"), "by https only", id="plain http"
        ),
        pytest.param(
            ("--endpoint", "bytengine=https://example.org"), "no rule asks such", id="unknown"
        ),
        pytest.param(("--fail-on", "live"), "without --liveness", id="fail on live"),
        pytest.param(("--liveness-timeout", "0"), "--liveness-timeout", id="no time"),
    ],
)
def test_wrong_use_is_told_before_the_scan(
    keysweep: Run, tree: Path, arguments: tuple[str, ...], expected: str
) -> None:
    ended = keysweep("scan", tree / "gone" if "no-scan" in arguments else tree, *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert expected in ended.err


# Asked


def test_text_shouts_for_a_live_key(
    keysweep: Run,
    tree: Path,
    provider: Provider,
    endpoint: tuple[str, str],
    key: Key,
) -> None:
    provider.answers[key(1)] = [LIVE]
    ended = keysweep("scan", tree, "--liveness", *endpoint)
    assert ended.status == 1
    assert ended.out.startswith("LIVE: 1 key works right now.")
    assert key(1) not in ended.out + ended.err


@pytest.mark.parametrize(
    ("answer", "verdict", "status"),
    [
        pytest.param(LIVE, "live", 1, id="live"),
        pytest.param(UNPAID, "live", 1, id="unpaid"),
        pytest.param(None, "rejected", 0, id="rejected"),
        pytest.param(FAILED, "unknown", 4, id="unknown"),
    ],
)
def test_gate_that_fails_on_live_keys_only(
    keysweep: Run, tree: Path, provider: Provider, endpoint: tuple[str, str], key: Key,
    answer: Any, verdict: str, status: int,
) -> None:  # fmt: skip
    if answer:
        provider.answers[key(1)] = [answer]
    limit = ("--liveness-timeout", "2")
    ended = keysweep(
        "scan", tree, "--liveness", "--fail-on", "live", *limit, *endpoint, *JSON_LINES
    )
    assert (ended.status, _verdicts(ended.out)) == (status, {"a.py": verdict})


def test_each_key_is_asked_about_once_whatever_it_is_found_by(
    keysweep: Run,
    tree: Path,
    provider: Provider,
    endpoint: tuple[str, str],
    key: Key,
) -> None:
    for number in range(100):
        lines = [f"k{n} = '{key(n)}'\n" for n in range(10)]
        (tree / f"{number}.py").write_text("".join(lines))
    ended = keysweep("scan", tree, "--liveness", *endpoint, *JSON_LINES)
    findings = [json.loads(line) for line in ended.out.splitlines()[1:-1]]
    assert sum(len(finding["places"]) for finding in findings) == 1001
    assert len(provider.seen) == 10 == len({seen.key for seen in provider.seen})


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("staged",), id="staged"),
        pytest.param(("range", "HEAD~..HEAD"), id="range"),
        pytest.param(("history", "."), id="history"),
        pytest.param(("ci", "--base", "HEAD~", "--head", "HEAD"), id="ci"),
    ],
)
def test_every_scanning_command_asks(
    keysweep: Run, repository: Path, git: Git, key: Key, provider: Provider,
    endpoint: tuple[str, str], monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...],
) -> None:  # fmt: skip
    provider.answers[key(1)] = [LIVE]
    git(repository, "commit", "-q", "--allow-empty", "-m", "one")
    (repository / "a.py").write_text(f"k = '{key(1)}'\n")
    git(repository, "add", ".")
    if command != ("staged",):
        git(repository, "commit", "-qm", "two")
    monkeypatch.chdir(repository)
    # The second history remembers what the first has seen, and reads the key again.
    for _ in range(2):
        ended = keysweep(*command, "--liveness", *endpoint, *JSON_LINES)
        assert (ended.status, _verdicts(ended.out)) == (1, {"a.py": "live"}), ended.err


def test_results_are_remembered_unless_told_otherwise(
    keysweep: Run, tree: Path, provider: Provider, endpoint: tuple[str, str], key: Key,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.delenv("KEYSWEEP_LIVENESS_CACHE")
    monkeypatch.setenv("KEYSWEEP_CACHE_DIR", str(tmp_path / "cache"))
    provider.answers[key(1)] = [LIVE]
    for extra, count in (((), 1), ((), 1), (("--no-liveness-cache",), 2), (("--no-cache",), 3)):
        ended = keysweep("scan", tree, "--liveness", *endpoint, *JSON_LINES, *extra)
        assert _verdicts(ended.out) == {"a.py": "live"}
        assert len(provider.seen) == count
    kept = b"".join(path.read_bytes() for path in (tmp_path / "cache").iterdir())
    assert key(1).encode() not in kept


def test_user_s_file_turns_it_on_and_an_option_off(
    keysweep: Run, tree: Path, provider: Provider,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    own = tmp_path / "own" / "keysweep"
    own.mkdir(parents=True)
    (own / "config.toml").write_text(
        f"liveness = true\n[endpoints]\nbyteengine = '{provider.url()}/v1/api'\n"
    )
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    assert _verdicts(keysweep("scan", tree, *JSON_LINES).out) == {"a.py": "rejected"}
    ended = keysweep("scan", tree, "--no-liveness", *JSON_LINES)
    assert _verdicts(ended.out) == {"a.py": None}
    assert len(provider.seen) == 1


# verify


def _verify(process: Run, text: str | bytes, *arguments: str) -> Any:
    content = text.encode() if isinstance(text, str) else text
    return process("verify", *arguments, stdin=content)


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        pytest.param("", (), "standard input is empty", id="empty"),
        pytest.param(" \n", (), "standard input is empty", id="blank"),
        pytest.param("x" * (1 << 20) + "y", (), "more than 1 MB", id="huge"),
        pytest.param("nothing", (), "not recognised as a key", id="no key"),
        pytest.param(
            "x", ("--rule", "byteengine"), "did you mean 'byteengine-api-key'?", id="rule"
        ),
    ],
)
def test_verify_tells_wrong_use(
    process: Run, text: str, arguments: tuple[str, ...], expected: str
) -> None:
    ended = _verify(process, text, *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert expected in ended.err


@pytest.mark.parametrize(
    ("answer", "status", "expected"),
    [
        pytest.param(LIVE, 1, "LIVE (", id="live"),
        pytest.param(None, 0, "revoked, mistyped or never valid", id="rejected"),
        pytest.param(FAILED, 4, "not known whether it is live", id="unknown"),
    ],
)
def test_verify_tells_the_verdict(
    process: Run, provider: Provider, endpoint: tuple[str, str], key: Key,
    answer: Any, status: int, expected: str,
) -> None:  # fmt: skip
    if answer:
        provider.answers[key(1)] = [answer]
    ended = _verify(process, f"{key(1)}\n", *endpoint, "--liveness-timeout", "2")
    assert ended.status == status, ended.err
    assert ended.out.startswith("ByteEngine API key be_")
    assert expected in ended.out
    assert key(1) not in ended.out + ended.err


def test_verify_takes_a_key_without_form_by_its_rule(
    process: Run,
    provider: Provider,
) -> None:
    key = "q7" * 20
    provider.answers[key] = [said(200, {"jobs": []})]
    where = ("--endpoint", f"bytestack={provider.url()}/v1")
    ended = _verify(process, f"{key}\n", "--rule", "bytestack-api-key", *where, "--format", "json")
    (finding,) = json.loads(ended.out)["findings"]
    assert (ended.status, finding["liveness"]["verdict"]) == (1, "live")
    assert [seen.path for seen in provider.seen] == [BYTESTACK]
    assert key not in ended.out


# ignores check


def _ignored(tree: Path, keysweep: Run) -> None:
    ended = keysweep("ignores", "add", f"{tree / 'a.py'}:1", "--reason", "a test")
    assert ended.status == 0, ended.err


def test_entry_that_hides_a_live_key_is_told(
    keysweep: Run, tree: Path, provider: Provider, endpoint: tuple[str, str], key: Key
) -> None:
    provider.answers[key(1)] = [LIVE]
    _ignored(tree, keysweep)
    chosen = ("ignores", "check", tree, "--fail-on", "live", *endpoint)
    ended = keysweep(*chosen, "--liveness")
    assert ended.status == 1
    assert "live: " in ended.out
    ended = keysweep(*chosen)
    assert (ended.status, ended.out) == (2, "")
    assert "without --liveness" in ended.err
    ended = keysweep(*chosen, "--liveness-dry-run")
    assert ended.out.startswith("1 key: GET ")
    assert len(provider.seen) == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("BYTEENGINE_API_KEY=be_{}", id="assignment"),
        pytest.param("BYTEENGINE_API_KEY: be_{}", id="YAML"),
        pytest.param('"be_{}"', id="quotes"),
        pytest.param("Bearer be_{}", id="header"),
    ],
)
def test_verify_sends_no_more_than_the_key(
    process: Run, provider: Provider, endpoint: tuple[str, str], text: str
) -> None:
    short = text.format("Q7rT2xW9kLmZ")  # shorter than the rule asks for
    ended = _verify(process, short, "--rule", "byteengine-api-key", *endpoint)
    assert (ended.status, ended.out) == (2, "")
    assert "give the key alone" in ended.err
    assert provider.connections == 0
