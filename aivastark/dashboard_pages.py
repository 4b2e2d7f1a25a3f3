"""The dashboard: its one page, and the files that page loads.

What is built from `web/dashboard` lies in `aivastark/web/dashboard`. Which page of the dashboard is meant, its script
reads from the address; so the same page answers every address that no route of ours has, to browsers alone.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from aivastark.errors import NotFound
from aivastark.widgets.script_endpoints import AcceptEncoding, IfNoneMatch, answer_built, built

MACHINES_PATHS = ("/v1", "/mcp", "/widget", "/assets", "/docs", "/openapi.json", "/metrics")
ASSET = r"^[\w-]+\.(js|css|svg)$"
MEDIA_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
ASSET_KEPT = "public, max-age=31536000, immutable"  # its name has the hash of its content
PAGE_KEPT = "no-cache"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
# `same-origin` and not less: without a referrer a browser names no origin either, by which we tell forged requests.
PAGE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

router = APIRouter(prefix="", tags=["Dashboard"], include_in_schema=False)


@router.get("/")
async def home(if_none_match: IfNoneMatch = None, accept_encoding: AcceptEncoding = "") -> Response:
    """The dashboard."""
    return _page(if_none_match, accept_encoding)


@router.get("/assets/{name}")
async def asset(
    name: Annotated[str, Path(pattern=ASSET, max_length=200)],
    if_none_match: IfNoneMatch = None,
    accept_encoding: AcceptEncoding = "",
) -> Response:
    """A file that the page loads; under its name it never changes."""
    try:
        file = built(f"dashboard/assets/{name}")
    except FileNotFoundError as error:
        raise NotFound from error
    media_type = MEDIA_TYPES[name.rpartition(".")[2]]
    headers = {"Cache-Control": ASSET_KEPT, "Content-Security-Policy": "default-src 'none'"}
    return answer_built(file, media_type, headers, if_none_match, accept_encoding)


def page_for(request: Request) -> Response | None:
    """The dashboard, where a browser opens an address that no route has; None for everything else."""
    path, accept = request.url.path, request.headers.get("accept", "")
    if request.method != "GET" or "text/html" not in accept:
        return None
    if any(path == kept or path.startswith(f"{kept}/") for kept in MACHINES_PATHS):
        return None
    return _page(request.headers.get("if-none-match"), request.headers.get("accept-encoding", ""))


def _page(if_none_match: str | None, accept_encoding: str) -> Response:
    page = built("dashboard/index.html")
    headers = {**PAGE_HEADERS, "Cache-Control": PAGE_KEPT}
    return answer_built(page, "text/html; charset=utf-8", headers, if_none_match, accept_encoding)
