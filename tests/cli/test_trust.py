"""What a request brings along to silence its own findings, on real repositories."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]
MARKER = "  # keysweep:allow made for a test"
ALLOWLIST = "[[allowlist]]\npaths = ['b']\nreason = 'ours'\n"
BROKEN = "exclude = 7\n"
RULE = """[[rules]]
id = "house-key"
description = "Key of the house"
severity = "high"
confidence = "high"
specificity = "provider"
regex = '''house-(?P<secret>[0-9a-z]{{{length}}})'''
keywords = ["house-"]
min_entropy = 0
references = ["https://example.org"]
remediation = "Change the lock."
examples = ["house-{example}", "x house-{example}"]
counter_examples = ["house-", "house-?"]
"""


@pytest.fixture
def inside(repository: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a repository with a file and a commit, tagged `base`."""
    monkeypatch.chdir(repository)
    git(repository, "checkout", "-qb", "main")
    return repository


@pytest.fixture
def commit(inside: Path, git: Git) -> Callable[..., None]:
    """Commits files with these contents, or without those that are None."""

    def call(files: dict[str, str | None], message: str = "x") -> None:
        for name, text in files.items():
            if text is None:
                (inside / name).unlink()
            else:
                (inside / name).parent.mkdir(parents=True, exist_ok=True)
                (inside / name).write_text(text)
        git(inside, "add", "-A")
        git(inside, "commit", "-qm", message, "--allow-empty")

    return call


@pytest.fixture
def ranged(
    keysweep: Run, inside: Path, commit: Callable[..., None], git: Git,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., tuple[Any, list[dict[str, Any]]]]:  # fmt: skip
    """Commits what the base has, then what the request has; gives how the scan of the request
    ended and its places."""

    def call(
        base: dict[str, str | None], request: dict[str, str | None], *options: str,
        message: str = "x",
    ) -> tuple[Any, list[dict[str, Any]]]:  # fmt: skip
        monkeypatch.chdir(inside)
        commit(base)
        git(inside, "tag", "base")
        commit(request, message)
        ended = keysweep("range", "base..main", "--format", "json", *options)
        found = json.loads(ended.out)["findings"] if ended.out else []
        return ended, [place for finding in found for place in finding["places"]]

    return call


Ranged = Callable[..., tuple[Any, list[dict[str, Any]]]]


# What a request adds does not count


@pytest.mark.parametrize(
    ("request_file", "text", "told"),
    [
        pytest.param(".keysweep.toml", ALLOWLIST, ("allowlist", ".keysweep.toml, allowlist 1"),
                     id="allowlist"),
        pytest.param("pyproject.toml", "[[tool.keysweep.allowlist]]\npaths = ['b']\n",
                     ("allowlist", "pyproject.toml, allowlist 1"),
                     id="allowlist of a project"),
        pytest.param(".keysweep.toml", "exclude = ['b']\n",
                     ("configuration", "the path is excluded"),
                     id="exclude"),
        pytest.param(".keysweep.toml", "disable = ['byteengine-api-key']\n",
                     ("configuration", "the rule byteengine-api-key is off"),
                     id="disabled rule"),
        pytest.param(".keysweep.toml", "enable = ['byteengine-webhook-secret']\n",
                     ("configuration", "the rule byteengine-api-key is off"),
                     id="other rules only"),
    ],
)  # fmt: skip
def test_configuration_of_a_request_silences_nothing(
    ranged: Ranged, key: Key, request_file: str, text: str, told: tuple[str, str]
) -> None:
    if "webhook" in text:
        text = text.replace("byteengine-webhook-secret", "json-web-token")
    ended, (place,) = ranged({"a": "x\n"}, {"b": f"k = '{key(1)}'\n", request_file: text})
    assert ended.status == 1, ended.err
    assert place["suppressed"] is None
    found = place["would_be_suppressed"]
    assert (found["by"], found["where"]) == told


