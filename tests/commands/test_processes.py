"""One process of several, without the others: what it says to the one above when it cannot start."""

from pathlib import Path

from starlette.types import Message

from aivastark.accounts.entrance import Entrance
from aivastark.bootstrap import SECRET_KEY_FILE
from aivastark.commands.processes import Application
from tests.make import make_settings


async def test_a_process_that_cannot_open_its_install_says_why_and_does_not_start(tmp_path: Path) -> None:
    (tmp_path / SECRET_KEY_FILE).mkdir()
    app = Application(make_settings(tmp_path, secret_key=None), entrance=Entrance(), with_worker=False)
    told: list[Message] = []

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        told.append(message)

    await app({"type": "lifespan"}, receive, send)

    assert [message["type"] for message in told] == ["lifespan.startup.failed"]
    assert SECRET_KEY_FILE in told[0]["message"]
