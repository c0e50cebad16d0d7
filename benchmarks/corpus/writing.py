"""How a key is written down: whole, split over literals, escaped, encoded, indented."""

import base64
from collections.abc import Callable
from itertools import pairwise
from random import Random
from urllib.parse import quote
from xml.sax.saxutils import escape

Writer = Callable[[str, str, Random], str]


def _join(secret: str, joiner: str, random: Random) -> str:
    """Cut into two to four pieces with the text between them that the language wants."""
    count = random.randint(2, 4)
    first = 3 if secret.startswith("be_") else len(secret) // count
    cuts = [0, first]
    step = (len(secret) - first) // (count - 1)
    cuts += [first + step * number for number in range(1, count - 1)] + [len(secret)]
    pieces = [secret[start:stop] for start, stop in pairwise(cuts)]
    return joiner.replace("\\n", "\n").join(pieces)


def _indent(secret: str, columns: str, _: Random) -> str:
    return secret.replace("\n", "\n" + " " * int(columns))


def _percent_underscore(secret: str, _: str, __: Random) -> str:
    return quote(secret, safe="").replace("_", "%5F")


WRITERS: dict[str, Writer] = {
    "join": _join,
    "indent": _indent,
    "escaped": lambda secret, _, __: secret.replace("\n", "\\n"),
    "double_escaped": lambda secret, _, __: secret.replace("\n", "\\\\n"),
    "u005f": lambda secret, _, __: secret.replace("_", "\\u005f"),
    "x5f": lambda secret, _, __: secret.replace("_", "\\x5f"),
    "percent": _percent_underscore,
    "xml": lambda secret, _, __: escape(secret, {'"': "&quot;"}),
    "base64": lambda secret, _, __: base64.b64encode(secret.encode()).decode(),
    "prefix_lines": lambda secret, sign, _: secret.replace("\n", "\n" + sign),
}


def write(secret: str, steps: list[str], random: Random) -> str:
    """Apply the steps, each `name` or `name:argument`, in order."""
    for step in steps:
        name, _, argument = step.partition(":")
        secret = WRITERS[name](secret, argument, random)
    return secret
