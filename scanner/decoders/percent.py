"""Percent-encoding of URLs and forms (RFC 3986, section 2.1), for printable ASCII."""

from __future__ import annotations

import re

from scanner.decoders.view import Decoder

PERCENT = Decoder(
    "percent",
    (r"%[2-7][0-9A-Fa-f]",),
    re.compile(rb"%([2-7][0-9A-Fa-f])"),
    lambda match: bytes([int(match[1], 16)]),
    dense=True,
)
