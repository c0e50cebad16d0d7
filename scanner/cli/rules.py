"""`keysweep rules`: list, show and check rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from scanner import rulecache, rulefiles
from scanner.artefact import compile_rules
from scanner.errors import ConfigError, UsageError
from scanner.rules import Check, Rule, RuleSet, files_in, shipped
from scanner.witness import Witness


@click.group("rules")
def command() -> None:
    """List, show and check rules."""


_PATHS = click.option("--rules", "extra", multiple=True, metavar="PATH", help="More rule files.")


def _read(extra: tuple[str, ...]) -> RuleSet:
    return rulefiles.read(rulecache.files(map(Path, extra)), thorough=False)


@command.command("list")
@_PATHS
def list_rules(extra: tuple[str, ...]) -> None:
    """One line for each rule: id, severity, confidence, liveness (or -), description.

    Whether a key is live can be asked with --liveness where the line says so.
    """
    rules = _read(extra).rules
    width = max(len(rule.id) for rule in rules)
    for rule in rules:
        head = f"{rule.id:<{width}}  {rule.severity:<8}  {rule.confidence:<6}"
        asked = "liveness" if rule.liveness else "-"
        click.echo(f"{head}  {asked:<8}  {rule.description}")


@command.command("show")
@click.argument("rule_id", metavar="ID")
@_PATHS
def show(rule_id: str, extra: tuple[str, ...]) -> None:
    """Everything about one rule."""
    rule = _read(extra).by_id().get(rule_id)
    if rule is None:
        raise UsageError(f"there is no rule {rule_id!r}; `keysweep rules list` names them all")
    hidden = {"examples", "counter_examples"}  # live-looking keys do not belong on a terminal
    values = rule._asdict() | {"liveness": tuple(_liveness(rule.liveness))}
    for name, value in values.items():
        if name in hidden:
            continue
        for line in value if isinstance(value, tuple) else (value,):
            click.echo(f"{name:<16} {line}")


def _liveness(check: Check | None) -> Iterator[str]:
    """What is asked to tell whether a key is live, and where that call is documented."""
    if check is None:
        yield "cannot be asked"
        return
    yield f"{check.method} {check.base}{check.path}"
    if check.prefixes:
        yield f"for keys that begin with {', '.join(check.prefixes)}"
    for _, needed in check.needs:
        yield f"together with the {needed} in the same file"
    yield check.reference


@command.command("check")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
def check(paths: tuple[str, ...]) -> None:
    """Check rule files: form, patterns, and that examples are found and counter-examples not."""
    files = [file for path in paths for file in files_in(Path(path))]
    beside = rulefiles.read(files_in(shipped()), thorough=False).by_id()
    rules = rulefiles.read(files, beside=beside)
    detector = Witness(compile_rules(rules))
    known = {*beside, *rules.by_id()}
    problems = [
        f"{file}: {problem}"
        for file in files
        for rule in rulefiles.read([file], thorough=False, beside=known).rules
        for problem in _example_problems(rule, rules, detector)
    ]
    if problems:
        raise ConfigError(problems)
    click.echo(f"{len(rules.rules)} rules in {len(files)} files are sound")


# Hyperscan has been seen to lose matches of some wide alternations away from a text's start.
_PADDING = b"\n" * 400


def _example_problems(rule: Rule, rules: RuleSet, detector: Witness) -> list[str]:
    family = {other.id for other in rules.rules if other.family == rule.family}
    problems = []
    for number, text in enumerate(rule.examples, 1):
        found = {match.rule_id for match in detector.detect(text.encode()).matches}
        later = {match.rule_id for match in detector.detect(_PADDING + text.encode()).matches}
        if found & family and not later & family:
            problems.append(
                f"rule {rule.id!r}: example {number} is found at a text's start only: "
                "hyperscan misses some alternations; write a simpler `prefilter`"
            )
        elif not found & family:
            attempts = detector.heard[text.encode()].attempts
            reasons = [a.objection for a in attempts if a.rule.id == rule.id and a.objection]
            why = f" ({', '.join(reasons)})" if reasons else ""
            problems.append(f"rule {rule.id!r}: example {number} is not found{why}")
    for number, text in enumerate(rule.counter_examples, 1):
        if rule.id in {match.rule_id for match in detector.detect(text.encode()).matches}:
            problems.append(f"rule {rule.id!r}: counter-example {number} is found")
    return problems