def test_marker_of_a_request_silences_nothing(ranged: Ranged, key: Key) -> None:
    ended, (place,) = ranged({"a": "x\n"}, {"b": f"k = '{key(1)}'{MARKER}\n"})
    assert ended.status == 1
    assert place["suppressed"] is None
    assert place["would_be_suppressed"] == {
        "by": "inline", "reason": "made for a test", "where": "line 1",
    }  # fmt: skip


def test_marker_in_a_message_silences_nothing(ranged: Ranged, key: Key) -> None:
    ended, (place,) = ranged({"a": "x\n"}, {"a": "y\n"}, message=f"Fix\n\n{key(1)}{MARKER}")
    assert ended.status == 1
    assert place["kind"] == "commit-message"
    assert place["would_be_suppressed"]["by"] == "inline"


def test_marker_is_for_its_own_secret(ranged: Ranged, key: Key) -> None:
    ended, places = ranged({"a": f"k = '{key(1)}'{MARKER}\n"}, {"a": f"k = '{key(2)}'{MARKER}\n"})
    assert ended.status == 1
    assert [bool(place["suppressed"]) for place in places] == [False]


def test_text_report_tells_why_a_marker_has_no_effect(
    keysweep: Run, ranged: Ranged, key: Key
) -> None:
    ranged({"a": "x\n"}, {"b": f"k = '{key(1)}'{MARKER}\n"})
    out = keysweep("range", "base..main").out
    assert "would be suppressed by this request: inline, line 1 (made for a test)" in out


def test_marker_counts_for_nothing_when_the_base_cannot_be_read(
    ranged: Ranged, keysweep: Run, key: Key, git: Git, inside: Path
) -> None:
    marked = f"k = '{key(1)}'{MARKER}\n"
    ended, (place,) = ranged({"z/q": "x\n", "a": marked}, {"a": f"x\n{marked}"})
    assert (ended.status, place["would_be_suppressed"]) == (0, None)
    folder = git(inside, "rev-parse", "base:z").strip()
    path = inside / ".git" / "objects" / folder[:2] / folder[2:]
    path.chmod(0o600)
    path.unlink()
    ended = keysweep("range", "base..main")
    assert ended.status == 1
    assert "the tree at the beginning of the range: git ls-tree" in ended.out


# The head can be trusted


@pytest.mark.parametrize(
    "request_files",
    [
        pytest.param({"b": f"k = 'KEY'{MARKER}\n"}, id="marker"),
        pytest.param({"b": "k = 'KEY'\n", ".keysweep.toml": ALLOWLIST}, id="allowlist"),
        pytest.param({"b": "k = 'KEY'\n", ".keysweep.toml": "exclude = ['b']\n"}, id="exclude"),
    ],
)
def test_trusted_head_silences(ranged: Ranged, key: Key, request_files: dict[str, str]) -> None:
    files = {name: text.replace("KEY", key(1)) for name, text in request_files.items()}
    ended, places = ranged({"a": "x\n"}, files, "--trust-head")
    assert ended.status == 0
    assert all(place["suppressed"] for place in places)


# What the base has counts


def test_allowlist_of_the_base_counts(ranged: Ranged, key: Key) -> None:
    ended, (place,) = ranged({".keysweep.toml": ALLOWLIST}, {"b": f"k = '{key(1)}'\n"})
    assert ended.status == 0
    assert place["suppressed"]["where"] == ".keysweep.toml, allowlist 1"
    assert place["would_be_suppressed"] is None


def test_allowlist_of_the_base_counts_although_the_request_takes_it_away(
    ranged: Ranged, key: Key
) -> None:
    ended, _ = ranged(
        {".keysweep.toml": ALLOWLIST}, {"b": f"k = '{key(1)}'\n", ".keysweep.toml": None}
    )
    assert ended.status == 0


