"""What a source on the web is posted with: an address and, for the site from there on, how far the crawl goes."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from aivastark.kit.numbers import JUST_A_NUMBER
from aivastark.kit.urls import normalise_url
from aivastark.sources.connectors.crawl.settings import DEFAULT_MAX_DEPTH, DEFAULT_MAX_PAGES

URL_MAX_CHARS = 4_096
MAX_PAGES = 10_000
MAX_DEPTH = 20
GLOBS_MAX = 50
GLOB_MAX_CHARS = 200


def _just_one(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    """One sentence, where a union would name each of its members."""
    try:
        return handler(value)
    except ValidationError as error:
        raise ValueError("must be true, false or the address of a sitemap") from error


def _address(value: bool | str) -> bool | str:
    return value if isinstance(value, bool) else normalise_url(value)


Glob = Annotated[str, StringConstraints(min_length=1, max_length=GLOB_MAX_CHARS, pattern=r"^[^\x00-\x1f\x7f]+$")]
Globs = Annotated[list[Glob], Field(max_length=GLOBS_MAX)]
Sitemap = Annotated[
    StrictBool | Annotated[str, StringConstraints(strict=True, min_length=1, max_length=URL_MAX_CHARS)],
    AfterValidator(_address),
    WrapValidator(_just_one),
]


class CrawlFields(BaseModel):
    """How far a crawl goes."""

    model_config = ConfigDict(extra="forbid")

    max_pages: Annotated[int, Field(ge=1, le=MAX_PAGES), JUST_A_NUMBER] = DEFAULT_MAX_PAGES
    max_depth: Annotated[
        int,
        Field(ge=0, le=MAX_DEPTH, description="Links from the start page or a page of the sitemap."),
        JUST_A_NUMBER,
    ] = DEFAULT_MAX_DEPTH
    include: Globs = Field(
        default_factory=list,
        description="Globs of path and query; `*` stops at a slash, `**` does not. None: at or below the start page.",
    )
    exclude: Globs = Field(default_factory=list, description="Globs of what is left out.")
    sitemap: Sitemap = Field(default=True, description="The site's own, none, or the address of one.")


class UrlFields(BaseModel):
    """Fields of `type: url`."""

    url: Annotated[str, Field(min_length=1, max_length=URL_MAX_CHARS)] | None = None
    crawl: CrawlFields | None = None


def web_location(posted: UrlFields) -> Mapping[str, Any]:
    """What the connector is told."""
    assert posted.url is not None  # the model checked
    location: dict[str, Any] = {"url": posted.url.strip()}
    if posted.crawl is not None:
        location["crawl"] = posted.crawl.model_dump()
    return location
