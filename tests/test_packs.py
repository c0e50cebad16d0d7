"""Packs read directly: each object as git gives it, or a reason, and never anything else."""

from __future__ import annotations

import hashlib
import pickle
import random
import struct
import subprocess
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from scanner import packs
from scanner.objectfolders import packs_in
from scanner.packindex import PackError, split
from scanner.packs import BLOB, TREE, TYPES, Broken, Pack, Rebuilt
from tests.packwriter import (
    OFS_DELTA,
    REF_DELTA,
    Copy,
    Entry,
    Piece,
    delta,
    number,
    result,
    write_pack,
)

Git = Callable[..., str]
Objects = dict[bytes, tuple[str, bytes]]
MOST = 1 << 40
VERSIONS = 70
REFUSALS = (PackError, IndexError, ValueError, struct.error)  # as `sources.objects` expects them
IN_PLACE = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Filled(NamedTuple):
    """A pack that git made, and what git says of its objects."""

    path: Path
    id_size: int
    objects: Objects


def _id(content: bytes) -> bytes:
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content)).digest()  # noqa: S324


def _told(folder: Path) -> Objects:
    """All objects of a repository by id, each with type and content, as git prints them."""
    command = ["git", "cat-file", "--batch-all-objects", "--batch"]
    raw = subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout
    found: Objects = {}
    at = 0
    while at < len(raw):
        end = raw.index(b"\n", at)
        name, kind, size = raw[at:end].split()
        at = end + 1 + int(size)
        found[bytes.fromhex(name.decode())] = kind.decode(), raw[end + 1 : at]
        at += 1
    return found


def _rebuilt(pack: Pack, most: int = MOST) -> Iterator[Rebuilt | Broken]:
    for root in pack.roots:
        yield from pack.rebuild(root, most)


def _objects(pack: Pack) -> Objects:
    """All objects of a pack that can be read; each must come once."""
    found: Objects = {}
    for made in _rebuilt(pack):
        if isinstance(made, Rebuilt):
            assert pack.id(made.number) not in found
            found[pack.id(made.number)] = TYPES[pack.types[made.number]], made.content
    return found


def _stream() -> bytes:
    """History of some files for `git fast-import`; each version changes a few lines."""
    chance = random.Random(1)
    lines = {name: [f"{name} {chance.random()}" for _ in range(60)] for name in "abc"}
    out = []
    for version in range(VERSIONS):
        out.append("commit refs/heads/main\ncommitter Ada <ada@example.org> ")
        out.append(f"{1_700_000_000 + version} +0000\ndata 7\nversion\n")
        for name, text in lines.items():
            text[chance.randrange(60)] = f"{name} {chance.random()} é"
            content = "\n".join(text) * (40 if name == "c" else 1)
            out.append(f"M 100644 inline folder/{name}\ndata {len(content.encode())}\n{content}\n")
    out.append("M 100644 inline empty\ndata 0\n\n")
    out.append("tag v1\nfrom refs/heads/main\ntagger Ada <ada@example.org> 1700000000 +0000\n")
    out.append("data 3\nTag\n")
    return "".join(out).encode()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((kind, offset, version), id=f"{kind}, {deltas}, index {version}")
        for kind in ("sha1", "sha256")
        for offset, deltas in (("true", "offsets"), ("false", "ids"))
        for version in (1, 2)
    ],
)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """One pack with everything, chains of up to 250 deltas in it."""
    kind, by_offset, version = request.param
    folder = tmp_path_factory.mktemp("filled")
    options = [f"pack.indexVersion={version}", f"repack.useDeltaBaseOffset={by_offset}"]
    words = [word for option in options for word in ("-c", option)]

    def run(*arguments: str, stdin: bytes = b"") -> None:
        subprocess.run(["git", *words, *arguments], cwd=folder, input=stdin, check=True)

    run("init", "-q", "-b", "main", f"--object-format={kind}")
    run("fast-import", "--quiet", stdin=_stream())
    run("repack", "-adfq", "--depth=250", "--window=250")
    (path,) = packs_in(folder / ".git" / "objects")
    path.chmod(0o600)
    return Filled(path, 20 if kind == "sha1" else 32, _told(folder))


