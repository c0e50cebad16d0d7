"""Configuration and known findings as a commit has them, whatever stands in the work tree."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from scanner import configfile, foreign, known, toml
from scanner.catfile import Absent, Objects
from scanner.config import PROJECT_FILE, REPOSITORY_FILE, Settings, repository_file
from scanner.errors import ConfigError
from scanner.known import Known
from scanner.paths import display
from scanner.repository import MOST_OUTPUT, Repository, ask

_FILES = (b"100644", b"100755", b"100664")
_MOST = 20 << 20  # bytes; no file of ours is as large
_DEEPEST = 2  # files that extend each other
_HELD = 12  # characters of an id that messages show


class Committed:
    """The configuration that a commit holds, for as long as the context lasts."""

    def __init__(self, where: Repository, commit: str, top: Path | None, folder: Path) -> None:
        """`commit` is an id in hex, `top` the root of the work tree, `folder` an empty one."""
        self._where, self._commit, self._top, self._folder = where, commit, top, folder

    def settings(self, user: Path | None, named: Path | None, rules: Iterable[Path]) -> Settings:
        """The settings of the commit's own file, the user's, and those named.

        What is named and stands in the repository is taken as the commit has it. Raises
        ConfigError for a broken file, and for one that the commit does not have.
        """
        with self._named():
            return self._settings(user, named, rules)

    def known(self, baseline: Path | None) -> Known:
        """What the commit's own baseline and ignore file hold, or the baseline that is named.

        Raises ConfigError likewise.
        """
        with self._named():
            self._copy(known.FILES)
            return known.read(self._folder, baseline and self._of(baseline))

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Lets errors name the commit instead of our folder."""
        try:
            yield
        except ConfigError as error:
            here = f"{self._folder}/"
            name = f"{self._commit[:_HELD]}:"
            raise ConfigError([text.replace(here, name) for text in error.problems]) from error

    def _settings(self, user: Path | None, named: Path | None, rules: Iterable[Path]) -> Settings:
        self._copy([REPOSITORY_FILE, PROJECT_FILE])
        result = Settings()
        files = (None if named else repository_file(self._folder), user, named and self._of(named))
        for file in files:
            if file:
                self._extended(file)
                read = configfile.read_user if file is user else configfile.read
                result = read(file, result)
        wanted = [*(self._own(path) for path in result.rules), *map(self._of, rules)]
        fleeting = any(path.is_relative_to(self._folder) for path in wanted)
        return result._replace(rules=tuple(wanted), fleeting=fleeting)

    def _extended(self, file: Path, depth: int = 0) -> None:
        """Has what another scanner's configuration extends stand beside it, if it is ours."""
        if depth > _DEEPEST or not file.is_relative_to(self._folder) or not foreign.is_one(file):
            return
        try:
            extend = toml.load(file).get("extend")
        except ConfigError:  # broken, as its reader will tell
            return
        name = extend.get("path") if isinstance(extend, dict) else None
        if isinstance(name, str) and name:
            target = Path(os.path.normpath(file.parent / name))
            self._extended(self._own(target), depth + 1)

    def _of(self, path: Path) -> Path:
        """A file or folder as the commit has it, if it stands in the repository at all."""
        inside = _inside(path, self._top.resolve()) if self._top else None
        return path if inside is None else self._own(self._folder / inside)

    def _own(self, path: Path) -> Path:
        """Such a path with the commit's content, if it is one in our folder."""
        try:
            inside = PurePosixPath(path.relative_to(self._folder).as_posix())
        except ValueError:
            return path
        if ".." in inside.parts:
            raise ConfigError([f"{path}: outside of the repository"])
        if not path.exists():
            self._copy([str(inside)])
        if not path.exists():
            raise ConfigError(
                [f"{path}: not there; what a request brings along holds with --trust-head only"]
            )
        return path

    def _copy(self, names: Sequence[str]) -> None:
        """Puts files, and what is in folders, of the commit into our folder."""
        arguments = ["ls-tree", "-r", "-z", "--full-tree", self._commit, "--", *names]
        with Objects(self._where, _MOST) as objects:
            for line in ask(arguments, self._where, MOST_OUTPUT).split(b"\0")[:-1]:
                head, _, path = line.partition(b"\t")
                mode, _, id_ = head.split(b" ")
                self._write(path, mode, objects.read(id_.decode()))

    def _write(self, path: bytes, mode: bytes, content: bytes | Absent) -> None:
        name = display(path)
        target = self._folder / name
        if isinstance(content, Absent):
            raise ConfigError([f"{target}: {content.reason}"])
        # The names in a tree can be anything.
        if mode not in _FILES or not {"", ".", ".."}.isdisjoint(name.split("/")) or "\\" in name:
            raise ConfigError([f"{target}: not a regular file"])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _inside(path: Path, top: Path) -> Path | None:
    """Where below the root of a work tree a name stands; nothing for one elsewhere.

    Links below the root are not followed: they are those of the request, which could lead to
    another file of the commit's.
    """
    named = Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow them
    for folder in reversed((named, *named.parents)):
        if folder.resolve() == top:
            return named.relative_to(folder)
    real = path.resolve()  # a link from elsewhere, which is the user's
    return real.relative_to(top) if real.is_relative_to(top) else None


@contextmanager
def committed(where: Repository, commit: str, top: Path | None) -> Iterator[Committed]:
    """The configuration that a commit (id in hex) of a repository holds; `top` is the root of
    its work tree, if it has one. Raises GitError when git cannot read the commit."""
    with TemporaryDirectory(prefix="keysweep-") as folder:
        yield Committed(where, commit, top, Path(folder).resolve())
