"""What calls to language models took, for each project and day, with what is reserved for those under way."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "model_spending",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("tokens_reserved", sa.BigInteger(), nullable=False),
        sa.Column("cost_reserved", sa.BigInteger(), nullable=False),
        sa.Column("calls_refused", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "day", name="pk_model_spending"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("model_spending")
