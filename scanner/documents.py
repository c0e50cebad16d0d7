"""Files of other tools read as text, JSON or YAML, within bounds, with errors that name them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner.errors import ConfigError

if TYPE_CHECKING:
    import yaml

_LARGEST = 50 << 20  # bytes; baselines of old repositories have tens of megabytes
_LARGEST_YAML = 5 << 20  # its parser takes some seconds for a megabyte
_MOST_NODES = 1_000_000  # with aliases written out: a short file can stand for billions


def text(path: Path, largest: int = _LARGEST) -> str:
    """The text of a file; raises ConfigError for what is no UTF-8 text, or too large."""
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
        if len(content) > largest:
            raise ConfigError([f"{path}: over {largest >> 20} MB, too large to be one"])
        return content.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: not a text file: {error.reason}"]) from error


def from_json(path: Path) -> Any:
    """The values of a JSON file; raises ConfigError for anything else."""
    try:
        return json.loads(text(path))
    except (ValueError, RecursionError) as error:
        raise ConfigError([f"{path}: not JSON, or cut off: {error}"]) from error


def from_yaml(path: Path) -> Any:
    """The values of a YAML file, of plain types only.

    Raises ConfigError for anything else, and for aliases that stand for too much or for
    themselves.
    """
    import yaml  # noqa: PLC0415 - needed for the files of three tools only

    loader = yaml.SafeLoader(text(path, _LARGEST_YAML))
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _check_size(node)
        return loader.construct_document(node)
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        reason = " ".join(str(error).split()) or "nested too deeply"
        raise ConfigError([f"{path}: not YAML, or cut off: {reason}"]) from error
    finally:
        loader.dispose()


def _check_size(root: yaml.Node) -> None:
    """Raises ValueError when the values below a node would be too many, or without end."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: Any) -> int:
        if id(node) in open_nodes:
            raise ValueError("an alias stands for itself")
        if id(node) not in sizes:
            open_nodes.add(id(node))
            sizes[id(node)] = 1 + sum(map(size, _below(node)))
            open_nodes.remove(id(node))
        if sizes[id(node)] > _MOST_NODES:
            raise ValueError("its aliases stand for too many values")
        return sizes[id(node)]

    size(root)


def _below(node: Any) -> list[Any]:
    if not isinstance(node.value, list):
        return []
    return [part for one in node.value for part in (one if isinstance(one, tuple) else (one,))]
