"""What git-filter-repo reads out of the file is what was put in."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import git_filter_repo
from hypothesis import given
from hypothesis import strategies as st

from scanner.expressions import render

PIECES = st.sampled_from(
    [b"a", b"==>", b"literal:", b"regex:", b"glob:", b"#", b"\\", b"\\1", b".", b"*", b" ", b"\t",
     b"\n", b"\r\n", b"\r", b"\xff", "é".encode(), b"$", b"[", b"\x00", b"\x0b", b"\x85"]
)  # fmt: skip


def test_without_texts_it_is_empty() -> None:
    assert render([]) == render([b""]) == b""


def test_a_text_that_holds_another_comes_first() -> None:
    lines = render([b"abc", b"abcd", b"xabcd"]).splitlines()
    assert [line.partition(b"==>")[0] for line in lines] == [
        b"literal:xabcd", b"literal:abcd", b"literal:abc",
    ]  # fmt: skip


def test_key_of_several_lines_is_a_regex() -> None:
    assert render([b"a.b\r\nc\n"]) == b"regex:a\\.b\\r\\nc\\n==>***REMOVED***\n"


@given(st.lists(PIECES, min_size=1, max_size=8).map(b"".join))
def test_just_the_text_is_taken_out(text: bytes) -> None:
    before, behind = b"<<before>>", b"<<behind>>"
    assert _filtered(render([text]), before + text + behind) == (before + b"***REMOVED***" + behind)


def _filtered(expressions: bytes, content: bytes) -> bytes:
    """What git-filter-repo makes of a file's content."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "expressions"
        path.write_bytes(expressions)
        read = git_filter_repo.FilteringOptions.get_replace_text(str(path))
    for literal, replacement in read["literals"]:
        content = content.replace(literal, replacement)
    for regex, replacement in read["regexes"]:
        content = regex.sub(replacement, content)
    return content
