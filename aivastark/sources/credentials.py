"""What opens a source's origin (a token, a service account): sealed in its row, opened for one sync."""

from collections.abc import Mapping

import orjson

from aivastark.kit.seal import Unsealable, seal, unseal
from aivastark.sources.models import Source

_PURPOSE = "source credentials"


class CredentialsUnreadable(Exception):
    """The install's secret key is not the one they were sealed with."""

    code = "credentials_unreadable"
    message = "The credentials cannot be read: AIVASTARK_SECRET_KEY was changed. Send them again."


def keep_secrets(source: Source, secrets: Mapping[str, str], *, secret_key: bytes) -> None:
    """Keep them, sealed for this source; none given forgets those there were."""
    source.secrets = (
        seal(secret_key, _PURPOSE, _owner(source), orjson.dumps(dict(secrets)).decode()) if secrets else None
    )


def open_secrets(source: Source, *, secret_key: bytes) -> dict[str, str]:
    """Raises `CredentialsUnreadable`."""
    if source.secrets is None:
        return {}
    try:
        opened: dict[str, str] = orjson.loads(unseal(secret_key, _PURPOSE, _owner(source), source.secrets))
    except Unsealable as error:
        raise CredentialsUnreadable from error
    return opened


def _owner(source: Source) -> str:
    return f"{source.project_id}/{source.id}"
