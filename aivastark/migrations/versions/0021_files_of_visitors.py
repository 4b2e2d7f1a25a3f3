"""The files that visitors send: what a message that is one knows of it. The bytes are in the blob store."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("messages", sa.Column("attachments", sa.JSON()))


def downgrade() -> None:
    """Undo."""
    op.drop_column("messages", "attachments")
