"""IP addresses in free text: those that can be somebody's, neither versions of software nor those of every network."""

import ipaddress
import re
from collections.abc import Iterator

from aivastark.kit.personal.found import Found

_V4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)", re.ASCII)
_V6 = re.compile(
    r"(?<![\w:.])(?=[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{6,39}(?:(?<=:)(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])", re.ASCII
)
_VERSION = re.compile(
    r"(?:\bv|\bver\.?|version\w*|versión|versão|versie|wersj\w*|верси\w*|版本|バ[ー-]ジョン|버전|firmware|release|build|update"
    r"|driver|patch|app)[\s:=№#]{0,3}$",
    re.IGNORECASE,
)
_BEFORE_CHARS = 16
_NOBODYS = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
        *("224.0.0.0/3", "::/127", "fc00::/7", "fe80::/10", "ff00::/8"),
    )
)
"""This machine, private networks, masks and groups: they are in every manual and lead to nobody. Beside them those that
everybody knows."""
_PUBLIC_RESOLVERS = frozenset({"1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9"})


def find_ips(text: str) -> Iterator[Found]:
    """Addresses of versions 4 and 6 that can lead to one connection."""
    for pattern in (_V4, _V6):
        for match in pattern.finditer(text):
            try:
                address = ipaddress.ip_address(match[0])
            except ValueError:
                continue
            before = text[max(0, match.start() - _BEFORE_CHARS) : match.start()]
            if address.version == 4 and _VERSION.search(before):
                continue
            if match[0] in _PUBLIC_RESOLVERS or any(address in network for network in _NOBODYS):
                continue
            yield Found(kind="ip", start=match.start(), end=match.end(), value=address.compressed)
