"""Paths that configuration leaves out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.pathpatterns import check, compile_paths


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
        pytest.param(["*", "!**", "a"], "a/b", True, id="folder named after taking all back"),
        pytest.param(["ü*"], "straße/über", True, id="not ASCII"),
        pytest.param(["a%FF"], "a%FF", True, id="byte that is no UTF-8"),
    ],
)
def test_paths_named_by_patterns(patterns: list[str], path: str, expected: bool) -> None:
    assert compile_paths(patterns)(path) is expected


@pytest.mark.parametrize(
    "pattern",
    ["*a" * 51, "?" * 51, "[ab]" * 51, "a" * 1001, "a/***/b"],
    ids=["stars", "question marks", "brackets", "length", "stars in a row"],
)
def test_pattern_that_could_take_long_is_refused(pattern: str) -> None:
    for call in (check, lambda text: compile_paths([text])):
        with pytest.raises(ValueError, match="more than 50 wildcards"):
            call(pattern)


@pytest.mark.parametrize("pattern", ["!", "a\\", "[z-a]", "[[:alpha:]]"])
def test_pattern_that_is_none_is_refused(pattern: str) -> None:
    for call in (check, lambda text: compile_paths([text])):
        with pytest.raises(ValueError, match="pattern"):
            call(pattern)


@given(st.text("a./-*", min_size=1, max_size=40).filter(lambda text: "***" not in text))
def test_plain_pattern_is_sound(pattern: str) -> None:
    check(pattern)
    compile_paths([pattern])("a/b")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        pytest.param("*a" * 20 + "b", "a" * 4000, id="in a name"),
        pytest.param("**/a/" * 20 + "b", "a/" * 2000 + "c", id="over folders"),
    ],
)
def test_pattern_of_many_stars_answers_soon(pattern: str, path: str) -> None:
    # Backtracking would take longer than anybody has: no clock is needed to tell.
    assert not compile_paths([pattern])(path)


NAMES = st.lists(st.text("abx.ü", min_size=1), min_size=1).map("/".join)
PATTERNS = st.lists(
    st.lists(st.sampled_from(["a", "b*", "*x", "**", "?", "[ab]*", "ü*.x", "a*b*x"]), min_size=1)
    .map("/".join)
    .filter(lambda pattern: pattern.count("*") < 40),
    min_size=1,
)


@given(PATTERNS, st.booleans(), NAMES)
def test_both_ways_say_the_same(patterns: list[str], back: bool, path: str) -> None:
    if back:
        patterns = ["*", f"!{patterns[0]}", *patterns[1:]]
    assert compile_paths(patterns, hostile=True)(path) == compile_paths(patterns)(path)


@given(st.lists(st.text("ab/.", min_size=1), min_size=1).map("/".join))
def test_without_patterns_nothing_is_left_out(path: str) -> None:
    assert not compile_paths(())(path)
