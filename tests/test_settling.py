"""Which findings entries of other scanners mean, in real repositories."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.carried import Known
from scanner.scan import Plan, Scanner
from scanner.settling import Ground

Git = Callable[..., str]


def key(seed: object) -> str:
    """A ByteEngine key, always the same from the same seed."""
    return "be_" + hashlib.sha256(str(seed).encode()).hexdigest()[:40]


@pytest.fixture
def project(repository: Path, git: Git) -> Path:
    """A repository with two commits, the second without parents' keys."""
    (repository / "a.py").write_text(f"a = '{key(1)}'\n")
    (repository / "ä b.py").write_text(f"\nb = '{key(2)}'; c = '{key(3)}'\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "one")
    (repository / "a.py").write_text(f"a = '{key(1)}'\nd = '{key(4)}'\n")
    git(repository, "commit", "-qam", "two")
    return repository


@pytest.fixture
def ground(project: Path, plan: Plan) -> Ground:
    return Ground(Scanner(plan), project)


def _secrets(ground: Ground, known: Known) -> list[str]:
    return sorted(one.secret.reveal().decode() for one in ground.settle(known).findings)


@pytest.mark.parametrize(
    ("known", "reason", "gone", "needless"),
    [
        pytest.param(Known(), "neither a secret nor a line", False, False, id="nothing"),
        pytest.param(Known("a.py"), "neither a secret nor a line", False, False, id="no line"),
        pytest.param(Known("no.py", 1), "there is no no.py", True, False, id="no file"),
        pytest.param(Known("a.py", 9), "nothing on line 9", True, False, id="no such line"),
        pytest.param(Known("ä b.py", 2), "2 secrets stand on that line", False, False, id="two"),
        pytest.param(Known("a.py", 1, "HEAD~5"), "no commit HEAD~5", False, False, id="no commit"),
        pytest.param(Known("no.py", 1, "HEAD"), "no no.py in commit", False, False, id="not in it"),
        pytest.param(Known("a.py", 2, "HEAD~1"), "nothing on line 2", False, True, id="not yet"),
        pytest.param(Known(text="nowhere"), "has that secret", True, False, id="text"),
        pytest.param(
            Known("a.py", text="nowhere"), "a.py does not hold it", True, False, id="gone"
        ),
    ],
)
def test_why_none_is_meant(
    ground: Ground, known: Known, reason: str, gone: bool, needless: bool
) -> None:
    settled = ground.settle(known)
    assert settled.findings == ()
    assert reason in settled.reason
    assert (settled.gone, settled.needless) == (gone, needless)


@pytest.mark.parametrize(
    ("known", "seeds"),
    [
        pytest.param(Known("a.py", 1), [1], id="line"),
        pytest.param(Known("a.py", 1, "HEAD~1"), [1], id="line of a commit"),
        pytest.param(Known("ä b.py", text=key(2)), [2], id="text"),
        pytest.param(Known("other.py", 7, text=key(3)), [3], id="text that moved"),
        pytest.param(Known(test=lambda secret: secret == key(4).encode()), [4], id="hash"),
        pytest.param(Known(commit="HEAD"), [4], id="all of a commit"),
        pytest.param(Known(commit="HEAD~1"), [1, 2, 3], id="all of the first commit"),
        pytest.param(Known(commit="HEAD", rule="byteengine"), [4], id="of a rule like ours"),
        pytest.param(Known(commit="HEAD", rule="slack"), [], id="of another rule"),
    ],
)
def test_what_is_meant(ground: Ground, known: Known, seeds: list[int]) -> None:
    assert _secrets(ground, known) == sorted(map(key, seeds))


def test_a_secret_that_was_cut_another_way_is_told_by_its_line(project: Path, plan: Plan) -> None:
    (project / "c.py").write_text(f"url = 'https://x.example/?k={key(5)}&v=1'\n")
    whole = f"https://x.example/?k={key(5)}&v=1".encode()
    known = Known("c.py", 9, test=lambda secret: secret == whole)
    assert _secrets(Ground(Scanner(plan), project), known) == [key(5)]


def test_what_keysweep_does_not_report_needs_no_entry(project: Path, plan: Plan) -> None:
    (project / "c.py").write_text("name = 'just-words'\n")
    settled = Ground(Scanner(plan), project).settle(
        Known("c.py", 1, test=lambda secret: secret == b"just-words")
    )
    assert (settled.findings, settled.needless) == ((), True)


def test_paths_besides_do_not_count(project: Path, plan: Plan) -> None:
    ground = Ground(Scanner(plan), project, frozenset({"a.py"}))
    assert "a.py" not in ground.paths
    assert _secrets(ground, Known(text=key(4))) == []


def test_outside_of_a_repository_there_are_no_commits(tmp_path: Path, plan: Plan) -> None:
    settled = Ground(Scanner(plan), tmp_path).settle(Known("a.py", 1, "HEAD"))
    assert "no commit HEAD in this clone" in settled.reason
