"""Which addresses a request may go to: none inside of the user's own network."""

from __future__ import annotations

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# What Python's tables call global, or call so in some versions: ways to write an IPv4 address in
# IPv6 (RFC 4291 2.5.5, RFC 6052, RFC 3056, RFC 4380), relays to them (RFC 7526), documentation
# (RFC 9637), site-local (RFC 3879), what the IETF's protocols have for themselves (RFC 6890;
# Oracle's metadata are there), and Azure's virtual host, which hands out credentials.
_INSIDE = tuple(
    map(
        ipaddress.ip_network,
        (
            "::/96",
            "::ffff:0:0/96",
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "2001::/23",
            "2002::/16",
            "3fff::/20",
            "fec0::/10",
            "192.0.0.0/24",
            "192.88.99.0/24",
            "168.63.129.16/32",
        ),
    )
)


def is_public(address: str) -> bool:
    """Whether an address, as the resolver gives it, is one of the internet's at large.

    Loopback, private, link-local (where clouds have their metadata), multicast, reserved and
    shared addresses are not, nor are IPv6 addresses that stand for an IPv4 address.
    """
    parsed = ipaddress.ip_address(address)
    inside = any(parsed in network for network in _INSIDE if network.version == parsed.version)
    return parsed.is_global and not (parsed.is_multicast or parsed.is_reserved or inside)


def is_loopback(address: str) -> bool:
    """Whether an address, as the resolver gives it, is this machine's own."""
    return ipaddress.ip_address(address).is_loopback


def names_inside(host: str) -> bool:
    """Whether a host as it stands in a URL is not of the internet at large, as far as that can
    be told without resolving it: which a proxy does, out of our sight."""
    if names_loopback(host):
        return True
    address = literal(host)
    return address is not None and not is_public(str(address))


def names_loopback(host: str) -> bool:
    """Whether a host as it stands in a URL is this machine: localhost, 127.0.0.1, ::1."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761
        return True
    address = literal(host)
    return address is not None and address.is_loopback


def literal(host: str) -> Address | None:
    """The address that a host of a URL is written as, nothing when it is a name.

    127.1, 0x7f000001 and 2130706433 are addresses too, for everything that resolves names.
    """
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return _short(host)


def _short(host: str) -> Address | None:
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):  # a name; ValueError for one with a null in it
        return None
