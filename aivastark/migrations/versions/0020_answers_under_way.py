"""Which answers are being written, and whether somebody wants them stopped: for the other processes."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "answers_under_way",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("message_id", sa.String(40), nullable=False),
        sa.Column("widget_id", sa.String(40)),
        sa.Column("visitor_id", sa.String(128)),
        sa.Column("is_unwanted", sa.Boolean(), nullable=False),
        sa.Column("alive_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "message_id", name="pk_answers_under_way"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("answers_under_way")
