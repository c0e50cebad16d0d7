"""Rule files: every way to break a rule is told with the file, the rule and what to do."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import rulefiles
from scanner.checksums import CHECKSUMS
from scanner.errors import ConfigError
from scanner.models import Confidence, Severity, Specificity
from scanner.rules import files_in, shipped

RuleFile = object
_WORDS = ["acme_", "acme_nothing"]


def _problems(*files: Path, thorough: bool = True) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        rulefiles.read(files, thorough=thorough)
    return caught.value.problems
