"""Inline markers allow a secret where the scanner that they belong to looks for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.models import Excerpt, Match, Secret, Span, Suppression
from scanner.positions import locate
from scanner.suppressions import inline

SECRET = "S3cret"


def _match(text: str, secret: str = SECRET) -> Match:
    content = text.encode("utf-8", "surrogateescape")
    start = content.index(secret.encode())
    places = locate(content, [start, start + len(secret.encode())])
    span = Span(*places[start], *places[start + len(secret.encode())])
    return Match("rule", Secret(secret.encode(), "*****"), span, Excerpt("", 0, 0))


def _found(text: str, secret: str = SECRET) -> Suppression | None:
    content = text.encode("utf-8", "surrogateescape")
    (found,) = inline.find(content, [_match(text, secret)])
    return found


def _only(where: str) -> str:
    return f'k = "{SECRET}"{where}\n'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("  # keysweep: allow", id="keysweep with a space"),
        pytest.param("  # keysweep:ignore", id="keysweep with another word"),
        pytest.param("  # keysweep:allowed", id="keysweep with a longer word"),
        pytest.param("  # keysweep:allowlist", id="keysweep with another longer word"),
        pytest.param("  # keysweep:allow-next-line", id="keysweep meant for the next line"),
        pytest.param("  # gitleaks: allow", id="gitleaks with a space"),
        pytest.param("  # GITLEAKS:ALLOW", id="gitleaks in capitals"),
        pytest.param("  # trufflehog: ignore", id="trufflehog with a space"),
        pytest.param("  # kingfisher:allow", id="kingfisher with another's word"),
        pytest.param("  # pragma: allowlist", id="pragma cut short"),
        pytest.param("  pragma: allowlist secret", id="pragma without a comment sign"),
        pytest.param("  # pragma: allowlist nextline secret", id="pragma meant for the next line"),
        pytest.param("  // secretlint-disable-next-line", id="secretlint meant for the next line"),
        pytest.param("  # noqa", id="a linter's marker"),
        pytest.param("  # NOSONAR", id="another analyser's marker"),
        pytest.param("  # type: ignore", id="a type checker's marker"),
        pytest.param("  # allow this secret", id="prose"),
    ],
)
def test_what_is_no_marker_on_the_line(text: str) -> None:
    assert _found(_only(text)) is None


SAME_LINE = [
    "keysweep:allow",
    "gitleaks:allow",
    "betterleaks:allow",
    "kingfisher:ignore",
    "ggignore",
]


@pytest.mark.parametrize("marker", SAME_LINE)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# MARKER\n" + _only(""), id="line before"),
        pytest.param(_only("") + "# MARKER\n", id="line behind"),
        pytest.param("# MARKER\n\n" + _only("") + "\n# MARKER\n", id="further away"),
    ],
)
def test_marker_for_the_same_line_at_another(marker: str, text: str) -> None:
    assert _found(text.replace("MARKER", marker)) is None


@pytest.mark.parametrize("marker", SAME_LINE)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(_only("  # MARKER"), id="hash"),
        pytest.param(_only("; // MARKER"), id="slashes"),
        pytest.param(_only("  /* MARKER */"), id="block comment"),
        pytest.param(_only("  <!-- MARKER -->"), id="HTML"),
        pytest.param(_only("  -- MARKER"), id="SQL"),
        pytest.param("/* MARKER */ " + _only(""), id="before the secret"),
        pytest.param(_only("  # MARKER").replace("\n", "\r\n"), id="CRLF"),
        pytest.param(_only("  # MARKER").rstrip("\n"), id="last line without its end"),
        pytest.param("x\n\n" + _only("  # MARKER") + "y\n", id="among lines"),
        pytest.param("\udcff\udcfe " + _only("  # MARKER"), id="no UTF-8"),
        pytest.param("é中🔑 " + _only("  # MARKER"), id="multi-byte characters"),
    ],
)
def test_marker_for_the_same_line(marker: str, text: str) -> None:
    found = _found(text.replace("MARKER", marker))
    assert found is not None
    assert found.by == "inline"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("# keysweep:allow", None, id="none"),
        pytest.param("# keysweep:allow   ", None, id="spaces"),
        pytest.param("# keysweep:allow a sample", "a sample", id="after a space"),
        pytest.param("# keysweep:allow: a sample", "a sample", id="after a colon"),
        pytest.param("# keysweep:allow=sample", "sample", id="after an equals sign"),
        pytest.param("# keysweep:allow a sample  \r", "a sample", id="CRLF"),
        pytest.param("/* keysweep:allow a sample */", "a sample", id="block comment"),
        pytest.param("<!-- keysweep:allow a sample -->", "a sample", id="HTML"),
        pytest.param("{# keysweep:allow a sample #}", "a sample", id="Jinja"),
        pytest.param("# keysweep:allow 例 é", "例 é", id="other scripts"),
        pytest.param("// secretlint-disable-line -- a sample", "a sample", id="secretlint"),
        pytest.param(
            "// secretlint-disable-line @secretlint/rule-x -- why",
            "why",
            id="secretlint with a rule",
        ),
        pytest.param("// secretlint-disable-line", None, id="secretlint without"),
        pytest.param("# gitleaks:allow a sample", None, id="gitleaks knows none"),
    ],
)
def test_reason(text: str, reason: str | None) -> None:
    assert _found(_only("  " + text)) == Suppression("inline", reason, "line 1")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(_only("  # keysweep:allow"), 1, id="first line"),
        pytest.param("x\r\n" * 6 + _only("  # keysweep:allow"), 7, id="seventh line"),
        pytest.param("x\n# keysweep:allow-next-line\n" + _only(""), 2, id="the line before"),
    ],
)
def test_where_the_marker_stands(text: str, line: int) -> None:
    assert _found(text) == Suppression("inline", None, f"line {line}")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# trufflehog:ignore\n" + _only(""), id="line before"),
        pytest.param(_only("") + "# trufflehog:ignore", id="line behind"),
        pytest.param("/* trufflehog:ignore */ " + _only(""), id="before the secret"),
    ],
)
def test_trufflehog_at_the_wrong_place(text: str) -> None:
    assert _found(text) is None


@pytest.mark.parametrize(
    "before", ["", "é中🔑 ", "\udcff "], ids=["plain", "multi-byte", "no UTF-8"]
)
def test_trufflehog_behind_the_secret(before: str) -> None:
    assert _found(before + _only("  # trufflehog:ignore")) == Suppression("inline", None, "line 1")


def test_trufflehog_on_the_line_where_the_secret_ends() -> None:
    assert _found("'''one\ntwo''' # trufflehog:ignore", "one\ntwo") is not None
    assert _found("'''one # trufflehog:ignore\ntwo'''", "one # trufflehog:ignore\ntwo") is None


@pytest.mark.parametrize("sign", ["#", "//", "/*", "'", "--", "<!-- "])
@pytest.mark.parametrize("words", ["pragma: allowlist secret", "pragma: whitelist secret"])
def test_pragma_of_detect_secrets(sign: str, words: str) -> None:
    assert _found(_only(f"  {sign} {words}")) is not None
    assert _found(_only(f"  {sign}{words.replace('t s', 't-s')}")) is not None
    assert _found(_only("") + f"{sign} {words}\n") is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(_only("") + "# MARKER\n", id="line behind"),
        pytest.param("# MARKER\n\n" + _only(""), id="two lines before"),
        pytest.param("x = 1  # MARKER\n" + _only(""), id="behind code"),
        pytest.param("MARKER\n" + _only(""), id="without a comment sign"),
    ],
)
@pytest.mark.parametrize(
    "marker", ["pragma: allowlist nextline secret", "keysweep:allow-next-line"]
)
def test_marker_for_the_next_line_at_the_wrong_place(marker: str, text: str) -> None:
    assert _found(text.replace("MARKER", marker)) is None


@pytest.mark.parametrize(
    "marker",
    [
        pytest.param("# pragma: allowlist nextline secret", id="detect-secrets"),
        pytest.param("  // pragma: whitelist nextline secret", id="detect-secrets, indented"),
        pytest.param("/* pragma: allowlist nextline secret */", id="detect-secrets, block"),
        pytest.param("# keysweep:allow-next-line", id="keysweep"),
        pytest.param("\t// keysweep:allow-next-line", id="keysweep, indented"),
        pytest.param("<!-- keysweep:allow-next-line -->", id="keysweep, HTML"),
        pytest.param("// secretlint-disable-next-line", id="secretlint"),
        pytest.param("/* secretlint-disable-next-line @secretlint/rule-x */", id="with a rule"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_marker_on_the_line_before(marker: str, end: str) -> None:
    assert _found(marker + end + _only("")) is not None


def test_reason_on_the_line_before() -> None:
    text = "<!-- keysweep:allow-next-line: a sample -->\n" + _only("")
    assert _found(text) == Suppression("inline", "a sample", "line 1")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("/* secretlint-disable */\nx\n/* secretlint-enable */\nKEY\n", id="closed"),
        pytest.param("KEY\n/* secretlint-disable */\n", id="opened below"),
        pytest.param("/* secretlint-enable */\nKEY\n", id="closed without being open"),
    ],
)
def test_secretlint_block_elsewhere(text: str) -> None:
    assert _found(text.replace("KEY", SECRET)) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("/* secretlint-disable */\nx\nKEY\n/* secretlint-enable */\n", id="closed"),
        pytest.param("# secretlint-disable\nx\nKEY\n", id="open to the end"),
        pytest.param(
            "# secretlint-disable\n# secretlint-enable\n# secretlint-disable\nKEY", id="again"
        ),
    ],
)
def test_secretlint_block_around(text: str) -> None:
    assert _found(text.replace("KEY", SECRET)) is not None


BLOCK = "one\ntwo\nthree"


@pytest.mark.parametrize("marker", SAME_LINE)
@pytest.mark.parametrize("line", [1, 2, 3], ids=["first line", "middle", "last line"])
def test_marker_on_any_line_of_a_long_secret(marker: str, line: int) -> None:
    lines = BLOCK.split("\n")
    lines[line - 1] += f" {marker}"
    found = _found("\n".join(lines) + "\n", "\n".join(lines).removesuffix(f" {marker}"))
    assert found == Suppression("inline", None, f"line {line}")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# kingfisher:ignore\n\nk = 'BLOCK'\n", id="two lines before"),
        pytest.param("k = 'BLOCK'\n\n# kingfisher:ignore\n", id="two lines behind"),
    ],
)
def test_kingfisher_away_from_a_secret_of_several_lines(text: str) -> None:
    assert _found(text.replace("BLOCK", BLOCK), BLOCK) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# kingfisher:ignore\nk = 'BLOCK'\n", id="comment before"),
        pytest.param("k = 'BLOCK'  # kingfisher:ignore\n", id="closing line"),
        pytest.param("k = 'BLOCK'\n# kingfisher:ignore\n", id="next line"),
    ],
)
def test_kingfisher_around_a_secret_of_several_lines(text: str) -> None:
    assert _found(text.replace("BLOCK", BLOCK), BLOCK) is not None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("/* keysweep:allow */ k = 'ONE', 'TWO'", id="marker before both"),
        pytest.param("/* keysweep:allow a sample */ k = 'ONE', 'TWO'", id="reason before both"),
        pytest.param("k = 'ONE' /* keysweep:allow */, 'TWO'", id="marker in between"),
        pytest.param("keysweep:allow ONE TWO", id="in the reason itself"),
        pytest.param("# keysweep:allow-next-line: not ONE\nk = 'TWO'", id="in the line before"),
        pytest.param("/* secretlint-disable-line -- why */ 'ONE', 'TWO'", id="secretlint"),
    ],
)
def test_a_reason_never_tells_a_secret(text: str) -> None:
    matches = [_match(text, "ONE"), _match(text, "TWO")]
    found = [mark for mark in inline.find(text.encode(), matches) if mark]
    assert found
    assert not [mark for mark in found if "ONE" in str(mark) or "TWO" in str(mark)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param('/* keysweep:allow */ k = "S3cret"', None, id="none"),
        pytest.param('/* keysweep:allow why */ k = "S3cret"', "why", id="one"),
    ],
)
def test_a_reason_ends_with_its_comment(text: str, reason: str | None) -> None:
    assert _found(text) == Suppression("inline", reason, "line 1")


def test_each_match_gets_its_own_answer() -> None:
    text = "one  # keysweep:allow\ntwo\nthree  # gitleaks:allow why\nfour"
    matches = [_match(text, word) for word in ("one", "two", "three", "four")]
    found = inline.find(text.encode(), matches)
    assert [mark is not None for mark in found] == [True, False, True, False]


def test_no_matches_no_markers() -> None:
    assert inline.find(b"# keysweep:allow", []) == []


@given(st.text(max_size=40), st.text(max_size=40))
def test_text_without_a_marker_allows_nothing(before: str, behind: str) -> None:
    text = f"{before.replace(SECRET, '')}{SECRET}{behind}"
    markers = ("allow", "ignore", "disable", "secret")
    if not any(word in text for word in markers):
        assert _found(text) is None
