"""Which strings an expression may take the place of; where that is not sure, none."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.literals import Tokens, language

KEY = "be\u005f" + hashlib.sha256(b"literals").hexdigest()[:40]


def _lookup(path: str, text: str) -> str:
    """The text with the key, for which `KEY` stands, replaced, or why it is not."""
    content = re.sub(r"\bKEY\b", KEY, text).encode()
    written = language(path, content)
    assert written
    at = content.find(KEY.encode())
    tokens = Tokens(written, content)
    found = tokens.around(at, at + len(KEY))
    if isinstance(found, str):
        return found
    changed = tokens.without(found, written.lookup.format("X").encode())
    return "around" if changed is None else changed.decode()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("a.py", "k = b'KEY'", id="Python bytes"),
        pytest.param("a.py", "k = rb'KEY'", id="Python raw bytes"),
        pytest.param("a.py", "k = f'KEY'", id="Python f-string"),
        pytest.param("a.py", "k = f\"{d['KEY']}\"", id="Python inside an f-string"),
        pytest.param("a.py", "k = 'xKEY'", id="Python part of a string"),
        pytest.param("a.py", "k = ' KEY'", id="Python with a space"),
        pytest.param("a.py", "# k = 'KEY'", id="Python comment"),
        pytest.param("a.py", "'''\nk = 'KEY'\n'''", id="Python docstring"),
        pytest.param("a.py", 'r"""x\n"KEY"\n"""', id="Python raw docstring"),
        pytest.param("a.py", "k = KEY", id="Python name"),
        pytest.param("a.js", "<A k='KEY'/>", id="JSX attribute"),
        pytest.param("a.js", "x = {'KEY': 1}", id="JavaScript key of an object"),
        pytest.param("a.js", "switch (x) { case 'KEY': }", id="JavaScript case"),
        pytest.param("a.ts", "import x from 'KEY'", id="TypeScript import"),
        pytest.param("a.js", "require('KEY')", id="JavaScript require"),
        pytest.param("a.js", "f(`KEY`)", id="JavaScript template"),
        pytest.param("a.js", "f(`${g('KEY')}`)", id="JavaScript inside a template"),
        pytest.param("a.js", "/* 'KEY' */", id="JavaScript comment"),
        pytest.param("a.js", "x = a.split(/`/); y = `\n'KEY'\n`", id="template behind a regex"),
        pytest.param("a.go", 'const k = "KEY"', id="Go constant"),
        pytest.param("a.go", 'const (\n\ta = 1\n\tk = "KEY"\n)', id="Go constants"),
        pytest.param("a.go", "type a struct {\n\tN string `KEY`\n}", id="Go tag of a field"),
        pytest.param("a.go", 'import "KEY"', id="Go import"),
        pytest.param("a.go", 'import (\n\t"KEY"\n)', id="Go imports"),
        pytest.param("a.rb", "x = <<~END\n  'KEY'\nEND\n", id="Ruby here-document"),
        pytest.param("a.rb", "x = %q('KEY')", id="Ruby percent"),
        pytest.param("a.rb", '{"KEY": 1}', id="Ruby symbol"),
        pytest.param("a.rb", "x = 'a' 'KEY'", id="Ruby joined strings"),
        pytest.param("a.rb", "=begin\n'KEY'\n=end\n", id="Ruby block comment"),
        pytest.param("A.java", '@Value("KEY") String k;', id="Java annotation"),
        pytest.param("A.java", '@Value({"a", "KEY"}) String k;', id="Java annotation's list"),
        pytest.param("A.java", 'k = """\n  "KEY"\n  """;', id="Java text block"),
        pytest.param("a.php", "<p>'KEY'</p>", id="PHP's HTML"),
        pytest.param("a.php", "<?php f() ?> 'KEY'", id="PHP's HTML behind"),
        pytest.param("a.php", "<?php class A { private $k = 'KEY'; }", id="PHP property"),
        pytest.param("a.php", "<?php class A { const K = ['a', 'KEY']; }", id="PHP constant"),
        pytest.param("a.php", "<?php function f($k = 'KEY') {}", id="PHP default"),
        pytest.param("a.php", "<?php $x = <<<EOT\n'KEY'\nEOT;", id="PHP here-document"),
        pytest.param("a.cs", 'const string k = "KEY";', id="C# constant"),
        pytest.param("a.cs", 'var k = $"KEY";', id="C# interpolated"),
        pytest.param("a.cs", 'var k = @"KEY";', id="C# verbatim"),
        pytest.param("a.cs", 'var k = @"a ""KEY"" b";', id="C# inside a verbatim one"),
        pytest.param("a.cs", 'void F(string k = "KEY") {}', id="C# default"),
        pytest.param("a.cs", '[A("KEY")] class B {}', id="C# attribute"),
        pytest.param("a.sh", "echo \"x 'KEY'\"", id="shell inside a string"),
        pytest.param("a.sh", "cat <<'EOF'\n'KEY'\nEOF\n", id="shell here-document"),
        pytest.param("a.sh", "k=$'KEY'", id="shell $''"),
        pytest.param("a.sh", "k=KEY", id="shell without quotes"),
        pytest.param("a.sh", "true # 'KEY'", id="shell comment"),
        pytest.param("a.sh", 'echo "$(f "KEY")"', id="shell command in a string"),
    ],
)  # fmt: skip
def test_string_that_must_stay(path: str, text: str) -> None:
    assert KEY not in _lookup(path, text)  # a reason, which has none
    assert _lookup(path, text).endswith(
        ("no plain string", "longer string", "a constant there", "around")
    )


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        pytest.param("a.py", "k = 'KEY'  # é", 'k = os.environ["X"]  # é', id="Python"),
        pytest.param("a.py", 'f(r"KEY")', 'f(os.environ["X"])', id="Python raw"),
        pytest.param("a.js", "x = /'/; k = 'KEY'", "x = /'/; k = process.env.X", id="JavaScript"),
        pytest.param("a.tsx", "<A k={'KEY'}/>", "<A k={process.env.X}/>", id="TSX"),
        pytest.param("a.go", 'k := "KEY"', 'k := os.Getenv("X")', id="Go"),
        pytest.param("a.go", "return `KEY`", 'return os.Getenv("X")', id="Go raw"),
        pytest.param(
            "a.go",
            'const (\n\ta = 1\n)\n\nvar k = "KEY"',
            'const (\n\ta = 1\n)\n\nvar k = os.Getenv("X")',
            id="Go behind constants",
        ),
        pytest.param("a.rb", "k = 'KEY'", 'k = ENV.fetch("X")', id="Ruby"),
        pytest.param("A.java", 'k = "KEY";', 'k = System.getenv("X");', id="Java"),
        pytest.param(
            "a.php", "<?php $k = ['k' => 'KEY'];", "<?php $k = ['k' => getenv('X')];", id="PHP"
        ),
        pytest.param(
            "a.cs", 'var k = "KEY";', 'var k = Environment.GetEnvironmentVariable("X");', id="C#"
        ),
        pytest.param("a.sh", "export K='KEY'", 'export K="${X}"', id="shell"),
        pytest.param("run", "#!/usr/bin/env bash\nK=\"KEY\"", "#!/usr/bin/env bash\nK=\"${X}\"",
                     id="shell by its first line"),
    ],
)  # fmt: skip
def test_string_is_replaced(path: str, text: str, expected: str) -> None:
    assert _lookup(path, text) == expected


@pytest.mark.parametrize(
    "body", ["a\\nb", 'a"b', "a'b", "a$b", "a#{b}", "a`b", "a\x00b", "a\x7fb"], ids=repr
)
@pytest.mark.parametrize("path", ["a.py", "a.js", "a.rb", "a.sh", "a.php", "a.go"])
def test_body_with_characters_of_a_meaning_is_refused(path: str, body: str) -> None:
    written = language(path, b"")
    assert written
    for quote in "\"'":
        content = f"<?php k = {quote}{body}{quote};".encode()
        found = Tokens(written, content).around(11, 11 + len(body.encode()))
        assert isinstance(found, str)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        pytest.param("a.txt", b"", id="other suffix"),
        pytest.param("Makefile", b"", id="no suffix"),
        pytest.param("a", b"#!/usr/bin/perl\nsh", id="other program"),
        pytest.param("a.rs", b"", id="Rust is told only"),
    ],
)
def test_language_that_is_not_known(path: str, content: bytes) -> None:
    assert language(path, content) is None


PIECES = st.sampled_from(
    [KEY, "'", '"', "`", "\n", "#", "//", "/*", "*/", "${", "}", "\\", "<<E", "\nE\n", "case ",
     "f", "b", "=", ":", " ", "x", "'''", "<?php ", "?>", "%q(", ")", "é", "const "]
)  # fmt: skip


@pytest.mark.parametrize(
    "path", ["a.py", "a.js", "a.go", "a.rb", "A.java", "a.php", "a.cs", "a.sh"]
)
@given(st.lists(PIECES, max_size=25))
def test_whatever_the_text_only_the_literal_changes(path: str, pieces: list[str]) -> None:
    content = "".join(pieces).encode()
    written = language(path, content)
    assert written
    tokens = Tokens(written, content)
    for found in re.finditer(KEY.encode(), content):
        literal = tokens.around(*found.span())
        if isinstance(literal, str):
            continue
        assert content[literal.start : literal.end].lstrip(b"rRuU")[1:-1] == KEY.encode()
        changed = tokens.without(literal, b"LOOKUP")
        if changed is not None:
            assert changed == content[: literal.start] + b"LOOKUP" + content[literal.end :]