def _copied(filled: Filled, folder: Path, change: Callable[[bytearray], object]) -> Path:
    """The pack with something changed, beside its index."""
    content = bytearray(filled.path.read_bytes())
    change(content)
    path = folder / filled.path.name
    path.write_bytes(content)
    path.with_suffix(".idx").write_bytes(filled.path.with_suffix(".idx").read_bytes())
    return path


# -- what is refused -----------------------------------------------------------------------


def test_what_is_no_pack_is_refused(filled: Filled, tmp_path: Path) -> None:
    def change(content: bytearray) -> None:
        content[:4] = b"PUCK"

    with pytest.raises(PackError, match="no pack"):
        Pack(_copied(filled, tmp_path, change), filled.id_size)


def test_empty_pack_file_is_refused(filled: Filled, tmp_path: Path) -> None:
    with pytest.raises(REFUSALS):
        Pack(_copied(filled, tmp_path, bytearray.clear), filled.id_size)


@pytest.mark.parametrize("missing", [".pack", ".idx"])
def test_missing_file_is_an_error_of_the_system(
    filled: Filled, tmp_path: Path, missing: str
) -> None:
    path = _copied(filled, tmp_path, bytes)
    path.with_suffix(missing).unlink()
    with pytest.raises(FileNotFoundError):
        Pack(path, filled.id_size)


@IN_PLACE
@given(share=st.floats(0, 1, exclude_max=True))
@example(share=0.0)
def test_cut_index_is_refused(
    filled: Filled, tmp_path_factory: pytest.TempPathFactory, share: float
) -> None:
    path = _copied(filled, tmp_path_factory.mktemp("cut"), bytes)
    index = path.with_suffix(".idx").read_bytes()
    path.with_suffix(".idx").write_bytes(index[: int(share * len(index))])
    with pytest.raises(REFUSALS):
        Pack(path, filled.id_size)


@IN_PLACE
@given(share=st.floats(0, 1, exclude_max=True), last=st.booleans())
def test_cut_pack_gives_no_wrong_content(
    filled: Filled, tmp_path_factory: pytest.TempPathFactory, share: float, last: bool
) -> None:
    def cut(content: bytearray) -> None:
        del content[len(content) - 1 - int(share * 60) if last else int(share * len(content)) :]

    path = _copied(filled, tmp_path_factory.mktemp("cut"), cut)
    try:
        pack = Pack(path, filled.id_size)
    except REFUSALS:
        return
    found = _objects(pack)
    assert found == {id_: filled.objects[id_] for id_ in found}
    assert len(found) < len(filled.objects) or last


@pytest.mark.parametrize("size", [0, 3, 4, 11, 12, 19, 31])
def test_pack_of_a_few_bytes_is_none(filled: Filled, tmp_path: Path, size: int) -> None:
    path = _copied(filled, tmp_path, lambda content: content.__delitem__(slice(size, None)))
    with pytest.raises(REFUSALS):
        Pack(path, filled.id_size)


# -- what git made -------------------------------------------------------------------------


def test_every_object_is_what_git_says_it_is(filled: Filled) -> None:
    pack = Pack(filled.path, filled.id_size)
    assert _objects(pack) == filled.objects
    assert list(split(pack.ids, filled.id_size)) == sorted(filled.objects)
    assert len(pack) == len(filled.objects)
    assert pack.strange == []
    assert sum(pack.weights) == len(pack)


def test_deltas_come_with_their_base_and_all_of_them_need_their_root(filled: Filled) -> None:
    pack = Pack(filled.path, filled.id_size)
    deepest = 0
    for root in pack.roots:
        contents: dict[int, bytes] = {}
        depth: dict[int, int] = {}
        for made in pack.rebuild(root, MOST):
            assert isinstance(made, Rebuilt)
            depth[made.number] = depth.get(made.base, -1) + 1
            if made.number != root:
                assert made.base_content == contents[made.base]
                assert made.delta.startswith(
                    number(len(made.base_content)) + number(len(made.content))
                )
            contents[made.number] = made.content
        assert set(contents) == {root, *pack.below(root)}
        deepest = max(deepest, *depth.values())
    assert deepest > 50


