"""`keysweep range` on real repositories: what commits add, and whether it is still there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import plumbing

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]
linux = pytest.mark.skipif(sys.platform != "linux", reason="file names of any bytes are Linux's")
memory = pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux alone")
ALLOWED = "  # keysweep:allow made for a test\n"


@pytest.fixture
def inside(repository: Path, git: Git, key: Key, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a repository with a key in `a`, tagged `base`."""
    monkeypatch.chdir(repository)
    git(repository, "checkout", "-qb", "main")
    _commit(git, repository, "one", a=f"k = '{key('old')}'\n")
    git(repository, "tag", "base")
    return repository


def _commit(git: Git, folder: Path, subject: str, **files: str | None) -> str:
    """Commits files with these contents, or without those that are None; gives the id."""
    for name, text in files.items():
        if text is None:
            (folder / name).unlink()
        else:
            (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", subject, "--allow-empty")
    return git(folder, "rev-parse", "HEAD").strip()


@pytest.fixture
def found(keysweep: Run, inside: Path) -> Callable[..., list[tuple[str, str, list[str] | bool]]]:
    """Gives the places found in a range: path, subject, and where it still is (or whether).

    Checks the exit status, and that nothing was left unseen.
    """

    def call(text: str = "base..main") -> list[tuple[str, str, list[str] | bool]]:
        os.chdir(inside)
        ended = keysweep("range", text, "--format", "jsonl")
        places = _places(ended.out)
        assert ended.status == (1 if places else 0), ended.err
        return [
            (p["path"], p["commit"]["subject"], p["commit"]["head_paths"] or p["commit"]["at_head"])
            for p in places
        ]

    return call


def _places(out: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in out.splitlines()][1:-1]
    return [place for line in lines for place in line["places"] if not place["suppressed"]]


Found = Callable[..., list[tuple[str, str, "list[str] | bool"]]]


# Wrong use


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param([], "Missing argument 'BASE..HEAD'", id="nothing"),
        pytest.param(["main"], "main: not a range; write it as BASE..HEAD", id="one commit"),
        pytest.param([".."], "not a range", id="variables that are not set"),
        pytest.param(["..main"], "not a range", id="a variable that is not set"),
        pytest.param(["none..main"], "none: no commit of that name", id="no such commit"),
        pytest.param(["0" * 40 + "..main"], "no commit of that name", id="null id"),
        pytest.param(["--output=x..main"], "Missing argument", id="option of ours"),
        pytest.param(["--", "--output=x..main"], "--output=x: no commit", id="option of git's"),
        pytest.param(["base..main", "--fail-on", "urgent"], "--fail-on", id="fail-on"),
        pytest.param(["base..main", "main"], "unexpected extra argument", id="two"),
    ],
)
def test_wrong_use_names_what_is_wrong(
    keysweep: Run, inside: Path, arguments: list[str], expected: str
) -> None:
    os.chdir(inside)
    ended = keysweep("range", *arguments)
    assert ended.status == 2
    assert expected in ended.err
    assert ended.out == ""
    assert sorted(path.name for path in inside.iterdir()) == [".git", "a"]


def test_folder_without_a_repository_is_wrong_use(process: Run) -> None:
    ended = process("range", "base..main")
    assert ended.status == 2
    assert "not in a git repository" in ended.err


# Nothing new


def test_range_without_commits(found: Found) -> None:
    assert found("main..main") == found("main..base") == []


def test_key_of_the_base_is_not_new(found: Found, inside: Path, git: Git) -> None:
    text = (inside / "a").read_text()
    _commit(git, inside, "moved down", a="more\n" + text)
    git(inside, "mv", "a", "b")
    _commit(git, inside, "renamed")
    _commit(git, inside, "indented", b="more\n    " + text)
    _commit(git, inside, "gone", b=None)
    assert found() == []


def test_key_that_the_other_side_added_is_not_this_one_s(
    found: Found, inside: Path, git: Git, key: Key
) -> None:
    git(inside, "checkout", "-qb", "side")
    _commit(git, inside, "side", s="harmless")
    git(inside, "checkout", "-q", "main")
    _commit(git, inside, "main", m=key("main"))
    assert found("main..side") == found("main...side") == []


