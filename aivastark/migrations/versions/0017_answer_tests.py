"""Answer tests with their runs, and versions of a source that a person wants whatever the tests say."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_tests",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("must_cite", sa.JSON(), nullable=False),
        sa.Column("must_say", sa.JSON(), nullable=False),
        sa.Column("must_not_say", sa.JSON(), nullable=False),
        sa.Column("must_refuse", sa.Boolean(), nullable=False),
        sa.Column("min_confidence", sa.Float()),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("last_result", sa.JSON()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_answer_tests")),
    )
    op.create_table(
        "answer_test_runs",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("cause", sa.String(12), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("held", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_answer_test_runs")),
    )
    op.create_table(
        "answer_test_results",
        sa.Column("project_id", sa.String(40), nullable=False),
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("test_id", sa.String(40), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON()),
        sa.ForeignKeyConstraint(
            ["project_id", "run_id"],
            ["answer_test_runs.project_id", "answer_test_runs.id"],
            name=op.f("fk_answer_test_results_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "run_id", "test_id", name=op.f("pk_answer_test_results")),
    )
    with op.batch_alter_table("projects") as table:
        table.add_column(sa.Column("answer_tests", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("source_versions") as table:
        table.add_column(sa.Column("accepted", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("source_versions") as table:
        table.drop_column("accepted")
    with op.batch_alter_table("projects") as table:
        table.drop_column("answer_tests")
    for name in ("answer_test_results", "answer_test_runs", "answer_tests"):
        op.drop_table(name)
