"""A store's objects: each once, with type and content as git has them, or a reason."""

from __future__ import annotations

import hashlib
import os
import pickle
import random
import shutil
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scanner.packindex import split
from scanner.packs import BLOB, COMMIT, TAG, TREE, TYPES
from scanner.sources import objects as objects_module
from scanner.sources.objects import Held, Store
from scanner.sources.pieces import Piece
from tests.packwriter import OFS_DELTA, REF_DELTA, Copy, Entry, delta, write_pack

Git = Callable[..., str]
ALL = frozenset({BLOB, COMMIT, TAG, TREE})
MOST = 1 << 40
posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes in folders")


def _every(store: Store, kinds: frozenset[int] = ALL) -> Iterator[Held]:
    for piece in store.pieces(kinds):
        yield from store.objects(piece)


def _told(git: Git, folder: Path) -> dict[str, tuple[str, int]]:
    """Type and size of all objects that git knows of, by id in hex."""
    lines = git(folder, "cat-file", "--batch-all-objects", "--batch-check").splitlines()
    words = (line.split() for line in lines)
    return {name: (kind, int(size)) for name, kind, size in words}


def _seen(held: Held, hash_: str = "sha1") -> tuple[str, int]:
    """Type and size of an object, whose content must be what its id says."""
    assert held.reason is None
    head = b"%s %d\0" % (TYPES[held.type].encode(), len(held.content))
    assert hashlib.new(hash_, head + held.content).digest() == held.id
    return TYPES[held.type], len(held.content)


def _objects(folder: Path) -> Path:
    return folder / ".git" / "objects"


@pytest.fixture(params=["sha1", "sha256"])
def filled(request: pytest.FixtureRequest, git: Git, tmp_path: Path) -> tuple[Path, str]:
    """A repository with objects in two packs, in both of them, and loose; and its hash."""
    folder = tmp_path / "filled"
    git(tmp_path, "init", "-q", "-b", "main", f"--object-format={request.param}", folder)
    chance = random.Random(1)
    lines = [f"{chance.random()}" for _ in range(80)]
    for number in range(12):
        lines[chance.randrange(80)] = f"{chance.random()}"
        (folder / "file").write_text("\n".join(lines))
        (folder / f"other-{number % 3}").write_bytes(chance.randbytes(300))
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", f"version {number}")
        if number == 4:
            git(folder, "tag", "-m", "Tag", "v1")
            git(folder, "repack", "-q", "-d")
            kept = next((_objects(folder) / "pack").glob("*.pack")).with_suffix(".keep")
            kept.touch()
        if number == 9:
            git(folder, "repack", "-q", "-a", "-d", "--pack-kept-objects")
    return folder, request.param


def _size(hash_: str) -> int:
    return 20 if hash_ == "sha1" else 32


def _loose(folder: Path, content: bytes, name: str | None = None) -> Path:
    """Writes a loose object as it is given; it has the id that it is given, too."""
    name = name or hashlib.sha1(content, usedforsecurity=False).hexdigest()
    path = folder / name[:2] / name[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zlib.compress(content))
    return path


# -- what cannot be read -------------------------------------------------------------------


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    store = Store([tmp_path / "nowhere"], 20, MOST)
    assert [reason for _, reason in store.unread] == [os.strerror(2)]
    assert store.count(frozenset(TYPES)) == 0
    assert store.pieces(ALL) == []


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    store = Store([tmp_path], 20, MOST)
    assert (store.unread, store.count(frozenset(TYPES)), store.commits(), store.paths()) == (
        [],
        0,
        [],
        [],
    )


def test_a_pack_without_an_index_is_told(git: Git, filled: tuple[Path, str]) -> None:
    folder, hash_ = filled
    for index in (_objects(folder) / "pack").glob("*.idx"):
        index.unlink()
    store = Store([_objects(folder)], _size(hash_), MOST)
    assert {reason for _, reason in store.unread} == {"pack without an index"}
    assert len(store.unread) == 2
    assert all(held.reason is None for held in _every(store))


