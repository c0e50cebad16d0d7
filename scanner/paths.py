"""Paths as reports show them."""

from __future__ import annotations

import os


def display(path: bytes) -> str:
    """A path for reports: `/` between names, bytes that are no UTF-8 percent-encoded."""
    if os.sep != "/":
        path = path.replace(os.sep.encode(), b"/")
    try:
        return path.decode()
    except UnicodeDecodeError:
        return "".join(
            c if ord(c) < 0xDC80 or ord(c) > 0xDCFF else f"%{ord(c) - 0xDC00:02X}"
            for c in path.decode("utf-8", "surrogateescape")
        )
