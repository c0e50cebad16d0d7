"""Git's own hooks that call keysweep: their text, and putting them in place beside earlier ones.

An earlier hook is kept beside ours under another name and runs first; when ours goes, it comes
back as it was. See githooks(5) for what git gives each of them.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from scanner.errors import UsageError

OF_COMMITS = ("pre-commit", "commit-msg", "pre-push")
OF_SERVERS = ("pre-receive",)
# All others that git looks for in its folder of hooks, which a folder for all repositories has to
# pass on. Not `push-to-checkout`, as git does something else as soon as there is one.
PASSED_ON = (
    "applypatch-msg", "pre-applypatch", "post-applypatch", "pre-merge-commit",
    "prepare-commit-msg", "post-commit", "pre-rebase", "post-checkout", "post-merge",
    "pre-receive", "update", "proc-receive", "post-receive", "post-update",
    "reference-transaction", "pre-auto-gc", "post-rewrite", "sendemail-validate",
    "p4-changelist", "p4-prepare-changelist", "p4-post-changelist", "p4-pre-submit",
    "post-index-change",
)  # fmt: skip
_MARK = b"# Written by `keysweep hook install`; `keysweep hook uninstall` removes it.\n"
_BEFORE = ".keysweep-before"
_ARGUMENTS = {"commit-msg": ' "$1"', "pre-push": ' "$1"'}
_WITH_STDIN = ("pre-push", "pre-receive")

_OWN = """\
before="$(git rev-parse --git-common-dir)/hooks/{name}"
"""
_BESIDE = """\
before="$(dirname "$0")/{name}{suffix}"
"""
_FIRST = """\
if [ -x "$before" ]; then "$before" "$@" || exit $?; fi
"""
# Both are to read what git tells; the dot keeps the last line's end.
_FIRST_WITH_STDIN = """\
told=$(cat; echo .)
told=${told%.}
if [ -x "$before" ]; then printf %s "$told" | "$before" "$@" || exit $?; fi
"""
_HAND_ON = """\
if [ -x "$before" ]; then exec "$before" "$@"; fi
"""
_CALL = """\
python={python}
if [ ! -x "$python" ]; then
  echo "keysweep: $python is gone: install keysweep again and run \\`keysweep hook install\\`,\
 or remove $0" >&2
  exit 1
fi
{feed}exec "$python" -P -c '
import sys
try:
    from scanner.__main__ import main
except ImportError as error:
    sys.exit(f"keysweep: {{error}}: install keysweep again and run `keysweep hook install`, or"
             " remove " + sys.argv.pop(1))
del sys.argv[1]
main()
' "$0" hook {name}{arguments}
"""


class Place(NamedTuple):
    """The folder that hooks are put in; `shared` when it serves all repositories, each of which
    may have hooks of its own."""

    folder: Path
    shared: bool = False


def text(name: str, python: Path, *, shared: bool) -> bytes:
    """A hook that runs the earlier one and then keysweep, with the interpreter `python`."""
    before = _OWN if shared else _BESIDE
    stdin = name in _WITH_STDIN
    call = _CALL.format(
        # Windows' shell of git reads a path with slashes.
        python=shlex.quote(python.as_posix()),
        name=name,
        arguments=_ARGUMENTS.get(name, ""),
        feed='printf %s "$told" | ' if stdin else "",
    )
    body = before.format(name=name, suffix=_BEFORE) + (_FIRST_WITH_STDIN if stdin else _FIRST)
    return _script(body + call)


def line(name: str) -> str:
    """The command that another hook of this name calls keysweep with."""
    return f"keysweep hook {name}{_ARGUMENTS.get(name, '')}"


def _passing_on(name: str) -> bytes:
    """A hook that runs the repository's own, for which git no longer looks."""
    return _script(_OWN.format(name=name) + _HAND_ON)


def _script(body: str) -> bytes:
    return b"#!/bin/sh\n" + _MARK + os.fsencode(body)


def install(place: Place, names: Iterable[str], python: Path) -> list[Path]:
    """Writes the hooks of these names and gives their files; what was there is kept beside.

    Raises UsageError, and changes nothing, where two earlier hooks would get the same name.
    """
    files = [place.folder / name for name in names]
    for file in files:
        if _earlier(file) and os.path.lexists(_before(file)):
            raise UsageError(
                f"{file}: neither this hook nor {_before(file).name} beside it is ours to "
                "replace; move one of them away"
            )
    place.folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        if _earlier(file):
            file.rename(_before(file))
        _write(file, text(file.name, python, shared=place.shared))
    if place.shared:
        for name in PASSED_ON:
            _write(place.folder / name, _passing_on(name))
    return files


def uninstall(folder: Path) -> list[Path]:
    """Removes our hooks from a folder and gives their files; earlier ones come back."""
    removed = []
    for name in (*OF_COMMITS, *PASSED_ON):
        file = folder / name
        if not _is_ours(file):
            continue
        file.unlink()
        removed.append(file)
        if os.path.lexists(_before(file)):
            _before(file).rename(file)
    return removed


def _before(file: Path) -> Path:
    return file.with_name(file.name + _BEFORE)


def _is_ours(file: Path) -> bool:
    """Whether a hook is one that `install` wrote."""
    return file.is_file() and not file.is_symlink() and _MARK in file.read_bytes()


def _earlier(file: Path) -> bool:
    """Whether there is a hook that is not ours."""
    return os.path.lexists(file) and not _is_ours(file)


def _write(file: Path, content: bytes) -> None:
    """Replaces a hook at once: git may be about to run it."""
    new = file.with_name(file.name + ".keysweep-new")
    new.write_bytes(content)
    new.chmod(0o755)
    new.replace(file)
