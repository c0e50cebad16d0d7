"""Repositories made by git's own plumbing: commits that nothing leads to, histories at random."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scanner.repository import Repository

WHO = "Ada <ada@example.org> 1700000000 +0000"


def where(folder: Path) -> Repository:
    """The folder as what git is asked about."""
    return Repository(os.fsencode(folder))


def ask(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    """What git prints, without its last line break."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, input=stdin, check=True, capture_output=True
    )
    return os.fsdecode(done.stdout).removesuffix("\n")


def commits(folder: Path) -> list[str]:
    """All commits, reachable or not."""
    lines = ask(folder, "cat-file", "--batch-all-objects", "--batch-check").splitlines()
    return [name for name, kind, _ in map(str.split, lines) if kind == "commit"]


def blob(folder: Path, content: str) -> str:
    """The id of a new file with this content."""
    return ask(folder, "hash-object", "-w", "--stdin", stdin=content.encode())


def commit(folder: Path, files: dict[str, str], *parents: str, message: str = "x") -> str:
    """A commit that nothing leads to."""
    index = {**os.environ, "GIT_INDEX_FILE": str(folder / ".git" / "own-index")}
    (folder / ".git" / "own-index").unlink(missing_ok=True)
    lines = "".join(f"100644 {blob(folder, text)}\t{path}\0" for path, text in files.items())
    for arguments, stdin in ((["update-index", "-z", "--index-info"], lines), (["write-tree"], "")):
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env=index, input=stdin.encode(), check=True,
            capture_output=True,
        )  # fmt: skip
    options = [word for parent in parents for word in ("-p", parent)]
    return ask(folder, "commit-tree", *options, "-m", message, done.stdout.decode().strip())


@contextmanager
def deep(folder: Path, levels: int) -> Iterator[None]:
    """Has folders lie in each other below one; what else stands in the uppermost goes with them, as
    Python removes none that deep."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    try:
        yield
    finally:
        subprocess.run(["rm", "-rf", folder / "d"], check=True)


def multiplied(folder: Path, content: str, depth: int, width: int = 10) -> str:
    """A tree of a few objects in which a file stands at `width` to the power of `depth` paths."""
    line = f"100644 blob {blob(folder, content)}"
    for _ in range(depth):
        lines = "".join(f"{line}\t{number}\n" for number in range(width))
        line = f"040000 tree {ask(folder, 'mktree', stdin=lines.encode())}"
    return line.split()[2]


def drop(folder: Path, name: str) -> None:
    """Takes a loose object away."""
    path = folder / ".git" / "objects" / name[:2] / name[2:]
    path.chmod(0o600)
    path.unlink()


def random_history(folder: Path, seed: int, count: int) -> list[str]:
    """Commits with up to three parents each, some of them reached by refs and some by none."""
    chance = random.Random(seed)
    commits: list[str] = []
    trees: dict[str, dict[str, str]] = {}
    for number in range(count):
        parents = chance.sample(commits, min(len(commits), chance.choice([0, 1, 1, 1, 2, 2, 3])))
        files: dict[str, str] = {}
        for parent in parents:
            files |= trees[parent]
        for _ in range(chance.choice([0, 1, 1, 2])):
            files[chance.choice(["a", "b", "d/c", "d/e", "é ü"])] = str(chance.randrange(9))
        if files and chance.random() < 0.2:
            del files[chance.choice(sorted(files))]
        made = commit(folder, files, *parents, message=str(number))
        commits.append(made)
        trees[made] = files
        if chance.random() < 0.2:
            ask(folder, "update-ref", f"refs/heads/branch-{number}", made)
        if chance.random() < 0.15:
            ask(folder, "tag", "-f", "-m", "Tag", f"tag-{number}", made)
        if chance.random() < 0.1:
            ask(folder, "tag", "-f", f"light-{number}", made)
    ask(folder, "update-ref", "refs/heads/main", chance.choice(commits))
    return commits
