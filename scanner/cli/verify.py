"""`keysweep verify`: is this one key live?"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from scanner import __version__
from scanner.cli import asking, options, statuses
from scanner.cli.setup import wants_color
from scanner.errors import UsageError
from scanner.fingerprints import fingerprint, redact
from scanner.models import Blob, Excerpt, Finding, Kind, Place, Report, Secret, Span, Verdict
from scanner.positions import harmless
from scanner.redaction import hidden
from scanner.rules import Rule
from scanner.wording import liveness

if TYPE_CHECKING:
    from scanner.scan import Scanner

_MOST = 1 << 20  # bytes; no key is as long
_COLOURS = {Verdict.LIVE: "1;37;41"}
# One word, neither quoted nor after a name: another text would be sent as the key, and rejected.
_BARE = re.compile(rb"(?![\w.-]+[=:])[^\s\"'`]+")
_FORMATS = click.Choice(("text", "json"))


@click.command("verify")
@click.option("--rule", "rule_id", metavar="ID", help="Which kind of key it is.")
@click.option("--format", "chosen", type=_FORMATS, default="text", show_default=True)
@click.option("--rules", multiple=True, metavar="PATH", help="More rule files.")
@options.endpoints
def command(rule_id: str | None, chosen: str, **values: Any) -> int:
    """Ask its provider whether the key on standard input is live.

    Without --rule, the key has to tell by its form, or by what stands around it, which kind it
    is: paste the line of the file. What takes two parts, such as an AWS key pair, is given as
    the lines that hold both. On a terminal the key is asked for, and not shown.

    Exit status: 1 live, 0 rejected, 4 not known.
    """
    common = options.common(values | {"liveness": True})
    settings = options.settings(common, None)
    scanner = options.scanner(common, settings)
    content = _read()
    report = _asked_for(_scanned(scanner, content), scanner, content, rule_id)
    report = hidden(asking.asked(report, scanner, common))
    rules = scanner.rules.by_id()
    if chosen == "json":
        from scanner.reports import json

        sys.stdout.writelines(json.document(report, rules, __version__, False))
    else:
        sys.stdout.writelines(_lines(report, rules))
    return _status(report)


def _read() -> bytes:
    """The key, without the line end that it may have."""
    if sys.stdin.isatty():
        return str(click.prompt("Key", hide_input=True, err=True)).encode()
    content = sys.stdin.buffer.read(_MOST + 1)
    if len(content) > _MOST:
        raise UsageError("standard input holds more than 1 MB; give the key alone")
    if not content.strip():
        raise UsageError("standard input is empty; the key is to come from there")
    return content


def _scanned(scanner: Scanner, content: bytes) -> Report:
    """What the rules find in the text."""
    from scanner.scan import run

    return run(scanner, [Blob(Kind.STDIN, "", content)], command="verify", root="")


def _asked_for(report: Report, scanner: Scanner, content: bytes, rule_id: str | None) -> Report:
    """The report with the findings that are meant, and those that they need beside them."""
    rules = scanner.rules.by_id()
    if rule_id is not None:
        return _under(report, _rule(rules, rule_id), rules, scanner, content)
    if not report.findings:
        raise UsageError(
            "not recognised as a key; say with --rule which kind it is "
            "(`keysweep rules list` names them)"
        )
    return report


def _rule(rules: dict[str, Rule], rule_id: str) -> Rule:
    if rule_id in rules:
        return rules[rule_id]
    close = difflib.get_close_matches(rule_id, rules, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise UsageError(f"there is no rule {rule_id!r}{hint}")


def _under(
    report: Report, rule: Rule, rules: dict[str, Rule], scanner: Scanner, content: bytes
) -> Report:
    """The findings of the rule and of those it needs, or all of the text as its secret."""
    check = rule.liveness
    needed = {name for _, name in (*check.needs, *check.optional)} if check else set()
    kinds = {rule.family, *(rules[name].family for name in needed)}
    found = [f for f in report.findings if rules[f.rule_id].family in kinds]
    if any(rules[f.rule_id].family == rule.family for f in found):
        return report._replace(findings=tuple(found))
    value = content.strip()
    if not _BARE.fullmatch(value):
        raise UsageError(f"{rule.id} does not find a key in this text; give the key alone")
    secret = Secret(value, redact(value, guessable=rule.guessable))
    excerpt = Excerpt(secret.redacted, 0, len(secret.redacted))
    place = Place(Kind.STDIN, "", Span(1, 1, 1, 1 + len(value)), excerpt, (), None)
    key = scanner.plan.fingerprint_key
    name = fingerprint(rule.family, value, guessable=rule.guessable, key=key)
    return report._replace(findings=(Finding(rule.id, secret, name, (place,)),))


def _shown(report: Report, rules: dict[str, Rule]) -> list[Finding]:
    """The findings that can be asked about, unless there are none."""
    able = [finding for finding in report.findings if rules[finding.rule_id].liveness]
    return able or list(report.findings)


def _lines(report: Report, rules: dict[str, Rule]) -> Iterator[str]:
    color = wants_color("auto")
    for finding in _shown(report, rules):
        rule = rules[finding.rule_id]
        yield f"{harmless(rule.description)} {finding.secret.redacted}  [{rule.id}]\n"
        if finding.liveness:
            text = liveness(finding.liveness)
            code = _COLOURS.get(finding.liveness.verdict) if color else None
            yield f"  \x1b[{code}m{text}\x1b[0m\n" if code else f"  {text}\n"
            if finding.liveness.verdict is Verdict.LIVE:
                yield f"  Now: {harmless(rule.remediation)}\n"


def _status(report: Report) -> int:
    verdicts = {finding.liveness.verdict for finding in report.findings if finding.liveness}
    if report.interrupted:
        return statuses.INTERRUPTED
    if Verdict.LIVE in verdicts:
        return statuses.FOUND
    if Verdict.UNKNOWN in verdicts or Verdict.REJECTED not in verdicts:
        return statuses.UNKNOWN
    return 0
