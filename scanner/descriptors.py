"""What SARIF says of rules, and of the weakness that all findings are."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from scanner.models import Confidence, Severity
from scanner.rules import Rule

CWE = "798"
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
# GitHub: over 9.0 critical, 7.0-8.9 high, 4.0-6.9 medium, less is low.
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
}
_PRECISION = {Confidence.HIGH: "very-high", Confidence.MEDIUM: "high", Confidence.LOW: "medium"}
_RANKS = {Severity.CRITICAL: 90.0, Severity.HIGH: 70.0, Severity.MEDIUM: 40.0, Severity.LOW: 10.0}
_MORE = {Confidence.HIGH: 5.0, Confidence.MEDIUM: 0.0, Confidence.LOW: -5.0}
_PROBLEMS = {"error": "error", "warning": "warning", "note": "recommendation"}
_LONGEST_DESCRIPTION = 1024
_WORD = re.compile("[a-z0-9]+")
_STEPS = (
    "Put the new one where no repository has it: in the environment of what uses it, or in a "
    "store for secrets.",
    "Look through the provider's logs for what was done with it since it came in here.",
    "Take it out of the files. The history keeps it, and so does every clone: only the "
    "replacement makes it harmless. Rewriting history is for afterwards, if at all.",
    "If it is no secret, say so: `keysweep:allow` and the reason in a comment on its line, or an "
    "allowlist in the configuration.",
)


def identifier(rule: Rule) -> str:
    """The rule's id in SARIF, of the form that its readers expect: letters and a number.

    The number is made of the rule's own id, so it stays the same whatever rules come and go.
    """
    number = int.from_bytes(hashlib.sha256(rule.id.encode()).digest(), "big") % 10**9
    digits = f"{number:09}"
    return f"KS-{digits[:3]}-{digits[3:6]}-{digits[6:]}"


def rank(rule: Rule) -> float:
    """How much a finding of the rule matters, from 0 to 100."""
    return _RANKS[rule.severity] + _MORE[rule.confidence]


def message(rule: Rule, name: str) -> str:
    """What is said of a finding, with the redacted secret as its `{0}`; with the name `more`,
    there is a `{1}` for what else is to be said."""
    text = f"{rule.description} ".replace("{", "{{").replace("}", "}}") + _STANDS
    return text if name == "default" else f"{text} Besides: '{{1}}'."


_STANDS = "'{0}' stands here in clear: rotate it and keep it out of the repository."


def descriptor(rule: Rule) -> dict[str, Any]:
    """The rule as a `reportingDescriptor`."""
    full = f"{rule.description} in the scanned content. {rule.remediation}"[:_LONGEST_DESCRIPTION]
    reference, level = rule.references[0], LEVELS[rule.severity]
    return {
        "id": identifier(rule),
        "deprecatedIds": [rule.id],
        "name": _name(rule.id),
        "shortDescription": {"text": f"{rule.description}."},
        "fullDescription": {"text": full},
        "help": {"text": _text(rule), "markdown": _markdown(rule)},
        "helpUri": reference,
        "defaultConfiguration": {"level": level, "rank": rank(rule)},
        "messageStrings": {name: {"text": message(rule, name)} for name in ("default", "more")},
        "relationships": [
            {"target": {"id": CWE, "toolComponent": {"name": "CWE", "index": 0}},
             "kinds": ["superset"]}
        ],
        "properties": {
            "rule": rule.id,
            "security-severity": _SCORES[rule.severity],
            "precision": _PRECISION[rule.confidence],
            "problem.severity": _PROBLEMS[level],
            "tags": ["security", "secret", rule.specificity, f"external/cwe/cwe-{CWE}"],
        },
    }  # fmt: skip


def _name(id_: str) -> str:
    """The id as one word with capitals, each followed by a small letter or a digit."""
    name = ""
    for word in _WORD.findall(id_.lower()):
        joins = word[0].isdigit() or len(word) == 1
        name += word if joins and name else f"Key{word}" if joins else word.capitalize()
    return name


def _text(rule: Rule) -> str:
    steps = (f"{number}. {step}" for number, step in enumerate((rule.remediation, *_STEPS), 1))
    return "\n".join((*steps, f"How such a secret looks: {rule.references[0]}")).replace("`", "")


def _markdown(rule: Rule) -> str:
    steps = (f"{number}. {step}" for number, step in enumerate(_STEPS, 2))
    references = (f"- <{reference}>" for reference in rule.references)
    return "\n".join(
        (
            f"**{rule.description}** (severity {rule.severity}, confidence {rule.confidence}, "
            f"rule `{rule.id}`)\n",
            "### What to do now\n",
            f"1. **{_first(rule.remediation)}**{rule.remediation[len(_first(rule.remediation)) :]}",
            *steps,
            "\n### How such a secret looks\n",
            *references,
        )
    )


def _first(text: str) -> str:
    """The first sentence, or all of it."""
    found = re.match(r".*?[.;:](?=\s)", text)
    return found[0] if found else text


_HELP_URI = f"https://cwe.mitre.org/data/definitions/{CWE}.html"
# Where nothing was found: what was looked for. Readers expect a run to describe some rule.
ANY = {
    "id": "KS-000-000-000",
    "name": "Secret",
    "shortDescription": {"text": "A secret of any kind."},
    "fullDescription": {"text": "A key, token or password in the scanned content. Rotate it."},
    "help": {
        "text": "What to do: revoke the secret and replace it. " + " ".join(_STEPS),
        "markdown": "What to do:\n\n1. **Revoke the secret and replace it.**\n"
        + "\n".join(f"{number}. {step}" for number, step in enumerate(_STEPS, 2)),
    },
    "helpUri": _HELP_URI,
    "properties": {"tags": ["security", "secret", f"external/cwe/cwe-{CWE}"]},
}
TAXONOMY = {
    "name": "CWE",
    "version": "4.16",
    "organization": "MITRE",
    "informationUri": "https://cwe.mitre.org/data/published/cwe_v4.16.pdf",
    "downloadUri": "https://cwe.mitre.org/data/xml/cwec_v4.16.xml.zip",
    "shortDescription": {"text": "The MITRE Common Weakness Enumeration."},
    "isComprehensive": False,
    "taxa": [
        {
            "id": CWE,
            "name": "UseOfHardCodedCredentials",
            "shortDescription": {"text": "Use of Hard-coded Credentials."},
            "helpUri": _HELP_URI,
        }
    ],
}
