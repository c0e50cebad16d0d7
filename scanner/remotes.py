"""The one thing that uses the network: fetching from `origin` what a clone lacks, when asked to.

The repository's configuration says where `origin` is, and nothing else: every program that it
could name (helpers for credentials, ssh, the other side of a fetch, hooks) is set otherwise here,
and only the protocols below are spoken. Nobody is asked for a password.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from scanner.repository import Repository, finish, start

_SAFE = (
    "-c", "credential.helper=",  # empty: forget all that were named before
    "-c", "core.alternateRefsCommand=:",
    "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
    "-c", "transfer.bundleURI=false",
)  # fmt: skip
_PROTOCOLS = "https:ssh:file"
_SSH = "ssh -o BatchMode=yes"
_OPTIONS = (
    "--quiet",
    "--no-tags",
    "--no-prune",
    "--no-recurse-submodules",
    "--no-auto-maintenance",
    "--no-write-fetch-head",
    "--no-filter",
    "--refmap=",  # what the configuration says of refs does not hold
    "--upload-pack=git-upload-pack",
)


def fetch(where: Repository, names: Sequence[str], *options: str) -> str | None:
    """Fetches refspecs or full ids from `origin`; `options` are `--unshallow` or `--refetch`.

    Gives what git complained of, or nothing when all went well. Raises GitError when git cannot
    be started.
    """
    environment = {
        "GIT_ALLOW_PROTOCOL": _PROTOCOLS,
        "GIT_ASKPASS": "",
        # The user's own, from the environment, outranks the configuration's.
        "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND") or _SSH,
    }
    arguments = [*_SAFE, "fetch", *_OPTIONS, *options, "origin", *names]
    done = finish(start(arguments, where, environment=environment))
    return done.said if done.status else None


def branch(name: str) -> str:
    """The refspec of a branch of `origin`."""
    return f"+refs/heads/{name}:refs/remotes/origin/{name}"


def is_partial(where: Repository) -> bool:
    """Whether a repository was cloned with `--filter`, so that contents can be missing."""
    arguments = ["config", "--get-regexp", r"^remote\..*\.promisor$"]
    return finish(start(arguments, where)).status == 0
