"""The way out for webhooks: a name is resolved once, all its addresses are judged, a judged one is dialled.

So neither a name that points inside, nor one that changes its mind between look-up and connection, nor an
address in a disguise (IPv4 in IPv6, NAT64, 6to4) reaches what is not public.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

import httpcore

__all__ = ["Forbidden", "Guard", "public"]

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_NOT_PUBLIC: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/3",
        "100::/64",
        "2001::/23",
        "3fff::/20",
        "5f00::/16",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
"""All that was ever assigned of IPv6's public internet: whatever lies outside is somebody's inside."""


class Forbidden(httpcore.ConnectError):
    """The target is not a public address, or not on a permitted port."""


def public(address: Address) -> bool:
    """Whether an address is one of the public internet, also behind an embedding."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return public(inner)
        if address.teredo is not None or address not in _UNICAST:
            return False
    inside = any(address in network for network in _NOT_PUBLIC if network.version == address.version)
    return address.is_global and not inside


class Guard(httpcore.AsyncNetworkBackend):
    """Dials only judged addresses. `allow_private` is for development: then any address will do."""

    def __init__(self, ports: Iterable[int], allow_private: bool = False) -> None:
        self._ports = frozenset(ports)
        self._allow_private = allow_private
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the base class's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to one of the host's addresses, or Forbidden. All of them must be permitted."""
        if not self._allow_private and port not in self._ports:
            raise Forbidden(f"port {port} is not permitted")
        addresses = await self._judged(host, port)
        failure: Exception = Forbidden("no address")
        for address in addresses[:4]:
            try:
                return await self._inner.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise Forbidden("a socket file is no address")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def _judged(self, host: str, port: int) -> list[Address]:
        """The host's addresses, each permitted; Forbidden if any is not, or there is none."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} has no address") from error
        addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
        if not self._allow_private and not all(public(address) for address in addresses):
            raise Forbidden(f"{host} is not a public address")
        return addresses
