"""What lies in git's object folders: packs, and objects in files of their own."""

import re
from collections.abc import Iterator
from pathlib import Path

_FOLDER = re.compile("[0-9a-f]{2}")


def packs_in(objects: Path) -> list[Path]:
    """The packs of an object folder, in the order of their names; raises OSError.

    Mostly they are `pack-*.pack`, but git reads those of any name, and gives some another
    (`loose-*.pack`: git-maintenance(1)).
    """
    try:
        # `glob` would pass over a folder that may not be listed.
        return sorted(path for path in (objects / "pack").iterdir() if path.suffix == ".pack")
    except FileNotFoundError:
        return []


def loose_in(objects: Path, id_size: int) -> Iterator[tuple[str, Path] | OSError]:
    """Id in hex and file of each loose object of an object folder, in order; and folders that
    cannot be listed, as errors. What is named otherwise is not git's."""
    name = re.compile(rf"[0-9a-f]{{{2 * id_size - 2}}}")
    for outer in sorted(objects.iterdir()):
        if not _FOLDER.fullmatch(outer.name) or not outer.is_dir():
            continue
        try:
            inner = sorted(path.name for path in outer.iterdir())
        except OSError as error:
            yield error
            continue
        yield from ((outer.name + each, outer / each) for each in inner if name.fullmatch(each))
