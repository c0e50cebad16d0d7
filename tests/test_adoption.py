"""What is carried over, put into our own files: added, never overwritten."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from scanner import adoption, configfile, rulefiles
from scanner.adoption import Plan
from scanner.config import Settings
from scanner.errors import ConfigError
from scanner.models import Allowlist
from scanner.suppressions import baseline, ignorefile

FINGERPRINT = "v1:" + "0f" * 16
TABLE: dict[str, object] = {
    "id": "tool-acme", "description": 'An "Acme" key', "severity": "high", "confidence": "low",
    "regex": r"acme_(?P<secret>[0-9'\"]{8})", "prefilter": "acme_[0-9'\"]{8}",
    "starts_match": True, "remediation": "Revoke it.", "allowlist": ["a'''b", "\x7f\n"],
}  # fmt: skip
PLAN = Plan(
    sources=(".gitleaks.toml",),
    exclude=("dist/", "it's\\ here"),
    disable=("json-web-token",),
    allowlists=(Allowlist(("docs/",), (r"^\d'''",), (), "why", "x", ("^a",), ('"b"',)),),
    rules=(("tool", TABLE),),
    ignores=(ignorefile.Entry("carried over from x", (FINGERPRINT,)),),
    known=(baseline.Entry(FINGERPRINT, "acme", "a b.py"),),
)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        pytest.param(".keysweep.toml", b"[", "not TOML", id="cut off"),
        pytest.param(".keysweep.toml", b"\xff", "not TOML", id="no text"),
        pytest.param(".keysweep.toml", b"disable = 1", "`disable` is no list", id="number"),
        pytest.param(".keysweep.toml", b"allowlist = 1", "no list of tables", id="no tables"),
        pytest.param(".keysweepignore", b"x", "unknown key", id="ignore file"),
        pytest.param(".keysweep.baseline", b"x", "not a baseline", id="baseline"),
        pytest.param(".keysweep/rules/tool.toml", b"x", "move it away", id="rules"),
    ],
)
def test_what_is_there_and_cannot_be_added_to(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"\.keysweep") as caught:
        adoption.changes(PLAN, tmp_path)
    assert told in str(caught.value)
    assert path.read_bytes() == content


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("")
    (tmp_path / ".keysweepignore").symlink_to("elsewhere")
    with pytest.raises(ConfigError, match="a link"):
        adoption.changes(PLAN, tmp_path)


def test_nothing_to_add(tmp_path: Path) -> None:
    assert adoption.changes(Plan(sources=("x",)), tmp_path) == ()
    assert list(tmp_path.iterdir()) == []


def test_what_is_written_reads_as_it_was_meant(tmp_path: Path) -> None:
    adoption.write(adoption.changes(PLAN, tmp_path))
    found = configfile.read(tmp_path / ".keysweep.toml", Settings())
    assert found.exclude == PLAN.exclude
    assert found.disable == PLAN.disable
    (allowlist,) = found.allowlists
    assert allowlist._replace(where="x") == PLAN.allowlists[0]
    assert found.rules == (tmp_path / ".keysweep" / "rules",)
    path = tmp_path / ".keysweep" / "rules" / "tool.toml"
    assert tomllib.loads(path.read_text())["rules"] == [TABLE]
    (rule,) = rulefiles.read([path]).rules
    assert rule.id == "tool-acme"
    content = (tmp_path / ".keysweepignore").read_bytes()
    assert ignorefile.parse(content, "x") == (PLAN.ignores[0]._replace(line=1),)
    held = baseline.parse((tmp_path / ".keysweep.baseline").read_bytes(), "x")
    assert held.entries == PLAN.known


def test_a_second_time_nothing_is_added(tmp_path: Path) -> None:
    adoption.write(adoption.changes(PLAN, tmp_path))
    assert adoption.changes(PLAN, tmp_path) == ()


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    ours = '# ours\nexclude = [\n  "a/",  # why\n]\n\n[[allowlist]]\npaths = ["b/"]\n'
    (tmp_path / ".keysweep.toml").write_text(ours)
    (tmp_path / ".keysweepignore").write_text("# ours\nrule:x reason: y")
    other = "v1:" + "ab" * 16
    (tmp_path / ".keysweep.baseline").write_text(f"# keysweep baseline v1\n{other} x y\n")
    changes = adoption.changes(PLAN, tmp_path)
    assert [change.new for change in changes] == [True, False, False, False]
    adoption.write(changes)
    text = (tmp_path / ".keysweep.toml").read_text()
    assert text.startswith('# ours\nexclude = [\n  "a/",  # why\n')
    assert len(configfile.read(tmp_path / ".keysweep.toml", Settings()).allowlists) == 2
    assert (tmp_path / ".keysweepignore").read_text().startswith("# ours\nrule:x reason: y\nfing")
    assert (tmp_path / ".keysweep.baseline").read_text().count("\nv1:") == 2
