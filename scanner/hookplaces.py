"""Where git looks for hooks: in the repository itself, or where `core.hooksPath` says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from scanner import hookfiles, repository
from scanner.errors import UsageError
from scanner.hookfiles import Place
from scanner.paths import display
from scanner.positions import harmless
from scanner.repository import Repository

_SETTING = "core.hooksPath"
_OURS = "command"  # the scope of what `repository` itself sets, so that git runs no hooks for us
_OF_REPOSITORY = ("local", "worktree")


class Setting(NamedTuple):
    """A value of `core.hooksPath`, and git's name for whose configuration it is in."""

    scope: str
    folder: Path


def settings(where: Repository) -> list[Setting]:
    """The values of `core.hooksPath`, of which the last one holds. Raises GitError."""
    arguments = ["config", "-z", "--show-scope", "--type=path", "--get-all", _SETTING]
    words = repository.ask(arguments, where).split(b"\0")[:-1]
    pairs = zip(words[::2], words[1::2], strict=True)
    return [
        Setting(scope.decode(), Path(os.fsdecode(value)))
        for scope, value in pairs
        if scope.decode() != _OURS
    ]


def own(where: Repository) -> Path:
    """The folder of a repository's own hooks, which all its work trees share.

    Raises GitError outside of a repository.
    """
    told = repository.ask(["rev-parse", "--git-common-dir"], where).rstrip(b"\n")
    return (Path(os.fsdecode(where.folder)) / os.fsdecode(told)).resolve() / "hooks"


def names(where: Repository) -> tuple[str, ...]:
    """The hooks that are of use in a repository: a bare one only takes in what others push."""
    told = repository.ask(["rev-parse", "--is-bare-repository"], where)
    return hookfiles.OF_SERVERS if told.strip() == b"true" else hookfiles.OF_COMMITS


def of_repository(where: Repository, shared: Path) -> Place:
    """Where the hooks of one repository go, or the folder `shared` when they are there already.

    Raises UsageError when `core.hooksPath` names a folder that serves others too, with what to
    do instead.
    """
    folder = own(where)
    found = settings(where)
    if not found:
        return Place(folder)
    top = repository.toplevel(where.folder)
    root = Path(os.fsdecode(top)) if top else folder.parent
    chosen = (root / found[-1].folder).resolve()
    if chosen == shared.resolve():
        return Place(shared, shared=True)
    if chosen == folder or (found[-1].scope in _OF_REPOSITORY and root not in chosen.parents):
        return Place(chosen)
    raise UsageError(_instead(found[-1], chosen, names(where)))


def all_of(where: Repository, shared: Path) -> list[Path]:
    """Where hooks of one repository may have been put: its own folder, and another that
    `core.hooksPath` names."""
    folder = own(where)
    root = Path(os.fsdecode(repository.toplevel(where.folder) or os.fsencode(folder.parent)))
    others = {
        (root / setting.folder).resolve()
        for setting in settings(where)
        if setting.scope in _OF_REPOSITORY
    }
    return [folder, *sorted(others - {folder, shared.resolve()})]


def of_user(where: Repository, shared: Path) -> bool:
    """Whether the user's hooks are set to the folder `shared` already.

    Raises UsageError when they are set to another folder.
    """
    found = [setting for setting in settings(where) if setting.scope not in _OF_REPOSITORY]
    if not found:
        return False
    chosen = found[-1].folder.resolve()
    if chosen == shared.resolve():
        return True
    raise UsageError(
        f"{_instead(found[-1], chosen, hookfiles.OF_COMMITS)}\n"
        f"or let go of it: git config --{found[-1].scope} --unset {_SETTING}"
    )


def _instead(setting: Setting, folder: Path, wanted: tuple[str, ...]) -> str:
    # Husky makes the folder `_` anew whenever it is installed; users write beside it.
    home = folder.parent if folder.name == "_" else folder
    lines = [f"  {home / name}: {hookfiles.line(name)}" for name in wanted]
    said = f"{_SETTING} is {harmless(display(os.fsencode(setting.folder)))} ({setting.scope})"
    return "\n".join(
        [f"{said}, which is not this repository's alone; add to the hooks there:", *lines]
    )
