"""After an edit the secret is gone from its place, and nothing else has changed."""

from __future__ import annotations

import ast
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import standing
from scanner.models import Span
from scanner.replacement import Aim, Replaced, assigned, by_hand, replaced, suggestion
from scanner.scan import Plan, Scanner

KEY, OTHER = ("be\u005f" + hashlib.sha256(b"%d" % n).hexdigest()[:40] for n in (5, 6))


@pytest.fixture(scope="module")
def scanner(plan: Plan) -> Scanner:
    return Scanner(plan)


def _edit(scanner: Scanner, path: str, content: str | bytes) -> Replaced:
    """The content with every key replaced that can be, KEY by the variable X, OTHER by Y."""
    raw = content if isinstance(content, bytes) else content.encode()
    found = standing.parse(scanner, raw)
    variables = {KEY: "X", OTHER: "Y"}
    aims = [
        Aim(one.names[0], one.match.span, variables[one.match.secret.reveal().decode()])
        for one in found.standings
    ]
    assert aims
    return replaced(path, found, aims)


def _reason(scanner: Scanner, path: str, content: str | bytes) -> str:
    made = _edit(scanner, path, content)
    assert made.edits == ()
    assert made.content == (content if isinstance(content, bytes) else content.encode())
    (left,) = made.left
    return left.reason


# Left as it is


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        pytest.param("a.py", f"k = 'Bearer {KEY}'\n", "part of a longer string", id="longer"),
        pytest.param("a.py", f"# {KEY}\n", "no plain string", id="comment"),
        pytest.param("a.py", f"k = f'{KEY}'\n", "no plain string", id="f-string"),
        pytest.param("a.py", f"k = '{KEY[:9]}' + '{KEY[9:]}'\n", "in pieces", id="pieces"),
        pytest.param("a.py", f"k = 'be\\x5f{KEY[3:]}'\n", "escapes", id="escapes"),
        pytest.param("a.py", f"print '{KEY}'\n", "does not parse", id="Python 2"),
        pytest.param("a.py", f"os = 1\nk = '{KEY}'\n", "`os` means", id="os is taken"),
        pytest.param("a.py", f"'{KEY}'\n", "statement by itself", id="docstring"),
        pytest.param("a.py", f"k = '{KEY}' ' x'\n", "a constant", id="joined"),
        pytest.param("a.py", f"match k:\n case '{KEY}': pass\n", "a constant", id="pattern"),
        pytest.param("a.py", f"from __future__ import annotations; k = '{KEY}'\n", "no line",
                     id="no line"),
        pytest.param("a.rs", f'let k = "{KEY}";\n', "std::env::var", id="Rust"),
        pytest.param("main.tf", f'k = "{KEY}"\n', "var.x", id="Terraform"),
        pytest.param(".env", f"K={KEY}\n", "git ignores", id=".env"),
        pytest.param("a/.env.local", f"K={KEY}\n", "git ignores", id=".env.local"),
        pytest.param(
            ".github/workflows/a.yml", f"k: '{KEY}'\n", "${{ secrets.X }}", id="GitHub's workflow"
        ),
        pytest.param("a.yml", f"k: '{KEY}'\n", "no edit is made here", id="YAML"),
        pytest.param("a.txt", f"'{KEY}'\n", "no edit is made here", id="text"),
        pytest.param("a.go", f'const k = "{KEY}"\n', "Go may want a constant", id="Go constant"),
    ],
)  # fmt: skip
def test_left_with_the_reason(scanner: Scanner, path: str, text: str, told: str) -> None:
    assert told in _reason(scanner, path, text)


def test_utf16_is_left(scanner: Scanner) -> None:
    text = f"k = '{KEY}'\n".encode("utf-16")
    assert "not in UTF-8" in _reason(scanner, "a.js", text)


def test_place_that_has_moved_is_left(scanner: Scanner) -> None:
    found = standing.parse(scanner, f"\nk = '{KEY}'\n".encode())
    name = found.standings[0].names[0]
    here = found.standings[0].match.span
    for span in (Span(1, 6, 1, 49), here._replace(start_column=here.start_column + 1)):
        made = replaced("a.py", found, [Aim(name, span, "X")])
        assert made.content == found.content
        assert "changed since the report" in made.left[0].reason


def test_another_secret_at_the_place_is_left(scanner: Scanner) -> None:
    found = standing.parse(scanner, f"k = '{KEY}'\n".encode())
    other = standing.parse(scanner, f"k = '{OTHER}'\n".encode())
    aim = Aim(other.standings[0].names[0], found.standings[0].match.span, "X")
    assert replaced("a.py", found, [aim]).content == found.content


# Replaced


