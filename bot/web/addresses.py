"""Whose address a request comes from, also through a proxy: limits count visitors, not the proxy that all come by.

A shop's server has a proxy before it that speaks TLS. What that one writes into `X-Forwarded-For` is believed, and
nobody else's word: an address that a visitor made up would lead round every limit.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import web

from bot.keys import SETTINGS

# Providers give a connection at least so much of IPv6.
_VISITORS_NETWORK = 64

Networks = Sequence[IPv4Network | IPv6Network]


def find_address(request: web.Request) -> str:
    """Return the address of who asks, of IPv6 their network; "unknown" where there is none."""
    trusted = [ip_network(one) for one in request.app[SETTINGS].trusted_proxies.split(",") if one]
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    return widen(choose_address(request.remote or "unknown", forwarded, trusted))


def widen(address: str) -> str:
    """Return what one visitor has: of IPv6 a whole network, whose every address they may come from."""
    ip = _read_address(address)
    return str(ip_network((ip, _VISITORS_NETWORK), strict=False)) if isinstance(ip, IPv6Address) else str(ip or address)


def choose_address(remote: str, forwarded: Sequence[str], trusted: Networks) -> str:
    """Return the last address on the way that no proxy of ours wrote its name for; what is no address ends the way."""
    address = remote
    for hop in (*reversed(forwarded), ""):
        if not _is_in(address, trusted) or not _is_address(hop.strip()):
            break
        address = hop.strip()
    return address


def _is_in(address: str, networks: Networks) -> bool:
    ip = _read_address(address)
    return ip is not None and any(ip in network for network in networks)


def _is_address(text: str) -> bool:
    return _read_address(text) is not None


def _read_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address; one of IPv4 that a socket for both writes as IPv6 is what it was."""
    try:
        ip = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip
