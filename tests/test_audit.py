"""A share of a repository's history looked at: the same whether as a whole or by its changes."""

from __future__ import annotations

import hashlib
import random
import subprocess
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import workers
from scanner.audit import Auditor, Found, Harvest
from scanner.models import Kind
from scanner.packindex import split
from scanner.packs import BLOB, COMMIT, TAG, TREE
from scanner.scan import Plan, Scanner
from scanner.sources.objects import Held, Store
from tests.packwriter import delta

Git = Callable[..., str]
ALL = frozenset({BLOB, COMMIT, TAG, TREE})
MOST = 1 << 40
FILES = ("a.py", "b.txt", "folder/c.json")
WHO = "Ada <ada@example.org>"


def _key(seed: object) -> str:
    return "be_" + hashlib.sha256(str(seed).encode()).hexdigest()[:40]


def _line(chance: random.Random) -> str:
    name = chance.choice(["value", "config", "name", "host"])
    kind = chance.randrange(14)
    if kind == 0:
        return f"{name} = '{_key(chance.random())}'"
    if kind == 1:
        half = _key(chance.random())
        return f"{name} = '{half[:20]}' + '{half[20:]}'"
    if kind == 2:
        return f"password = '{hashlib.sha256(str(chance.random()).encode()).hexdigest()[:14]}Qz'"
    if kind == 3:
        return f'{name}: "be\\u005f{_key(chance.random())[3:]}"'
    return f"{name}_{chance.randint(0, 99)} = {chance.randint(0, 9999)}"


