"""HTTP assembled: routers, errors → answers, and the gate around it all."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import cache, partial

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi_swagger import patch_fastapi
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from aivastark import __version__
from aivastark.accounts.account_endpoints import router as own_account
from aivastark.accounts.auth_endpoints import router as sessions
from aivastark.accounts.endpoints import router as organizations
from aivastark.accounts.entrance import Entrance
from aivastark.accounts.gate import Application, Gate, Receive, Scope, Send, error_body, internal_error_body
from aivastark.accounts.idempotency import Idempotency
from aivastark.accounts.key_endpoints import router as organization_keys
from aivastark.accounts.keys import KeyRing
from aivastark.accounts.member_endpoints import router as members
from aivastark.accounts.oidc_endpoints import router as provider
from aivastark.analytics.article_endpoints import router as articles
from aivastark.analytics.endpoints import router as analytics
from aivastark.analytics.reliability_endpoints import router as reliability
from aivastark.answer_tests.endpoints import router as answer_tests
from aivastark.answers.endpoints import router as answers
from aivastark.answers.mcp import router as mcp
from aivastark.answers.model_check_endpoints import router as model_check
from aivastark.answers.openai_api import router as openai_api
from aivastark.answers.pinned_endpoints import router as pinned
from aivastark.backends.base import Backends
from aivastark.conversations.action_endpoints import router as actions
from aivastark.conversations.attachment_endpoints import router as files
from aivastark.conversations.endpoints import router as conversations
from aivastark.conversations.masked_endpoints import router as masked_values
from aivastark.dashboard_pages import page_for
from aivastark.dashboard_pages import router as dashboard
from aivastark.errors import (
    InvalidCursor,
    MalformedBody,
    MethodNotAllowed,
    NotFound,
    NotModified,
    PayloadTooLarge,
    Refused,
    UnsupportedMedia,
)
from aivastark.health import router as health
from aivastark.kit.ids import new_id
from aivastark.leads.endpoints import router as leads
from aivastark.metrics_endpoints import Waiting
from aivastark.metrics_endpoints import router as metrics
from aivastark.moving.endpoints import router as moving
from aivastark.openapi import describe, methods_of
from aivastark.projects.crud_endpoints import router as project
from aivastark.projects.key_endpoints import router as project_keys
from aivastark.projects.organization_endpoints import router as organization_end
from aivastark.sources.account_endpoints import router as connected_accounts
from aivastark.sources.embedding_endpoints import router as embedding
from aivastark.sources.endpoints import router as sources
from aivastark.sources.google_callback_endpoints import router as google_callback
from aivastark.sources.receive import fault
from aivastark.sources.version_endpoints import router as source_versions
from aivastark.telemetry.requests import Observed
from aivastark.usage.endpoints import router as usage
from aivastark.webhooks.delivery_endpoints import router as deliveries
from aivastark.webhooks.endpoints import router as webhooks
from aivastark.webhooks.event_endpoints import router as events
from aivastark.widgets.answer_endpoints import router as visitors_answers
from aivastark.widgets.attachment_endpoints import router as visitors_files
from aivastark.widgets.contact_endpoints import router as contact
from aivastark.widgets.cors import cors_headers
from aivastark.widgets.endpoints import router as widgets
from aivastark.widgets.public_endpoints import router as widget
from aivastark.widgets.script_endpoints import router as script

TITLE = "Aivastark"
DESCRIPTION = "Grounded, cited answers from a company's own knowledge. Errors, ids and limits: see the README."

INVITED_ONLY = Entrance()
# Looked through in this order, each path of each router in turn: what is asked most stands first.
ROUTERS = (
    answers,
    widget,
    sessions,
    own_account,
    provider,
    organizations,
    members,
    organization_keys,
    project,
    moving,
    project_keys,
    organization_end,
    sources,
    source_versions,
    embedding,
    connected_accounts,
    google_callback,
    pinned,
    model_check,
    openai_api,
    mcp,
    conversations,
    masked_values,
    actions,
    files,
    leads,
    widgets,
    contact,
    visitors_answers,
    visitors_files,
    script,
    dashboard,
    analytics,
    articles,
    answer_tests,
    reliability,
    webhooks,
    deliveries,
    events,
    usage,
    health,
    metrics,
)
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    backends: Backends,
    *,
    rate_limit_per_minute: int | None = None,
    max_upload_bytes: int = 50_000_000,
    allowed_hosts: Collection[str] = (),
    read_only: bool = False,
    entrance: Entrance = INVITED_ONLY,
    metrics_token: str | None = None,
    beside: Lifespan | None = None,
) -> Application:
    """The whole HTTP side on these backends; `beside` runs for as long as the app does (the worker)."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with beside(app) if beside is not None else nullcontext():
            yield

    app = FastAPI(
        title=TITLE,
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        separate_input_output_schemas=False,
    )
    keys = KeyRing(backends.db)
    app.state.backends, app.state.keys, app.state.entrance = backends, keys, entrance
    app.state.metrics_token, app.state.waiting = metrics_token, Waiting()
    _draw_errors(app)
    add_routes(app)
    describe(app)
    app.router.routes.extend(_documentation())
    gate = Gate(
        Idempotency(app, db=backends.db),
        db=backends.db,
        keys=keys,
        cors_headers=partial(cors_headers, backends.db),
        secret_key=backends.secret_key,
        public_url=entrance.public_url,
        per_minute=rate_limit_per_minute,
        max_body_bytes=max_upload_bytes,
        allowed_hosts=allowed_hosts,
        read_only=read_only,
    )
    return Observed(gate)


