"""Search on PostgreSQL is swapped by document: rows say what they add up to, and are found by what is dropped."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# A chunk's length stands beside it in every posting; its language was its document's.
LENGTHS = """
UPDATE search_chunks AS chunk SET length = known.length
FROM (
  SELECT DISTINCT project_id, held.id, held.length
  FROM search_postings CROSS JOIN unnest(chunks, lengths) AS held (id, length)
) AS known
WHERE known.project_id = chunk.project_id AND known.id = chunk.id
"""
LANGUAGES = """
UPDATE search_chunks AS chunk SET language = document.language
FROM documents AS document
WHERE document.project_id = chunk.project_id AND document.id = chunk.document_id
"""
# Behind the four bytes pgvector sends first.
DIGESTS = "UPDATE search_headings SET digest = sha256(substring(vector_send(vector) FROM 5))"


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.add_column("search_chunks", sa.Column("language", sa.Text(), nullable=True))
    op.add_column("search_chunks", sa.Column("length", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("search_headings", sa.Column("digest", sa.LargeBinary(), nullable=True))
    for statement in (LENGTHS, LANGUAGES, DIGESTS):
        op.execute(statement)
    op.alter_column("search_chunks", "length", server_default=None)
    op.alter_column("search_headings", "digest", nullable=False)
    op.drop_index("ix_search_chunks_project_id_source_id", "search_chunks")
    op.drop_index("ix_search_headings_project_id_source_id", "search_headings")
    _index("search_chunks", "project_id", "source_id", "document_id")
    _index("search_chunks", "project_id", "chunk_id")
    _index("search_chunks", "project_id", "heading_id")
    _index("search_headings", "project_id", "source_id", "digest")


def downgrade() -> None:
    """Undo."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.drop_index("ix_search_headings_project_id_source_id_digest", "search_headings")
    for columns in ("heading_id", "chunk_id", "source_id_document_id"):
        op.drop_index(f"ix_search_chunks_project_id_{columns}", "search_chunks")
    _index("search_headings", "project_id", "source_id")
    _index("search_chunks", "project_id", "source_id")
    op.drop_column("search_headings", "digest")
    op.drop_column("search_chunks", "length")
    op.drop_column("search_chunks", "language")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
