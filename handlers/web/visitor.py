"""The address of who asks, through the proxies that are trusted and no others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address


class Proxies:
    """Whose word is believed in X-Forwarded-For: this machine's own, and the configured networks."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = [ip_network(network, strict=False) for network in networks]

    def client_ip(self, peer: str, forwarded: Sequence[str]) -> str:
        """The visitor's address as the last trusted proxy saw it; "" when nobody can be believed.

        ``peer`` is who is connected; ``forwarded`` the values of X-Forwarded-For. Whatever a visitor writes
        there by hand stands before what the first trusted proxy has added, and is never reached.
        """
        hops = [hop.strip() for value in forwarded for hop in value.split(",")]
        seen = _read(peer)
        while seen is not None and hops and self._trusts(seen):
            seen = _read(hops.pop())
        return "" if seen is None else str(seen)

    def _trusts(self, address: Address) -> bool:
        return address.is_loopback or any(
            address in network for network in self._networks if network.version == address.version
        )


def neighbourhood(client_ip: str) -> str:
    """What is counted together when visitors are counted: an address, or IPv6's network of one household."""
    address = _read(client_ip)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False).network_address)
    return str(address) if address else "unknown"


def _read(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
