"""Git calls: a scanned repository cannot make them run anything, and they list what is there."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from subprocess import PIPE

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import repository as calls
from scanner.catfile import Objects
from scanner.errors import GitError
from scanner.exemptions import Exemptions
from scanner.repository import (
    Listed,
    Repository,
    ask,
    commit_id,
    finish,
    git_folder,
    ids_in,
    is_ignored,
    listed,
    start,
    toplevel,
)
from scanner.sources import commits, index
from tests import plumbing

Git = Callable[..., str]
linux = pytest.mark.skipif(sys.platform != "linux", reason="file names of any bytes are Linux's")


def _paths(folder: Path) -> list[str]:
    return [os.fsdecode(entry.path) for entry in listed(os.fsencode(folder))]


def _top(folder: Path) -> Path | None:
    found = toplevel(os.fsencode(folder))
    return None if found is None else Path(os.fsdecode(found))


def _ask_everything(folder: Path) -> None:
    _top(folder)
    is_ignored(os.fsencode(folder))
    _paths(folder)
    where = Repository(os.fsencode(folder), as_called=True)
    git_folder(where.folder)
    nothing = Exemptions()
    list(index.items(where, nothing, 1000))
    if commit_id("HEAD", where):
        walk = commits.Walk(where, commits.ends("base..HEAD", where), nothing, 1000)
        list(walk.items())
        list(walk.at_head(walk.tree()))


@pytest.fixture
def traced(tmp_path: Path) -> tuple[Path, Path]:
    """A program that leaves a trace when it runs, and the trace."""
    script, trace = tmp_path / "program", tmp_path / "trace"
    script.write_text(f"#!/bin/sh\necho ran >> '{trace}'\ncat\n")
    script.chmod(0o755)
    return script, trace


@pytest.mark.skipif(sys.platform == "win32", reason="the trace is left by a shell script")
@pytest.mark.parametrize(
    ("setting", "command"),
    [
        pytest.param("core.fsmonitor", ["status"], id="file system monitor"),
        pytest.param("core.hooksPath", ["add", "a.txt"], id="hook"),
        pytest.param("diff.external", ["diff"], id="diff program"),
        pytest.param("filter.f.clean", ["add", "a.txt"], id="filter"),
        pytest.param("filter.f.process", ["add", "a.txt"], id="filter process"),
        pytest.param("filter.f.smudge", ["checkout", "-f", "a.txt"], id="filter on the way out"),
        pytest.param("diff.d.textconv", ["diff"], id="conversion to text"),
        pytest.param("diff.d.command", ["diff"], id="diff program of some files"),
        pytest.param("gpg.program", ["log", "--show-signature"], id="signature check"),
        *(
            pytest.param(f"alias.{name}", [], id=f"alias {name}")
            for name in ("ls-files", "diff-index", "diff-tree", "cat-file", "rev-list")
        ),
    ],
)
def test_programs_that_a_repository_names_never_run(
    repository: Path, git: Git, traced: tuple[Path, Path], setting: str, command: list[str]
) -> None:
    script, trace = traced
    (repository / "a.txt").write_text("one")
    git(repository, "add", "a.txt")
    git(repository, "commit", "-qm", "one")
    git(repository, "tag", "base")
    _commit_as_if_signed(git, repository)
    (repository / ".gitattributes").write_text("* filter=f diff=d\n")
    (repository / "a.txt").write_text("two, and longer")
    hooks = script.parent / "hooks"
    hooks.mkdir()
    (hooks / "post-index-change").symlink_to(script)
    value = hooks if setting == "core.hooksPath" else f"!{script}" if "alias" in setting else script
    git(repository, "config", setting, value)
    if command:  # what git itself runs when nobody stops it
        _run_quietly(git, repository, command)
        assert trace.exists()
        trace.unlink()
    _ask_everything(repository)
    assert not trace.exists()


def _commit_as_if_signed(git: Git, folder: Path) -> None:
    """Adds a file and a commit that claims to be signed."""
    (folder / "b.txt").write_text("two")
    git(folder, "add", "b.txt")
    git(folder, "commit", "-qm", "two")
    raw = git(folder, "cat-file", "commit", "HEAD").replace("\n\n", "\n" + _SIGNATURE + "\n\n", 1)
    (folder / ".git" / "signed").write_text(raw)
    name = git(folder, "hash-object", "-t", "commit", "-w", folder / ".git" / "signed").strip()
    git(folder, "reset", "-q", "--soft", name)


_SIGNATURE = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n aGk=\n -----END PGP SIGNATURE-----"


def _run_quietly(git: Git, folder: Path, command: list[str]) -> None:
    """Runs git although the program that it calls does not answer as it should."""
    script = '"$@" >/dev/null 2>&1 || true'
    git(folder, "-c", f"alias.quietly=!sh -c '{script}' sh git", "quietly", *command)


@pytest.mark.parametrize(
    "variable",
    [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
    ],
)
def test_variables_of_a_hook_do_not_redirect(
    repository: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    other = tmp_path / "other"
    git(tmp_path, "init", "-q", other)
    (other / "theirs").touch()
    git(other, "add", ".")
    (repository / "ours").touch()
    value = {"GIT_WORK_TREE": other, "GIT_INDEX_FILE": other / ".git" / "index"}
    monkeypatch.setenv(variable, str(value.get(variable, other / ".git")))
    assert _top(repository) == repository.resolve()
    assert _paths(repository) == ["ours"]


@pytest.mark.skipif(sys.platform == "win32", reason="the trace is left by a shell script")
@pytest.mark.parametrize("variable", ["GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_SSH_COMMAND"])
def test_programs_that_the_environment_names_never_run(
    *, repository: Path, git: Git, traced: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:  # fmt: skip
    script, trace = traced
    (repository / "a.txt").write_text("one")
    git(repository, "add", "a.txt")
    git(repository, "commit", "-qm", "one")
    git(repository, "tag", "base")
    (repository / "a.txt").write_text("two")
    monkeypatch.setenv(variable, str(script))
    _ask_everything(repository)
    assert not trace.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the trace is left by a shell script")
@pytest.mark.parametrize("knows", [True, False], ids=["git of today", "git that knows no limit"])
def test_missing_objects_are_never_fetched(
    *, repository: Path, git: Git, traced: tuple[Path, Path], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, knows: bool,
) -> None:  # fmt: skip
    script, trace = traced
    script.write_text(f"#!/bin/sh\necho ran >> '{trace}'\n")  # and ends, or git would wait for it
    (repository / "a.txt").write_text("one")
    git(repository, "add", "a.txt")
    git(repository, "commit", "-qm", "one")
    git(repository, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    options = ["-q", "--no-checkout", "--filter=blob:none"]
    git(tmp_path, "clone", *options, repository.as_uri(), clone)
    # Nothing but the environment keeps git from this remote: its protocol is allowed.
    git(clone, "config", "remote.origin.url", f"ext::{script}")
    git(clone, "config", "protocol.ext.allow", "always")
    missing = git(clone, "rev-parse", "HEAD:a.txt").strip()
    _run_quietly(git, clone, ["cat-file", "-p", missing])
    assert trace.exists()
    trace.unlink()
    if not knows:
        monkeypatch.delitem(calls._ENVIRONMENT, "GIT_NO_LAZY_FETCH")
    with Objects(Repository(os.fsencode(clone)), 1000) as objects:
        assert not isinstance(objects.read(missing), bytes)
    assert not trace.exists()


def test_variables_of_a_hook_hold_where_they_are_meant_to(
    repository: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    git(tmp_path, "init", "-q", other)
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert _top(repository) == repository.resolve()
    called = toplevel(os.fsencode(repository), as_called=True)
    assert called is not None
    assert Path(os.fsdecode(called)) == other.resolve()


@pytest.mark.parametrize("as_called", [True, False])
def test_settings_in_the_environment_do_not_outrank_ours(
    repository: Path, monkeypatch: pytest.MonkeyPatch, as_called: bool
) -> None:
    for name, value in (
        ("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "core.fsmonitor"),
        ("GIT_CONFIG_VALUE_0", "evil"), ("GIT_CONFIG_PARAMETERS", "'core.fsmonitor'='evil'"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    where = Repository(os.fsencode(repository), as_called)
    assert ask(["config", "core.fsmonitor"], where) == b"false\n"


def test_settings_of_the_user_hold(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").write_text("[user]\nname = me\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "mine"))
    assert ask(["config", "user.name"], Repository(os.fsencode(repository))) == b"me\n"


@pytest.fixture
def foreign(repository: Path) -> Path:
    """A repository that belongs to somebody else."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can give a folder to another user")
    (repository / "sub").mkdir()
    for path in (repository, repository / ".git"):
        os.chown(path, 12345, 12345)
    return repository


