"""Regexes over paths as gitignore patterns: the same paths, or none are given."""

from __future__ import annotations

import pytest
import regex

from scanner import globs
from scanner.pathpatterns import compile_paths

PATHS = (
    "a.tf", "dir/a.tf", "a.tfx", "vendor/a.go", "x/vendor/b", "vendored", "src/a.go", "src/x/a.go",
    "lib/src/a.go", "go.mod", "x/go.sum", "cargo.sum", "tests/fixtures/a.json", "a.json", "b.JSON",
    "docs/a [1].md", "config/app.yml", "x/config/app.yml",
)  # fmt: skip


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("[a-z]+", id="class"),
        pytest.param(r"(?i)\.json$", id="any case"),
        pytest.param("a{3}", id="count"),
        pytest.param(".*", id="anything"),
        pytest.param("^", id="start alone"),
        pytest.param("a|", id="one branch is empty"),
        pytest.param("(?=a)", id="look-around"),
        pytest.param("(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)", id="too many"),
        pytest.param("a$b", id="end in the middle"),
    ],
)
def test_what_cannot_be_said_is_not(pattern: str) -> None:
    assert globs.of(pattern) is None


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"\.tf$", id="suffix"),
        pytest.param("vendor/", id="folder"),
        pytest.param(r"^src/.*\.go$", id="below a folder"),
        pytest.param(r"(^|/)go\.(mod|sum)$", id="names"),
        pytest.param(r"(.*?)\.(json|tf)$", id="anything first"),
        pytest.param("^docs/", id="folder of the root"),
        pytest.param("fixtures", id="part"),
        pytest.param(r"\[1\]", id="special characters"),
        pytest.param(r"^config/app\.ya?ml$", id="optional"),
        pytest.param("/config/", id="folder below another"),
        pytest.param(r"^tests/.*", id="anything last"),
    ],
)
def test_same_paths(pattern: str) -> None:
    patterns = globs.of(pattern)
    assert patterns
    named = compile_paths(patterns)
    assert [path for path in PATHS if named(path)] == [
        path for path in PATHS if regex.search(pattern, path)
    ]