def _change(lines: list[str], chance: random.Random) -> None:
    for _ in range(chance.choice([1, 1, 2, 4])):
        at = chance.randrange(len(lines))
        kind = chance.randrange(5)
        if kind == 0:
            lines.insert(at, _line(chance))
        elif kind == 1 and len(lines) > 5:
            del lines[at]
        elif kind == 2:
            lines.insert(chance.randrange(len(lines)), lines.pop(at))
        elif kind == 3:
            lines[at] = lines[at][: len(lines[at]) // 2] + lines[at][len(lines[at]) // 2 + 1 :]
        else:
            lines[at] = _line(chance)


def _stream(chance: random.Random, versions: int) -> Iterator[bytes]:
    """History of some files for `git fast-import`."""
    files = {name: [_line(chance) for _ in range(chance.choice([10, 60, 200]))] for name in FILES}
    for version in range(versions):
        message = _key(chance.random()) if chance.random() < 0.1 else f"version {version}"
        yield b"commit refs/heads/main\ncommitter %b %d +0000\ndata %d\n%b\n" % (
            WHO.encode(), 1_700_000_000 + version, len(message), message.encode(),
        )  # fmt: skip
        for name in chance.sample(FILES, chance.randint(1, 3)):
            _change(files[name], chance)
            content = "\n".join(files[name]).encode()
            yield b"M 100644 inline %b\ndata %d\n%b\n" % (name.encode(), len(content), content)


def _run(folder: Path, *arguments: str, stdin: bytes = b"") -> None:
    subprocess.run(["git", *arguments], cwd=folder, input=stdin, check=True, capture_output=True)


def _repository(folder: Path, seed: int, versions: int) -> Path:
    """A repository with its objects in one pack of deep deltas; gives its object folder."""
    _run(folder, "init", "-q", "-b", "main")
    _run(folder, "fast-import", "--quiet", stdin=b"".join(_stream(random.Random(seed), versions)))
    _run(folder, "repack", "-adfq", "--depth=100", "--window=100")
    return folder / ".git" / "objects"


def _total(harvests: Iterable[Harvest | None]) -> tuple[Counter[Found], set[bytes], set[bytes]]:
    """All that was found, and the names and references."""
    found: Counter[Found] = Counter()
    names: set[bytes] = set()
    references: set[bytes] = set()
    for harvest in harvests:
        assert harvest
        assert not harvest.unread
        assert not harvest.timeouts
        found.update(harvest.found)
        names.update(harvest.names)
        joined = harvest.references
        references.update(joined[at : at + 20] for at in range(0, len(joined), 20))
    return found, names, references


@pytest.fixture(scope="module")
def scanner(plan: Plan) -> Scanner:
    return Scanner(plan)


def _held(content: bytes, kind: int = BLOB, number: int = 0) -> Held:
    return Held(hashlib.sha1(content, usedforsecurity=False).digest(), kind, number, content)


def _auditor(scanner: Scanner, folder: Path) -> Auditor:
    return Auditor(scanner, Store([folder], 20, MOST), 20)


# -- single objects ------------------------------------------------------------------------


def test_nothing_is_nothing(scanner: Scanner, tmp_path: Path) -> None:
    assert _auditor(scanner, tmp_path).look([]) == Harvest(0, 0, 0, (), (), b"", b"", (), ())


def test_what_could_not_be_read_is_told(scanner: Scanner, tmp_path: Path) -> None:
    broken = Held(bytes(20), BLOB, 0, reason="damaged")
    harvest = _auditor(scanner, tmp_path).look([broken, _held(b"x")])
    assert (harvest.unread, harvest.objects, harvest.blobs) == ((broken,), 1, 1)


@pytest.mark.parametrize(
    ("held", "kinds"),
    [
        pytest.param(_held(b"harmless"), [], id="harmless"),
        pytest.param(_held(f"tree {'0' * 40}\n\nFix\n".encode(), COMMIT), [], id="harmless commit"),
        pytest.param(_held(f"k = '{_key(1)}'".encode()), [Kind.FILE], id="file"),
        pytest.param(_held(f"k = '{_key(1)}'".encode("utf-16")), [Kind.FILE], id="UTF-16"),
        pytest.param(
            _held(f"x\n\n{_key(1)}\n".encode(), COMMIT), [Kind.COMMIT_MESSAGE], id="message"
        ),
        pytest.param(_held(f"x\n\n{_key(1)}\n".encode(), TAG), [Kind.TAG_MESSAGE], id="tag"),
        pytest.param(
            _held(f"author {_key(1)} <a@b>\n\nx".encode(), COMMIT), [Kind.AUTHOR], id="author"
        ),
        pytest.param(
            _held(f"author {_key(1)} <a@b>\n\n{_key(2)}".encode(), COMMIT),
            [Kind.AUTHOR, Kind.COMMIT_MESSAGE],
            id="both",
        ),
    ],
)
def test_where_a_key_is(scanner: Scanner, tmp_path: Path, held: Held, kinds: list[Kind]) -> None:
    harvest = _auditor(scanner, tmp_path).look([held])
    assert [found.kind for found in harvest.found] == kinds
    assert {found.id for found in harvest.found} <= {held.id}


def test_a_marker_in_the_file_is_told(scanner: Scanner, tmp_path: Path) -> None:
    content = f"a = '{_key(1)}'\nb = '{_key(2)}'  # keysweep:allow\n".encode()
    (found,) = _auditor(scanner, tmp_path).look([_held(content)]).found
    assert [marker is None for _, marker in found.matches] == [True, False]


@pytest.mark.parametrize("marked", [0, 1, 2, 3])
def test_a_marker_that_a_version_brings_is_told(
    scanner: Scanner, tmp_path: Path, marked: int
) -> None:
    """Markers are looked for in what changed; some version puts one beside a key."""
    front, behind = f"a = '{_key(1)}'".encode(), b"\n" + b"x = 1\n" * 300
    allowed = front + b"  # keysweep:allow" + behind
    versions = [(front + behind if n < marked else allowed) + b"y\n" * n + behind for n in range(4)]
    chain = [_held(versions[0])]
    for number, (base, content) in enumerate(pairwise(versions)):
        made = delta(len(base), [content[at : at + 100] for at in range(0, len(content), 100)])
        held = _held(content, number=number + 1)
        chain.append(held._replace(base=number, base_content=base, delta=made))
    found = _auditor(scanner, tmp_path).look(chain).found
    told = [[marker is not None for _, marker in one.matches] for one in found]
    assert told == [[n >= marked] for n in range(4)]


def test_a_broken_delta_leaves_the_others_alone(scanner: Scanner, tmp_path: Path) -> None:
    base, content = _held(b"x = 1\n"), _held(f"k = '{_key(1)}'".encode(), number=1)
    broken = content._replace(base=0, base_content=base.content, delta=b"\xff")
    harvest = _auditor(scanner, tmp_path).look([base, broken, _held(content.content, number=2)])
    (told,) = harvest.unread
    assert (told.id, told.reason) == (broken.id, "internal error (IndexError); report it")
    assert (len(harvest.found), harvest.blobs) == (1, 3)


def test_files_that_wait_keep_neither_base_nor_delta(scanner: Scanner, tmp_path: Path) -> None:
    size = 1 << 20

    def chain() -> Iterator[Held]:
        for number in range(60):
            base = bytes(size)
            held = _held(b"x = %d\n" % number, number=number)
            yield held._replace(base=99, base_content=base, delta=delta(size, [held.content]))

    auditor = _auditor(scanner, tmp_path)
    tracemalloc.start()
    harvest = auditor.look(chain())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert harvest.blobs == 60
    assert peak < 10 * size


def test_an_error_in_looking_at_many_costs_none_of_them(
    scanner: Scanner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hits_of(_texts: object) -> None:
        raise ValueError

    monkeypatch.setattr(scanner.detector, "hits_of", hits_of)
    held = [_held(f"k = '{_key(n)}'".encode(), number=n) for n in range(3)]
    harvest = _auditor(scanner, tmp_path).look(held)
    assert [found.id for found in harvest.found] == [one.id for one in held]


@pytest.mark.parametrize("coding", ["utf-8", "utf-16", "utf-16-le"])
def test_a_marker_is_told_in_any_coding(scanner: Scanner, tmp_path: Path, coding: str) -> None:
    content = f"a = '{_key(1)}'  # keysweep:allow\n".encode(coding)
    (found,) = _auditor(scanner, tmp_path).look([_held(content)]).found
    assert [marker is not None for _, marker in found.matches] == [True]


def test_ids_of_another_length_are_no_references(scanner: Scanner, tmp_path: Path) -> None:
    lines = [f"tree {'a' * 40}", f"parent {'b' * 41}", f"parent {'c' * 64}", f"parent {'d' * 39}"]
    harvest = _auditor(scanner, tmp_path).look(
        [_held("\n".join([*lines, "", "x"]).encode(), COMMIT)]
    )
    assert harvest.references == b"\xaa" * 20


def test_a_version_of_what_is_not_remembered(scanner: Scanner, tmp_path: Path) -> None:
    """Nothing of a UTF-16 text tells what is in the next version."""
    text = f"k = '{_key(1)}'\n"
    versions = [text.encode("utf-16"), text.encode(), text.encode() + b"x"]
    chain = [_held(versions[0])]
    for number, (base, content) in enumerate(pairwise(versions)):
        held = _held(content, number=number + 1)
        made = delta(len(base), [content])
        chain.append(held._replace(base=number, base_content=base, delta=made))
    found = _auditor(scanner, tmp_path).look(chain).found
    assert [one.id for one in found] == [one.id for one in chain]


def _tree(*entries: tuple[str, str, int]) -> bytes:
    return b"".join(b"%b %b\0%b" % (m.encode(), n.encode(), bytes([i]) * 20) for m, n, i in entries)


def test_names_and_references_of_a_tree(scanner: Scanner, tmp_path: Path) -> None:
    content = _tree(("100644", "a 1", 1), ("40000", "b", 2), ("160000", "c", 3), ("120000", "d", 4))
    auditor = _auditor(scanner, tmp_path)
    harvest = auditor.look([_held(content, TREE)])
    assert set(harvest.names) == {b"a 1", b"b", b"c", b"d"}
    expected = {bytes([n]) * 20 for n in (1, 2, 4)}  # a submodule's commit is elsewhere
    joined = harvest.references
    assert {joined[at : at + 20] for at in range(0, len(joined), 20)} == expected
    assert auditor.look([_held(content, TREE)]).names == ()  # told before


def test_many_texts_are_all_looked_at(scanner: Scanner, tmp_path: Path) -> None:
    texts = [
        _held(f"tree {'0' * 40}\n\n{_key(n) if n % 7 == 0 else 'x' * 900}\n".encode(), COMMIT, n)
        for n in range(1000)
    ]
    harvest = _auditor(scanner, tmp_path).look(texts)
    assert [found.id for found in harvest.found] == [held.id for held in texts[::7]]


@pytest.mark.parametrize("waiting", [0, 5000, 1 << 22])
def test_how_many_are_looked_at_at_once_is_all_the_same(
    scanner: Scanner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waiting: int
) -> None:
    monkeypatch.setattr("scanner.audit._WAITING", waiting)
    store = Store([_repository(tmp_path, 5, 30)], 20, MOST)
    auditor = Auditor(scanner, store, 20)
    found, *_ = _total(map(auditor.harvest, store.pieces(ALL)))
    whole = Auditor(scanner, store, 20, whole=True)
    expected, *_ = _total(map(whole.harvest, store.pieces(ALL)))
    assert found == expected != Counter()


# -- histories -----------------------------------------------------------------------------


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), versions=st.integers(40, 80))
def test_looking_at_changes_finds_the_same(
    scanner: Scanner, tmp_path_factory: pytest.TempPathFactory, seed: int, versions: int
) -> None:
    folder = _repository(tmp_path_factory.mktemp("history"), seed, versions)
    store = Store([folder], 20, MOST)
    assert store.unread == []
    totals = []
    for whole in (True, False):
        auditor = Auditor(scanner, store, 20, whole=whole)
        totals.append(_total(map(auditor.harvest, store.pieces(ALL))))
    assert totals[0] == totals[1]
    assert totals[0][0]  # the test is about something
    ids = set(split(store.ids(), 20))
    assert totals[0][2] <= ids


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_several_processes_find_the_same(scanner: Scanner, tmp_path: Path, jobs: int) -> None:
    folder = _repository(tmp_path, 5, 60)
    for seed in range(40):  # loose ones are pieces of their own
        content = f"k = '{_key(seed)}'\n".encode()
        _run(tmp_path, "hash-object", "-w", "--stdin", stdin=content)
    auditor = Auditor(scanner, Store([folder], 20, MOST), 20)
    pieces = Store([folder], 20, MOST).pieces(ALL)
    done = dict(workers.spread(auditor.harvest, pieces, jobs))
    assert set(done) == set(pieces)
    whole = Auditor(scanner, Store([folder], 20, MOST), 20, whole=True)
    assert _total(done.values()) == _total(map(whole.harvest, pieces))
