"""The token of a source, bound to the server and the repository it was given for.

A source may be posted again under its `external_id` with another place. A token that was kept must not be sent
there: whoever may post sources, but never knew the token, could have it sent to a server of his own.
"""

from collections.abc import Mapping


def sealed_for(token: str, *, base_url: str | None, repository: str) -> dict[str, str]:
    """What is sealed into the source's row."""
    return {"token": token, "given_for": _place(base_url, repository)}


def token_for(secrets: Mapping[str, str], *, base_url: str | None, repository: str) -> str | None:
    """The token, if it was given for this very place."""
    return secrets["token"] if secrets.get("given_for") == _place(base_url, repository) else None


def _place(base_url: str | None, repository: str) -> str:
    return f"{base_url or ''} {repository.lower()}"