# New


def test_key_added_and_removed_again(found: Found, inside: Path, git: Git, key: Key) -> None:
    _commit(git, inside, "in", b=key("gone"))
    _commit(git, inside, "out", b=None)
    assert found() == [("b", "in", False)]


def test_key_that_stays(found: Found, inside: Path, git: Git, key: Key) -> None:
    _commit(git, inside, "in", b=key("new"))
    _commit(git, inside, "changed", b=f"more\n{key('new')}\n")
    assert found() == [("b", "in", ["b"])]


def test_key_that_stays_elsewhere(found: Found, inside: Path, git: Git, key: Key) -> None:
    lines = "".join(f"line {number}\n" for number in range(20))
    _commit(git, inside, "in", b=lines + key("new"))
    git(inside, "mv", "b", "c")
    _commit(git, inside, "moved", c=lines + "more\n" + key("new"))
    assert found() == [("b", "in", ["c"])]
    (inside / "c").rename(inside / "d")
    _commit(git, inside, "copied", e=lines + key("new"))
    assert found() == [("b", "in", ["d", "e"]), ("e", "copied", ["d", "e"])]


def test_first_commit_of_a_key_comes_first(found: Found, inside: Path, git: Git, key: Key) -> None:
    _commit(git, inside, "one", z=key("new"))
    _commit(git, inside, "two", b=key("new"))
    assert [(path, subject) for path, subject, _ in found()] == [("z", "one"), ("b", "two")]


def test_key_that_comes_back(found: Found, inside: Path, git: Git, key: Key) -> None:
    text = (inside / "a").read_text()
    _commit(git, inside, "out", a="nothing\n")
    _commit(git, inside, "in again", a=text)
    _commit(git, inside, "out again", a="nothing\n")
    _commit(git, inside, "in once more", a=text)
    assert found() == [("a", "in again", ["a"])]


def test_marker_that_goes_away(found: Found, inside: Path, git: Git, key: Key) -> None:
    _commit(git, inside, "allowed", n=f"k = '{key('fine')}'" + ALLOWED)
    git(inside, "tag", "-f", "base")
    assert found() == []
    _commit(git, inside, "bare", n=f"k = '{key('fine')}'\n")
    assert found() == [("n", "bare", ["n"])]


@pytest.mark.parametrize("chosen", ["text", "json", "jsonl", "sarif"])
def test_keys_in_messages_headers_and_names_are_found_and_not_shown(
    keysweep: Run, inside: Path, git: Git, key: Key, chosen: str
) -> None:
    git(inside, "config", "user.name", "Ada")
    os.chdir(inside)
    _commit(git, inside, f"uses {key('message')}", **{f"{key('name')}.txt": "x"})
    git(inside, "commit", "--amend", "-q", "-C", "HEAD", "--author", f"{key('author')} <a@b>")
    ended = keysweep("range", "base..main", "--format", chosen)
    assert ended.status == 1
    for seed in ("message", "name", "author"):
        assert key(seed) not in ended.out
    if chosen == "jsonl":
        assert sorted(p["kind"] for p in _places(ended.out)) == [
            "author", "commit-message", "file-name",
        ]  # fmt: skip
        assert all(p["commit"]["at_head"] for p in _places(ended.out))


def test_file_name_that_is_gone_again(found: Found, inside: Path, git: Git, key: Key) -> None:
    _commit(git, inside, "in", **{key("name"): "x"})
    _commit(git, inside, "out", **{key("name"): None})
    ((_, subject, still),) = found()
    assert (subject, still) == ("in", False)


def test_key_that_only_the_merge_brought(found: Found, inside: Path, git: Git, key: Key) -> None:
    git(inside, "checkout", "-qb", "side")
    _commit(git, inside, "side", s=key("side"))
    git(inside, "checkout", "-q", "main")
    _commit(git, inside, "main", m="main")
    git(inside, "merge", "-q", "--no-commit", "side")
    _commit(git, inside, "merge", n=key("evil"))
    assert found() == [("n", "merge", ["n"]), ("s", "side", ["s"])]
    assert found("side..main") == [("n", "merge", ["n"])]


