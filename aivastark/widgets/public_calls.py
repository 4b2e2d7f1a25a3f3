"""Who may call a widget: its key names it, the page is on one of its domains, the visitor has a token."""

from collections.abc import Sequence
from dataclasses import dataclass

from aivastark import wall
from aivastark.backends.base import Backends
from aivastark.database import ReadSession, WriteSession
from aivastark.errors import InvalidRequest, NotFound, OriginNotAllowed, PermissionDenied, UnknownVisitor
from aivastark.kit.clock import utc_now
from aivastark.projects.models import Project
from aivastark.projects.store import owning_project
from aivastark.widgets.configuration import Configuration
from aivastark.widgets.identity import Identity, IdentityRefused, by_hash, by_token, is_hash, secret_of
from aivastark.widgets.models import Widget
from aivastark.widgets.origins import is_allowed, origin_of
from aivastark.widgets.public_schemas import Proof
from aivastark.widgets.schemas import configuration_of
from aivastark.widgets.store import find_by_embed_key
from aivastark.widgets.visitors import Caller, find_visitor, needs_prolonging, prolong


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """The surroundings of a call below `/v1/widget/{embed_key}`."""

    backends: Backends
    project: Project
    widget: Widget
    configuration: Configuration
    request_id: str

    @property
    def project_id(self) -> str:
        """The id every query begins with."""
        return self.project.id

    @property
    def identity_mode(self) -> str:
        """Whether visitors must be known: `off`, `optional`, `required`."""
        return self.configuration.security.identity


async def open_call(
    backends: Backends, embed_key: str, *, origin: str | None, referer: str | None, request_id: str
) -> Call:
    """The widget this key names, for a page that may show it. Raises `NotFound`, `OriginNotAllowed`."""

    def look(session: ReadSession) -> tuple[Widget, Project]:
        widget = find_by_embed_key(session, embed_key)
        if widget is None:
            raise NotFound
        return widget, owning_project(session, widget.project_id)

    with wall.everything():
        widget, project = await backends.db.read(look)
    configuration = configuration_of(widget)
    # A browser leaves Origin out of same-origin GETs alone; there the Referer says which page it was.
    page = origin if origin is not None else origin_of(referer)
    if not is_allowed(page, configuration.security.allowed_domains):
        raise OriginNotAllowed
    wall.enter(project.id)
    return Call(backends=backends, project=project, widget=widget, configuration=configuration, request_id=request_id)


def refuse_when_off(call: Call) -> None:
    """Raises `PermissionDenied` for a widget that is switched off."""
    if not call.configuration.enabled:
        raise PermissionDenied("This widget is switched off.")


async def identify(call: Call, *, token: str | None, proof: str | None) -> Caller:
    """The visitor of this call, whose token lives on. Raises `UnknownVisitor`.

    Where the site must vouch for visitors, every call carries the proof, and it must be of the same user.
    """
    caller = await call.backends.db.read(lambda session: find_visitor(session, call.project_id, call.widget.id, token))
    if caller is None:
        raise UnknownVisitor("Send X-Visitor-Token; POST …/session gives one. This one is missing, unknown or expired.")
    if call.identity_mode == "required" and proof is None:
        raise UnknownVisitor("This widget needs X-Visitor-Identity with every call.")
    if proof is not None and call.identity_mode != "off":
        _must_be_of(call, caller, proof)
    if not needs_prolonging(caller):
        return caller

    def live_on(session: WriteSession) -> Caller:
        return prolong(session, call.project_id, caller)

    return await call.backends.db.write(live_on)


def identity_in(call: Call, proof: Proof | None) -> Identity | None:
    """Whom the site vouches for when a visit begins; None for a visitor without a name.

    Raises `UnknownVisitor` for a proof that does not hold or is missing, `InvalidRequest` for one that is not one.
    """
    if proof is None:
        if call.identity_mode == "required":
            raise UnknownVisitor("This widget needs to know who asks: send identity.")
        return None
    if call.identity_mode == "off":
        raise InvalidRequest("This widget takes no identity; set security.identity first.", param="identity")
    if (proof.token is None) == (proof.user_id is None) or (proof.user_id is None) != (proof.user_hash is None):
        raise InvalidRequest("identity holds token, or user_id with user_hash", param="identity")
    try:
        if proof.token is not None:
            return by_token(proof.token, _secrets(call), audience=call.widget.id, now=utc_now())
        return by_hash(proof.user_id or "", proof.user_hash or "", _secrets(call))
    except IdentityRefused as refused:
        raise UnknownVisitor(str(refused)) from refused


def _must_be_of(call: Call, caller: Caller, proof: str) -> None:
    try:
        if is_hash(proof):
            named = by_hash(caller.user_id or "", proof, _secrets(call)).user_id
        else:
            named = by_token(proof, _secrets(call), audience=call.widget.id, now=utc_now()).user_id
    except IdentityRefused as refused:
        raise UnknownVisitor(str(refused)) from refused
    if named != caller.user_id:
        raise UnknownVisitor("X-Visitor-Identity and X-Visitor-Token are of different visitors.")


def _secrets(call: Call) -> Sequence[str]:
    """The widget's identity secret and, while it is accepted, the one before."""
    widget = call.widget
    salts = [widget.identity_salt]
    if widget.previous_identity_salt and widget.previous_identity_until and widget.previous_identity_until > utc_now():
        salts.append(widget.previous_identity_salt)
    return [secret_of(call.backends.secret_key, widget.id, salt) for salt in salts]
