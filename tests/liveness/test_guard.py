"""Addresses inside of a network are told from those of the internet at large."""

from __future__ import annotations

import pytest

from scanner.liveness import guard


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("127.0.0.1", id="loopback"),
        pytest.param("127.8.8.8", id="loopback too"),
        pytest.param("::1", id="loopback of IPv6"),
        pytest.param("0.0.0.1", id="this network"),
        pytest.param("::", id="unspecified"),
        pytest.param("10.1.2.3", id="private 10"),
        pytest.param("172.31.255.255", id="private 172"),
        pytest.param("192.168.1.1", id="private 192"),
        pytest.param("fd00:ec2::254", id="unique local, AWS's metadata"),
        pytest.param("169.254.169.254", id="link-local, metadata"),
        pytest.param("fe80::1", id="link-local of IPv6"),
        pytest.param("fe80::1%eth0", id="link-local with an interface"),
        pytest.param("fec0::1", id="site-local"),
        pytest.param("168.63.129.16", id="Azure's host"),
        pytest.param("100.100.100.200", id="shared, Alibaba's metadata"),
        pytest.param("192.0.0.192", id="Oracle's metadata"),
        pytest.param("192.0.2.1", id="documentation"),
        pytest.param("2001:db8::1", id="documentation of IPv6"),
        pytest.param("3fff::1", id="more documentation"),
        pytest.param("198.18.0.1", id="benchmarks"),
        pytest.param("224.0.0.1", id="multicast"),
        pytest.param("233.252.1.1", id="multicast that is global"),
        pytest.param("ff0e::1", id="multicast of IPv6"),
        pytest.param("240.0.0.1", id="reserved"),
        pytest.param("255.255.255.255", id="broadcast"),
        pytest.param("::ffff:8.8.8.8", id="IPv4 in IPv6"),
        pytest.param("::7f00:1", id="compatible"),
        pytest.param("64:ff9b::a00:1", id="NAT64"),
        pytest.param("64:ff9b:1::1", id="local NAT64"),
        pytest.param("2002:a00:1::1", id="6to4"),
        pytest.param("192.88.99.1", id="6to4 relay"),
        pytest.param("2001:0:4136:e378::1", id="Teredo"),
    ],
)
def test_inside(address: str) -> None:
    assert not guard.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "140.82.121.6", "2606:4700::6810:84e5"])
def test_public(address: str) -> None:
    assert guard.is_public(address)


@pytest.mark.parametrize(
    ("host", "inside", "loopback"),
    [
        pytest.param("api.example.com", False, False, id="name"),
        pytest.param("localhost.example.com", False, False, id="name that begins like it"),
        pytest.param("8.8.8.8", False, False, id="public"),
        pytest.param("a\0b", False, False, id="null"),
        pytest.param("localhost", True, True, id="localhost"),
        pytest.param("LOCALHOST.", True, True, id="localhost in full"),
        pytest.param("api.localhost", True, True, id="below localhost"),
        pytest.param("127.0.0.1", True, True, id="loopback"),
        pytest.param("127.1", True, True, id="short"),
        pytest.param("0x7f000001", True, True, id="hex"),
        pytest.param("2130706433", True, True, id="one number"),
        pytest.param("[::1]", True, True, id="IPv6 in brackets"),
        pytest.param("::1", True, True, id="IPv6"),
        pytest.param("10.0.0.1", True, False, id="private"),
        pytest.param("::ffff:127.0.0.1", True, None, id="IPv4 in IPv6"),
    ],
)
def test_hosts_of_urls(host: str, inside: bool, loopback: bool | None) -> None:
    assert guard.names_inside(host) == inside
    assert loopback is None or guard.names_loopback(host) == loopback
