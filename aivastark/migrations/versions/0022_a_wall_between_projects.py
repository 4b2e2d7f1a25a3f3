"""A second wall between tenants, on PostgreSQL: a transaction that names its project sees no other's rows."""

from alembic import op

from aivastark.migrations.policies import put_wall, take_wall

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# Not among them: what belongs to organisations (audit_log, usage_counters, api_keys …), which has its own key.
TABLES = (
    "answer_test_results", "answer_test_runs", "answer_tests", "answers_under_way", "chunks", "citations",
    "connected_accounts", "conversations", "documents", "events", "jobs", "leads", "masked_values", "messages",
    "model_spending", "open_questions", "pinned_answers", "pinned_hits", "pinned_questions", "reembeddings",
    "source_failures", "source_versions", "sources", "visitors", "webhook_attempts", "webhook_deliveries",
    "webhooks", "widget_counts", "widget_versions", "widgets",
    "search_chunks", "search_coming", "search_coming_headings", "search_headings", "search_postings",
    "search_projects", "search_sources", "search_terms",
)  # fmt: skip
DIRECTORY = {"projects": "id", "embed_keys": "project_id"}
# Work for the install, such as mail to a person, is queued by anybody and seen by its worker alone.
ASK_THE_INSTALL = "CREATE POLICY ask_the_install ON jobs FOR INSERT WITH CHECK (project_id = 'install')"


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in TABLES:
        put_wall(table)
    for table, column in DIRECTORY.items():
        put_wall(table, column, names_the_project=True)
    op.execute(ASK_THE_INSTALL)


def downgrade() -> None:
    """Undo."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP POLICY ask_the_install ON jobs")
    for table in (*DIRECTORY, *TABLES):
        take_wall(table)
