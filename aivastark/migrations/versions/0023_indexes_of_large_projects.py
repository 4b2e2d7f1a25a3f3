"""On PostgreSQL: which projects are so large that the vectors near a question are looked up in an index."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("search_projects", sa.Column("near", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Undo."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_column("search_projects", "near")
