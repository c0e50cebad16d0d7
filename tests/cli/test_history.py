"""`keysweep history` on real repositories: what it finds, what it says of it, how it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests import plumbing
from tests.history_repository import (
    NAMES,
    OF_A_COMMIT,
    OF_NO_COMMIT,
    Place,
    Storage,
    build,
    key,
)

Run = Callable[..., Any]
Git = Callable[..., str]
Places = Mapping[str, Place]
posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions and scripts are otherwise")
linux = pytest.mark.skipif(sys.platform != "linux", reason="memory is counted otherwise")
JSON_LINES = ("--format", "jsonl")
KEY = key("test_history")
CLEAN, DIRTY = "nothing\n", f"token = '{KEY}'\n"
LIMIT = 120  # seconds that a command may take
PIECE = 10  # characters in a row that may not be seen; a head of 5 and a tail of 2 may


class Report(NamedTuple):
    """A JSON Lines report that shows secrets, and how the command ended."""

    status: int
    scan: dict[str, Any]
    findings: dict[str, dict[str, Any]]  # ByteEngine's, by secret
    summary: dict[str, Any]


def _command(folder: Path, *options: str, limit: int = LIMIT) -> tuple[int, str, str]:
    """Status, standard output and standard error of the command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "scanner", "history", folder, *options],
        cwd=folder.parent,
        capture_output=True,
        check=False,
        timeout=limit,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def _report(folder: Path, *options: str, limit: int = LIMIT) -> Report:
    status, out, err = _command(folder, *JSON_LINES, "--show-secrets", *options, limit=limit)
    assert status in {0, 1, 3}, err
    return _read(status, out)


def _read(status: int, out: str) -> Report:
    scan, *found, summary = (json.loads(line) for line in out.splitlines())
    findings = {f["secret"]: f for f in found if f["rule_id"] == "byteengine-api-key"}
    return Report(status, scan, findings, summary)


def _steady(out: str) -> str:
    """A report without what differs from run to run."""
    return re.sub(r'"(started_at|seconds)": [^,}]+', "", out)


def _untold(summary: dict[str, Any]) -> str:
    """What was not seen, and why, in one text."""
    return "\n".join(f"{gap['what']}: {gap['reason']}" for gap in summary["not_seen"])


def _state(folder: Path) -> dict[str, tuple[int, int, int]]:
    """All files below a folder, with what changes when one is written."""
    paths = (path for path in folder.rglob("*"))
    states = ((path, path.lstat()) for path in paths)
    return {str(p): (s.st_mode, s.st_size, s.st_mtime_ns) for p, s in states}


@pytest.fixture(scope="module")
def source(plan: object, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Places]:
    """The repository with all places, and the places; nobody may change it."""
    folder = tmp_path_factory.mktemp("history") / "repository"
    return folder, {place.name: place for place in build(folder, "sha1", Storage.SEVERAL)}


@pytest.fixture(scope="module")
def places(source: tuple[Path, Places]) -> Places:
    return source[1]


@pytest.fixture(scope="module")
def report(source: tuple[Path, Places]) -> Report:
    """What the command says of all places."""
    return _report(source[0])


@pytest.fixture
def copy(source: tuple[Path, Places], tmp_path: Path) -> Path:
    """A copy of the repository, which a test may change."""
    folder = tmp_path / "copy"
    shutil.copytree(source[0], folder, symlinks=True)
    return folder


# Wrong use: status 2


@pytest.mark.parametrize("name", ["folder", "file", "missing"])
def test_what_is_no_repository_is_told(keysweep: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    ended = keysweep("history", tmp_path / name)
    assert (ended.status, ended.out) == (2, "")
    assert name in ended.err


def test_unknown_branch_is_told(keysweep: Run, repository: Path, git: Git) -> None:
    git(repository, "commit", "-q", "--allow-empty", "-m", "one")
    ended = keysweep("history", repository, "--branch", "no-such-branch")
    assert ended.status == 2
    assert "no-such-branch" in ended.err


def test_date_that_is_none_is_told(keysweep: Run, repository: Path, git: Git) -> None:
    """Git itself takes any word for a date: today's."""
    git(repository, "commit", "-q", "--allow-empty", "-m", "one")
    ended = keysweep("history", repository, "--since", "banana")
    assert ended.status == 2
    assert "banana" in ended.err


def test_repository_of_another_user_is_told_with_the_command_that_helps(
    keysweep: Run, repository: Path
) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can give a folder to another user")
    for path in (repository, repository / ".git"):
        os.chown(path, 12345, 12345)
    ended = keysweep("history", repository)
    assert ended.status == 2
    assert "git config --global --add safe.directory" in ended.err


# Nothing to find: status 0


def _empty(git: Git, folder: Path) -> Path:
    git(folder, "init", "-q", "made")
    return folder / "made"


def _empty_bare(git: Git, folder: Path) -> Path:
    git(folder, "init", "-q", "--bare", "made")
    return folder / "made"


def _two_commits(git: Git, folder: Path, text: str) -> Path:
    """A repository with one text that is there no more, and another that is there now."""
    made = folder / "source"
    git(folder, "init", "-q", "-b", "main", made)
    (made / "old.txt").write_text("".join(f"{n:x} {n**9}\n" for n in range(400)))
    git(made, "add", "old.txt")
    git(made, "commit", "-qm", "one")
    git(made, "rm", "-q", "old.txt")
    (made / "seen.txt").write_text(text)
    git(made, "add", "seen.txt")
    git(made, "commit", "-qm", "two")
    return made


def _detached(git: Git, folder: Path) -> Path:
    made = _two_commits(git, folder, CLEAN)
    git(made, "checkout", "-q", "--detach")
    git(made, "branch", "-qD", "main")
    return made


def _with_stray_files(git: Git, folder: Path) -> Path:
    """What git calls garbage, among the objects."""
    made = _two_commits(git, folder, CLEAN)
    for name in ("ab/tmp_obj_a1b2c3", f"zz/{'q' * 38}", "pack/tmp_pack_a1b2c3"):
        path = made / ".git" / "objects" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("nothing\n")
    return made


def _clone(git: Git, folder: Path, text: str, *options: str) -> Path:
    made = _two_commits(git, folder, text)
    git(made, "config", "uploadpack.allowFilter", "true")
    git(folder, "clone", "-q", *options, made.as_uri(), "clone")
    return folder / "clone"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(_empty, id="no commits"),
        pytest.param(_empty_bare, id="bare without commits"),
        pytest.param(lambda git, folder: _two_commits(git, folder, CLEAN), id="two commits"),
        pytest.param(_detached, id="detached head without branches"),
        pytest.param(lambda git, folder: _clone(git, folder, CLEAN), id="full clone"),
        pytest.param(_with_stray_files, id="stray files"),
    ],
)
def test_clean_repository_is_seen_whole(
    keysweep: Run, git: Git, tmp_path: Path, make: Callable[[Git, Path], Path]
) -> None:
    ended = keysweep("history", make(git, tmp_path), *JSON_LINES)
    assert (ended.status, ended.err) == (0, "")
    assert _read(0, ended.out).summary["complete"] is True


