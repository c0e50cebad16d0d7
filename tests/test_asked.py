"""Ids of commits as variables hold them."""

from __future__ import annotations

import pytest

from scanner.asked import id_of, variable
from scanner.errors import UsageError


@pytest.mark.parametrize(
    "value",
    ["HEAD", "main", "-" * 40, "A" * 40, "a" * 6, "a" * 65, "a" * 40 + "\n", " " + "a" * 40, "a b"],
)
def test_what_is_no_id_is_refused(value: str) -> None:
    with pytest.raises(UsageError) as error:
        id_of("WHERE", value)
    assert str(error.value).startswith("WHERE: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("value", ["", "0" * 40, "0" * 64, "0"])
def test_zeros_stand_for_no_commit(value: str) -> None:
    assert id_of("WHERE", value) == ""


@pytest.mark.parametrize("value", ["a" * 40, "0a" * 32, "0123456789ab"])
def test_ids_are_taken_as_they_are(value: str) -> None:
    assert variable({"WHERE": value}, "WHERE") == value


def test_variable_that_is_not_set_names_no_commit() -> None:
    assert variable({}, "WHERE") == ""
