"""The policies of PostgreSQL behind `aivastark.wall`: what a transaction may see and change of a table.

A migration that makes a table with a `project_id` calls `put_wall` for it. The setting is looked at once a statement,
hence the subqueries, and compared with each row. Citus takes no subqueries in a policy: there it is looked at for
each row.
"""

import sqlalchemy
from alembic import op

NAME = "one_project"
_SEEN = "current_setting('aivastark.project', true)"
_ON_A_SPREAD_TABLE = """
SELECT pg_get_expr(policy.polqual, policy.polrelid) LIKE '%''-''%' AS names_the_project
FROM pg_policy AS policy
WHERE policy.polname = :name AND policy.polrelid = CAST(:table AS regclass)
  AND pg_get_expr(policy.polqual, policy.polrelid) LIKE '%SELECT%'
"""
_SEES_ALL = f"(SELECT coalesce({_SEEN}, '') = '')"
_SEES_ALL_UNTIL_A_PROJECT_IS_NAMED = f"(SELECT coalesce({_SEEN}, '') IN ('', '-'))"


def put_wall(table: str, column: str = "project_id", *, names_the_project: bool = False) -> None:
    """The table's rows are for transactions of their project, and for those of no project in particular.

    `names_the_project`: it is where a request finds out which project it is for, so before that it sees all of it.
    The owner of the tables is bound as well, since that is whom the application is; superusers never are.
    """
    sees_all = _SEES_ALL_UNTIL_A_PROJECT_IS_NAMED if names_the_project else _SEES_ALL
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {NAME} ON {table} USING ({sees_all} OR {column} = (SELECT {_SEEN}))")


def take_wall(table: str) -> None:
    """As before."""
    op.execute(f"DROP POLICY {NAME} ON {table}")
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def without_subqueries(connection: sqlalchemy.Connection, table: str) -> None:
    """The table's policy says the same, in the form that Citus can hold on every node; one that does is left alone."""
    given = {"name": NAME, "table": table}
    for row in connection.execute(sqlalchemy.text(_ON_A_SPREAD_TABLE), given).all():
        column = "id" if table == "projects" else "project_id"
        shown_to = "('', '-')" if row.names_the_project else "('')"
        holds = f"coalesce({_SEEN}, '') IN {shown_to} OR {column} = {_SEEN}"
        connection.execute(sqlalchemy.text(f"ALTER POLICY {NAME} ON {table} USING ({holds})"))
