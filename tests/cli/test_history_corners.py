"""`keysweep history` where git keeps what one would not look for, and where a clock, a ref or a
file is not as it should be."""

from __future__ import annotations

import json
import os
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import plumbing
from tests.history_repository import key

Run = Callable[..., Any]
Git = Callable[..., str]
posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
LOST = "12" * 20


Dated = Callable[..., str]


class Told:
    """A report in JSON Lines: how it ended, the places of each key, what was not seen."""

    def __init__(self, ended: Any) -> None:
        lines = [json.loads(line) for line in ended.out.splitlines()]
        assert lines, ended.err
        self.status = ended.status
        found = [line for line in lines if line.get("secret", "").startswith("be_")]
        self.places = {line["secret"]: line["places"] for line in found}
        self.missing = {gap["what"]: gap["reason"] for gap in lines[-1]["not_seen"]}


History = Callable[..., Told]


@pytest.fixture
def history(keysweep: Run, repository: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    """Runs the command in the repository."""
    monkeypatch.chdir(repository)

    def run(*options: str) -> Told:
        return Told(keysweep("history", ".", "--format", "jsonl", "--show-secrets", *options))

    return run


@pytest.fixture
def dated(repository: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Dated:
    """Commits files at a time; those that are None are taken away."""

    def commit(when: str, **files: str | None) -> str:
        for who in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{who}_DATE", f"{when}T12:00:00 +0000")
        for name, text in files.items():
            if text is None:
                (repository / name).unlink()
            else:
                (repository / name).write_text(text)
        git(repository, "add", "-A")
        git(repository, "commit", "-qm", when, "--allow-empty")
        return git(repository, "rev-parse", "HEAD").strip()

    return commit


def _commits(told: Told, name: str) -> list[str]:
    return [place["commit"]["subject"] for place in told.places[key(name)]]


# -- what narrows a report -----------------------------------------------------------------


def test_a_branch_has_what_another_had_before(
    history: History, dated: Dated, repository: Path, git: Git
) -> None:
    dated("2020-01-01", a="x")
    git(repository, "switch", "-qc", "one")
    dated("2021-01-01", k=key("k"))
    git(repository, "switch", "-qc", "two", "HEAD~")
    dated("2022-01-01", k=key("k"))
    assert _commits(history("--branch", "two"), "k") == ["2022-01-01"]
    assert _commits(history(), "k") == ["2021-01-01"]


def test_what_came_in_again_counts_since_then(history: History, dated: Dated) -> None:
    dated("2020-01-01", k=key("k"))
    dated("2021-01-01", k=None)
    dated("2024-01-01", k=key("k"))
    assert _commits(history("--since", "2023-01-01"), "k") == ["2024-01-01"]
    assert _commits(history(), "k") == ["2020-01-01"]


@pytest.mark.parametrize("since", ["0001-01-01", "1960-01-01", "1969-12-31", "1970-01-02"])
def test_since_a_time_before_there_were_commits(history: History, dated: Dated, since: str) -> None:
    dated("2020-01-01", k=key("k"))
    assert _commits(history("--since", since), "k") == ["2020-01-01"]


def test_a_clock_that_ran_backwards_hides_nothing(history: History, dated: Dated) -> None:
    dated("2019-01-01", a="x")
    dated("2024-06-01", k=key("k"))
    dated("2020-01-01", a="y")
    assert _commits(history("--since", "2023-01-01"), "k") == ["2024-06-01"]
    assert _commits(history("--max-commits", "2"), "k") == ["2024-06-01"]
    assert history("--max-commits", "1").places == {}


def test_narrowed_or_not_it_stands_at_head(
    history: History, dated: Dated, repository: Path, git: Git
) -> None:
    dated("2020-01-01", k=key("k"))
    git(repository, "switch", "-qc", "topic")
    dated("2022-01-01", m=f"hello\n{key('k')}")
    git(repository, "switch", "-q", "-")
    (place,) = history("--since", "2021-01-01").places[key("k")]
    assert (place["path"], place["commit"]["head_paths"]) == ("m", ["k"])


@pytest.mark.parametrize("option", [["--since", "2001-01-01"], ["--max-commits", "5"]])
def test_what_is_there_is_narrowed_where_something_is_missing(
    history: History, dated: Dated, repository: Path, option: list[str]
) -> None:
    dated("2020-01-01", k=key("k"))
    (repository / ".git/refs/heads/lost").write_text(LOST)
    told = history(*option)
    assert _commits(told, "k") == ["2020-01-01"]
    assert f"object {LOST}" in told.missing


# -- where git keeps it --------------------------------------------------------------------


def test_packs_of_any_name_are_read(
    history: History, dated: Dated, repository: Path, git: Git
) -> None:
    dated("2020-01-01", k=key("k"))
    git(repository, "repack", "-adq")
    for path in sorted((repository / ".git/objects/pack").iterdir()):
        path.rename(path.with_name(path.name.replace("pack-", "loose-")))
    told = history()
    assert (told.status, _commits(told, "k"), told.missing) == (1, ["2020-01-01"], {})


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("tagged", [False, True])
def test_trees_that_no_commit_leads_to_are_looked_at(
    *,
    history: History,
    dated: Dated,
    repository: Path,
    git: Git,
    packed: bool,
    tagged: bool,
) -> None:
    dated("2020-01-01", a="x")
    blob, inner = plumbing.blob(repository, "x"), LOST
    below = plumbing.ask(
        repository, "mktree", "--missing",
        stdin=f"100644 blob {blob}\t{key('name')}.txt\n100644 blob {inner}\tz\n".encode(),
    )  # fmt: skip
    tree = plumbing.ask(repository, "mktree", stdin=f"040000 tree {below}\tsub\n".encode())
    if packed:
        pack = str(repository / ".git/objects/pack/pack")
        plumbing.ask(repository, "pack-objects", "-q", pack, stdin=f"{below}\n{tree}\n".encode())
        git(repository, "prune-packed", "-q")
        git(repository, "repack", "-q")
    if tagged:
        (repository / ".git/refs/tags/tree").write_text(f"{tree}\n")
    told = history()
    assert told.status == 1
    assert list(told.places) == [key("name")]
    assert list(told.missing) == [f"object {inner}"]


def test_reflogs_are_read(history: History, dated: Dated, repository: Path, git: Git) -> None:
    dated("2020-01-01", a="x")
    other = repository.parent / "other"
    git(repository, "worktree", "add", "-q", "--detach", other)
    for folder, name in ((repository, "here"), (other, "there")):
        said = f"pull https://u:{key(name)}@example.org/up main: Fast-forward"
        new = git(folder, "commit-tree", "-m", name, "-p", "HEAD", "HEAD^{tree}").strip()
        git(folder, "update-ref", "-m", said, "HEAD", new)
    lines = (repository / ".git/logs/HEAD").read_text().splitlines()
    told = history()
    (number,) = (n for n, line in enumerate(lines, 1) if key("here") in line)
    places = {place["path"]: place for place in told.places[key("here")]}
    place = places[".git/logs/HEAD"]
    assert (place["kind"], place["start_line"]) == ("git-config", number)
    assert place["start_column"] == lines[number - 1].index(key("here")) + 1
    (branch,) = places.keys() - {".git/logs/HEAD"}
    assert branch.startswith(".git/logs/refs/heads/")
    (place,) = told.places[key("there")]
    assert place["path"] == ".git/worktrees/other/logs/HEAD"


def test_refs_of_other_work_trees_are_read(
    keysweep: Run,
    history: History,
    dated: Dated,
    repository: Path,
    git: Git,
) -> None:
    dated("2020-01-01", a="x")
    other = repository.parent / "other"
    git(repository, "worktree", "add", "-q", "--detach", other)
    for folder in (repository, other):
        git(folder, "update-ref", f"refs/worktree/{key(folder.name)}", "HEAD")
        git(folder, "update-ref", f"refs/bisect/{key('b' + folder.name)}", "HEAD")
    from_other = Told(keysweep("history", other, "--format", "jsonl", "--show-secrets"))
    assert len(from_other.places) == 4
    assert history().places.keys() == from_other.places.keys()


@pytest.mark.parametrize("command", ["history", "range", "staged"])
def test_the_path_of_a_submodule_cannot_be_hidden(
    keysweep: Run, dated: Dated, repository: Path, git: Git, command: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    commit = dated("2020-01-01", a="x")
    text = f'[submodule "x"]\n\tpath = {key("path")}\n\tignore = all\n'
    (repository / ".gitmodules").write_text(text)
    git(repository, "config", "submodule.x.ignore", "all")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{commit},{key('path')}")
    options = []
    if command != "staged":
        git(repository, "commit", "-qm", "sub", "--allow-empty")
        git(repository, "repack", "-adq")
    if command == "range":
        options = ["HEAD~..HEAD"]
    monkeypatch.chdir(repository)
    told = Told(keysweep(command, *options, "--format", "jsonl", "--show-secrets"))
    (place,) = told.places[key("path")]
    assert (place["kind"], place["path"]) == ("file-name", key("path"))
    assert (place["commit"] is None) == (command == "staged")


def test_submodules_that_are_no_longer_checked_out_are_told(
    keysweep: Run, history: History, dated: Dated, repository: Path, git: Git
) -> None:
    dated("2020-01-01", a="x")
    sources = [repository.parent / name for name in ("source", "inner")]
    for source in sources:
        git(repository.parent, "clone", "-q", repository, source)
    git(sources[0], "submodule", "--quiet", "add", sources[1], "deep")
    git(sources[0], "commit", "-qm", "deep")
    git(repository, "submodule", "--quiet", "add", sources[0], "sub")
    git(repository, "submodule", "--quiet", "update", "--init", "--recursive")
    git(repository, "commit", "-qm", "sub")
    told = history()
    assert (told.status, told.missing) == (0, {})
    git(repository, "rm", "-q", "-f", "sub")
    told = history()
    assert told.status == 3
    assert list(told.missing) == ["modules/sub", "modules/sub/modules/deep"]
    bare = Told(keysweep("history", repository / ".git", "--format", "jsonl"))
    assert bare.missing.keys() == told.missing.keys()


# -- what is broken ------------------------------------------------------------------------


def test_a_head_that_names_nothing_is_told(
    history: History, dated: Dated, repository: Path
) -> None:
    dated("2020-01-01", a="x")
    (repository / ".git/HEAD").write_text(f"{LOST}\n")
    told = history()
    assert (told.status, list(told.missing)) == (3, [f"object {LOST}"])


def test_submodules_of_a_damaged_index_are_told(
    history: History, dated: Dated, repository: Path
) -> None:
    dated("2020-01-01", a="x")
    (repository / ".git/index").write_bytes(b"XXXX")
    told = history()
    assert (told.status, list(told.missing)) == (3, ["submodules"])


@posix
def test_a_link_in_the_place_of_a_submodule_is_told(
    history: History, dated: Dated, repository: Path, git: Git
) -> None:
    commit = dated("2020-01-01", a="x")
    other = repository.parent / "other"
    git(repository.parent, "clone", "-q", repository, other)
    (other / "k").write_text(key("other"))
    git(other, "add", "k")
    git(other, "commit", "-qm", "other")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    (repository / "sub").symlink_to(other)
    told = history()
    assert (told.status, told.places, list(told.missing)) == (3, {}, ["sub"])


@pytest.mark.parametrize("target", ["branch", "tag"])
def test_what_a_broken_ref_does_to_others(
    history: History, dated: Dated, repository: Path, git: Git, target: str
) -> None:
    """Nothing, neither in the first run nor in those that remember it."""
    dated("2020-01-01", a="x")
    git(repository, "checkout", "-q", "--detach")
    dated("2021-01-01", k=key("k"))
    git(repository, "tag", "-a", "-m", "t", "v1")
    git(repository, "tag", "-a", "-m", "t", "v2", "v1")
    git(repository, "checkout", "-q", "-")
    dated("2022-01-01", a="y")
    if target == "branch":
        (repository / ".git/refs/heads/lost").write_text(LOST)
    else:
        text = f"object {LOST}\ntype commit\ntag t\ntagger {plumbing.WHO}\n\nt\n"
        tag = plumbing.ask(
            repository, "hash-object", "-t", "tag", "-w", "--stdin", "--literally",
            stdin=text.encode(),
        )  # fmt: skip
        (repository / ".git/refs/tags/lost").write_text(tag)
    for _ in range(3):
        told = history()
        (place,) = told.places[key("k")]
        assert place["commit"]["reachable"]
        assert place["commit"]["refs"] == ["refs/tags/v1", "refs/tags/v2"]
        assert list(told.missing) == [f"object {LOST}"]


@pytest.mark.parametrize(
    "line", [rb'"\x"', rb'"\N{bad}"', rb'"\u1234"', b"a\0b", b'"', b"", b'""'], ids=repr
)
def test_borrowed_objects_that_are_named_badly(
    history: History, dated: Dated, repository: Path, line: bytes
) -> None:
    dated("2020-01-01", k=key("k"))
    (repository / ".git/objects/info/alternates").write_bytes(line + b"\n")
    assert _commits(history("--allow-incomplete"), "k") == ["2020-01-01"]


def _bad_pack(folder: Path, head: bytes) -> None:
    """A pack whose only object, a blob, begins with some bytes."""
    data = b"PACK" + struct.pack(">II", 2, 1) + head + zlib.compress(b"x")
    pack = folder / ".git/objects/pack" / f"pack-{'0' * 40}.pack"
    pack.parent.mkdir(exist_ok=True)
    pack.write_bytes(data + bytes(20))
    index = b"\xfftOc" + struct.pack(">I", 2) + struct.pack(">I", 1) * 256
    pack.with_suffix(".idx").write_bytes(index + bytes(20 + 4) + struct.pack(">I", 12) + bytes(40))


@pytest.mark.parametrize("length", [8, 9, 10, 400_000])
@pytest.mark.parametrize("kind", [3, 6])
def test_a_number_in_a_pack_that_has_no_end(
    history: History,
    dated: Dated,
    repository: Path,
    kind: int,
    length: int,
) -> None:
    dated("2020-01-01", k=key("k"))
    first = bytes([kind << 4 | (128 if kind == 3 else 1)])
    _bad_pack(repository, first + b"\xff" * length + b"\x01")
    told = history()
    assert (told.status, _commits(told, "k")) == (1, ["2020-01-01"])
    assert told.missing or length == 8  # which says a size that is left out


@posix
@pytest.mark.parametrize(
    "name", ["config.worktree", "worktrees/x/config.worktree", "logs/x", f"pack-{'1' * 40}.pack"]
)
@pytest.mark.parametrize("endless", [False, True])
def test_what_is_no_file_is_not_waited_for(
    *,
    history: History,
    dated: Dated,
    repository: Path,
    name: str,
    endless: bool,
) -> None:
    dated("2020-01-01", k=key("k"))
    in_pack = name.startswith("pack-")
    path = repository / ".git" / (f"objects/pack/{name}" if in_pack else name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if in_pack:
        path.with_suffix(".idx").touch()
    if endless:
        path.symlink_to("/dev/zero")
    else:
        os.mkfifo(path)
    told = history()
    assert (told.status, _commits(told, "k")) == (1, ["2020-01-01"])
    (what,) = told.missing
    assert what.endswith(name)


def test_time_is_kept_while_git_compares(
    history: History, dated: Dated, repository: Path, git: Git
) -> None:
    dated("2020-01-01", a="x")
    tree = plumbing.multiplied(repository, key("everywhere"), 9)
    git(
        repository,
        "update-ref",
        "refs/heads/x",
        git(repository, "commit-tree", "-m", "x", tree).strip(),
    )
    told = history("--timeout", "1", "--no-cache")
    assert told.missing["the rest"].startswith("the time limit")


@posix
@pytest.mark.parametrize("place", ["logs", "logs/refs/heads/away", "worktrees", "worktrees/x"])
def test_links_that_lead_out_are_told(
    history: History, dated: Dated, repository: Path, place: str
) -> None:
    """What they lead to is somebody else's."""
    dated("2020-01-01", a="x")
    other = repository.parent / "other"
    (other / "logs").mkdir(parents=True)
    for name in ("log", "logs/HEAD", "config.worktree"):
        (other / name).write_text(f"{key('other')}\n")
    path = repository / ".git" / place
    if path.exists():
        path.rename(path.with_name("before"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(other / "log" if place.endswith("away") else other)
    told = history()
    assert (told.status, told.places) == (3, {})
    assert told.missing == {f".git/{place}": "a symbolic link that leads out of the repository"}


@posix
def test_links_that_stay_inside_are_read(history: History, dated: Dated, repository: Path) -> None:
    dated("2020-01-01", a="x")
    (repository / ".git/kept").write_text(f"{key('kept')}\n")
    (repository / ".git/logs/link").symlink_to("../kept")
    told = history()
    (place,) = told.places[key("kept")]
    assert (told.missing, place["path"]) == ({}, ".git/logs/link")


@posix
@pytest.mark.parametrize("place", ["logs", "modules", "worktrees/x/modules"])
def test_folders_in_folders_without_end(
    history: History, dated: Dated, repository: Path, place: str
) -> None:
    dated("2020-01-01", k=key("k"))
    path = repository / ".git" / place
    path.mkdir(parents=True, exist_ok=True)
    with plumbing.deep(path, sys.getrecursionlimit() + 100):
        told = history()
    assert (told.status, _commits(told, "k"), told.missing) == (1, ["2020-01-01"], {})


@posix
def test_a_link_to_itself_in_the_place_of_a_submodule(
    history: History, dated: Dated, repository: Path, git: Git
) -> None:
    commit = dated("2020-01-01", a="x")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{commit},sub/deep")
    (repository / "sub").symlink_to("sub")
    told = history()
    assert (told.status, list(told.missing)) == (3, ["sub/deep"])


@posix
def test_modules_that_are_links_are_told(
    history: History, dated: Dated, repository: Path, git: Git
) -> None:
    dated("2020-01-01", a="x")
    git(repository.parent, "clone", "-q", "--bare", repository, repository.parent / "other")
    (repository / ".git/modules").mkdir()
    (repository / ".git/modules/sub").symlink_to(repository.parent / "other")
    told = history()
    assert (told.status, list(told.missing)) == (3, ["modules/sub"])


def test_a_damaged_tag_takes_only_itself(
    history: History, dated: Dated, repository: Path, git: Git
) -> None:
    dated("2020-01-01", a="x")
    git(repository, "checkout", "-q", "--detach")
    dated("2021-01-01", k=key("k"))
    for name in ("a", "b", "c", "d"):
        git(repository, "tag", "-a", "-m", "t", name)
    git(repository, "checkout", "-q", "-")
    damaged = [git(repository, "rev-parse", name).strip() for name in ("b", "d")]
    for id_ in damaged:
        path = repository / ".git/objects" / id_[:2] / id_[2:]
        path.chmod(0o600)
        path.write_bytes(b"damaged")
    told = history()
    (place,) = told.places[key("k")]
    assert place["commit"]["refs"] == ["refs/tags/a", "refs/tags/c"]
    assert set(told.missing) == {f"object {id_}" for id_ in damaged}


def test_a_tree_that_nothing_leads_to_and_is_too_large_is_told(
    keysweep: Run, dated: Dated, repository: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    dated("2020-01-01", a="x")
    blob = plumbing.blob(repository, "x")
    lines = "".join(f"100644 blob {blob}\t{number}\n" for number in range(400))
    tree = plumbing.ask(repository, "mktree", stdin=lines.encode())
    pack = str(repository / ".git/objects/pack/pack")
    plumbing.ask(repository, "pack-objects", "-q", pack, stdin=f"{tree}\n".encode())
    git(repository, "prune-packed", "-q")
    git(repository, "repack", "-q")
    monkeypatch.chdir(repository)
    ended = keysweep("history", ".", "--format", "jsonl", "--max-file-size", "10000")
    skipped = json.loads(ended.out.splitlines()[-1])["skipped"]
    assert [one["what"] for one in skipped] == [f"tree {tree}"]


def test_trees_are_not_counted_but_compared(
    history: History, dated: Dated, repository: Path, git: Git
) -> None:
    """There are as many as commits lead to, but one of these is built into git, and one is
    another."""
    first = dated("2020-01-01", a="x")
    empty = plumbing.ask(repository, "hash-object", "-t", "tree", "--stdin")
    last = git(repository, "commit-tree", "-p", "HEAD", "-m", "x", empty).strip()
    git(repository, "update-ref", "HEAD", last)
    blob = plumbing.blob(repository, "x")
    lines = f"100644 blob {blob}\t{key('name')}\n".encode()
    tree = plumbing.ask(repository, "mktree", stdin=lines)
    here = git(repository, "rev-parse", f"{first}^{{tree}}").strip()
    pack = str(repository / ".git/objects/pack/pack")
    packed = "".join(f"{id_}\n" for id_ in (first, last, here, tree, blob))
    plumbing.ask(repository, "pack-objects", "-q", pack, stdin=packed.encode())
    git(repository, "prune-packed", "-q")
    assert list(history().places) == [key("name")]


def test_what_was_found_before_and_is_damaged_now_is_told(
    history: History, dated: Dated, repository: Path, git: Git
) -> None:
    dated("2020-01-01", k=key("k"))
    assert history().status == 1
    id_ = git(repository, "rev-parse", "HEAD:k").strip()
    path = repository / ".git/objects" / id_[:2] / id_[2:]
    path.chmod(0o600)
    path.write_bytes(b"damaged")
    told = history()
    assert (told.status, list(told.missing)) == (3, [f"blob {id_}"])
