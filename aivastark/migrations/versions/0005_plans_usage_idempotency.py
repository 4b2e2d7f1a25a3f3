"""Plans by organisation, usage by day, and answers kept for an Idempotency-Key."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organizations") as table:
        table.add_column(sa.Column("plan_overrides", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("sources") as table:
        table.add_column(sa.Column("held_chunks", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("text_bytes", sa.BigInteger(), nullable=False, server_default="0"))
    length = "length(CAST(text AS BLOB))" if op.get_bind().dialect.name == "sqlite" else "octet_length(text)"
    op.execute(
        f"""
        UPDATE sources SET held_chunks = chunk_count, text_bytes = COALESCE((
            SELECT SUM({length}) FROM documents
            WHERE documents.project_id = sources.project_id
              AND documents.source_id = sources.id AND documents.version = sources.version
        ), 0)
        """
    )
    op.create_table(
        "usage_counters",
        sa.Column("organization_id", sa.String(40), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "day", "project_id", "kind", name="pk_usage_counters"),
    )
    op.create_table(
        "kept_answers",
        sa.Column("bucket", sa.String(40), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("actor_id", sa.String(40), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
        sa.Column("lease", sa.String(40), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "key", name="pk_kept_answers"),
    )
    op.create_index("ix_kept_answers_created_at", "kept_answers", ["created_at"])


def downgrade() -> None:
    op.drop_table("kept_answers")
    op.drop_table("usage_counters")
    with op.batch_alter_table("sources") as table:
        table.drop_column("text_bytes")
        table.drop_column("held_chunks")
    with op.batch_alter_table("organizations") as table:
        table.drop_column("plan_overrides")
