"""Reports to render: scans of a few blobs, with times that do not change."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Mapping

import pytest

from scanner import rules
from scanner.config import Settings
from scanner.models import (
    Allowlist,
    Blob,
    Commit,
    Gap,
    Kind,
    Report,
    ScanInfo,
    Suppression,
    Unseen,
)
from scanner.rules import Rule
from scanner.scan import Plan, Scanner, run

INFO = ScanInfo("scan", "/tree", "0" * 64, "2026-01-02T03:04:05Z")
ALNUM = string.ascii_letters + string.digits


@pytest.fixture(scope="session")
def rules_by_id(plan: Plan) -> Mapping[str, Rule]:
    """The shipped rules."""
    return rules.load(plan.artefact).rules.by_id()


@pytest.fixture(scope="session")
def key() -> Callable[[object], str]:
    """Makes a ByteEngine key, always the same from the same seed."""
    return lambda seed: "be_" + "".join(random.Random(seed).choices(ALNUM, k=40))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def scanned(plan: Plan) -> Callable[..., Report]:
    """Scans blobs, given as paths and contents, besides other items."""
    allowed = Allowlist(("allowed/",), (), (), "samples", "config, allowlist 1")
    own = plan._replace(settings=Settings(allowlists=(allowed,)), line_hashes=True)

    def scan(blobs: dict[str, str | bytes], *others: Blob | Gap) -> Report:
        items = [
            Blob(Kind.FILE, path, content.encode() if isinstance(content, str) else content)
            for path, content in blobs.items()
        ]
        report = run(Scanner(own), [*items, *others], command="scan", root="/tree")
        return report._replace(info=INFO, seconds=0.25)

    return scan


@pytest.fixture(scope="session")
def report(scanned: Callable[..., Report], key: Callable[[object], str]) -> Report:
    """Two open findings, one of them at two places; an allowed one; things not seen."""
    return scanned(
        {
            "a.py": f"first = '{key(1)}'\n",
            "b/c.env": f"\nX={key(1)}\nY={key(2)}\n",
            "d.txt": f"{key(3)}  # keysweep:allow a sample\n",
        },
        Gap(Unseen("lost", "Permission denied"), by_policy=False),
        Gap(Unseen("big", "too large"), by_policy=True),
    )


# Names and texts that would be more than text to a reader who took them as they are.
HOSTILE = [
    "|`` x `` <b>|",
    "a|b\\|c\\\\|d\\",
    "`code` ```\nfence",
    "` @everyone <b>injected</b> https://example.org `",
    "<script>alert(1)</script><!-- ",
    "]]>&amp;<![CDATA[",
    "[link](https://example.org) ![i](https://example.org/i)",
    "@everyone #1 https://example.org www.example.org a@example.org",
    "\n::error file=x::injected",
    "\r::add-mask::x",
    "a::b,title=c:d%0A::stop-commands::x",
    " ##[error]injected",
    "\ufeff::error::injected",
    "=HYPERLINK(1)",
    "+1;=2",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\uff1d1",
    "a\"b,c'd",
    "\x00\x01\x08\x0b\x1b[31m\x7f\x85\u2028\u202e",
    "\ud800\udfff\ufffe\uffff",
    "",
    " ",
]


@pytest.fixture(scope="session")
def hostile(scanned: Callable[..., Report], key: Callable[[object], str]) -> Report:
    """Findings whose paths, commits, suppressions and gaps all bear hostile text."""
    report = scanned({str(number): key(number) for number in range(len(HOSTILE))})
    findings = []
    for text, finding in zip(HOSTILE, report.findings, strict=True):
        (place,) = finding.places
        commit = Commit("c" * 40, text, text, "2026-01-02T03:04:05+00:00", text, at_head=True)
        given = Suppression("inline", text, text)
        places = (
            place._replace(path=text, distrusted=given),
            place._replace(path=text, suppressed=given),
            place._replace(path=text, commit=commit._replace(head_paths=(text,))),
        )
        findings.append(finding._replace(places=places))
    unseen = tuple(Unseen(text, text) for text in HOSTILE)
    return report._replace(findings=tuple(findings), not_seen=unseen, skipped=unseen)
