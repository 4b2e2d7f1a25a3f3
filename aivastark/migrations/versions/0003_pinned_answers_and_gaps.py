"""Pinned answers, questions the knowledge could not answer well, and an index for counting by time."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pinned_answers",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("match", sa.String(8), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("last_hit_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_pinned_answers")),
    )
    op.create_table(
        "pinned_questions",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("pinned_id", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(64), nullable=False),
        sa.Column("near", sa.Boolean(), nullable=False),
        sa.Column("model_id", sa.String(80), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "pinned_id"],
            ["pinned_answers.project_id", "pinned_answers.id"],
            name=op.f("fk_pinned_questions_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "pinned_id", "position", name=op.f("pk_pinned_questions")),
    )
    op.create_index("ix_pinned_questions_project_id_words", "pinned_questions", ["project_id", "words"])
    op.create_table(
        "pinned_hits",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("message_id", sa.String(40), nullable=False),
        sa.Column("pinned_id", sa.String(40), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "pinned_id"],
            ["pinned_answers.project_id", "pinned_answers.id"],
            name="fk_pinned_hits_pinned_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "message_id"],
            ["messages.project_id", "messages.id"],
            name="fk_pinned_hits_message_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "message_id", name=op.f("pk_pinned_hits")),
    )
    op.create_index("ix_pinned_hits_project_id_pinned_id", "pinned_hits", ["project_id", "pinned_id", "message_id"])
    op.create_table(
        "open_questions",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("message_id", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("model_id", sa.String(80), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "message_id"],
            ["messages.project_id", "messages.id"],
            name=op.f("fk_open_questions_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "message_id", name=op.f("pk_open_questions")),
    )
    op.create_index("ix_open_questions_project_id_status", "open_questions", ["project_id", "status", "message_id"])
    op.create_index("ix_messages_project_id_created_at", "messages", ["project_id", "created_at"])
    with op.batch_alter_table("projects") as table:
        table.add_column(sa.Column("pinned_questions", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("projects") as table:
        table.drop_column("pinned_questions")
    op.drop_index("ix_messages_project_id_created_at", "messages")
    for name in ("open_questions", "pinned_hits", "pinned_questions", "pinned_answers"):
        op.drop_table(name)
