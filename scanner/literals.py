"""String literals of programming languages: which of them an expression can take the place of.

A small tokenizer for each language finds comments, strings with something inside that is worked
out (interpolation, here-documents) and plain strings. What stands around a plain string tells
whether any expression may stand there; where that is not sure, the answer is no.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from pathlib import PurePosixPath
from typing import NamedTuple

_DOUBLE = rb'"(?:[^"\\\n]|\\.)*"'
_SINGLE = rb"'(?:[^'\\\n]|\\.)*'"
_LINE, _BLOCK, _HASH = rb"//[^\n]*", rb"/\*.*?(?:\*/|\Z)", rb"#[^\n]*"
_TEMPLATE = rb"`(?:[^`\\]|\\.)*`"
_TRIPLE = rb'"""(?:[^\\]|\\.)*?(?:"""|\Z)'
_CASE = rb"\bcase\b[^:;{}]*\Z"
_UNTIL = rb"(?P<quote>['\"]?)(?P<word>\w+)(?P=quote)[^\n]*\n.{0,50000}?^[ \t]*(?P=word)\b"
_HEREDOC = rb"(?<!<)<<[~-]?" + _UNTIL
_SHELL_HEREDOC = (
    rb"(?<!<)<<-?[ \t]*\\?(?P<quote>['\"]?)(?P<word>[^\s'\"\\;&|<>()]+)(?P=quote)"
    rb"[^\n]*\n.{0,50000}?^[ \t]*(?P=word)\s*?$"
)
_REGEX = (
    rb"(?:[(,=:\[!&|?{};~]|\b(?:return|when|if|and|or))\s*"
    rb"/(?![*/])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/"
)
_FAR = 100_000  # bytes looked at on each side
_WORD = re.compile(rb"[\w$]")


class Language(NamedTuple):
    """How a language writes strings, and how it reads the environment.

    `lookup` has `{}` for the variable. `skip` are the tokens that are no plain strings, `plain`
    those that are. `not_after` and `not_before` are regexes for what stands before or behind a
    plain string where an expression cannot take its place. `needs` is told with an edit.
    """

    name: str
    lookup: str
    skip: tuple[bytes, ...]
    plain: tuple[bytes, ...]
    not_after: tuple[bytes, ...] = ()
    not_before: tuple[bytes, ...] = ()
    needs: tuple[str, str] | None = None  # a regex that the file must have, and what is missing
    hard: tuple[bytes, ...] = ()  # what is not read here as the language reads it
    glues: bool = False  # whether a word may touch a string


PYTHON = Language(
    "Python",
    'os.environ["{}"]',
    (
        _HASH,
        rb"(?i:\b[rbuft]{1,2})?(?:'''(?:[^\\]|\\.)*?'''|" + rb'"""(?:[^\\]|\\.)*?""")',
        rb"(?i:\b(?:r?[bft]|[bft]r))(?:" + _DOUBLE + b"|" + _SINGLE + b")",
    ),
    (rb"(?i:\b[ru])?" + _DOUBLE, rb"(?i:\b[ru])?" + _SINGLE),
)
_KEY = rb"\s*:"
_SCRIPT = Language(
    "JavaScript",
    "process.env.{}",
    (_LINE, _BLOCK, _TEMPLATE, _REGEX),
    (_DOUBLE, _SINGLE),
    # attributes of JSX, modules
    (_CASE, rb"[\w:-]=\Z", rb"\b(?:from|import|require)\s*\(?\s*\Z", rb"(?<!=)>\s*\Z",
     rb"\benum\b[^}]*\Z", rb"\btype\s+\w+[^=;{}]*=[^;]*\Z"),
    (_KEY, rb"\s*<"),
    hard=(rb"`[^`]*\$\{[^}`]*`",),  # a template in a template
)  # fmt: skip
_GO = Language(
    "Go",
    'os.Getenv("{}")',
    (_LINE, _BLOCK, rb"'(?:[^'\\\n]|\\.)*'"),
    (_DOUBLE, rb"`[^`]*`"),
    # constants; tags of fields and imports, which follow a name
    (rb"^\s*const\b[^\n]*\Z", rb"^\s*const\s*\((?:(?!^\s*\)).)*\Z",
     rb"^\s*import\s*\((?:(?!^\s*\)).)*\Z", rb"[\w\])}*](?<!\breturn)\s*\Z"),
    (),
    (r'"os"', 'add "os" to its imports'),
)  # fmt: skip
_RUBY = Language(
    "Ruby",
    'ENV.fetch("{}")',
    (rb"^=begin\b.*?^=end\b", rb"^__END__\n.*\Z", _HASH, _HEREDOC, _TEMPLATE, _REGEX,
     rb"%[qQwWiIxr]?(?:\([^)]*\)|\[[^\]]*\]|\{[^}]*\}|<[^>]*>|\|[^|]*\|)"),
    (_DOUBLE, _SINGLE),
    (rb"\brequire(?:_relative)?\s*\(?\s*\Z", rb"[\"']\s*\Z", rb"(?<!\w):\Z"),
    (_KEY, rb"\s*[\"']"),
    # several here-documents of a line, brackets in brackets
    hard=(
        rb"<<[~-]?['\"]?\w[^\n]*<<[~-]?['\"]?\w",
        rb"%[qQwWiIxr]?(?:\([^)]*\(|\[[^\]]*\[|\{[^}]*\{)",
    ),
)  # fmt: skip
_JAVA = Language(
    "Java",
    'System.getenv("{}")',
    (_LINE, _BLOCK, _TRIPLE, _SINGLE),
    (_DOUBLE,),
    (_CASE, rb"@\w[\w.]*\s*\((?:[^();]|\([^();]*\))*\Z"),
)
_PHP = Language(
    "PHP",
    "getenv('{}')",
    (rb"\A(?:(?!<\?).)*", rb"\?>(?:(?!<\?).)*", _LINE, _BLOCK, _HASH, _TEMPLATE,
     rb"<<<[ \t]*" + _UNTIL),
    (_DOUBLE, _SINGLE),
    # what must be constant: constants, properties, defaults of parameters
    (_CASE,
     rb"\b(?:const|public|private|protected|var|static|readonly|function|fn|include|require)\b"
     rb"[^;{}]*\Z"),
)  # fmt: skip
_CSHARP = Language(
    "C#",
    'Environment.GetEnvironmentVariable("{}")',
    (_LINE, _BLOCK, _TRIPLE, rb'\$@?"(?:[^"\\]|\\.|"")*"', rb'@\$?"(?:[^"]|"")*"', _SINGLE),
    (_DOUBLE,),
    (_CASE, rb"\bconst\b[^;{}]*\Z", rb"\[\s*[\w.:]+\s*\([^()]*\Z",
     rb"\([^()]*[\w>\]?]\s+\w+\s*=\s*\Z", rb"\bis\s+(?:not\s+)?\Z", rb"\b(?:or|and)\s+\Z"),
    (rb"\s*=>", rb"\s+(?:or|and|when)\b"),
    (r"\busing\s+System\s*;", "add `using System;`, unless the project has it for all files"),
)  # fmt: skip
_SHELL = Language(
    "shell",
    '"${{{}}}"',
    (rb"(?:^|(?<=[\s;&|(]))#[^\n]*", _SHELL_HEREDOC, rb"\\.", rb"\$'(?:[^'\\]|\\.)*'",
     rb'\$"(?:[^"\\]|\\.)*"'),
    (rb'"(?:[^"\\]|\\.)*"', rb"'[^']*'"),
    hard=(rb"<<-?[ \t]*\\?['\"]?\w[^\n<]*<<-?[ \t]*\\?['\"]?\w",),
    glues=True,
)  # fmt: skip

_SUFFIXES = {
    ".py": PYTHON, ".pyw": PYTHON,
    ".js": _SCRIPT, ".mjs": _SCRIPT, ".cjs": _SCRIPT, ".jsx": _SCRIPT,
    ".ts": _SCRIPT, ".mts": _SCRIPT, ".cts": _SCRIPT, ".tsx": _SCRIPT,
    ".go": _GO, ".rb": _RUBY, ".rake": _RUBY, ".java": _JAVA, ".php": _PHP, ".cs": _CSHARP,
    ".sh": _SHELL, ".bash": _SHELL, ".zsh": _SHELL,
}  # fmt: skip
_PROGRAMS = (
    (rb"python", PYTHON),
    (rb"node\b", _SCRIPT),
    (rb"ruby", _RUBY),
    (rb"(?:ba|z|da|k)?sh\b", _SHELL),
)
_FLAGS = re.DOTALL | re.MULTILINE
# What a plain string must not hold: what some language gives a meaning of its own.
_SPECIAL = re.compile(rb"[\\\"'`$\x00-\x1f\x7f]|#\{")


class Literal(NamedTuple):
    """Where a whole literal stands, quotes and prefix included; byte offsets."""

    start: int
    end: int


def language(path: str, content: bytes) -> Language | None:
    """The language of a file, by its name or its first line; nothing for others."""
    found = _SUFFIXES.get(PurePosixPath(path).suffix.lower())
    if found or not content.startswith(b"#!"):
        return found
    first = content[:200].partition(b"\n")[0]
    return next((one for name, one in _PROGRAMS if re.search(rb"[/ ]" + name, first)), None)


class Tokens:
    """The comments and strings of a text."""

    def __init__(self, written: Language, content: bytes) -> None:
        """`content` is a text in UTF-8, or any encoding that has ASCII's characters in it."""
        self._written, self._content = written, content
        skip, plain = (b"|".join(parts) for parts in (written.skip, written.plain))
        pattern = re.compile(b"(?P<skip>" + skip + b")|(?P<plain>" + plain + b")", _FLAGS)
        found = [one for one in pattern.finditer(content) if one[0]]
        self.texts = [one[0] for one in found]
        self._spans = [Literal(*one.span()) for one in found]
        self._plain = [one["plain"] is not None for one in found]

    def around(self, start: int, end: int) -> Literal | str:
        """The plain string that holds just the bytes from `start` to `end`, or why there is
        none that an expression could take the place of."""
        index = bisect_right(self._spans, start, key=lambda literal: literal.start) - 1
        if index < 0 or self._spans[index].end <= start or not self._plain[index]:
            return "it stands in no plain string"
        literal = self._spans[index]
        body = self.texts[index].lstrip(b"rRuU")[1:-1]
        if body != self._content[start:end]:
            return "it is part of a longer string"
        if _SPECIAL.search(body):
            return "it has characters that strings may give another meaning"
        return self._unfit(literal) or literal

    def _unfit(self, literal: Literal) -> str | None:
        """Why no expression may stand where a literal does."""
        if literal.start > _FAR:
            return "it stands too far down in a large file"
        before = self._content[: literal.start]
        behind = self._content[literal.end : literal.end + _FAR]
        if not self._written.glues and (_WORD.match(before[-1:]) or _WORD.match(behind[:1])):
            return "a word touches it"
        if any(re.search(part, self._content, _FLAGS) for part in self._written.hard):
            return "the file has strings in strings that are not read here"
        after = any(re.search(part, before, _FLAGS) for part in self._written.not_after)
        if after or any(re.match(part, behind, _FLAGS) for part in self._written.not_before):
            return f"{self._written.name} may want a constant there"
        return None

    def without(self, literal: Literal, lookup: bytes) -> bytes | None:
        """The content with an expression in a literal's place; nothing when that would change
        how anything around it is read."""
        start, end = literal
        changed = self._content[:start] + lookup + self._content[end:]
        index = self._spans.index(literal)
        inside = re.findall(_DOUBLE + b"|" + _SINGLE, lookup)
        expected = self.texts[:index] + inside + self.texts[index + 1 :]
        return changed if Tokens(self._written, changed).texts == expected else None