@pytest.mark.parametrize("below", ["", "sub"], ids=["root", "folder in it"])
def test_repository_of_another_user_is_told_with_the_command_that_helps(
    foreign: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    with pytest.raises(GitError, match="belongs to another user") as caught:
        _top(foreign / below)
    command = str(caught.value).partition("git config --global --add ")[2]
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    git(tmp_path, "config", "--global", "--add", *command.replace("'", "").split(" ", 1))
    assert _top(foreign / below) == foreign.resolve()


@linux
@pytest.mark.parametrize("name", ["a\x1b[2Jb", "a\nb", "a\x07b"], ids=ascii)
def test_errors_carry_no_control_characters_of_a_folder_s_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with pytest.raises(GitError) as caught:
        _paths(folder)
    assert not any(unicodedata.category(c) == "Cc" for c in str(caught.value))


def test_listing_outside_a_repository_is_an_error_that_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="not a git repository") as caught:
        _paths(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_damaged_index_is_an_error_with_what_git_said(repository: Path) -> None:
    (repository / ".git" / "index").write_bytes(b"no index at all, and longer than a header is")
    with pytest.raises(GitError, match=r"git ls-files in .*index file"):
        _paths(repository)


def test_machine_without_git_is_told(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="git is not installed"):
        _top(repository)


def test_folder_that_is_gone_is_not_blamed_on_a_missing_git(tmp_path: Path) -> None:
    with pytest.raises(GitError) as caught:
        _top(tmp_path / "gone")
    assert "not installed" not in str(caught.value)
    assert str(tmp_path / "gone") in str(caught.value)


def test_git_that_prints_more_than_it_may_is_ended(repository: Path) -> None:
    blob = plumbing.blob(repository, "x" * 100_000)
    for most, too_much in ((100_000, False), (99_999, True), (0, True)):
        process = start(["cat-file", "blob", blob], plumbing.where(repository))
        done = finish(process, most=most)
        assert (done.too_much, bool(done.status)) == (too_much, too_much)
        assert len(done.stdout) == (0 if too_much else 100_000)
        assert ("MB of output" in done.said) == too_much


def test_much_is_written_and_read_at_once(repository: Path) -> None:
    names = b"".join(b"%040x\n" % number for number in range(100_000))
    process = start(["cat-file", "--batch-check"], plumbing.where(repository), stdin=PIPE)
    done = finish(process, names, 1 << 30)
    assert done.status == 0
    assert done.stdout == names.replace(b"\n", b" missing\n")


@linux
@pytest.mark.parametrize("reads", [True, False])
def test_much_is_said_beside(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reads: bool
) -> None:
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    read = "cat >&2" if reads else "exec 0<&-"
    program.write_text(f"#!/bin/sh\n{read}\nhead -c 300000 /dev/zero >&2\necho done\nexit 7\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    process = start(["x"], plumbing.where(repository), stdin=PIPE)
    done = finish(process, b"told" * 100_000, 1 << 30)
    assert (done.status, done.stdout, done.too_much) == (7, b"done\n", False)
    assert done.stderr.startswith(b"told" if reads else b"\0")


def test_failed_question_names_the_command_and_what_git_said(repository: Path) -> None:
    with pytest.raises(GitError, match=r"git cat-file in .*: fatal: ") as caught:
        ask(["cat-file", "-t", "no\x1b[2Jsuch"], Repository(os.fsencode(repository)))
    assert "\x1b" not in str(caught.value)
    assert str(repository) in str(caught.value)


@pytest.mark.parametrize(
    ("revision", "there"),
    [
        pytest.param("none", False, id="no such name"),
        pytest.param("", False, id="nothing"),
        pytest.param("--all", False, id="option"),
        pytest.param("^main", False, id="negated"),
        pytest.param("main main", False, id="two names"),
        pytest.param("main:a", False, id="file"),
        pytest.param("f" * 40, False, id="no such id"),
        pytest.param("main", True, id="branch"),
        pytest.param("noted", True, id="tag"),
        pytest.param("@", True, id="HEAD"),
    ],
)
def test_commit_id(repository: Path, git: Git, revision: str, there: bool) -> None:
    git(repository, "checkout", "-qb", "main")
    (repository / "a").touch()
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "one")
    git(repository, "tag", "-am", "x", "noted")
    expected = git(repository, "rev-parse", "main").strip() if there else None
    assert commit_id(revision, Repository(os.fsencode(repository))) == expected


def test_commit_of_a_repository_without_any(repository: Path) -> None:
    assert commit_id("HEAD", Repository(os.fsencode(repository))) is None


@pytest.mark.parametrize("content", ["x", "a" * 41, "a" * 40 + "\nx\n"])
def test_file_without_ids_is_an_error(repository: Path, content: str) -> None:
    (repository / ".git" / "MERGE_HEAD").write_text(content)
    with pytest.raises(GitError, match="MERGE_HEAD"):
        ids_in("MERGE_HEAD", Repository(os.fsencode(repository)))


def test_ids_in_a_file_of_git_s(repository: Path) -> None:
    (repository / "sub").mkdir()
    where = Repository(os.fsencode(repository / "sub"))
    assert ids_in("MERGE_HEAD", where) == []
    names = ["a" * 40, "b" * 40]
    (repository / ".git" / "MERGE_HEAD").write_text("\n".join(names) + "\n")
    assert ids_in("MERGE_HEAD", where) == names


def test_git_folder(repository: Path, tmp_path: Path, git: Git) -> None:
    assert git_folder(os.fsencode(tmp_path)) is None
    git(tmp_path, "init", "-q", "--bare", "bare")
    for folder, expected in (
        (repository, repository / ".git"), (repository / ".git", repository / ".git"),
        (tmp_path / "bare", tmp_path / "bare"),
    ):  # fmt: skip
        found = git_folder(os.fsencode(folder))
        assert found is not None
        assert Path(os.fsdecode(found)) == expected.resolve()


def test_plain_folder_has_no_top(tmp_path: Path) -> None:
    assert _top(tmp_path) is None
    assert not is_ignored(os.fsencode(tmp_path))


def test_bare_repository_and_git_folder_have_no_top(
    repository: Path, tmp_path: Path, git: Git
) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare")
    assert _top(tmp_path / "bare") is None
    assert _top(tmp_path / "bare" / "objects") is None
    assert _top(repository / ".git") is None


def test_empty_repository_has_a_top_and_no_files(repository: Path) -> None:
    assert _top(repository) == repository.resolve()
    assert _paths(repository) == []


def test_top_is_that_of_the_folder_and_really_where_it_is(repository: Path) -> None:
    inner = repository / "a" / "b"
    inner.mkdir(parents=True)
    link = repository.parent / "link"
    link.symlink_to(repository)
    assert _top(inner) == _top(link / "a") == repository.resolve()


def test_repository_with_sha256_objects_is_listed(tmp_path: Path, git: Git) -> None:
    folder = tmp_path / "new"
    git(tmp_path, "init", "-q", "--object-format=sha256", folder)
    (folder / "tracked").write_text("x")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    (folder / "untracked").touch()
    assert _paths(folder) == ["tracked", "untracked"]


def test_linked_work_tree_is_listed_as_its_own(repository: Path, git: Git, tmp_path: Path) -> None:
    git(repository, "commit", "-qm", "one", "--allow-empty")
    git(repository, "worktree", "add", "-q", tmp_path / "linked")
    (tmp_path / "linked" / "there").touch()
    (repository / "here").touch()
    assert _top(tmp_path / "linked") == (tmp_path / "linked").resolve()
    assert _paths(tmp_path / "linked") == ["there"]
    assert _paths(repository) == ["here"]


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        pytest.param("", False, id="root"),
        pytest.param("src", False, id="folder"),
        pytest.param("src/build", True, id="ignored folder"),
        pytest.param("src/build/deep", True, id="below an ignored folder"),
    ],
)
def test_is_ignored(repository: Path, below: str, expected: bool) -> None:
    (repository / "src" / "build" / "deep").mkdir(parents=True)
    (repository / ".gitignore").write_text("build/\n")
    assert is_ignored(os.fsencode(repository / below)) is expected


