"""Which network addresses a server may be asked to call (the guard against SSRF).

A stranger chooses the URL, so what is not plainly the public internet is refused. `ipaddress.is_global` is
not enough: on Python 3.11 it passes NAT64 (`64:ff9b::7f00:1` is 127.0.0.1), 6to4, `fec0::/10`,
192.88.99.0/24 and multicast. Source of the ranges: the IANA special-purpose address registries (RFC 6890),
and the clouds' own pages on their metadata services.
"""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")

# Opened by an operator who lets the bot read his intranet.
PRIVATE_NETWORKS: dict[IPv4Network | IPv6Network, str] = {
    ip_network(network): kind
    for network, kind in {
        "127.0.0.0/8": "loopback",
        "::1/128": "loopback",
        "10.0.0.0/8": "private",
        "172.16.0.0/12": "private",
        "192.168.0.0/16": "private",
        "100.64.0.0/10": "carrier-grade NAT",
        "fc00::/7": "private",
    }.items()
}

# Opened by nobody. Metadata services hand out a machine's credentials to whoever asks from it.
FORBIDDEN_NETWORKS: dict[IPv4Network | IPv6Network, str] = {
    ip_network(network): kind
    for network, kind in {
        "169.254.0.0/16": "link-local or cloud metadata",
        "fe80::/10": "link-local",
        "fd00:ec2::/32": "cloud metadata",  # AWS
        "fd20:ce::254/128": "cloud metadata",  # Google
        "fd00:42::42/128": "cloud metadata",  # Scaleway
        "100.100.100.200/32": "cloud metadata",  # Alibaba, inside carrier-grade NAT
        "168.63.129.16/32": "cloud metadata",  # Azure, inside public space
        "0.0.0.0/8": "unspecified",
        "::/128": "unspecified",
        "192.0.0.0/24": "protocol assignments",
        "192.0.2.0/24": "documentation",
        "198.51.100.0/24": "documentation",
        "203.0.113.0/24": "documentation",
        "2001:db8::/32": "documentation",
        "3fff::/20": "documentation",
        "192.88.99.0/24": "6to4 relay",
        "198.18.0.0/15": "benchmarking",
        "224.0.0.0/4": "multicast",
        "ff00::/8": "multicast",
        "240.0.0.0/4": "reserved",
        "::ffff:0:0/96": "IPv4-mapped",
        "64:ff9b::/96": "NAT64",
        "64:ff9b:1::/48": "NAT64",
        "2002::/16": "6to4",
        "2001::/23": "protocol assignments",  # Teredo, ORCHID, benchmarking and the like
        "fec0::/10": "site-local",
    }.items()
}

# All the public IPv6 internet lies in here; the rest is refused without being named.
GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")


def why_refused(address: Address, *, allow_private_networks: bool) -> str | None:
    """The kind of an address that must not be called, such as `"loopback"`; None if it may be called."""
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return "link-local"  # a zone only means something on one wire
    if kind := _kind_in(FORBIDDEN_NETWORKS, address):
        return kind
    if kind := _kind_in(PRIVATE_NETWORKS, address):
        return None if allow_private_networks else kind
    if isinstance(address, IPv6Address):
        return None if address in GLOBAL_UNICAST_V6 else "reserved"
    return None if address.is_global else "reserved"


def literal_address(host: str) -> Address | None:
    """The address a host spells out in any form a resolver takes; None if it is a name.

    Besides `127.0.0.1` and `::1` (with or without brackets) that is `2130706433`, `0x7f000001`, `0177.0.0.1`
    and `127.1`: the IPv4 parser of the WHATWG URL standard. Raises ValueError where the host ends in a
    number, as an address does, but is none.
    """
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if ":" in bare:
        return ip_address(bare)
    parts = bare.removesuffix(".").split(".")
    if not _NUMBER.fullmatch(parts[-1]):
        return None
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise ValueError(f"{host!r} is neither a host name nor an IP address.")
    *leading, last = [_number(part) for part in parts]
    if any(number > 255 for number in leading) or last >= 256 ** (4 - len(leading)):
        raise ValueError(f"{host!r} is neither a host name nor an IP address.")
    return IPv4Address(sum(number << (24 - 8 * place) for place, number in enumerate(leading)) + last)


def _kind_in(networks: dict[IPv4Network | IPv6Network, str], address: Address) -> str | None:
    return next((kind for network, kind in networks.items() if address in network), None)


def _number(digits: str) -> int:
    if digits[:2] in ("0x", "0X"):
        return int(digits[2:] or "0", 16)
    return int(digits, 8 if digits.startswith("0") else 10)  # int("08", 8) is a ValueError, as it should be
