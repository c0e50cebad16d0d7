"""What became of each attempt: found, stopped, overlapped, at another path, of a rule off."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner import rulefiles, rules
from scanner.artefact import compile_rules
from scanner.cases import Case, Result, cases, off
from scanner.config import Settings
from scanner.models import Allowlist, Blob, Confidence, Kind, Severity, Span
from scanner.scan import Plan, Scanner, run
from scanner.witness import Witness

KEY = "acme_" + "".join(random.Random(8).choices("0123456789abcdef", k=24))
Told = Callable[..., list[Case]]


@pytest.fixture
def told(rule_file: Callable[..., Path], tmp_path: Path) -> Told:
    """What became of the attempts in a text, by rules with the given changes."""

    def tell(
        text: str, *changes: dict[str, object], path: str = "a.py", **given: object
    ) -> list[Case]:
        file = rule_file(tmp_path / "own.toml", *changes)
        compiled = compile_rules(rulefiles.read([file], thorough=False))
        witness = Witness(compiled)
        plan = Plan(rules.dump(compiled), Settings()._replace(**given))
        blob = Blob(Kind.FILE, path, text.encode())
        report = run(Scanner(plan, witness), [blob], command="explain", root="")
        return list(cases(witness.heard[blob.content], report))

    return tell


def test_no_attempt_is_no_case(told: Told) -> None:
    assert told("nothing here", {}) == []


def test_a_finding_has_its_fingerprint_and_position(told: Told) -> None:
    (case,) = told(f"\né {KEY}", {})
    assert case.result is Result.REPORTED
    assert case.span == Span(2, 3, 2, 3 + len(KEY))
    assert case.fingerprint is not None
    assert case.fingerprint.startswith("v1:")
    assert case.redacted == "acme_…" + KEY[-2:]


def test_what_is_stopped_says_why(told: Told) -> None:
    (case,) = told(KEY, {"allowlist": ["^acme"]})
    assert (case.result, case.why) == (Result.STOPPED, "allowlist of the rule")
    assert case.fingerprint is None


def test_a_guessable_secret_is_not_shown_in_part(told: Told) -> None:
    (case,) = told(KEY, {"guessable": True, "random": False})
    assert case.redacted == "*****"


@pytest.mark.parametrize(
    ("winner", "loser", "why"),
    [
        pytest.param({}, {"paths": ["*.py"]}, "holds at every path", id="path"),
        pytest.param({}, {"specificity": "generic"},
                     "has the stronger evidence (provider, against generic)", id="evidence"),
        pytest.param({}, {"regex": "acme_[a-f0-9]{20}", "edges": False},
                     "takes in more of the text", id="longer"),
        pytest.param({}, {"confidence": "low"},
                     "is surer (confidence high, against low)", id="confidence"),
        pytest.param({}, {}, "comes first by name", id="name"),
    ],
)  # fmt: skip
def test_an_overlap_tells_which_won_and_why(
    told: Told, winner: dict[str, object], loser: dict[str, object], why: str
) -> None:
    found = told(KEY, {"id": "one-key"} | winner, {"id": "two-key"} | loser)
    results = {case.attempt.rule.id: (case.result, case.why) for case in found}
    assert results == {
        "one-key": (Result.REPORTED, ""),
        "two-key": (Result.OVERLAPPED, f"overlaps with one-key, which {why}"),
    }


def test_less_decoding_wins(told: Told) -> None:
    hex_digits = "[a-f0-9]{24}"
    direct = {"id": "two-key", "regex": hex_digits, "keywords": [], "edges": False}
    hidden = {"id": "one-key", "regex": f"acme = ({hex_digits})", "prefilter": "acme = "}
    found = told(f"%61cme = {KEY[5:]}", direct, hidden | {"edges": False})
    assert {case.attempt.rule.id: case.why for case in found} == {
        "two-key": "",
        "one-key": "overlaps with two-key, which needs less decoding",
    }


def test_what_a_rule_finds_in_the_clear_is_not_told_again_of_a_notation(told: Told) -> None:
    text = f'"{{\\"k\\": \\"{KEY}\\"}}"'
    assert [case.attempt.decoded for case in told(text, {})] == [()]
    assert [case.attempt.decoded for case in told(text, {"allowlist": ["^acme"]})] == [()]


def test_hits_without_a_value_are_told_once_a_line(told: Told) -> None:
    loose = {"prefilter": "acme_", "keywords": ["acme_"]}
    found = told("acme_ acme_ acme_\nacme_\n", loose)
    assert [(case.span.start_line, case.redacted) for case in found] == [(1, None), (2, None)]


def test_a_rule_for_other_paths_says_for_which(told: Told) -> None:
    (case,) = told(KEY, {"paths": ["*.env", "conf/"]})
    assert (case.result, case.why) == (Result.OTHER_PATH, "the rule looks at *.env, conf/ only")
    assert [case.result for case in told(KEY, {"paths": ["*.py"]})] == [Result.REPORTED]


@pytest.mark.parametrize(
    ("text", "given", "result", "why"),
    [
        pytest.param(f"{KEY} # keysweep:allow made up", {}, Result.SUPPRESSED,
                     "inline, line 1 (made up)", id="marker"),
        pytest.param(KEY, {"allowlists": (Allowlist((), ("^acme",), (), "ours", "x, 1"),)},
                     Result.SUPPRESSED, "allowlist, x, 1 (ours)", id="allowlist"),
        pytest.param(f"{KEY} # keysweep:allow", {"require_reason": True}, Result.REPORTED,
                     "not suppressed: inline, line 1, no reason given", id="marker without reason"),
    ],
)  # fmt: skip
def test_what_suppresses_is_told(
    told: Told, text: str, given: dict[str, object], result: Result, why: str
) -> None:
    (case,) = told(text, {}, **given)
    assert (case.result, case.why) == (result, why)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        pytest.param({"disable": ("acme-key",), "origins": (("acme-key", "x.toml"),)},
                     "disabled in x.toml", id="disabled"),
        pytest.param({"disable": ("acme-key",)}, "disabled in the configuration", id="by option"),
        pytest.param({"enable": ("other-key",)},
                     "not among those that the configuration enables", id="not enabled"),
        pytest.param({"min_severity": Severity.CRITICAL},
                     "severity high is below min_severity critical", id="severity"),
        pytest.param({"min_confidence": Confidence.HIGH},
                     "confidence low is below min_confidence high", id="confidence"),
    ],
)  # fmt: skip
def test_a_rule_that_is_off_says_why(
    rule_file: Callable[..., Path], tmp_path: Path, given: dict[str, object], why: str
) -> None:
    change = {"confidence": "low"} if "min_confidence" in given else {}
    file = rule_file(tmp_path / "own.toml", change)
    witness = Witness(compile_rules(rulefiles.read([file], thorough=False)))
    witness.detect(KEY.encode())
    (case,) = off(witness.heard[KEY.encode()], Settings()._replace(**given))
    assert (case.result, case.why) == (Result.OFF, why)


def test_rules_that_are_on_are_not_told_of_as_off(
    rule_file: Callable[..., Path], tmp_path: Path
) -> None:
    file = rule_file(tmp_path / "own.toml", {})
    witness = Witness(compile_rules(rulefiles.read([file], thorough=False)))
    witness.detect(KEY.encode())
    assert list(off(witness.heard[KEY.encode()], Settings(disable=("other-key",)))) == []
