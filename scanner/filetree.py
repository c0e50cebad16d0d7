"""What lies below a folder, however deep it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple


class Folder(NamedTuple):
    """A folder and the names in it: of folders, and of everything else, links to folders among
    it."""

    path: str
    folders: list[str]
    others: list[str]


def walk(top: str) -> Iterator[Folder | OSError]:
    """A folder and all folders in it, each before those in it and in the order of their names;
    links are not followed. Of a folder that cannot be listed, the error; of one that is not there,
    nothing.

    Whoever takes names out of `folders` keeps the walk out of them. `os.walk` does the same, but
    calls itself for each level before Python 3.12, and someone else made these folders.
    """
    todo = [top]
    while todo:
        path = todo.pop()
        folder = Folder(path, [], [])
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    is_folder = entry.is_dir(follow_symlinks=False)
                    (folder.folders if is_folder else folder.others).append(entry.name)
        except FileNotFoundError:
            continue
        except OSError as error:
            yield error
            continue
        folder.folders.sort(reverse=True)
        folder.others.sort()
        yield folder
        todo += [os.path.join(path, name) for name in folder.folders]  # noqa: PTH118 - many
