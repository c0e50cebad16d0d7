"""What the commits of a range add, and what of it cannot be told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import UsageError
from scanner.exemptions import Exemptions
from scanner.models import Blob, Commit, Gap, Kind
from scanner.repository import Repository
from scanner.sources.commits import Walk, commit_of, ends

Git = Callable[..., str]
linux = pytest.mark.skipif(sys.platform != "linux", reason="file names of any bytes are Linux's")
BIG = 1 << 20


def _walk(folder: Path, text: str, exclude: tuple[str, ...] = (), most: int = BIG) -> Walk:
    where = Repository(os.fsencode(folder))
    return Walk(where, ends(text, where), Exemptions(exclude), most)


def _items(folder: Path, text: str, **options: object) -> list[Blob | Gap]:
    return list(_walk(folder, text, **options).items())  # type: ignore[arg-type]


def _blobs(folder: Path, text: str, *kinds: Kind) -> list[Blob]:
    """What the range adds of these kinds; there is nothing unread."""
    items = _items(folder, text)
    assert not [item for item in items if isinstance(item, Gap)]
    return [item for item in items if isinstance(item, Blob) and item.kind in kinds]


def _contents(folder: Path, text: str) -> list[tuple[str, str, bytes, tuple[bytes, ...]]]:
    """Subject of the commit, path, content and earlier versions of what the range adds."""
    blobs = _blobs(folder, text, Kind.FILE, Kind.SYMLINK)
    return [(b.commit.subject if b.commit else "", b.path, b.content, b.before) for b in blobs]


def _gaps(folder: Path, text: str, **options: object) -> list[Gap]:
    return [item for item in _items(folder, text, **options) if isinstance(item, Gap)]


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


_LINES = "".join(f"line {number}\n" for number in range(20))


@pytest.fixture(params=["sha1", "sha256"])
def repository(request: pytest.FixtureRequest, git: Git, tmp_path: Path) -> Path:
    """An empty repository of either object format."""
    folder = tmp_path / "repository"
    git(tmp_path, "init", "-q", "-b", "main", f"--object-format={request.param}", folder)
    return folder


@pytest.fixture
def grown(repository: Path, git: Git) -> Path:
    """A repository with a commit of the file `a` that is tagged `base`."""
    _commit(git, repository, "one", a=_LINES)
    git(repository, "tag", "base")
    return repository


# Which range


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "not a range", id="nothing"),
        pytest.param("main", "main: not a range", id="one commit"),
        pytest.param("..", "not a range", id="two variables that are not set"),
        pytest.param("...", "not a range", id="the same with three dots"),
        pytest.param("..main", "not a range", id="a variable that is not set"),
        pytest.param("none..main", "none: no commit of that name", id="no such base"),
        pytest.param("main..none", "none: no commit of that name", id="no such head"),
        pytest.param("main...none", "none: no commit of that name", id="no such end of three"),
        pytest.param("main....main", ".main: no commit of that name", id="four dots"),
        pytest.param("^main..main", "^main: no commit", id="negated"),
        pytest.param("main..main^@", "main^@: no commit", id="several commits"),
        pytest.param("main..main:a", "main:a: no commit", id="a file"),
        pytest.param("main..main^{tree}", "no commit", id="a tree"),
        pytest.param("0" * 40 + "..main", "0000: no commit", id="the null id"),
        pytest.param("main..--all", "--all: no commit", id="an option"),
        pytest.param("--output=x..main", "--output=x: no commit", id="an option that writes"),
        pytest.param("--stdin..main", "--stdin: no commit", id="an option that reads"),
        pytest.param("-n..main", "-n: no commit", id="a short option"),
        pytest.param("main..\x1b[2J", "\\x1b[2J: no commit", id="control characters"),
    ],
)
def test_what_names_no_range_is_told(grown: Path, text: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        _walk(grown, text)
    assert expected in str(caught.value)
    assert not (grown / "x").exists()


@pytest.mark.parametrize(
    "text",
    ["base..main", "base...main", "base..", "base...", "main~1..HEAD", "base..@", "noted..main"],
)
def test_a_range_is_named_in_several_ways(grown: Path, git: Git, text: str) -> None:
    git(grown, "tag", "-am", "x", "noted")
    _commit(git, grown, "two", b="new")
    assert _contents(grown, text) == [("two", "b", b"new", ())]


def test_ids_name_a_range(grown: Path, git: Git) -> None:
    first = git(grown, "rev-parse", "HEAD").strip()
    second = _commit(git, grown, "two", b="new")
    assert [b for _, _, b, _ in _contents(grown, f"{first}..{second[:12]}")] == [b"new"]


def test_range_without_commits_adds_nothing(grown: Path) -> None:
    assert _items(grown, "base..main") == []
    assert _items(grown, "main..base") == []


def test_three_dots_leave_out_what_the_other_side_added(grown: Path, git: Git) -> None:
    git(grown, "checkout", "-qb", "side")
    _commit(git, grown, "side", s="side")
    git(grown, "checkout", "-q", "main")
    _commit(git, grown, "main", m="main")
    assert [subject for subject, *_ in _contents(grown, "main...side")] == ["side"]


def test_range_between_histories_that_share_nothing(grown: Path, git: Git) -> None:
    git(grown, "checkout", "-q", "--orphan", "other")
    _commit(git, grown, "root", a="fresh")
    for text in ("main..other", "main...other"):
        assert _contents(grown, text) == [("root", "a", b"fresh", ())]


# What commits add


def test_each_commit_is_compared_with_its_parent(grown: Path, git: Git) -> None:
    _commit(git, grown, "two", b="b1")
    _commit(git, grown, "three", b="b2", c="c")
    _commit(git, grown, "nothing")
    _commit(git, grown, "four", b=None)
    assert _contents(grown, "base..main") == [
        ("two", "b", b"b1", ()),
        ("three", "b", b"b2", (b"b1",)),
        ("three", "c", b"c", ()),
    ]


def test_first_commit_adds_everything(grown: Path, git: Git) -> None:
    git(grown, "checkout", "-q", "--orphan", "empty")
    git(grown, "rm", "-qrf", ".")
    _commit(git, grown, "empty")
    assert _contents(grown, "empty..base") == [("one", "a", _LINES.encode(), ())]


def test_commit_and_blob_are_told(grown: Path, git: Git) -> None:
    commit = _commit(git, grown, "two\n\nbody", b="new")
    (blob,) = _blobs(grown, "base..main", Kind.FILE)
    date = git(grown, "log", "-1", "--format=%aI").strip()
    assert blob.commit == Commit(commit, "Ada", "ada@example.org", date, "two")
    assert blob.id == git(grown, "rev-parse", "main:b").strip()


def test_messages_headers_and_names_are_scanned(grown: Path, git: Git) -> None:
    commit = _commit(git, grown, "two\n\nbody", b="new")
    kinds = (Kind.COMMIT_MESSAGE, Kind.AUTHOR, Kind.FILE_NAME)
    author, message, name = _blobs(grown, "base..main", *kinds)
    assert (message.path, message.content) == (f"commit/{commit}", b"two\n\nbody\n")
    assert author.path == f"commit/{commit}"
    assert author.content.startswith(b"author Ada <ada@example.org> ")
    assert b"\ncommitter Ada <ada@example.org> " in author.content
    assert b"tree " not in author.content
    assert (name.path, name.content, name.commit) == ("b", b"b", message.commit)


def test_name_is_new_only_where_it_is_added(grown: Path, git: Git) -> None:
    _commit(git, grown, "two", b="b1")
    _commit(git, grown, "three", b="b2")
    _commit(git, grown, "four", b=None)
    _commit(git, grown, "five", b="b2")
    names = _blobs(grown, "base..main", Kind.FILE_NAME)
    assert {(b.path, b.content) for b in names} == {("b", b"b")}


def test_same_content_at_a_path_comes_once(grown: Path, git: Git) -> None:
    for subject in ("two", "four", "six"):
        _commit(git, grown, subject, b="on")
        _commit(git, grown, subject + " back", b=None)
    assert _contents(grown, "base..main") == [("two", "b", b"on", ())]
    _commit(git, grown, "elsewhere", c="on")
    assert [path for _, path, *_ in _contents(grown, "base..main")] == ["b", "c"]


def test_going_back_adds_again_what_was_taken_away(grown: Path, git: Git) -> None:
    _commit(git, grown, "two", a=_LINES + "x\n")
    _commit(git, grown, "three", a="other")
    _commit(git, grown, "four", a=_LINES + "x\n")
    assert [before for _, _, _, before in _contents(grown, "base..main")] == [
        (_LINES.encode(),), (_LINES.encode() + b"x\n",), (b"other",),
    ]  # fmt: skip


def test_renamed_file_is_compared_with_what_it_was(grown: Path, git: Git) -> None:
    git(grown, "mv", "a", "b")
    _commit(git, grown, "moved")
    assert _contents(grown, "base..main") == []
    git(grown, "mv", "b", "c")
    _commit(git, grown, "moved and changed", c=_LINES + "more")
    ((_, path, _, before),) = _contents(grown, "base..main")
    assert (path, before) == ("c", (_LINES.encode(),))


def test_links_and_submodules(grown: Path, git: Git) -> None:
    if sys.platform == "win32":
        pytest.skip("links need rights there")
    (grown / "link").symlink_to("target")
    git(grown, "add", "link")
    commit = git(grown, "rev-parse", "HEAD").strip()
    git(grown, "update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    git(grown, "commit", "-qm", "two")
    (link,) = _blobs(grown, "base..main", Kind.FILE, Kind.SYMLINK)
    assert (link.kind, link.path, link.content) == (Kind.SYMLINK, "link", b"target")
    assert [b.path for b in _blobs(grown, "base..main", Kind.FILE_NAME)] == ["link", "sub"]


@linux
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param(b"-rf", "-rf", id="like an option"),
        pytest.param(b":100644 x", ":100644 x", id="like a record of git's"),
        pytest.param(b"0" * 40, "0" * 40, id="like an id"),
        pytest.param(b"a\nb", "a\nb", id="newline"),
        pytest.param(b"\n", "\n", id="newline alone"),
        pytest.param(b"a\xff\xfeb", "a%FF%FEb", id="not UTF-8"),
    ],
)
def test_files_of_any_name_are_read(grown: Path, git: Git, name: bytes, shown: str) -> None:
    _commit(git, grown, "two", **{os.fsdecode(name): "content"})
    assert _contents(grown, "base..main") == [("two", shown, b"content", ())]


def test_many_commits_are_read_in_their_order(grown: Path, git: Git) -> None:
    stream = "".join(
        f"commit refs/heads/many\ncommitter Ada <a@b> {number} +0000\ndata 1\nx\n"
        + ("from refs/heads/main\n" if number == 0 else "")
        + f"M 644 inline f\ndata {len(str(number))}\n{number}\n\n"
        for number in range(600)
    )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=grown, input=stream.encode(), check=True)
    contents = [content for _, _, content, _ in _contents(grown, "base..many")]
    assert contents == [str(number).encode() for number in range(600)]


# Merges


@pytest.fixture
def forked(grown: Path, git: Git) -> Path:
    """`main` changed the first line of `a`, `side` the last one and added `s`."""
    git(grown, "checkout", "-qb", "side")
    _commit(git, grown, "side", a=_LINES.replace("line 19", "side"), s="side")
    git(grown, "checkout", "-q", "main")
    _commit(git, grown, "main", a=_LINES.replace("line 0\n", "main\n"))
    return grown


def test_merged_branch_is_in_the_range_with_its_commits(forked: Path, git: Git) -> None:
    git(forked, "merge", "-q", "-m", "merge", "side")
    found = {(subject, path) for subject, path, *_ in _contents(forked, "base..main")}
    assert found == {("main", "a"), ("side", "a"), ("side", "s"), ("merge", "a")}
    subjects = [subject for subject, *_ in _contents(forked, "base..main")]
    assert subjects[-1] == "merge"


def test_merge_adds_what_no_parent_has(forked: Path, git: Git) -> None:
    git(forked, "merge", "-q", "--no-commit", "side")
    _commit(git, forked, "merge", n="evil", s="otherwise")
    added = {path: before for s, path, _, before in _contents(forked, "base..main") if s == "merge"}
    main, side = _LINES.replace("line 0\n", "main\n"), _LINES.replace("line 19", "side")
    assert added == {"a": (main.encode(), side.encode()), "n": (), "s": (b"side",)}
    names = _blobs(forked, "base..main", Kind.FILE_NAME)
    assert [(b.path, b.commit.subject) for b in names if b.commit] == [
        ("s", "side"), ("n", "merge"),
    ]  # fmt: skip


def test_merge_of_several_branches(forked: Path, git: Git) -> None:
    git(forked, "checkout", "-qb", "third", "base")
    _commit(git, forked, "third", t="third")
    git(forked, "checkout", "-q", "main")
    git(forked, "merge", "-q", "--no-commit", "side", "third")
    _commit(git, forked, "merge", n="evil")
    found = [(subject, path) for subject, path, *_ in _contents(forked, "base..main")]
    assert set(found) == {
        ("main", "a"), ("side", "a"), ("side", "s"), ("third", "t"), ("merge", "a"), ("merge", "n"),
    }  # fmt: skip


def test_what_the_base_has_already_is_not_in_the_range(forked: Path, git: Git) -> None:
    git(forked, "checkout", "-q", "side")
    git(forked, "merge", "-q", "-m", "merge", "main")
    assert {subject for subject, *_ in _contents(forked, "main..side")} == {"side", "merge"}


# What is left out, what cannot be told


def test_excluded_path_is_told_once(grown: Path, git: Git) -> None:
    for number in range(3):
        _commit(git, grown, "more", b=str(number))
    gaps = _gaps(grown, "base..main", exclude=("b",))
    assert gaps == [Gap(("b", "excluded by configuration"), by_policy=True)]


def test_large_content_is_told(grown: Path, git: Git) -> None:
    commit = _commit(git, grown, "two", b="x" * 1001)
    (gap,) = _gaps(grown, "base..main", most=1000)
    reason = "1001 bytes, over --max-file-size 1000"
    assert gap == Gap((f"b (commit {commit[:12]})", reason), by_policy=True)


def _lose(git: Git, folder: Path, revision: str) -> None:
    name = git(folder, "rev-parse", revision).strip()
    path = folder / ".git" / "objects" / name[:2] / name[2:]
    path.chmod(0o600)
    path.unlink()


@pytest.mark.parametrize(
    ("revision", "expected"),
    [
        pytest.param("main~1:b", {"three"}, id="content"),
        pytest.param("main~1^{tree}", set[str](), id="tree"),
        pytest.param("main~1", set[str](), id="commit"),
        pytest.param("base^{tree}", {"three"}, id="tree of the base"),
    ],
)
def test_missing_object_is_told_and_the_rest_goes_on(
    grown: Path, git: Git, revision: str, expected: set[str]
) -> None:
    _commit(git, grown, "two", b="two")
    _commit(git, grown, "three", c="three")
    _lose(git, grown, revision)
    items = _items(grown, "base..main")
    gaps = [item for item in items if isinstance(item, Gap)]
    assert gaps
    assert not any(gap.by_policy for gap in gaps)
    contents = [b for b in items if isinstance(b, Blob) and b.id]
    assert {b.commit.subject for b in contents if b.commit} == expected


@pytest.fixture
def shallow(repository: Path, git: Git, tmp_path: Path) -> Path:
    """A clone of the last three of five commits."""
    for number in range(5):
        _commit(git, repository, f"commit {number}", f=str(number))
    git(tmp_path, "clone", "-q", "--depth=3", repository.as_uri(), tmp_path / "shallow")
    return tmp_path / "shallow"


def test_shallow_clone_is_whole_above_its_end(shallow: Path) -> None:
    assert [content for _, _, content, _ in _contents(shallow, "HEAD~2..HEAD")] == [b"3", b"4"]


def test_end_of_a_shallow_clone_in_the_range_is_told(shallow: Path, git: Git) -> None:
    git(shallow, "checkout", "-q", "--orphan", "other")
    _commit(git, shallow, "other")
    git(shallow, "checkout", "-q", "main")
    end = git(shallow, "rev-parse", "main~2").strip()
    items = _items(shallow, "other..main")
    (gap,) = [item for item in items if isinstance(item, Gap)]
    assert gap.unseen.what == f"commit/{end}"
    assert "shallow clone" in gap.unseen.reason
    assert not gap.by_policy
    contents = [b.content for b in items if isinstance(b, Blob) and b.id]
    assert contents == [b"3", b"4"]


def test_what_a_shallow_clone_lacks_names_no_range(shallow: Path) -> None:
    with pytest.raises(UsageError, match="HEAD~4: no commit"):
        _items(shallow, "HEAD~4..HEAD")


def test_clone_without_contents_tells_each_and_fetches_none(
    repository: Path, git: Git, tmp_path: Path
) -> None:
    _commit(git, repository, "one", a=_LINES)
    git(repository, "mv", "a", "b")
    _commit(git, repository, "two", b=_LINES + "x")
    git(repository, "config", "uploadpack.allowFilter", "true")
    url, clone = repository.as_uri(), tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", url, clone)
    objects = sorted((clone / ".git" / "objects").rglob("*"))
    gaps = _gaps(clone, "HEAD~1..HEAD")
    assert [gap.unseen.what.partition(" ")[0] for gap in gaps] == ["b"]
    assert not gaps[0].by_policy
    assert sorted((clone / ".git" / "objects").rglob("*")) == objects


def test_replaced_and_grafted_commits_are_seen_as_they_are(grown: Path, git: Git) -> None:
    hidden = _commit(git, grown, "two", b="new")
    _commit(git, grown, "three", b=None)
    git(grown, "replace", hidden, "base")
    base, head = (git(grown, "rev-parse", name).strip() for name in ("base", "main"))
    (grown / ".git" / "info").mkdir(exist_ok=True)
    (grown / ".git" / "info" / "grafts").write_text(f"{head} {base}\n")
    assert _contents(grown, "base..main") == [("two", "b", b"new", ())]


# What a commit says of itself


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        pytest.param(b"", ("", "", ""), id="nothing"),
        pytest.param(b"Ada", ("", "", ""), id="no address"),
        pytest.param(b"Ada <a@b>", ("", "", ""), id="no date"),
        pytest.param(
            b"Ada <a@b> 99999999999999999999 +0000", ("Ada", "a@b", ""), id="no such time"
        ),
        pytest.param(b"Ada <a@b> 0 +9999", ("Ada", "a@b", ""), id="no such zone"),
        pytest.param(b"<> 0 +0000", ("", "", "1970-01-01T00:00:00+00:00"), id="nobody"),
        pytest.param(
            b"Ada L <a@b> 1700000000 -0330",
            ("Ada L", "a@b", "2023-11-14T18:43:20-03:30"),
            id="date",
        ),
        pytest.param(
            "Ädä <ä@b> 0 +0100".encode(), ("Ädä", "ä@b", "1970-01-01T01:00:00+01:00"), id="UTF-8"
        ),
        pytest.param(
            "Ädä <a@b> 0 +0000".encode("latin-1"),
            ("Ädä", "a@b", "1970-01-01T00:00:00+00:00"),
            id="Latin-1",
        ),
    ],
)
def test_author_and_date(author: bytes, expected: tuple[str, str, str]) -> None:
    raw = b"tree 0\nauthor " + author + b"\ncommitter x <y> 0 +0000\n\nsubject\n\nbody\n"
    assert commit_of("id", raw) == Commit("id", *expected, "subject")


@given(st.binary())
def test_any_bytes_make_a_commit(raw: bytes) -> None:
    assert commit_of("id", raw).id == "id"
    assert commit_of("id", b"author A <b> 0 +0000\n" + raw).id == "id"