def test_pack_knows_what_it_holds(filled: Filled) -> None:
    pack = Pack(filled.path, filled.id_size)
    assert all(map(pack.holds, filled.objects))
    for id_ in (bytes(filled.id_size), b"\xff" * filled.id_size):
        assert not pack.holds(id_)
    for id_ in filled.objects:
        assert not pack.holds(id_[:-1] + bytes([id_[-1] ^ 1]))


def test_pack_goes_to_another_process(filled: Filled) -> None:
    pack = pickle.loads(pickle.dumps(Pack(filled.path, filled.id_size)))  # noqa: S301 - our own
    assert _objects(pack) == filled.objects


@pytest.mark.parametrize("most", [0, 100, 2000, 4000])
def test_larger_objects_are_left_out_and_so_is_what_needs_them(filled: Filled, most: int) -> None:
    pack = Pack(filled.path, filled.id_size)
    seen, lost = set(), set()
    for made in _rebuilt(pack, most):
        if isinstance(made, Broken):
            assert made.reason.endswith(f"over --max-file-size {most}")
            lost |= {made.number, *pack.below(made.number)}
        else:
            assert len(made.content) <= most
            assert made.content == filled.objects[pack.id(made.number)][1]
            seen.add(made.number)
    assert seen | lost == set(range(len(pack)))
    assert not seen & lost


@IN_PLACE
@given(data=st.data())
def test_a_damaged_entry_loses_itself_and_what_is_below_it_only(
    filled: Filled, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    sound = Pack(filled.path, filled.id_size)
    hurt = data.draw(st.integers(0, len(sound) - 1))
    # Behind the entry's head, of at most 3 bytes, and the base's id or offset.
    low = sound.offsets[hurt] + 3 + filled.id_size
    high = sound.offsets[hurt + 1]
    at = data.draw(st.integers(min(low, high - 1), high - 1))
    mask = data.draw(st.integers(1, 255))

    def flip(content: bytearray) -> None:
        content[at] ^= mask

    pack = Pack(_copied(filled, tmp_path_factory.mktemp("hurt"), flip), filled.id_size)
    below = {hurt, *sound.below(hurt)}
    found = _objects(pack)
    assert found == {id_: filled.objects[id_] for id_ in found}
    lost = {n for n in range(len(pack)) if pack.id(n) not in found}
    assert lost in (set(), below)  # not every bit of a compressed stream means something
    broken = [made for made in _rebuilt(pack) if isinstance(made, Broken)]
    assert [made.number for made in broken] == ([hurt] if lost else [])


# -- what git would not make ---------------------------------------------------------------

BASE = bytes(range(256)) * 3


def _pieces(base: bytes, chance: random.Random) -> list[Piece]:
    pieces: list[Piece] = []
    for _ in range(chance.randint(1, 6)):
        old = chance.randint(0, len(base) - 1) if base else 0
        size = chance.randint(0, len(base) - old)
        insert = chance.randbytes(chance.choice([1, 5, 127, 128, 300]))
        pieces.append(Copy(old, size) if size and chance.random() < 0.6 else insert)
    return pieces


@IN_PLACE
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(1, 40),
    version=st.sampled_from([1, 2]),
    held=st.sampled_from([packs._MOST_HELD, 100_000, 0]),
)
def test_any_tree_of_deltas_is_rebuilt(
    tmp_path_factory: pytest.TempPathFactory, seed: int, count: int, version: int, held: int
) -> None:
    """Deltas by offset and by id, the latter also against what comes later in the pack; however
    much of their bases is kept in memory."""
    chance = random.Random(seed)
    contents, entries = [], []
    for at in range(count):
        base = chance.randrange(at) if at and chance.random() < 0.9 else None
        if base is None:
            contents.append(chance.randbytes(chance.choice([0, 1, 100, 70_000])))
            entries.append(Entry(_id(contents[-1]), BLOB, contents[-1]))
            continue
        pieces = _pieces(contents[base], chance)
        contents.append(result(contents[base], pieces) + b"%d" % at)
        made = delta(len(contents[base]), [*pieces, b"%d" % at])
        by_id = chance.random() < 0.5
        kind, named = (REF_DELTA, _id(contents[base])) if by_id else (OFS_DELTA, base)
        entries.append(Entry(_id(contents[-1]), kind, made, named))
    if not any(isinstance(entry.base, int) for entry in entries):
        chance.shuffle(entries)
    unique = {entry.id: entry for entry in entries}
    if len(unique) < len(entries):
        return
    path = write_pack(tmp_path_factory.mktemp("made"), entries, version=version)
    expected = {_id(content): ("blob", content) for content in contents}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packs, "_MOST_HELD", held)
        assert _objects(Pack(path, 20)) == expected


