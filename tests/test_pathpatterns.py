"""Paths that configuration leaves out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.pathpatterns import compile_paths


@pytest.mark.parametrize(
    ("patterns", "path", "expected"),
    [
        pytest.param([], "a/b.py", False, id="no patterns"),
        pytest.param(["vendor/"], "vendors/a", False, id="longer name"),
        pytest.param(["/build"], "src/build/a", False, id="only at the root"),
        pytest.param(["*.js", "!keep.js"], "src/keep.js", False, id="taken back"),
        pytest.param(["# comment", ""], "# comment", False, id="comment and empty line"),
        pytest.param(["A.txt"], "a.txt", False, id="other case"),
        pytest.param(["vendor/"], "src/vendor/a/b.py", True, id="folder anywhere"),
        pytest.param(["/build"], "build/a", True, id="folder at the root"),
        pytest.param(["*.min.js"], "a/b/c.min.js", True, id="suffix"),
        pytest.param(["docs/**/*.md"], "docs/a/b/c.md", True, id="double star"),
        pytest.param(["\\!x"], "!x", True, id="escaped sign"),
        pytest.param(["ü*"], "straße/über", True, id="not ASCII"),
        pytest.param(["a%FF"], "a%FF", True, id="byte that is no UTF-8"),
    ],
)
def test_paths_named_by_patterns(patterns: list[str], path: str, expected: bool) -> None:
    assert compile_paths(patterns)(path) is expected


@given(st.lists(st.text("ab/.", min_size=1), min_size=1).map("/".join))
def test_without_patterns_nothing_is_left_out(path: str) -> None:
    assert not compile_paths(())(path)
