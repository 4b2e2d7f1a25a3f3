"""Signatures of real deliveries, held against the verifiers of others and those of our docs."""

import asyncio
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import standardwebhooks
import svix.webhooks
from sqlalchemy import update
from standardwebhooks.webhooks import WebhookVerificationError

from aivastark.backends.base import Backends
from aivastark.kit.clock import utc_now
from aivastark.webhooks.models import Webhook
from aivastark.webhooks.sign import signed_headers
from tests.architecture.code import ROOT
from tests.javascript.node import run
from tests.loopback import Request, serving
from tests.make import Body, Client, read
from tests.webhooks.hooks import OK, subscribe

DOCS = ROOT / "docs" / "webhooks.md"
SECRETS = [
    None,  # issued
    "whsec_...",
    "my-secret_123",
    "supersecret",
    "topsecret12345678",
    "p@ssw0rd, hello world!",
    "grüße-aus-köln €",
    "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    "whsec_not-base64-at-all",
]

Verifier = Callable[[str, bytes, dict[str, str]], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A delivery with the secret its receiver knows."""

    secret: str
    standard_secret: str
    body: bytes
    headers: dict[str, str]


def _of_the_seed(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, headers["x-aivastark-signature"])


def _of_standardwebhooks(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        standardwebhooks.Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


def _of_svix(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    try:
        svix.webhooks.Webhook(secret).verify(body, headers)
    except svix.webhooks.WebhookVerificationError:
        return False
    return True


def _of_the_docs() -> dict[str, Verifier]:
    """The Python examples, run as they stand there."""
    found: dict[str, Verifier] = {}
    for name, code in re.findall(r"```python\n# verify: ([^\n]+)\n(.*?)```", DOCS.read_text(), re.DOTALL):
        names: dict[str, Any] = {}
        exec(compile(code, name, "exec"), names)
        found[f"docs, {name}"] = names["is_ours"]
    return found


VERIFIERS: dict[str, Verifier] = {
    "seed": _of_the_seed,
    "standardwebhooks": _of_standardwebhooks,
    "svix": _of_svix,
    **_of_the_docs(),
}
PLAIN = {"seed", "docs, plain"}


def verdicts(received: Received) -> dict[str, bool]:
    """What everyone says of a delivery."""
    return {
        name: verify(
            received.secret if name in PLAIN else received.standard_secret, received.body, dict(received.headers)
        )
        for name, verify in VERIFIERS.items()
    }


def received(webhook: Body, request: Request) -> Received:
    return Received(
        secret=webhook["secret"],
        standard_secret=webhook["standard_secret"],
        body=request.body,
        headers=dict(request.headers),
    )


async def delivered(api: Client, secret: str | None) -> Received:
    """A real delivery to a webhook with this secret."""
    async with serving({"/": OK}) as site:
        webhook = await subscribe(api, site.url(), **({} if secret is None else {"secret": secret}))
        await api.post(f"webhooks/{webhook['id']}/test")
        return received(webhook, site.requests[0])


def test_every_verifier_is_there() -> None:
    assert len(VERIFIERS) == 6


@pytest.mark.parametrize("secret", SECRETS)
async def test_everyone_verifies_a_delivery_whatever_the_secret_looks_like(api: Client, secret: str | None) -> None:
    verdict = verdicts(await delivered(api, secret))

    assert set(verdict.values()) == {True}, verdict


@pytest.mark.parametrize("secret", [None, "my-secret_123"])
async def test_nobody_verifies_what_was_changed_on_the_way(api: Client, secret: str | None) -> None:
    genuine = await delivered(api, secret)
    other = await delivered(api, "another secret altogether")

    body = replace(genuine, body=genuine.body.replace(b"true", b"null"))
    stranger = replace(genuine, secret=other.secret, standard_secret=other.standard_secret)
    for forged in (body, stranger):
        assert set(verdicts(forged).values()) == {False}
    for name in ("webhook-id", "webhook-timestamp"):
        value = genuine.headers[name]
        changed = replace(genuine, headers={**genuine.headers, name: value[:-1] + ("1" if value[-1] != "1" else "2")})
        assert {verdict for name, verdict in verdicts(changed).items() if name not in PLAIN} == {False}


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_nobody_with_a_clock_verifies_what_is_stale(api: Client, minutes: int) -> None:
    genuine = await delivered(api, None)
    headers = signed_headers(
        genuine.body,
        delivery_id=genuine.headers["webhook-id"],
        event_type="lead.captured",
        at=utc_now() + timedelta(minutes=minutes),
        keys=[genuine.secret],
    )
    stale = replace(genuine, headers={name.lower(): value for name, value in headers.items()})

    assert {name for name, verdict in verdicts(stale).items() if verdict} == PLAIN


@pytest.mark.parametrize(("first", "second"), [(None, None), ("my-secret_123", None), (None, "grüße-aus-köln")])
async def test_both_secrets_verify_while_a_rotation_lasts_and_one_afterwards(
    api: Client, backends: Backends, first: str | None, second: str | None
) -> None:
    async with serving({"/": OK}) as site:
        old = await subscribe(api, site.url(), **({} if first is None else {"secret": first}))
        path = f"webhooks/{old['id']}"
        new = read(await api.post(f"{path}/rotate-secret", {} if second is None else {"secret": second}))
        await api.post(f"{path}/test")
        ended = utc_now() - timedelta(seconds=1)
        await backends.db.write(lambda session: session.execute(update(Webhook).values(previous_secret_until=ended)))
        await api.post(f"{path}/test")
        during, after = site.requests

    assert len(during.headers["webhook-signature"].split(" ")) == 2
    assert set(verdicts(received(new, during)).values()) == {True}
    assert {name for name, verdict in verdicts(received(old, during)).items() if not verdict} == {"seed"}
    assert during.headers["x-aivastark-signature-previous"] == _hex(old["secret"], during.body)
    assert set(verdicts(received(new, after)).values()) == {True}
    assert set(verdicts(received(old, after)).values()) == {False}
    assert (new["id"], new["secret"] == old["secret"]) == (old["id"], False)


async def test_a_rotation_may_end_the_old_secret_at_once(api: Client) -> None:
    async with serving({"/": OK}) as site:
        old = await subscribe(api, site.url())
        new = read(await api.post(f"webhooks/{old['id']}/rotate-secret", {"overlap_seconds": 0}))
        await api.post(f"webhooks/{old['id']}/test")
        [request] = site.requests

    assert new["previous_secret_expires_at"] is None
    assert set(verdicts(received(old, request)).values()) == {False}
    assert set(verdicts(received(new, request)).values()) == {True}


async def test_javascript_verifies_the_same(api: Client, tmp_path: Path) -> None:
    genuine = [await delivered(api, secret) for secret in SECRETS]
    tampered = [replace(one, body=one.body + b" ") for one in genuine]
    cases = [
        {
            "secret": one.secret,
            "standard_secret": one.standard_secret,
            "body": one.body.decode(),
            "headers": one.headers,
        }
        for one in genuine + tampered
    ]
    file = tmp_path / "deliveries.json"
    file.write_bytes(orjson.dumps(cases))

    said = orjson.loads(await asyncio.to_thread(run, "verify_webhooks.js", str(DOCS), str(file)))

    assert set(said) == {"plain", "standard, by hand", "standardwebhooks"}
    for verdict in said.values():
        assert verdict == [True] * len(genuine) + [False] * len(tampered)


def test_published_vectors_come_out() -> None:
    """GitHub's for a plain HMAC, and one of ours that other implementations agreed on."""
    github = signed_headers(
        b"Hello, World!",
        delivery_id="dlv_1",
        event_type="lead.captured",
        at=utc_now(),
        keys=["It's a Secret to Everybody"],
    )
    assert github["X-Aivastark-Signature"] == "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    headers = signed_headers(
        b'{"id":"evt_01HW0000000000000000000000","type":"conversation.created","created_at":"2026-11-22T10:00:00Z","data":{}}',
        delivery_id="evt_01HW0000000000000000000000",
        event_type="lead.captured",
        at=datetime.fromtimestamp(1_795_341_600, UTC),
        keys=["whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="],
    )
    assert headers["X-Aivastark-Signature"] == "24f19f43e4f7f830f005cd2a6c025de4bb78085960b20b2b3768928159e25f30"
    assert headers["webhook-signature"] == "v1,KFj+rRrinQXdCfy6HwHNG5sKhSOYdvoGcDh5tlKnRb0="


def _hex(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
