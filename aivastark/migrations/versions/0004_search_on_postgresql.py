"""Search on PostgreSQL: chunks, vectors and postings; elsewhere there is nothing to do"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import UserDefinedType

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TABLES = ("search_projects", "search_sources", "search_chunks", "search_headings", "search_postings")


class Vector(UserDefinedType[str]):
    """pgvector's, of any dimension."""

    def get_col_spec(self, **_: object) -> str:
        """As in `CREATE TABLE`."""
        return "vector"


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name != "postgresql":
        return
    # Not IF NOT EXISTS: Citus hands that to every node, where it takes the extension's owner even if it is there.
    if not op.get_bind().scalar(sa.text("SELECT count(*) FROM pg_extension WHERE extname = 'vector'")):
        op.execute("CREATE EXTENSION vector")
    op.create_table(
        "search_projects",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("next_id", sa.BigInteger(), nullable=False),
        sa.Column("chunk_count", sa.BigInteger(), nullable=False),
        sa.Column("term_count", sa.BigInteger(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", name="pk_search_projects"),
    )
    op.create_table(
        "search_sources",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("chunk_count", sa.BigInteger(), nullable=False),
        sa.Column("term_count", sa.BigInteger(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "source_id", name="pk_search_sources"),
    )
    op.create_table(
        "search_chunks",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("chunk_id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("heading_id", sa.BigInteger(), nullable=True),
        sa.Column("vector", Vector(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_search_chunks"),
    )
    op.create_index("ix_search_chunks_project_id_source_id", "search_chunks", ["project_id", "source_id"])
    op.create_table(
        "search_headings",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("vector", Vector(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_search_headings"),
    )
    op.create_index("ix_search_headings_project_id_source_id", "search_headings", ["project_id", "source_id"])
    op.create_table(
        "search_postings",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("chunk_count", sa.Integer(), nullable=False),
        sa.Column("chunks", ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("in_heading", ARRAY(sa.Integer()), nullable=False),
        sa.Column("in_body", ARRAY(sa.Integer()), nullable=False),
        sa.Column("lengths", ARRAY(sa.Integer()), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "term", "source_id", name="pk_search_postings"),
    )
    op.create_index("ix_search_postings_project_id_source_id", "search_postings", ["project_id", "source_id"])


def downgrade() -> None:
    """Undo. The extension stays: it may be others' too."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in reversed(TABLES):
        op.drop_table(table)
