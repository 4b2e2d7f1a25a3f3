"""Sources that stay fresh: sealed credentials, what a connector remembers."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.add_column(sa.Column("secrets", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("sync_state", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.drop_column("sync_state")
        batch_op.drop_column("secrets")
