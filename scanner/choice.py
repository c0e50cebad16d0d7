"""The range that a CI system asks for, among the commits that this clone has.

Where what it tells is not enough, more is scanned rather than less: of a new branch what is not
on the default branch, and without one, everything that leads to its end.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from scanner import remotes, revisions
from scanner.asked import Asked, Told
from scanner.errors import IncompleteError, UsageError
from scanner.positions import harmless
from scanner.repository import Repository, commit_id
from scanner.sources.commits import Ends

_WHOLE_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_HELD = 12  # characters of an id that messages show


class Choice(NamedTuple):
    """A range, and why it was taken.

    With `everything`, its base is the empty tree. It is `settled` when nobody asks to add
    anything, so that its end can say itself what to scan: a nightly run, a tag, the default
    branch.
    """

    ends: Ends
    why: str = ""
    everything: bool = False
    settled: bool = False
    commits: int = 0


def choose(told: Told, where: Repository, *, fetch: bool, lenient: bool) -> Choice:
    """The range for what a CI system tells.

    With `fetch`, what this clone lacks is fetched from `origin`; `lenient` lets a range pass that
    a shallow clone does not have to its end. Raises IncompleteError when an end is not here, or
    not all between them, UsageError when nothing is checked out, and GitError.
    """
    if not fetch:
        return _checked(_choice(told, where, patient=False), told, where, lenient)
    try:
        found = _checked(_choice(told, where, patient=True), told, where, lenient=False)
    except IncompleteError:
        said = _fetch(told, where)
        found = _again(told, where, lenient, said)
    if remotes.is_partial(where) and revisions.lacking(found.ends.base, found.ends.head, where):
        _refetch(found, told, where)
    return found


def _again(told: Told, where: Repository, lenient: bool, said: list[str]) -> Choice:
    try:
        return _checked(_choice(told, where, patient=False), told, where, lenient)
    except IncompleteError as error:
        raise IncompleteError("; ".join([str(error), *said])) from error


def _choice(told: Told, where: Repository, *, patient: bool) -> Choice:
    """The range; `patient` when what is missing can still be fetched."""
    merged = _merged(told, where)
    if merged:
        return merged
    head = _head(told, where)
    if told.asked is Asked.EVERYTHING:
        return _everything(head, where, settled=True, why="nothing is asked to be added")
    base = revisions.by_id(told.base, where)
    if base:
        return Choice(Ends(base, head))
    if told.base and (patient or revisions.cut(where)):
        raise _incomplete(told, f"the commit {told.base[:_HELD]} is not in this clone")
    gone = f"the commit {told.base[:_HELD]} is gone, as after a forced push; " if told.base else ""
    if told.asked is Asked.REQUEST:
        return _since_target(told, head, where, gone, patient)
    return _since_default(told, head, where, gone, patient)


def _merged(told: Told, where: Repository) -> Choice | None:
    """The range up to the merge that the CI system itself has made, if there is one."""
    merge, source = revisions.by_id(told.merge, where), revisions.by_id(told.source, where)
    if merge is None or source is None:
        return None
    first, *others = revisions.parents(merge, where) or [""]
    if source not in others:
        return None
    return Choice(Ends(first, merge), f"{merge[:_HELD]} merges it for this run")


def _head(told: Told, where: Repository) -> str:
    if told.head:
        found = revisions.by_id(told.head, where)
        if found is None:
            raise _incomplete(told, f"the commit {told.head[:_HELD]} is not in this clone")
        return found
    found = commit_id("HEAD", where)
    if found is None:
        raise UsageError("no commit is checked out")
    return found


def _everything(head: str, where: Repository, *, settled: bool, why: str) -> Choice:
    return Choice(Ends(revisions.nothing(where), head), why, everything=True, settled=settled)


def _since_target(told: Told, head: str, where: Repository, gone: str, patient: bool) -> Choice:
    target = revisions.of_origin(told.target, where) if told.target else None
    if target:
        return Choice(Ends(target, head), f"{gone}since it left {told.target}")
    left = revisions.by_id(told.left, where)
    if left and patient:
        raise _incomplete(told, f"the branch {harmless(told.target)} is not in this clone")
    if left:
        why = f"{gone}since it left its target, by the configuration of then"
        return Choice(Ends(left, head), why)
    name = harmless(told.target) or "that it goes to"
    raise IncompleteError(
        f"{_run(told)}: {gone}the branch {name} of origin is not in this clone; "
        f"put {told.deepen}, fetch that branch before, or use --fetch-missing"
    )


def _since_default(told: Told, head: str, where: Repository, gone: str, patient: bool) -> Choice:
    base = revisions.of_origin(told.target or "HEAD", where)
    if base is None and patient:
        raise _incomplete(told, "the default branch is not in this clone")
    if base is None:
        why = f"{gone}no earlier commit is known, nor the default branch"
        return _everything(head, where, settled=False, why=why)
    if not revisions.between(base, head, where):
        why = f"{gone}no earlier commit is known, and it is on the default branch"
        return _everything(head, where, settled=True, why=why)
    return Choice(Ends(base, head), f"{gone}what is not on the default branch")


def _checked(found: Choice, told: Told, where: Repository, lenient: bool) -> Choice:
    """The choice with the number of its commits; raises IncompleteError unless all are here."""
    base, head = found.ends.base, found.ends.head
    commits = revisions.between(base, head, where)
    ends = revisions.cut(where)
    if ends and not lenient:
        known = found.everything or revisions.related(base, head, where)
        if not known or not ends.isdisjoint(commits):
            raise _incomplete(told, "this clone is shallow and does not have the whole range")
    return found._replace(commits=len(commits))


def _incomplete(told: Told, what: str) -> IncompleteError:
    return IncompleteError(f"{_run(told)}: {what}; put {told.deepen}, or use --fetch-missing")


def _run(told: Told) -> str:
    """What runs us, in one line: names of branches can hold anything."""
    return harmless(f"{told.system}, {told.what}" if told.what else told.system)


def _fetch(told: Told, where: Repository) -> list[str]:
    """Fetches what the range may need, and gives what git complained of."""
    names = [remotes.branch(told.target)] if told.target else ["HEAD"]
    said = []
    if revisions.cut(where):
        said.append(remotes.fetch(where, names, "--unshallow"))
    elif revisions.of_origin(told.target or "HEAD", where) is None:
        said.append(remotes.fetch(where, names))
    if told.head_ref and revisions.by_id(told.head, where) is None:
        said.append(remotes.fetch(where, [told.head_ref]))
    said.extend(
        remotes.fetch(where, [name])
        for name in filter(_WHOLE_ID.fullmatch, (told.base, told.head, told.source))
        if revisions.by_id(name, where) is None
    )
    return [f"git fetch: {text}" for text in said if text]


def _refetch(found: Choice, told: Told, where: Repository) -> None:
    """Fetches the contents that a partial clone left out of a range."""
    base, head = found.ends.base, found.ends.head
    names = [head] if found.everything else [base, head]
    said = remotes.fetch(where, names, "--refetch")
    if said:
        raise IncompleteError(f"{_run(told)}: git fetch: {said}")
