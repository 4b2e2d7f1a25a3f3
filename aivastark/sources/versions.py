"""The history of a source: what each published version added, changed and removed."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased

from aivastark.database import ReadSession
from aivastark.sources.models import Document, Source, SourceFailure, SourceVersion, documents_of

VERSIONS_KEPT = 10
"""Published versions whose content can be looked at and brought back."""

Kind = Literal["added", "changed", "removed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """How many documents one version added, changed and removed, compared with the one before."""

    added: int
    changed: int
    removed: int


def change_of(session: ReadSession, source: Source, version: int) -> Change:
    """What a version changed, from its rows. What is only indexed in another way did not change."""
    columns = select(Document.locator, Document.content_hash, Document.title).where(
        Document.project_id == source.project_id, Document.source_id == source.id
    )

    def told(condition: ColumnElement[bool]) -> dict[str, tuple[str, str | None]]:
        rows = session.execute(columns.where(condition))
        return {row.locator: (row.content_hash, row.title if source.holds_many else None) for row in rows}

    came, went = told(Document.version == version), told(Document.until == version)
    return Change(
        added=len(came.keys() - went.keys()),
        changed=sum(came[locator] != went[locator] for locator in came.keys() & went.keys()),
        removed=len(went.keys() - came.keys()),
    )


def hold_the_same(session: ReadSession, source: Source, version: int, other: int) -> bool:
    """Whether two versions have the same documents; the coming one may be one of them."""

    def told(version: int) -> set[tuple[str, str, str | None]]:
        query = select(Document.locator, Document.content_hash, Document.title).where(documents_of(source, version))
        return {(row.locator, row.content_hash, row.title) for row in session.execute(query)}

    return told(version) == told(other)


def find_version(session: ReadSession, source: Source, version: int) -> SourceVersion | None:
    """A version that is still kept."""
    return session.get(SourceVersion, (source.project_id, source.id, version))


def list_versions(session: ReadSession, source: Source, *, limit: int, before: int | None) -> list[SourceVersion]:
    """Newest first, at most `limit` + 1 rows: the extra one says that there is more."""
    query = select(SourceVersion).where(
        SourceVersion.project_id == source.project_id, SourceVersion.source_id == source.id
    )
    if before is not None:
        query = query.where(SourceVersion.version < before)
    return list(session.scalars(query.order_by(SourceVersion.version.desc()).limit(limit + 1)))


def list_changes(
    session: ReadSession, source: Source, version: int, *, limit: int, after: str | None
) -> list[tuple[Kind, Document]]:
    """The documents a version added, changed or removed, by id, at most `limit` + 1; a changed one as it is now."""
    other = aliased(Document)

    def twin(condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists().where(
            other.project_id == Document.project_id,
            other.source_id == Document.source_id,
            other.locator == Document.locator,
            condition,
        )

    old, new = twin(other.until == version), twin(other.version == version)
    alike = other.content_hash == Document.content_hash
    if source.holds_many:
        alike = and_(alike, other.title.is_not_distinct_from(Document.title))
    same = twin(and_(other.until == version, alike))
    query = (
        select(Document, old.label("had"))
        .where(Document.project_id == source.project_id, Document.source_id == source.id)
        .where(or_(and_(Document.version == version, ~same), and_(Document.until == version, ~new)))
        .order_by(Document.id)
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(Document.id > after)

    def kind(row: Document, had: bool) -> Kind:
        if row.version != version:
            return "removed"
        return "changed" if had else "added"

    return [(kind(row.Document, row.had), row.Document) for row in session.execute(query)]


def list_failures(session: ReadSession, source: Source, *, limit: int, after: str | None) -> list[SourceFailure]:
    """What the last sync could not have or read or left out, in its order, at most `limit` + 1."""
    query = select(SourceFailure).where(
        SourceFailure.project_id == source.project_id, SourceFailure.source_id == source.id
    )
    if after is not None:
        query = query.where(SourceFailure.id > after)
    return list(session.scalars(query.order_by(SourceFailure.id).limit(limit + 1)))