@pytest.mark.parametrize(
    "request_files",
    [
        pytest.param({"a": f"x\nk = 'KEY'{MARKER}\n"}, id="another line"),
        pytest.param({"a": None, "b": f"x\nk = 'KEY'{MARKER}\n" + "y\n" * 9}, id="another name"),
        pytest.param({"b": f"k = 'KEY'{MARKER}\n", "a": "x\n"}, id="another file"),
    ],
)
def test_secret_that_the_base_allows_is_allowed(
    ranged: Ranged, key: Key, request_files: dict[str, str | None]
) -> None:
    base = {"a": f"k = '{key(1)}'{MARKER}\n" + "y\n" * 9}
    files = {name: text and text.replace("KEY", key(1)) for name, text in request_files.items()}
    ended, places = ranged(base, files)
    assert ended.status == 0, places


# Broken configuration


def test_configuration_that_the_request_breaks_is_not_used(ranged: Ranged, key: Key) -> None:
    ended, places = ranged(
        {".keysweep.toml": ALLOWLIST},
        {".keysweep.toml": BROKEN, "b": f"'{key(1)}'\n", "c": f"'{key(1)}'\n"},
    )
    assert ended.status == 1
    assert [(place["path"], bool(place["suppressed"])) for place in places] == [
        ("b", True), ("c", False),
    ]  # fmt: skip
    assert "not used: " in ended.err
    assert ":.keysweep.toml: Expected `array`" in ended.err


def test_broken_configuration_of_the_base_is_an_error_that_names_it(
    ranged: Ranged, git: Git, inside: Path
) -> None:
    ended, _ = ranged({".keysweep.toml": BROKEN}, {".keysweep.toml": ALLOWLIST})
    base = git(inside, "rev-parse", "base").strip()
    assert ended.status == 2
    assert f"{base[:12]}:.keysweep.toml: Expected `array`" in ended.err


def test_trusted_head_mends_a_broken_configuration(ranged: Ranged) -> None:
    ended, _ = ranged({".keysweep.toml": BROKEN}, {".keysweep.toml": ALLOWLIST}, "--trust-head")
    assert ended.status == 0


# Named files


def test_named_file_of_the_repository_is_that_of_the_base(ranged: Ranged, key: Key) -> None:
    ended, _ = ranged(
        {"ci/k.toml": "exclude = ['z']\n"},
        {"ci/k.toml": "exclude = ['b']\n", "b": f"'{key(1)}'\n"},
        "--config",
        "ci/k.toml",
    )
    assert ended.status == 1


def test_named_file_that_only_the_request_has_is_refused(ranged: Ranged, key: Key) -> None:
    ended, _ = ranged(
        {"a": "x\n"},
        {"k.toml": "exclude = ['b']\n", "b": f"'{key(1)}'\n"},
        "--config",
        "k.toml",
    )
    assert ended.status == 2
    assert ":k.toml: not there; what a request brings along holds with --trust-head" in ended.err


