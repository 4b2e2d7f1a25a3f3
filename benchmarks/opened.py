"""An install's tables and index opened beside its server, to fill them without its help."""

from typing import Any

from sqlalchemy import select

from aivastark.accounts.models import Organization
from aivastark.backends.embedding.minilm import MiniLm
from aivastark.backends.search.sqlite import SqliteSearch
from aivastark.database import Database, WriteSession
from aivastark.projects.store import create_project
from evals.server import Install


class Opened:
    """Close it when done."""

    def __init__(self, install: Install) -> None:
        self.db = Database(f"sqlite:///{install.data_dir / 'aivastark.db'}")
        self.search = SqliteSearch(install.data_dir / "search")
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
