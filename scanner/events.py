"""What GitHub Actions tells: its event's payload, as far as that names commits.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
https://docs.github.com/en/actions/reference/variables-reference
"""

from __future__ import annotations

import msgspec

from scanner.asked import BRANCH, TAG, Asked, Environment, Read, Told, id_of, variable
from scanner.errors import UsageError

_CHECKOUT = "under `with:` of actions/checkout"


class Side(msgspec.Struct):
    """One end of a pull request: a branch, and the commit it was at."""

    ref: str
    sha: str


class PullRequest(msgspec.Struct):
    """A pull request; `base` is what it goes to."""

    number: int
    base: Side
    head: Side


class MergeGroup(msgspec.Struct):
    """What a merge queue tries: `head_sha` is made on top of `base_sha`."""

    base_sha: str
    head_sha: str


class Origin(msgspec.Struct):
    """The repository in which the event came up."""

    default_branch: str = ""


class Event(msgspec.Struct):
    """An event; which parts there are depends on its kind. `ref`, `before` and `after` are a
    push's; for a branch that is new, or deleted, `before` or `after` is all zeros."""

    ref: str | None = ""
    before: str = ""
    after: str = ""
    pull_request: PullRequest | None = None
    merge_group: MergeGroup | None = None
    repository: Origin = msgspec.field(default_factory=Origin)


def github(environment: Environment, read: Read) -> Told:
    """What the event that started a workflow tells; raises UsageError when it names no commits."""
    name = environment.get("GITHUB_EVENT_NAME", "")
    event = _parsed(environment.get("GITHUB_EVENT_PATH", ""), read)
    told = Told("GitHub Actions", name, Asked.EVERYTHING, f"`fetch-depth: 0` {_CHECKOUT}")
    if event.pull_request:
        return _pull_request(told, event, environment)
    if event.merge_group:
        base = id_of("merge_group.base_sha", event.merge_group.base_sha)
        head = id_of("merge_group.head_sha", event.merge_group.head_sha)
        return told._replace(what="merge queue", asked=Asked.REQUEST, base=base, head=head)
    if name == "push":
        return _push(told, event)
    if name in ("schedule", "workflow_dispatch", "repository_dispatch", "release"):
        sha = variable(environment, "GITHUB_SHA")
        return told._replace(head=sha)
    raise UsageError(
        f"GitHub Actions, event {name or '(GITHUB_EVENT_NAME is not set)'}: names no commits; "
        "use --base and --head"
    )


def _pull_request(told: Told, event: Event, environment: Environment) -> Told:
    request = event.pull_request
    assert request is not None  # noqa: S101 - for the type checker
    head_ref = f"refs/pull/{request.number}/head"
    # Such a workflow runs on a commit of the target.
    on_target = told.what == "pull_request_target"
    return told._replace(
        what=f"pull request {request.number} to {request.base.ref}",
        asked=Asked.REQUEST,
        base=id_of("pull_request.base.sha", request.base.sha),
        head=id_of("pull_request.head.sha", request.head.sha),
        target=request.base.ref,
        merge="" if on_target else variable(environment, "GITHUB_SHA"),
        source=id_of("pull_request.head.sha", request.head.sha),
        head_ref=head_ref,
        deepen=f"`ref: {head_ref}` and `fetch-depth: 0` {_CHECKOUT}" if on_target else told.deepen,
    )


def _push(told: Told, event: Event) -> Told:
    after = id_of("after", event.after)
    if not after:
        raise UsageError("GitHub Actions, push: a branch was deleted; there is nothing to scan")
    ref = event.ref or ""
    if ref.startswith(TAG):
        return told._replace(what=f"tag {ref.removeprefix(TAG)}", head=after)
    return told._replace(
        what=f"push to {ref.removeprefix(BRANCH)}",
        asked=Asked.PUSH,
        base=id_of("before", event.before),
        head=after,
        target=event.repository.default_branch,
    )


def _parsed(path: str, read: Read) -> Event:
    """The event in a file that `read` reads; raises UsageError when it holds none."""
    if not path:
        raise UsageError("GITHUB_EVENT_PATH is not set; use --base and --head")
    try:
        return msgspec.json.decode(read(path), type=Event)
    except OSError as error:
        raise UsageError(f"GITHUB_EVENT_PATH: {path}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"GITHUB_EVENT_PATH: {path}: {error}; use --base and --head") from error
