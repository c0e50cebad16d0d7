"""What is carried over from other scanners, put into keysweep's own files beside what is there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import tomlkit
from tomlkit.exceptions import TOMLKitError

from scanner import files
from scanner.carried import shown
from scanner.config import PROJECT_FILE, REPOSITORY_FILE, repository_file
from scanner.errors import ConfigError
from scanner.models import Allowlist
from scanner.suppressions import baseline, ignorefile

RULES = ".keysweep/rules"  # the folder of rule files, from the root
_LISTS = ("paths", "path_regexes", "regexes", "line_regexes", "rules")


class Plan(NamedTuple):
    """What is to be added: excluded paths, rules that are turned off, allowlists, rules by the
    scanner that they are from, entries of the ignore file and of the baseline.

    `sources` are the names of the files that it is carried over from.
    """

    sources: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    allowlists: tuple[Allowlist, ...] = ()
    rules: tuple[tuple[str, dict[str, Any]], ...] = ()
    ignores: tuple[ignorefile.Entry, ...] = ()
    known: tuple[baseline.Entry, ...] = ()


class Change(NamedTuple):
    """A file to write: what it is to hold, whether it is new, and the lines that are added."""

    path: Path
    content: bytes
    new: bool
    added: tuple[str, ...]


def changes(plan: Plan, root: Path) -> tuple[Change, ...]:
    """The files to write below `root`; none for what they hold already.

    Raises ConfigError when a file that is there is broken, or is another than was to be made:
    nothing is ever overwritten.
    """
    found = [
        *_rule_files(plan, root),
        _configuration(plan, root),
        _ignores(plan.ignores, root / ignorefile.FILE),
        _baseline(plan.known, root / baseline.FILE),
    ]
    return tuple(change for change in found if change is not None)


def write(plan: Sequence[Change]) -> None:
    """Writes the files, each whole or not at all; raises what `files.write` raises."""
    for change in plan:
        change.path.parent.mkdir(parents=True, exist_ok=True)
        files.write(change.path, change.content)


def _rule_files(plan: Plan, root: Path) -> Iterator[Change | None]:
    for tool in dict.fromkeys(tool for tool, _ in plan.rules):
        tables = {str(table["id"]): table for name, table in plan.rules if name == tool}
        path = root / RULES / f"{tool}.toml"
        sources = ", ".join(plan.sources)
        content = rule_file(tables.values(), sources).encode()
        there = files.read(path)
        if there is not None and there != content:
            raise ConfigError(
                [f"{path}: is there, and not as this would make it; move it away or delete it"]
            )
        added = tuple(f"rule {name}" for name in tables)
        yield None if there else Change(path, content, True, added)


def rule_file(tables: Iterable[Mapping[str, Any]], sources: str) -> str:
    """The text of a rule file with these rules, carried over from the files `sources`."""
    parts = [
        "# Rules of another scanner's, translated by `keysweep migrate`. Add examples and\n"
        "# counter-examples to each, then `keysweep rules check` can hold it to them.\n"
        f"carried_from = {json.dumps(sources)}\n"
    ]
    for table in tables:
        lines = [f"{key} = {_value(key, value)}\n" for key, value in table.items()]
        parts.append("\n[[rules]]\n" + "".join(lines))
    return "".join(parts)


def _value(key: str, value: Any) -> str:
    """A value as TOML has it; a regex as a literal text, where it reads as it is."""
    if isinstance(value, str) and key in ("regex", "prefilter") and _is_literal(value):
        return f"'''{value}'''"
    # JSON's texts, lists, numbers and booleans are TOML's too, but for these characters.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _is_literal(text: str) -> bool:
    return text.isprintable() and "'''" not in text and not text.endswith("'")


def _configuration(plan: Plan, root: Path) -> Change | None:
    """The configuration file with what is new in the plan; comments and order of it stay."""
    path = repository_file(root) or root / REPOSITORY_FILE
    there = files.read(path)
    try:
        document = tomlkit.parse((there or b"").decode())
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: not TOML: {error}"]) from error
    table: Any = document
    if path.name == PROJECT_FILE:
        table = document["tool"]["keysweep"]
    rules = [RULES] if plan.rules else []
    added = [
        *_add_texts(table, "rules", rules, path),
        *_add_texts(table, "exclude", plan.exclude, path),
        *_add_texts(table, "disable", plan.disable, path),
        *_add_allowlists(table, plan.allowlists, path),
    ]
    if not added:
        return None
    return Change(path, tomlkit.dumps(document).encode(), there is None, tuple(added))


def _add_texts(table: Any, key: str, texts: Iterable[str], path: Path) -> list[str]:
    there = table.get(key)
    if there is not None and not isinstance(there, list):
        raise ConfigError([f"{path}: `{key}` is no list; mend it first"])
    new = [text for text in dict.fromkeys(texts) if text not in (there or ())]
    if new and there is None:
        listed = tomlkit.array()
        listed.multiline(len(new) > 1)
        table.add(key, listed)
        there = table[key]
    for text in new:
        there.append(text)
    return [f"{key}: {text}" for text in new]


def _add_allowlists(table: Any, allowlists: Iterable[Allowlist], path: Path) -> list[str]:
    there = table.get("allowlist")
    if there is None:
        there = tomlkit.aot()
    if not isinstance(there, list):
        raise ConfigError([f"{path}: `allowlist` is no list of tables; mend it first"])
    known = [_plain(entry) for entry in there]
    added = []
    for allowlist in allowlists:
        values = {key: list(getattr(allowlist, key)) for key in _LISTS if getattr(allowlist, key)}
        if values in known:
            continue
        known.append(values)
        entry = tomlkit.table()
        for key, value in values.items():
            entry.add(key, value)
        entry.add("reason", allowlist.reason or f"carried over from {allowlist.where}")
        there.append(entry)
        about = "; ".join(f"{key} {', '.join(map(shown, value))}" for key, value in values.items())
        added.append(f"allowlist: {about}")
    if added and "allowlist" not in table:
        table.add("allowlist", there)
    return added


def _plain(entry: Any) -> dict[str, list[str]]:
    values = entry if isinstance(entry, dict) else {}
    return {key: [str(one) for one in values[key]] for key in _LISTS if values.get(key)}


def _ignores(entries: Iterable[ignorefile.Entry], path: Path) -> Change | None:
    there = files.read(path) or b""
    known = {one._replace(line=0, reason="") for one in ignorefile.parse(there, str(path))}
    lines = []
    for entry in entries:
        if entry._replace(line=0, reason="") not in known:
            known.add(entry._replace(line=0, reason=""))
            lines.append(ignorefile.line(entry))
    if not lines:
        return None
    end = b"" if not there or there.endswith(b"\n") else b"\n"
    content = there + end + "".join(f"{line}\n" for line in lines).encode()
    return Change(path, content, not there, tuple(lines))


def _baseline(entries: Sequence[baseline.Entry], path: Path) -> Change | None:
    there = files.read(path)
    held = baseline.Baseline() if there is None else baseline.parse(there, str(path))
    known = {entry.fingerprint for entry in held.entries}
    new = [entry for entry in baseline.tidy(entries) if entry.fingerprint not in known]
    if not new:
        return None
    content = baseline.render(baseline.holding((*held.entries, *new), held))
    return Change(path, content, there is None, tuple(" ".join(entry) for entry in new))
