"""The whole detector: keys are found where they stand, in any spelling, and nothing else is."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import rulefiles, rules
from scanner.artefact import compile_rules
from scanner.detector import Detector, patterns_of, readable
from scanner.errors import ConfigError
from scanner.models import Match, Span
from scanner.positions import harmless
from scanner.randomness import is_random
from scanner.scan import Plan
from scanner.search import DECODERS

HEX = "0123456789abcdef"
BASE62 = string.ascii_letters + string.digits
BYTEENGINE = "byteengine-api-key"


def _random(seed: int, length: int, alphabet: str = BASE62) -> str:
    return "".join(random.Random(seed).choices(alphabet, k=length))


def _key(seed: int, length: int = 40, alphabet: str = HEX) -> str:
    return "be_" + _random(seed, length, alphabet)


KEY = _key(1)
OTHER = _random(2, 40)
SEEDS = st.integers(0, 2**64)
# Of many drawn at random, one or the other looks as if it were not.
KEYS = st.builds(_key, SEEDS, st.integers(32, 128), st.sampled_from([HEX, BASE62])).filter(
    lambda key: is_random(key.removeprefix("be_").encode())
)


def _matches(detector: Detector, text: str | bytes) -> tuple[Match, ...]:
    detection = detector.detect(text.encode() if isinstance(text, str) else text)
    assert not detection.timeouts
    return detection.matches


def _only(detector: Detector, text: str | bytes) -> tuple[str, str, Span]:
    (match,) = _matches(detector, text)
    return match.rule_id, match.secret.reveal().decode(), match.span


# -- what is found -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        pytest.param("utf-8", b"", id="UTF-8"),
        pytest.param("utf-8", b"\xef\xbb\xbf", id="UTF-8 with a mark"),
        pytest.param("utf-16-le", b"", id="UTF-16 LE"),
        pytest.param("utf-16-le", b"\xff\xfe", id="UTF-16 LE with a mark"),
        pytest.param("utf-16-be", b"", id="UTF-16 BE"),
        pytest.param("utf-16-be", b"\xfe\xff", id="UTF-16 BE with a mark"),
        pytest.param("latin-1", b"", id="Latin-1"),
        pytest.param("cp1252", b"", id="Windows"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_key_in_an_encoding(detector: Detector, encoding: str, mark: bytes, end: str) -> None:
    text = f"# clés{end}à = '{KEY}'{end}"
    found = _only(detector, mark + text.encode(encoding))
    assert found == (BYTEENGINE, KEY, Span(2, 6, 2, 6 + len(KEY)))


@pytest.mark.parametrize("at", [0, 1, 5000, 150_000, 299_000, 300_000])
def test_key_on_a_line_of_300_kilobytes(detector: Detector, at: int) -> None:
    line = "var a=1;" * 37_500
    text = f"'é'\n{line[:at]} {KEY} {line[at:]}"
    assert _only(detector, text) == (BYTEENGINE, KEY, Span(2, at + 2, 2, at + 2 + len(KEY)))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\x7fELF\0\0\0" + b"\0%b\0" + bytes(range(256)), id="program"),
        pytest.param(b"\xfd\xfc\xfb %b \xff", id="no text at all"),
        pytest.param(b"\0\0\0\0%b\0\0\0\0", id="zeros around"),
        pytest.param(b"%b", id="nothing around"),
    ],
)
def test_key_in_binary_content(detector: Detector, content: bytes) -> None:
    rule_id, secret, _ = _only(detector, content.replace(b"%b", KEY.encode()))
    assert (rule_id, secret) == (BYTEENGINE, KEY)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("api_key = '%s'", id="name that a generic rule knows"),
        pytest.param("password: %s", id="password"),
        pytest.param('{"client_secret": "%s"}', id="JSON"),
        pytest.param("Authorization: Bearer %s", id="bearer"),
        pytest.param("curl -H 'Authorization: Bearer %s' https://example.org", id="curl"),
        pytest.param("https://ada:%s@example.org/", id="URL"),
        pytest.param("BYTESTACK_API_KEY=%s", id="name of another provider"),
        pytest.param("export TOKEN=%s  # rotate", id="shell"),
        pytest.param("<add key='ApiKey' value='%s'/>", id="XML"),
    ],
)
def test_the_specific_rule_beats_the_generic_ones(detector: Detector, text: str) -> None:
    at = text.index("%s") + 1
    found = _only(detector, text % KEY)
    assert found == (BYTEENGINE, KEY, Span(1, at, 1, at + len(KEY)))


def test_the_same_key_at_three_places_is_three_matches(detector: Detector) -> None:
    found = _matches(detector, f"api_key = '{KEY}'\n" * 3)
    assert [match.span.start_line for match in found] == [1, 2, 3]
    assert len({match.secret for match in found}) == 1


def test_matches_come_in_the_order_of_their_positions(detector: Detector) -> None:
    keys = [_key(seed) for seed in range(9)]
    lines = [f"k = '{key}', password = '{_random(n, 16)}'" for n, key in enumerate(keys)]
    spans = [match.span for match in _matches(detector, "\n".join(lines))]
    assert len(spans) == 18
    assert spans == sorted(spans)


BEFORE = st.sampled_from(["", " ", "\n", "\r\n", "\t", '"', "'", "=", ": ", "(", "/", "\\n", "%20"])
BEHIND = st.sampled_from(["", " ", "\n", "\r\n", "\t", ")", ";", '",', "';", "#"])
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")
LATIN = st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.sampled_from("\r\n\t")
PLACES = st.sampled_from([("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe")])


def _place(text: str) -> tuple[int, int]:
    """Line and column behind a text."""
    return text.count("\n") + 1, len(text.rpartition("\n")[2]) + 1


@settings(max_examples=300)
@given(
    key=KEYS,
    texts=st.tuples(st.text(CHARACTERS, max_size=300), st.text(CHARACTERS)),
    before=BEFORE,
    behind=BEHIND,
    place=PLACES,
)
def test_a_key_planted_anywhere_is_found_at_its_line_and_column(
    detector: Detector,
    *,
    key: str,
    texts: tuple[str, str],
    before: str,
    behind: str,
    place: tuple[str, bytes],
) -> None:
    front = (texts[0] + before) if before else ""
    back = (behind + texts[1]) if behind else ""
    encoding, mark = place
    content = mark + (front + key + back).encode(encoding)
    line, column = _place(front)
    expected = (BYTEENGINE, key.encode(), Span(line, column, line, column + len(key)))
    found = detector.detect(content).matches
    assert expected in [(match.rule_id, match.secret.reveal(), match.span) for match in found]


@given(KEYS, st.text(LATIN, max_size=2000), st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_a_key_planted_in_utf16_without_a_mark_is_found(
    detector: Detector, key: str, text: str, encoding: str
) -> None:
    line, column = _place(text + " ")
    found = detector.detect(f"{text} {key} ".encode(encoding)).matches
    assert Span(line, column, line, column + len(key)) in [match.span for match in found]


# -- what is not found ---------------------------------------------------------------------

SURROUNDINGS = {
    "assignment": "api_key = '%s'",
    "JSON": '{"token": "%s"}',
    "YAML": "client_secret: %s",
    "bearer": "Authorization: Bearer %s",
    "environment": "BYTEENGINE_API_KEY=%s",
    "ByteStack": "BYTESTACK_API_KEY=%s",
    "password": "password: '%s'",
    "XML": "<apiKey>%s</apiKey>",
}
STAND_INS = [
    "YOUR_API_KEY",
    "your-api-key-here",
    "be_1234567890abcdef...",
    "be_1234567890abcdef1234567890abcdef",
    "be_" + "x" * 32,
    "x" * 32,
    "<token>",
    "<YOUR_TOKEN>",
    "${TOKEN}",
    "${{ secrets.TOKEN }}",
    "{{ token }}",
    "$BITKIT_API_KEY",
    "%TOKEN%",
    "process.env.BYTEENGINE_API_KEY",
    "os.environ['BYTEENGINE_API_KEY']",
    "changeme",
    "********",
    "REDACTED",
    "be_YOUR_KEY_GOES_HERE_PLEASE",
    "be_careful_with_this_value",
    "be_BY",
]


@pytest.mark.parametrize("around", SURROUNDINGS.values(), ids=SURROUNDINGS)
@pytest.mark.parametrize("text", STAND_INS)
def test_stand_in_is_not_found(detector: Detector, around: str, text: str) -> None:
    assert [match.rule_id for match in _matches(detector, around % text)] == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("def be_careful_with_this(value):", id="function"),
        pytest.param("locale = be_BY", id="locale"),
        pytest.param("expect(x).to.be_truthyForEveryElementOfTheCollection()", id="assertion"),
        pytest.param("be_internationalizationConfigurationProvider = 1", id="camel case"),
        pytest.param("maybe_" + KEY[3:], id="inside a word"),
        pytest.param(KEY[3:], id="key without its prefix"),
        pytest.param(KEY[:20], id="shorter than keys are"),
        pytest.param("be_" + KEY[3:] * 4, id="longer than keys are"),
        pytest.param(f"commit {_random(3, 40, HEX)}", id="commit"),
        pytest.param(f"sha256:{_random(4, 64, HEX)}", id="digest"),
        pytest.param(f'"integrity": "sha512-{_random(5, 86)}=="', id="integrity"),
        pytest.param("id = '123e4567-e89b-42d3-a456-426614174000'", id="UUID"),
        pytest.param(f"url(data:image/png;base64,{_random(6, 400)})", id="picture"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_is_no_key_is_not_found(detector: Detector, text: str) -> None:
    assert [match.rule_id for match in _matches(detector, text)] == []


WORDS = """account button careful channel collection configuration container controller default
    element enabled exception factory handler listener manager message notification option
    permission provider property registry resource response scheduler selected service session
    settings template validator viewport visible window within"""


@given(st.lists(st.sampled_from(WORDS.split()), min_size=4, max_size=9, unique=True), st.booleans())
def test_identifiers_that_begin_like_a_key_are_not_found(
    detector: Detector, words: list[str], camel: bool
) -> None:
    body = "".join(map(str.capitalize, words)) if camel else "".join(words)
    assert _matches(detector, f"x.be_{body}(1)") == ()


STOP_WORDS = """test fake demo key token secret your here none null admin user abc 1234 password
    sample example foobar redacted changeme qwerty lorem hidden"""


@pytest.mark.parametrize("word", STOP_WORDS.split())
@pytest.mark.parametrize("around", ["%s", "k = '%s'"], ids=["bare", "quoted"])
def test_a_stop_word_inside_a_random_key_does_not_hide_it(
    detector: Detector, word: str, around: str
) -> None:
    key = "be_" + _random(7, 22) + word + _random(8, 22)
    assert _only(detector, around % key)[:2] == (BYTEENGINE, key)


# -- spellings -----------------------------------------------------------------------------

HEAD, MIDDLE, TAIL = KEY[:3], KEY[3:23], KEY[23:]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'k = ("{HEAD}"\n     "{MIDDLE}"\n     "{TAIL}")', id="Python, adjacent"),
        pytest.param(f'k = "{HEAD}" + "{MIDDLE}" + \\\n    "{TAIL}"', id="Python, continued plus"),
        pytest.param(f'k = "{HEAD}" "{MIDDLE}" \\\n    "{TAIL}"', id="Python, continued"),
        pytest.param(f"k = (f'{HEAD}'  # why\n     r'{MIDDLE}' '{TAIL}')", id="Python, prefixes"),
        pytest.param(f"const k = '{HEAD}' +\n  '{MIDDLE}' + '{TAIL}';", id="JavaScript"),
        pytest.param(f'const k = "{HEAD}"\n  + `{MIDDLE}` // why\n  + "{TAIL}";', id="TypeScript"),
        pytest.param(f'char *k = "{HEAD}"\n  "{MIDDLE}" "{TAIL}";', id="C, adjacent"),
        pytest.param(f'char *k = "{HEAD}""{MIDDLE}""{TAIL}";', id="C, without spaces"),
        pytest.param(f'char *k = "{HEAD}{MIDDLE}\\\n{TAIL}";', id="C, continued"),
        pytest.param(f'#define K "{HEAD}" \\\n  "{MIDDLE}" \\\n  "{TAIL}"', id="C, macro"),
        pytest.param(f'String k = "{HEAD}" + "{MIDDLE}"\n    + "{TAIL}";', id="Java"),
        pytest.param(f"$k = '{HEAD}' . '{MIDDLE}'\n  . '{TAIL}';", id="PHP"),
        pytest.param(f"export K={HEAD}{MIDDLE}\\\n{TAIL}", id="shell, continued"),
        pytest.param(f'export K="{HEAD}{MIDDLE}\\\n{TAIL}"', id="shell, continued in quotes"),
        pytest.param(f'export K="{HEAD}"\'{MIDDLE}\'"{TAIL}"', id="shell, adjacent"),
        pytest.param(f'k := "{HEAD}" +\n\t"{MIDDLE}{TAIL}"', id="Go"),
        pytest.param(f'k = "{HEAD}" & "{MIDDLE}" & "{TAIL}"', id="Visual Basic"),
        pytest.param(f'local k = "{HEAD}" .. "{MIDDLE}{TAIL}"', id="Lua"),
        pytest.param(f"select '{HEAD}' || '{MIDDLE}{TAIL}'", id="SQL"),
    ],
)
def test_key_split_over_literals(detector: Detector, text: str) -> None:
    span = Span(*_place(text[: text.index(HEAD)]), *_place(text[: text.index(TAIL) + len(TAIL)]))
    assert _only(detector, text) == (BYTEENGINE, KEY, span)
    assert _only(detector, text.replace("\n", "\r\n")) == (BYTEENGINE, KEY, span)


JOINTS = st.sampled_from(['" + "', "' . '", '"\n  "', '" +\n  "', "\\\n", '" "', "`\n + `"])


@given(KEYS, st.lists(st.integers(1, 100), min_size=1, max_size=6), JOINTS, st.text(LATIN))
def test_key_split_anywhere_is_put_together(
    detector: Detector, key: str, cuts: list[int], joint: str, text: str
) -> None:
    cuts = sorted({cut % (len(key) - 1) + 1 for cut in cuts})
    parts = [key[a:b] for a, b in zip([0, *cuts], [*cuts, len(key)], strict=True)]
    front = f"{text}\nk = ("
    spelt = front + joint.join(parts)
    span = Span(*_place(front), *_place(spelt))
    found = detector.detect((spelt + ");").encode()).matches
    assert (key.encode(), span) in [(match.secret.reveal(), match.span) for match in found]


NOTATIONS: dict[str, Callable[[str], str]] = {
    "unicode": lambda c: f"\\u{ord(c):04x}",
    "unicode in capitals": lambda c: f"\\u{ord(c):04X}",
    "braces": lambda c: f"\\u{{{ord(c):x}}}",
    "hex": lambda c: f"\\x{ord(c):02x}",
    "octal": lambda c: f"\\{ord(c):03o}",
    "percent": lambda c: f"%{ord(c):02X}",
    "percent in small letters": lambda c: f"%{ord(c):02x}",
}


@pytest.mark.parametrize("name", NOTATIONS)
@settings(max_examples=40)
@given(
    key=KEYS,
    share=st.sampled_from([0.05, 0.5, 1.0]),
    seed=SEEDS,
    text=st.text(LATIN, max_size=50),
    distance=st.sampled_from([0, 0, 3000, 5000, 20_000]),
)
def test_escaped_key_is_seen_through(
    detector: Detector, *, name: str, key: str, share: float, seed: int, text: str, distance: int
) -> None:
    draw = random.Random(seed)
    spelt = "".join(NOTATIONS[name](c) if draw.random() < share else c for c in key)
    front = f"{text}\n{'.' * distance}\\x41 k='"
    (line, column), size = _place(front), len(spelt)
    found = detector.detect(f"{front}{spelt}';{'.' * distance}%41\n".encode()).matches
    expected = (key.encode(), Span(line, column, line, column + size))
    assert expected in [(match.secret.reveal(), match.span) for match in found]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_key_in_json_within_json(detector: Detector, depth: int) -> None:
    text = json.dumps({"k": "KEY"}).replace("KEY", KEY.replace("_", "\\u005f"))
    for _ in range(depth - 1):
        text = json.dumps(text)
    (match,) = _matches(detector, text)
    assert match.secret.reveal().decode() == KEY
    assert set(match.decoded) == {"escapes"}
    assert match.span.start_column - 1 == text.index("be\\")
    assert match.span.end_column - 1 == text.index(KEY[-8:]) + 8


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        pytest.param("'be%5FBODY'", ("percent",), id="percent"),
        pytest.param("'be%255FBODY'", ("percent", "percent"), id="percent of percent"),
        pytest.param('"be\\u00255fBODY"', ("escapes", "percent"), id="percent in JSON"),
        pytest.param('"be\\\\u005fBODY"', ("escapes", "escapes"), id="JSON in JSON"),
        pytest.param('"be\\u005f" + "BODY"', None, id="escapes and concatenation"),
    ],
)
def test_notations_within_notations(
    detector: Detector, text: str, decoded: tuple[str, ...] | None
) -> None:
    spelt = text.replace("BODY", KEY[3:])
    (match,) = _matches(detector, f"x\n{spelt}\n")
    assert match.secret.reveal().decode() == KEY
    assert match.span == Span(2, 2, 2, len(spelt))
    assert decoded is None or match.decoded == decoded


def test_a_name_may_be_escaped_where_its_secret_is_not(detector: Detector) -> None:
    text = json.dumps(json.dumps({"client_secret": OTHER}))
    (match,) = _matches(detector, text)
    assert match.secret.reveal().decode() == OTHER
    assert match.span.start_column - 1 == text.index(OTHER)


@pytest.mark.parametrize("decoy", ["\\x41", "%41", "'a' + 'b'"], ids=["escape", "percent", "plus"])
def test_a_plain_key_beside_an_escape_is_one_match(detector: Detector, decoy: str) -> None:
    (match,) = _matches(detector, f"{decoy} {KEY} {decoy}")
    assert match.decoded == ()


def _pem(end: str, indent: str = "") -> str:
    body = base64.b64encode(random.Random(9).randbytes(600)).decode()
    lines = [indent + body[at : at + 64] for at in range(0, len(body), 64)]
    kind = "RSA PRIVATE KEY"
    return end.join([f"-----BEGIN {kind}-----", *lines, f"{indent}-----END {kind}-----"])


PEMS = {
    "LF": _pem("\n"),
    "CRLF": _pem("\r\n"),
    "indented": _pem("\n", "    "),
    "JSON": '{"key": "' + _pem("\\n") + '"}',
    "JSON, CRLF": '{"key": "' + _pem("\\r\\n") + '"}',
    "Python, adjacent": '("' + _pem('\\n"\n    "') + '")',
    "JavaScript, plus": '"' + _pem('\\n" +\n    "') + '"',
}


@pytest.mark.parametrize("text", PEMS.values(), ids=PEMS)
def test_private_key_is_one_match_of_its_whole_block(detector: Detector, text: str) -> None:
    (match,) = _matches(detector, f"x\n{text}\ny = 1\n")
    start = text.index("-----BEGIN")
    end = text.rindex("-----") + 5
    assert match.rule_id == "pem-private-key"
    assert match.span == Span(*_place(f"x\n{text[:start]}"), *_place(f"x\n{text[:end]}"))


@pytest.mark.parametrize("text", PEMS.values(), ids=PEMS)
def test_private_key_is_the_same_secret_in_every_spelling(detector: Detector, text: str) -> None:
    (plain,) = _matches(detector, PEMS["LF"])
    (match,) = _matches(detector, text)
    assert match.secret == plain.secret


# -- excerpts ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"password = '{OTHER}'; url = '{KEY}'", id="behind"),
        pytest.param(f"url = '{KEY}'; password = '{OTHER}'", id="before"),
        pytest.param(f"{KEY},{KEY},{KEY} token='{OTHER}'", id="several"),
        pytest.param(f"{KEY}{' ' * 70}{KEY}{' ' * 70}token='{OTHER}'", id="at the cut"),
        pytest.param(f"be\\x5f{KEY[3:]} token='{OTHER}'", id="escaped neighbour"),
        pytest.param(f"'{HEAD}' + '{KEY[3:]}' token='{OTHER}'", id="split neighbour"),
        pytest.param(f"token='{OTHER}' {_pem(' ')}", id="private key on the line"),
        pytest.param(f"{_pem(chr(10))} token='{OTHER}'", id="private key that ends on the line"),
        pytest.param(f"token='{OTHER}'; connect('{OTHER}')", id="itself again, behind"),
        pytest.param(f"connect('{OTHER}'); token='{OTHER}'", id="itself again, before"),
        pytest.param(f"k = '{KEY}'; my_{KEY} = 1", id="itself again inside a word"),
        pytest.param(f"token='{OTHER}'; k='{KEY}'; x('{OTHER}')", id="its neighbour again"),
    ],
)
def test_excerpt_shows_no_secret_of_the_line(detector: Detector, text: str) -> None:
    found = _matches(detector, text)
    assert found
    for match in found:
        assert match.excerpt.text[match.excerpt.start : match.excerpt.end] == match.secret.redacted
        for secret in (KEY[3:], OTHER):
            shown = [
                secret[at : at + 8] for at in range(33) if secret[at : at + 8] in match.excerpt.text
            ]
            assert shown == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("password = '%s#%s#x'", id="in a password"),
        pytest.param("postgres://ada:%s~%s@db/x", id="in a URL"),
    ],
)
def test_excerpt_hides_all_of_a_secret_that_holds_another(detector: Detector, text: str) -> None:
    part = _random(12, 12)
    (match,) = _matches(detector, text % (part, KEY))
    assert match.rule_id == BYTEENGINE
    assert part not in match.excerpt.text


@given(st.lists(st.tuples(KEYS, st.text(LATIN, max_size=200)), min_size=1, max_size=5))
def test_excerpts_of_many_keys_show_none_of_them(
    detector: Detector, pieces: list[tuple[str, str]]
) -> None:
    text = "".join(f" {key} {between}" for key, between in pieces)
    for match in detector.detect(text.encode()).matches:
        assert harmless(match.excerpt.text) == match.excerpt.text
        assert not [key for key, _ in pieces if key[5:20] in match.excerpt.text]


# -- rules, time-outs, threads -------------------------------------------------------------

RuleFile = Callable[..., Path]


@pytest.fixture
def own(rule_file: RuleFile, tmp_path: Path) -> Callable[..., Detector]:
    """A detector of a test's own rules."""

    def make(*changes: dict[str, object]) -> Detector:
        read = rulefiles.read([rule_file(tmp_path / "own.toml", *changes)], thorough=False)
        return Detector(compile_rules(read))

    return make


