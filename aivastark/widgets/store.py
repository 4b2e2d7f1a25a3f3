"""Widgets in the database: making and changing them, with every earlier form kept; their keys and secrets."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from aivastark.database import ReadSession, WriteSession
from aivastark.errors import Conflict, NotFound
from aivastark.kit.clock import utc_now
from aivastark.kit.ids import new_id
from aivastark.kit.tokens import is_token, new_token
from aivastark.widgets.identity import new_salt
from aivastark.widgets.models import EmbedKey, Widget, WidgetVersion

EMBED_PREFIX = "akv_pub_"
EMBED_RANDOM_CHARS = 24
WIDGETS_MAX = 200  # of one project
VERSIONS_KEPT = 200  # of one widget; older ones are dropped
OVERLAP_DEFAULT_S = 86_400
OVERLAP_MAX_S = 604_800


def create_widget(session: WriteSession, project_id: str, settings: Mapping[str, Any], *, by: str) -> Widget:
    """A new widget with a fresh key; `settings` were checked. Raises `Conflict` when there are too many."""
    there = session.scalar(select(func.count()).select_from(Widget).where(Widget.project_id == project_id))
    if (there or 0) >= WIDGETS_MAX:
        raise Conflict(f"A project may have {WIDGETS_MAX} widgets. Delete one first.")
    now = utc_now()
    widget = Widget(
        project_id=project_id,
        id=new_id("wgt"),
        embed_key=new_token(EMBED_PREFIX, EMBED_RANDOM_CHARS),
        settings=dict(settings),
        version=1,
        identity_salt=new_salt(),
        previous_identity_salt=None,
        previous_identity_until=None,
        created_at=now,
        updated_at=now,
    )
    session.add(widget)
    session.flush()
    _keep_version(session, widget, by=by, restored_from=None)
    _add_embed_key(session, widget)
    return widget


def find_widget(session: ReadSession, project_id: str, widget_id: str) -> Widget:
    """One widget. Raises `NotFound`."""
    widget = session.get(Widget, (project_id, widget_id))
    if widget is None:
        raise NotFound
    return widget


def first_widget(session: ReadSession, project_id: str) -> Widget | None:
    """The oldest widget of a project."""
    return session.scalar(select(Widget).where(Widget.project_id == project_id).order_by(Widget.id).limit(1))


def list_widgets(session: ReadSession, project_id: str, *, limit: int, after: str | None = None) -> list[Widget]:
    """Newest first, at most `limit` + 1 rows: the extra one says that there is more."""
    query = select(Widget).where(Widget.project_id == project_id)
    if after is not None:
        query = query.where(Widget.id < after)
    return list(session.scalars(query.order_by(Widget.id.desc()).limit(limit + 1)))


def change_widget(
    session: WriteSession,
    project_id: str,
    widget_id: str,
    settings: Mapping[str, Any],
    *,
    by: str,
    restored_from: int | None = None,
) -> Widget:
    """Put other settings, which were checked, in force as the next version; the same ones change nothing."""
    widget = hold_widget(session, project_id, widget_id)
    if widget.settings != settings:
        widget.settings = dict(settings)
        widget.version += 1
        widget.updated_at = utc_now()
        session.flush()
        _keep_version(session, widget, by=by, restored_from=restored_from)
    return widget


def hold_widget(session: WriteSession, project_id: str, widget_id: str) -> Widget:
    """One widget, which nobody else changes until the transaction ends. Raises `NotFound`."""
    widget = session.get(Widget, (project_id, widget_id), with_for_update=True)
    if widget is None:
        raise NotFound
    return widget


def delete_widget(session: WriteSession, project_id: str, widget_id: str) -> Widget:
    """The widget, its versions, keys, visitors and counts go; its conversations stay. Raises `NotFound`."""
    widget = find_widget(session, project_id, widget_id)
    session.execute(delete(EmbedKey).where(EmbedKey.project_id == project_id, EmbedKey.widget_id == widget_id))
    session.delete(widget)
    return widget


def list_versions(
    session: ReadSession, project_id: str, widget_id: str, *, limit: int, after: int | None = None
) -> list[WidgetVersion]:
    """Newest first, at most `limit` + 1 rows. Raises `NotFound` for a widget that is not there."""
    find_widget(session, project_id, widget_id)
    query = select(WidgetVersion).where(WidgetVersion.project_id == project_id, WidgetVersion.widget_id == widget_id)
    if after is not None:
        query = query.where(WidgetVersion.version < after)
    return list(session.scalars(query.order_by(WidgetVersion.version.desc()).limit(limit + 1)))


def find_version(session: ReadSession, project_id: str, widget_id: str, version: int) -> WidgetVersion:
    """One earlier form. Raises `NotFound`."""
    row = session.get(WidgetVersion, (project_id, widget_id, version))
    if row is None:
        raise NotFound
    return row


def rotate_embed_key(session: WriteSession, project_id: str, widget_id: str, *, overlap: timedelta) -> Widget:
    """A new embed key; the old one goes on for `overlap`. Raises `NotFound`."""
    widget = hold_widget(session, project_id, widget_id)
    session.execute(update(EmbedKey).where(EmbedKey.key == widget.embed_key).values(expires_at=utc_now() + overlap))
    widget.embed_key = new_token(EMBED_PREFIX, EMBED_RANDOM_CHARS)
    widget.updated_at = utc_now()
    _add_embed_key(session, widget)
    return widget


def rotate_identity(session: WriteSession, project_id: str, widget_id: str, *, overlap: timedelta) -> Widget:
    """Another identity secret; the one before is accepted for `overlap`. Raises `NotFound`."""
    widget = hold_widget(session, project_id, widget_id)
    widget.previous_identity_salt = widget.identity_salt
    widget.previous_identity_until = utc_now() + overlap
    widget.identity_salt = new_salt()
    widget.updated_at = utc_now()
    return widget


def find_by_embed_key(session: ReadSession, embed_key: str) -> Widget | None:
    """The widget a key names; None when it is malformed, unknown or rotated away."""
    if not is_embed_key(embed_key):
        return None
    now = utc_now()
    row = session.scalar(
        select(EmbedKey).where(EmbedKey.key == embed_key, or_(EmbedKey.expires_at.is_(None), EmbedKey.expires_at > now))
    )
    if row is None:
        return None
    project_id = row.project_id
    return session.get(Widget, (project_id, row.widget_id))


def is_embed_key(value: str) -> bool:
    """Whether a key has the right form; says nothing of whether it names a widget."""
    return is_token(value, EMBED_PREFIX, EMBED_RANDOM_CHARS)


def forget_old_embed_keys(session: WriteSession) -> None:
    """Drop keys whose overlap is over, of all projects."""
    session.execute(delete(EmbedKey).where(EmbedKey.expires_at <= utc_now()))


def _add_embed_key(session: WriteSession, widget: Widget) -> None:
    session.add(
        EmbedKey(
            key=widget.embed_key,
            project_id=widget.project_id,
            widget_id=widget.id,
            expires_at=None,
            created_at=utc_now(),
        )
    )


def _keep_version(session: WriteSession, widget: Widget, *, by: str, restored_from: int | None) -> None:
    session.add(
        WidgetVersion(
            project_id=widget.project_id,
            widget_id=widget.id,
            version=widget.version,
            settings=widget.settings,
            created_by=by,
            restored_from=restored_from,
            created_at=widget.updated_at,
        )
    )
    session.execute(
        delete(WidgetVersion).where(
            WidgetVersion.project_id == widget.project_id,
            WidgetVersion.widget_id == widget.id,
            WidgetVersion.version <= widget.version - VERSIONS_KEPT,
        )
    )
