"""Postings on PostgreSQL are kept in pages, and chunks say which they are in: a change writes what it touches."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TERMS = """
INSERT INTO search_terms (project_id, source_id, id, terms)
SELECT project_id, source_id, held.id, string_agg(term, ' ' ORDER BY term COLLATE "C")
FROM search_postings CROSS JOIN unnest(chunks) AS held (id) GROUP BY project_id, source_id, held.id
"""
# Rows of a term become pages of 256 chunks, or one row again. Rows that are not pages begin with 0, which no chunk is.
PAGES = """
INSERT INTO search_postings (project_id, term, source_id, first, chunk_count, chunks, in_heading, in_body, lengths)
SELECT project_id, term, source_id, min(held.id), count(*), array_agg(held.id ORDER BY at),
  array_agg(held.in_heading ORDER BY at), array_agg(held.in_body ORDER BY at), array_agg(held.length ORDER BY at)
FROM search_postings AS stored
CROSS JOIN unnest(stored.chunks, stored.in_heading, stored.in_body, stored.lengths)
  WITH ORDINALITY AS held (id, in_heading, in_body, length, at)
GROUP BY project_id, term, source_id, (at - 1) / 256
"""
ROWS = """
INSERT INTO search_postings (project_id, term, source_id, first, chunk_count, chunks, in_heading, in_body, lengths)
SELECT project_id, term, source_id, 0, count(*), array_agg(held.id ORDER BY held.id),
  array_agg(held.in_heading ORDER BY held.id), array_agg(held.in_body ORDER BY held.id),
  array_agg(held.length ORDER BY held.id)
FROM search_postings AS stored
CROSS JOIN unnest(stored.chunks, stored.in_heading, stored.in_body, stored.lengths)
  AS held (id, in_heading, in_body, length)
GROUP BY project_id, term, source_id
"""


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.create_table(
        "search_terms",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "source_id", "id", name="pk_search_terms"),
    )
    op.execute(TERMS)
    op.drop_index("ix_search_postings_project_id_source_id", "search_postings")
    op.drop_constraint("pk_search_postings", "search_postings")
    op.add_column("search_postings", sa.Column("first", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("search_postings", "first", server_default=None)
    op.execute(PAGES)
    op.execute("DELETE FROM search_postings WHERE first = 0")
    op.create_primary_key("pk_search_postings", "search_postings", ["project_id", "term", "source_id", "first"])


def downgrade() -> None:
    """Undo."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.drop_constraint("pk_search_postings", "search_postings")
    op.execute(ROWS)
    op.execute("DELETE FROM search_postings WHERE first > 0")
    op.drop_column("search_postings", "first")
    op.create_primary_key("pk_search_postings", "search_postings", ["project_id", "term", "source_id"])
    op.create_index("ix_search_postings_project_id_source_id", "search_postings", ["project_id", "source_id"])
    op.drop_table("search_terms")
