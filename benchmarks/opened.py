"""An install's tables and index opened beside its server, to fill them without its help."""

from typing import Any

from sqlalchemy import select

from aivastark.accounts.models import Organization
from aivastark.backends.embedding.minilm import MiniLm
from aivastark.bootstrap import choose_search
from aivastark.database import Database, WriteSession
from aivastark.projects.store import create_project
from evals.server import Install


class Opened:
    """Close it when done."""

    def __init__(self, install: Install, database_url: str | None = None) -> None:
        url = database_url or f"sqlite:///{install.data_dir / 'aivastark.db'}"
        self.db = Database(url)
        self.search = choose_search(url, install.data_dir)
        self.embedder = MiniLm()

    async def new_project(self) -> str:
        """An empty project of the install's organisation."""

        def work(session: WriteSession) -> Any:
            organization_id = session.scalar(select(Organization.id))
            assert organization_id is not None  # `aivastark init` made it
            return create_project(session, organization_id=organization_id, name="measured").id

        return await self.db.write(work)

    async def close(self) -> None:
        """Close everything."""
        await self.db.close()
        await self.search.close()
        await self.embedder.close()
