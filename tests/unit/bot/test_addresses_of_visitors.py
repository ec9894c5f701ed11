"""Whose address is counted: the visitor's behind our own proxy, and never one that a visitor made up."""

from ipaddress import ip_network

import pytest

from bot.web.addresses import choose_address, widen

OURS = [ip_network("127.0.0.1"), ip_network("::1"), ip_network("10.0.0.0/8")]


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6", " 198.51.100.1 "], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6", "198.51.100.1", "10.1.2.3"], "198.51.100.1"),
        ("::1", ["2001:db8::5"], "2001:db8::5"),
        ("127.0.0.1", ["nonsense"], "127.0.0.1"),
        ("127.0.0.1", ["6.6.6.6", "nonsense", "10.1.2.3"], "10.1.2.3"),
        ("unknown", ["198.51.100.1"], "unknown"),
        ("::ffff:127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.1.2.3", ["2001:db8::5"], "2001:db8::5"),
        ("::ffff:203.0.113.7", ["198.51.100.1"], "::ffff:203.0.113.7"),
    ],
)
def test_the_last_hop_that_is_not_ours(remote: str, forwarded: list[str], expected: str) -> None:
    """Each proxy writes who came to it at the end of the list; only ours are believed."""
    assert expected == choose_address(remote, forwarded, OURS)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:0:1::5", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff::7", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::5", "2001:db8:0:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_who_has_many_addresses_is_one_visitor(address: str, expected: str) -> None:
    """A connection has a whole network of IPv6: to go from one address to the next leads round no limit."""
    assert expected == widen(address)