@pytest.fixture
def mixed(repository: Path, git: Git) -> Path:
    """A repository with tracked, untracked, ignored, deleted and half-added files."""
    (repository / "src").mkdir()
    for name in ("src/tracked", "kept.log", "deleted", "hidden"):
        (repository / name).write_text(name)
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "one")
    git(repository, "update-index", "--skip-worktree", "hidden")
    (repository / "deleted").unlink()
    (repository / ".gitignore").write_text("*.log\n")
    for name in ("src/untracked", "new.log", "intended", "with space"):
        (repository / name).write_text(name)
    git(repository, "add", "-N", "intended")
    return repository


def test_tracked_and_untracked_files_are_listed_once_and_ignored_ones_not(mixed: Path) -> None:
    assert _paths(mixed) == [
        ".gitignore", "deleted", "hidden", "intended", "kept.log", "src/tracked", "src/untracked",
        "with space",
    ]  # fmt: skip


def test_below_a_folder_paths_are_relative_to_it(mixed: Path) -> None:
    assert _paths(mixed / "src") == ["tracked", "untracked"]


def test_conflicting_files_are_listed_once(repository: Path, git: Git) -> None:
    def commit(text: str) -> None:
        (repository / "a").write_text(text)
        git(repository, "add", "a")
        git(repository, "commit", "-qm", text)

    commit("base")
    git(repository, "checkout", "-qb", "theirs")
    commit("theirs")
    git(repository, "checkout", "-qb", "ours", "HEAD~1")
    commit("ours")
    _run_quietly(git, repository, ["merge", "theirs"])
    assert len(git(repository, "ls-files", "--unmerged").splitlines()) == 3
    assert _paths(repository) == ["a"]