def test_one_that_can_be_and_one_that_cannot(scanner: Scanner) -> None:
    text = f"import os\nk = '{KEY}'\nl = 'x{OTHER}'\nm = \"{OTHER}\"\n"
    made = _edit(scanner, "a.py", text.replace("'x", "'x "))
    expected = f'import os\nk = os.environ["X"]\nl = \'x {OTHER}\'\nm = os.environ["Y"]\n'
    assert made.content.decode() == expected
    assert [(edit.line, edit.name) for edit in made.edits] == [(2, "X"), (4, "Y")]
    assert [left.line for left in made.left] == [3]


def test_go_is_told_of_a_missing_import(scanner: Scanner) -> None:
    text = f'package a\n\nvar k = "{KEY}"\n'
    assert _edit(scanner, "a.go", text).notes == ('add "os" to its imports',)
    there = text.replace("a\n\n", 'a\n\nimport "os"\n\n')
    assert _edit(scanner, "a.go", there).notes == ()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            b"\xef\xbb\xbfimport os\r\nk = 'K' # \xc3\xa9\r\n",
            b'\xef\xbb\xbfimport os\r\nk = os.environ["X"] # \xc3\xa9\r\n',
            id="mark, carriage returns, accents",
        ),
        pytest.param(
            b"# coding: latin-1\nimport os\nl = '\xe9'; k = 'K'",
            b"# coding: latin-1\nimport os\nl = '\xe9'; k = os.environ[\"X\"]",
            id="Latin-1, without a last line end",
        ),
    ],
)
def test_bytes_around_stay(scanner: Scanner, content: bytes, expected: bytes) -> None:
    made = _edit(scanner, "a.py", content.replace(b"'K'", f"'{KEY}'".encode()))
    assert made.content == expected


PYTHON_LINES = st.sampled_from(
    ["import sys", "import os", "x = 1", "# don't", "y = '''\n'a'\n'''", "f = f'{x!r}'",
     "def g(a='k'):\n    return a", 'z = "é 🔑"', "s = r'\\d'", "", f"k = '{KEY}'",
     f"d = {{'a': \"{OTHER}\"}}", f"# {KEY}", f"t = 'in {OTHER} it'", f"u = b'{KEY}'",
     f"def h(a='{KEY}'):\n    os = 1", f"v = '{KEY}' ' x'", "try:\n    import os\nexcept E: pass"]
)  # fmt: skip
HEADS = st.sampled_from(
    ["", '"""Doc."""\n', "#!/usr/bin/python3\n", "from __future__ import annotations\n",
     "# coding: utf-8\n'''Doc\n'''\nfrom __future__ import annotations\n"]
)  # fmt: skip


