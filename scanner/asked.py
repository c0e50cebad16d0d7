"""What a CI system asks to be scanned, in the words that all of them are put into."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import NamedTuple

from scanner.errors import UsageError

Environment = Mapping[str, str]
Read = Callable[[str], bytes]  # a file's bytes

TAG, BRANCH = "refs/tags/", "refs/heads/"
_ID = re.compile(r"[0-9a-f]{7,64}")


class Asked(Enum):
    """What a pipeline is about."""

    REQUEST = "request"  # what somebody asks to merge
    PUSH = "push"  # what has come in since the base, if that is still there
    EVERYTHING = "everything"  # nothing has come in: all that leads to the head


class Told(NamedTuple):
    """What a CI system tells of the commits to scan, before anybody looked whether they are here.

    Ids are in hex, perhaps cut short, and empty where they are not told. `base` is where the
    commits begin. `target` is the branch of `origin` that serves where the base is not known:
    of a request, the one it goes to, otherwise the default branch. `head` is where the commits
    end (empty: HEAD), and `head_ref` where `origin` keeps it. `merge` is the commit that the
    system itself may have made of the target and `source`, the request's own head. `left` is where
    a request left its target, for want of a base.
    """

    system: str
    what: str
    asked: Asked
    deepen: str  # what to write into the pipeline's file for a full clone
    base: str = ""
    head: str = ""
    target: str = ""
    merge: str = ""
    source: str = ""
    head_ref: str = ""
    left: str = ""


def variable(environment: Environment, name: str) -> str:
    """The id of a commit that a variable holds, empty when there is none; raises UsageError."""
    return id_of(name, environment.get(name, ""))


def id_of(name: str, value: str) -> str:
    """An id of a commit, empty for the one of zeros, which stands for no commit.

    Raises UsageError, which begins with `name`, for what is no id.
    """
    if not value.strip("0"):
        return ""
    if not _ID.fullmatch(value):
        raise UsageError(f"{name}: {value!r} is no id of a commit; use --base and --head")
    return value
