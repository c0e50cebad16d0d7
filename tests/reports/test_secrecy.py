"""No report shows a secret, in whole or in part, unless it is asked to."""

from __future__ import annotations

import base64
import json
import random
import string
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import pytest

from scanner.models import Blob, Kind, Report
from scanner.reports import csv as csv_report
from scanner.reports import github, gitlab, junit, markdown, sarif, text
from scanner.reports import json as json_report
from scanner.rules import Rule, files_in, shipped

Rules = Mapping[str, Rule]
Scanned = Callable[..., Report]
ALNUM = string.ascii_letters + string.digits
PIECE = 8  # characters in a row that may not be seen; a head of 5 and a tail of 2 may


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _said(lines: Iterator[str]) -> str:
    """All strings of a JSON report, as a reader of it gets them."""
    documents = "".join(lines)
    return "\n".join(
        said
        for part in (documents.splitlines() if documents.startswith('{"') else [documents])
        for said in _strings(json.loads(part))
    )


def _in_xml(document: str) -> str:
    """All text and all attributes of an XML report."""
    elements = list(ET.fromstring(document).iter())  # noqa: S314 - it is our own
    return "\n".join(
        said
        for element in elements
        for said in (element.text or "", element.tail or "", *element.attrib.values())
    )


FORMATS: dict[str, Callable[[Report, Rules], str]] = {
    "text": lambda report, rules: "".join(text.render(report, rules, False, False)),
    "coloured text": lambda report, rules: "".join(text.render(report, rules, True, False)),
    "json": lambda report, rules: _said(json_report.document(report, rules, "1", False)),
    "jsonl": lambda report, rules: _said(json_report.lines(report, rules, "1", False)),
    "sarif": lambda report, rules: _said(sarif.render(report, rules, "1")),
    "junit": lambda report, rules: _in_xml("".join(junit.render(report, rules, "1"))),
    "gitlab": lambda report, rules: _said(gitlab.render(report, rules, "1")),
    "github": lambda report, rules: unquote("".join(github.render(report, rules, "1"))),
    "markdown": lambda report, rules: "".join(markdown.render(report, rules, "1")),
    "csv": lambda report, rules: "".join(csv_report.render(report, rules, "1")),
}
every_format = pytest.mark.parametrize("render", FORMATS.values(), ids=FORMATS)


@pytest.fixture(scope="module")
def examples(scanned: Scanned) -> Report:
    """A scan of every shipped rule's examples, each with its neighbour on the same line."""
    blobs = {}
    for path in files_in(shipped()):
        for rule in tomllib.loads(path.read_text("utf-8"))["rules"]:
            name = f"{path.stem}/{rule['id']}"
            blobs[name] = "\n".join(rule["examples"])
            blobs[f"{name}.line"] = "  ".join(rule["examples"])
    return scanned(blobs)


@every_format
def test_no_example_of_any_rule_is_shown(
    examples: Report, rules_by_id: Rules, render: Callable[[Report, Rules], str]
) -> None:
    assert len({finding.rule_id for finding in examples.findings}) > len(rules_by_id) * 0.9
    said = render(examples, rules_by_id)
    shown = {
        (finding.rule_id, finding.secret.redacted)
        for finding in examples.findings
        if len(secret := finding.secret.reveal().decode("utf-8", "replace")) >= PIECE
        and secret in said
    }
    assert shown == set()


def _drawn(seed: str, length: int = 40) -> str:
    return "".join(random.Random(seed).choices(ALNUM, k=length))


def _byteengine(seed: str) -> str:
    return "be_" + _drawn(seed)


def _pem(seed: str) -> str:
    body = base64.b64encode(random.Random(seed).randbytes(600)).decode()
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    begin, end = (f"-----{word} PRIVATE KEY-----" for word in ("BEGIN", "END"))
    return f"{begin}\n{lines}\n{end}"


def _jwt(seed: str) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    head = part({"alg": "HS256", "typ": "JWT"})
    return f"{head}.{part({'sub': _drawn(seed)})}.{_drawn(seed + 's', 43)}"


def _basic(seed: str) -> str:
    return base64.b64encode(f"admin:{_drawn(seed, 24)}".encode()).decode()


