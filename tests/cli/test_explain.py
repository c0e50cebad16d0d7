"""`keysweep explain`: what it says of typical lines, and what it cannot explain."""

from __future__ import annotations

import json
import random
import re
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Key = Callable[[object], str]
VALUE = "".join(random.Random(4).choices(string.ascii_letters + string.digits, k=36))
SHOWN = f"{VALUE[:5]}…{VALUE[-2:]}"


@pytest.fixture
def inside(repository: Path, keysweep: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a repository without files."""
    monkeypatch.chdir(repository)
    return repository


# What there is nothing to explain of


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "write PATH:LINE, or --text TEXT, or -", id="nothing"),
        pytest.param(["a.py:1", "--text", "x"], "write PATH:LINE, or --text TEXT", id="both"),
        pytest.param(["b.py:1"], "b.py: no such file", id="no such file"),
        pytest.param(["b\x1b[2J.py:1"], "b\\x1b[2J.py: no such file", id="terminal escape"),
        pytest.param(["a.py:3"], "a.py:3: it has 2 lines; lines count from 1", id="beyond the end"),
        pytest.param(["a.py:0"], "a.py:0: lines and columns count from 1", id="line 0"),
        pytest.param(["a.py:1:0"], "a.py:1:0: lines and columns count from 1", id="column 0"),
        pytest.param(["src:1"], "src: a folder; name a file in it", id="folder"),
        pytest.param(["a.py:1", "--name", "x"], "--name is for --text and - alone", id="name"),
        pytest.param(["a.py:1", "--config", "c.toml"], "c.toml: ", id="no configuration"),
    ],
)
def test_wrong_use_ends_with_2(
    inside: Path, keysweep: Run, arguments: list[str], message: str
) -> None:
    (inside / "a.py").write_text("x\ny\n")
    (inside / "src").mkdir()
    ended = keysweep("explain", *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert message in ended.err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param(["--max-file-size", "1k"], "2000 bytes, over --max-file-size 1024",
                     id="too large"),
        pytest.param(["--config", "c.toml"], "excluded by configuration", id="excluded"),
    ],
)  # fmt: skip
def test_what_policy_leaves_out(
    inside: Path, keysweep: Run, arguments: list[str], reason: str
) -> None:
    (inside / "a.bin").write_bytes(b"\0" * 2000)
    (inside / "c.toml").write_text('exclude = ["*.bin"]\n')
    ended = keysweep("explain", "a.bin:1", *arguments)
    assert ended.status == 0, ended.err
    assert ended.out == f"a.bin\n\nnot scanned: {reason}\n"


def test_a_file_that_may_not_be_read_ends_with_3(
    repository: Path, process: Run, deprived: list[str]
) -> None:
    file = repository / "a.py"
    file.write_text("x\n")
    file.chmod(0)
    ended = process("explain", f"{file}:1", before=deprived)
    assert (ended.status, ended.out) == (3, "a.py\n\nnot scanned: Permission denied\n")
    assert process("explain", f"{file}:1", "--allow-incomplete", before=deprived).status == 0


# Golden texts

HEAD = "byteengine-api-key: ByteEngine API key (severity critical, confidence high)\n"
GENERIC = (
    "generic-secret-quoted: Random value assigned to the name of a secret "
    "(severity high, confidence medium)\n"
)
PASSED = (
    "  form        the regex matches\n"
    "  edges       stands by itself\n"
    "  content     not empty\n"
    "  stand-in    no template, mask or sample\n"
)
RANDOM = "  randomness  looks drawn at random ({} bits for random over written, 8 wanted)\n"


def _told(keysweep: Run, path: Path, text: str, *more: str, line: int = 1) -> str:
    path.write_text(text)
    ended = keysweep("explain", f"./{path.name}:{line}", *more)
    assert ended.status == 0, ended.err
    return str(ended.out)


def _fingerprint(out: str) -> str:
    return "v1:" + out.partition("v1:")[2][:32]


def _score(out: str, at: int = 0) -> str:
    return out.split(" bits for random")[at].rpartition("(")[2]


def test_a_finding(inside: Path, keysweep: Run, key: Key) -> None:
    out = _told(keysweep, inside / "a.py", f"k = '{key(1)}'\n")
    assert out == (
        f"a.py\n\n1:6-{6 + len(key(1))}  {key(1)[:5]}…{key(1)[-2:]}\n  {HEAD}"
        f"  keyword     `be_`\n{PASSED}{RANDOM.format(_score(out))}"
        f"  => REPORTED {_fingerprint(out)}\n"
    )
    assert _fingerprint(out) in keysweep("scan", ".", "--format", "json").out


def test_a_placeholder(inside: Path, keysweep: Run) -> None:
    out = _told(keysweep, inside / "a.py", "api_key = 'your-api-key-goes-here-now'\n")
    assert out == (
        f"a.py\n\n1:12-38  your-…ow\n  {GENERIC}"
        "  keyword     `key`\n  form        the regex matches\n  content     not empty\n"
        "  stand-in    STOPPED: a placeholder\n"
        f"  randomness  not asked any more ({_score(out)} bits for random over written, "
        "20 wanted)\n"
        "  allowlist   not asked any more\n"
        "  => not reported: a placeholder\n"
    )


def test_what_is_not_random(inside: Path, keysweep: Run) -> None:
    out = _told(keysweep, inside / "a.py", "secret = 'getUserAccountNameFromSession1'\n")
    assert "  randomness  STOPPED: not drawn at random (-" in out
    assert out.endswith(
        "  allowlist   not asked any more\n  => not reported: not drawn at random\n"
    )


def test_entropy_below_a_rules_own(
    inside: Path, keysweep: Run, rule_file: Callable[..., Path]
) -> None:
    rule_file(inside / "own.toml", {"min_entropy": 4.5})
    text = "acme_" + "1f3e" * 6
    out = _told(keysweep, inside / "a.py", f"k = {text}\n", "--rules", "own.toml")
    entropy = "entropy below 4.5 bits per character"
    told = rf"  entropy     STOPPED: {entropy} \([23]\.\d\d bits per character, 4\.5 wanted\)\n"
    assert re.search(told + "  stand-in    not asked any more\n", out)
    assert out.endswith(f"  => not reported: {entropy}\n")
    assert "; counts up or repeats itself)" in out


def test_a_wrong_checksum(inside: Path, keysweep: Run) -> None:
    out = _told(keysweep, inside / "a.py", f"t = 'ghp_{VALUE}'\n")
    assert (
        "  keyword     `ghp_`\n  form        the regex matches\n  edges       stands by itself\n"
        "  content     not empty\n  checksum    STOPPED: wrong github checksum\n"
    ) in out
    assert out.endswith("  => not reported: wrong github checksum\n")


def test_part_of_a_longer_word(inside: Path, keysweep: Run, key: Key) -> None:
    out = _told(keysweep, inside / "a.py", f"x{key(1)}\n")
    assert "  edges       STOPPED: part of a longer word\n  => not reported: part of" in out


def test_no_keyword_but_a_random_value(inside: Path, keysweep: Run) -> None:
    out = _told(keysweep, inside / "a.py", f"x\nvalue = '{VALUE}'\n", line=2)
    assert out == (
        "a.py\n\nline 2: nothing on it has the form that a rule looks for\n"
        "  keyword     none of any rule\n"
        f"  value       10-46 {SHOWN} looks drawn at random ({_score(out)} bits for random over "
        "written, 8 wanted), but has no prefix of a provider and is not beside the name of a "
        "secret\n"
    )


def test_a_keyword_without_a_value(inside: Path, keysweep: Run) -> None:
    out = _told(keysweep, inside / "a.py", "be_short\n")
    assert "\n  keyword     `be_` stands here, but not as byteengine-api-key" in out
    assert out.endswith("  value       none that looks drawn at random\n")


def test_nothing_at_all(inside: Path, keysweep: Run) -> None:
    out = _told(keysweep, inside / "a.py", "x\n\n", line=2)
    assert out == (
        "a.py\n\nline 2: nothing on it has the form that a rule looks for\n"
        "  keyword     none of any rule\n  value       none that looks drawn at random\n"
    )


def test_a_marker(inside: Path, keysweep: Run, key: Key) -> None:
    out = _told(keysweep, inside / "a.py", f"k = '{key(1)}'  # keysweep:allow made up\n")
    assert out.endswith("  => not counted: suppressed by inline, line 1 (made up)\n")


def test_an_allowlist(inside: Path, keysweep: Run, key: Key) -> None:
    (inside / ".keysweep.toml").write_text('[[allowlist]]\npaths = ["a.py"]\nreason = "ours"\n')
    out = _told(keysweep, inside / "a.py", f"k = '{key(1)}'\n")
    end = "suppressed by allowlist, .keysweep.toml, allowlist 1 (ours)\n"
    assert out.endswith(f"  => not counted: {end}")


def test_a_baseline_and_an_ignore_file(inside: Path, keysweep: Run, key: Key) -> None:
    _told(keysweep, inside / "a.py", f"k = '{key(1)}'\n")
    assert keysweep("baseline", "create").status == 0
    out = keysweep("explain", "a.py:1").out
    assert out.endswith("suppressed by baseline, .keysweep.baseline:3\n")
    (inside / ".keysweepignore").write_text("path:a.py reason: made up\n")
    out = keysweep("explain", "a.py:1").out
    assert out.endswith("suppressed by ignore-file, .keysweepignore:1 (made up)\n")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        pytest.param('disable = ["byteengine-api-key"]', "disabled in {}", id="disabled"),
        pytest.param('enable = ["slack-bot-token"]',
                     "not among those that the configuration enables", id="not enabled"),
    ],
)  # fmt: skip
def test_a_rule_that_is_off(inside: Path, keysweep: Run, key: Key, settings: str, why: str) -> None:
    (inside / ".keysweep.toml").write_text(settings + "\n")
    out = _told(keysweep, inside / "a.py", f"k = '{key(1)}'\n")
    file = inside / ".keysweep.toml"
    assert f"  {HEAD}" in out
    assert f"  => not reported, as the rule is off: {why.format(file)}\n" in out
    assert keysweep("scan", ".").status == 0


def test_an_overlap(inside: Path, keysweep: Run, key: Key) -> None:
    out = _told(keysweep, inside / "a.py", f"api_key = '{key(1)}'\n")
    assert f"  {HEAD}" in out
    assert f"  {GENERIC}" in out
    assert "  => REPORTED v1:" in out
    assert out.endswith(
        "  => not reported: overlaps with byteengine-api-key, which has the stronger evidence "
        "(provider, against generic)\n"
    )


@pytest.mark.parametrize(
    ("before", "decoded"),
    [
        pytest.param("be%5F", "percent", id="percent"),
        pytest.param("be\\x5f", "escapes", id="escapes"),
        pytest.param("be_' + '", "concatenation", id="concatenation"),
        pytest.param("be\\u00255F", "percent in escapes", id="two"),
    ],
)
def test_what_is_decoded(inside: Path, keysweep: Run, key: Key, before: str, decoded: str) -> None:
    written = key(1).replace("be_", before)
    out = _told(keysweep, inside / "a.py", f"x = '{written}'\n")
    assert f"1:6-{6 + len(written)}  {key(1)[:5]}…{key(1)[-2:]}\n  {HEAD}" in out
    assert f"  keyword     `be_`\n  decoded     from {decoded}\n  form " in out
    assert "  => REPORTED v1:" in out


def test_a_rule_for_other_paths(
    inside: Path, keysweep: Run, rule_file: Callable[..., Path]
) -> None:
    rule_file(inside / "own.toml", {"paths": ["*.env"]})
    text = "acme_3f9c0a7e5b1d48266ad09e7c\n"
    out = _told(keysweep, inside / "a.py", text, "--rules", "own.toml")
    assert out.endswith("  => not reported here: the rule looks at *.env only\n")


def test_text_of_a_rule_file_moves_no_terminal(
    inside: Path, keysweep: Run, rule_file: Callable[..., Path]
) -> None:
    change = {"description": "Acme\x1b[2J", "keywords": ["acme_", "acme\x1b"]}
    rule_file(inside / "own.toml", change)
    text = "acme_3f9c0a7e5b1d48266ad09e7c acme\x1b\n"
    out = _told(keysweep, inside / "a.py", text, "--rules", "own.toml")
    assert "\x1b" not in out
    assert "Acme\\x1b[2J" in out


def test_a_file_that_git_ignores(inside: Path, keysweep: Run, key: Key, git: Run) -> None:
    (inside / ".gitignore").write_text("*.env\n")
    out = _told(keysweep, inside / "-a.env", f"k = '{key(1)}'\n", line=1)
    note = "\nnote: git ignores this file, so only a scan that is given its name sees it\n"
    assert note in out
    assert keysweep("scan", ".").status == 0
    git(inside, "add", "-f", "./-a.env")
    assert note not in keysweep("explain", "./-a.env:1").out
    assert keysweep("scan", ".").status == 1


# Ways to ask


def test_a_column_tells_which_of_two(inside: Path, keysweep: Run, key: Key) -> None:
    (inside / "a.py").write_text(f"k, l = '{key(1)}', '{key(2)}'\n")
    both = keysweep("explain", "a.py:1").out
    assert both.count("=> REPORTED") == 2
    second = keysweep("explain", f"a.py:1:{len(key(1)) + 20}").out
    assert second.count("=> REPORTED") == 1
    assert key(2)[:5] + "…" in second


def test_without_a_line_the_whole_file(inside: Path, keysweep: Run, key: Key) -> None:
    (inside / "a.py").write_text(f"k = '{key(1)}'\nx\nl = '{key(2)}'\n")
    out = keysweep("explain", "a.py").out
    assert out.count("=> REPORTED") == 2
    assert "\nline 2" not in out


def test_a_file_whose_name_ends_in_a_number(inside: Path, keysweep: Run, key: Key) -> None:
    (inside / "a:1").write_text(f"x\nk = '{key(1)}'\n")
    assert keysweep("explain", "a:1").out.count("=> REPORTED") == 1
    assert keysweep("explain", "a:1:2").out.count("=> REPORTED") == 1
    assert "line 1: nothing" in keysweep("explain", "a:1:1").out


def test_a_path_from_the_root(
    inside: Path, keysweep: Run, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    (inside / "src").mkdir()
    (inside / "a.py").write_text(f"k = '{key(1)}'\n")
    monkeypatch.chdir(inside / "src")
    assert keysweep("explain", "a.py:1").out.startswith("a.py\n")
    assert keysweep("explain", "../a.py:1").out.startswith("a.py\n")


def test_text_with_a_name(inside: Path, keysweep: Run, key: Key) -> None:
    (inside / ".keysweep.toml").write_text('[[allowlist]]\npaths = ["*.md"]\nreason = "ours"\n')
    assert "=> REPORTED" in keysweep("explain", "--text", key(1)).out
    named = keysweep("explain", "--text", key(1), "--name", "x.md").out
    assert named.startswith("x.md\n")
    assert "suppressed by allowlist" in named


def test_standard_input(process: Run, key: Key) -> None:
    ended = process("explain", "--name", "x.py", "--", "-:2", stdin=f"x\nk = '{key(1)}'\n".encode())
    assert ended.status == 0, ended.err
    assert ended.out.startswith("x.py\n\n2:6-")
    ended = process("explain", "-", stdin=key(1).encode("utf-16"))
    assert ended.out.startswith("(standard input)\n\n1:1-")
    assert "  decoded     from utf-16\n" in ended.out


def test_json(inside: Path, keysweep: Run, key: Key) -> None:
    (inside / "a.py").write_text(f"api_key = '{key(1)}'\nx = '{VALUE}'\n")
    ended = keysweep("explain", "a.py:1", "--format", "json")
    told = json.loads(ended.out)
    assert (told["path"], told["line"], told["column"]) == ("a.py", 1, None)
    found = {one["rule_id"]: one for one in told["candidates"]}
    one = found["byteengine-api-key"]
    assert (one["start_line"], one["start_column"], one["end_column"]) == (1, 12, 12 + len(key(1)))
    assert (one["result"], one["why"]) == ("reported", None)
    filters = {filter_["filter"]: filter_ for filter_ in one["filters"]}
    assert filters["randomness"]["measured"] > filters["randomness"]["wanted"] == 8
    assert filters["edges"]["passed"] is True
    assert found["generic-secret-quoted"]["result"] == "overlapped"
    silent = json.loads(keysweep("explain", "a.py:2", "--format", "json").out)["silent_lines"]
    assert [(one["line"], one["values"][0]["redacted"]) for one in silent] == [(2, SHOWN)]


def test_the_secret_is_never_shown(inside: Path, keysweep: Run, key: Key) -> None:
    (inside / "a.py").write_text(
        f"api_key = '{key(1)}'\nx = '{VALUE}'\npassword = '{VALUE[3:14]}!'\n"
    )
    for arguments in (["a.py"], ["a.py:1"], ["a.py:2"], ["a.py:3"], ["a.py", "--format", "json"]):
        out = keysweep("explain", *arguments).out
        pieces = [text[at : at + 8] for text in (key(1), VALUE) for at in range(len(text) - 7)]
        assert [piece for piece in pieces if piece in out] == []
        assert VALUE[3:9] not in out