@given(HEADS, st.lists(PYTHON_LINES, max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_python_after_edits_is_the_same_but_for_literals_and_an_import(
    scanner: Scanner, head: str, lines: list[str], end: str
) -> None:
    text = (head + "\n".join([*lines, f"last = '{KEY}'"]) + "\n").replace("\n", end)
    made = _edit(scanner, "a.py", text)
    back = made.content.decode()
    assert back.count('os.environ["') == len(made.edits)
    for name, key in (("X", KEY), ("Y", OTHER)):
        back = back.replace(f'os.environ["{name}"]', f"'{key}'")
    back, plain = (one.replace(f'"{OTHER}"', f"'{OTHER}'") for one in (back, text))
    if back != plain:
        assert made.edits
        put = (f"import os{end}", f"import os{end}{end}")
        assert any(_without(back, one) == plain for one in put)
    if made.edits:
        ast.parse(made.content)


def _without(text: str, part: str) -> str:
    """A text without the first place where a part begins a line."""
    at = 0 if text.startswith(part) else text.find("\n" + part) + 1
    return text[:at] + text[at + len(part) :]


@given(st.lists(st.sampled_from([
    "var a = 1;", "// don't", "/* ' */", f"const k = '{KEY}';", f'f({{ k: "{OTHER}" }});',
    "x = `a ${b} '`;", f"y = `'{KEY}'`;", "z = /['\"`]/.test(q);", f"w = 'a {KEY}';",
    f"v = {{'{KEY}': 1}};", "", "é = 'ü';",
]), max_size=8))  # fmt: skip
def test_javascript_after_edits_is_the_same_but_for_literals(
    scanner: Scanner, lines: list[str]
) -> None:
    text = "\n".join([*lines, f"last = '{KEY}';"])
    made = _edit(scanner, "a.js", text)
    expected = text.replace(f"= '{KEY}';", "= process.env.X;")
    assert made.content.decode() == expected.replace(f'k: "{OTHER}"', "k: process.env.Y")


def test_python_runs_after_an_edit(scanner: Scanner, tmp_path: Path) -> None:
    text = f'"""Doc."""\nfrom __future__ import annotations\n\nprint(__doc__, \'{KEY}\')\n'
    (tmp_path / "a.py").write_bytes(_edit(scanner, "a.py", text).content)
    done = subprocess.run(
        [shutil.which("python3") or "python3", "a.py"],
        cwd=tmp_path, env={"X": "new"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "Doc. new\n"


@pytest.mark.skipif(not shutil.which("sh"), reason="no shell")
def test_shell_runs_after_an_edit(scanner: Scanner, tmp_path: Path) -> None:
    text = f"#!/bin/sh\nset -eu\nexport K='{KEY}'\nprintf '%s\\n' \"$K\" \"{OTHER}\"\n"
    (tmp_path / "a").write_bytes(_edit(scanner, "a", text).content)
    done = subprocess.run(
        ["sh", "a"], cwd=tmp_path, env={"X": "new one", "Y": "*"}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "new one\n*\n"


@pytest.mark.skipif(not shutil.which("node"), reason="no node")
def test_javascript_runs_after_an_edit(scanner: Scanner, tmp_path: Path) -> None:
    (tmp_path / "a.js").write_bytes(_edit(scanner, "a.js", f"console.log('{KEY}')").content)
    done = subprocess.run(
        ["node", "a.js"], cwd=tmp_path, env={"X": "new"}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "new\n"


def test_what_the_code_calls_a_secret(scanner: Scanner) -> None:
    found = standing.parse(scanner, f"x = 1\nacme_key = r'{KEY}'\nf('{OTHER}')\n".encode())
    first, second = found.standings
    assert assigned(found, first.names[0], first.match.span) == "acme_key"
    assert assigned(found, second.names[0], second.match.span) is None
    assert assigned(found, first.names[0], second.match.span) is None


def test_suggestions() -> None:
    assert suggestion("a.py", b"", "X") == 'write os.environ["X"] there'
    assert suggestion("a.rs", b"", "X") == by_hand("a.rs", "X")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'T = {{"{OTHER}": "{KEY}"}}\n', id="key of a mapping"),
        pytest.param(f'x: Literal["{KEY}"] = "{KEY}"\n', id="type"),
    ],
)
def test_no_secret_becomes_the_name_of_another_s_variable(scanner: Scanner, text: str) -> None:
    found = standing.parse(scanner, text.encode())
    names = [assigned(found, one.names[0], one.match.span) for one in found.standings]
    assert len(names) == 2
    assert not any(name and any(k[5:20] in name for k in (KEY, OTHER)) for name in names)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("a.py", f"def f():\n    return'{KEY}'\n", id="Python return"),
        pytest.param("a.py", f"x = not'{KEY}'\n", id="Python not"),
        pytest.param("a.py", f"x = '{KEY}'in y\n", id="Python in"),
        pytest.param("a.js", f'function f(){{return"{KEY}"}}\n', id="JavaScript return"),
        pytest.param("a.php", f"<?php echo'{KEY}';\n", id="PHP echo"),
        pytest.param("a.rb", f'k = :"{KEY}"\n', id="Ruby symbol"),
        pytest.param("a.sh", f"cat << 'EOF' > conf\nkey = \"{KEY}\"\nEOF\n", id="blank"),
        pytest.param("a.sh", f"cat <<'END-OF'\nkey = \"{KEY}\"\nEND-OF\n", id="dash in a word"),
        pytest.param("a.sh", f'cat <<A <<B\nx\nA\nkey = "{KEY}"\nB\n', id="second of two"),
        pytest.param("a.rb", f'k = %Q(a (b) "{KEY}")\n', id="Ruby brackets in brackets"),
        pytest.param("a.js", f'k = `a ${{`b "{KEY}"`}}`\n', id="template in a template"),
        pytest.param("a.jsx", f'k = <p>"{KEY}"</p>\n', id="text of JSX"),
        pytest.param(
            "a.go",
            "package a\n\nconst (\n" + "\tA = 1 // x\n" * 300 + f'\tKey = "{KEY}"\n)\n',
            id="long block of constants",
        ),
        pytest.param("a.php", f"<?php enum E: string {{ case A = '{KEY}'; }}\n", id="PHP enum"),
        pytest.param("A.java", f'case "a", "{KEY}" -> 1;\n', id="Java second label"),
        pytest.param("A.java", f'@Foo(x = @Bar("x"), key = "{KEY}") int a;\n', id="annotation"),
        pytest.param("a.cs", f'var b = s is "{KEY}";\n', id="C# is"),
        pytest.param("a.cs", f'var b = s switch {{ "{KEY}" => 1 }};\n', id="C# switch"),
        pytest.param("a.ts", f'enum K {{ A = "{KEY}" }}\n', id="TypeScript enum"),
        pytest.param("a.ts", f'type T = "{KEY}";\n', id="TypeScript type"),
        pytest.param(
            "a.py", f"def f():\n    k = '{KEY}'\n    import os\n    return k\n", id="later import"
        ),
    ],
)
def test_left_where_an_expression_would_mean_something_else(
    scanner: Scanner, path: str, text: str
) -> None:
    assert _reason(scanner, path, text)