# Not everything is there: status 3


class Broken(NamedTuple):
    """A repository with a gap, and the patterns that what is told of it must match."""

    folder: Path
    told: tuple[str, ...]


Break = Callable[[Git, Path, str], Broken]
MISSING = "missing|not (?:there|found|in)|absent|lacks"
DAMAGED = "corrupt|damaged|broken|invalid|unreadable|cannot be (?:read|unpacked|inflated)"


def _cloned(reason: str, *options: str) -> Break:
    return lambda git, folder, text: Broken(_clone(git, folder, text, *options), (reason,))


def _object(git: Git, repository: Path, name: str) -> tuple[Path, str]:
    """The file of a loose object, made writable, and the object's id."""
    found = git(repository, "rev-parse", name).strip()
    path = repository / ".git" / "objects" / found[:2] / found[2:]
    path.chmod(0o644)
    return path, found[:7]


def _removed(name: str) -> Break:
    """Takes an object away."""

    def make(git: Git, folder: Path, text: str) -> Broken:
        made = _two_commits(git, folder, text)
        path, short = _object(git, made, name)
        path.unlink()
        return Broken(made, (short, MISSING))

    return make


def _spoiled(name: str, spoil: Callable[[bytes], bytes]) -> Break:
    """Changes the file of an object."""

    def make(git: Git, folder: Path, text: str) -> Broken:
        made = _two_commits(git, folder, text)
        path, short = _object(git, made, name)
        path.write_bytes(spoil(path.read_bytes()))
        return Broken(made, (short, DAMAGED))

    return make


