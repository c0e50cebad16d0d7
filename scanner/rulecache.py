"""Compiled rules kept on disk, so that a start-up neither parses nor compiles any."""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Callable, Iterable
from importlib.machinery import PathFinder
from pathlib import Path
from typing import NamedTuple

import hyperscan

from scanner import cache as kept_files
from scanner.config import Settings
from scanner.decoders.view import Decoder
from scanner.detector import Detector
from scanner.errors import ConfigError
from scanner.rules import FORMAT, database_at, files_in, load, shipped
from scanner.search import DECODERS

_SUM_BYTES = 4


def files(extra: Iterable[Path]) -> list[Path]:
    """The rule files of a run: those that come with keysweep, then the user's."""
    every = (file for folder in (shipped(), *extra) for file in files_in(folder))
    return list(dict.fromkeys(every))  # one may be named twice


def key(rule_files: Iterable[Path], settings: Settings, decoders: Iterable[Decoder]) -> str:
    """The name under which the compiled rules are kept: differs whenever they would.

    A database fits one version of hyperscan, and refuses another kind of processor by itself;
    a frozen regex fits one version of regex. Raises ConfigError when a rule file cannot be read.
    """
    parts = [
        *sorted(map(_signature, rule_files)),
        hyperscan.__version__,  # type: ignore[attr-defined]
        _installed("regex"),
        sys.version,
        sys.byteorder,
        FORMAT,
        settings.min_severity,
        settings.min_confidence,
        *sorted(settings.enable),
        "-",
        *sorted(settings.disable),
        "-",
        *sorted(map(str, settings.borrowed)),
        "-",
        *sorted(name for entry in settings.allowlists for name in entry.rules),  # are checked
        *(text for decoder in decoders for text in (*decoder.triggers, decoder.hint)),
    ]
    # Not against anybody, who could as well change what is kept: a checksum of 64 bits.
    text = "\0".join(parts).encode("utf-8", "surrogateescape")
    return f"rules-{zlib.crc32(text):08x}{zlib.adler32(text):08x}"


def _signature(path: Path) -> str:
    """Another one whenever a file was written; reading them all would take 2 ms longer."""
    try:
        status = os.stat(path)  # noqa: PTH116 - twice as fast as a Path
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
    return f"{path} {status.st_mtime_ns} {status.st_size}"


def _installed(package: str) -> str:
    """Which build of a package there is, without importing it."""
    spec = PathFinder.find_spec(package)
    if spec is None or spec.origin is None:
        return ""
    status = os.stat(spec.origin)  # noqa: PTH116
    return f"{status.st_mtime_ns} {status.st_size}"


class Ready(NamedTuple):
    """Compiled rules as an artefact that another process can load, and loaded."""

    artefact: bytes
    detector: Detector


def compiled(
    settings: Settings, build: Callable[[list[Path], Settings], bytes], *, cache: bool = True
) -> Ready:
    """The rules for these settings: kept from an earlier run, or made by `build` and kept.

    `build` is `artefact.build`, handed over so that who finds the rules kept need not import
    it. What is damaged, or fits another processor, is made anew. Raises what `build` raises.
    """
    rule_files = files(settings.rules)
    name = key(rule_files, settings, DECODERS)
    kept = read(name) if cache else None
    if kept is not None and (detector := _loaded(kept)):
        return Ready(kept, detector)
    made = build(rule_files, settings)
    if cache:
        keep(name, made)
    return Ready(made, Detector(load(made)))


def _loaded(artefact: bytes) -> Detector | None:
    try:
        return Detector(load(artefact))
    except ConfigError:
        return None


def read(name: str) -> bytes | None:
    """The compiled rules kept under a name that `key` gave; nothing when they are damaged,
    as far as hyperscan does not see that by itself."""
    kept = kept_files.read(name) or b""
    artefact = kept[_SUM_BYTES:]
    return artefact if kept[:_SUM_BYTES] == _sum(artefact) else None


def keep(name: str, artefact: bytes) -> None:
    """Keeps compiled rules, and a checksum before them, for the next start."""
    kept_files.write(name, _sum(artefact) + artefact)


def _sum(artefact: bytes) -> bytes:
    """A checksum of all but the databases, which are most of it and have their own."""
    return zlib.crc32(memoryview(artefact)[: database_at(artefact)]).to_bytes(_SUM_BYTES, "big")
