"""How each kind of source gets its bytes. `base.py` is the contract; what the bytes mean is `extract/`'s business."""

from collections.abc import Mapping

from aivastark.backends.blobs.base import BlobStore
from aivastark.fetching import Fetcher
from aivastark.sources.connectors.base import Connector
from aivastark.sources.connectors.file import FileConnector
from aivastark.sources.connectors.github import GitHubConnector
from aivastark.sources.connectors.raw import RawConnector
from aivastark.sources.connectors.url import UrlConnector
from aivastark.sources.github.api import PUBLIC_API


def open_connectors(
    *, blobs: BlobStore, fetcher: Fetcher, github_api_url: str = PUBLIC_API, drive: Connector | None = None
) -> Mapping[str, Connector]:
    """The connector of each source type; `drive`, which knows the connected accounts, where there are any."""
    connectors: dict[str, Connector] = {
        "raw": RawConnector(blobs),
        "file": FileConnector(blobs),
        "url": UrlConnector(fetcher),
        "github": GitHubConnector(fetcher, api_url=github_api_url),
    }
    return connectors if drive is None else {**connectors, "drive": drive}
