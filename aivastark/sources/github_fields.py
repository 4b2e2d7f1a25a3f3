"""What a source in a GitHub repository is posted with: which repository, which part of it, and what opens it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, StringConstraints

from aivastark.kit.urls import canonical_url
from aivastark.sources.faults import source_fault
from aivastark.sources.github.api import PUBLIC_API
from aivastark.sources.github.choose import GLOB_MAX_CHARS, GLOBS_MAX
from aivastark.sources.github.secrets import sealed_for

REPOSITORY_MAX_CHARS = 200
REF_MAX_CHARS = 255
PATH_MAX_CHARS = 1_024
TOKEN_MAX_CHARS = 1_024
BASE_URL_MAX_CHARS = 1_024

# An owner has at most 39 letters, digits and single hyphens (and `_` before a company's short code); a repository up
# to 100 of letters, digits, `.`, `-` and `_`.
_OWNER = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?"
_NAME = r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}"
_REPOSITORY = re.compile(rf"(?P<owner>{_OWNER})/(?P<name>{_NAME})")
# What git-check-ref-format(1) forbids, and a leading `-`, which no ref has.
_BAD_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|//|@\{|^[/.-]|/$|\.$|\.lock$|^@$")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")

Glob = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=GLOB_MAX_CHARS)]
Globs = Annotated[list[Glob], Field(max_length=GLOBS_MAX)]


class GitHubFields(BaseModel):
    """Fields of `type: github`."""

    repository: Annotated[str, Field(max_length=REPOSITORY_MAX_CHARS)] | None = Field(
        default=None, description="`owner/name`; the repository's web address is taken as well."
    )
    ref: Annotated[str, Field(min_length=1, max_length=REF_MAX_CHARS)] | None = Field(
        default=None, description="A branch, a tag or a commit; the default branch if absent."
    )
    path: Annotated[str, Field(min_length=1, max_length=PATH_MAX_CHARS)] | None = Field(
        default=None, description="A folder or a file in it; everything if absent."
    )
    include: Globs | None = Field(default=None, description="Only files that match one of these, whatever their kind.")
    exclude: Globs | None = Field(default=None, description="No file that matches one of these.")
    token: Annotated[str, Field(min_length=1, max_length=TOKEN_MAX_CHARS)] | None = Field(
        default=None, description="A token that may read the repository; never shown again."
    )
    base_url: Annotated[str, Field(min_length=1, max_length=BASE_URL_MAX_CHARS)] | None = Field(
        default=None, description="The API of a GitHub Enterprise Server: `https://github.example.com/api/v3`."
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class GitHubPlace:
    """Which part of which repository, and what opens it."""

    config: Mapping[str, Any]
    identity: str
    locator: str
    """What people see: `owner/name`, `owner/name/docs`, with the host before it where that is not github.com."""
    secrets: Mapping[str, str]


def github_place(posted: GitHubFields) -> GitHubPlace:
    """Raises an error that names the field at fault."""
    assert posted.repository is not None  # the model checked
    repository, host = _repository(posted.repository)
    base_url = None if posted.base_url is None else _base_url(posted.base_url)
    if host is not None and host != (urlsplit(base_url).hostname if base_url else "github.com"):
        raise source_fault(
            "repository", f"source.repository is at {host}: send source.base_url, the address of its API, too"
        )
    path = "" if posted.path is None else _path(posted.path)
    if posted.ref is not None and _BAD_REF.search(posted.ref):
        raise source_fault("ref", "source.ref is not the name of a branch, a tag or a commit")
    if posted.token is not None and not re.fullmatch(r"[\x21-\x7e]+", posted.token):
        raise source_fault("token", "source.token holds characters that no token has")
    for name in ("include", "exclude"):
        for glob in getattr(posted, name) or ():
            if _CONTROLS.search(glob):
                raise source_fault(name, f"source.{name} holds a control character")
    config = {
        "base_url": base_url,
        "repository": repository,
        "ref": posted.ref,
        "path": path,
        "include": list(posted.include or ()),
        "exclude": list(posted.exclude or ()),
    }
    shown = repository + (f"/{path}" if path else "")
    return GitHubPlace(
        config=config,
        identity="\x00".join((base_url or "", repository.lower(), path)),
        locator=shown if base_url is None else f"{urlsplit(base_url).netloc}/{shown}",
        secrets={} if posted.token is None else sealed_for(posted.token, base_url=base_url, repository=repository),
    )


def _repository(text: str) -> tuple[str, str | None]:
    """`owner/name`, and the host where a whole address was given."""
    place, host = text.strip(), None
    if "://" in place:
        try:
            parts = urlsplit(canonical_url(place))
        except ValueError as error:
            raise source_fault("repository", f"source.repository is not owner/name: {error}") from error
        place, host = parts.path.strip("/"), (parts.hostname or "").removeprefix("www.")
    match = _REPOSITORY.fullmatch(place.removesuffix(".git"))
    if match is None:
        raise source_fault("repository", "source.repository is not owner/name, such as acme/handbook")
    return f"{match['owner']}/{match['name']}", host


def _base_url(text: str) -> str | None:
    """None for github.com's own."""
    try:
        url = canonical_url(text).rstrip("/")
    except ValueError as error:
        raise source_fault("base_url", f"source.base_url is not a web address: {error}") from error
    if "?" in url:
        raise source_fault("base_url", "source.base_url has a query; it is the address that all calls begin with")
    return None if url == PUBLIC_API else url


def _path(text: str) -> str:
    path = text.strip().strip("/")
    parts = path.split("/")
    if _CONTROLS.search(path) or "\\" in path or (path and any(part in ("", ".", "..") for part in parts)):
        raise source_fault("path", "source.path is not the path of a folder or a file, such as docs/en")
    return path
