"""Leads, and an index of conversations whose end is not known yet."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0002"
branch_labels = None
depends_on = None

UNSETTLED = sa.text("resolution IS NULL AND closed_at IS NULL")
FIRST = sa.text("duplicate_of IS NULL")


def upgrade() -> None:
    op.create_table(
        "leads",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40)),
        sa.Column("widget_id", sa.String(40)),
        sa.Column("name", sa.String(200)),
        sa.Column("email", sa.String(254)),
        sa.Column("email_key", sa.String(320)),
        sa.Column("phone", sa.String(40)),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("trigger", sa.String(20), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("consent", sa.JSON()),
        sa.Column("page_url", sa.Text()),
        sa.Column("duplicate_of", sa.String(40)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_leads"),
    )
    op.create_index(
        "uq_leads_project_id_email_key",
        "leads",
        ["project_id", "email_key"],
        unique=True,
        sqlite_where=FIRST,
        postgresql_where=FIRST,
    )
    op.create_index("ix_leads_project_id_duplicate_of", "leads", ["project_id", "duplicate_of"])
    op.create_index("ix_leads_project_id_conversation_id", "leads", ["project_id", "conversation_id"])
    op.create_index(
        "ix_conversations_unsettled",
        "conversations",
        ["project_id", "updated_at"],
        sqlite_where=UNSETTLED,
        postgresql_where=UNSETTLED,
    )
    op.create_index("ix_conversations_project_id_lead_id", "conversations", ["project_id", "lead_id"])


def downgrade() -> None:
    op.drop_index("ix_conversations_project_id_lead_id", "conversations")
    op.drop_index("ix_conversations_unsettled", "conversations")
    op.drop_table("leads")
