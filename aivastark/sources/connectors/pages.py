"""A page as it came over HTTP, as a document: what `url` sources of one page and of many share."""

from email.message import Message
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from aivastark.fetching import Fetched
from aivastark.kit.clock import utc_now
from aivastark.sources.connectors.base import FetchedDocument

# What extraction can read, best first; anything else is still taken and told by its content.
ACCEPT = "text/html,application/xhtml+xml;q=0.9,text/markdown;q=0.9,application/pdf;q=0.8,*/*;q=0.5"
MAX_NAME_CHARS = 255


def page_document(fetched: Fetched, *, locator: str) -> FetchedDocument:
    """The page under its locator, with the validators its server gave it."""
    return FetchedDocument(
        locator=locator,
        content=fetched.body,
        name=_file_name(fetched),
        media_type=fetched.headers.get("content-type"),
        url=fetched.url,
        etag=fetched.headers.get("etag"),
        last_modified=fetched.headers.get("last-modified"),
        fetched_at=utc_now(),
    )


def _file_name(fetched: Fetched) -> str | None:
    """The name the server gives the file, or the last part of the path where it has an ending; never a folder."""
    declared = Message()
    declared["Content-Disposition"] = fetched.headers.get("content-disposition", "")
    name = PurePosixPath((declared.get_filename() or "").replace("\\", "/")).name
    if not name:
        last = PurePosixPath(unquote(urlsplit(fetched.url).path))
        name = last.name if last.suffix else ""
    return name[-MAX_NAME_CHARS:] or None
