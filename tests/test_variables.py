"""Names of variables: what the code calls a secret where that tells, else what its rule does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.variables import Wanted, assigned, names


@pytest.mark.parametrize("before", ["", "f(", "return ", "[", "x == ", "if x != ", "-> "], ids=repr)
def test_nothing_is_assigned(before: str) -> None:
    assert assigned(before) is None


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("api_key = ", "api_key"),
        ("    self.api_key = ", "api_key"),
        ("api_key: str = ", "api_key"),
        ('{"apiKey": ', "apiKey"),
        ("'api_key' => ", "api_key"),
        ("  api-key: ", "api-key"),
        ("key := ", "key"),
        ("config['SECRET_KEY'] = ", "SECRET_KEY"),
        ("f(api_key=", "api_key"),
        ("private readonly apiKey: string = ", "apiKey"),
    ],
)
def test_name_is_found(before: str, expected: str) -> None:
    assert assigned(before) == expected


@pytest.mark.parametrize(
    ("rule", "given_names", "expected"),
    [
        pytest.param("acme-api-key", (), "ACME_API_KEY", id="none"),
        pytest.param("acme-api-key", ("key",), "ACME_API_KEY", id="one word"),
        pytest.param("acme-api-key", ("apiKey",), "ACME_API_KEY", id="of any provider"),
        pytest.param("acme-api-key", ("k", "acmeEuKey"), "ACME_EU_KEY", id="the first that tells"),
        pytest.param("acme-api-key", ("AcmeAPIKey",), "ACME_API_KEY", id="humps"),
        pytest.param("generic-secret", ("SECRET_KEY",), "SECRET_KEY", id="generic rule"),
        pytest.param("generic-secret", ("k",), "GENERIC_SECRET", id="generic rule, short name"),
        pytest.param("1password", (), "_1PASSWORD", id="digit first"),
    ],
)
def test_name(rule: str, given_names: tuple[str, ...], expected: str) -> None:
    assert names([Wanted(rule, given_names)]) == [expected]


def test_no_two_secrets_share_a_name() -> None:
    found = names([Wanted("a-b"), Wanted("a-b"), Wanted("c", ("a_b_2",)), Wanted("a-b")])
    assert found == ["A_B", "A_B_2", "A_B_2_2", "A_B_3"]


@given(st.lists(st.tuples(st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True), st.text(max_size=9))))
def test_names_are_fit_for_every_shell(made: list[tuple[str, str]]) -> None:
    found = names([Wanted(f"r{rule}", (text,) if text else ()) for rule, text in made])
    assert len(set(found)) == len(made)
    assert all(re.fullmatch(r"[A-Z_][A-Z0-9_]*", name) for name in found)
