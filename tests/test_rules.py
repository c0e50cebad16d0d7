"""Rules go into the artefact and come out the same; a damaged artefact is refused."""

from __future__ import annotations

import marshal
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import rulefiles, rules
from scanner.detector import Detector
from scanner.errors import ConfigError
from scanner.models import Confidence, Severity, Specificity
from scanner.rules import Compiled, Rule, RuleSet
from scanner.scan import Plan

TEXTS = st.text(max_size=20)
LISTS = st.lists(TEXTS, max_size=3).map(tuple)
NUMBERS = st.integers(0, 10_000)
RULES = st.builds(
    Rule,
    id=TEXTS,
    family=TEXTS,
    aliases=LISTS,
    description=TEXTS,
    severity=st.sampled_from(Severity),
    confidence=st.sampled_from(Confidence),
    specificity=st.sampled_from(Specificity),
    regex=TEXTS,
    prefilter=TEXTS,
    exact=st.booleans(),
    reach=NUMBERS,
    width=NUMBERS,
    lead=NUMBERS,
    backtracking=st.booleans(),
    keywords=LISTS,
    checksum=st.none() | TEXTS,
    min_entropy=st.floats(0, 8),
    random=st.booleans(),
    guessable=st.booleans(),
    edges=st.booleans(),
    strip=st.none() | TEXTS,
    allowlist=LISTS,
    allowlist_match=LISTS,
    paths=LISTS,
    references=LISTS,
    remediation=TEXTS,
    examples=st.just(()),
    counter_examples=st.just(()),
)
SETS = st.builds(RuleSet, st.lists(RULES, max_size=3).map(tuple), TEXTS)


@given(SETS, st.binary(max_size=50))
def test_artefact_gives_back_rules_and_database(rule_set: RuleSet, database: bytes) -> None:
    regexes = tuple(str(number).encode() * number for number in range(len(rule_set.rules)))
    compiled = Compiled(rule_set, regexes, database)
    loaded = rules.load(rules.dump(compiled))
    assert loaded == compiled
    found = loaded.rules.rules
    kinds = {(type(r.severity), type(r.confidence), type(r.specificity)) for r in found}
    assert kinds <= {(Severity, Confidence, Specificity)}


def test_artefact_holds_no_examples() -> None:
    shipped = rulefiles.read(rules.files_in(rules.shipped()), thorough=False)
    regexes = (b"",) * len(shipped.rules)
    loaded = rules.load(rules.dump(Compiled(shipped, regexes, b""))).rules
    assert [rule.id for rule in loaded.rules] == [rule.id for rule in shipped.rules]
    assert not any(rule.examples or rule.counter_examples for rule in loaded.rules)


def _artefact(**changes: object) -> bytes:
    values = {"format": rules.FORMAT, "digest": "digest", "rules": [], "sizes": [], **changes}
    return _with_size(marshal.dumps(tuple(values.values()))) + b"database"


def _with_size(head: bytes) -> bytes:
    return len(head).to_bytes(8, "big") + bytes(8) + head


@pytest.mark.parametrize(
    "artefact",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\n", id="empty line"),
        pytest.param(b"{}\n" * 9, id="text"),
        pytest.param(_with_size(b""), id="no head"),
        pytest.param(_with_size(b"\xff\xfe"), id="no values"),
        pytest.param(_with_size(marshal.dumps(None)), id="none"),
        pytest.param(_with_size(marshal.dumps(())), id="nothing in it"),
        pytest.param(_with_size(marshal.dumps((rules.FORMAT,))), id="too little in it"),
        pytest.param(_artefact()[:20], id="cut"),
        pytest.param(_artefact(format="keysweep-rules-0"), id="another version"),
        pytest.param(_artefact(rules=[(1, 2, 3)]), id="a rule with too few values"),
        pytest.param(_artefact(rules=[("x",) * len(Rule._fields)]), id="no severity"),
        pytest.param(_artefact(rules=[("x",) * (len(Rule._fields) + 1)]), id="too many values"),
        pytest.param(_artefact(rules=7), id="rules that are none"),
        pytest.param(_artefact(sizes=[1]), id="more regexes than rules"),
        pytest.param(_artefact(sizes="12"), id="sizes that are none"),
    ],
)
def test_damaged_artefact_is_refused(artefact: bytes) -> None:
    with pytest.raises(ConfigError, match="artefact"):
        rules.load(artefact)


@pytest.mark.parametrize("at", [0.3, 0.6, 0.9])
def test_artefact_cut_in_its_database_is_refused_by_the_detector(plan: Plan, at: float) -> None:
    compiled = rules.load(plan.artefact)
    cut = compiled.database[: int(len(compiled.database) * at)]
    with pytest.raises(ConfigError):
        Detector(rules.load(rules.dump(compiled._replace(database=cut))))


def test_shipped_rules_are_there_and_in_order() -> None:
    files = rules.files_in(rules.shipped())
    assert files == sorted(files)
    assert {"byteengine.toml", "bytestack.toml", "generic.toml"} <= {file.name for file in files}


def test_a_file_stands_for_itself(tmp_path: Path) -> None:
    assert rules.files_in(tmp_path / "own.toml") == [tmp_path / "own.toml"]


def test_only_toml_files_of_a_folder_are_rules(tmp_path: Path) -> None:
    for name in ("b.toml", "a.toml", "notes.md", ".hidden"):
        (tmp_path / name).touch()
    assert [file.name for file in rules.files_in(tmp_path)] == ["a.toml", "b.toml"]


def _written(folder: Path, **files: str) -> list[Path]:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return [folder / name for name in files]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"a": "one", "b": "two!"}, id="a byte more"),
        pytest.param({"a": "one2", "b": "wo"}, id="a byte moved to the next file"),
        pytest.param({"a": "one", "c": "two"}, id="another name"),
        pytest.param({"a": "two", "b": "one"}, id="contents exchanged"),
        pytest.param({"a": "one"}, id="a file less"),
        pytest.param({"a": "one", "b": "two", "c": ""}, id="an empty file more"),
    ],
)
def test_digest_differs_when_the_files_do(tmp_path: Path, files: dict[str, str]) -> None:
    before = rules.digest(_written(tmp_path / "before", a="one", b="two"))
    assert rules.digest(_written(tmp_path / "after", **files)) != before


def test_digest_does_not_depend_on_folder_order_or_time(tmp_path: Path) -> None:
    one = _written(tmp_path / "one", a="one", b="two")
    two = _written(tmp_path / "two", a="one", b="two")
    os.utime(two[0], (0, 0))
    assert rules.digest(one) == rules.digest(two[::-1])


def test_digest_of_a_missing_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.toml: cannot be read"):
        rules.digest([tmp_path / "missing.toml"])


def test_rules_by_id(plan: Plan) -> None:
    loaded = rules.load(plan.artefact).rules
    assert set(loaded.by_id()) == {rule.id for rule in loaded.rules}
    assert loaded.by_id()["byteengine-api-key"].family == "byteengine"
