"""Vectors have the name of their model, and those of the next one are gathered beside them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import UserDefinedType

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


class Vector(UserDefinedType[str]):
    """pgvector's."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """As in `CREATE TABLE`."""
        return "vector"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "embedding_models",
        sa.Column("model_id", sa.String(80), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("query_prefix", sa.String(200), nullable=False),
        sa.Column("passage_prefix", sa.String(200), nullable=False),
        sa.Column("sample", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("model_id", name="pk_embedding_models"),
    )
    op.create_table(
        "reembeddings",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("model_id", sa.String(80), nullable=False),
        sa.Column("passages_total", sa.Integer(), nullable=False),
        sa.Column("passages_done", sa.Integer(), nullable=False),
        sa.Column("error", sa.JSON()),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project_id", name="pk_reembeddings"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _beside()


def _beside() -> None:
    op.add_column("search_projects", sa.Column("serving", sa.Text(), nullable=False, server_default=""))
    op.add_column("search_projects", sa.Column("coming", sa.Text(), nullable=False, server_default=""))
    op.alter_column("search_chunks", "vector", nullable=True)
    op.create_table(
        "search_coming",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("heading_id", sa.BigInteger()),
        sa.Column("vector", Vector(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_search_coming"),
    )
    op.create_index("ix_search_coming_project_id_source_id", "search_coming", ["project_id", "source_id"])
    op.create_table(
        "search_coming_headings",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("vector", Vector(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_search_coming_headings"),
    )
    op.create_index(
        "ix_search_coming_headings_project_id_source_id_digest",
        "search_coming_headings",
        ["project_id", "source_id", "digest"],
    )


def downgrade() -> None:
    """Undo."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_table("search_coming_headings")
        op.drop_table("search_coming")
        op.execute("DELETE FROM search_chunks WHERE vector IS NULL")
        op.alter_column("search_chunks", "vector", nullable=False)
        op.drop_column("search_projects", "coming")
        op.drop_column("search_projects", "serving")
    op.drop_table("reembeddings")
    op.drop_table("embedding_models")
