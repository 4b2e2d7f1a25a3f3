"""Grades of answers by the team, and the map that a project's graded answers put on top of confidence."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. In place: a table made anew would lose the triggers that messages are found by."""
    op.add_column("messages", sa.Column("grade", sa.JSON()))
    op.add_column("projects", sa.Column("confidence_map", sa.JSON()))


def downgrade() -> None:
    """Undo."""
    op.drop_column("projects", "confidence_map")
    op.drop_column("messages", "grade")
