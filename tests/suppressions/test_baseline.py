"""The baseline's format: read, written, and refused when it is something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import ConfigError
from scanner.suppressions import baseline
from scanner.suppressions.baseline import Baseline, Entry

HEADER = "# keysweep baseline v1\n"
NAME = "v1:" + "0a" * 16


def _line(digit: str = "0", path: str = "a.py", family: str = "acme") -> str:
    return f"v1:{digit * 32} {family} {path}\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param("", "x:1: not a baseline of keysweep", id="empty"),
        pytest.param("[]\n", "x:1: not a baseline of keysweep", id="another scanner's JSON"),
        pytest.param(_line(), "x:1: not a baseline of keysweep", id="no header"),
        pytest.param("# keysweep baseline\n", "x:1: not a baseline", id="header cut short"),
        pytest.param("# keysweep baseline v2\n", "x:1: made by a later version", id="later"),
        pytest.param("# keysweep baseline v1", "x:1: the last line is cut off", id="no line end"),
        pytest.param(HEADER + _line()[:-1], "x:2: the last line is cut off", id="cut in a path"),
        pytest.param(HEADER + _line() + "v1:12\n", "x:3: not an entry", id="cut in a fingerprint"),
        pytest.param(HEADER + f"{NAME}\n", "x:2: not an entry", id="fingerprint alone"),
        pytest.param(HEADER + f"{NAME} acme\n", "x:2: not an entry", id="no path"),
        pytest.param(HEADER + f"{NAME} acme  \n", "x:2: not an entry", id="blank path"),
        pytest.param(HEADER + f" {NAME} acme a\n", "x:2: not an entry", id="indented"),
        pytest.param(HEADER + f"{NAME.upper()} acme a\n", "x:2: not an entry", id="capitals"),
        pytest.param(HEADER + f"v2:{'0' * 64} acme a\n", "of a later version", id="later entry"),
        pytest.param(HEADER + "<<<<<<< HEAD\n" + _line(), "a merge left it", id="conflict"),
    ],
)
def test_anything_else_is_refused(content: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        baseline.parse(content.encode(), "x")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ConfigError, match="x: not a baseline of keysweep: no UTF-8"):
        baseline.parse(HEADER.encode() + b"\xff\n", "x")


def test_every_wrong_line_is_named() -> None:
    with pytest.raises(ConfigError) as raised:
        baseline.parse(f"{HEADER}a\n{_line()}b\n".encode(), "x")
    assert [problem.partition(" ")[0] for problem in raised.value.problems] == ["x:2:", "x:4:"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(HEADER + _line(), id="as written"),
        pytest.param((HEADER + _line()).replace("\n", "\r\n"), id="with Windows' line ends"),
        pytest.param("\ufeff" + HEADER + _line(), id="with a byte order mark"),
        pytest.param(HEADER + HEADER + _line(), id="two headers, after a merge"),
        pytest.param(HEADER + "\n# x\n" + _line(), id="blank lines and comments"),
    ],
)
def test_entries_are_read(content: str) -> None:
    read = baseline.parse(content.encode(), "folder/x")
    assert read.entries == (Entry("v1:" + "0" * 32, "acme", "a.py"),)
    assert read.name == "x"


def test_lines_are_counted_from_one() -> None:
    read = baseline.parse(f"{HEADER}# x\n{_line('1')}{_line('2')}".encode(), "x")
    assert [number for number, _ in read.lines] == [3, 4]


def test_written_in_order_each_secret_once() -> None:
    read = baseline.parse(
        f"{HEADER}# note\n{_line('2')}{_line('1', 'z')}{_line('1', 'b')}".encode(), "x"
    )
    assert baseline.render(read).decode() == f"{HEADER}# note\n{_line('1', 'b')}{_line('2')}"


def test_what_it_covers_is_kept() -> None:
    written = baseline.render(Baseline(history=True))
    assert baseline.parse(written, "x").history
    assert baseline.render(baseline.parse(written, "x")) == written
    assert not baseline.parse(baseline.render(Baseline()), "x").history


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        pytest.param("a b/c.py", "a b/c.py", id="space inside"),
        pytest.param("a\nb", "a%0Ab", id="line break"),
        pytest.param("a\r", "a%0D", id="carriage return"),
        pytest.param("\x1b[2J", "%1B[2J", id="terminal escape"),
        pytest.param("a\u202eb", "a%E2%80%AEb", id="turned around"),
        pytest.param(" a ", "%20a%20", id="spaces at the ends"),
        pytest.param("  ", "%20%20", id="spaces only"),
        pytest.param("a%FFb", "a%FFb", id="as reports show no UTF-8"),
        pytest.param("", "-", id="nothing"),
    ],
)
def test_path_is_one_line_without_control_characters(path: str, shown: str) -> None:
    assert baseline.encoded(path) == shown


ENTRIES = st.builds(
    Entry,
    st.binary(min_size=16, max_size=16).map(lambda raw: f"v1:{raw.hex()}"),
    st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True),
    st.text(st.characters(exclude_categories=["Cs"])).map(baseline.encoded),
)
COMMENTS = st.lists(
    st.text(st.characters(exclude_categories=["Cs", "Cc"])).map(lambda text: f"# note {text}"),
    unique=True,
)


@given(st.lists(ENTRIES), COMMENTS, st.booleans())
def test_what_is_written_is_read_again(
    entries: list[Entry], comments: list[str], history: bool
) -> None:
    held = Baseline((), tuple(comments), history, "x")
    written = baseline.render(baseline.holding(entries, held))
    read = baseline.parse(written, "x")
    assert read.entries == baseline.tidy(entries)
    assert (read.comments, read.history) == (tuple(comments), history)
    assert baseline.render(read) == written
