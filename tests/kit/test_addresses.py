"""The address guard, range by range and form by form."""

from ipaddress import ip_address

import pytest

from aivastark.kit.addresses import literal_address, why_refused

PUBLIC = [
    "93.184.216.34",
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "2a00:1450:4001::8a",
]

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "::1",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.255",
    "fc00::1",
    "fd12:3456::1",
]

FORBIDDEN = [
    "169.254.169.254",
    "169.254.170.2",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd20:ce::254",
    "fd00:42::42",
    "100.100.100.200",
    "168.63.129.16",
    "fe80::1",
    "fe80::1%eth0",
    "::1%lo",
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "192.0.0.192",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "2001:db8::1",
    "3fff::1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "2001:2::1",
    "224.0.0.1",
    "239.255.255.250",
    "ff02::1",
    "240.0.0.1",
    "255.255.255.255",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "::8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "fec0::1",
    "100::1",
    "5f00::1",
    "4000::1",
]


@pytest.mark.parametrize("allow", [False, True])
@pytest.mark.parametrize("text", PUBLIC)
def test_the_public_internet_may_be_called(text: str, allow: bool) -> None:
    assert why_refused(ip_address(text), allow_private_networks=allow) is None


@pytest.mark.parametrize("text", PRIVATE)
def test_private_networks_are_refused_until_the_operator_opens_them(text: str) -> None:
    assert why_refused(ip_address(text), allow_private_networks=False)
    assert why_refused(ip_address(text), allow_private_networks=True) is None


@pytest.mark.parametrize("allow", [False, True])
@pytest.mark.parametrize("text", FORBIDDEN)
def test_metadata_tunnels_and_reserved_ranges_are_always_refused(text: str, allow: bool) -> None:
    assert why_refused(ip_address(text), allow_private_networks=allow)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0X7F.1", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("127.0.1", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("0x", "0.0.0.0"),
        ("0xa9fea9fe", "169.254.169.254"),
        ("4294967295", "255.255.255.255"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1"),
    ],
)
def test_an_address_is_recognised_in_every_form_a_resolver_takes(host: str, address: str) -> None:
    assert literal_address(host) == ip_address(address)


@pytest.mark.parametrize("host", ["localhost", "example.com", "1.example", "0x7f.com", "127.0.0.1.nip.io"])
def test_a_name_is_not_taken_for_an_address(host: str) -> None:
    assert literal_address(host) is None


@pytest.mark.parametrize("host", ["1.2.3.4.5", "256.1.1.1", "4294967296", "0377.0.0.0x100", "08.1", "a.1", "[1::2::3]"])
def test_a_host_that_only_looks_like_an_address_is_an_error(host: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        literal_address(host)
