"""Where an outgoing call may go: looked at when the connection is made, so that nothing gets around it.

No redirect, spelling or second DNS answer (rebinding) does: the name is resolved once, every answer must pass, and the
connection goes to a passed address. Host header and TLS name stay those of the URL.
"""

import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import ip_address

import httpcore

from aivastark.fetch_failures import FetchFailed
from aivastark.kit.addresses import Address, literal_address, why_refused

MAX_ADDRESSES_TRIED = 4
PUBLIC_PORTS = frozenset({80, 443})

# (host, port) → IP addresses as text. Raises OSError where there are none.
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to addresses that may be called, and to no others."""

    def __init__(
        self, *, allow_private_networks: bool, resolve: Resolver, network: httpcore.AsyncNetworkBackend
    ) -> None:
        self._allow_private_networks = allow_private_networks
        self._resolve = resolve
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's signature)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers. FetchFailed comes before any packet is sent."""
        if sentence := why_blocked(host, port, allow_private_networks=self._allow_private_networks):
            raise FetchFailed("blocked_address", sentence)
        addresses = [literal] if (literal := _literal(host)) else await self._resolved(host, port)
        for address in addresses:  # all must pass: one good answer must not carry a bad one in
            if kind := why_refused(address, allow_private_networks=self._allow_private_networks):
                raise FetchFailed("blocked_address", f"{host} is not on the public internet ({kind}).")
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses[:MAX_ADDRESSES_TRIED]:
            try:
                return await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        assert failure is not None
        raise failure

    async def _resolved(self, host: str, port: int) -> list[Address]:
        try:
            answers = [ip_address(answer) for answer in await self._resolve(host, port)]
        except (OSError, ValueError) as error:
            passing = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
            sentence = f"The host name {host} was not found."
            raise FetchFailed("dns_failed", sentence, retryable=passing) from error
        if not answers:
            raise FetchFailed("dns_failed", f"The host name {host} has no address.")
        return answers


def why_blocked(host: str, port: int, *, allow_private_networks: bool) -> str | None:
    """What stands against a host and a port on their face: a sentence, or None."""
    if port not in PUBLIC_PORTS and not allow_private_networks:
        return f"Port {port} may not be called; only ports 80 and 443 may."
    literal = _literal(host)
    is_loopback = host == "localhost" or host.endswith(".localhost")
    kind = "loopback" if is_loopback and not allow_private_networks else None
    if literal is not None:
        kind = why_refused(literal, allow_private_networks=allow_private_networks)
    return f"{host} is not on the public internet ({kind})." if kind else None


def _literal(host: str) -> Address | None:
    try:
        return literal_address(host)
    except ValueError as error:
        raise FetchFailed("invalid_url", str(error)) from error
