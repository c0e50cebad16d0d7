"""The Python API: values in, values out, from any thread or process, and nothing else touched."""

from __future__ import annotations

import hashlib
import inspect
import multiprocessing
import os
import pickle
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scanner
from scanner import api, scan_paths, scan_text
from scanner.config import Settings
from scanner.errors import ConfigError, KeysweepError, UsageError
from scanner.models import Finding, Kind, Report, Span
from scanner.scan import Plan

Git = Callable[..., str]


def _key(seed: object) -> str:
    return "be_" + hashlib.sha256(str(seed).encode()).hexdigest()[:40]


def _redacted(findings: Sequence[Finding]) -> list[str]:
    return [finding.secret.redacted for finding in findings]


def _shown(seed: object) -> str:
    return f"{_key(seed)[:5]}…{_key(seed)[-2:]}"


def _comparable(report: Report) -> Report:
    return report._replace(info=report.info._replace(started_at=""), seconds=0)


# The package


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'scan_everything'"):
        _ = scanner.scan_everything


@pytest.mark.parametrize("name", scanner.__all__)
def test_public_name_is_there_and_documented(name: str) -> None:
    assert inspect.getdoc(getattr(scanner, name))


def test_importing_the_package_loads_none_of_it() -> None:
    script = "import sys, scanner; print([n for n in sys.modules if n.startswith('scanner.')])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


@pytest.mark.parametrize("function", [scan_text, scan_paths, api.load_plan])
def test_functions_are_typed(function: Callable[..., object]) -> None:
    hints = get_type_hints(function)
    assert set(hints) == {*inspect.signature(function).parameters, "return"}


def test_package_says_that_it_is_typed() -> None:
    assert Path(inspect.getfile(scanner)).with_name("py.typed").is_file()


@pytest.mark.slow
def test_strict_type_checker_accepts_a_program_that_uses_it(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from scanner import Finding, Report, scan_paths, scan_text\n"
        "found: tuple[Finding, ...] = scan_text('x', path='a.py')\n"
        "report: Report = scan_paths(['.'], root='.', jobs=2)\n"
        "names: list[str] = [f.rule_id for f in (*found, *report.findings) if not f.suppressed]\n"
        "secret: bytes = report.findings[0].secret.reveal()\n"
        "reveal_type(report.findings[0].places[0].span.start_line)\n"
    )
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        tmp_path,
        program,
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert "Success" in done.stdout, done.stdout
    assert 'Revealed type is "int"' in done.stdout.replace("builtins.", "")


# scan_text


@pytest.mark.parametrize("text", ["", "nothing here", b"", b"\x00\xff\xfe", "be_"])
def test_text_without_secrets_has_no_findings(plan: Plan, text: str | bytes) -> None:
    assert scan_text(text, plan=plan) == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_is_the_same_in_any_encoding(plan: Plan, encoding: str) -> None:
    text = f"# Schlüssel\nkey = '{_key(1)}'\n"
    (finding,) = scan_text(text.encode(encoding), plan=plan)
    (place,) = finding.places
    assert finding.secret.reveal() == _key(1).encode()
    assert place.span == Span(2, 8, 2, 51)
    assert scan_text(text, plan=plan)[0].places[0].span == place.span


def test_text_with_a_path_is_a_file(plan: Plan) -> None:
    (nameless,) = scan_text(_key(1), plan=plan)
    (named,) = scan_text(_key(1), path="src/a.py", plan=plan)
    assert (nameless.places[0].kind, nameless.places[0].path) == (Kind.STDIN, "")
    assert (named.places[0].kind, named.places[0].path) == (Kind.FILE, "src/a.py")
    assert named.fingerprint == nameless.fingerprint


def test_text_is_scanned_without_a_plan_too() -> None:
    assert _redacted(scan_text(_key(1))) == [_shown(1)]


def test_finding_shows_its_secret_only_when_asked(plan: Plan) -> None:
    found = scan_text(f"a = '{_key(1)}'", plan=plan)
    assert _key(1) not in repr(found)
    assert found[0].secret.reveal() == _key(1).encode()


@settings(max_examples=50)
@given(st.text(st.characters()))
def test_any_text_is_scanned(plan: Plan, text: str) -> None:
    assert isinstance(scan_text(text, plan=plan), tuple)


@pytest.mark.parametrize("odd", ["\ud800", "\udfff", "\udc80"], ids=ascii)
def test_half_a_surrogate_pair_hides_nothing(plan: Plan, odd: str) -> None:
    assert _redacted(scan_text(f"{odd} {_key(1)}", plan=plan)) == [_shown(1)]


@settings(max_examples=50)
@given(st.binary(max_size=200), st.binary(max_size=200).map(lambda tail: b"\n" + tail))
def test_any_bytes_around_a_key_hide_it_only_as_utf16(
    plan: Plan, before: bytes, after: bytes
) -> None:
    found = scan_text(before.replace(b"\0", b"") + b"\n" + _key(1).encode() + after, plan=plan)
    if not before.startswith((b"\xff\xfe", b"\xfe\xff")):
        assert _shown(1) in _redacted(found)


# load_plan


