"""Conversations that people join: what hand-off, leads, feedback and widgets note on them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("widget_id", sa.String(40)))
        table.add_column(sa.Column("visitor_id", sa.String(128)))
        table.add_column(sa.Column("visitor", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("page", sa.JSON()))
        table.add_column(sa.Column("assignee", sa.String(40)))
        table.add_column(sa.Column("lead_id", sa.String(40)))
        table.add_column(sa.Column("resolution", sa.String(12)))
        table.add_column(sa.Column("csat", sa.Integer()))
        table.add_column(sa.Column("escalation", sa.JSON()))
        table.add_column(sa.Column("escalated_at", sa.DateTime(timezone=True)))
        table.create_index("ix_conversations_project_id_visitor_id", ["project_id", "visitor_id", "id"])
        table.create_index("ix_conversations_project_id_status", ["project_id", "status", "updated_at", "id"])
    with op.batch_alter_table("messages") as table:
        table.add_column(sa.Column("author", sa.String(40)))
        table.add_column(sa.Column("feedback", sa.JSON()))


def downgrade() -> None:
    with op.batch_alter_table("messages") as table:
        table.drop_column("feedback")
        table.drop_column("author")
    with op.batch_alter_table("conversations") as table:
        table.drop_index("ix_conversations_project_id_status")
        table.drop_index("ix_conversations_project_id_visitor_id")
        for name in (
            "escalated_at",
            "escalation",
            "csat",
            "resolution",
            "lead_id",
            "assignee",
            "page",
            "visitor",
            "visitor_id",
            "widget_id",
        ):
            table.drop_column(name)
