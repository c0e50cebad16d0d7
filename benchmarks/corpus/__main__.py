"""Write the corpus: `python -m benchmarks.corpus DIR [--seed N]`."""

import argparse
from pathlib import Path

from benchmarks.corpus.generate import DEFAULT_SEED, generate


def main() -> None:
    """Read the command line and write the corpus."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="where to write; made if missing")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="draws other keys")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    generate(options.folder, options.seed)


if __name__ == "__main__":
    main()