@pytest.mark.parametrize("suffix", [".pack", ".idx"])
def test_a_damaged_pack_is_told_and_the_rest_is_read(
    git: Git, filled: tuple[Path, str], suffix: str
) -> None:
    folder, hash_ = filled
    hurt = sorted((_objects(folder) / "pack").glob(f"*{suffix}"))[0]
    hurt.chmod(0o600)
    hurt.write_bytes(b"nothing of the kind" * 100)
    store = Store([_objects(folder)], _size(hash_), MOST)
    ((name, reason),) = store.unread
    assert name == hurt.with_suffix(".pack").name
    assert reason.startswith("damaged pack: ")
    assert len(store.packs) == 1
    for held in _every(store):
        _seen(held, hash_)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"blob 3", id="no end of the header"),
        pytest.param(b"blob 4\0abc", id="less than said"),
        pytest.param(b"blob 2\0abc", id="more than said"),
        pytest.param(b"blub 3\0abc", id="a type that is none"),
        pytest.param(b"blob x\0abc", id="a size that is none"),
        pytest.param(b"blob -1\0abc", id="a size below nothing"),
        pytest.param(b"blob\0abc", id="no size"),
        pytest.param(b"x" * 100, id="anything"),
    ],
)
def test_a_damaged_loose_object_has_a_reason(tmp_path: Path, content: bytes) -> None:
    _loose(tmp_path, content)
    _loose(tmp_path, b"blob 3\0abc")
    reasons = sorted(str(held.reason) for held in _every(Store([tmp_path], 20, MOST)))
    assert reasons == ["None", "damaged"]


@pytest.mark.parametrize("raw", [b"", b"no zlib", zlib.compress(b"blob 3\0abc")[:-6]])
def test_a_loose_object_that_is_no_stream_has_a_reason(tmp_path: Path, raw: bytes) -> None:
    path = _loose(tmp_path, b"blob 3\0abc")
    path.write_bytes(raw)
    (held,) = _every(Store([tmp_path], 20, MOST))
    assert held.reason == "damaged"
    assert held.loose


@posix
def test_a_pipe_and_a_folder_in_place_of_an_object_stop_nothing(tmp_path: Path) -> None:
    pipe, folder = (_loose(tmp_path, b"blob 1\0%d" % n) for n in (1, 2))
    for path in (pipe, folder):
        path.unlink()
    os.mkfifo(pipe)
    folder.mkdir()
    assert all(held.reason for held in _every(Store([tmp_path], 20, MOST)))


def test_a_loose_bomb_is_not_inflated(tmp_path: Path) -> None:
    _loose(tmp_path, b"blob 5\0" + bytes(50 << 20))
    (held,) = _every(Store([tmp_path], 20, MOST))
    assert held.reason == "damaged"


