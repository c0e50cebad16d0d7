"""Fetching: from `origin` alone, and whatever the configuration names is not run."""

from __future__ import annotations

import os
import shutil
import ssl
import stat
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from scanner import remotes
from scanner.repository import Repository, commit_id

Git = Callable[..., str]


@pytest.fixture
def shallow(repository: Path, git: Git, tmp_path: Path) -> Path:
    """A clone of the last of two commits on `main`."""
    git(repository, "checkout", "-qb", "main")
    for name in ("one", "two"):
        git(repository, "commit", "-qm", name, "--allow-empty")
    git(tmp_path, "clone", "-q", "--depth=1", repository.as_uri(), tmp_path / "clone")
    return tmp_path / "clone"


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that leaves a file `ran` beside itself, and then fails."""
    program = tmp_path / "trap"
    program.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{tmp_path}/ran'\nexit 1\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def _where(folder: Path) -> Repository:
    return Repository(os.fsencode(folder))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("ext::{trap} %S", "'ext' not allowed", id="program"),
        pytest.param("git://127.0.0.1:9/x", "'git' not allowed", id="git"),
        pytest.param("http://127.0.0.1:9/x", "'http' not allowed", id="http"),
        pytest.param("ssh://-oProxyCommand={trap}/x", "strange hostname", id="option of ssh"),
        pytest.param("--upload-pack={trap}", "strange pathname", id="option of git"),
        pytest.param("/nowhere", "does not", id="nothing there"),
    ],
)
def test_other_protocols_are_refused(
    shallow: Path, git: Git, trap: Path, url: str, expected: str
) -> None:
    git(shallow, "config", "remote.origin.url", url.format(trap=trap))
    git(shallow, "config", "protocol.allow", "always")
    git(shallow, "config", "protocol.ext.allow", "always")
    said = remotes.fetch(_where(shallow), ["HEAD"])
    assert said is not None
    assert expected in said
    assert not trap.with_name("ran").exists()


def test_nothing_that_the_configuration_names_runs(
    shallow: Path, git: Git, trap: Path, tmp_path: Path
) -> None:
    for name in (
        "remote.origin.uploadpack", "core.sshCommand", "core.askPass", "core.fsmonitor",
        "core.alternateRefsCommand", "core.gitProxy", "credential.helper", "gc.recentObjectsHook",
        "core.pager", "uploadpack.packObjectsHook", "diff.external",
    ):  # fmt: skip
        git(shallow, "config", name, str(trap))
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("reference-transaction", "post-merge", "pre-auto-gc", "post-checkout"):
        (hooks / name).symlink_to(trap)
    git(shallow, "config", "core.hooksPath", str(hooks))
    git(shallow, "config", "gc.auto", "1")
    other = tmp_path / "other"
    git(tmp_path, "init", "-q", other)
    alternates = shallow / ".git" / "objects" / "info" / "alternates"
    alternates.write_text(f"{other / '.git' / 'objects'}\n")
    assert remotes.fetch(_where(shallow), [remotes.branch("main")], "--unshallow") is None
    assert commit_id("HEAD~1", _where(shallow))
    assert not trap.with_name("ran").exists()


def test_ssh_that_the_configuration_names_does_not_run(shallow: Path, git: Git, trap: Path) -> None:
    git(shallow, "config", "core.sshCommand", str(trap))
    git(shallow, "config", "remote.origin.url", "ssh://127.0.0.1/x")
    assert remotes.fetch(_where(shallow), ["HEAD"])
    assert not trap.with_name("ran").exists()


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[str]:
    """The address of a server that asks everybody for a password."""
    if shutil.which("openssl") is None:
        pytest.skip("nothing here makes a certificate")
    pem = tmp_path / "server.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
         "-keyout", pem, "-out", tmp_path / "certificate"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate", pem)
    with HTTPServer(("127.0.0.1", 0), _Asking) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}/x"
        server.shutdown()
        thread.join()


class _Asking(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def test_nobody_is_asked_for_a_password(
    shallow: Path, git: Git, trap: Path, asking: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    monkeypatch.setenv("GIT_ASKPASS", str(trap))
    monkeypatch.setenv("SSH_ASKPASS", str(trap))
    git(shallow, "config", "core.askPass", str(trap))
    git(shallow, "config", "credential.helper", str(trap))
    git(shallow, "config", f"credential.{asking}.helper", str(trap))
    git(shallow, "config", "remote.origin.url", asking)
    said = remotes.fetch(_where(shallow), ["HEAD"])
    assert said is not None
    assert "could not read Username" in said
    assert not trap.with_name("ran").exists()


def test_ssh_of_the_user_s_own_environment_is_used(
    shallow: Path, git: Git, trap: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_SSH_COMMAND", str(trap))
    git(shallow, "config", "remote.origin.url", "ssh://example.org/x")
    assert remotes.fetch(_where(shallow), ["HEAD"])
    assert "git-upload-pack" in trap.with_name("ran").read_text()


def test_refs_that_the_configuration_names_stay(shallow: Path, git: Git) -> None:
    git(shallow, "config", "remote.origin.fetch", "+refs/heads/*:refs/heads/*")
    git(shallow, "checkout", "-q", "--detach")
    git(shallow, "branch", "-qD", "main")
    git(shallow, "config", "fetch.prune", "true")
    assert remotes.fetch(_where(shallow), [remotes.branch("main")]) is None
    assert git(shallow, "for-each-ref", "--format=%(refname)").split() == [
        "refs/remotes/origin/HEAD",
        "refs/remotes/origin/main",
    ]
    assert not (shallow / ".git" / "FETCH_HEAD").exists()


def test_branch_that_is_not_there_is_told(shallow: Path) -> None:
    said = remotes.fetch(_where(shallow), [remotes.branch("none")])
    assert said == "fatal: couldn't find remote ref refs/heads/none"


def test_partial_clone_is_one(repository: Path, shallow: Path, git: Git, tmp_path: Path) -> None:
    assert not remotes.is_partial(_where(shallow))
    git(repository, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", repository.as_uri(), tmp_path / "partial")
    assert remotes.is_partial(_where(tmp_path / "partial"))
