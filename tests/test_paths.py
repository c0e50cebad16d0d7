"""Paths as reports show them: readable, and always text."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from scanner.paths import display


@given(st.text())
def test_display_leaves_utf8_alone(name: str) -> None:
    assert display(name.encode()) == (name if os.sep == "/" else name.replace(os.sep, "/"))


@given(st.binary())
def test_display_is_always_utf8_and_can_be_undone_where_there_was_no_percent(name: bytes) -> None:
    shown = display(name.replace(b"%", b"").replace(b"\\", b""))
    undone = b"".join(
        bytes.fromhex(part[:2]) + part[2:].encode() if at else part.encode()
        for at, part in enumerate(shown.split("%"))
    )
    assert undone == name.replace(b"%", b"").replace(b"\\", b"")