def _ladder(size: int, depth: int) -> list[Entry]:
    """Objects of so many bytes; each base has two deltas, and more hang on the first of them."""
    whole = bytes(size)
    entries = [Entry(_id(whole), BLOB, whole)]
    for level in range(depth):
        base = max(0, 2 * level - 1)
        for side in (b"first", b"second"):
            piece = b"%d %b" % (level, side)
            made = delta(size, [piece, Copy(len(piece), size - len(piece))])
            entries.append(Entry(_id(piece), OFS_DELTA, made, base))
    return entries


def test_a_pack_made_to_have_all_bases_wait_does_not_fill_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size, depth = 200_000, 60
    monkeypatch.setattr(packs, "_MOST_HELD", 10 * size)
    pack = Pack(write_pack(tmp_path, _ladder(size, depth)), 20)
    tracemalloc.start()
    done = sum(isinstance(made, Rebuilt) for made in _rebuilt(pack))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert done == 1 + 2 * depth
    assert peak < 20 * size


def test_a_pack_made_to_take_up_time_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size, depth = 1000, 60
    for name, value in (("_MOST_HELD", size), ("_MOST_AGAIN", 0), ("_TIMES", 2)):
        monkeypatch.setattr(packs, name, value)
    pack = Pack(write_pack(tmp_path, _ladder(size, depth)), 20)
    made = list(_rebuilt(pack))
    gone = [one.number for one in made if isinstance(one, Broken)]
    assert {one.reason for one in made if isinstance(one, Broken)} == {packs.TOO_DEEP}
    assert len(made) == 1 + 2 * depth  # each delta that is given up has none above it
    assert 10 < len(gone) < depth


def _broken(folder: Path, *entries: Entry) -> tuple[Pack, list[str]]:
    """The pack of a sound object and these, and the reasons that it gives."""
    sound = Entry(_id(BASE), BLOB, BASE)
    pack = Pack(write_pack(folder, [sound, *entries]), 20)
    assert _objects(pack)[_id(BASE)] == ("blob", BASE)
    return pack, [made.reason for made in _rebuilt(pack) if isinstance(made, Broken)]


