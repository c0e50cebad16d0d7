"""Python sources: does one parse, what does the name `os` mean in it, where an import goes."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

_LINE_END = re.compile(rb"\r\n|\r|\n")
# What binds a name, and the attribute that has it.
_NAMING: dict[type[ast.AST], str] = {
    ast.arg: "arg",
    ast.FunctionDef: "name",
    ast.AsyncFunctionDef: "name",
    ast.ClassDef: "name",
    ast.ExceptHandler: "name",
    ast.MatchAs: "name",
    ast.MatchStar: "name",
    ast.MatchMapping: "rest",
}
_BOM = b"\xef\xbb\xbf"


def parsed(content: bytes) -> ast.Module | None:
    """The tree of a source, or nothing when this Python cannot parse it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the source, which is not ours
            return ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def alone(tree: ast.Module, line: int) -> bool:
    """Whether a string that begins on a line is a statement by itself, such as a docstring."""
    return any(_is_text(node) for node in ast.walk(tree) if getattr(node, "lineno", 0) == line)


def _is_text(node: ast.AST) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def taken(tree: ast.Module) -> bool:
    """Whether the name `os` means something other than the module in a part of the source."""
    here = set(map(id, tree.body))
    return any(
        _binds(node) or (isinstance(node, ast.Import) and id(node) not in here and _names_os(node))
        for node in ast.walk(tree)
    )


def _names_os(node: ast.Import) -> bool:
    """Whether an import binds `os`: in a function it does so for all of it, before it too."""
    return any((alias.asname or alias.name.split(".")[0]) == "os" for alias in node.names)


def _binds(node: ast.AST) -> bool:
    if type(node) in _NAMING:
        return bool(getattr(node, _NAMING[type(node)]) == "os")
    if isinstance(node, ast.Name):
        return node.id == "os" and not isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.ImportFrom):
        return any((alias.asname or alias.name) == "os" for alias in node.names)
    return isinstance(node, ast.Import) and any(
        alias.asname == "os" and alias.name != "os" for alias in node.names
    )


def imported(tree: ast.Module, line: int) -> bool:
    """Whether `os` is imported for the whole module before a line."""
    return any(
        isinstance(node, ast.Import)
        and node.lineno < line
        and any(
            alias.name == "os" or (alias.name.startswith("os.") and not alias.asname)
            for alias in node.names
            if alias.asname in (None, "os")
        )
        for node in tree.body
    )


def with_import(content: bytes, tree: ast.Module) -> bytes | None:
    """The source with `import os` behind its docstring and imports from `__future__`; nothing
    when there is no line for it."""
    first = next(_rest(tree), None)
    if first is None:
        return None
    line = min([first.lineno, *(node.lineno for node in getattr(first, "decorator_list", ()))])
    before = tree.body[: tree.body.index(first)]
    if before and (before[-1].end_lineno or 0) >= line:
        return None
    at = _start(content, line)
    if content[at : at + 1] in (b" ", b"\t", b"\f") or content[:at].rstrip(b" \t").endswith(
        b"\\\n"
    ):
        return None
    end = b"\r\n" if b"\r\n" in content else b"\n"
    space = b"" if isinstance(first, ast.Import | ast.ImportFrom) else end
    return content[:at] + b"import os" + end + space + content[at:]


def _rest(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements behind docstring and imports from `__future__`."""
    for number, node in enumerate(tree.body):
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not future and (number or not _is_text(node)):
            yield node


def _start(content: bytes, line: int) -> int:
    """The byte offset at which a line begins, from 1."""
    at = len(_BOM) if content.startswith(_BOM) else 0
    for _ in range(line - 1):
        found = _LINE_END.search(content, at)
        assert found  # noqa: S101 - the parser counted this line
        at = found.end()
    return at
