"""What git tells of changes, in little memory: nothing of it is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.rawchanges import (
    FILE,
    GONE,
    LINK,
    SUBMODULE,
    Paths,
    TooManyPathsError,
    blocks,
    compact,
)

MODES = {b"000000": GONE, b"100644": FILE, b"100755": FILE, b"120000": LINK, b"160000": SUBMODULE}
PLENTY = 1 << 20


def _names() -> st.SearchStrategy[bytes]:
    # Git's own signs in them, which no name may be mistaken for.
    letters = st.sampled_from([b":", b" ", b"a", b"0", b"\n", b"\xff", b":100644 120000 "])
    return st.lists(letters, min_size=1, max_size=4).map(b"".join)


@given(
    size=st.sampled_from([20, 32]),
    commits=st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(sorted(MODES)),
                st.integers(0, 3),
                st.lists(_names(), min_size=1, max_size=3).map(b"/".join),
                st.integers(1, 3),
            ),
            min_size=1,
            max_size=5,
        ),
        max_size=6,
    ),
)
def test_every_change_is_kept(
    size: int, commits: list[list[tuple[bytes, int, bytes, int]]]
) -> None:
    parts: list[bytes] = []
    expected = []
    for number, changes in enumerate(commits):
        commit = b"%0*x" % (2 * size, number + 1)
        parts.append(commit)
        for mode, content, path, parents in changes:
            id_ = bytes([content]) * size
            modes, old = b" ".join([b"100644"] * parents), b" ".join([b"1" * 2 * size] * parents)
            letters = b"M" * parents
            head = b":" * parents + modes + b" " + mode
            parts += [b"%b %b %b %b" % (head, old, id_.hex().encode(), letters), path]
            expected.append((commit.decode(), MODES[mode], id_, path))
    paths = Paths(PLENTY)
    told = compact(b"\0".join([*parts, b""]), paths)
    listed = list(paths)
    ids = [told.ids[at : at + size] for at in range(0, len(told.ids), size)]
    assert [
        (told.commit(at), told.kinds[at], ids[at], listed[told.paths[at]])
        for at in range(len(told.kinds))
    ] == expected
    objects = [id_ for _, kind, id_, _ in expected if kind in {FILE, LINK}]
    assert list(told.objects()) == objects
    assert list(told.changes_of([b"\1" * size])) == [
        (id_, at) for at, (_, _, id_, _) in enumerate(expected) if id_ == b"\1" * size
    ]
    assert paths.names() == {name for *_, path in expected for name in path.split(b"/")}


def test_names_of_very_many_paths() -> None:
    paths = Paths(1 << 30)
    for number in range(40_000):
        paths[b"folder-%d/file" % (number % 35_000)]
    assert paths.names() == {b"file", *(b"folder-%d" % number for number in range(35_000))}


def test_what_is_too_much_leaves_no_trace() -> None:
    paths = Paths(1000)
    id_ = b"1" * 40
    few = b"\0".join([id_, b":000000 100644 %b %b A" % (b"0" * 40, id_), b"a", b""])
    compact(few, paths)
    before = dict(paths)
    change = b":000000 100644 %b %b A" % (b"0" * 40, id_)
    many = b"\0".join([id_, *(part for n in range(9) for part in (change, b"%d" % n)), b""])
    with pytest.raises(TooManyPathsError):
        compact(many, paths)
    assert dict(paths) == before
    again = compact(few, paths)
    assert list(again.paths) == [0]
    assert paths[b"b"] == 1  # and there is as much room as there was
    assert [paths[b"%d" % number] for number in range(4)] == [2, 3, 4, 5]


@given(
    parts=st.lists(st.binary(max_size=9).map(lambda part: part.replace(b"\0", b"-")), max_size=9)
)
def test_blocks_are_all_parts(parts: list[bytes]) -> None:
    output = b"\0".join(parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scanner.rawchanges._BLOCK", 7)
        assert [part for block in blocks(output) for part in block] == output.split(b"\0")
