"""Harmless code and settings that make a short file as long as real ones are."""

import re
from pathlib import Path, PurePosixPath
from random import Random

BLOCKS = Path(__file__).parent / "blocks"
SEPARATOR = "\n%%%%\n"
NAME = re.compile(r"@(noun|Noun|NOUN|verb|Verb|field|Field|FIELD|n|d)@")
NOUNS = "order invoice parcel customer article pallet voucher basket carrier refund".split()  # noqa: SIM905
VERBS = "archive collect merge publish refresh export".split()  # noqa: SIM905
FIELDS = "status region weight owner channel priority".split()  # noqa: SIM905
SHORTEST, LONGEST = 40, 150  # lines
GAPS = {"python": ("\n\n", "\n"), "k8s": ("", "\n"), "history": ("", "\n"), "json": (",\n", "")}
FAMILIES = {
    ".py": "python",
    ".js": "js",
    ".mjs": "js",
    ".ts": "js",
    ".go": "go",
    ".java": "java",
    ".cs": "cs",
    ".kt": "kt",
    ".swift": "swift",
    ".rs": "rs",
    ".rb": "rb",
    ".php": "php",
    ".c": "c",
    ".sh": "sh",
    ".ps1": "ps",
    ".psm1": "ps",
    ".sql": "sql",
    ".tf": "tf",
    ".ini": "ini",
    ".toml": "toml",
    ".properties": "properties",
    ".md": "md",
    ".css": "css",
    ".scala": "scala",
    ".pl": "pl",
    ".proto": "proto",
    ".graphql": "graphql",
    ".reg": "reg",
    ".tsx": "js",
    ".cfg": "ini",
}
SETTINGS = ("config/", "infra/ansible/group_vars/all", "services/assistant/config")
JSON_SETTINGS = {"appsettings", "appsettings.Development"}
WITHOUT = (
    "dist",
    "node_modules",
    ".cargo",
    "prompts",
    "smart.json",
    "bundle",
    "inventory.ini",
    "Cargo.toml",
)


def family(path: PurePosixPath) -> str | None:
    """Tell which blocks suit a file; None for formats that nothing can be appended to."""
    if any(part in WITHOUT for part in path.parts):
        return None
    if path.name.startswith(".env") or path.suffix == ".env":
        return "env"
    if path.name == ".bash_history":
        return "history"
    if path.suffix == ".json":
        return "json" if path.parent.name == "config" or path.stem in JSON_SETTINGS else None
    if path.suffix in {".yaml", ".yml"}:
        return _yaml_family(path)
    return FAMILIES.get(path.suffix)


def _yaml_family(path: PurePosixPath) -> str | None:
    """Append documents to Kubernetes files and mappings to plain settings."""
    if path.is_relative_to("infra/k8s") and "sops" not in path.parts:
        return "k8s"
    return "yaml" if str(path).startswith(SETTINGS) else None


def lengthen(path: PurePosixPath, text: str, random: Random) -> str:
    """Append blocks to a file's text until it is long enough; JSON stays well-formed."""
    name = family(path)
    if name is None:
        return text
    blocks = (BLOCKS / f"{name}.txt").read_text("utf-8").rstrip("\n").split(SEPARATOR)
    wanted = random.randint(SHORTEST, LONGEST)
    opening, closing = GAPS.get(name, ("\n", "\n"))
    end = "\n}\n" if name == "json" else ""
    text = text.removesuffix(end)
    choices = [(block, noun) for block in blocks for noun in NOUNS]
    random.shuffle(choices)
    while choices and text.count("\n") < wanted:
        text += f"{opening}{_fill(*choices.pop(), random)}{closing}"
    return text + end


def _fill(block: str, noun: str, random: Random) -> str:
    """Put one set of names into a block."""
    verb, field = random.choice(VERBS), random.choice(FIELDS)
    names = {"n": str(random.randint(20, 900)), "d": str(random.randint(10, 99))}
    for key, word in (("noun", noun), ("verb", verb), ("field", field)):
        names |= {key: word, key.title(): word.title(), key.upper(): word.upper()}
    return NAME.sub(lambda match: names[match[1]], block)
