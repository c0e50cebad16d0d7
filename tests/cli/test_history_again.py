"""A second audit: it reads only what is new, and says what a first one would say."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner import audit, history
from scanner.sources import objects
from scanner.sources.pieces import Piece

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plan: object) -> Path:
    """A cache folder of the test's own, with compiled rules only."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("KEYSWEEP_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The ids of the objects that are looked at, in this process."""
    seen: list[bytes] = []
    real = audit.Auditor.look

    def look(self: audit.Auditor, objects: Any) -> audit.Harvest:
        held = list(objects)
        seen.extend(one.id for one in held)
        return real(self, held)

    monkeypatch.setattr(audit.Auditor, "look", look)
    return seen


@pytest.fixture
def source(repository: Path, git: Git, key: Key) -> Path:
    """Five commits, packed; the third has a key."""
    for number in range(5):
        (repository / "a.txt").write_text(f"version {number}\n" + "text\n" * 50)
        if number == 2:
            (repository / "b.txt").write_text(f"k = '{key(1)}'\n")
        git(repository, "add", ".")
        git(repository, "commit", "-qm", f"commit {number}")
    git(repository, "repack", "-adq")
    return repository


def _report(keysweep: Run, source: Path, *options: str, status: int = 1) -> Any:
    ended = keysweep("history", source, "--format", "json", "--jobs", "1", *options)
    assert ended.status == status, ended.err
    report = json.loads(ended.out)
    del report["summary"]["seconds"], report["scan"]["started_at"]
    return report


def _memory(cached: Path) -> Path:
    (found,) = cached.glob("history-*")
    return found


def _told(memory: Path) -> str:
    """What is kept besides ids of objects."""
    content = memory.read_bytes()
    return zlib.decompress(content[8 : 8 + int.from_bytes(content[:8], "big")]).decode()


def test_nothing_new_is_the_same_report_from_the_suspects_alone(
    keysweep: Run, source: Path, cached: Path, looked_at: list[bytes], git: Git
) -> None:
    first = _report(keysweep, source)
    looked_at.clear()
    assert _report(keysweep, source) == first
    assert [id_.hex() for id_ in looked_at] == [git(source, "rev-parse", "HEAD:b.txt").strip()]


def test_a_new_commit_is_all_that_is_read(
    keysweep: Run, source: Path, cached: Path, looked_at: list[bytes], git: Git, key: Key
) -> None:
    _report(keysweep, source)
    (source / "c.txt").write_text(f"k = '{key(2)}'\n")
    (source / "b.txt").rename(source / "moved.txt")
    git(source, "add", ".")
    git(source, "commit", "-qm", "one more")
    looked_at.clear()
    again = _report(keysweep, source)
    assert len(looked_at) == 4  # commit, tree, the new file; and the suspect
    assert again == _report(keysweep, source, "--no-cache")
    assert len(again["findings"]) == 2


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda git, folder: git(folder, "gc", "-q", "--prune=now"), id="gc"),
        pytest.param(lambda git, folder: git(folder, "branch", "other", "HEAD~2"), id="new branch"),
        pytest.param(
            lambda git, folder: git(folder, "reset", "-q", "--hard", "HEAD~4"), id="reset"
        ),
    ],
)
def test_after_a_change_the_report_is_that_of_a_first_audit(
    keysweep: Run, source: Path, cached: Path, git: Git, change: Callable[..., object]
) -> None:
    _report(keysweep, source)
    change(git, source)
    assert _report(keysweep, source) == _report(keysweep, source, "--no-cache")


REPACKED = {
    "all anew": ["repack", "-adfq"],
    "all anew, small packs": ["repack", "-adfq", "--max-pack-size=1m"],
    "gc": ["gc", "-q", "--prune=now"],
    "nothing": ["status"],
}


@pytest.mark.parametrize("how", REPACKED)
@pytest.mark.parametrize("more", [False, True], ids=["nothing new", "a new commit"])
def test_what_is_only_packed_anew_is_not_looked_at(
    keysweep: Run,
    source: Path,
    cached: Path,
    looked_at: list[bytes],
    git: Git,
    key: Key,
    *,
    how: str,
    more: bool,
) -> None:
    (source / "loose.txt").write_text("loose\n")
    git(source, "add", ".")
    git(source, "commit", "-qm", "loose objects")
    _report(keysweep, source)
    if more:
        (source / "c.txt").write_text(f"k = '{key(2)}'\n")
        (source / "a.txt").write_text("version 6\n" + "text\n" * 50)
        git(source, "add", ".")
        git(source, "commit", "-qm", "one more")
    for _ in range(2):
        git(source, *REPACKED[how])
        looked_at.clear()
        again = _report(keysweep, source)
        found = len(again["findings"])
        # The suspects; at first the commit, both files, and the tree if it is loose.
        assert found <= len(looked_at) <= (1 + 4 if more else 1)
        assert again == _report(keysweep, source, "--no-cache")
        more = False if found == 1 else more
        assert found == (2 if more else 1)


