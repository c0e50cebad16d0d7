"""Recall and precision on the made-up mono-repo: `python -m benchmarks.accuracy`."""

import argparse
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.accuracy_report import as_json, as_text
from benchmarks.corpus.generate import DEFAULT_SEED, generate
from benchmarks.scoring import Score, places, read_corpus, score

SCAN = ("scan", "--format", "jsonl", "--show-secrets", "--no-progress")
STATUSES_OF_A_SCAN = (0, 1, 3)
TIMEOUT = 900  # seconds
BROKEN = 70


class BrokenRunError(Exception):
    """The scanner did not do its work."""


def default_command() -> str:
    """Give the installed command, or the checkout's package."""
    return "keysweep" if shutil.which("keysweep") else f"{shlex.quote(sys.executable)} -m scanner"


def scan(command: str, tree: Path) -> list[dict[str, Any]]:
    """Run the scanner on a folder and read its finding objects."""
    arguments = [*shlex.split(command), *SCAN, str(tree)]
    try:
        run = subprocess.run(arguments, capture_output=True, timeout=TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BrokenRunError(str(error)) from error
    if run.returncode not in STATUSES_OF_A_SCAN:
        raise BrokenRunError(f"status {run.returncode}: {run.stderr.decode(errors='replace')}")
    return _findings(run.stdout.decode("utf-8"))


def _findings(output: str) -> list[dict[str, Any]]:
    """Read JSON Lines; complain of a scan that did not see everything."""
    try:
        objects = [json.loads(line) for line in output.splitlines() if line.strip()]
    except json.JSONDecodeError as error:
        raise BrokenRunError(f"the output is no JSON Lines: {error}") from error
    summary = next((value for value in objects if value["type"] == "summary"), None)
    if summary is None:
        raise BrokenRunError("the output ends without a summary")
    for left_out in (*summary["not_seen"], *summary["skipped"]):
        print(f"not scanned: {left_out['what']}: {left_out['reason']}", file=sys.stderr)
    return [value for value in objects if value["type"] == "finding"]


def measure(seed: int, command: str) -> Score:
    """Generate the corpus of one seed, scan it and score the findings."""
    with tempfile.TemporaryDirectory(prefix="accuracy-") as name:
        folder = Path(name)
        generate(folder, seed)
        findings = scan(command, folder / "tree")
        reported = [place for finding in findings for place in places(finding)]
        return score(read_corpus(folder), reported)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--seed", type=int, nargs="+", default=[DEFAULT_SEED], metavar="N")
    parser.add_argument("--command", default=default_command(), help="the scanner, in one string")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report there too")
    return parser.parse_args()


def main() -> int:
    """Measure and report; the status tells only whether the run worked."""
    options = arguments()
    total = Score()
    try:
        for seed in options.seed:
            total.add(measure(seed, options.command))
    except (BrokenRunError, KeyError, ValueError) as error:
        print(f"the run broke: {error}", file=sys.stderr)
        return BROKEN
    sys.stdout.write(as_text(total, options.seed))
    if options.json:
        options.json.write_text(as_json(total, options.seed), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
