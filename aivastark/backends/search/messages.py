"""Words in messages: which conversations hold them. Made and kept up by the database itself, see migration 0007.

On SQLite triggers copy each message into an FTS5 table, in the transaction that writes it; on PostgreSQL an index on an
expression does the same. Both fold case, take words at letters and digits, and are asked for words that begin so.
"""

import re

from sqlalchemy import Select, column, func, literal_column, select, table, text
from sqlalchemy.orm import Session

from aivastark.kit.analysis import is_unspaced

WORDS_MAX = 10
WORD_MAX_CHARS = 64
# The words of the index, to the letter: PostgreSQL uses an index on an expression for that expression only.
_ON_POSTGRESQL = "to_tsvector('simple'::regconfig, regexp_replace(content, '[[:punct:]]+', ' ', 'g'))"
_WORD = re.compile(r"[^\W_]+")
_FTS = table("message_words", column("conversation_id"))
_MESSAGES = table("messages", column("project_id"), column("conversation_id"))


def words_in(text: str) -> list[str]:
    """The words to look for; none where words are not parted by spaces, and the messages must be read instead."""
    if is_unspaced(text):
        return []
    return [word[:WORD_MAX_CHARS] for word in _WORD.findall(text)[:WORDS_MAX]]


def forget_erased_words(session: Session) -> None:
    """Drop what FTS5 keeps of deleted messages until its parts are merged; PostgreSQL has its vacuum for that."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("INSERT INTO message_words(message_words) VALUES ('optimize')"))


def conversations_with(session: Session, project_id: str, words: list[str]) -> Select[str]:
    """The ids of the project's conversations in which one message holds all of the words, or longer ones of them."""
    if session.get_bind().dialect.name == "postgresql":
        asked = " & ".join(f"'{word}':*" for word in words)
        holds = literal_column(_ON_POSTGRESQL).op("@@")(func.to_tsquery(literal_column("'simple'::regconfig"), asked))
        return select(_MESSAGES.c.conversation_id).where(_MESSAGES.c.project_id == project_id, holds)
    asked = " AND ".join(f'"{word}"*' for word in words)
    match = f'keys : "{key_of(project_id)}" AND content : ({asked})'
    return select(_FTS.c.conversation_id).where(literal_column("message_words").op("MATCH")(match))


def key_of(id_: str) -> str:
    """An id as the index has it, a word of its own: without prefix."""
    return id_.rpartition("_")[2]
