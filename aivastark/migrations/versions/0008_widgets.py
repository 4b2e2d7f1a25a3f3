"""Widgets, their versions, embed keys, visitors and counts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "embed_keys",
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("widget_id", sa.String(40), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_embed_keys"),
    )
    op.create_index("ix_embed_keys_project_id_widget_id", "embed_keys", ["project_id", "widget_id"])
    op.create_table(
        "widgets",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("embed_key", sa.String(60), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("identity_salt", sa.String(64), nullable=False),
        sa.Column("previous_identity_salt", sa.String(64)),
        sa.Column("previous_identity_until", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_widgets"),
    )
    op.create_table(
        "widget_versions",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("widget_id", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(40), nullable=False),
        sa.Column("restored_from", sa.Integer()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _of_a_widget("widget_versions"),
        sa.PrimaryKeyConstraint("project_id", "widget_id", "version", name="pk_widget_versions"),
    )
    op.create_table(
        "visitors",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("widget_id", sa.String(40), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("user_id", sa.String(120)),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _of_a_widget("visitors"),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_visitors"),
    )
    op.create_index("uq_visitors_project_id_token_sha256", "visitors", ["project_id", "token_sha256"], unique=True)
    op.create_index("ix_visitors_project_id_widget_id", "visitors", ["project_id", "widget_id"])
    op.create_index("ix_visitors_expires_at", "visitors", ["expires_at"])
    op.create_table(
        "widget_counts",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("widget_id", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(160), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("touched", sa.BigInteger(), nullable=False),
        _of_a_widget("widget_counts"),
        sa.PrimaryKeyConstraint("project_id", "widget_id", "subject", name="pk_widget_counts"),
    )
    op.create_index("ix_widget_counts_touched", "widget_counts", ["touched"])


def downgrade() -> None:
    for table in ("widget_counts", "visitors", "widget_versions", "widgets", "embed_keys"):
        op.drop_table(table)


def _of_a_widget(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["project_id", "widget_id"],
        ["widgets.project_id", "widgets.id"],
        ondelete="CASCADE",
        name=f"fk_{table}_project_id_widget_id",
    )
