"""Which version of which repository was scanned, told without user names and passwords."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from scanner.errors import GitError
from scanner.models import Report, ScanInfo
from scanner.repository import Repository, finish, git_folder, start

_SCHEMES = ("https", "http", "ssh", "git", "file")
_LIKE_SCP = re.compile(r"(?:[^@/\s]+@)?([\w.-]+):(?!/)([^\s]+)")  # user@host:path, see git-clone(1)
_HOST = re.compile(r"[\w.-]*(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?")


def traced(report: Report) -> Report:
    """The report with the address, commit and branch of the repository that was scanned.

    Without a repository, or where it cannot be asked, the report as it is.
    """
    info = report.info
    folder = os.fsencode(info.root)
    try:
        if not os.path.isdir(folder) or git_folder(folder) is None:  # noqa: PTH112 - bytes
            return report
        found = _traced(info, Repository(folder))
    except (GitError, OSError):
        return report
    secrets = (finding.secret.reveal().decode("utf-8", "replace") for finding in report.findings)
    if found.origin and any(len(s) > 3 and s in found.origin for s in secrets):
        found = found._replace(origin=_folder(info.root))
    return report._replace(info=found)


def _traced(info: ScanInfo, where: Repository) -> ScanInfo:
    head = _line(where, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    branch = _line(where, "symbolic-ref", "--quiet", "--short", "HEAD")
    origin = address(_line(where, "config", "--get", "remote.origin.url") or "")
    return info._replace(
        head=info.head or head,
        branch=branch if info.head in (None, head) else None,
        origin=origin or _folder(info.root),
    )


def _line(where: Repository, *arguments: str) -> str | None:
    done = finish(start(arguments, where))
    return None if done.status else os.fsdecode(done.stdout).rstrip("\n") or None


def _folder(root: str) -> str:
    return Path(root).absolute().as_uri()


def address(remote: str) -> str | None:
    """A remote of git as a URL without user, password, query and fragment; nothing for a remote
    that is no URL, such as a relative path."""
    if remote.startswith("/"):
        return Path(remote).as_uri()
    if "://" not in remote and (like_scp := _LIKE_SCP.fullmatch(remote)):
        return f"ssh://{like_scp[1]}/{_path(like_scp[2])}"
    try:
        parts = urlsplit(remote)
    except ValueError:
        return None
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme not in _SCHEMES or not _HOST.fullmatch(host) or not (host or parts.path):
        return None
    return urlunsplit((parts.scheme, host, _path(parts.path), "", ""))


def _path(text: str) -> str:
    return quote(text.encode("utf-8", "replace"), safe="/%~")
