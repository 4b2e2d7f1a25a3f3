"""The tables of search on PostgreSQL. They belong to the adapter: nothing else reads or writes them.

Counts of a project are kept beside its chunks, so that a question does not add them up. A term's postings are
pages of a source, as arrays: to weigh a term is to add a few numbers, and to take a chunk out or put one in is to write
the pages it is in, whatever else the source holds.
"""

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import UserDefinedType

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"})


class Vector(UserDefinedType[str]):
    """pgvector's float32 vector of any dimension, written as text: `[0.5,0.25]`. Read back with `vector_send`."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """As in `CREATE TABLE`."""
        return "vector"


projects = Table(
    "search_projects",
    metadata,
    Column("project_id", Text, primary_key=True),
    Column("next_id", BigInteger, nullable=False),  # of its chunks: never used again while the project is there
    Column("chunk_count", BigInteger, nullable=False),
    Column("term_count", BigInteger, nullable=False),  # of all chunks, repetitions counted
    Column("languages", JSON, nullable=False),  # chunks by language
    # Which model's vectors are searched, and which one's are gathered beside them; empty: not known, and none.
    Column("serving", Text, nullable=False, server_default=""),
    Column("coming", Text, nullable=False, server_default=""),
    Column(
        "near", Integer, nullable=False, server_default="0"
    ),  # dimensions of the vectors that have an index; 0: none
)

sources = Table(
    "search_sources",
    metadata,
    Column("project_id", Text, primary_key=True),
    Column("source_id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("chunk_count", BigInteger, nullable=False),
    Column("term_count", BigInteger, nullable=False),
    Column("languages", JSON, nullable=False),
)

chunks = Table(
    "search_chunks",
    metadata,
    Column("project_id", Text, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("source_id", Text, nullable=False),
    Column("chunk_id", Text, nullable=False),
    Column("document_id", Text, nullable=False),
    Column("language", Text),
    Column("length", Integer, nullable=False),  # terms, repetitions counted
    Column("heading_id", BigInteger),  # of the source's heading with this vector
    Column("vector", Vector),  # a chunk may have none by the model that serves
    Index("ix_search_chunks_project_id_source_id_document_id", "project_id", "source_id", "document_id"),
    Index("ix_search_chunks_project_id_chunk_id", "project_id", "chunk_id"),
    Index("ix_search_chunks_project_id_heading_id", "project_id", "heading_id"),
)

headings = Table(
    "search_headings",
    metadata,
    Column("project_id", Text, primary_key=True),
    # Of the chunk it came with. The heading stays as long as any chunk has it.
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("source_id", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of the vector, to find out whether it is there already
    Column("vector", Vector, nullable=False),
    Index("ix_search_headings_project_id_source_id_digest", "project_id", "source_id", "digest"),
)

# What the model that comes next made of the same chunks.
coming = Table(
    "search_coming",
    metadata,
    Column("project_id", Text, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # of the chunk
    Column("source_id", Text, nullable=False),
    Column("heading_id", BigInteger),
    Column("vector", Vector, nullable=False),
    Index("ix_search_coming_project_id_source_id", "project_id", "source_id"),
)

coming_headings = Table(
    "search_coming_headings",
    metadata,
    Column("project_id", Text, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("source_id", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("vector", Vector, nullable=False),
    Index("ix_search_coming_headings_project_id_source_id_digest", "project_id", "source_id", "digest"),
)

postings = Table(
    "search_postings",
    metadata,
    Column("project_id", Text, primary_key=True),
    Column("term", Text, primary_key=True),
    Column("source_id", Text, primary_key=True),
    # What tells a page from the term's others: the chunk it began with. All its chunks are below the next page's first.
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("chunk_count", Integer, nullable=False),
    # Arrays of that many, by ascending chunk: those that hold the term, how often, and how many terms each has in all.
    Column("chunks", ARRAY(BigInteger), nullable=False),
    Column("in_heading", ARRAY(Integer), nullable=False),
    Column("in_body", ARRAY(Integer), nullable=False),
    Column("lengths", ARRAY(Integer), nullable=False),
    # No index by source: where the planner knew nothing of the table yet, it took that one to look for a term's page.
)

# Not beside the vectors: rows of more than 2 kB would have those moved out, which makes scans slow.
terms = Table(
    "search_terms",
    metadata,
    Column("project_id", Text, primary_key=True),
    Column("source_id", Text, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # of a chunk that has any
    Column("terms", Text, nullable=False),  # each once, separated by spaces: which postings the chunk is in
)

BY_SOURCE = (postings, terms, coming_headings, coming, headings, chunks, sources)
"""Tables whose rows go with their source."""
