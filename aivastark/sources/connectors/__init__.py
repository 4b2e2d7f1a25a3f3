"""How each kind of source gets its bytes. `base.py` is the contract; what the bytes mean is `extract/`'s business."""

from collections.abc import Mapping

from aivastark.backends.blobs.base import BlobStore
from aivastark.backends.google import Google
from aivastark.fetching import Fetcher
from aivastark.sources.connected_accounts import AccountBook
from aivastark.sources.connectors.base import Connector
from aivastark.sources.connectors.drive import DriveConnector
from aivastark.sources.connectors.file import FileConnector
from aivastark.sources.connectors.raw import RawConnector
from aivastark.sources.connectors.url import UrlConnector


def open_connectors(
    *, blobs: BlobStore, fetcher: Fetcher, google: Google, accounts: AccountBook
) -> Mapping[str, Connector]:
    """The connector of each source type."""
    return {
        "raw": RawConnector(blobs),
        "file": FileConnector(blobs),
        "url": UrlConnector(fetcher),
        "drive": DriveConnector(fetcher, google, accounts),
    }
