"""The witness: it finds what the detector finds, and writes down every attempt on the way."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import rulefiles, rules
from scanner.artefact import compile_rules
from scanner.detector import Detector
from scanner.scan import Plan
from scanner.witness import EDGES, FORM, WINDOW, Attempt, Outcome, Witness

HEX = "0123456789abcdef"
KEY = "acme_" + "".join(random.Random(8).choices(HEX, k=24))
OTHER = "acme_" + "".join(random.Random(9).choices(HEX, k=24))
Own = Callable[..., Witness]


@pytest.fixture
def own(rule_file: Callable[..., Path], tmp_path: Path) -> Own:
    """A witness of one rule, with the given keys changed."""

    def make(**changes: object) -> Witness:
        file = rule_file(tmp_path / "own.toml", changes)
        return Witness(compile_rules(rulefiles.read([file], thorough=False)))

    return make


@pytest.fixture(scope="module")
def witness(plan: Plan) -> Witness:
    """A witness of the shipped rules."""
    return Witness(rules.load(plan.artefact))


def _attempts(witness: Witness, text: str | bytes) -> tuple[Attempt, ...]:
    content = text if isinstance(text, bytes) else text.encode()
    witness.detect(content)
    return witness.heard[content].attempts


def test_nothing_is_written_down_where_nothing_hits(own: Own) -> None:
    witness = own()
    assert _attempts(witness, "") == ()
    assert _attempts(witness, "nothing here\n") == ()
    assert set(witness.heard) == {b"", b"nothing here\n"}


@pytest.mark.parametrize(
    ("changes", "text", "stopped"),
    [
        pytest.param({"keywords": ["acme"], "prefilter": "acme_[a-f0-9]{4}"}, f"k {KEY[:20]}",
                     Outcome(FORM, "what stands here has not the form that the rule wants"),
                     id="too short for the regex"),
        pytest.param({}, f"{KEY}X", Outcome(EDGES, "part of a longer word"), id="letter behind"),
        pytest.param({}, f"x{KEY}", Outcome(EDGES, "part of a longer word"), id="letter before"),
        pytest.param({"strip": "."}, KEY, Outcome("content", "empty"), id="empty"),
        pytest.param({"checksum": "github"}, KEY,
                     Outcome("checksum", "wrong github checksum"), id="checksum"),
        pytest.param({"min_entropy": 5.5}, KEY,
                     Outcome("entropy", "entropy below 5.5 bits per character"), id="entropy"),
        pytest.param({"regex": "acme_[a-z-]{24}", "prefilter": "acme_", "examples": ["acme_"] * 2},
                     "acme_your-key-goes-right-here", Outcome("stand-in", "a placeholder"),
                     id="placeholder"),
        pytest.param({}, f"acme_{'abcdef' * 4}", Outcome("randomness", "not drawn at random"),
                     id="not random"),
        pytest.param({"allowlist": ["^acme_"]}, KEY,
                     Outcome("allowlist", "allowlist of the rule"), id="allowlist"),
        pytest.param({"allowlist_match": ["^id "], "lead": 3}, f"id {KEY}",
                     Outcome("allowlist", "allowlist of the rule, by its surroundings"),
                     id="surroundings"),
    ],
)  # fmt: skip
def test_what_stops_an_attempt(
    own: Own, changes: dict[str, object], text: str, stopped: Outcome
) -> None:
    (attempt,) = _attempts(own(**changes), text)
    assert attempt.objection == stopped.objection
    assert [one._replace(measure=None) for one in attempt.outcomes if one.objection] == [stopped]
    behind = attempt.outcomes[[one.filter for one in attempt.outcomes].index(stopped.filter) + 1 :]
    assert not any(one.asked for one in behind)


def test_what_passes_has_passed_every_filter_of_its_rule(own: Own) -> None:
    (attempt,) = _attempts(own(min_entropy=3.0, allowlist=["x"]), f"é {KEY}")
    assert attempt.objection is None
    names = ["form", "edges", "content", "entropy", "stand-in", "randomness", "allowlist"]
    assert [(one.filter, one.asked) for one in attempt.outcomes] == [(name, True) for name in names]
    assert (attempt.start, attempt.end, attempt.keyword) == (3, 3 + len(KEY), "acme_")
    measures = {one.filter: one.measure for one in attempt.outcomes if one.measure}
    assert set(measures) == {"entropy", "randomness"}
    assert all(one.least is not None and one.value >= one.least for one in measures.values())


def test_a_measure_is_there_although_its_filter_was_not_asked_any_more(own: Own) -> None:
    (attempt,) = _attempts(own(checksum="github", min_entropy=3.0), KEY)
    told = {one.filter: (one.asked, one.measure is not None) for one in attempt.outcomes}
    assert told["checksum"] == (True, False)
    assert told["entropy"] == told["randomness"] == (False, True)


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        pytest.param(KEY.replace("_", "%5F"), ("percent",), id="percent"),
        pytest.param(KEY.replace("_", "\\x5f"), ("escapes",), id="escapes"),
        pytest.param(f"'{KEY[:12]}' + '{KEY[12:]}'", ("concatenation",), id="concatenation"),
        pytest.param(KEY.replace("_", "\\u00255F"), ("escapes", "percent"), id="both"),
    ],
)
@pytest.mark.parametrize("stopped", [False, True], ids=["passes", "stopped"])
def test_positions_are_those_of_the_undecoded_text(
    own: Own, text: str, decoded: tuple[str, ...], stopped: bool
) -> None:
    allowlist = ["^acme_"] if stopped else []
    (attempt,) = _attempts(own(allowlist=allowlist), f"\n{text}\n")
    quote = text.startswith("'")
    assert (attempt.start, attempt.end) == (1 + quote, 1 + len(text) - quote)
    assert attempt.decoded == decoded
    assert attempt.secret == KEY.encode()
    assert (attempt.objection is not None) == stopped


def test_a_utf_16_text_is_told_of_as_text(own: Own) -> None:
    content = f"é = {KEY}\n".encode("utf-16")
    (attempt,) = _attempts(own := own(), content)
    assert own.heard[content].text == f"é = {KEY}\n".encode()
    assert (attempt.start, attempt.decoded) == (5, ("utf-16",))


def test_a_token_longer_than_what_is_decoded_at_a_time_is_cut_off(own: Own) -> None:
    body = "".join(random.Random(3).choices(HEX, k=5000))
    long = own(regex="acme_[a-f0-9]{24,9000}", prefilter="acme_")
    attempts = _attempts(long, f"{'x ' * 4000}acme%5F{body} {'x ' * 4000}")
    assert [(one.outcomes[-1].filter, one.decoded) for one in attempts] == [(WINDOW, ("percent",))]


def test_hits_in_one_long_token_are_told_of_once(own: Own) -> None:
    body = "".join(random.Random(3).choices(HEX, k=300))
    attempts = _attempts(own(regex="[a-f0-9]{32}", prefilter="[a-f0-9]{32}", keywords=[]), body)
    assert [one.objection for one in attempts] == ["part of a longer word"]


PIECES = (KEY, OTHER, "'", '"', " + ", "%5F", "\\x5f", "\\u005f", "\n", " ", "acme", "_", "x",
          "api_key = ", "password: ", "://u:p4!vZq9@", KEY[5:])  # fmt: skip


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_it_finds_what_the_detector_finds(detector: Detector, witness: Witness, text: str) -> None:
    content = text.replace("acme_", "be_").encode()
    assert witness.detect(content) == detector.detect(content)


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_what_passes_are_the_candidates_of_the_detector(witness: Witness, text: str) -> None:
    content = text.replace("acme_", "be_").encode()
    known = witness.detect(content).known
    passed = [one for one in witness.heard[content].attempts if one.objection is None]
    assert {(one.rule.id, one.start, one.end, one.decoded, one.secret) for one in passed} == {
        (one.rule.id, one.start, one.end, one.decoded, one.identity) for one in known.candidates
    }


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_any_bytes_are_witnessed(detector: Detector, witness: Witness, content: bytes) -> None:
    assert witness.detect(content) == detector.detect(content)
    assert all(one.start <= one.end for one in witness.heard[content].attempts)


def test_a_rule_that_took_too_long_says_so(own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.matcher.BUDGET", -1.0)
    (attempt,) = _attempts(own(), KEY)
    assert attempt.objection == "the rule took too long here and was given up"
    assert attempt.secret is None
