"""A later page of conversations costs what the first one does."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event

from aivastark.backends.base import Backends
from aivastark.conversations.store import Filters, list_conversations
from aivastark.database import ReadSession
from tests.make import Tenant

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(status="open"),
        Filters(channel="api"),
        Filters(tag="docs"),
        Filters(status="human", assignee="usr_1"),
        Filters(since=NOON),
        Filters(until=NOON),
        Filters(min_confidence=0.1, max_confidence=0.9),
        Filters(q="shop"),
    ],
    ids=repr,
)
async def test_a_later_page_begins_where_the_last_one_ended_in_the_index(
    backends: Backends, tenant: Tenant, filters: Filters
) -> None:
    def plan(session: ReadSession) -> list[str]:
        sent: list[tuple[str, Any]] = []
        connection: Connection = session.connection()
        if connection.dialect.name != "sqlite":
            pytest.skip("PostgreSQL plans an empty table without its indexes")
        event.listen(connection, "before_cursor_execute", lambda *seen: sent.append((seen[2], seen[3])))
        list_conversations(session, tenant.project_id, filters=filters, limit=20, after=(NOON, "conv_x"))
        [(statement, parameters)] = sent
        return [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]

    steps = await backends.db.read(plan)

    assert any("INDEX ix_conversations_" in step and "(updated_at,id)<(?,?)" in step for step in steps), steps
    assert not any("TEMP B-TREE" in step for step in steps), steps
