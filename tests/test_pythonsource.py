"""Python sources: what `os` means in them, and where an import goes."""

from __future__ import annotations

import ast

import pytest

from scanner import pythonsource

HEAD = '#!/usr/bin/python\n# coding: utf-8\n"""x\ny"""\n\nfrom __future__ import annotations\n'


def _tree(text: str) -> ast.Module:
    tree = pythonsource.parsed(text.encode())
    assert tree
    return tree


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"print 'x'\n", id="Python 2"),
        pytest.param(b"x = (\n", id="cut off"),
        pytest.param(b"x = '\x00'\n", id="null byte"),
        pytest.param(b"x = '\xff'\n", id="no UTF-8"),
        pytest.param(b"(" * 5000, id="deep"),
        pytest.param(b"# coding: nonsense\nx = 1\n", id="unknown encoding"),
    ],
)
def test_source_that_does_not_parse(content: bytes) -> None:
    assert pythonsource.parsed(content) is None


@pytest.mark.parametrize("content", [b"x = '\\d'\n", b"# coding: latin-1\nx = '\xff'\n", b""])
def test_source_parses(content: bytes) -> None:
    assert pythonsource.parsed(content) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("import os\n", False, id="the module"),
        pytest.param("import os as os\n", False, id="the module by its name"),
        pytest.param("import os.path\nprint(os.sep)\n", False, id="used"),
        pytest.param("x.os = 1\n", False, id="attribute"),
        pytest.param("os = 1\n", True, id="variable"),
        pytest.param("for os in x: pass\n", True, id="loop"),
        pytest.param("def f(os): pass\n", True, id="parameter"),
        pytest.param("lambda *os: 1\n", True, id="lambda"),
        pytest.param("def os(): pass\n", True, id="function"),
        pytest.param("class os: pass\n", True, id="class"),
        pytest.param("from x import os\n", True, id="from elsewhere"),
        pytest.param("from os import path as os\n", True, id="from"),
        pytest.param("import x as os\n", True, id="as"),
        pytest.param("try: pass\nexcept E as os: pass\n", True, id="exception"),
        pytest.param("match x:\n case {**os}: pass\n", True, id="rest of a mapping"),
        pytest.param("match x:\n case [*os]: pass\n", True, id="rest of a sequence"),
        pytest.param("match x:\n case A() as os: pass\n", True, id="pattern"),
    ],
)
def test_what_os_means(text: str, expected: bool) -> None:
    assert pythonsource.taken(_tree(text)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("x = 1\n\n\n", False, id="not"),
        pytest.param("def f():\n import os\n\n", False, id="in a function"),
        pytest.param("try:\n import os\nexcept E: pass\n", False, id="perhaps"),
        pytest.param("import os as o\n\n\n", False, id="by another name"),
        pytest.param("import os.path as p\n\n\n", False, id="part by another name"),
        pytest.param("x = 1\n\n\nimport os\n", False, id="later"),
        pytest.param("import sys, os\n\n\n", True, id="with others"),
        pytest.param("import os.path\n\n\n", True, id="part"),
    ],
)
def test_whether_it_is_imported(text: str, expected: bool) -> None:
    assert pythonsource.imported(_tree(text), 4) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", None, id="empty"),
        pytest.param('"""x"""\n', None, id="docstring alone"),
        pytest.param('"""x"""; y = 1\n', None, id="on the docstring's line"),
        pytest.param("from __future__ import annotations; y = 1\n", None, id="behind a semicolon"),
        pytest.param("y = 1\n", "import os\n\ny = 1\n", id="first"),
        pytest.param("y = 1\r\n", "import os\r\n\r\ny = 1\r\n", id="carriage returns"),
        pytest.param("import sys\n", "import os\nimport sys\n", id="before other imports"),
        pytest.param(
            HEAD + "import b\n",
            HEAD + "import os\nimport b\n",
            id="behind docstring and future",
        ),
        pytest.param(
            "@a\n@b\ndef f(): pass\n", "import os\n\n@a\n@b\ndef f(): pass\n", id="decorators"
        ),
        pytest.param("\ufeffy = 1\n", "\ufeffimport os\n\ny = 1\n", id="byte order mark"),
        pytest.param("# a\ry = 1\n", "# a\rimport os\n\ny = 1\n", id="carriage return alone"),
    ],
)
def test_where_the_import_goes(text: str, expected: str | None) -> None:
    found = pythonsource.with_import(text.encode(), _tree(text))
    assert (found and found.decode()) == expected
    assert found is None or pythonsource.parsed(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("'x'\n", True, id="docstring"),
        pytest.param("def f():\n 'x'\n", False, id="on another line"),
        pytest.param("def f(k='x'): ...\n", False, id="ellipsis"),
        pytest.param("x = 'x'\n", False, id="assigned"),
    ],
)
def test_strings_that_stand_alone(text: str, expected: bool) -> None:
    assert pythonsource.alone(_tree(text), 1) is expected