def test_submodules_and_nested_repositories_are_told_apart_from_files(
    repository: Path, git: Git, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    for folder in (library, repository / "nested", repository / "fresh"):
        git(tmp_path, "init", "-q", folder)
    for folder in (library, repository / "nested"):
        git(folder, "commit", "-qm", "one", "--allow-empty")
    (repository / "fresh" / "file").touch()
    (repository / "plain").touch()
    git(repository, "submodule", "--quiet", "add", library, "sub module")
    assert list(listed(os.fsencode(repository))) == [
        Listed(b".gitmodules", False),
        Listed(b"fresh", True),
        Listed(b"nested", True),
        Listed(b"plain", False),
        Listed(b"sub module", True),
    ]


_NAMES = st.binary(min_size=1, max_size=12).filter(
    lambda name: (
        b"/" not in name and b"\0" not in name and name.lower() not in (b".", b"..", b".git")
    )
)


@linux
@settings(max_examples=15)
@given(tracked=st.sets(_NAMES, max_size=4), untracked=st.sets(_NAMES, max_size=4))
def test_files_of_any_name_are_listed_as_they_are_called(
    tmp_path_factory: pytest.TempPathFactory, git: Git, tracked: set[bytes], untracked: set[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    git(folder, "init", "-q")
    for name in tracked:
        (folder / os.fsdecode(name)).touch()
    git(folder, "add", "-f", ".")
    for name in untracked - {b".gitignore", b".gitattributes"}:
        (folder / os.fsdecode(name)).touch()
    expected = sorted(tracked | untracked - {b".gitignore", b".gitattributes"})
    assert [entry.path for entry in listed(os.fsencode(folder))] == expected
