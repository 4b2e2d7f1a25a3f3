"""A real Firefox, spoken to over Marionette, the protocol it has built in: Playwright drives only builds of its own.

https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
"""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

START_MAX_S = 30
LOOK_MAX_MS = 10_000
PREFERENCES = {
    "marionette.port": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.disabledForTesting": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
}
# Waits for something in the widget's window and gives it back.
LOOK = """const done = arguments[arguments.length - 1];
const all = what => [...(document.querySelector("aivastark-widget")?.shadowRoot.querySelectorAll(what) ?? [])];
const one = what => all(what).at(-1);
const look = () => { const found = (() => %s)(); if (found) done(found); else setTimeout(look, 50) };
look();"""


@dataclass(kw_only=True)
class Firefox:
    """One window of it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    async def go(self, url: str) -> None:
        await self.command("WebDriver:Navigate", url=url)

    async def see(self, expression: str) -> Any:
        """The expression's value as soon as there is one; `one(selector)` is the last such element of the widget."""
        said = await self.command("WebDriver:ExecuteAsyncScript", script=LOOK % expression, args=[])
        return said["value"]

    async def press(self, text: str) -> None:
        """Real keys, wherever the focus is; a line break is Enter."""
        keys = [
            {"type": kind, "value": "\ue007" if key == "\n" else key} for key in text for kind in ("keyDown", "keyUp")
        ]
        await self.command("WebDriver:PerformActions", actions=[{"type": "key", "id": "keyboard", "actions": keys}])

    async def command(self, name: str, **parameters: Any) -> Any:
        number = next(self._numbers)
        body = json.dumps([0, number, name, parameters]).encode()
        self.writer.write(b"%d:%s" % (len(body), body))
        _, answered, error, result = await self._read()
        assert answered == number
        assert error is None, error
        return result

    async def _read(self) -> Any:
        length = (await self.reader.readuntil(b":"))[:-1]
        return json.loads(await self.reader.readexactly(int(length)))


@contextlib.asynccontextmanager
async def firefox(program: str, profile: Path) -> AsyncIterator[Firefox]:
    """A new Firefox that knows nothing; `profile` is an empty folder."""
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines))
    process = await asyncio.create_subprocess_exec(
        program,
        *("--headless", "--marionette", "--no-remote", "--profile", str(profile)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(START_MAX_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", await _port(profile))
        window = Firefox(reader=reader, writer=writer)
        await window._read()  # its greeting
        await window.command("WebDriver:NewSession", timeouts={"script": LOOK_MAX_MS})
        yield window
        writer.close()
    finally:
        process.terminate()
        await process.wait()


async def _port(profile: Path) -> int:
    told = profile / "MarionetteActivePort"
    while not (told.exists() and told.read_text()):  # noqa: ASYNC110 (it tells by nothing but this file)
        await asyncio.sleep(0.05)
    return int(told.read_text())
