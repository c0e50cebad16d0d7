"""What the tests of other scanners' files share."""

from __future__ import annotations

import hashlib

import pytest


@pytest.fixture
def key() -> str:
    """A ByteEngine key, made here, as no file of ours shall hold one."""
    return "be_" + hashlib.sha256(b"migrations").hexdigest()[:40]
