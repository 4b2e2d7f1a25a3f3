"""What is sealed opens for its owner, its purpose and its key, and for nothing else."""

import pytest

from aivastark.kit.seal import Unsealable, seal, unseal

KEY = b"a key of the install"


def test_what_was_sealed_opens_again() -> None:
    sealed = seal(KEY, "tokens", "prj_A", "grüße")

    assert unseal(KEY, "tokens", "prj_A", sealed) == "grüße"


def test_the_same_content_never_looks_the_same() -> None:
    assert seal(KEY, "tokens", "prj_A", "token") != seal(KEY, "tokens", "prj_A", "token")


@pytest.mark.parametrize(
    ("key", "purpose", "owner"),
    [(b"another key", "tokens", "prj_A"), (KEY, "secrets", "prj_A"), (KEY, "tokens", "prj_B")],
)
def test_nobody_else_opens_it(key: bytes, purpose: str, owner: str) -> None:
    with pytest.raises(Unsealable):
        unseal(key, purpose, owner, seal(KEY, "tokens", "prj_A", "token"))


@pytest.mark.parametrize("place", [0, 1, 13, -1])
def test_a_changed_byte_opens_nothing(place: int) -> None:
    sealed = bytearray(seal(KEY, "tokens", "prj_A", "token"))
    sealed[place] ^= 1

    with pytest.raises(Unsealable):
        unseal(KEY, "tokens", "prj_A", bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + bytes(11), b"\x01" + bytes(12), b"\x01" + bytes(20)])
def test_what_is_too_short_opens_nothing(sealed: bytes) -> None:
    with pytest.raises(Unsealable):
        unseal(KEY, "tokens", "prj_A", sealed)
