"""TOML files read into typed structures, with errors that name file, place and remedy."""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from scanner.config import MOST_PARTS, has_endless_key
from scanner.errors import ConfigError

T = TypeVar("T", bound=msgspec.Struct)

MOST = 4 << 20  # bytes
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")


def read(path: Path, shape: type[T]) -> T:
    """The file's content as a `shape`; raises ConfigError for anything else it holds."""
    return check(load(path), shape, str(path))


def load(path: Path, most: int = MOST) -> dict[str, Any]:
    """The file's TOML as plain values; raises ConfigError when it is none or cannot be read.

    A file of more than `most` bytes is refused: it could keep the parser busy for minutes.
    """
    try:
        with path.open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ConfigError([f"{path}: not a regular file"])
            content = file.read(most + 1)
        if len(content) > most:
            raise ConfigError([f"{path}: more than {most} bytes, too large for such a file"])
        if has_endless_key(content):
            raise ConfigError([f"{path}: a key of more than {MOST_PARTS} parts"])
        return tomllib.loads(content.decode())
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError([f"{path}: not TOML: {error}"]) from error


def check(values: dict[str, Any], shape: type[T], where: str) -> T:
    """`values` as a `shape`.

    Raises ConfigError naming `where` and the entry; for an unknown key with the known key
    that is spelt most alike.
    """
    try:
        return msgspec.convert(values, shape, strict=True)
    except msgspec.ValidationError as error:
        message = str(error)
        unknown = _UNKNOWN.search(message)
        hint = _suggestion(unknown[1], shape) if unknown else ""
        raise ConfigError([f"{where}: {_owner(values, message)}{message}{hint}"]) from error


def _owner(values: dict[str, Any], message: str) -> str:
    """`rule 'x': ` when the message speaks of an element of a list of tables with ids."""
    found = re.search(r"\$\.(\w+)\[(\d+)\]", message)
    if not found:
        return ""
    entry = values[found[1]][int(found[2])]
    name = entry.get("id") if isinstance(entry, dict) else None
    return f"{found[1].rstrip('s')} {name!r}: " if name else ""


def _suggestion(word: str, shape: type[msgspec.Struct]) -> str:
    close = difflib.get_close_matches(word, sorted(_keys(shape)), n=1, cutoff=0.5)
    return f"; did you mean `{close[0]}`?" if close else ""


def _keys(shape: type[msgspec.Struct]) -> set[str]:
    """All keys of a structure and of the structures in it."""
    keys: set[str] = set()
    todo = [msgspec.inspect.type_info(shape)]
    while todo:
        kind = todo.pop()
        if isinstance(kind, msgspec.inspect.StructType):
            for field in kind.fields:
                keys.add(field.encode_name)
                todo.append(field.type)
        elif isinstance(kind, msgspec.inspect.ListType):
            todo.append(kind.item_type)
        elif isinstance(kind, msgspec.inspect.UnionType):
            todo.extend(kind.types)
    return keys
