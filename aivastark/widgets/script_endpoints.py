"""`/widget.js`, the words it loads, and `/demo`: a page that has this install's own widget.

What is built from `web/widget` lies in `aivastark/web` and is read once. Nothing here is secret, so any page may load
it; what a widget then may do is decided by the origin of its calls.
"""

import gzip
import hashlib
import html
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import Response

from aivastark.accounts.directory import first_organization
from aivastark.backends.base import Backends
from aivastark.database import ReadSession
from aivastark.errors import NotFound
from aivastark.kit.etags import names
from aivastark.projects.store import first_project
from aivastark.widgets.store import first_widget

SCRIPT_KEPT_S = 300  # after a new release pages have the new script within five minutes
SCRIPT_STALE_S = 86_400
VERSIONED_KEPT_S = 31_536_000
VERSION_CHARS = 8  # as `web/widget/build.mjs` names the file
LANGUAGE = r"^[a-z]{2,3}$"
GZIP_LEVEL = 9

router = APIRouter(prefix="", tags=["Widget"], include_in_schema=False)

IfNoneMatch = Annotated[str | None, Header(max_length=1_024)]
AcceptEncoding = Annotated[str, Header(max_length=1_024)]
# Also for a page that requires CORP (`Cross-Origin-Embedder-Policy`), asks with `crossorigin` or checks `integrity`.
FOR_ANY_PAGE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """One built file, whole and packed, with what names its content."""

    content: bytes
    packed: bytes
    etag: str


@router.get("/widget.js")
async def script(if_none_match: IfNoneMatch = None, accept_encoding: AcceptEncoding = "") -> Response:
    """The widget. Asked again with `If-None-Match`: 304 when unchanged."""
    kept = f"public, max-age={SCRIPT_KEPT_S}, stale-while-revalidate={SCRIPT_STALE_S}"
    headers = {**FOR_ANY_PAGE, "Cache-Control": kept}
    return answer_built(built("widget.js"), "text/javascript; charset=utf-8", headers, if_none_match, accept_encoding)


@router.get("/widget/strings/{language}.json")
async def strings(
    language: Annotated[str, Path(pattern=LANGUAGE)],
    v: Annotated[str | None, Query(max_length=64, description="A version: with one, the answer never changes.")] = None,
    if_none_match: IfNoneMatch = None,
    accept_encoding: AcceptEncoding = "",
) -> Response:
    """The window's own words in a language."""
    try:
        words = built(f"strings/{language}.json")
    except FileNotFoundError as error:
        raise NotFound from error
    kept = f"public, max-age={SCRIPT_KEPT_S}" if v is None else f"public, max-age={VERSIONED_KEPT_S}, immutable"
    headers = {**FOR_ANY_PAGE, "Cache-Control": kept}
    return answer_built(words, "application/json", headers, if_none_match, accept_encoding)


@router.get("/widget/files.js")
async def files_script(
    v: Annotated[str, Query(max_length=64, description="Which build's: another one's would not fit its window.")],
    if_none_match: IfNoneMatch = None,
    accept_encoding: AcceptEncoding = "",
) -> Response:
    """What lets a visitor send files, for windows whose widget takes them."""
    built_files = built("files.js")
    if v != built_files.etag[:VERSION_CHARS]:
        raise NotFound
    headers = {**FOR_ANY_PAGE, "Cache-Control": f"public, max-age={VERSIONED_KEPT_S}, immutable"}
    return answer_built(built_files, "text/javascript; charset=utf-8", headers, if_none_match, accept_encoding)


@router.get("/demo")
async def demo(request: Request) -> Response:
    """A page under the strictest policy a site can have, with the widget and the lines that put it there."""
    backends: Backends = request.app.state.backends
    embed_key = await backends.db.read(_first_embed_key)
    if embed_key is None:
        raise NotFound
    nonce = secrets.token_urlsafe(16)
    host = str(request.base_url).rstrip("/")
    page = Template((files("aivastark") / "web" / "demo.html").read_text(encoding="utf-8"))
    body = page.substitute(key=html.escape(embed_key), host=html.escape(host), nonce=nonce)
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
        "img-src https: http: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
    return Response(body, media_type="text/html; charset=utf-8", headers=headers)


@cache
def built(name: str) -> Built:
    """A file of the build. Raises `FileNotFoundError`; `name` was checked by its route."""
    content = (files("aivastark") / "web" / name).read_bytes()
    packed = gzip.compress(content, GZIP_LEVEL, mtime=0)
    return Built(content=content, packed=packed, etag=hashlib.sha256(content).hexdigest()[:24])


def answer_built(
    file: Built, media_type: str, headers: Mapping[str, str], if_none_match: str | None, accept_encoding: str
) -> Response:
    """A built file, packed where the caller takes that; 304 to whoever has it."""
    is_packed = "gzip" in accept_encoding and "gzip;q=0" not in accept_encoding.replace(" ", "")
    etag = f'"{file.etag}{"-gzip" if is_packed else ""}"'
    headers = {**headers, "ETag": etag, "Vary": "Accept-Encoding"}
    if if_none_match is not None and names(if_none_match, etag, weakly=True):
        return Response(status_code=304, headers=headers)
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    return Response(file.packed if is_packed else file.content, media_type=media_type, headers=headers)


def _first_embed_key(session: ReadSession) -> str | None:
    """The embed key of the widget that the install was made with."""
    owner = first_organization(session)
    project = None if owner is None else first_project(session, owner.id)
    widget = None if project is None else first_widget(session, project.id)
    return None if widget is None else widget.embed_key