def test_base_that_shares_nothing(found: Found, inside: Path, git: Git, key: Key) -> None:
    git(inside, "checkout", "-q", "--orphan", "other")
    _commit(git, inside, "root", b=key("new"))
    subjects = {subject for _, subject, _ in found("main..other")}
    assert subjects == {"root"}


@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_bare_repository_of_either_format(
    *, keysweep: Run, git: Git, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    folder = tmp_path / "full"
    git(tmp_path, "init", "-q", f"--object-format={form}", folder)
    _commit(git, folder, "one", a="x")
    _commit(git, folder, "two", b=key("new"), **{".keysweep.toml": "exclude = ['b']\n"})
    git(tmp_path, "clone", "-q", "--bare", folder, tmp_path / "bare")
    monkeypatch.chdir(tmp_path / "bare")
    ended = keysweep("range", "HEAD~1..HEAD")
    assert ended.status == 1
    assert "b\n  1:1  critical" in ended.out


@linux
@pytest.mark.parametrize("name", [b"-rf", b"a\nb", b"not\xffutf", b"\x1b[2J"])
def test_files_of_any_name(found: Found, inside: Path, git: Git, key: Key, name: bytes) -> None:
    _commit(git, inside, "in", **{os.fsdecode(name): key("new")})
    shown = name.decode("utf-8", "replace").replace("�", "%FF")
    assert found() == [(shown, "in", [shown])]


# What was not seen, and what the report says


def test_end_of_a_shallow_clone_ends_with_3(
    keysweep: Run, inside: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        _commit(git, inside, f"more {number}", n=str(number))
    git(tmp_path, "clone", "-q", "--depth=2", inside.as_uri(), tmp_path / "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    assert keysweep("range", "HEAD~1..HEAD").status == 0
    git(tmp_path / "shallow", "checkout", "-q", "--orphan", "other")
    _commit(git, tmp_path / "shallow", "other")
    ended = keysweep("range", "other..main")
    assert ended.status == 3
    assert "shallow clone" in ended.out
    assert keysweep("range", "HEAD~9..HEAD").status == 2


@pytest.mark.parametrize("revision", ["HEAD~1", "HEAD~1^{tree}", "HEAD~1:b"])
def test_missing_object_ends_with_3(keysweep: Run, inside: Path, git: Git, revision: str) -> None:
    _commit(git, inside, "two", b="b")
    _commit(git, inside, "three", c="c")
    name = git(inside, "rev-parse", revision).strip()
    path = inside / ".git" / "objects" / name[:2] / name[2:]
    path.chmod(0o600)
    path.unlink()
    os.chdir(inside)
    ended = keysweep("range", "base..main")
    assert ended.status == 3
    assert "INCOMPLETE" in ended.out


def test_tree_that_is_missing_at_the_end_is_told(
    keysweep: Run, inside: Path, git: Git, key: Key
) -> None:
    _commit(git, inside, f"two {key('message')}", b="b")
    name = git(inside, "rev-parse", "HEAD^{tree}").strip()
    path = inside / ".git" / "objects" / name[:2] / name[2:]
    path.chmod(0o600)
    path.unlink()
    os.chdir(inside)
    ended = keysweep("range", "base..main")
    assert ended.status == 1
    assert "the tree at the end of the range: git ls-tree" in ended.out


def test_text_report_tells_the_commit(keysweep: Run, inside: Path, git: Git, key: Key) -> None:
    commit = _commit(git, inside, "in", b=key("new"))
    _commit(git, inside, "out", b=None)
    os.chdir(inside)
    out = keysweep("range", "base..main").out
    assert f"came in with {commit[:12]}, " in out
    assert "Ada <ada@example.org>\n      in\n      no longer in the current tree\n" in out
    assert "1 finding (1 critical); 3 versions, " in out


def test_nothing_is_written(found: Found, inside: Path, git: Git, key: Key) -> None:
    _commit(git, inside, "in", b=key("new"))

    def listing() -> list[tuple[str, int, int]]:
        files = [path for path in (inside / ".git").rglob("*") if path.is_file()]
        return sorted((str(p), p.stat().st_mtime_ns, p.stat().st_size) for p in files)

    before = listing()
    assert found()
    assert listing() == before


@memory
def test_a_few_folders_that_make_up_very_many_paths_are_told(
    keysweep: Run, inside: Path, git: Git, key: Key
) -> None:
    """Ten thousand million paths; what other commits bring in is found all the same."""
    tree = plumbing.multiplied(inside, f"k = '{key('everywhere')}'\n", 10)
    bomb = plumbing.ask(inside, "commit-tree", "-p", "HEAD", "-m", "x", tree)
    after = plumbing.commit(inside, {"b": f"k = '{key('new')}'\n"}, "base")
    merge = plumbing.ask(
        inside, "commit-tree", "-p", bomb, "-p", after, "-m", "x", f"{after}^{{tree}}"
    )
    ended = keysweep("range", f"base..{merge}", "--format", "jsonl")
    assert ended.status == 1
    assert [place["path"] for place in _places(ended.out)] == ["b"]
    assert f"commit/{bomb}" in ended.out


@pytest.mark.parametrize("digits", [15, 16, 4300, 5000])
def test_a_commit_whose_time_has_no_end_is_looked_at(
    keysweep: Run, inside: Path, git: Git, key: Key, digits: int
) -> None:
    made = plumbing.commit(inside, {"b": f"k = '{key('new')}'\n"}, "base")
    raw = plumbing.ask(inside, "cat-file", "commit", made)
    raw = re.sub(r"(?m)^(author .*> )\d+", rf"\g<1>{'1' * digits}", raw)
    commit = plumbing.ask(
        inside, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=raw.encode()
    )
    ended = keysweep("range", f"base..{commit}", "--format", "jsonl")
    assert ended.status == 1, ended.err
    assert [place["path"] for place in _places(ended.out)] == ["b"]


def test_a_folder_s_name_stands_as_long_as_something_is_in_it(
    keysweep: Run, inside: Path, git: Git, key: Key
) -> None:
    for old, new in ((None, f"{key('folder')}/a"), (f"{key('folder')}/a", f"in/{key('folder')}/b")):
        (inside / new).parent.mkdir(parents=True)
        if old:
            git(inside, "mv", old, new)
        else:
            (inside / new).write_text("x")
            git(inside, "add", ".")
        git(inside, "commit", "-qm", "x")
    ended = keysweep("range", "base..main", "--format", "jsonl")
    for place in _places(ended.out):
        assert place["commit"]["at_head"] is True


_ALLOWED = '[[allowlist]]\nreason = "made up"\n'
EXEMPTIONS = [
    pytest.param({".keysweep.toml": 'exclude = ["vendor/"]\n'}, id="excluded"),
    pytest.param({".keysweep.toml": _ALLOWED + 'paths = ["vendor/"]\n'}, id="allowed"),
    pytest.param({".keysweep.toml": _ALLOWED + "path_regexes = ['^vendor/']\n"}, id="by a regex"),
    pytest.param({".keysweepignore": "path:vendor/** reason: made up\n"}, id="ignored"),
]


def _vendored(inside: Path, git: Git, text: str, own: dict[str, str]) -> None:
    for name, content in own.items():
        (inside / name).write_text(content)
    (inside / "vendor").mkdir()
    (inside / "vendor" / "x").write_text("text\n" * 20 + text)
    _commit(git, inside, "vendor")


@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize("own", EXEMPTIONS)
def test_what_is_moved_out_of_where_it_was_accepted_is_new(
    *, keysweep: Run, inside: Path, git: Git, key: Key, own: dict[str, str], edited: bool
) -> None:
    _vendored(inside, git, f"k = '{key('moved')}'\n", own)
    git(inside, "mv", "vendor/x", "vendor/y")
    assert keysweep("staged").status == 0
    git(inside, "mv", "vendor/y", "x")
    if edited:
        (inside / "x").write_text((inside / "x").read_text() + "more\n")
    git(inside, "add", "x")
    staged = keysweep("staged", "--format", "jsonl")
    assert staged.status == 1, staged.err
    git(inside, "commit", "-qm", "moved")
    ended = keysweep("range", "HEAD~..HEAD", "--format", "jsonl")
    assert ended.status == 1, ended.err
    for told in (staged, ended):
        assert [(place["path"], place["start_line"]) for place in _places(told.out)] == [("x", 21)]
    git(inside, "mv", "x", "y")
    assert keysweep("staged").status == 0


@pytest.mark.parametrize("own", EXEMPTIONS)
def test_what_a_merge_moves_out_of_where_it_was_accepted_is_new(
    keysweep: Run, inside: Path, git: Git, key: Key, own: dict[str, str]
) -> None:
    _vendored(inside, git, f"k = '{key('moved')}'\n", own)
    git(inside, "checkout", "-qb", "side")
    _commit(git, inside, "side", b="b")
    git(inside, "checkout", "-q", "main")
    _commit(git, inside, "main", c="c")
    git(inside, "merge", "-q", "--no-commit", "side")
    git(inside, "mv", "vendor/x", "x")
    staged = keysweep("staged", "--format", "jsonl")
    git(inside, "commit", "-qm", "merge")
    ended = keysweep("range", "HEAD~..HEAD", "--format", "jsonl")
    for told in (staged, ended):
        assert told.status == 1, told.err
        assert [(place["path"], place["start_line"]) for place in _places(told.out)] == [("x", 21)]


def test_what_a_merge_moves_is_compared_with_each_parent(
    found: Callable[..., Any], inside: Path, git: Git, key: Key
) -> None:
    """The path is another in each of three versions, and new is what the merge adds."""
    lines = "".join(f"line {number}\n" for number in range(30))
    _commit(git, inside, "base", b=lines + key("kept") + "\n")
    git(inside, "tag", "-f", "base")
    git(inside, "checkout", "-qb", "side")
    git(inside, "mv", "b", "theirs")
    git(inside, "commit", "-qm", "side")
    git(inside, "checkout", "-q", "main")
    _commit(git, inside, "main", c="c")
    git(inside, "merge", "-q", "--no-commit", "side")
    git(inside, "mv", "theirs", "merged")
    (inside / "merged").write_text(lines + key("kept") + "\n" + key("new") + "\n")
    git(inside, "add", "merged")
    git(inside, "commit", "-qm", "merge")
    assert found() == [("merged", "merge", ["merged"])]


def test_a_file_comes_to_where_a_rule_looks(keysweep: Run, inside: Path, git: Git) -> None:
    _vendored(inside, git, "password: " + "Xk3" + "vQ9mTz\n", {})
    assert keysweep("scan", "vendor").status == 0
    git(inside, "mv", "vendor/x", "x.yml")
    assert keysweep("scan", "x.yml").status == 1
    assert keysweep("staged").status == 1
    git(inside, "commit", "-qm", "moved")
    assert keysweep("range", "HEAD~..HEAD").status == 1


@pytest.mark.parametrize("setting", ["diff.renameLimit=1", "diff.renames=false"])
def test_configuration_does_not_hide_renames(
    found: Callable[..., Any], inside: Path, git: Git, key: Key, setting: str
) -> None:
    git(inside, "config", *setting.split("="))
    lines = [f"{number} line {n}\n" for number in range(6) for n in range(30)]
    names = "bcdefg"
    texts = {
        name: "".join(lines[at * 30 : at * 30 + 30]) + f"{key(name)}\n"
        for at, name in enumerate(names)
    }
    _commit(git, inside, "base", **texts)
    git(inside, "tag", "-f", "base")
    for name in names:
        (inside / name).unlink()
        (inside / name.upper()).write_text(texts[name] + "more\n")
    _commit(git, inside, "moved")
    assert found() == []


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("GIT_DIR", "../other", True),
        ("GIT_DIR", ".git", False),  # as in hooks of work trees
        ("GIT_OBJECT_DIRECTORY", "../other", True),
    ],
)
def test_what_the_environment_says_of_repositories_is_told(
    keysweep: Run, inside: Path, git: Git, key: Key, monkeypatch: pytest.MonkeyPatch,
    variable: str, value: str, told: bool,
) -> None:  # fmt: skip
    _commit(git, inside, "two", b=key("new"))
    monkeypatch.setenv(variable, str(inside / value))
    ended = keysweep("range", "base..main")
    assert ended.status == 1, ended.err
    assert (f"{variable} not heeded" in ended.err) == told


@pytest.mark.skipif(sys.platform == "win32", reason="hooks are shell scripts")
def test_a_push_that_is_being_taken_in_can_be_looked_at(
    inside: Path, git: Git, key: Key, tmp_path: Path
) -> None:
    """By a hook that somebody wrote by hand."""
    bare = tmp_path / "bare.git"
    git(tmp_path, "init", "-q", "--bare", bare)
    git(inside, "push", "-q", bare, "base:refs/heads/main")
    hook = bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    command = f'"{sys.executable}" -m scanner range "$old..$new" --format jsonl --output out.jsonl'
    hook.write_text(f"#!/bin/sh\nread old new ref\nexec {command}\n")
    hook.chmod(0o755)
    _commit(git, inside, "clean", b="b")
    git(inside, "push", "-q", bare, "main")
    _commit(git, inside, "two", b=key("new"))
    with pytest.raises(subprocess.CalledProcessError):
        git(inside, "push", "-q", bare, "main")
    (place,) = _places((bare / "out.jsonl").read_text())
    assert (place["path"], place["commit"]["subject"]) == ("b", "two")


def test_a_key_stands_where_the_commits_change_nothing(
    keysweep: Run, inside: Path, git: Git, key: Key
) -> None:
    """Also for who asks from a folder, and has git show matches in colour."""
    (inside / "deep").mkdir()
    (inside / "deep/er:x").write_text(f"# text\nk = '{key('both')}'\n")
    _commit(git, inside, "base")
    git(inside, "tag", "-f", "base")
    git(inside, "config", "color.ui", "always")
    _commit(git, inside, "added", b=f"k = '{key('both')}'\n", c=f"k = '{key('gone')}'\n")
    _commit(git, inside, "removed", b="", c="")
    os.chdir(inside / "deep")
    ended = keysweep("range", "base..main", "--format", "jsonl")
    heads = {place["path"]: place["commit"]["head_paths"] for place in _places(ended.out)}
    assert heads == {"b": ["deep/er:x"], "c": []}


def test_a_private_key_stands_where_the_commits_change_nothing(
    found: Callable[..., Any], inside: Path, git: Git
) -> None:
    """It has many lines, of which another has the first."""
    lines = [hashlib.sha512(bytes([n])).hexdigest()[:64] for n in range(20)]
    begin, end = (f"-----{word} RSA PRIVATE " + "KEY-----\n" for word in ("BEGIN", "END"))
    block = begin + "\n".join(lines) + "\n" + end
    _commit(git, inside, "base", other=block, begins=begin + "made up\n" + end)
    git(inside, "tag", "-f", "base")
    _commit(git, inside, "added", b=block)
    _commit(git, inside, "removed", b=None)
    assert found() == [("b", "added", ["other"])]


def test_what_cannot_be_looked_through_at_the_end_is_told(
    keysweep: Run, inside: Path, git: Git, key: Key
) -> None:
    _commit(git, inside, "base", other="other")
    git(inside, "tag", "-f", "base")
    _commit(git, inside, "added", b=key("b"))
    _commit(git, inside, "removed", b="")
    plumbing.drop(inside, git(inside, "rev-parse", "HEAD:other").strip())
    ended = keysweep("range", "base..main", "--format", "jsonl")
    assert ended.status == 1
    assert [place["path"] for place in _places(ended.out)] == ["b"]
    (gap,) = json.loads(ended.out.splitlines()[-1])["not_seen"]
    assert gap["what"] == "the tree at the end of the range"
