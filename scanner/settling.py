"""Which findings of ours the findings of another scanner's are, by secret, commit or line."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from scanner import namesakes
from scanner.carried import Known, is_meant
from scanner.catfile import Absent, Objects
from scanner.errors import GitError
from scanner.models import Blob, Finding, Gap, Kind, Place, Report
from scanner.repository import Repository, ask, toplevel
from scanner.scan import Scanner, run
from scanner.sources import worktree

_MOST = 50 << 20  # bytes of a file in a commit
# What another scanner may have taken for a secret: between quotes, or between blanks and signs.
_TOKEN = re.compile(rb"[^\s\"'`<>=,;:(){}\[\]]{4,2000}")
_QUOTED = re.compile(rb"\"([^\"\n]{1,2000})\"|'([^'\n]{1,2000})'|`([^`\n]{1,2000})`")
_MOST_TOKENS = 200_000


class Settled(NamedTuple):
    """Our findings that an entry means, or why there are none: it is `gone` from the project, or
    the entry is `needless`, as keysweep reports nothing there; else it cannot be told."""

    findings: tuple[Finding, ...]
    reason: str = ""
    gone: bool = False
    needless: bool = False


class Ground:
    """What stands in a folder and in the commits of its repository, looked at when asked for."""

    def __init__(
        self,
        scanner: Scanner,
        root: Path,
        besides: frozenset[str] = frozenset(),
        past: Callable[[], Report] | None = None,
    ) -> None:
        """`scanner` shall leave out nothing: what is hidden already is to be told too. `besides`
        are paths that do not count, those of the other scanners' files: these may name secrets
        in clear. `past` gives what the repository's history holds, if that is to be looked at."""
        self._scanner, self._root, self._besides = scanner, root, besides
        self._look_back = past
        self._reports: dict[tuple[str, str], Report | str] = {}

    @cached_property
    def report(self) -> Report:
        """What the files below the folder hold."""
        return run(self._scanner, self._listed(), command="migrate", root=os.fspath(self._root))

    def _listed(self) -> Iterator[worktree.Entry | Gap]:
        root = os.fspath(self._root)
        listed = worktree.entries(root, root, lambda _path: False)
        return (one for one in listed if isinstance(one, Gap) or one.path not in self._besides)

    @cached_property
    def _past(self) -> tuple[Finding, ...]:
        return self._look_back().findings if self._look_back else ()

    @cached_property
    def paths(self) -> frozenset[str]:
        """The report paths of the files below the folder."""
        return frozenset(one.path for one in self._listed() if not isinstance(one, Gap))

    def settle(self, known: Known) -> Settled:
        """Our findings that an entry means."""
        if known.text is not None or known.test:
            return self._by_secret(known)
        if known.commit:
            return self._by_commit(known)
        if known.path is None or known.line is None:
            return Settled((), "it names neither a secret nor a line")
        if known.path not in self.paths:
            return Settled((), f"there is no {known.path} any more", gone=True)
        return _on_line(self.report.findings, known, known.path, "any more")

    def _by_secret(self, known: Known) -> Settled:
        found = _meant(self.report.findings, known) or _meant(self._past, known)
        if found:
            return Settled(found)
        if known.commit:
            settled = self._by_commit(known)
            meant = _meant(settled.findings, known)
            return Settled(meant) if meant else settled._replace(findings=())
        if known.path is None:
            return Settled((), "no finding of keysweep's in these files has that secret", gone=True)
        if known.path not in self.paths:
            return Settled((), f"there is no {known.path} any more", gone=True)
        return self._by_token(known, known.path)

    def _by_token(self, known: Known, path: str) -> Settled:
        """For a secret that was cut another way: the finding on the line that it stands on."""
        location = self._root / path
        content = location.read_bytes() if location.is_file() else b""
        for number, token in _tokens(content):
            if is_meant(known, token):
                same = known._replace(line=number, text=None, test=None)
                settled = _on_line(self.report.findings, same, path, "")
                if settled.findings:
                    return settled
                reason = f"it stands on line {number}, but no rule of keysweep's finds it"
                return Settled((), reason, needless=True)
        return Settled((), f"{path} does not hold it any more", gone=True)

    def _by_commit(self, known: Known) -> Settled:
        commit = known.commit or ""
        try:
            if known.path is None:
                return self._added(commit, known.rule)
            report = self._committed(commit, known.path)
        except GitError:
            reason = "fetch the whole history if that is missing"
            return Settled((), f"there is no commit {commit[:10]} in this clone; {reason}")
        if isinstance(report, str):
            return Settled((), report)
        return _on_line(report.findings, known, known.path, f"as of {commit[:10]}")

    def _committed(self, commit: str, path: str) -> Report | str:
        """What a file held in a commit, or why that cannot be told."""
        if (commit, path) not in self._reports:
            content = self._content(commit, path)
            self._reports[commit, path] = (
                content.reason
                if isinstance(content, Absent)
                else self._look([Blob(Kind.FILE, path, content)])
            )
        return self._reports[commit, path]

    def _added(self, commit: str, rule: str | None) -> Settled:
        """What a commit brought in, against its first parent, if it is like a rule's."""
        names = ask(
            ["diff-tree", "-r", "-z", "--root", "--no-commit-id", "--name-only",
             "--diff-filter=AM", "-m", "--first-parent", commit, "--"],
            self._where,
        )  # fmt: skip
        blobs = []
        for name in names.split(b"\0")[:-1]:
            path = name.decode("utf-8", "surrogateescape")
            content, before = self._content(commit, path), self._content(f"{commit}^", path)
            if not isinstance(content, Absent):
                earlier = () if isinstance(before, Absent) else (before,)
                blobs.append(Blob(Kind.FILE, path, content, earlier))
        found = self._look(blobs).findings
        if rule:
            found = tuple(one for one in found if namesakes.is_like(rule, one.rule_id))
        reason = "" if found else f"commit {commit[:10]} brought in no such finding"
        return Settled(found, reason, not found)

    def _content(self, commit: str, path: str) -> bytes | Absent:
        name = (
            ask(["ls-tree", "-z", "--full-tree", commit, "--", path], self._where)
            if (not commit.endswith("^"))
            else _quietly(["ls-tree", "-z", "--full-tree", commit, "--", path], self._where)
        )
        head = name.partition(b"\t")[0].split(b" ")
        if len(head) < 3 or head[1] != b"blob":
            return Absent(f"there is no {path} in commit {commit[:10]}")
        with Objects(self._where, _MOST) as objects:
            return objects.read(head[2].decode())

    @cached_property
    def _where(self) -> Repository:
        if toplevel(os.fsencode(self._root)) is None:
            raise GitError("not a repository")
        return Repository(os.fsencode(self._root))

    def _look(self, blobs: Sequence[Blob]) -> Report:
        return run(self._scanner, blobs, command="migrate", root=os.fspath(self._root))