def test_named_file_from_elsewhere_counts(ranged: Ranged, key: Key, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(ALLOWLIST)
    ended, _ = ranged({"a": "x\n"}, {"b": f"'{key(1)}'\n"}, "--config", str(tmp_path / "own.toml"))
    assert ended.status == 0


@pytest.mark.parametrize(
    ("base", "options"),
    [
        pytest.param({".keysweep.toml": "rules = ['house']\n"}, [], id="configured folder"),
        pytest.param({".keysweep.toml": "rules = ['house/a.toml']\n"}, [], id="configured file"),
        pytest.param({}, ["--rules", "house"], id="named folder"),
    ],
)
def test_rules_are_those_of_the_base(
    ranged: Ranged, base: dict[str, str | None], options: list[str]
) -> None:
    sound = RULE.format(length=12, example="q8v3zk7m1xw5")
    other = RULE.format(length=40, example="q8v3zk7m1x" * 4)
    ended, places = ranged(
        {**base, "house/a.toml": sound},
        {"house/a.toml": other, "b": "house-x7kq93mvb2rt\n"},
        *options,
    )
    assert ended.status == 1, ended.err
    assert [place["path"] for place in places] == ["b"]


def test_rules_outside_of_the_repository_are_refused(ranged: Ranged) -> None:
    ended, _ = ranged({".keysweep.toml": "rules = ['../x.toml']\n"}, {"b": "x\n"})
    assert ended.status == 2
    assert "../x.toml: outside of the repository" in ended.err


def test_configuration_that_is_a_link_is_refused(
    ranged: Ranged, inside: Path, tmp_path: Path
) -> None:
    (tmp_path / "own.toml").write_text(ALLOWLIST)
    (inside / ".keysweep.toml").symlink_to(tmp_path / "own.toml")
    ended, _ = ranged({"a": "x\n"}, {"b": "x\n"})
    assert ended.status == 2
    assert ":.keysweep.toml: not a regular file" in ended.err


@pytest.mark.parametrize("target", ["../fixture.toml", "/dev/null"])
def test_request_cannot_swap_the_named_file_for_a_link(
    keysweep: Run, ranged: Ranged, inside: Path, key: Key, target: str
) -> None:
    base = {"conf/own.toml": "exclude = ['docs/']\n", "fixture.toml": "exclude = ['**']\n"}
    named = ("--config", "conf/own.toml")
    assert ranged(base, {"f.py": f"k = '{key(1)}'\n"}, *named)[0].status == 1
    (inside / "conf" / "own.toml").unlink()
    (inside / "conf" / "own.toml").symlink_to(target)
    assert keysweep("range", "base..main", *named).status == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[[allowlist]]\nregexes = ['((a{5000}){5000}){5000}']\n", id="repeats"),
        pytest.param("a." * 100_000 + "a = 1\n", id="dots"),
        pytest.param("a." * 2000 + "a = 1\n", id="fewer dots"),
        pytest.param('rules = ["a\\u0000b"]\n', id="name with a NUL"),
        pytest.param("x = " + "[" * 5000 + "\n", id="brackets"),
    ],
)
@pytest.mark.parametrize("name", [".keysweep.toml", "pyproject.toml"])
def test_configuration_that_is_too_much_for_a_parser_is_not_used(
    ranged: Ranged, key: Key, name: str, text: str
) -> None:
    head = ""
    if name == "pyproject.toml":
        head, text = "[tool.keysweep]\n", text.replace("[[", "[[tool.keysweep.")
    ended, places = ranged({"a": "nothing\n"}, {name: head + text, "f.py": f"k = '{key(1)}'\n"})
    assert ended.status == 1
    assert "not used" in ended.err
    assert len(places) == 1


def test_what_a_foreign_file_extends_is_that_of_the_base_too(ranged: Ranged, key: Key) -> None:
    base = {
        ".gitleaks.toml": "[extend]\npath = 'more.toml'\n",
        "more.toml": "[[rules]]\nid = 'zeta'\nregex = 'zeta_[a-z0-9]{20}'\n",
    }
    drawn = "".join(chr(97 + int(c, 16)) for c in key(1)[3:23])
    request = {"f.py": f"k = 'zeta_{drawn}'\n", "more.toml": None}
    ended, places = ranged(base, request, "--config", ".gitleaks.toml")
    assert (ended.status, len(places)) == (1, 1), ended.err


def test_rules_of_a_commit_are_not_kept_compiled(
    ranged: Ranged, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYSWEEP_CACHE_DIR", str(tmp_path / "cache"))
    rules = {
        ".keysweep.toml": "rules = ['own.toml']\n",
        "own.toml": RULE.format(length=20, example="0123456789abcdefghij"[::-1]),
    }
    ended, _ = ranged(rules, {"a.py": f"k = '{key(1)}'\n"})
    assert ended.status == 1, ended.err
    assert list((tmp_path / "cache").glob("rules-*")) == []
