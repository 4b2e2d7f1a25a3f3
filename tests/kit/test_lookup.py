"""Lookups of names: one that hangs holds up no other."""

import asyncio
import socket
import threading
from typing import Any

import pytest

from aivastark.kit.lookup import addresses_of


async def test_a_name_has_addresses_and_nonsense_has_none() -> None:
    assert "127.0.0.1" in await addresses_of("localhost", 80)
    with pytest.raises(OSError, match=r".+"):
        await addresses_of("nothing.invalid", 80)


async def test_a_name_that_hangs_holds_up_no_other_and_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_now, asked = threading.Event(), []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        if host == "slow.example":
            answer_now.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    slow = [asyncio.create_task(addresses_of("slow.example", 443)) for _ in range(100)]
    await asyncio.sleep(0)
    slow[0].cancel()

    async with asyncio.timeout(5):
        for number in range(20):
            assert await addresses_of(f"{number}.example", 443) == ["93.184.216.34"]
        answer_now.set()
        answers = await asyncio.gather(*slow[1:])

    assert answers == [["93.184.216.34"]] * 99
    assert asked.count("slow.example") == 1
