"""`keysweep migrate`, and other scanners' files as `--config`: a project changes over."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner import foreign

Run = Callable[..., Any]
Git = Callable[..., str]
Key = Callable[[object], str]

RULES = """
[[rules]]
id = "acme"
description = "Acme token"
regex = '''acme_([a-f0-9]{24})'''
keywords = ["acme_"]
[[rules.allowlists]]
paths = ['''^docs/''']
"""
DEFAULT = "[extend]\nuseDefault = true\n"


def acme(seed: object) -> str:
    """A token that the rule above finds."""
    return "acme_" + hashlib.sha256(str(seed).encode()).hexdigest()[:24]


@pytest.fixture
def project(repository: Path, git: Git, key: Key) -> Path:
    """A repository with two keys in a file, one of them committed long ago and gone since."""
    (repository / "a.py").write_text(f"x = 1\nk = '{key('gone')}'\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "one")
    (repository / "a.py").write_text(f"k = '{key('here')}'\n")
    git(repository, "commit", "-qam", "two")
    return repository


def _outcome(out: str, entry: str) -> str:
    found = re.search(rf"^  {re.escape(entry)}.*: ([^:\n]+)$", out, re.MULTILINE)
    assert found, out
    return found[1]


# What is broken


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param(".gitleaks.toml", "[[rules]", id="gitleaks, cut off"),
        pytest.param(".gitleaks.toml", "minVersion = '10.0.0'", id="gitleaks, future"),
        pytest.param(".gitleaksignore", "what is this\n", id="ignore file, foreign"),
        pytest.param(".secrets.baseline", '{"version": "1.5.0",', id="detect-secrets, cut off"),
        pytest.param(
            ".secrets.baseline", '{"version": "3.0.0", "results": {}}', id="detect-secrets, future"
        ),
        pytest.param(".gitguardian.yaml", "version: 9", id="ggshield, future"),
        pytest.param(".gitguardian.yaml", "a: [", id="ggshield, cut off"),
        pytest.param(".secretlintrc.json", "[1]", id="secretlint, foreign"),
        pytest.param("kingfisher.yaml", "version: 7\nrepositories: []", id="Kingfisher, future"),
    ],
)
def test_a_broken_file_is_named_and_nothing_is_written(
    keysweep: Run, project: Path, name: str, content: str
) -> None:
    (project / name).write_text(content)
    (project / ".secretlintignore").write_text("dist/\n")
    ended = keysweep("migrate", "--write", "--root", project)
    assert (ended.status, ended.out) == (2, "")
    assert f"{name}: " in ended.err
    assert not list(project.glob(".keysweep*"))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        pytest.param(".keysweep.toml", "exclude = [", "not TOML", id="configuration, cut off"),
        pytest.param(".keysweep.toml", "exclude = 'a'", "no list", id="configuration, text"),
        pytest.param(".keysweepignore", "nonsense\n", "unknown key", id="ignore file"),
        pytest.param(".keysweep.baseline", "[]\n", "not a baseline", id="baseline, foreign"),
        pytest.param(
            ".keysweep.baseline", "# keysweep baseline v9\n", "later version", id="baseline, future"
        ),
        pytest.param(".keysweep/rules/gitleaks.toml", "rules = []\n", "move it away", id="rules"),
    ],
)
def test_what_is_there_and_is_another_is_left_alone(
    keysweep: Run, project: Path, key: Key, name: str, content: str, told: str
) -> None:
    (project / ".gitleaks.toml").write_text(DEFAULT + RULES)
    (project / ".secretlintignore").write_text("dist/\n")
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text(content)
    before = {path: path.read_bytes() for path in project.rglob(".keysweep*") if path.is_file()}
    ended = keysweep("migrate", "--write", "--root", project)
    assert ended.status == 2
    assert told in ended.err
    assert name in ended.err
    after = {path: path.read_bytes() for path in project.rglob(".keysweep*") if path.is_file()}
    assert after == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param([], "no file of another scanner's", id="nothing there"),
        pytest.param(["no.toml"], "no such file", id="no such file"),
        pytest.param(["--write", "--dry-run"], "choose one", id="both"),
        pytest.param(["a.py"], "of no kind that keysweep can read", id="another kind"),
        pytest.param([".keysweep.toml"], "of no kind", id="our own"),
    ],
)
def test_wrong_use(
    keysweep: Run, project: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(project)
    (project / ".keysweep.toml").write_text("exclude = ['a']\n")
    ended = keysweep("migrate", *arguments)
    assert ended.status == 2
    assert told in ended.err


# What becomes of entries


def test_a_finding_named_by_commit_is_ignored_by_its_fingerprint(
    keysweep: Run, project: Path, git: Git, key: Key
) -> None:
    first = git(project, "rev-list", "--max-parents=0", "HEAD").strip()
    lines = [
        f"{first}:a.py:byteengine:2",
        f"{first}:a.py:byteengine:1",
        f"{first}:b.py:byteengine:1",
        f"{'0' * 40}:a.py:byteengine:2",
        "a.py:byteengine:1",
        "a.py:byteengine:7",
        "gone.py:byteengine:7",
    ]
    (project / ".gitleaksignore").write_text("\n".join(lines))
    out = keysweep("migrate", "--write", "--root", project).out
    assert [_outcome(out, f"line {number}:") for number in range(1, 8)] == [
        "carried over",
        "not needed, as keysweep reports nothing there",
        "not carried over",
        "not carried over",
        "carried over",
        "hides nothing any more, left out",
        "hides nothing any more, left out",
    ]
    assert "there is no commit 0000000000 in this clone" in out
    written = (project / ".keysweepignore").read_text().splitlines()
    assert [line.partition("reason: ")[2] for line in written] == [
        "carried over from .gitleaksignore, line 1",
        "carried over from .gitleaksignore, line 5",
    ]
    assert keysweep("scan", project).status == 0
    assert keysweep("history", project).status == 0
    (project / "a.py").write_text(f"k = '{key('another')}'\n")  # on the very line
    assert keysweep("scan", project).status == 1


def test_hashes_of_a_baseline_are_found_wherever_the_secret_stands(
    keysweep: Run, project: Path, key: Key
) -> None:
    def result(secret: str, line: int, **more: object) -> dict[str, object]:
        digest = hashlib.sha1(secret.encode(), usedforsecurity=False).hexdigest()
        return {"type": "Secret Keyword", "hashed_secret": digest, "line_number": line, **more}

    (project / "b.py").write_text(f"\n\nold = '{key('moved')}'\nname = 'not-a-secret'\n")
    (project / "c.py").write_text(f"k = '{key('real')}'  # x\n")
    results = {
        "a.py": [result(key("here"), 9, is_secret=False), result("no longer there", 2)],
        "b.py": [result(key("moved"), 1), result("not-a-secret", 4)],
        "c.py": [result(key("real"), 1, is_secret=True)],
        "gone.py": [result("gone", 1)],
    }
    file = project / ".secrets.baseline"
    file.write_text(json.dumps({"version": "1.5.0", "results": results}))
    out = keysweep("migrate", "--write", "--root", project).out
    marks = [f"result {r['hashed_secret'][:8]}" for rs in results.values() for r in rs]  # type: ignore[index]
    assert [_outcome(out, mark) for mark in marks] == [
        "carried over",
        "hides nothing any more, left out",
        "carried over",
        "not needed, as keysweep reports nothing there",
        "carried over, with a difference",
        "hides nothing any more, left out",
    ]
    assert "revoke it" in out
    assert len((project / ".keysweepignore").read_text().splitlines()) == 1
    assert (project / ".keysweep.baseline").read_text().count("\nv1:") == 2
    file.unlink()  # it has done its work
    assert keysweep("scan", project).status == 0


def test_a_secret_named_in_clear_is_told_and_written_by_fingerprint_only(
    keysweep: Run, project: Path, key: Key
) -> None:
    text = (
        f"version: 2\nsecret:\n  ignored_matches:\n  - match: {key('here')}\n  - match: {key(7)}\n"
    )
    (project / ".gitguardian.yaml").write_text(text)
    ended = keysweep("migrate", "--write", "--root", project)
    assert _outcome(ended.out, "ignored match 1") == "carried over"
    assert _outcome(ended.out, "ignored match 2") == "hides nothing any more, left out"
    written = (project / ".keysweepignore").read_text()
    assert not any(key(seed) in ended.out + ended.err + written for seed in ("here", 7))


def test_with_history_hashes_of_what_is_gone_are_found(
    keysweep: Run, project: Path, key: Key
) -> None:
    (project / ".betterleaksignore").write_text(hashlib.sha256(key("gone").encode()).hexdigest())
    out = keysweep("migrate", "--root", project).out
    assert _outcome(out, "line 1") == "not carried over"
    out = keysweep("migrate", "--history", "--root", project).out
    assert _outcome(out, "line 1") == "carried over"


def test_what_a_commit_brought_in_is_ignored(keysweep: Run, project: Path, git: Git) -> None:
    head = git(project, "rev-parse", "HEAD").strip()
    (project / ".gitleaks.toml").write_text(f"[allowlist]\ncommits = ['{head}']\n")
    out = keysweep("migrate", "--write", "--root", project).out
    assert _outcome(out, "allowlist 1") == "carried over"
    assert keysweep("scan", project).status == 0
    assert keysweep("history", project).status == 1  # the earlier commit's is not


def test_rules_and_allowlists_are_written_and_hold(keysweep: Run, project: Path, key: Key) -> None:
    (project / "docs").mkdir()
    (project / "docs" / "b.txt").write_text(f"{acme(1)}\n")
    (project / "b.txt").write_text(f"{acme(2)}\n{key(3)} nosec\n")
    (project / ".gitleaks.toml").write_text(
        DEFAULT + RULES + "[[allowlists]]\nregexTarget = 'line'\nregexes = ['nosec']\n"
    )
    (project / ".keysweep.toml").write_text("# ours\nexclude = ['a.py']  # the old one\n")
    out = keysweep("migrate", "--root", project).out
    assert "Nothing was written; --write does it." in out
    assert "Would add to .keysweep.toml:" in out
    assert (project / ".keysweep.toml").read_text().count("\n") == 2
    out = keysweep("migrate", "--write", "--root", project).out
    assert _outcome(out, "rule 1") == "carried over"
    assert "hides 1 finding here" in out
    assert (
        (project / ".keysweep.toml")
        .read_text()
        .startswith("# ours\nexclude = ['a.py']  # the old one\n")
    )
    report = json.loads(keysweep("scan", "--format", "json", project).out)
    open_ones = [one for one in report["findings"] if not one["suppressed"]]
    assert [(one["rule_id"], one["path"]) for one in open_ones] == [("gitleaks-acme", "b.txt")]
    checked = keysweep("rules", "check", project / ".keysweep" / "rules")
    assert (checked.status, checked.out) == (0, "1 rules in 1 files are sound\n")
    assert not foreign.is_one(project / ".keysweep" / "rules" / "gitleaks.toml")
    again = keysweep("migrate", "--write", "--root", project)
    assert "Nothing is to be written" in again.out


def test_additions_go_where_the_configuration_is(keysweep: Run, project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.keysweep]\nexclude = ['x']\n[tool.a]\nb = 1\n")
    (project / ".secretlintignore").write_text("dist/\na.py\n")
    out = keysweep("migrate", "--write", "--root", project).out
    assert _outcome(out, "line 1") == "carried over, though it hides nothing now"
    assert _outcome(out, "line 2") == "carried over"
    assert not (project / ".keysweep.toml").exists()
    assert "[tool.a]\nb = 1\n" in (project / "pyproject.toml").read_text()
    assert keysweep("scan", project).status == 0


def test_names_that_would_harm_a_terminal_are_escaped(keysweep: Run, project: Path) -> None:
    (project / ".gitleaksignore").write_text("\x1b[2Ja.py:rule:1\n\x1b]0;x\x07.py:b:2\n")
    out = keysweep("migrate", "--root", project).out
    assert "\x1b" not in out
    assert r"\x1b[2Ja.py" in out


# Other scanners' files as they are


def test_a_foreign_file_is_used_as_it_is(keysweep: Run, project: Path, key: Key) -> None:
    (project / "docs").mkdir()
    (project / "docs" / "b.txt").write_text(f"{acme(1)}\n")
    (project / "b.txt").write_text(f"{acme(2)}\n")
    file = project / "leaks.toml"
    file.write_text(DEFAULT + RULES + f"[[allowlists]]\nregexes = ['{key('here')}']\n")
    ended = keysweep("scan", "--config", file, "--format", "json", project)
    report = json.loads(ended.out)
    found = {(one["rule_id"], one["path"], bool(one["suppressed"])) for one in report["findings"]}
    assert ("gitleaks-acme", "b.txt", False) in found
    assert ("gitleaks-acme", "docs/b.txt", True) in found
    assert ("byteengine-api-key", "a.py", True) in found
    assert ended.err == ""


def test_without_the_default_its_own_rules_are_all(keysweep: Run, project: Path) -> None:
    (project / "b.txt").write_text(f"{acme(2)}\n")
    (project / "gitleaks.toml").write_text(RULES)
    ended = keysweep("scan", "--config", project / "gitleaks.toml", "--format", "json", project)
    assert [one["rule_id"] for one in json.loads(ended.out)["findings"]] == ["gitleaks-acme"]


def test_what_does_not_hold_is_told_on_stderr(keysweep: Run, project: Path) -> None:
    (project / "gitleaks.toml").write_text(
        DEFAULT + "[[rules]]\nid = 'f'\npath = 'id_rsa'\n" + RULES + "[[allowlists]]\nx = 1\n"
    )
    ended = keysweep("scan", "--config", project / "gitleaks.toml", project)
    assert ended.status == 1
    lines = ended.err.splitlines()
    assert len(lines) == 2
    assert "gitleaks.toml, rule 1 (f): it names files by their path alone" in lines[0]
    assert "gitleaks.toml, allowlists 1: it names nothing" in lines[1]


def test_a_broken_foreign_file_is_wrong_use(keysweep: Run, project: Path) -> None:
    (project / "gitleaks.toml").write_text("[[rules]\n")
    ended = keysweep("scan", "--config", project / "gitleaks.toml", project)
    assert (ended.status, ended.out) == (2, "")
    assert "gitleaks.toml: not TOML" in ended.err


def test_rules_of_kingfisher_can_be_named(keysweep: Run, project: Path) -> None:
    rule = "rules:\n- name: Acme\n  id: acme.1\n  pattern: '(?x) acme_ ([a-f0-9]{24})'\n"
    (project / "kf.yml").write_text(rule)
    (project / "b.txt").write_text(f"{acme(2)}\n")
    ended = keysweep("scan", "--rules", project / "kf.yml", "--format", "json", project)
    ids = {one["rule_id"] for one in json.loads(ended.out)["findings"]}
    assert "kingfisher-acme-1" in ids


@pytest.mark.parametrize(
    ("allowlist", "status"),
    [
        pytest.param("targetRules = ['other']\nregexes = ['{key}']", 1, id="another rule's"),
        pytest.param("regexes = ['{key}[0-9]']", 1, id="more than the key"),
        pytest.param("targetRules = ['acme']\nregexes = ['{key}']", 0, id="its rule's"),
        pytest.param("regexes = ['{key}']", 0, id="every rule's"),
    ],
)
def test_allowed_key_hides_no_more_than_the_file_says(
    keysweep: Callable[..., Any], tmp_path: Path, allowlist: str, status: int
) -> None:
    key = "acme_" + hashlib.sha256(b"allowed").hexdigest()[:24]
    folder = tmp_path / "allowed"
    folder.mkdir()
    (folder / "a.py").write_text(f"k = '{key}'\n")
    config = tmp_path / "c.gitleaks.toml"
    rules = "".join(
        f"[[rules]]\nid = '{name}'\nregex = '{name}_[a-f0-9]{{24}}'\n" for name in ("acme", "other")
    )
    config.write_text(f"{rules}[[allowlists]]\n{allowlist.format(key=key)}\n")
    assert keysweep("scan", folder, "--config", config).status == status