ACME = "acme_" + _random(10, 24, HEX)


def test_a_rule_that_gives_up_is_told_and_stops_no_other(own: Callable[..., Detector]) -> None:
    slow = {"regex": "acme_(?:(?:a|aa){1,90}){1,90}!", "id": "slow-key", "keywords": ["acme_"]}
    detector = own({}, slow | {"prefilter": "acme_"})
    detection = detector.detect(f"acme_{'a' * 160} {ACME}".encode())
    assert detection.timeouts == ("slow-key",)
    assert [match.rule_id for match in detection.matches] == ["acme-key"]


@pytest.mark.parametrize(
    ("one", "two", "winner"),
    [
        pytest.param({"specificity": "generic"}, {}, "two-key", id="specificity"),
        pytest.param({}, {"specificity": "context"}, "one-key", id="specificity the other way"),
        pytest.param({"confidence": "low"}, {}, "two-key", id="confidence"),
        pytest.param({}, {"regex": "acme_[a-f0-9]{24}="}, "two-key", id="length"),
        pytest.param(
            {"specificity": "format"},
            {"specificity": "context", "regex": "acme_[a-f0-9]{24}="},
            "one-key",
            id="specificity before length",
        ),
        pytest.param({}, {}, "one-key", id="name when all else is equal"),
    ],
)
def test_one_of_two_overlapping_matches_wins(
    own: Callable[..., Detector], one: dict[str, str], two: dict[str, str], winner: str
) -> None:
    detector = own({"id": "one-key"} | one, {"id": "two-key"} | two)
    assert [match.rule_id for match in _matches(detector, f" {ACME}= ")] == [winner]