def test_objects_without_their_base_are_strange(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    base, id_ = b"0123456789" * 9, bytes([7]) * 20
    entries = [Entry(id_, REF_DELTA, delta(90, [Copy(0, 50), b"x"]), bytes([9]) * 20)]
    write_pack(tmp_path / "pack", [Entry(bytes([1]) * 20, BLOB, base), *entries])
    store = Store([tmp_path], 20, MOST)
    (held,) = store.strange()
    assert (held.id, held.reason) == (id_, "its base in the pack is not there")
    assert [held.content for held in _every(store)] == [base]


def test_what_needs_a_broken_object_has_a_reason_too(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    ids = [bytes([n]) * 20 for n in range(3)]
    bases = [delta(5, [b"abc"]), delta(3, [b"def"])]
    entries = [Entry(ids[0], BLOB, b"12345", size=6)]
    entries += [Entry(ids[n + 1], OFS_DELTA, made, n) for n, made in enumerate(bases)]
    write_pack(tmp_path / "pack", entries)
    found = {held.id: held.reason for held in _every(Store([tmp_path], 20, MOST))}
    above = "its base in the pack is not there"
    assert found == {ids[0]: "damaged in its pack", ids[1]: above, ids[2]: above}


def test_an_object_that_is_broken_in_one_of_two_packs_is_told(tmp_path: Path) -> None:
    content = b"0123456789" * 9
    id_ = hashlib.sha1(b"blob 90\0" + content, usedforsecurity=False).digest()
    for name, data in (("a", b"no zlib"), ("b", None)):
        folder = tmp_path / name / "pack"
        folder.mkdir(parents=True)
        write_pack(folder, [Entry(id_, BLOB, content, data=data)])
    store = Store([tmp_path / "a", tmp_path / "b"], 20, MOST)
    # Who asks git for it gets the sound one.
    assert [(held.id, held.reason) for held in _every(store)] == [(id_, "damaged in its pack")]


# -- what can ------------------------------------------------------------------------------


def test_every_object_comes_as_git_has_it(git: Git, filled: tuple[Path, str]) -> None:
    folder, hash_ = filled
    store = Store([_objects(folder)], _size(hash_), MOST)
    expected = _told(git, folder)
    assert len(store.packs) == 2
    assert store.loose
    found = [(held.id.hex(), _seen(held, hash_)) for held in _every(store)]
    assert dict(found) == expected
    assert {id_.hex() for id_ in split(store.ids(), _size(hash_))} == set(expected)
    assert store.count(frozenset(TYPES)) >= len(expected)
    commits = {name for name, (kind, _) in expected.items() if kind == "commit"}
    assert set(store.commits()) == commits


@pytest.mark.parametrize("few", [0, 1, 10_000])
@pytest.mark.parametrize("seen", [False, True])
def test_what_is_absent(
    git: Git, filled: tuple[Path, str], monkeypatch: pytest.MonkeyPatch, few: int, seen: bool
) -> None:
    """However many are asked for, and whether the packs have been looked at before."""
    folder, hash_ = filled
    monkeypatch.setattr(objects_module, "_FEW", few)
    first = Store([_objects(folder)], _size(hash_), MOST)
    store = Store([_objects(folder)], _size(hash_), MOST, frozenset.union(*first.names()))
    store = store if seen else first
    ids = {bytes.fromhex(name) for name in _told(git, folder)}
    others = {bytes(_size(hash_)), b"\xff" * _size(hash_)} | {
        id_[:-1] + bytes([id_[-1] ^ 1]) for id_ in ids
    }
    assert store.absent([]) == set()
    for _ in range(2):
        assert store.absent([*ids, *others]) == others - ids
        assert store.absent(iter(sorted(ids)[:1])) == set()


def test_an_object_in_two_packs_comes_once(git: Git, filled: tuple[Path, str]) -> None:
    folder, hash_ = filled
    git(folder, "repack", "-q", "-d")
    store = Store([_objects(folder)], _size(hash_), MOST)
    names = [held.id for held in _every(store)]
    assert store.count(frozenset(TYPES)) > len(set(names))  # the test is about something
    assert len(names) == len(set(names))


@pytest.mark.parametrize("kind", sorted(ALL), ids=TYPES.get)
def test_pieces_of_some_types_hold_no_others(git: Git, filled: tuple[Path, str], kind: int) -> None:
    folder, hash_ = filled
    git(folder, "repack", "-q", "-a", "-d")
    store = Store([_objects(folder)], _size(hash_), MOST)
    packed = [held for piece in store.pieces(frozenset({kind})) if piece.pack is not None
              for held in store.objects(piece)]  # fmt: skip
    assert packed
    assert {held.type for held in packed} == {kind}


def test_bases_come_before_what_needs_them(git: Git, filled: tuple[Path, str]) -> None:
    folder, hash_ = filled
    git(folder, "repack", "-q", "-a", "-d", "-f", "--depth=50", "--pack-kept-objects")
    store = Store([_objects(folder)], _size(hash_), MOST)
    deltas = 0
    for piece in store.pieces(ALL):
        contents: dict[int, bytes] = {}
        for held in store.objects(piece):
            if held.base >= 0:
                deltas += 1
                assert contents.get(held.base, held.base_content) == held.base_content
            contents[held.number] = held.content
    assert deltas


def test_larger_objects_are_left_out_by_policy(git: Git, filled: tuple[Path, str]) -> None:
    folder, hash_ = filled
    expected = {name for name, (_, size) in _told(git, folder).items() if size <= 400}
    every = list(_every(Store([_objects(folder)], _size(hash_), 400)))
    assert {held.id.hex() for held in every if held.reason is None} <= expected
    large = [held for held in every if held.policy]
    assert large
    assert all(str(held.reason).endswith("over --max-file-size 400") for held in large)


def test_what_an_alternate_holds_is_there(git: Git, filled: tuple[Path, str]) -> None:
    folder, hash_ = filled
    other = folder.with_name("other")
    shutil.copytree(_objects(folder), other)
    store = Store([_objects(folder), other], _size(hash_), MOST)
    assert store.unread == []
    names = [held.id.hex() for held in _every(store)]
    assert sorted(names) == sorted(_told(git, folder))


def test_a_store_goes_to_another_process(git: Git, filled: tuple[Path, str]) -> None:
    folder, hash_ = filled
    store = Store([_objects(folder)], _size(hash_), MOST)
    again = pickle.loads(pickle.dumps(store))  # noqa: S301 - our own
    assert again.pieces(ALL) == store.pieces(ALL)
    assert list(_every(again)) == list(_every(store))


def test_many_loose_objects_are_several_pieces(tmp_path: Path) -> None:
    for number in range(900):
        content = b"blob 3\0%03d" % number
        _loose(tmp_path, content)
    store = Store([tmp_path], 20, MOST)
    pieces = store.pieces(ALL)
    assert pieces == [Piece(None, at, min(at + 400, 900), ALL) for at in (0, 400, 800)]
    assert {held.content for held in _every(store)} == {b"%03d" % n for n in range(900)}