def _meant(findings: Iterable[Finding], known: Known) -> tuple[Finding, ...]:
    return tuple(one for one in findings if is_meant(known, one.secret.reveal()))


def _quietly(arguments: Sequence[str], where: Repository) -> bytes:
    """What git prints; nothing when it fails, as for the parent of a first commit."""
    try:
        return ask(arguments, where)
    except GitError:
        return b""


def _on_line(findings: Iterable[Finding], known: Known, path: str, when: str) -> Settled:
    found = [one for one in findings if any(_covers(place, path, known) for place in one.places)]
    if not found:
        words = f"keysweep finds nothing on line {known.line} of {path} {when}".strip()
        return Settled((), words, gone=not known.commit, needless=bool(known.commit))
    if len(found) > 1 and known.rule:
        found = [one for one in found if namesakes.is_like(known.rule, one.rule_id)] or found
    if len(found) > 1:
        return Settled((), f"{len(found)} secrets stand on that line, and it does not tell which")
    return Settled(tuple(found))


def _covers(place: Place, path: str, known: Known) -> bool:
    line = known.line or 0
    return place.path == path and place.span.start_line <= line <= place.span.end_line


def _tokens(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The texts in a content that may be secrets, each with its line."""
    count = 0
    for number, line in enumerate(content.split(b"\n"), 1):
        for pattern in (_QUOTED, _TOKEN):
            for match in pattern.finditer(line):
                count += 1
                if count > _MOST_TOKENS:
                    return
                yield number, next((part for part in match.groups() if part), match[0])
