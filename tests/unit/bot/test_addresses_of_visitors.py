"""Whose address is counted: the visitor's behind our own proxy, and never one that a visitor made up."""

from ipaddress import ip_network

import pytest

from bot.web.addresses import choose_address

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
    ],
)
def test_the_last_hop_that_is_not_ours(remote: str, forwarded: list[str], expected: str) -> None:
    """Each proxy writes who came to it at the end of the list; only ours are believed."""
    assert expected == choose_address(remote, forwarded, OURS)
