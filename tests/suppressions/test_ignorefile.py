"""The ignore file: every entry has a reason, and says exactly what it ignores."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import ConfigError
from scanner.pathpatterns import compile_paths
from scanner.suppressions import ignorefile
from scanner.suppressions.ignorefile import Entry, Ignores

PRINT = "v1:" + "0a" * 16


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param("rule:a", "no reason is given", id="no reason"),
        pytest.param("rule:a reason:", "no reason is given", id="empty reason"),
        pytest.param("rule:a reason:   ", "no reason is given", id="blank reason"),
        pytest.param("reason: x", "it would ignore everything", id="reason alone"),
        pytest.param("owner:a reason: x", "it would ignore everything", id="owner alone"),
        pytest.param("rules:a reason: x", "unknown key 'rules'; known: fingerprint:", id="key"),
        pytest.param("a.py reason: x", "unknown key 'a.py'", id="bare path"),
        pytest.param("0f3c:a.py:rule:3", "unknown key '0f3c'", id="gitleaks"),
        pytest.param("rule: reason: x", "rule: has no value", id="no value"),
        pytest.param("rule reason: x", "rule: has no value", id="no colon"),
        pytest.param("rule:'' reason: x", "rule: has no value", id="empty quotes"),
        pytest.param("fingerprint:v1:0 reason: x", "is no fingerprint", id="cut fingerprint"),
        pytest.param(f"fingerprint:v2:{'0' * 32} reason: x", "is no fingerprint", id="later"),
        pytest.param("rule:a until:soon reason: x", "no such day", id="no day"),
        pytest.param("rule:a until:2026-02-30 reason: x", "no such day", id="30 February"),
        pytest.param("rule:a until:20260101 reason: x", "no such day", id="another form"),
        pytest.param("rule:a until:2026-01-01 until:2027-01-01 reason: x", "given twice",
                     id="two days"),
        pytest.param("rule:a owner:a owner:b reason: x", "given twice", id="two owners"),
        pytest.param("path:'a reason: x", "a quote is not closed", id="open quote"),
        pytest.param("path:a\\", "a backslash is the last", id="backslash at the end"),
        pytest.param("path:" + "'*'" * 51 + " reason: x", "more than 50 wildcards", id="stars"),
        pytest.param("path:!a reason: x", "names nothing", id="pattern that takes back"),
        pytest.param("path:'#a' reason: x", "names nothing", id="pattern that is a comment"),
    ],
)  # fmt: skip
def test_broken_entry_is_told_with_its_line(line: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as raised:
        ignorefile.parse(f"# x\n\n{line}\n".encode(), "f")
    assert raised.value.problems[0].startswith("f:3: ")


def test_every_broken_line_is_told() -> None:
    with pytest.raises(ConfigError) as raised:
        ignorefile.parse(b"a\nrule:a reason: x\nb\n", "f")
    assert [problem.partition(" ")[0] for problem in raised.value.problems] == ["f:1:", "f:3:"]


def test_too_many_entries_are_refused() -> None:
    with pytest.raises(ConfigError, match="f: more than 10000 entries; a baseline"):
        ignorefile.parse(b"rule:a reason: x\n" * 10001, "f")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ConfigError, match="f: not an ignore file"):
        ignorefile.parse(b"\xff", "f")


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        pytest.param(f"fingerprint:{PRINT} reason: a b", Entry("a b", (PRINT,)), id="fingerprint"),
        pytest.param("rule:a rule:b reason:x", Entry("x", rules=("a", "b")), id="two rules"),
        pytest.param("path:'a b/**' reason: x", Entry("x", paths=("a b/**",)), id="quoted"),
        pytest.param('path:"it\'s" reason: x', Entry("x", paths=("it's",)), id="double quotes"),
        pytest.param("path:a\\ b reason: x", Entry("x", paths=("a b",)), id="backslash"),
        pytest.param("'rule:a' reason: x", Entry("x", rules=("a",)), id="whole word quoted"),
        pytest.param("rule:a reason: it's \"so\" # 1", Entry("it's \"so\" # 1", rules=("a",)),
                     id="quotes in the reason"),
        pytest.param("rule:a reason: rule:b owner:c", Entry("rule:b owner:c", rules=("a",)),
                     id="keys in the reason"),
        pytest.param("  rule:a\towner:ada   until:2026-01-31 reason: x\r",
                     Entry("x", rules=("a",), owner="ada", until=date(2026, 1, 31)),
                     id="other spaces"),
        pytest.param("path:a path:!a/b reason: x", Entry("x", paths=("a", "!a/b")),
                     id="takes back"),
    ],
)  # fmt: skip
def test_entry_is_read(line: str, entry: Entry) -> None:
    assert ignorefile.parse(f"{line}\n".encode(), "f") == (entry._replace(line=1),)


def test_last_line_needs_no_end() -> None:
    assert len(ignorefile.parse(b"rule:a reason: x", "f")) == 1


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param("a\nb", id="two lines"),
        pytest.param(" a", id="space before"),
        pytest.param("", id="nothing"),
    ],
)
def test_entry_that_no_line_can_say_is_refused(reason: str) -> None:
    with pytest.raises(ValueError, match="reason"):
        ignorefile.line(Entry(reason, rules=("a",)))


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1)
ENTRIES = st.builds(
    Entry,
    WORDS.map(str.strip).filter(bool),
    st.lists(st.binary(min_size=16, max_size=16).map(lambda raw: f"v1:{raw.hex()}")).map(tuple),
    st.lists(WORDS, min_size=1).map(tuple),
    st.lists(WORDS.map(ignorefile.pattern_of)).map(tuple),
    st.none() | WORDS,
    st.none() | st.dates(),
    st.just(0),
)


@given(st.lists(ENTRIES))
def test_what_is_written_is_read_again(entries: list[Entry]) -> None:
    text = "".join(f"{ignorefile.line(entry)}\n" for entry in entries)
    read = ignorefile.parse(text.encode(), "f")
    assert [entry._replace(line=0) for entry in read] == entries


PATHS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1
).filter(lambda name: name not in (".", ".."))


@given(PATHS)
def test_pattern_names_its_path(path: str) -> None:
    named = compile_paths([ignorefile.pattern_of(path)])
    assert named(path)
    assert not named(f"x/{path}")
    assert not named(f"{path}x")


@pytest.mark.parametrize("path", ["a ", "a  ", "a\u00a0", "a\u3000", " ", "a\\ "])
def test_pattern_keeps_spaces_at_the_end(path: str) -> None:
    named = compile_paths([ignorefile.pattern_of(path)])
    assert named(path)
    assert not named(path.rstrip() or "x")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("a\nb", "/a?b", id="line break"),
        pytest.param("a\x1bb", "/a?b", id="escape"),
        pytest.param("a\x7fb", "/a?b", id="delete"),
        pytest.param("[\r]", r"/\[?\]", id="in brackets"),
        pytest.param("a\n", "/a?", id="at the end"),
    ],
)
def test_pattern_writes_no_control_character(path: str, expected: str) -> None:
    pattern = ignorefile.pattern_of(path)
    assert pattern == expected
    assert compile_paths([pattern])(path)


# Which entries hold


def _holding(entry: Entry, path: str = "a/b.py", rule: str = "r", *names: str) -> bool:
    ignores = Ignores([entry])
    return bool(list(ignores.covering(ignores.about(names or (PRINT,), rule), path)))


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(Entry("x", ("v1:" + "1" * 32,)), id="another fingerprint"),
        pytest.param(Entry("x", rules=("s",)), id="another rule"),
        pytest.param(Entry("x", paths=("c",)), id="another path"),
        pytest.param(Entry("x", (PRINT,), ("s",)), id="fingerprint and another rule"),
        pytest.param(Entry("x", (PRINT,), ("r",), ("c",)), id="all but the path"),
        pytest.param(Entry("x", rules=("r",), paths=("c",)), id="rule and another path"),
        pytest.param(Entry("x", paths=("a", "!a/b.py")), id="path taken back"),
    ],
)
def test_entry_holds_only_when_all_of_it_does(entry: Entry) -> None:
    assert not _holding(entry)


def test_path_entry_does_not_hold_without_a_path() -> None:
    assert not _holding(Entry("x", paths=("*",)), "")


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(Entry("x", (PRINT,)), id="fingerprint"),
        pytest.param(Entry("x", ("v1:" + "1" * 32, PRINT)), id="one of two fingerprints"),
        pytest.param(Entry("x", rules=("s", "r")), id="one of two rules"),
        pytest.param(Entry("x", paths=("c", "*.py")), id="one of two paths"),
        pytest.param(Entry("x", (PRINT,), ("r",), ("/a/",)), id="all"),
    ],
)
def test_entry_holds(entry: Entry) -> None:
    assert _holding(entry)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", None, id="empty"),
        pytest.param(b"xy\nx y\n x\n", None, id="parts of lines"),
        pytest.param(b"a\nx\nb\n", b"a\nb\n", id="between"),
        pytest.param(b"x\r\nx\r\nb", b"x\r\nb", id="the last of two, with carriage returns"),
        pytest.param(b"a\nx", b"a\n", id="without its end"),
    ],
)
def test_line_is_taken_out(content: bytes, expected: bytes | None) -> None:
    assert ignorefile.without_line(content, "x") == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", b"x\n", id="empty"),
        pytest.param(b"a", b"a\nx\n", id="last line without its end"),
        pytest.param(b"a\r\n", b"a\r\nx\r\n", id="carriage returns"),
    ],
)
def test_line_is_added(content: bytes, expected: bytes) -> None:
    assert ignorefile.with_line(content, "x") == expected
