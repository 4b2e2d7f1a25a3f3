"""Leads, an index of conversations whose end is not known yet, and the words of messages."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

UNSETTLED = sa.text("resolution IS NULL AND closed_at IS NULL")
FIRST = sa.text("duplicate_of IS NULL")

# Kept up by the database, so that no writer can forget it. Its `keys` are the ids of project and conversation without
# their prefixes, each a word: a look stays within the project, and erasing a conversation finds its rows.
WORDS_ON_SQLITE = (
    "CREATE VIRTUAL TABLE message_words USING fts5("
    "conversation_id UNINDEXED, keys, content, tokenize = 'unicode61 remove_diacritics 0')",
    "CREATE TRIGGER message_words_said AFTER INSERT ON messages BEGIN "
    "INSERT INTO message_words (conversation_id, keys, content) VALUES (new.conversation_id, "
    "substr(new.project_id, 5) || ' ' || substr(new.conversation_id, 6), new.content); END",
    "CREATE TRIGGER message_words_erased AFTER DELETE ON conversations BEGIN "
    "DELETE FROM message_words WHERE rowid IN (SELECT rowid FROM message_words WHERE message_words MATCH "
    "'keys : (\"' || substr(old.project_id, 5) || '\" AND \"' || substr(old.id, 6) || '\")'); END",
    "INSERT INTO message_words (conversation_id, keys, content) SELECT conversation_id, "
    "substr(project_id, 5) || ' ' || substr(conversation_id, 6), content FROM messages",
)
WORDS_ON_POSTGRESQL = (
    "CREATE INDEX ix_messages_words ON messages USING gin "
    "(to_tsvector('simple'::regconfig, regexp_replace(content, '[[:punct:]]+', ' ', 'g')))",
)


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
    for statement in WORDS_ON_POSTGRESQL if op.get_bind().dialect.name == "postgresql" else WORDS_ON_SQLITE:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_messages_words", "messages")
    else:
        for statement in ("TRIGGER message_words_said", "TRIGGER message_words_erased", "TABLE message_words"):
            op.get_bind().exec_driver_sql(f"DROP {statement}")
    op.drop_index("ix_conversations_project_id_lead_id", "conversations")
    op.drop_index("ix_conversations_unsettled", "conversations")
    op.drop_table("leads")