def test_a_rule_that_hyperscan_refuses_is_named(rule_file: RuleFile, tmp_path: Path) -> None:
    file = rule_file(
        tmp_path / "own.toml", {}, {"id": "odd-key", "regex": "acme_(?!x)[a-f0-9]{24}"}
    )
    with pytest.raises(ConfigError, match=r"^rule 'odd-key': ") as caught:
        compile_rules(rulefiles.read([file], thorough=False))
    assert len(caught.value.problems) == 1


def test_there_is_a_pattern_for_every_rule_and_decoder(plan: Plan) -> None:
    loaded = rules.load(plan.artefact).rules
    patterns = patterns_of(loaded.rules)
    assert [p.text for p in patterns[: len(loaded.rules)]] == [r.prefilter for r in loaded.rules]
    triggers = [trigger for decoder in DECODERS for trigger in decoder.triggers]
    assert [p.text for p in patterns[len(loaded.rules) :]] == triggers


SOURCE = "\n".join(
    f"k{n} = '{_key(n)}'; password = '{_random(n, 16)}'; u = 'be%5F{_random(n, 32)}'"
    for n in range(60)
)


def test_the_same_content_gives_the_same_matches(plan: Plan, detector: Detector) -> None:
    content = SOURCE.encode()
    again = Detector(rules.load(plan.artefact))
    first = detector.detect(content)
    assert len(first.matches) == 180
    assert [first, detector.detect(content), again.detect(content)] == [first] * 3


