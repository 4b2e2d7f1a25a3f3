"""Mail as files: each message an `.eml` in a folder, for installs without a mail server and for trying out."""

import asyncio
import os
from pathlib import Path

from aivastark.backends.mail.base import Mail, MailFailed, written


class OutboxMail:
    """Writes `<folder>/<id>.eml`, whole or not at all, readable by the owner alone."""

    def __init__(self, folder: Path, *, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        """Write one message; the same one again replaces the file."""
        content = written(mail, sender=self._sender).as_bytes()
        try:
            await asyncio.to_thread(self._write, f"{mail.id}.eml", content)
        except OSError as error:
            raise MailFailed(f"{self._folder} cannot be written to: {error.strerror}", retryable=True) from error

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._folder / f".{name}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._folder / name)
