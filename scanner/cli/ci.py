"""`keysweep ci`: what the pull request, push or other run of a CI system adds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from scanner import pipelines, remotes, revisions
from scanner.asked import Asked, Told
from scanner.choice import Choice, choose
from scanner.cli import options
from scanner.cli.range import here, scan
from scanner.errors import IncompleteError, UsageError
from scanner.positions import harmless
from scanner.repository import Repository, commit_id

_HELD = 12  # characters of an id that messages show
_OURS = "--base and --head"
_ORIGIN = "origin/"


@click.command("ci")
@click.option("--base", envvar="KEYSWEEP_BASE", metavar="REV", help="Where the range begins.")
@click.option("--head", envvar="KEYSWEEP_HEAD", metavar="REV", help="Where the range ends.")
@options.fetch_missing
@options.scanning
@options.asking
def command(base: str | None, head: str | None, fetch_missing: bool, **values: Any) -> int:
    """Scan what the current pull request or push adds.

    The range comes from the CI system's environment (GitHub Actions, GitLab CI, Bitbucket
    Pipelines, Azure Pipelines, Jenkins, CircleCI, Buildkite, Travis CI) unless --base and --head
    name it; standard error tells which it is. As in `keysweep range`, all commits count that
    lead to its end and not to its beginning.

    \b
    pull or merge request, merge queue   what it adds to its target
    push                                 what came since the commit before it
    new branch, or that commit is gone   what is not on the default branch; without
                                         one, everything that leads to the branch
    schedule, manual run, tag            everything that leads to the commit
    default branch, no commit before it  everything that leads to the commit

    When the clone lacks some of it, nothing is scanned, and the exit status is 3.
    """
    common = options.common(values)
    inside = here()
    told = _told(base, head, inside.where, fetch_missing)
    found = choose(told, inside.where, fetch=fetch_missing, lenient=common.allow_incomplete)
    click.echo(f"keysweep: {harmless(_line(told, found))}", err=True)
    if found.settled:  # no request, whose own configuration would be that of a stranger
        common = common._replace(trust_head=True)
    return scan(common, inside, found.ends, "ci")


def _line(told: Told, found: Choice) -> str:
    """Which range it is, and why."""
    base, head = found.ends.base[:_HELD], found.ends.head[:_HELD]
    commits = f"{found.commits} commit" + "s" * (found.commits != 1)
    names = f"everything up to {head}" if found.everything else f"{base}..{head}"
    because = f" ({found.why})" if found.why else ""
    what = f", {told.what}" if told.what else ""
    return f"{told.system}{what}: {names}, {commits}{because}"


def _told(base: str | None, head: str | None, where: Repository, fetch: bool) -> Told:
    """What the environment tells, or the options where they are given."""
    full = "the whole history into this clone"
    ours = Told(_OURS, "", Asked.REQUEST, full)
    found = None if base and head else pipelines.told(os.environ, _read)
    if found is None and base is None:
        raise UsageError(
            "no CI system that keysweep knows runs this; say the range with --base and --head"
        )
    told = found or ours
    if head is not None:
        name = _commit("--head", head, where, fetch)
        told = told._replace(head=name, merge="", source="", head_ref="")
    if base is not None:
        name = _commit("--base", base, where, fetch)
        told = told._replace(base=name, asked=Asked.REQUEST, merge="")
    return told


def _commit(option: str, text: str, where: Repository, fetch: bool) -> str:
    """The id of a commit that an option names."""
    found = _named(text, where)
    if found is None and fetch and text:
        shallow = ["--unshallow"] if revisions.cut(where) else []
        branch = text.removeprefix(_ORIGIN)
        names = [remotes.branch(branch)] if branch != text else ["HEAD"]
        remotes.fetch(where, names, *shallow)
        found = _named(text, where)
    if found is None and revisions.cut(where):
        raise IncompleteError(
            f"{option} {text!r}: no commit of that name in this shallow clone; put the whole "
            "history into it, or use --fetch-missing"
        )
    if found is None:
        raise UsageError(f"{option} {text!r}: no commit of that name here")
    return found


def _named(text: str, where: Repository) -> str | None:
    # A branch of a stranger's can be called `origin/main`, too.
    if text.startswith(_ORIGIN):
        return revisions.of_origin(text.removeprefix(_ORIGIN), where)
    return commit_id(text, where) if text else None


def _read(path: str) -> bytes:
    return Path(path).read_bytes()