def test_each_thread_with_a_detector_of_its_own_finds_the_same(
    plan: Plan, detector: Detector
) -> None:
    contents = [SOURCE[at:].encode() for at in range(0, 800, 100)]

    def work(_: int) -> list[object]:
        own = Detector(rules.load(plan.artefact))
        return [own.detect(content) for content in contents * 3]

    expected = [detector.detect(content) for content in contents] * 3
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [expected] * 4


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_any_bytes_are_looked_at(detector: Detector, content: bytes) -> None:
    assert not detector.detect(content).timeouts


@pytest.mark.parametrize("depth", [100, 1000, 3000])
def test_nested_json_in_a_token_stops_nothing(detector: Detector, depth: int) -> None:
    def part(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    token = ".".join([part('{"alg":"HS256"}'), part('{"a":' + "[" * depth), _random(11, 43)])
    found = _matches(detector, f"{token}\n{KEY}\n")
    assert BYTEENGINE in [match.rule_id for match in found]


@pytest.mark.parametrize(
    ("content", "text", "decoded"),
    [
        pytest.param(b"abc", b"abc", (), id="UTF-8"),
        pytest.param(b"\xff\xfea\0\xe9\0", "aé".encode(), ("utf-16",), id="UTF-16"),
        pytest.param(b"\xff\xff", b"\xff\xff", (), id="neither"),
    ],
)
def test_readable(content: bytes, text: bytes, decoded: tuple[str, ...]) -> None:
    assert readable(content) == (text, decoded)