def create_probes(backends: Backends, *, metrics_token: str | None) -> Application:
    """What a worker answers: whether it lives, and its numbers. No gate: nothing of any customer's is behind it."""
    app = FastAPI(openapi_url=None)
    app.state.backends, app.state.metrics_token, app.state.waiting = backends, metrics_token, Waiting()
    _draw_errors(app)
    for router in (health, metrics):
        app.router.routes.extend(router.routes)
    return _Named(app)


class _Named:
    """Gives each request a name for its errors, as the gate does."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        scope.setdefault("state", {})["request_id"] = new_id("req")
        await self._app(scope, receive, send)


def add_routes(app: FastAPI) -> None:
    """All of ours, as their routers made them.

    `include_router` would make each of them anew for every app, at the first call that looks past its router.
    """
    for router in ROUTERS:
        app.router.routes.extend(router.routes)


@cache  # FastAPI remembers the functions of routes for good: those made for one app would keep it for ever
def _documentation() -> list[BaseRoute]:
    """`/docs`, with its scripts from here: FastAPI's own page needs the internet."""
    other = FastAPI(title=TITLE, docs_url=None, redoc_url=None, swagger_ui_oauth2_redirect_url=None)
    before = len(other.routes)
    patch_fastapi(other)
    return other.routes[before:]


def _draw_errors(app: FastAPI) -> None:
    """Every error, the framework's own included, in one envelope."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(NotModified, _not_modified)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _bug)


async def _refused(request: Request, refused: Exception) -> Response:
    assert isinstance(refused, Refused)
    return _answer(request, refused)


async def _invalid(request: Request, invalid: Exception) -> Response:
    assert isinstance(invalid, RequestValidationError)
    found = invalid.errors()[0]
    if found["loc"][0] == "path":  # what is no id is no object's id either
        return _answer(request, NotFound())
    if tuple(found["loc"]) == ("query", "cursor"):
        return _answer(request, InvalidCursor())
    return _answer(request, fault(found))


async def _not_modified(_: Request, unchanged: Exception) -> Response:
    assert isinstance(unchanged, NotModified)
    return Response(status_code=304, headers={"ETag": unchanged.etag})


async def _framework(request: Request, raised: Exception) -> Response:
    """The framework's own errors in our envelope."""
    assert isinstance(raised, HTTPException)
    known: dict[int, Refused] = {
        404: NotFound(),
        405: MethodNotAllowed(),
        413: PayloadTooLarge("The request is too large."),
        415: UnsupportedMedia("This path does not read that media type."),
    }
    page = page_for(request) if raised.status_code == 404 else None
    if page is not None:  # the address of a page of the dashboard
        return page
    if isinstance(raised.__cause__, Refused):  # the gate cut the body off while the framework was reading it
        return _answer(request, raised.__cause__)
    refused = known.get(raised.status_code) or MalformedBody(str(raised.detail))
    answer = _answer(request, refused)
    for name, value in (raised.headers or {}).items():
        answer.headers[name] = value
    if raised.status_code == 405:
        answer.headers["Allow"] = ", ".join(methods_of(request.app, request.url.path))
    return answer


async def _bug(request: Request, _: Exception) -> Response:
    """Our own mistake, in our envelope; the framework raises it again afterwards and the gate logs it."""
    return Response(internal_error_body(request.state.request_id), status_code=500, media_type="application/json")


def _answer(request: Request, refused: Refused) -> Response:
    body = error_body(refused, request.state.request_id)
    headers = {} if refused.retry_after is None else {"Retry-After": str(refused.retry_after)}
    return Response(body, status_code=refused.status, media_type="application/json", headers=headers)
