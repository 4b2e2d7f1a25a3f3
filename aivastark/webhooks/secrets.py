"""A webhook's secrets: sealed in its row, opened where something is signed, replaced with an overlap."""

from datetime import datetime, timedelta

from aivastark.kit.seal import Unsealable, seal, unseal
from aivastark.webhooks.models import Webhook

OVERLAP_DEFAULT_S = 86_400
OVERLAP_MAX_S = 604_800

_PURPOSE = "webhook secret"


class SecretUnreadable(Exception):
    """The install's secret key is not the one the secret was sealed with."""

    code = "secret_unreadable"
    message = "The secret cannot be read: AIVASTARK_SECRET_KEY was changed. Rotate the webhook's secret."


def set_secret(webhook: Webhook, secret: str, *, secret_key: bytes) -> None:
    """Keep the secret, sealed."""
    webhook.secret = seal(secret_key, _PURPOSE, _owner(webhook), secret)


def rotate(webhook: Webhook, secret: str, *, secret_key: bytes, at: datetime, overlap_s: int) -> None:
    """A new secret signs from now on, the one before beside it for a while; an older one is forgotten."""
    webhook.previous_secret, webhook.previous_secret_until = webhook.secret, at + timedelta(seconds=overlap_s)
    if overlap_s == 0 or not _opens(webhook.previous_secret, webhook, secret_key):
        webhook.previous_secret = webhook.previous_secret_until = None
    set_secret(webhook, secret, secret_key=secret_key)
    webhook.updated_at = at


def signing_secrets(webhook: Webhook, *, secret_key: bytes, at: datetime) -> list[str]:
    """Those that sign at this moment, the current one first. Raises `SecretUnreadable`."""
    sealed = [webhook.secret]
    if webhook.previous_secret is not None and webhook.previous_secret_until is not None:
        sealed += [webhook.previous_secret] if webhook.previous_secret_until > at else []
    try:
        return [unseal(secret_key, _PURPOSE, _owner(webhook), value) for value in sealed]
    except Unsealable as error:
        raise SecretUnreadable from error


def _opens(sealed: bytes, webhook: Webhook, secret_key: bytes) -> bool:
    try:
        unseal(secret_key, _PURPOSE, _owner(webhook), sealed)
    except Unsealable:
        return False
    return True


def _owner(webhook: Webhook) -> str:
    return f"{webhook.project_id}/{webhook.id}"