def test_ending_an_audit_of_new_packs_loses_nothing(
    keysweep: Run, long_story: Path, cached: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    _report(keysweep, long_story)
    (long_story / "more.txt").write_text("more\n" * 50)
    git(long_story, "add", ".")
    git(long_story, "commit", "-qm", "one more")
    git(long_story, "repack", "-adfq")
    with monkeypatch.context() as patch:
        _end_after(patch, 1)
        _report(keysweep, long_story, status=130)
    for _ in range(2):
        assert _report(keysweep, long_story) == _report(keysweep, long_story, "--no-cache")


def test_what_was_damaged_is_tried_again_after_packing(
    keysweep: Run, source: Path, cached: Path, git: Git
) -> None:
    """A loose object that could not be read may be sound in the pack that it is in now."""
    loose = _spoil_a_loose_object(source)
    assert json.loads(keysweep("history", source, "--format", "json").out)["summary"]["not_seen"]
    loose.unlink()
    git(source, "repack", "-adfq")
    assert _report(keysweep, source) == _report(keysweep, source, "--no-cache")


def _lines(count: int) -> str:
    """Text that git would rather keep as a change of a longer one."""
    chance = random.Random(1)
    return "".join(
        f"{chance.getrandbits(256):064x}"[:60].replace("a", "z") + "\n" for _ in range(count)
    )


@pytest.mark.parametrize("first", [1500, 3000], ids=["the smaller", "the larger"])
def test_a_new_object_may_need_one_that_is_too_large(
    keysweep: Run, repository: Path, cached: Path, git: Git, key: Key, first: int
) -> None:
    """Packed anew, an object can be a change of one that is over the limit."""
    options = ("--max-file-size", "150000")
    other = 4500 - first
    for number, count in enumerate((first, other)):
        secret = f"k = '{key(number)}'\n" if count == 1500 else ""
        (repository / "f").write_text(secret + _lines(count))
        git(repository, "add", ".")
        git(repository, "commit", "-qm", str(count))
        if not number:
            _report(keysweep, repository, *options, status=1 if secret else 0)
    git(repository, "repack", "-adfq")
    for _ in range(2):
        found = _report(keysweep, repository, *options)
        assert found == _report(keysweep, repository, *options, "--no-cache")
        assert len(found["findings"]) == 1


def test_an_object_that_is_packed_and_loose_counts_once(
    keysweep: Run, source: Path, cached: Path, git: Git
) -> None:
    (source / "loose.txt").write_text("loose\n")
    git(source, "add", ".")
    git(source, "commit", "-qm", "loose objects")
    git(source, "repack", "-aq")
    first = _report(keysweep, source)
    assert _report(keysweep, source) == first
    git(source, "prune-packed")
    assert _report(keysweep, source) == first == _report(keysweep, source, "--no-cache")


def test_git_may_pack_anew_meanwhile(
    keysweep: Run, source: Path, cached: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    _report(keysweep, source)
    (source / "more.txt").write_text("more\n")
    git(source, "add", ".")
    git(source, "commit", "-qm", "one more")
    real = history.Trace

    def trace(*arguments: Any) -> Any:
        git(source, "repack", "-adfq")
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(history, "Trace", trace)
        found = _report(keysweep, source)
    assert found == _report(keysweep, source) == _report(keysweep, source, "--no-cache")


def test_commits_are_remembered_where_git_cannot_list_them(
    keysweep: Run, source: Path, cached: Path, git: Git
) -> None:
    _report(keysweep, source)
    tag = f"object {'1' * 40}\ntype commit\ntag t\ntagger A <a@b> 1 +0000\n\nx\n"
    made = subprocess.run(
        ["git", "hash-object", "-t", "tag", "-w", "--stdin", "--literally"],
        cwd=source, input=tag, capture_output=True, check=True, text=True,
    )  # fmt: skip
    (source / ".git" / "refs" / "tags" / "t").write_text(made.stdout)
    again = _report(keysweep, source)
    assert again == _report(keysweep, source, "--no-cache")
    assert [one["commit"]["reachable"] for one in again["findings"]] == [True]


def test_objects_that_have_gone_are_missed(
    keysweep: Run, source: Path, cached: Path, git: Git
) -> None:
    _report(keysweep, source)
    blob = git(source, "rev-parse", "HEAD:a.txt").strip()
    pack = next((source / ".git" / "objects" / "pack").glob("*.pack"))
    content = pack.read_bytes()
    for file in pack.parent.iterdir():
        file.unlink()
    subprocess.run(
        ["git", "unpack-objects", "-q"], cwd=source, input=content, check=True, capture_output=True
    )
    (source / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    report = _report(keysweep, source)
    assert report["summary"]["complete"] is False


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda content: content[: len(content) // 2], id="cut"),
        pytest.param(lambda _: b"no zlib", id="other bytes"),
    ],
)
def test_damaged_memory_is_no_memory(
    keysweep: Run, source: Path, cached: Path, damage: Callable[[bytes], bytes]
) -> None:
    first = _report(keysweep, source)
    kept = _memory(cached)
    kept.write_bytes(damage(kept.read_bytes()))
    assert _report(keysweep, source) == first


def test_other_rules_look_at_everything(
    keysweep: Run, source: Path, cached: Path, looked_at: list[bytes], tmp_path: Path
) -> None:
    _report(keysweep, source)
    (tmp_path / "own.toml").write_text("disable = ['json-web-token']\n")
    looked_at.clear()
    _report(keysweep, source, "--config", str(tmp_path / "own.toml"))
    assert len(looked_at) > 10


def _spoil_a_loose_object(source: Path) -> Path:
    path = source / ".git" / "objects" / "ab" / ("0" * 38)
    path.parent.mkdir()
    path.write_bytes(b"no zlib")
    return path


def _spoil_the_pack(source: Path) -> Path:
    (path,) = (source / ".git" / "objects" / "pack").glob("*.pack")
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0x55
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("spoil", [_spoil_a_loose_object, _spoil_the_pack])
def test_what_could_not_be_read_is_told_and_tried_each_time(
    keysweep: Run,
    source: Path,
    cached: Path,
    looked_at: list[bytes],
    spoil: Callable[[Path], Path],
) -> None:
    (pack,) = (source / ".git" / "objects" / "pack").glob("*.pack")
    sound = pack.read_bytes()
    spoiled = spoil(source)
    ended = [keysweep("history", source, "--format", "json", "--jobs", "1") for _ in range(2)]
    first, second = (json.loads(one.out) for one in ended)
    assert first["summary"]["not_seen"] == second["summary"]["not_seen"] != []
    assert first["findings"] == second["findings"]
    looked_at.clear()
    keysweep("history", source, "--jobs", "1")
    if spoiled != pack:  # what git cannot walk through is read as a whole each time
        assert len(looked_at) < 3
    if spoiled == pack:
        pack.write_bytes(sound)
    else:
        spoiled.unlink()
    whole = _report(keysweep, source)
    assert whole["summary"]["complete"] is True
    assert whole == _report(keysweep, source, "--no-cache")


def test_without_a_cache_nothing_is_kept(keysweep: Run, source: Path, cached: Path) -> None:
    _report(keysweep, source, "--no-cache")
    assert list(cached.glob("history-*")) == []


def test_no_secret_is_kept(keysweep: Run, source: Path, cached: Path, key: Key) -> None:
    _report(keysweep, source)
    text = _told(_memory(cached))
    assert "b.txt" in text
    assert not [at for at in range(36) if key(1)[at : at + 8] in text]


def test_names_that_are_secrets_are_not_kept(
    keysweep: Run, source: Path, cached: Path, git: Git, key: Key
) -> None:
    (source / key(3)).write_text("nothing\n")
    git(source, "add", ".")
    git(source, "commit", "-qm", "odd name")
    first = _report(keysweep, source)
    assert len(first["findings"]) == 2
    assert list(cached.glob("history-*")) == []
    assert _report(keysweep, source) == first


# -- ended before its end ------------------------------------------------------------------


@pytest.fixture
def long_story(repository: Path, git: Git, key: Key, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ten commits in one pack that makes many pieces; keys in the second and the ninth."""
    for number in range(10):
        (repository / f"{number}.txt").write_text(f"version {number}\n" + f"text {number}\n" * 9)
        if number in (1, 8):
            (repository / f"key{number}.txt").write_text(f"k = '{key(number)}'\n")
        git(repository, "add", ".")
        git(repository, "commit", "-qm", f"commit {number}")
    git(repository, "repack", "-adq", "--window=0")
    monkeypatch.setattr("scanner.sources.pieces._PIECE_WEIGHT", 1)  # one tree of deltas is a piece
    return repository


def _end_after(patch: pytest.MonkeyPatch, pieces: int) -> None:
    """Has Ctrl-C come after some pieces."""
    real = audit.Auditor.harvest
    left = iter([True] * pieces)

    def harvest(self: audit.Auditor, piece: Piece) -> audit.Harvest:
        if not next(left, False):
            raise KeyboardInterrupt
        return real(self, piece)

    patch.setattr(audit.Auditor, "harvest", harvest)


@pytest.mark.parametrize("pieces", [0, 1, 7, 15, 21])
def test_what_was_done_before_ctrl_c_is_not_done_again(
    keysweep: Run,
    long_story: Path,
    cached: Path,
    looked_at: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
    pieces: int,
) -> None:
    first = _report(keysweep, long_story, "--no-cache")
    every = len(set(looked_at))
    assert every > 20
    with monkeypatch.context() as patch:
        _end_after(patch, pieces)
        _report(keysweep, long_story, status=130)
    looked_at.clear()
    assert _report(keysweep, long_story) == first
    suspects = 2
    assert every - pieces <= len(looked_at) <= every - pieces + suspects
    looked_at.clear()
    assert _report(keysweep, long_story) == first  # and then all of it is known
    assert len(looked_at) == suspects


def test_several_ends_add_up(
    keysweep: Run, long_story: Path, cached: Path, looked_at: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    first = _report(keysweep, long_story, "--no-cache")
    every = len(set(looked_at))
    for _ in range(4):
        with monkeypatch.context() as patch:
            _end_after(patch, 5)
            _report(keysweep, long_story, status=130)
    looked_at.clear()
    assert _report(keysweep, long_story) == first
    assert len(looked_at) <= every - 20 + 2


def test_no_secret_is_kept_of_a_part(
    keysweep: Run, long_story: Path, cached: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    _end_after(monkeypatch, 20)
    _report(keysweep, long_story, status=130)
    text = _told(_memory(cached))
    assert json.loads(text)["shares"]
    assert not [at for at in range(36) if key(1)[at : at + 8] in text]


def test_what_was_packed_anew_since_is_looked_at_anew(
    keysweep: Run, long_story: Path, cached: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _end_after(patch, 15)
        _report(keysweep, long_story, status=130)
    (long_story / "more.txt").write_text("more\n")
    git(long_story, "add", ".")
    git(long_story, "commit", "-qm", "one more")
    git(long_story, "repack", "-adfq")
    assert _report(keysweep, long_story) == _report(keysweep, long_story, "--no-cache")


def test_an_object_left_to_a_pack_that_is_gone_is_not_lost(
    keysweep: Run, long_story: Path, cached: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two packs with the same object, the first is to look at it; it goes before it could."""
    folder = long_story / ".git" / "objects" / "pack"
    (first,) = folder.glob("*.pack")
    blob = git(long_story, "rev-parse", "HEAD:key8.txt").strip()
    made = subprocess.run(
        ["git", "pack-objects", "-q", folder / "pack"], cwd=long_story, input=f"{blob}\n",
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    stem = made.stdout.strip()
    for file in folder.glob(f"pack-{stem}.*"):
        file.rename(file.with_name(f"pack-{'f' * 40}{file.suffix}"))
    (folder / f"pack-{'f' * 40}.keep").touch()
    real = objects.Store.pieces
    with monkeypatch.context() as patch:
        patch.setattr(objects.Store, "pieces", lambda *a: real(*a)[::-1])  # the second's first
        _end_after(patch, 1)
        _report(keysweep, long_story, status=130)
    git(long_story, "repack", "-adq")
    assert not first.exists()
    for _ in range(2):
        assert _report(keysweep, long_story) == _report(keysweep, long_story, "--no-cache")


def test_loose_objects_that_are_packed_count_once(
    keysweep: Run, source: Path, cached: Path, git: Git, key: Key
) -> None:
    (source / "c.txt").write_text(f"k = '{key(2)}'\n")
    git(source, "add", ".")
    git(source, "commit", "-qm", "one more")
    _report(keysweep, source)
    git(source, "repack", "-dq")
    assert _report(keysweep, source) == _report(keysweep, source, "--no-cache")


def test_the_time_limit_holds_for_what_is_read_again(
    keysweep: Run, source: Path, cached: Path
) -> None:
    _report(keysweep, source)
    late = _report(keysweep, source, "--timeout", "0.000001")
    assert [gap["what"] for gap in late["summary"]["not_seen"]] == ["the rest"]


@pytest.mark.skipif(sys.platform != "linux", reason="processes inherit nothing elsewhere")
def test_what_is_read_again_by_a_process_that_dies_is_told(
    keysweep: Run, source: Path, cached: Path, git: Git, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source / "c.txt").write_text(f"k = '{key(2)}'\n")
    git(source, "add", ".")
    git(source, "commit", "-qm", "one more")
    assert len(_report(keysweep, source)["findings"]) == 2
    monkeypatch.setattr(history, "_TOGETHER", 1)
    real = audit.Auditor.again

    def again(self: audit.Auditor, *given: Any) -> audit.Harvest:
        if git(source, "rev-parse", "HEAD:c.txt").startswith(given[-1][0][0]):
            os._exit(9)
        return real(self, *given)

    monkeypatch.setattr(audit.Auditor, "again", again)
    report = _report(keysweep, source, "--jobs", "2")
    assert len(report["findings"]) == 1
    (gap,) = report["summary"]["not_seen"]
    assert gap == {"what": "1 object", "reason": "a worker process died (out of memory?)"}


def test_what_is_packed_once_more_counts_once(
    keysweep: Run, source: Path, cached: Path, git: Git, looked_at: list[bytes]
) -> None:
    """While it stays where it was, in another pack or loose."""
    (source / "loose.txt").write_text("loose\n")
    git(source, "add", ".")
    git(source, "commit", "-qm", "loose")
    first = _report(keysweep, source)
    (pack,) = (source / ".git/objects/pack").glob("*.pack")
    pack.with_suffix(".keep").touch()
    git(source, "repack", "-aq", "--pack-kept-objects")
    looked_at.clear()
    assert _report(keysweep, source) == first
    assert len(looked_at) == 1  # the suspect
    assert _report(keysweep, source, "--no-cache") == first


def test_another_repository_in_the_same_place(
    keysweep: Run, source: Path, cached: Path, git: Git, key: Key
) -> None:
    git(source, "commit", "-qm", "so that the ids are no multiple of 32 bytes", "--allow-empty")
    _report(keysweep, source)
    shutil.rmtree(source / ".git")
    git(source, "init", "-q", "--object-format=sha256")
    git(source, "add", ".")
    git(source, "commit", "-qm", "anew")
    report = _report(keysweep, source)
    assert report == _report(keysweep, source, "--no-cache")
    assert report["findings"][0]["commit"]["subject"] == "anew"


@pytest.mark.parametrize("gone", [True, False], ids=["missing", "damaged"])
def test_what_was_missing_before_is_traced_when_it_comes(
    *, keysweep: Run, source: Path, cached: Path, git: Git, gone: bool
) -> None:
    (pack,) = (source / ".git/objects/pack").glob("*.pack")
    content = pack.read_bytes()
    for path in pack.parent.iterdir():
        path.unlink()
    subprocess.run(["git", "unpack-objects", "-q"], cwd=source, input=content, check=True)
    id_ = git(source, "rev-parse", "HEAD:b.txt").strip()
    blob = source / ".git/objects" / id_[:2] / id_[2:]
    whole = blob.read_bytes()
    blob.chmod(0o600)
    if gone:
        blob.unlink()
    else:
        blob.write_bytes(b"damaged")
    assert _report(keysweep, source, status=3)["findings"] == []
    blob.write_bytes(whole)
    report = _report(keysweep, source)
    assert report == _report(keysweep, source, "--no-cache")
    assert report["findings"][0]["commit"]["subject"] == "commit 2"


def test_a_commit_that_is_damaged_since(
    keysweep: Run, repository: Path, cached: Path, git: Git, key: Key
) -> None:
    (repository / "k").write_text(key(1))
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "one")
    git(repository, "commit", "-qm", "two", "--allow-empty")
    _report(keysweep, repository)
    id_ = git(repository, "rev-parse", "HEAD~").strip()
    path = repository / ".git/objects" / id_[:2] / id_[2:]
    path.chmod(0o600)
    path.write_bytes(b"damaged")
    (finding,) = _report(keysweep, repository)["findings"]
    assert finding["path"] == "k"