def test_plan_with_an_unknown_rule_is_an_error() -> None:
    with pytest.raises(ConfigError, match="did you mean 'byteengine-api-key'"):
        api.load_plan(Settings(disable=("byteengine-api-kei",)))


def test_plan_with_missing_rule_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        api.load_plan(Settings(rules=(tmp_path / "missing.toml",)))


# scan_paths


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with keys in two of its files."""
    for name, text in {"a.py": _key(1), "sub/b.py": f"\n{_key(2)}", "sub/c.txt": "-"}.items():
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text(text)
    return tmp_path / "tree"


def _paths(report: Report) -> list[str]:
    return [place.path for finding in report.findings for place in finding.places]


def test_path_that_does_not_exist_is_an_error(tree: Path, plan: Plan) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        scan_paths([tree, tree / "missing"], plan=plan)


def test_no_paths_are_an_error_of_ours(plan: Plan) -> None:
    with pytest.raises(KeysweepError):
        scan_paths([], plan=plan)


def test_folder_is_scanned(tree: Path, plan: Plan) -> None:
    report = scan_paths([tree], plan=plan)
    assert _paths(report) == ["a.py", "sub/b.py"]
    assert (report.blobs, report.complete, report.info.root) == (3, True, str(tree))


def test_paths_may_be_text(tree: Path, plan: Plan) -> None:
    assert _comparable(scan_paths([str(tree)], root=str(tree), plan=plan)) == _comparable(
        scan_paths([tree], root=tree, plan=plan)
    )


@pytest.mark.parametrize(
    ("names", "root", "expected"),
    [
        pytest.param(["a.py"], None, ["a.py"], id="file"),
        pytest.param(["sub"], None, ["b.py"], id="folder"),
        pytest.param(["sub"], ".", ["sub/b.py"], id="folder below a root"),
        pytest.param(["sub/b.py", "a.py"], ".", ["a.py", "sub/b.py"], id="two files"),
        pytest.param([".", "."], None, ["a.py", "sub/b.py"], id="folder twice"),
        pytest.param([".", "sub", "sub/b.py"], None, ["a.py", "sub/b.py"], id="overlapping"),
    ],
)
def test_report_paths(
    tree: Path, plan: Plan, names: list[str], root: str | None, expected: list[str]
) -> None:
    base = None if root is None else tree / root
    report = scan_paths([tree / name for name in names], root=base, plan=plan)
    assert _paths(report) == expected


def test_plan_s_settings_count(tree: Path, plan: Plan) -> None:
    report = scan_paths([tree], plan=plan._replace(settings=Settings(exclude=("sub/",))))
    assert _paths(report) == ["a.py"]
    assert [item.what for item in report.skipped] == ["sub/b.py", "sub/c.txt"]


def test_ignored_files_of_a_repository_are_left_out(tree: Path, plan: Plan, git: Git) -> None:
    git(tree, "init", "-q")
    (tree / ".gitignore").write_text("sub/\n")
    assert _paths(scan_paths([tree], plan=plan)) == ["a.py"]


def test_report_is_the_same_from_several_processes(tree: Path, plan: Plan) -> None:
    alone = scan_paths([tree], plan=plan)
    assert _comparable(scan_paths([tree], plan=plan, jobs=2)) == _comparable(alone)


# Threads, processes, state


def test_threads_may_share_a_plan(plan: Plan) -> None:
    texts = [f"{_key(number)}\n" * (number % 3) for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(partial(scan_text, plan=plan), texts))
    assert together == [scan_text(text, plan=plan) for text in texts]


def test_processes_may_scan_and_hand_back_findings(plan: Plan) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, context) as pool:
        found = list(pool.map(partial(scan_text, plan=plan), [_key(1), "-", _key(2)]))
    assert [_redacted(each) for each in found] == [[_shown(1)], [], [_shown(2)]]


def test_report_can_be_pickled(tree: Path, plan: Plan) -> None:
    report = scan_paths([tree], plan=plan)
    assert pickle.loads(pickle.dumps(report)) == report  # noqa: S301 - our own


def test_one_plan_does_not_change_another(plan: Plan) -> None:
    off = api.load_plan(Settings(enable=("json-web-token",)))
    assert scan_text(_key(1), plan=off) == ()
    assert _redacted(scan_text(_key(1), plan=plan)) == [_shown(1)]


def test_surroundings_stay_as_they_were(
    tree: Path, plan: Plan, capfd: pytest.CaptureFixture[str]
) -> None:
    def surroundings() -> tuple[object, ...]:
        handlers = [signal.getsignal(number) for number in signal.valid_signals()]
        return dict(os.environ), Path.cwd(), handlers, random.getstate(), sys.getrecursionlimit()

    before = surroundings()
    scan_paths([tree], plan=plan, jobs=2)
    scan_text(_key(1), plan=plan)
    assert surroundings() == before
    assert capfd.readouterr() == ("", "")


def test_environment_does_not_change_what_is_found(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = scan_text(_key(1), plan=plan)
    for name in ("FINGERPRINT_KEY", "SHOW_SECRETS", "RULES", "CONFIG", "FORMAT"):
        monkeypatch.setenv(f"KEYSWEEP_{name}", "1")
    assert scan_text(_key(1), plan=plan) == before
