"""Sources that stay fresh: sealed credentials, what a connector remembers, versions as intervals, what failed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OF_SOURCES = ("project_id", "source_id")


def upgrade() -> None:
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.add_column(sa.Column("secrets", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("sync_state", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("documents_skipped", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("held", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("refresh_paused", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("failures_in_a_row", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("sync_started_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("until", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("misses", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("fingerprint", sa.BigInteger(), nullable=True))
    op.create_table(
        "source_versions",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("source_id", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rolled_back_to", sa.Integer(), nullable=True),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            OF_SOURCES,
            ["sources.project_id", "sources.id"],
            name=op.f("fk_source_versions_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "source_id", "version", name=op.f("pk_source_versions")),
    )
    op.create_table(
        "source_failures",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("source_id", sa.String(40), nullable=False),
        sa.Column("locator", sa.Text(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("retryable", sa.Boolean(), nullable=False),
        sa.Column("skipped", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            OF_SOURCES,
            ["sources.project_id", "sources.id"],
            name=op.f("fk_source_failures_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_source_failures")),
    )
    with op.batch_alter_table("source_failures", schema=None) as batch_op:
        batch_op.create_index(
            "ix_source_failures_project_id_source_id", ["project_id", "source_id", "id"], unique=False
        )


def downgrade() -> None:
    op.drop_table("source_failures")
    op.drop_table("source_versions")
    # What was withdrawn is nowhere in the older form.
    op.execute("DELETE FROM documents WHERE until IS NOT NULL")
    with op.batch_alter_table("documents", schema=None) as batch_op:
        for name in ("fingerprint", "misses", "until"):
            batch_op.drop_column(name)
    with op.batch_alter_table("sources", schema=None) as batch_op:
        for name in ("sync_started_at", "failures_in_a_row", "refresh_paused", "held", "documents_skipped"):
            batch_op.drop_column(name)
        batch_op.drop_column("sync_state")
        batch_op.drop_column("secrets")
