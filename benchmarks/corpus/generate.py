"""Fill the templates and write the tree, the truth and the negatives."""

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from random import Random

from benchmarks.corpus.filler import lengthen
from benchmarks.corpus.templates import Filling, Span, TemplateError, fill

TEMPLATES = Path(__file__).parent / "templates"
SUFFIX = ".tmpl"
DEFAULT_SEED = 20250914
MARKED = {
    "utf-16-le-bom": ("utf-16-le", codecs.BOM_UTF16_LE),
    "utf-16-be-bom": ("utf-16-be", codecs.BOM_UTF16_BE),
}
MARKED |= {"utf-8-bom": ("utf-8", codecs.BOM_UTF8)}


class WrongTruthError(Exception):
    """A key does not stand where the truth says."""


@dataclass(frozen=True)
class Entry:
    """One span placed in a file; lines and columns count from 1, columns in characters."""

    path: str
    line: int
    column: int
    end_line: int
    span: Span
    written: str


def target_path(template: Path) -> PurePosixPath:
    """Give a template's path in the tree: the suffix is dropped from every part."""
    parts = template.relative_to(TEMPLATES).parts
    return PurePosixPath(*(part.removesuffix(SUFFIX) for part in parts))


def generate(folder: Path, seed: int = DEFAULT_SEED) -> None:
    """Write `tree/`, `truth.jsonl`, `negatives.jsonl` and `neutral.jsonl` into a folder."""
    entries: list[Entry] = []
    for template in sorted(TEMPLATES.rglob("*" + SUFFIX)):
        if template.is_file():
            entries += _write_file(template, folder / "tree", seed)
    _write_lines(folder / "truth.jsonl", map(_truth, _with_role(entries, "key")))
    _write_lines(folder / "neutral.jsonl", map(_neutral, _with_role(entries, "neutral")))
    _write_lines(folder / "negatives.jsonl", map(_negative, _with_role(entries, "harmless")))


def _write_file(template: Path, tree: Path, seed: int) -> list[Entry]:
    """Fill one template, write the file, and check what was planted in it."""
    path = target_path(template)
    try:
        filling = fill(template.read_text("utf-8"), Random(f"{seed}:{path}"))
    except (TemplateError, KeyError, ValueError) as error:
        raise TemplateError(f"{path}: {error}") from error
    filling.text = lengthen(path, filling.text, Random(f"{seed}:{path}:filler"))
    target = tree / path
    target.parent.mkdir(parents=True, exist_ok=True)
    codec, mark = MARKED.get(filling.encoding, (filling.encoding, b""))
    target.write_bytes(mark + filling.text.replace("\n", filling.newline).encode(codec))
    entries = [_place(span, str(path), filling) for span in filling.spans]
    _check(entries, target.read_bytes().removeprefix(mark).decode(codec))
    return entries


def _place(span: Span, path: str, filling: Filling) -> Entry:
    """Turn offsets into lines and columns."""
    before = filling.text[: span.start]
    written = filling.text[span.start : span.end]
    line = before.count("\n") + 1
    column = span.start - (before.rfind("\n") + 1) + 1
    return Entry(path, line, column, line + written.count("\n"), span, written)


def _check(entries: list[Entry], text: str) -> None:
    """Raise unless every key stands in the written file at its line and column."""
    lines = text.replace("\r\n", "\n").split("\n")
    for entry in entries:
        found = "\n".join(lines[entry.line - 1 : entry.end_line])[entry.column - 1 :]
        if not found.startswith(entry.written):
            raise WrongTruthError(f"{entry.path}:{entry.line}:{entry.column}")
        if entry.span.role == "key" and not entry.span.note and entry.written != entry.span.secret:
            raise WrongTruthError(
                f"{entry.path}:{entry.line}: written in another way, without a note"
            )


def _with_role(entries: list[Entry], role: str) -> Iterator[Entry]:
    return (entry for entry in entries if entry.span.role == role)


def _truth(entry: Entry) -> dict[str, object]:
    """Describe a planted key."""
    span = entry.span
    return {
        **_neutral(entry),
        "kind": span.kind,
        "surroundings": span.surroundings,
        "secret": span.secret,
        "note": span.note,
    }


def _neutral(entry: Entry) -> dict[str, object]:
    """Describe a value that may be reported or not."""
    return {
        "path": entry.path,
        "line": entry.line,
        "column": entry.column,
        "end_line": entry.end_line,
        "kind": entry.span.kind,
        "secret": entry.span.secret,
    }


def _negative(entry: Entry) -> dict[str, object]:
    """Describe a harmless place."""
    return {
        "path": entry.path,
        "line": entry.line,
        "end_line": entry.end_line,
        "reason": entry.span.kind,
    }


def _write_lines(path: Path, objects: Iterator[dict[str, object]]) -> None:
    """Write one object a line, a repeated one once."""
    lines = dict.fromkeys(json.dumps(value, ensure_ascii=False) for value in objects)
    path.write_text("".join(line + "\n" for line in lines), "utf-8")
