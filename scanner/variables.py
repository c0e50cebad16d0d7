"""Names of environment variables for secrets: what the code calls them, or what their rule does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

# The name that something is given to, at the end of what stands before a literal: `key = `,
# `"key": `, `key: str = `, `'key' => `, `key := `, `key(`.
_ASSIGNED = re.compile(
    r"""([A-Za-z_][\w-]{0,60})["'\]]{0,2}\s*(?::\s*[\w.<>\[\]|? ]{1,60})?(?::=|=>|=|:)\s*$"""
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_GENERIC = "generic-"  # rules that do not know whose key it is either
_SHORTEST = 5  # letters of a name that is worth more than that of such a rule
# Names that do not say whose key it is.
_COMMON = frozenset((
    "API_KEY", "API_TOKEN", "API_SECRET", "ACCESS_KEY", "ACCESS_TOKEN", "AUTH_TOKEN", "SECRET_KEY",
    "PRIVATE_KEY", "CLIENT_SECRET", "BEARER_TOKEN", "SESSION_TOKEN", "PASS_WORD",
))  # fmt: skip


class Wanted(NamedTuple):
    """A secret that needs a name: its rule's id, and the names that the code has for it."""

    rule_id: str
    assigned: tuple[str, ...] = ()


def assigned(before: str) -> str | None:
    """The name that a literal is assigned to, of what stands before it on its line."""
    found = _ASSIGNED.search(before[-200:])
    return found[1] if found else None


def names(secrets: Sequence[Wanted]) -> list[str]:
    """A name for each secret, none twice: `[A-Z_][A-Z0-9_]*`."""
    taken: set[str] = set()
    found = []
    for secret in secrets:
        base = _base(secret)
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name)
        found.append(name)
    return found


def _base(secret: Wanted) -> str:
    given = [_upper(text) for text in secret.assigned]
    telling = [name for name in given if "_" in name.strip("_") and name not in _COMMON]
    if not telling and secret.rule_id.startswith(_GENERIC):
        telling = [name for name in given if len(name) >= _SHORTEST]
    return telling[0] if telling else _upper(secret.rule_id)


def _upper(text: str) -> str:
    """A name as variables of the environment are written."""
    name = re.sub(r"\W+|_+", "_", _HUMP.sub("_", text), flags=re.ASCII).strip("_").upper()
    return f"_{name}" if name[:1].isdigit() else name