def _packed(git: Git, folder: Path, text: str) -> tuple[Path, Path, str, int]:
    """A repository in one pack, the pack, and the id of the old text and the middle of it."""
    made = _two_commits(git, folder, text)
    git(made, "repack", "-adq")
    (pack,) = (made / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    old = git(made, "rev-parse", "HEAD~:old.txt").strip()
    listing = git(made, "verify-pack", "-v", pack.with_suffix(".idx"))
    size, offset = map(int, re.findall(rf"{old} blob +\d+ (\d+) (\d+)", listing)[0])
    return made, pack, old, offset + size // 2


def _spoiled_pack(git: Git, folder: Path, text: str) -> Broken:
    made, pack, old, middle = _packed(git, folder, text)
    content = bytearray(pack.read_bytes())
    content[middle] ^= 0xFF
    pack.write_bytes(content)
    return Broken(made, (old[:7], DAMAGED))


def _broken_ref(git: Git, folder: Path, text: str) -> Broken:
    made = _two_commits(git, folder, text)
    (made / ".git" / "refs" / "heads" / "astray").write_text("1" * 40 + "\n")
    return Broken(made, ("refs/heads/astray|1111111", MISSING + "|" + DAMAGED))


def _empty_submodule(git: Git, folder: Path, text: str) -> Broken:
    made = _two_commits(git, folder, text)
    commit = git(made, "rev-parse", "HEAD").strip()
    (made / ".gitmodules").write_text('[submodule "sub"]\n\tpath = sub\n\turl = ../sub\n')
    git(made, "add", ".gitmodules")
    git(made, "update-index", "--add", "--cacheinfo", f"160000,{commit[::-1]},sub")
    git(made, "commit", "-qm", "three")
    (made / "sub").mkdir()
    return Broken(made, (r"\bsub\b", "submodule"))


def _broken_notes(git: Git, folder: Path, text: str) -> Broken:
    made = _two_commits(git, folder, text)
    (made / ".git" / "refs" / "notes").mkdir()
    (made / ".git" / "refs" / "notes" / "commits").write_text("1" * 40 + "\n")
    return Broken(made, ("refs/notes/commits|1111111", MISSING + "|" + DAMAGED))


def _no_index(git: Git, folder: Path, text: str) -> Broken:
    """A pack that git cannot look into; nothing refers to what is in it."""
    made = _two_commits(git, folder, text)
    lost = git(made, "hash-object", "-w", made / ".git" / "description").strip()
    pack = git(made, "-c", f"alias.p=!echo {lost} | git pack-objects -q .git/objects/pack/pack",
               "p").strip()  # fmt: skip
    _object(git, made, lost)[0].unlink()
    index = made / ".git" / "objects" / "pack" / f"pack-{pack}.idx"
    index.chmod(0o644)
    index.unlink()
    return Broken(made, (pack, "index"))


def _gone_alternate(git: Git, folder: Path, text: str) -> Broken:
    made = _two_commits(git, folder, text)
    alternates = made / ".git" / "objects" / "info" / "alternates"
    alternates.write_text((folder / "no-such-folder").as_posix() + "\n")
    return Broken(made, ("no-such-folder|alternate",))


def _around_submodules(git: Git, folder: Path, text: str) -> Path:
    """A repository with a submodule, `mid`, which has one, `in`, that is not checked out."""
    for name, inner in (("in", None), ("mid", "in")):
        git(folder, "init", "-q", folder / name)
        if inner:
            git(folder / name, "submodule", "add", "-q", folder / inner, inner)
        git(folder / name, "commit", "-q", "--allow-empty", "-m", name)
    made = _two_commits(git, folder, text)
    git(made, "submodule", "add", "-q", folder / "mid", "mid")
    git(made, "commit", "-qm", "three")
    return made


def _empty_inner_submodule(git: Git, folder: Path, text: str) -> Broken:
    return Broken(_around_submodules(git, folder, text), (r"\bmid/in\b", "submodule"))


def _severed_submodule(git: Git, folder: Path, text: str) -> Broken:
    made = _around_submodules(git, folder, text)
    shutil.rmtree(made / ".git" / "modules")
    return Broken(made, (r"\bmid\b",))


def _foreign_inside(git: Git, folder: Path, text: str) -> Broken:
    """A repository with another inside it that belongs to somebody else."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can give a folder to another user")
    made = _two_commits(git, folder, text)
    git(made, "init", "-q", "theirs")
    for path in (made / "theirs", made / "theirs" / ".git"):
        os.chown(path, 12345, 12345)
    return Broken(made, (r"\btheirs\b", "another user"))


PARTIAL = "partial|promis|filter"
every_gap = pytest.mark.parametrize(
    "make",
    [
        pytest.param(_cloned("shallow", "--depth=1"), id="shallow clone"),
        pytest.param(_cloned("shallow", "--depth=1", "--bare"), id="bare shallow clone"),
        pytest.param(_cloned(PARTIAL, "--filter=blob:none"), id="partial clone"),
        pytest.param(_cloned(PARTIAL, "--filter=tree:0"), id="treeless clone"),
        pytest.param(_removed("HEAD~:old.txt"), id="missing blob"),
        pytest.param(_removed("HEAD~^{tree}"), id="missing tree"),
        pytest.param(_removed("HEAD~"), id="missing commit"),
        pytest.param(_spoiled("HEAD~:old.txt", lambda _: b"no zlib"), id="corrupt blob"),
        pytest.param(_spoiled("HEAD~:old.txt", lambda _: b""), id="empty blob file"),
        pytest.param(_spoiled("HEAD~:old.txt", lambda c: c[:-90]), id="truncated blob"),
        pytest.param(_spoiled("HEAD~^{tree}", lambda _: b"no zlib"), id="corrupt tree"),
        pytest.param(_spoiled("HEAD~", lambda _: b"no zlib"), id="corrupt commit"),
        pytest.param(_spoiled_pack, id="corrupt byte in a pack"),
        pytest.param(_broken_ref, id="ref that leads nowhere"),
        pytest.param(_broken_notes, id="notes that lead nowhere"),
        pytest.param(_no_index, id="pack without an index"),
        pytest.param(_gone_alternate, id="alternate that is gone"),
        pytest.param(_empty_submodule, id="empty submodule"),
        pytest.param(_empty_inner_submodule, id="empty submodule of a submodule"),
        pytest.param(_severed_submodule, id="submodule without its repository"),
        pytest.param(_foreign_inside, id="another user's repository inside"),
    ],
)


@every_gap
def test_incomplete_history_ends_with_3_and_names_the_cause(
    keysweep: Run, git: Git, tmp_path: Path, make: Break
) -> None:
    broken = make(git, tmp_path, CLEAN)
    ended = keysweep("history", broken.folder, *JSON_LINES)
    assert ended.status == 3, ended.err
    summary = _read(3, ended.out).summary
    assert summary["complete"] is False
    for pattern in broken.told:
        assert re.search(pattern, _untold(summary), re.IGNORECASE)


@every_gap
def test_what_is_there_is_scanned_in_spite_of_gaps(
    keysweep: Run, git: Git, tmp_path: Path, make: Break
) -> None:
    ended = keysweep("history", make(git, tmp_path, DIRTY).folder, *JSON_LINES, "--show-secrets")
    assert ended.status == 1, ended.err
    report = _read(1, ended.out)
    assert list(report.findings) == [KEY]
    assert report.summary["complete"] is False


@every_gap
def test_what_is_there_is_traced_in_spite_of_gaps(
    keysweep: Run, git: Git, tmp_path: Path, make: Break
) -> None:
    ended = keysweep("history", make(git, tmp_path, DIRTY).folder, *JSON_LINES, "--show-secrets")
    assert ended.status == 1, ended.err
    commit = _read(1, ended.out).findings[KEY]["commit"]
    assert commit, "no commit"
    assert (commit["subject"], commit["reachable"], commit["at_head"]) == ("two", True, True)


@every_gap
def test_incomplete_history_may_be_allowed(
    keysweep: Run, git: Git, tmp_path: Path, make: Break
) -> None:
    ended = keysweep("history", make(git, tmp_path, CLEAN).folder, "--allow-incomplete")
    assert ended.status == 0, ended.err


@pytest.mark.parametrize("suffix", [".pack", ".idx"])
@pytest.mark.parametrize(
    "size", [0, 20, 300, -200, -10], ids=["to nothing", "head", "early", "late", "end"]
)
def test_truncated_pack_is_never_a_pass(
    keysweep: Run, git: Git, tmp_path: Path, suffix: str, size: int
) -> None:
    made, pack, _, _ = _packed(git, tmp_path, CLEAN)
    file = pack.with_suffix(suffix)
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:size])
    ended = keysweep("history", made, *JSON_LINES)
    assert ended.status == 3, ended.err
    assert re.search(f"{DAMAGED}|{MISSING}|cut", _untold(_read(3, ended.out).summary), re.I)


@posix
@pytest.mark.parametrize(
    "what", ["pack", "folder", "loose object", "logs", "logs/refs", "logs/HEAD", "modules"]
)
@pytest.mark.parametrize("mode", [0, 0o400])
def test_what_may_not_be_read_is_told(
    *, process: Run, deprived: list[str], git: Git, tmp_path: Path, what: str, mode: int
) -> None:
    made = _two_commits(git, tmp_path, DIRTY)
    path = _object(git, made, "HEAD~:old.txt")[0]
    if what.startswith("logs"):
        path = made / ".git" / what
    if what == "modules":
        path = made / ".git" / what / "sub" / "objects"
        path.mkdir(parents=True)
    if what == "pack":
        git(made, "repack", "-dq")
        path = next((made / ".git" / "objects" / "pack").glob("*.pack"))
        git(made, "commit", "-q", "--allow-empty", "-m", f"loose {KEY}")
    path = path.parent if what == "folder" else path
    if mode and not path.is_dir():
        mode = 0  # a folder alone can be listed and not be searched
    path.chmod(mode)
    try:
        ended = process("history", made, *JSON_LINES, "--show-secrets", before=deprived)
    finally:
        path.chmod(0o700)
    assert ended.status == 1, ended.err
    report = _read(1, ended.out)
    assert list(report.findings) == [KEY]
    if what != "modules":
        assert "Permission denied" in _untold(report.summary)


@pytest.fixture
def pipe(git: Git, tmp_path: Path) -> Iterator[Path]:
    """A named pipe where an object should be; whoever still waits for it is let go in the end."""
    made = _two_commits(git, tmp_path, DIRTY)
    path = made / ".git" / "objects" / "ab" / ("0" * 38)
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)
    yield path
    os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))


@posix
def test_pipe_among_the_objects_does_not_block(plan: object, tmp_path: Path, pipe: Path) -> None:
    report = _report(tmp_path / "source", limit=20)
    assert list(report.findings) == [KEY]
    assert "ab00000" in _untold(report.summary)


@linux
def test_object_larger_than_it_says_is_not_loaded(git: Git, tmp_path: Path, plan: object) -> None:
    made = _two_commits(git, tmp_path, DIRTY)
    path = made / ".git" / "objects" / "ab" / ("0" * 38)
    path.parent.mkdir(exist_ok=True)
    packer = zlib.compressobj()
    parts = [packer.compress(b"blob 10\0"), *(packer.compress(bytes(1 << 20)) for _ in range(400))]
    path.write_bytes(b"".join(parts) + packer.flush())
    command = [sys.executable, "-P", "-m", "scanner", "history", str(made), "--quiet"]
    # A process is said to have had as much memory as the one that started it: not this one then.
    asked = [sys.executable, "-c", _MEASURED, *command]
    told = subprocess.run(asked, cwd=tmp_path, stdout=subprocess.PIPE, check=True).stdout
    status, most = map(int, told.split()[-2:])
    assert status == 1
    assert most < 250_000  # KB, of the process or its largest worker


@linux
def test_a_few_folders_that_make_up_very_many_paths_do_not_fill_memory(
    git: Git, tmp_path: Path, plan: object
) -> None:
    """Ten thousand million paths of one file, between two ordinary commits."""
    made = _two_commits(git, tmp_path, DIRTY)
    other, first = key("beside"), git(made, "rev-parse", "HEAD").strip()
    kept = plumbing.ask(made, "ls-tree", "HEAD")
    bomb = plumbing.multiplied(made, f"token = '{other}'\n", 10)
    lines = f"{kept}\n040000 tree {bomb}\tzzz\n"
    tree = plumbing.ask(made, "mktree", stdin=lines.encode())
    commit = plumbing.ask(made, "commit-tree", "-p", first, "-m", "x", tree)
    git(made, "update-ref", "HEAD", commit)
    command = [sys.executable, "-P", "-m", "scanner", "history", str(made), "--show-secrets"]
    asked = [sys.executable, "-c", _MEASURED, *command, *JSON_LINES]
    told = subprocess.run(asked, cwd=tmp_path, stdout=subprocess.PIPE, check=True).stdout.decode()
    out, _, measured = told.strip().rpartition("\n")
    status, most = map(int, measured.split())
    report = _read(status, out)
    assert most < 1_200_000  # KB, of the largest process
    assert report.status == 1
    assert set(report.findings) == {KEY, other}
    (place,) = report.findings[other]["places"]
    assert (place["path"].startswith("blob/"), place["commit"]) == (True, None)
    (known,) = report.findings[KEY]["places"]
    assert known["commit"]["head_paths"] == [known["path"]]
    assert f"commit {commit}: at more paths" in _untold(report.summary)
    assert "HEAD: at more paths" in _untold(report.summary)
    assert report.summary["complete"] is False


_MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.parametrize("option", ["--filter=blob:none", "--filter=tree:0"])
def test_nothing_is_fetched(keysweep: Run, git: Git, tmp_path: Path, option: str) -> None:
    clone = _clone(git, tmp_path, CLEAN, option)
    count = git(clone, "count-objects", "-v")
    files = _state(clone / ".git")
    assert keysweep("history", clone).status == 3
    assert git(clone, "count-objects", "-v") == count
    assert _state(clone / ".git") == files


# What a repository cannot make it do


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that leaves a trace beside it when it runs."""
    script = tmp_path / "program"
    script.write_text(f"#!/bin/sh\necho ran >> '{tmp_path / 'trace'}'\n")
    script.chmod(0o755)
    (tmp_path / "hooks").mkdir()
    for hook in ("pre-commit", "post-index-change", "reference-transaction", "post-checkout"):
        (tmp_path / "hooks" / hook).symlink_to(script)
    return script


class Trap(NamedTuple):
    """Settings that name a program, and a git command that runs it."""

    settings: dict[str, str]
    command: tuple[str, ...]


_LAZY = {
    "core.repositoryFormatVersion": "1",
    "extensions.partialClone": "origin",
    "remote.origin.promisor": "true",
    "protocol.allow": "always",
}
_FETCH = ("cat-file", "-p", "HEAD~:old.txt")
_TRAPS = {
    "file system monitor": Trap({"core.fsmonitor": "{program}"}, ("status",)),
    "hooks": Trap({"core.hooksPath": "{hooks}"}, ("checkout", "-q", "-B", "main")),
    "diff program": Trap({"diff.external": "{program}"}, ("diff", "HEAD~")),
    "diff driver": Trap({"diff.x.command": "{program}"}, ("diff", "HEAD~")),
    "text conversion": Trap({"diff.x.textconv": "{program}"}, ("log", "-p")),
    "clean filter": Trap({"filter.x.clean": "{program}"}, ("add", "seen.txt")),
    "filter process": Trap({"filter.x.process": "{program}"}, ("add", "seen.txt")),
    "signature check": Trap({"gpg.program": "{program}"}, ("log", "--show-signature")),
    "ssh": Trap(
        {**_LAZY, "remote.origin.url": "ssh://host.invalid/a", "core.sshCommand": "{program}"},
        _FETCH,
    ),
    "remote helper": Trap({**_LAZY, "remote.origin.url": "ext::{program}"}, _FETCH),
    "upload program": Trap(
        {**_LAZY, "remote.origin.url": "{folder}", "remote.origin.uploadpack": "{program}"}, _FETCH
    ),
    "other repositories' refs": Trap(
        {"core.alternateRefsCommand": "{program}"}, ("rev-list", "--all", "--alternate-refs")
    ),
}


def _prepare(git: Git, folder: Path, trap: Trap) -> Path:
    """A repository that would have a program run, for everything that git can run one for."""
    made = _two_commits(git, folder, CLEAN)
    git(folder, "clone", "-q", made, "other")
    lent = (folder / "other" / ".git" / "objects").as_posix()
    if trap.command is not _FETCH:
        (made / ".git" / "objects" / "info" / "alternates").write_text(f"{lent}\n")
    (made / ".git" / "info" / "attributes").write_text("* diff=x filter=x\n")
    _sign(git, made)
    if trap.command is _FETCH:
        _object(git, made, "HEAD~:old.txt")[0].unlink()
    (made / "seen.txt").write_text("changed since\n")
    names = {"program": folder / "program", "hooks": folder / "hooks", "folder": folder / "other"}
    for name, value in trap.settings.items():
        git(made, "config", name, value.format(**names))
    return made


def _sign(git: Git, made: Path) -> None:
    """Makes the last commit one that git could check the signature of."""
    text = git(made, "cat-file", "commit", "HEAD").replace("\n\n", "\ngpgsig -----BEGIN PGP "
        "SIGNATURE-----\n \n eA==\n -----END PGP SIGNATURE-----\n\n", 1)  # fmt: skip
    file = made.parent / "signed"
    file.write_text(text)
    signed = git(made, "hash-object", "-t", "commit", "-w", file).strip()
    git(made, "update-ref", "refs/heads/main", signed)


@posix
@pytest.mark.parametrize("trap", _TRAPS.values(), ids=_TRAPS)
def test_programs_that_a_repository_names_never_run(
    keysweep: Run, git: Git, tmp_path: Path, program: Path, trap: Trap
) -> None:
    made = _prepare(git, tmp_path, trap)
    trace = tmp_path / "trace"
    trace.unlink(missing_ok=True)
    keysweep("history", made)
    assert not trace.exists()
    command = ["git", *trap.command]
    subprocess.run(command, cwd=made, capture_output=True, check=False, timeout=LIMIT)
    assert trace.exists(), "the trap itself does not work"


def test_nothing_is_written_into_the_repository(copy: Path) -> None:
    before = _state(copy)
    _report(copy)
    assert _state(copy) == before


@pytest.mark.parametrize(
    "variable", ["GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE", "GIT_COMMON_DIR"]
)
def test_variables_of_a_hook_do_not_redirect(
    *, repository: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    plan: object, variable: str,
) -> None:  # fmt: skip
    made = _two_commits(git, tmp_path, DIRTY)
    inside = {"GIT_OBJECT_DIRECTORY": "objects", "GIT_INDEX_FILE": "index"}.get(variable, "")
    monkeypatch.setenv(variable, str(repository / ".git" / inside))
    assert list(_report(made).findings) == [KEY]


@pytest.mark.parametrize("chosen", ["text", "json", "jsonl", "sarif"])
def test_no_part_of_a_secret_is_shown(source: tuple[Path, Places], chosen: str) -> None:
    folder, places = source
    status, out, err = _command(folder, "--format", chosen)
    assert status == 1
    shown = {
        place.name
        for place in places.values()
        if any(place.key[at : at + PIECE] in out + err for at in range(len(place.key) - PIECE + 1))
    }
    assert shown == set()


# What is found, and what is said of it


def test_plan_names_all_places(places: Places) -> None:
    assert sorted(places) == sorted(NAMES)
    assert len(NAMES) == len(set(NAMES))


def test_scan_says_which_repository(source: tuple[Path, Places], report: Report, git: Git) -> None:
    folder = source[0]
    assert report.scan["command"] == "history"
    assert report.scan["repository"] == {
        "root": str(folder),
        "head": git(folder, "rev-parse", "HEAD").strip(),
        "refs": len(git(folder, "for-each-ref").splitlines()),
    }


def test_whole_repository_was_seen(report: Report) -> None:
    assert report.status == 1
    assert report.summary["not_seen"] == []
    assert report.summary["complete"] is True


def test_nothing_else_is_found(report: Report, places: Places) -> None:
    assert set(report.findings) <= {place.key for place in places.values()}


@pytest.mark.parametrize("name", NAMES)
def test_key_is_found(report: Report, places: Places, name: str) -> None:
    assert places[name].key in report.findings


def _standing(report: Report, place: Place) -> list[dict[str, Any]]:
    """The places of a key's finding that are what they should be, in the report's order."""
    finding = report.findings.get(place.key)
    assert finding, "not found"
    names = [path.replace(place.key, finding["redacted"]) for path in place.paths]
    return [
        stand
        for stand in finding["places"]
        if stand["kind"] in place.kinds
        and stand["path"].replace(place.key, finding["redacted"]) in names
    ]


def _carriers(report: Report, place: Place) -> list[tuple[str, str]]:
    return [(stand["kind"], stand["path"]) for stand in report.findings[place.key]["places"]]


@pytest.mark.parametrize("name", NAMES)
def test_place_says_kind_and_path(report: Report, places: Places, name: str) -> None:
    place = places[name]
    assert _standing(report, place), (place.kinds, place.paths, _carriers(report, place))


@pytest.mark.parametrize("name", OF_NO_COMMIT)
def test_what_no_commit_leads_to_has_none(report: Report, places: Places, name: str) -> None:
    assert [stand["commit"] for stand in _standing(report, places[name])] == [None]


def _commit(report: Report, place: Place) -> dict[str, Any]:
    stands = _standing(report, place)
    assert stands, _carriers(report, place)
    assert stands[0]["commit"], "no commit"
    return dict(stands[0]["commit"])


@pytest.mark.parametrize("name", OF_A_COMMIT)
def test_place_says_which_commit_brought_it_in(report: Report, places: Places, name: str) -> None:
    assert _commit(report, places[name])["id"] == places[name].commit


@pytest.mark.parametrize("name", OF_A_COMMIT)
def test_place_says_whether_a_ref_leads_to_it(report: Report, places: Places, name: str) -> None:
    commit = _commit(report, places[name])
    assert commit["reachable"] is places[name].reachable
    assert bool(commit["refs"]) is places[name].reachable


@pytest.mark.parametrize("name", OF_A_COMMIT)
def test_place_says_whether_it_is_at_head(report: Report, places: Places, name: str) -> None:
    assert _commit(report, places[name])["at_head"] is places[name].at_head


def test_renamed_file_is_at_head_by_its_new_name(report: Report, places: Places) -> None:
    commit = _commit(report, places["renamed-file"])
    assert list(commit["head_paths"]) == ["new-name.txt"]


@pytest.mark.parametrize(
    "name",
    ["head-file", "deleted-file", "in-folder", "merge-only", "stash", "name-with-line-break"],
)
def test_place_says_which_blob_and_where_in_it(
    report: Report, places: Places, source: tuple[Path, Places], git: Git, name: str
) -> None:
    place = places[name]
    stand = _standing(report, place)[0]
    blob = git(source[0], "rev-parse", f"{place.commit}:{place.paths[0]}").strip()
    assert stand["blob"] == blob
    position = [stand[part] for part in ("start_line", "start_column", "end_line", "end_column")]
    assert position == [2, 10, 2, 10 + len(place.key)]


def test_commit_says_who_and_when(
    report: Report, places: Places, source: tuple[Path, Places], git: Git
) -> None:
    place = places["head-file"]
    commit = _commit(report, place)
    said = [commit[part] for part in ("author", "email", "date", "subject")]
    form = "--format=%an%n%ae%n%aI%n%s"
    assert said == git(source[0], "log", "-1", form, str(place.commit)).splitlines()


# The same, kept in other ways


@pytest.mark.parametrize(
    ("object_format", "storage"),
    [
        pytest.param("sha1", Storage.LOOSE, id="sha1 loose"),
        pytest.param("sha1", Storage.PACKED, id="sha1 in one pack"),
        pytest.param("sha256", Storage.LOOSE, id="sha256 loose"),
        pytest.param("sha256", Storage.PACKED, id="sha256 in one pack"),
        pytest.param("sha256", Storage.SEVERAL, id="sha256 in several packs"),
    ],
)
def test_everything_is_found_however_it_is_stored(
    plan: object, tmp_path: Path, object_format: str, storage: Storage
) -> None:
    places = build(tmp_path / "repository", object_format, storage)
    report = _report(tmp_path / "repository")
    assert [place.name for place in places if place.key not in report.findings] == []
    wrong = [place.name for place in places if not _standing(report, place)]
    assert wrong == []
    assert report.summary["not_seen"] == []


Variant = Callable[[Git, Path], Path]
_IN_CONFIG = {"remote-url", "push-url", "extra-header"}


def _mirrored(git: Git, folder: Path) -> Path:
    git(folder.parent, "clone", "-q", "--mirror", folder, "mirror")
    return folder.with_name("mirror")


def _quoted(_: Git, folder: Path) -> Path:
    """The path of the other repository written as git writes odd ones."""
    alternates = folder / ".git" / "objects" / "info" / "alternates"
    quoted = alternates.read_text().strip().replace("objects", r"obj\145cts")
    alternates.write_text(f'"{quoted}"\n')
    return folder


def _linked(git: Git, folder: Path) -> Path:
    linked = folder.with_name("linked")
    git(folder, "worktree", "add", "-q", "--detach", linked)
    return linked


def _after(*commands: tuple[str, ...]) -> Variant:
    """What git commands that tidy up have made of the repository."""

    def tidy(git: Git, folder: Path) -> Path:
        for command in commands:
            git(folder, *command)
        return folder

    return tidy


every_variant = pytest.mark.parametrize(
    ("make", "absent"),
    [
        pytest.param(_mirrored, _IN_CONFIG, id="bare clone"),
        pytest.param(_linked, set(), id="linked work tree"),
        pytest.param(lambda _, folder: folder / "folder", set(), id="subfolder"),
        pytest.param(_after(("gc", "-q")), set(), id="after gc"),
        pytest.param(
            _after(("-c", "gc.cruftPacks=true", "gc", "-q")), set(), id="after gc with a cruft pack"
        ),
        pytest.param(_after(("multi-pack-index", "write")), set(), id="index of several packs"),
        pytest.param(
            _after(("-c", "pack.indexVersion=1", "repack", "-adklq")), set(), id="old pack index"
        ),
        pytest.param(_quoted, set(), id="quoted alternate"),
        pytest.param(_after(("checkout", "-q", "--orphan", "new")), set(), id="unborn branch"),
        pytest.param(_after(("reflog", "expire", "--expire=all", "--all")), set(), id="no reflogs"),
    ],
)


@every_variant
def test_everything_is_found_from_wherever_one_looks(
    git: Git, places: Places, copy: Path, make: Variant, absent: set[str]
) -> None:
    report = _report(make(git, copy))
    missing = {name for name, place in places.items() if place.key not in report.findings}
    assert missing == absent
    assert report.summary["not_seen"] == []


def test_configuration_of_a_bare_repository_is_scanned(
    keysweep: Run, git: Git, tmp_path: Path
) -> None:
    folder = _empty_bare(git, tmp_path)
    git(folder, "config", "remote.origin.url", f"https://user:{KEY}@git.example.org/a.git")
    ended = keysweep("history", folder, *JSON_LINES, "--show-secrets")
    assert [f["kind"] for f in _read(1, ended.out).findings.values()] == ["git-config"]


def test_configuration_of_a_linked_work_tree_is_scanned(
    keysweep: Run, git: Git, tmp_path: Path
) -> None:
    made = _two_commits(git, tmp_path, CLEAN)
    git(made, "config", "extensions.worktreeConfig", "true")
    git(made, "worktree", "add", "-q", "--detach", tmp_path / "linked")
    url = f"https://user:{KEY}@git.example.org/a.git"
    git(tmp_path / "linked", "config", "--worktree", "remote.own.url", url)
    for folder in (made, tmp_path / "linked"):
        ended = keysweep("history", folder, *JSON_LINES, "--show-secrets")
        assert [f["kind"] for f in _read(1, ended.out).findings.values()] == ["git-config"]


def test_work_tree_may_be_elsewhere(keysweep: Run, git: Git, tmp_path: Path) -> None:
    made = _two_commits(git, tmp_path, DIRTY)
    (tmp_path / "home").mkdir()
    git(made, "config", "core.worktree", str(tmp_path / "home"))
    ended = keysweep("history", made, *JSON_LINES, "--show-secrets")
    assert ended.status == 1, ended.err
    assert list(_read(1, ended.out).findings) == [KEY]


def test_work_tree_elsewhere_does_not_lead_to_other_repositories(
    keysweep: Run, git: Git, tmp_path: Path
) -> None:
    """A repository from elsewhere must not choose which of the user's folders are read."""
    made = _two_commits(git, tmp_path, CLEAN)
    (tmp_path / "home").mkdir()
    git(tmp_path / "home", "init", "-q")
    _two_commits(git, tmp_path / "home", DIRTY)
    git(made, "config", "core.worktree", str(tmp_path / "home"))
    ended = keysweep("history", made, *JSON_LINES, "--show-secrets")
    assert _read(ended.status, ended.out).findings == {}


WHO = "Ada <ada@example.org>"


@pytest.mark.parametrize(
    "author",
    [
        pytest.param("", id="none"),
        pytest.param("author nobody", id="no address"),
        pytest.param(f"author {WHO} {'9' * 20} +0000", id="date far away"),
        pytest.param(f"author {WHO} {'9' * 5000} +0000", id="date without end"),
        pytest.param(f"author {WHO} 1 +9999", id="no such time zone"),
        pytest.param(f"author {WHO} -5 -0000", id="date before dates"),
        pytest.param("author \xff <\xff> 1 +0000", id="no encoding"),
    ],
)
def test_malformed_commit_is_scanned(keysweep: Run, git: Git, tmp_path: Path, author: str) -> None:
    made = _two_commits(git, tmp_path, CLEAN)
    tree = git(made, "rev-parse", "HEAD^{tree}").strip()
    header = [f"tree {tree}", author, f"committer {WHO} 1700000000 +0000"]
    text = "\n".join(filter(None, header)) + f"\n\n{KEY}\n"
    (tmp_path / "text").write_bytes(text.encode("latin-1"))
    options = ["-t", "commit", "-w", "--literally", str(tmp_path / "text")]
    commit = git(made, "hash-object", *options).strip()
    git(made, "update-ref", "refs/heads/odd", commit)
    ended = keysweep("history", made, *JSON_LINES, "--show-secrets")
    assert ended.status == 1, ended.err
    assert _read(1, ended.out).findings[KEY]["path"] == f"commit/{commit}"


def _tree(git: Git, made: Path, content: bytes) -> None:
    """Commits a folder written by hand."""
    (made.parent / "tree").write_bytes(content)
    options = ["-t", "tree", "-w", "--literally", str(made.parent / "tree")]
    commit = git(made, "commit-tree", "-m", "odd", git(made, "hash-object", *options).strip())
    git(made, "update-ref", "refs/heads/odd", commit.strip())


@pytest.mark.parametrize("mode", ["100664", "100640", "0100644"])
def test_name_of_a_file_of_an_odd_mode_is_scanned(
    keysweep: Run, git: Git, tmp_path: Path, mode: str
) -> None:
    made = _two_commits(git, tmp_path, CLEAN)
    blob = bytes.fromhex(git(made, "rev-parse", "HEAD:seen.txt").strip())
    _tree(git, made, f"{mode} {KEY}.txt\0".encode() + blob)
    ended = keysweep("history", made, *JSON_LINES, "--show-secrets")
    assert [f["kind"] for f in _read(1, ended.out).findings.values()] == ["file-name"]


def test_many_names_are_no_trouble(keysweep: Run, git: Git, tmp_path: Path) -> None:
    """More than fit into the arguments of one command."""
    made = _two_commits(git, tmp_path, CLEAN)
    blob = bytes.fromhex(git(made, "rev-parse", "HEAD:seen.txt").strip())
    names = sorted(f"{key(str(number))}.{'x' * 150}" for number in range(5000))
    _tree(git, made, b"".join(f"100644 {name}\0".encode() + blob for name in names))
    ended = keysweep("history", made, *JSON_LINES, "--show-secrets")
    assert ended.status == 1, ended.err
    assert len(_read(1, ended.out).findings) == len(names)


def test_without_a_repository_that_of_the_current_folder_is_scanned(
    keysweep: Run, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(_two_commits(git, tmp_path, DIRTY))
    ended = keysweep("history", *JSON_LINES)
    assert ended.status == 1
    assert json.loads(ended.out.splitlines()[1])["path"] == "seen.txt"


def test_report_has_the_same_bytes_whatever_the_jobs(source: tuple[Path, Places]) -> None:
    options = ["--format", "json", "--jobs"]
    alone = _command(source[0], *options, "1")
    assert alone[0] == 1
    for jobs in ("0", "2", "5"):
        ended = _command(source[0], *options, jobs)
        assert _steady(ended[1]) == _steady(alone[1])


# Less than everything


@pytest.fixture
def dated(repository: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commits of several years on two branches, each with a key in a file of its own."""
    git(repository, "checkout", "-q", "-b", "main")
    for name, year in (("old", 2019), ("side", 2023), ("new", 2024)):
        for who in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{who}_DATE", f"{year}-01-15T12:00:00 +0000")
        if name == "side":
            git(repository, "checkout", "-q", "-b", "side")
        (repository / f"{name}.txt").write_text(key(name))
        git(repository, "add", f"{name}.txt")
        git(repository, "commit", "-qm", name)
        git(repository, "checkout", "-q", "main")
    loose = repository / "loose.txt"
    loose.write_text(key("loose"))
    git(repository, "hash-object", "-w", "loose.txt")
    loose.unlink()
    return repository


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(["--since", "2030-01-01"], [], id="since the future"),
        pytest.param(["--since", "2024-01-01"], ["new"], id="since a year"),
        pytest.param(["--since", "2020-01-01"], ["new", "side"], id="since another year"),
        pytest.param(["--branch", "main"], ["new", "old"], id="branch"),
        pytest.param(["--branch", "side"], ["old", "side"], id="other branch"),
        pytest.param(["--max-commits", "1"], ["new"], id="one commit"),
        pytest.param(["--max-commits", "2"], ["new", "side"], id="two commits"),
        pytest.param(["--branch", "side", "--max-commits", "1"], ["side"], id="one of a branch"),
        pytest.param(["--branch", "main", "--since", "2020-01-01"], ["new"], id="new of a branch"),
        pytest.param([], ["loose", "new", "old", "side"], id="everything"),
    ],
)
def test_walk_is_narrowed(
    keysweep: Run, dated: Path, options: list[str], expected: list[str]
) -> None:
    ended = keysweep("history", dated, *JSON_LINES, "--show-secrets", *options)
    assert ended.status == (1 if expected else 0), ended.err
    report = _read(ended.status, ended.out)
    assert sorted(report.findings) == sorted(map(key, expected))
    assert report.summary["complete"] is True


def test_branch_is_not_mistaken_for_a_tag_of_its_name(keysweep: Run, git: Git, dated: Path) -> None:
    git(dated, "tag", "side", "main~")
    ended = keysweep("history", dated, *JSON_LINES, "--show-secrets", "--branch", "side")
    assert sorted(_read(ended.status, ended.out).findings) == sorted([key("old"), key("side")])


def test_walk_of_submodules_is_narrowed_too(keysweep: Run, git: Git, tmp_path: Path) -> None:
    (tmp_path / "outer").mkdir()
    inner = _two_commits(git, tmp_path, DIRTY)
    outer = _two_commits(git, tmp_path / "outer", CLEAN)
    git(outer, "submodule", "add", "-q", inner, "sub")
    git(outer, "commit", "-qm", "three")
    assert keysweep("history", outer).status == 1
    assert keysweep("history", outer, "--since", "2100-01-01").status == 0
