"""Whose address a request comes from, also through a proxy: limits count visitors, not the proxy that all come by.

A shop's server has a proxy before it that speaks TLS. What that one writes into `X-Forwarded-For` is believed, and
nobody else's word: an address that a visitor made up would lead round every limit.
"""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from aiohttp import web

from bot.keys import SETTINGS

Networks = Sequence[IPv4Network | IPv6Network]


def find_address(request: web.Request) -> str:
    """Return the network address of who asks; "unknown" where there is none."""
    trusted = [ip_network(one) for one in request.app[SETTINGS].trusted_proxies.split(",") if one]
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    return choose_address(request.remote or "unknown", forwarded, trusted)


def choose_address(remote: str, forwarded: Sequence[str], trusted: Networks) -> str:
    """Return the last address on the way that no proxy of ours wrote its name for; what is no address ends the way."""
    address = remote
    for hop in (*reversed(forwarded), ""):
        if not _is_in(address, trusted) or not _is_address(hop.strip()):
            break
        address = hop.strip()
    return address


def _is_in(address: str, networks: Networks) -> bool:
    return _is_address(address) and any(ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
