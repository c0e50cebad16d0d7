"""The action of this repository: its script runs as GitHub runs it, and no input is code."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ACTION = ROOT / "action.yml"

Git = Callable[..., str]


def _script() -> str:
    """The shell script: the last part of the file."""
    return textwrap.dedent(ACTION.read_text().partition("run: |\n")[2])


def test_script_holds_no_expression() -> None:
    assert "set -euo pipefail" in _script()
    assert "${{" not in _script()


def test_action_uses_no_other() -> None:
    assert "uses:" not in ACTION.read_text()


def test_every_input_is_handed_over_as_a_variable() -> None:
    text = ACTION.read_text()
    inputs = re.findall(r"^  (\w+):\n    description:", text, re.M)
    assert inputs == ["format", "output", "args"]
    for name in inputs:
        assert f"${{{{ inputs.{name} }}}}" in text
        assert f'"$KEYSWEEP_INPUT_{name.upper()}"' in _script()


@pytest.mark.slow
def test_action_scans_the_request_and_runs_nothing_of_it(
    repository: Path, git: Git, tmp_path: Path
) -> None:
    git(repository, "commit", "-qm", "base", "--allow-empty")
    base = git(repository, "rev-parse", "HEAD").strip()
    for name in ("venv.py", "pip.py", "scanner.py", "sitecustomize.py", "ensurepip.py"):
        (repository / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    key = hashlib.sha256(b"action").hexdigest()[:40]
    (repository / "key").write_text(f"be_{key}\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "head")
    head = git(repository, "rev-parse", "HEAD").strip()
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"before": base, "after": head, "ref": "refs/heads/main"}))
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", _script()],
        cwd=repository,
        env=os.environ
        | {
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_EVENT_PATH": str(event),
            "RUNNER_TEMP": str(tmp_path),
            "KEYSWEEP_ACTION": "/nowhere",
            "KEYSWEEP_INPUT_FORMAT": "text",
            "KEYSWEEP_INPUT_OUTPUT": f"{tmp_path}/$(touch ran) x.sarif\n",
            "KEYSWEEP_INPUT_ARGS": "--fail-on\ncritical\n",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert f"push to main: {base[:12]}..{head[:12]}, 1 commit" in done.stderr
    assert "[byteengine-api-key]" in done.stdout
    report = json.loads((tmp_path / "$(touch ran) x.sarif").read_text())
    assert report["version"] == "2.1.0"
    assert not (tmp_path / "ran").exists()
    assert not (repository / "ran").exists()
