"""What GitHub knows a line by: the published algorithm, and what it must not tell."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence

import pytest

from scanner.linehash import line_hashes
from scanner.models import Blob, Kind, LineHash, Place
from scanner.scan import Plan, Scanner

Hashed = Callable[..., list[Place]]
ALNUM = string.ascii_letters + string.digits


@pytest.fixture(scope="module")
def hashed(plan: Plan) -> Hashed:
    """The places in a content, with the hashes of their lines."""
    scanner = Scanner(plan._replace(line_hashes=True))

    def places(content: bytes, kind: Kind = Kind.FILE) -> list[Place]:
        seen = scanner.look_at([Blob(kind, "a", content)])
        assert not seen.gaps
        return [place for _, _, place in seen.places]

    return places


def _key(seed: object, length: int = 40) -> str:
    return "be_" + "".join(random.Random(str(seed)).choices(ALNUM, k=length))


def _hashes(places: Sequence[Place]) -> list[LineHash]:
    found = [place.line_hash for place in places]
    assert None not in found
    return [one for one in found if one]


def _reference(text: str) -> list[str]:
    """All lines' hashes, unit by unit as the algorithm is told: a window that moves on, its
    hash told when the window is left by a line's first unit."""
    raw = text.encode("utf-16-le", "surrogatepass")
    units = [int.from_bytes(raw[at : at + 2], "little") for at in range(0, len(raw), 2)]
    window: list[tuple[int, bool]] = [(0, False)] * 100
    total, starts, after_return, seen = 0, True, False, dict[str, int]()
    told: list[str] = []

    def move(unit: int, begins: bool) -> None:
        nonlocal total
        gone, was_start = window.pop(0)
        if was_start:
            name = f"{total % 2**64:x}"
            seen[name] = seen.get(name, 0) + 1
            told.append(f"{name}:{seen[name]}")
        window.append((unit, begins))
        total = 37 * total + unit - 37**100 * gone

    for unit in [*units, 65535]:
        if unit in (32, 9) or (after_return and unit == 10):
            after_return = False
            continue
        after_return = unit == 13
        move(10 if after_return else unit, starts)
        starts = unit in (10, 13)
    for _ in range(100):
        move(0, False)
    return told


def test_reference_gives_what_the_action_s_own_tests_expect() -> None:
    text = " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n"
    assert _reference(text) == [
        "e9496ae3ebfced30:1", "fb7c023a8b9ccb3f:1", "ce8ba1a563dcdaca:1", "e20e36e16fcb0cc8:1",
        "b3edc88f2938467e:1", "c8e28b0b4002a3a0:1", "c129715d7a2bc9a3:1",
    ]  # fmt: skip
    repeated = _reference("Lorem ipsum dolor sit amet.\n" * 10)
    assert repeated[5:8] == ["a7f2ff13bc495cf2:6", "a7f2ff1481e87703:1", "a9cf91f7bbf1862b:1"]


CONTENTS = {
    "alone": "{0}",
    "blanks": "\tk = '{0}' \n  x\t=\ty\n",
    "CRLF": "a\r\n\r\nk = '{0}'\r\nb\r\n",
    "non-ASCII": "ä日😀\nk = '{0}' # 😀 ä 日\n😀\n",
    "byte order mark": "\ufeffk = '{0}'\n",
    "far down": "x = 1\n" * 500 + "k = '{0}'\n" + "y = 2\n" * 500,
    "long line": "'{0}'" + "x" * 5000,
    "behind a long line": "x" * 5000 + "\n'{0}'",
    "repeated": "k = '{0}'\n" + "z" * 100 + "\nk = '{0}'\n" + "z" * 100 + "\nq",
}


@pytest.mark.parametrize("name", CONTENTS)
def test_strong_secret_s_line_has_the_hash_that_github_computes(hashed: Hashed, name: str) -> None:
    text = CONTENTS[name].format(_key(name))
    places = hashed(text.encode())
    expected = _reference(text)
    assert places
    for place, found in zip(places, _hashes(places), strict=True):
        assert f"{found.digest}:{found.number}" == expected[place.span.start_line - 1]
        assert found.exact


def test_invalid_bytes_count_as_the_action_reads_them(hashed: Hashed) -> None:
    content = f"\xe4\xff\nk = '{_key(0)}' # \xfc\n".encode("latin-1")
    (found,) = _hashes(hashed(content))
    expected = _reference(content.decode("utf-8", "replace"))[1]
    assert f"{found.digest}:{found.number}" == expected


def test_same_line_again_has_the_next_number(hashed: Hashed) -> None:
    content = (f"k = '{_key(0)}'\n" + "z" * 100 + "\n") * 3
    assert [found.number for found in _hashes(hashed(content.encode()))] == [1, 2, 3]


def test_nothing_is_hashed_unless_asked_for(plan: Plan) -> None:
    content = f"k = '{_key(0)}'\n".encode()
    seen = Scanner(plan).look_at([Blob(Kind.FILE, "a", content)])
    assert [place.line_hash for _, _, place in seen.places] == [None]


def _password(seed: object) -> str:
    return "".join(random.Random(str(seed)).choices(ALNUM, k=14)) + "1!"


WEAK = {
    "password": 'password = "{0}"\n',
    "password, a key behind": 'password = "{0}"\nk = "{1}"\n',
    "key, a password behind": 'k = "{1}"\npassword = "{0}"\n',
    "password, its echo": 'password = "{0}"\n# {0}\n',
    "key, a password's echo behind": 'k = "{1}" # {0}\n' + "x\n" * 99 + 'password = "{0}"\n',
    "byte order mark": '\ufeffpassword = "{0}"\n',
    "lone carriage return": 'a\rb\npassword = "{0}"\n',
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("name", WEAK)
def test_hash_does_not_depend_on_a_password(hashed: Hashed, name: str, encoding: str) -> None:
    found = [
        hashed(WEAK[name].format(_password(seed), _key("same")).encode(encoding))
        for seed in range(2)
    ]
    assert len(found[0]) == WEAK[name].count('"{')
    assert _hashes(found[0]) == _hashes(found[1])
    assert not _hashes(found[0])[0].exact


def test_hash_as_shown_still_depends_on_the_text_around(hashed: Hashed) -> None:
    (one,), (other,) = (
        _hashes(hashed(f'{name}_password = "{_password(1)}"\n'.encode())) for name in "ab"
    )
    assert one.digest != other.digest


@pytest.mark.parametrize(
    ("length", "before", "exact"),
    [
        pytest.param(20, "", False, id="short"),
        pytest.param(24, "", False, id="nearly long enough"),
        pytest.param(28, "", True, id="long enough"),
        pytest.param(28, "x" * 80, False, id="cut, so told twice"),
        pytest.param(48, "x" * 80, True, id="cut, and long"),
        pytest.param(28, "x" * 120, True, id="out of reach"),
    ],
)
def test_own_hash_is_given_where_much_of_the_secret_stays_unknown(
    hashed: Hashed, length: int, before: str, exact: bool
) -> None:
    (found,) = _hashes(hashed(f"{before} {_key('k', length)}\n".encode()))
    assert found.exact is exact


def test_no_match_no_hash() -> None:
    assert line_hashes(b"text", b"text", ()) == []
