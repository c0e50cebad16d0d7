"""What is found in a version by looking at its changes is what is found by looking at all of it.

The whole shortcut through history rests on this, so texts and edits are drawn near what could
go wrong: in a secret, beside it, in the name before it, in what hides it, between two of them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from scanner import detector as detector_module
from scanner import rulefiles, rules
from scanner.changes import Kept, kept
from scanner.detector import Detection, Detector
from scanner.inheritance import Known
from scanner.scan import Plan
from tests.packwriter import Copy, Piece, delta, result

RULES = rulefiles.read(rules.files_in(rules.shipped()), thorough=False).rules
SEEDS = st.integers(0, 2**64)
VERSIONS = 5
UNREAD = bytes(4000)  # a delta of more bytes than are read: beginning and end only
BASE62 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
HEX = b"0123456789abcdef"
WORDS = b"the of and for value config name return import def class self key token secret".split()
NARROW = 40  # bytes


def _random(chance: random.Random, size: int, alphabet: bytes = BASE62) -> bytes:
    return bytes(chance.choices(alphabet, k=size))


def _jwt(chance: random.Random, size: int) -> bytes:
    parts = [b'{"alg":"HS256","typ":"JWT"}', b'{"sub":"%b"}' % _random(chance, size)]
    coded = [base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts]
    return b".".join([*coded, _random(chance, 43)])


def _pem(chance: random.Random, size: int, end: bytes) -> bytes:
    body = base64.b64encode(chance.randbytes(size))
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    kind = b"RSA PRIVATE KEY-----"
    return end.join([b"-----BEGIN " + kind, *lines, b"-----END " + kind])


def _escaped(chance: random.Random, text: bytes) -> bytes:
    form = chance.choice([b"\\u%04x", b"\\x%02x", b"%%%02X", b"\\%03o"])
    share = chance.choice([0.05, 0.3, 1])
    return b"".join(
        form % byte if 32 < byte < 127 and chance.random() < share else bytes([byte])
        for byte in text
    )


def _literals(chance: random.Random, text: bytes) -> bytes:
    joints = [b'" + "', b'"\n   "', b'" .\n "', b"\\\n", b'" + // c\n  "', rb"\n" + b'"\n "']
    joint = chance.choice(joints)
    size = chance.choice([8, 20, 64])
    return b'"' + joint.join(text[at : at + size] for at in range(0, len(text), size)) + b'"'


def _json(chance: random.Random, text: bytes) -> bytes:
    return json.dumps(json.dumps({"k": text.decode("utf-8", "replace")})).encode()


def _width(pattern: str) -> int:
    return int(re._parser.parse(pattern.encode()).getwidth()[1])  # type: ignore[attr-defined]


EXAMPLES = [example.encode() for rule in RULES for example in rule.examples]
# Secrets that consist of nothing but themselves, and whose beginning tells them.
SIMPLE = [
    example.encode()
    for rule in RULES
    if rule.width < 4 * NARROW and _width(rule.prefilter) <= NARROW and "(?i" not in rule.regex
    for example in rule.examples
]
Draw = Callable[[random.Random], bytes]
TEXT: list[Draw] = [
    lambda chance: b" ".join(chance.choices(WORDS, k=chance.randint(3, 12))),
    lambda chance: b"    %b_%b = %d" % (*chance.choices(WORDS, k=2), chance.randint(0, 999)),
    lambda chance: chance.choice([b" ", b"x", b"ab ", b"="]) * chance.choice([10, 80, 250, 310]),
]
BYTEENGINE: Draw = lambda chance: b"be_" + _random(chance, chance.randint(20, 128), HEX)  # noqa: E731
KINDS: dict[str, list[Draw]] = {
    "keys": [BYTEENGINE, lambda chance: chance.choice(SIMPLE)],
    "all rules": [BYTEENGINE, lambda chance: chance.choice(EXAMPLES)],
    "passwords": [
        lambda chance: b"password = '%b'" % _random(chance, chance.randint(8, 30)),
        lambda chance: b"token: " + _random(chance, 40),
        lambda chance: b"curl -u ada:%b https://example.org" % _random(chance, 20),
    ],
    "long": [
        lambda chance: _jwt(chance, chance.choice([20, 300, 1500])),
        lambda chance: _pem(chance, chance.choice([120, 600]), b"\n"),
    ],
    "escaped": [lambda chance: _escaped(chance, BYTEENGINE(chance))],
    "escaped, all rules": [lambda chance: _escaped(chance, chance.choice(EXAMPLES))],
    "literals": [lambda chance: _literals(chance, BYTEENGINE(chance))],
    "literals, all rules": [lambda chance: _literals(chance, chance.choice(EXAMPLES))],
    "JSON in JSON": [lambda chance: _json(chance, chance.choice(EXAMPLES))],
    "long and hidden": [
        lambda chance: _escaped(chance, _jwt(chance, chance.choice([20, 300, 1500]))),
        lambda chance: _literals(chance, _jwt(chance, chance.choice([300, 1500]))),
        lambda chance: _pem(chance, 600, chance.choice([b"\\n", b'\\n" +\n  "', b'\\n"\n "'])),
        lambda chance: _escaped(chance, _pem(chance, 600, b"\\n")),
    ],
}
EDGES = [b"a", b"_", b" ", b"\n", b'"', b"\\", b"%", b"=", b"0", b"'", b"curl", b"\\n", b'" + "']
BREAKS = [b"\n", b"\n", b"\n\n", b" ", b"", b", "]
# Where edits go: bytes from the beginning or end of a secret.
NEAR = [0, 1, -1, -5, -20, -60, -90, -120, -200, -330, -500, -800, 30, 90, 330]


def _text(chance: random.Random, draws: Sequence[Draw], size: int) -> bytes:
    segments = [chance.choice([*TEXT, *draws, *draws])(chance) for _ in range(size)]
    return b"".join(segment + chance.choice(BREAKS) for segment in segments)


class _Editor:
    """A version on its way to the next: what it takes from the one before, and what is new."""

    def __init__(self, base: bytes, chance: random.Random, draws: Sequence[Draw]) -> None:
        self._base, self._chance, self._draws = base, chance, draws
        self.pieces: list[Piece] = [Copy(0, len(base))]

    def content(self) -> bytes:
        return result(self._base, self.pieces)

    def _split(self, at: int) -> int:
        """The number of the piece that begins at an offset."""
        for index, piece in enumerate(self.pieces):
            size = len(piece) if isinstance(piece, bytes) else piece.size
            if at == 0:
                return index
            if at < size:
                halves: tuple[Piece, Piece]
                if isinstance(piece, bytes):
                    halves = piece[:at], piece[at:]
                else:
                    halves = Copy(piece.old, at), Copy(piece.old + at, size - at)
                self.pieces[index : index + 1] = halves
                return index + 1
            at -= size
        return len(self.pieces)

    def _new(self) -> bytes:
        chance = self._chance
        kind = chance.randrange(4)
        if kind == 0:
            return chance.choice(EDGES)
        if kind == 1:
            return _text(chance, self._draws, 1)
        return _random(chance, chance.randint(1, 30)) if kind == 2 else TEXT[0](chance) + b"\n"

    def edit(self, targets: Sequence[int]) -> None:
        """Inserts, deletes, replaces, moves or doubles something, perhaps near a target."""
        chance, content = self._chance, self.content()
        at = chance.randint(0, len(content))
        if targets and chance.random() < 0.5:
            at = min(len(content), max(0, chance.choice(targets) + chance.choice(NEAR)))
        lines = chance.random() < 0.3
        if lines:
            at = content.rfind(b"\n", 0, at) + 1
        size = chance.choice([0, 1, 1, 2, 5, 20, 64, 100, 300])
        end = content.find(b"\n", at) + 1 if lines else at + size
        kind = chance.choice(["insert", "insert", "delete", "replace", "replace", "move", "double"])
        if kind == "insert":
            index = self._split(at)
            self.pieces[index:index] = [self._new()]
            return
        self._split(min(end or len(content), len(content)))
        low = self._split(at)
        high = self._split(min(end or len(content), len(content)))
        taken = self.pieces[low:high]
        if kind != "double":
            self.pieces[low:high] = [self._new()] if kind == "replace" else []
        if kind in ("move", "double"):
            index = self._split(chance.randint(0, len(self.content())))
            self.pieces[index:index] = taken

    def parts(self) -> list[Kept]:
        """Everything that comes from the version before."""
        found: list[Kept] = []
        at = 0
        for piece in self.pieces:
            if isinstance(piece, bytes):
                at += len(piece)
                continue
            last = found[-1] if found else Kept(0, 0, 0)
            if last.new + last.size == at and last.old + last.size == piece.old and found:
                found[-1] = Kept(last.new, last.old, last.size + piece.size)
            else:
                found.append(Kept(at, piece.old, piece.size))
            at += piece.size
        return found


def _shown(detection: Detection) -> list[tuple[object, ...]]:
    """All that a match says, and the bytes of its secret besides."""
    return [(*match, match.secret.reveal()) for match in detection.matches]


def _targets(known: Known) -> list[int]:
    return [at for candidate in known.candidates for at in (candidate.start, candidate.end)]


def _secrets(detection: Detection) -> set[tuple[str, bytes]]:
    return {(match.rule_id, match.secret.identity) for match in detection.matches}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(seed=SEEDS, size=st.sampled_from([1, 2, 3, 5, 8, 30]))
def test_looking_at_changes_finds_what_looking_at_everything_finds(
    detector: Detector, *, kind: str, seed: int, size: int
) -> None:
    chance = random.Random(seed)
    base = _text(chance, KINDS[kind], size)
    first = detector.detect(base).known
    known = {"told by git": first, "all that is kept": first}
    for _ in range(VERSIONS):
        editor = _Editor(base, chance, KINDS[kind])
        for _ in range(chance.choice([1, 1, 2, 3, 6])):
            editor.edit(_targets(known["told by git"]))
        content = editor.content()
        ways = {
            "told by git": kept(content, base, delta(len(base), editor.pieces)),
            "all that is kept": editor.parts(),
        }
        expected = detector.detect(content)
        if not detector.adds(content, base):
            assert _secrets(expected) <= _secrets(detector.detect(base))
        for way, parts in ways.items():
            found = detector.detect_changed(content, known[way], parts)
            assert _shown(found) == _shown(expected), way
            assert found.timeouts == expected.timeouts
            known[way] = found.known
        base = content


# -- cases by themselves -------------------------------------------------------------------

CHANCE = random.Random(7)
FILL = b"x = 1\n" * 200
KEY = b"be_" + hashlib.sha256(b"changed").hexdigest()[:40].encode()
PASSWORD = _random(CHANCE, 24)
JWT, LONG_JWT, AQ = _jwt(CHANCE, 300), _jwt(CHANCE, 1400), _random(CHANCE, 420)
SPELT_JWT = b"".join(b"\\u%04x" % byte for byte in JWT)
SPELT_PEM = b"".join(b"%%%02X" % byte for byte in _pem(CHANCE, 1200, b"\\n"))
HALVED = b"%30" + b"\n" * 757 + b"%41" + b"\n" * 101
HALVED += b"".join(b"\\x%02x" % byte for byte in KEY) + b"_no"
# A key in octal escapes, in literals with wide gaps between them.
SPREAD = (
    b'"'
    + (b'" +' + b" " * 220 + b'"').join(
        b"".join(b"\\%03o" % byte for byte in KEY[at : at + 4]) for at in range(0, len(KEY), 4)
    )
    + b'"'
)
PEM = _pem(CHANCE, 1200, b"\n")
PEM_HEAD = PEM.partition(b"\n")[0]
HEADER = b" -H 'X-Long: " + b"ab " * 50 + b"' "


def _both(detector: Detector, base: bytes, content: bytes, parts: Sequence[Kept]) -> None:
    known = detector.detect(base).known
    found = detector.detect_changed(content, known, parts)
    assert _shown(found) == _shown(detector.detect(content))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(KEY, b"", id="removed"),
        pytest.param(b"", KEY, id="added"),
        pytest.param(KEY, KEY + b"_", id="a word character behind"),
        pytest.param(KEY, b"a" + KEY, id="a word character before"),
        pytest.param(b"a" + KEY, KEY, id="a word character less before"),
        pytest.param(KEY, b"\\n" + KEY, id="an escape before"),
        pytest.param(b"\\n" + KEY, b"n" + KEY, id="half an escape before"),
        pytest.param(KEY, KEY[:20] + b'" + "' + KEY[20:], id="split"),
        pytest.param(KEY, b"be\\x5f" + KEY[3:], id="escaped"),
        pytest.param(KEY, KEY[:-1], id="shorter"),
        pytest.param(KEY, KEY[:20] + b"_" + KEY[20:], id="changed within"),
        pytest.param(KEY, KEY + b"\n" + KEY, id="doubled"),
        pytest.param(b"password = '%b'" % PASSWORD, b"pass = '%b'" % PASSWORD, id="another name"),
        pytest.param(LONG_JWT[:-44] + LONG_JWT[-43:], LONG_JWT, id="a dot in a long token"),
        pytest.param(LONG_JWT, LONG_JWT[:-5] + b"A" + LONG_JWT[-4:], id="end of a long token"),
        pytest.param(KEY + b"\0" * 5000, KEY + b"\0" * 5001, id="zeros behind"),
    ],
)
@pytest.mark.parametrize(
    "around", [b"", b" ", b"\n", FILL], ids=["nothing", "space", "line", "text"]
)
def test_a_change(detector: Detector, before: bytes, after: bytes, around: bytes) -> None:
    base, content = (around + text + around for text in (before, after))
    _both(detector, base, content, kept(content, base, UNREAD))
    size = len(around)
    parts = [Kept(0, 0, size), Kept(size + len(after), size + len(before), size)]
    _both(detector, base, content, parts)


def test_nothing_kept_is_looking_at_everything(detector: Detector) -> None:
    content = FILL + KEY + FILL + SPELT_JWT
    _both(detector, b"", content, [])


def test_what_is_moved_and_doubled_is_found_everywhere(detector: Detector) -> None:
    base = FILL + KEY + FILL
    parts = [Kept(0, 0, len(base)), Kept(len(base), 0, len(base)), Kept(2 * len(base), 0, 1300)]
    _both(detector, base, base + base + base[:1300], parts)


@pytest.mark.parametrize("content", [b"", b"\n", FILL], ids=["nothing", "a line", "much"])
def test_what_goes_leaves_nothing_behind(detector: Detector, content: bytes) -> None:
    known = detector.detect(FILL + KEY + FILL).known
    found = detector.detect_changed(content, known, kept(content, FILL + KEY + FILL, UNREAD))
    assert found == Detection((), (), Known((), {}, len(content)))


FAR = {
    # The match that makes a candidate one begins some hundred bytes before the secret.
    "command of a password": (b"curl" + HEADER + b"-u ada:" + PASSWORD,
                              b"kurl" + HEADER + b"-u ada:" + PASSWORD),
    # A pattern that is wider than what was left of the match.
    "end of a token whose name must be there": (b"LINKEDIN_ACCESS_TOKEN = 'AQV" + AQ + b"A'",
                                                b"LINKEDIN_ACCESS_TOKEN = 'AQV" + AQ + b"'"),
    # No pattern hits a secret that is hidden as a whole, but inside what hides it.
    "behind an escaped token": (SPELT_JWT, SPELT_JWT + b"'"),
    "behind an escaped private key": (SPELT_PEM, SPELT_PEM + b" x"),
    # Of the triggers only those near a change are taken, so that the windows around them end
    # elsewhere, here in the middle of an escape: what stands before that is no key.
    "a window's end in an escape": (HALVED + b"\n" * 500, HALVED + b"\n" * 499 + b" "),
    # What stands in the way of notations being undone as far as they are in the whole.
    "before a key that is spread out": (SPREAD, b"x = 1\n" + SPREAD),
    "in the first of the literals that it is spread over": (SPREAD.replace(b"145", b"xyz"), SPREAD),
    # A joint that is none any more: what is joined goes no farther than the next one.
    "within a joint": (b'k = "' + PEM[:400].replace(b"\n", b"\\n") + b'" +\n "'
                       + PEM[400:].replace(b"\n", b"\\n") + b'"',
                       b'k = "' + PEM[:400].replace(b"\n", b"\\n") + b'" +\n k "'
                       + PEM[400:].replace(b"\n", b"\\n") + b'"'),
    # Matches of a rule do not overlap: the one that begins first counts.
    "a header before a private key": (KEY + b"\n" + FILL[:600] + PEM,
                                      PEM_HEAD + b"\n" + _random(CHANCE, 60) + b"\n" + KEY
                                      + b"\n" + FILL[:600].replace(b"=", b"+") + PEM),
    # The triggers of literals have no bound, but what is joined has one.
    "before a wide gap": (b'k = "' + KEY[:20] + b' "' + b" " * 500 + b'"' + KEY[20:] + b'"',
                          b'k = "' + KEY[:20] + b'"' + b" " * 500 + b'"' + KEY[20:] + b'"'),
}  # fmt: skip


@pytest.mark.parametrize("name", FAR)
def test_a_change_far_from_what_it_changes(detector: Detector, name: str) -> None:
    around = b"" if "window" in name else FILL
    base, content = (around + text + b"\n" + around for text in FAR[name])
    _both(detector, base, content, kept(content, base, UNREAD))


# -- suspects ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([b""], [], id="an empty one"),
        pytest.param([b"Fix a typo\n"] * 5, [], id="harmless ones"),
        pytest.param([b"", KEY, b""], [1], id="one between empty ones"),
        pytest.param([FILL, KEY, FILL], [1], id="one between others"),
        pytest.param([KEY, FILL, FILL, KEY], [0, 3], id="first and last"),
    ],
)
def test_suspects(detector: Detector, contents: list[bytes], expected: list[int]) -> None:
    found = detector.suspects(contents)
    assert set(expected) <= set(found)
    # What follows a hit closely is suspect too.
    assert all(any(0 <= number - one <= 2 for one in expected) for number in found)


@settings(max_examples=150)
@given(seed=SEEDS, kind=st.sampled_from(sorted(KINDS)), count=st.integers(1, 12))
def test_whatever_holds_something_is_a_suspect(
    detector: Detector, seed: int, kind: str, count: int
) -> None:
    chance = random.Random(seed)
    sizes = chance.choices([0, 0, 1, 2], k=count)
    contents = [_text(chance, KINDS[kind], size) for size in sizes]
    found = detector.suspects(contents)
    assert all(a < b for a, b in pairwise(found))
    holding = {n for n, content in enumerate(contents) if detector.detect(content).matches}
    assert holding <= set(found)


# -- what notations hide reaches farther than it is long ------------------------------------


def _each(form: bytes) -> Callable[[bytes], bytes]:
    return lambda text: b"".join(form % byte for byte in text)


@pytest.mark.parametrize("behind", [0, 1, 241])
@pytest.mark.parametrize("hide", [_each(b"\\u%04x"), _each(b"%%%02X")], ids=["escapes", "percent"])
@pytest.mark.parametrize(
    ("begin", "size"), [(b"sl.u.", 1000), (b"ya29.", 400), (b"ya29.", 270), (b"EAAB", 230)]
)
def test_a_change_behind_a_long_secret_in_a_notation(
    detector: Detector, begin: bytes, size: int, hide: Callable[[bytes], bytes], behind: int
) -> None:
    filler = b"x = 1\n" * 300
    hidden = hide(begin + _random(random.Random(size), size))
    front, rest = filler + hidden + b"\n" * behind, b"\n" + filler
    base, content = front + rest, front + b"y" + rest
    known = detector.detect(base).known
    parts = [Kept(0, 0, len(front)), Kept(len(front) + 1, len(front), len(rest))]
    whole = detector.detect(content)
    assert _shown(detector.detect_changed(content, known, parts)) == _shown(whole)
    if behind:
        assert whole.matches


@pytest.mark.parametrize("gap", [100, 3_000, 12_000])
@pytest.mark.parametrize(
    "secret", [SPELT_PEM, SPELT_JWT, SPREAD, PEM.replace(b"\n", b"\\n")],
    ids=["private key", "token", "spread", "line breaks"],
)  # fmt: skip
def test_versions_of_a_text_full_of_notations(detector: Detector, secret: bytes, gap: int) -> None:
    """Each version is known from the one before, with what is hidden in it far and near."""
    line = b'{"text": "a \\"quoted\\" word", "password": "\\u0041"}\n'
    fill = line * (gap // len(line))
    text = fill + secret + b"\n" + fill
    known = detector.detect(text).known
    places = [0, gap // 2, len(fill) + 9, len(fill) + len(secret) - 9, len(text) - gap // 2]
    for number, at in enumerate([*places, *places]):
        put, gone = [(b"xy", 0), (b"", 1), (b"A", 1)][number % 3]
        after = text[:at] + put + text[at + gone :]
        parts = [Kept(0, 0, at), Kept(at + len(put), at + gone, len(text) - at - gone)]
        found = detector.detect_changed(after, known, parts)
        assert _shown(found) == _shown(detector.detect(after))
        known, text = found.known, after


def test_many_changes_in_a_text_full_of_what_is_hidden(detector: Detector) -> None:
    """So many that looking at all of it takes less time than going through what is known."""
    text = rb"\u002d----BEGIN RSA PRIVATE KEY-----" + b"\n"
    base = text * 4000 + KEY
    pieces: list[Piece] = []
    for at in range(0, len(base), 1300):
        pieces += [Copy(at, min(1300, len(base) - at)), b"z"]
    content = result(base, pieces)
    parts = kept(content, base, delta(len(base), pieces))
    known = detector.detect(base).known
    assert len(known.hidden) * len(parts) > 200_000
    found = detector.detect_changed(content, known, parts)
    assert _shown(found) == _shown(detector.detect(content)) != []


def test_what_is_learnt_of_a_window_depends_on_where_its_triggers_are(plan: Plan) -> None:
    """Nothing counts near the change, but a key is joined in the same window elsewhere."""
    head = b'a = "' + KEY[:20] + b'" + "' + KEY[20:] + b'"\n'
    base = head + b"." * 900 + rb'"one\n" "two"' + b"." * 200
    at = len(base) - 100
    content = base[:at] + b"," + base[at:]
    learning = Detector(rules.load(plan.artefact))
    known = learning.detect(base).known
    parts = [Kept(0, 0, at), Kept(at + 1, at, len(base) - at)]
    found = learning.detect_changed(content, known, parts)
    assert _shown(found) == _shown(learning.detect(content)) != []


@pytest.mark.parametrize("before", [0, 500, 950])
@pytest.mark.parametrize("behind", [0, 500, 950, 1000])
def test_key_over_two_comments_beside_lines_that_do_not_count(
    detector: Detector, before: int, behind: int
) -> None:
    usage = rb'p("usage: a\n" "options: b");' + b"\n"
    key = b'key = "' + KEY[:20] + b'"  # one\n    # two\n    "' + KEY[20:] + b'";\n'
    head = usage + b"x = 1;\n" * (before // 7)
    content = head + key + b"x = 1;\n" * (behind // 7) + usage
    at = len(head) + 15
    base = content[:at] + b"?" + content[at + 1 :]
    parts = [Kept(0, 0, at), Kept(at + 1, at + 1, len(content) - at - 1)]
    found = detector.detect_changed(content, detector.detect(base).known, parts)
    assert _shown(found) == _shown(detector.detect(content)) != []


@pytest.mark.parametrize("end", [rb"\n", rb"\r\n", rb"\\n", rb"\\r\\n", rb"\\\\n"])
def test_pem_key_of_which_a_short_line_is_in_another_literal(
    detector: Detector, end: bytes
) -> None:
    head, *lines, last, foot = _pem(CHANCE, 200, b"\n").split(b"\n")
    text = end.join([head, *lines, b""])
    content = b'k = "' + text + b'"  # it\'s the end!\n    "' + end.join([last, foot]) + b'"\n'
    assert [match.rule_id for match in detector.detect(content).matches] == ["pem-private-key"]


# -- hits that are known and hits that are found -------------------------------------------

OFFSETS = st.sets(st.integers(0, 300), max_size=40)


@given(known=OFFSETS, found=OFFSETS, edges=st.sets(st.integers(0, 300), max_size=8))
def test_hits_of_both_are_in_order(known: set[int], found: set[int], edges: set[int]) -> None:
    bounds = sorted(edges)
    zones = list(zip(bounds[::2], bounds[1::2], strict=False))
    inside = {at for at in found if any(low <= at <= high for low, high in zones)}
    many = {*known, *range(1000, 1000 + detector_module._FEW)}
    for some in (known, many):
        both = detector_module._union(sorted(some), sorted(inside), zones)
        assert both == sorted(some | inside)