A, B, C = (bytes([n]) * 20 for n in (1, 2, 3))
SOUND = delta(len(BASE), [Copy(0, 10), b"x"])


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(delta(len(BASE), [Copy(0, 10), b"x"], says=10), id="result larger than said"),
        pytest.param(delta(len(BASE), [Copy(0, 10), b"x"], says=12), id="result smaller than said"),
        pytest.param(delta(len(BASE), [Copy(0, 10), b"x"], says=0), id="no result said"),
        pytest.param(delta(len(BASE), [Copy(0, 10)], says=1 << 62), id="enormous result said"),
        pytest.param(delta(len(BASE) - 1, [Copy(0, 10), b"x"]), id="base smaller than it is"),
        pytest.param(delta(len(BASE) + 1, [Copy(0, 10), b"x"]), id="base larger than it is"),
        pytest.param(delta(len(BASE), [Copy(len(BASE) - 5, 10)]), id="copy past the base's end"),
        pytest.param(delta(len(BASE), [Copy(1 << 31, 10)]), id="copy far past the base's end"),
        pytest.param(SOUND + b"\0", id="reserved instruction"),
        pytest.param(SOUND[:-1], id="insert without its bytes"),
        pytest.param(number(len(BASE)) + number(10) + b"\x91", id="copy without its numbers"),
        pytest.param(number(len(BASE)), id="no size of the result"),
        pytest.param(b"\x80" * 30, id="sizes without an end"),
        pytest.param(number(len(BASE)) + b"\xff" * (1 << 20), id="a size of a megabyte"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_a_delta_that_lies_is_broken(tmp_path: Path, made: bytes) -> None:
    above = Entry(B, REF_DELTA, SOUND, A)
    pack, reasons = _broken(tmp_path, Entry(A, OFS_DELTA, made, 0), above)
    assert reasons == ["damaged in its pack"] or "over --max-file-size" in reasons[0]
    assert len(reasons) == 1
    assert set(_objects(pack)) == {_id(BASE)}


@pytest.mark.parametrize(
    ("size", "data"),
    [
        pytest.param(9, None, id="more than the head says"),
        pytest.param(11, None, id="less than the head says"),
        pytest.param(0, None, id="something where the head says nothing"),
        pytest.param(10, b"", id="nothing"),
        pytest.param(10, b"no zlib at all", id="no zlib"),
        pytest.param(10, zlib.compress(b"0123456789")[:-1], id="cut"),
        pytest.param(10, zlib.compress(b"0123456789")[:-4] + b"\0\0\0\0", id="wrong checksum"),
    ],
)
def test_an_entry_that_lies_is_broken(tmp_path: Path, size: int, data: bytes | None) -> None:
    wrong = Entry(A, TREE, b"0123456789", size=size, data=data)
    pack, reasons = _broken(tmp_path, wrong, Entry(B, OFS_DELTA, SOUND, 1))
    assert reasons == ["damaged in its pack"]
    assert set(_objects(pack)) == {_id(BASE)}


def test_a_bomb_is_not_inflated(tmp_path: Path) -> None:
    bomb = zlib.compress(bytes(50 << 20))
    _, reasons = _broken(tmp_path, Entry(A, BLOB, b"", size=5, data=bomb))
    assert reasons == ["damaged in its pack"]


@pytest.mark.parametrize(
    ("entries", "strange"),
    [
        pytest.param([Entry(A, REF_DELTA, SOUND, A)], {A}, id="against itself"),
        pytest.param([Entry(A, OFS_DELTA, SOUND, 1)], {A}, id="against itself, by offset"),
        pytest.param(
            [Entry(A, REF_DELTA, SOUND, B), Entry(B, REF_DELTA, SOUND, A)], {A, B}, id="a circle"
        ),
        pytest.param(
            [Entry(A, REF_DELTA, SOUND, B), Entry(B, REF_DELTA, SOUND, A),
             Entry(C, REF_DELTA, SOUND, A)],
            {A, B, C},
            id="a circle and what hangs on it",
        ),
        pytest.param([Entry(A, REF_DELTA, SOUND, C)], {A}, id="against what is not there"),
        pytest.param(
            [Entry(A, REF_DELTA, SOUND, C), Entry(B, OFS_DELTA, SOUND, 1)],
            {A, B},
            id="against what is not there, and below",
        ),
        pytest.param([Entry(A, 5, BASE)], {A}, id="a type that is none"),
        pytest.param([Entry(A, 0, BASE)], {A}, id="type zero"),
    ],
)  # fmt: skip
def test_what_cannot_be_put_together_is_strange(
    tmp_path: Path, entries: list[Entry], strange: set[bytes]
) -> None:
    pack, reasons = _broken(tmp_path, *entries)
    assert reasons == []
    assert {pack.id(at) for at in pack.strange} == strange
    assert set(_objects(pack)) == {_id(BASE)}


def test_an_offset_between_two_objects_is_strange(tmp_path: Path) -> None:
    entry = Entry(A, OFS_DELTA, SOUND, 0)
    path = write_pack(tmp_path, [Entry(_id(BASE), BLOB, BASE), entry, entry._replace(id=B)])
    content = bytearray(path.read_bytes())
    at = Pack(path, 20).offsets[2]
    assert content[at] < 128  # its head is one byte, and what follows goes back to the base
    content[at + 2] ^= 1
    path.write_bytes(content)
    pack = Pack(path, 20)
    assert [pack.id(number) for number in pack.strange] == [B]


def test_an_offset_outside_of_the_pack_is_refused_or_broken(tmp_path: Path) -> None:
    path = write_pack(tmp_path, [Entry(_id(BASE), BLOB, BASE)])
    index = bytearray(path.with_suffix(".idx").read_bytes())
    index[-44:-40] = struct.pack(">I", 1 << 30)
    path.with_suffix(".idx").write_bytes(index)
    with pytest.raises(REFUSALS):
        Pack(path, 20)


# -- folders -------------------------------------------------------------------------------