SURROUNDINGS: dict[str, tuple[str, list[str]]] = {
    "plain": ("{0}\n", [_byteengine("a")]),
    "neighbours": ("a={0} b={1} c={2}\n", [_byteengine(c) for c in "bcd"]),
    "same twice on a line": ("a={0} b={0}\n", [_byteengine("e")]),
    "long line": ("x" * 9000 + "'{0}',n='{1}'" + "y" * 9000, [_byteengine("f"), _byteengine("g")]),
    "no line end, CRLF": ("\r\nk: {0}\r\nl: {1}", [_byteengine("h"), _byteengine("i")]),
    "bearer": ("Authorization: Bearer {0}\n", [_drawn("j", 48)]),
    "basic": ("curl -H 'Authorization: Basic {0}' x\n", [_basic("k")]),
    "URL": ("db = 'postgres://app:{0}@db.example.org/x'\n", [_drawn("l", 24)]),
    "assigned": ('client_secret = "{0}"\n', [_drawn("m", 40)]),
    "password": ('password: "{0}"\n', [_drawn("n", 20)]),
    "JSON in JSON": ('{{"a": "{{\\"api_key\\": \\"{0}\\"}}"}}\n', [_byteengine("o")]),
    "JWT": ("token = '{0}'\n", [_jwt("p")]),
    "private key": ("{0}\n", [_pem("q")]),
    "marker behind": ("k = '{0}'  # keysweep:allow {1}\n", [_byteengine("r"), _byteengine("s")]),
    "marker before": ("/* keysweep:allow */ k = '{0}'\n", [_byteengine("t")]),
    "marker between": ("'{0}', /* keysweep:allow */ '{1}'\n", [_byteengine(c) for c in "uv"]),
    "other tool's marker before": (
        "/* secretlint-disable-line -- why */ k = '{0}'\n",
        [_byteengine("w")],
    ),
    "URL with a key as user": ("https://{0}:x@example.org/{1}\n", [_byteengine(c) for c in "xy"]),
}


def _pieces(secret: str) -> set[str]:
    """Every stretch of a secret that is long enough to tell, of its random part alone."""
    lines = [line for line in secret.splitlines() if not line.startswith("-----")]
    parts = [part for line in lines for part in line.split(".")]
    parts = [part for part in parts if not part.startswith("eyJ")]
    return {part[at : at + PIECE] for part in parts for at in range(len(part) - PIECE + 1)}


def _shown(secrets: list[str], said: str) -> set[str]:
    return {piece for secret in secrets for piece in _pieces(secret) if piece in said}


@every_format
@pytest.mark.parametrize("name", SURROUNDINGS)
def test_no_piece_of_a_secret_is_shown(
    scanned: Scanned, rules_by_id: Rules, name: str, render: Callable[[Report, Rules], str]
) -> None:
    template, secrets = SURROUNDINGS[name]
    report = scanned({"a": template.format(*secrets)})
    found = b"\n".join(finding.secret.reveal() for finding in report.findings).decode()
    assert all(_pieces(secret) <= _pieces(found) for secret in secrets)  # or there is no test
    assert _shown(secrets, render(report, rules_by_id)) == set()


@every_format
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_no_piece_of_a_secret_in_another_encoding_is_shown(
    scanned: Scanned, rules_by_id: Rules, encoding: str, render: Callable[[Report, Rules], str]
) -> None:
    report = scanned({"a": f"# Schlüssel\nk = '{_byteengine('z')}'\n".encode(encoding)})
    assert len(report.findings) == 1
    assert _shown([_byteengine("z")], render(report, rules_by_id)) == set()


@every_format
@pytest.mark.parametrize(
    "hide",
    [
        pytest.param(lambda key: "".join(f"%{ord(c):02x}" for c in key), id="percent"),
        pytest.param(lambda key: "".join(f"\\u{ord(c):04x}" for c in key), id="escapes"),
        pytest.param(lambda key: f'{key[:14]}" + "{key[14:]}', id="concatenation"),
    ],
)
def test_no_piece_of_a_secret_in_a_notation_is_shown(
    scanned: Scanned,
    rules_by_id: Rules,
    hide: Callable[[str], str],
    render: Callable[[Report, Rules], str],
) -> None:
    hidden = hide(_byteengine("z"))
    report = scanned({"a": f'k = "{hidden}"\n'})
    assert len(report.findings) == 1
    assert _shown([_byteengine("z"), hidden], render(report, rules_by_id)) == set()


@every_format
@pytest.mark.parametrize("kind", [Kind.SYMLINK, Kind.STDIN])
def test_secret_in_a_link_or_on_standard_input_is_not_shown(
    scanned: Scanned, rules_by_id: Rules, kind: Kind, render: Callable[[Report, Rules], str]
) -> None:
    target = f"https://example.org/?k={_byteengine('3')}"
    report = scanned({}, Blob(kind, "link", target.encode()))
    assert len(report.findings) == 1
    assert _shown([_byteengine("3")], render(report, rules_by_id)) == set()
