"""`keysweep remediate`: what to do about each secret of a report, and doing what can be done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from scanner.cli import options, report_argument, writing
from scanner.cli.report_argument import Given
from scanner.errors import UsageError
from scanner.models import Kind, Place, Span
from scanner.reportfile import Reported

if TYPE_CHECKING:
    from scanner.remedies import Remedy, Spot
    from scanner.scan import Scanner
    from scanner.standing import Text

_FORMATS = ("text", "markdown", "json")


@click.command("remediate")
@report_argument.argument
@click.option("--format", "chosen", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option(
    "--apply", is_flag=True, help="Replace secrets in sources by a look into the environment."
)
@click.option("--yes", is_flag=True, help="With --apply: ask nothing.")
@click.option(
    "--expressions",
    metavar="FILE",
    help="Write the secrets for `git filter-repo --replace-text`; with --show-secrets.",
)
@click.option("--show-secrets", is_flag=True, help="Allow --expressions to write them in clear.")
@click.option(
    "--force", is_flag=True, help="With --expressions: write over FILE, and where git would add it."
)
@options.looking
def command(  # noqa: PLR0917 - as many as there are options
    report: str,
    root: str | None,
    chosen: str,
    apply: bool,
    yes: bool,
    expressions: str | None,
    show_secrets: bool,
    force: bool,
    **values: Any,
) -> int:
    """Plan what to do about the secrets of a JSON or JSON Lines report, the worst first.

    The plan changes nothing. Without REPORT, or with -, the report comes from standard input.

    \b
    keysweep history --output audit.jsonl
    keysweep remediate audit.jsonl --format markdown > plan.md
    keysweep remediate audit.jsonl --apply
    """  # fmt: skip
    common = options.common(values)
    if expressions and not show_secrets:
        raise UsageError(
            "--expressions writes the secrets in clear into a file; add --show-secrets to allow it"
        )
    if apply and expressions:
        raise UsageError("--apply and --expressions are two steps: first --apply, and commit")
    given = report_argument.given(report, root)
    findings = _open(given)
    if expressions:
        from scanner.cli import remediate_expressions

        return remediate_expressions.write(Path(expressions), given, findings, common, force)
    scanner = options.scanner(common, options.settings(common, given.root))
    texts = _texts(findings, scanner, given.root)
    work = Work(given.root, findings, _names(findings, texts), texts, scanner)
    if apply:
        from scanner.cli import remediate_apply

        return remediate_apply.apply(work, yes)
    from scanner import remedytext

    plan = remedytext.Plan(_remedies(work), given.name, given.reading.history)
    writing.show(remedytext.FORMATS[chosen](plan))
    return 0


class Work(NamedTuple):
    """The findings to see to, each with a variable's name, and the project's files that they are
    in, by path, as they are now."""

    root: Path
    findings: list[Reported]
    names: list[str]
    texts: dict[str, Text]
    scanner: Scanner


def _open(given: Given) -> list[Reported]:
    """The findings to see to: not those that the report, or the ignore file now, suppresses."""
    from scanner import triage

    ignores = triage.holding(given.root)
    found = triage.order(given.reading.findings)
    return [one for one in found if not triage.ignored(one.finding, ignores)]


def places_in_files(one: Reported) -> Iterator[tuple[str, Span]]:
    """The paths of files in which a secret may stand now, and where in each."""
    for place in one.finding.places:
        if place.kind is Kind.FILE and place.path and not place.suppressed:
            yield from ((path, place.span) for path in _paths(place))


def _paths(place: Place) -> tuple[str, ...]:
    return place.commit.head_paths if place.commit else (place.path,)


def _texts(findings: list[Reported], scanner: Scanner, root: Path) -> dict[str, Text]:
    """The files of the findings as they are now, by path; without those that are gone."""
    from scanner import standing

    paths = dict.fromkeys(path for one in findings for path, _ in places_in_files(one))
    texts = ((path, standing.read(scanner, root, path)) for path in paths)
    return {path: text for path, text in texts if text}


def _names(findings: list[Reported], texts: dict[str, Text]) -> list[str]:
    """A variable's name for each finding."""
    from scanner import replacement, variables

    wanted = []
    for one in findings:
        name = one.finding.fingerprint
        places = ((texts[path], span) for path, span in places_in_files(one) if path in texts)
        found = (replacement.assigned(text, name, span) for text, span in places)
        wanted.append(variables.Wanted(one.finding.rule_id, tuple(filter(None, found))))
    return variables.names(wanted)


def _remedies(work: Work) -> list[Remedy]:
    """What is to be done, with what to write instead of each secret."""
    from scanner import remedies

    rules = work.scanner.rules.by_id()
    leading = _leading(work.root, work.findings)
    found = remedies.remedies(work.findings, rules, work.names, leading)
    return [
        one._replace(now=tuple(_spot(spot, one.variable, work.texts) for spot in one.now))
        for one in found
    ]


def _spot(spot: Spot, variable: str, texts: dict[str, Text]) -> Spot:
    from scanner import replacement

    if spot.path not in texts:
        return spot
    instead = replacement.suggestion(spot.path, texts[spot.path].content, variable)
    return spot._replace(instead=instead)


def _leading(root: Path, findings: list[Reported]) -> dict[str, list[str]]:
    """For each commit of the findings that the repository has, all refs that lead there."""
    from scanner import repository
    from scanner.graph import Graph

    places = (place for one in findings for place in one.finding.places)
    commits = list(dict.fromkeys(place.commit.id for place in places if place.commit))
    folder = os.fsencode(root)
    if not commits or repository.git_folder(folder) is None:
        return {}
    where = repository.Repository(folder)
    graph = Graph(where)
    graph.of([one for one in commits if repository.commit_id(one, where)])
    try:
        return {id_: refs for id_, refs in graph.leading_to(commits).items() if graph.holds(id_)}
    finally:
        graph.stop()
