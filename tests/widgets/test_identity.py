"""Visitors whom the site vouches for."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import replace
from typing import Any

import pytest

from aivastark.accounts.gate import Application
from tests.make import Body, Client, assert_error, read
from tests.widgets.window import make_widget, opened


def jwt(secret: str, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """As any library would make it, and as none would."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT", **(header or {})}, claims)]
    signed = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    mac = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def token_for(widget: Body, user: str, **claims: Any) -> str:
    usual = {"sub": user, "aud": widget["id"], "exp": int(time.time()) + 600}
    return jwt(widget["identity_secret"], **{**usual, **claims})


def hash_for(widget: Body, user: str) -> str:
    return hmac.new(widget["identity_secret"].encode(), user.encode(), hashlib.sha256).hexdigest()


async def test_a_known_user_finds_his_conversations_in_another_browser(api: Client, app: Application) -> None:
    widget = await make_widget(api, security={"identity": "optional"})
    async with opened(app, widget["embed_key"]) as window:
        laptop = await window.begin(identity={"token": token_for(widget, "u1", name="Ada", email="ada@example.com")})
        asked = await replace(window, token=laptop["visitor_token"]).ask()
        phone = await window.visit(identity={"user_id": "u1", "user_hash": hash_for(widget, "u1")})
        other = await window.visit(identity={"token": token_for(widget, "u2")})

        assert await phone.history() == [asked["conversation_id"]]
        assert (await phone.ask("And more?"))["conversation_id"] == asked["conversation_id"]
        assert await other.history() == []
        assert_error(await other.get(f"conversations/{asked['conversation_id']}"), 404, "not_found")

    assert laptop["visitor"]["verified"] is True
    assert (laptop["visitor"]["user_id"], laptop["visitor"]["name"]) == ("u1", "Ada")
    conversation = read(await api.get(f"conversations/{asked['conversation_id']}"))
    assert conversation["visitor"] == laptop["visitor"]


async def test_a_user_never_sees_what_another_one_said_on_the_same_machine(api: Client, app: Application) -> None:
    widget = await make_widget(api, security={"identity": "optional"})
    async with opened(app, widget["embed_key"]) as window:
        anonymous = await window.begin()
        before = await replace(window, token=anonymous["visitor_token"]).ask()
        ada = await window.begin(visitor_token=anonymous["visitor_token"], identity={"token": token_for(widget, "ada")})
        grace = await window.begin(visitor_token=ada["visitor_token"], identity={"token": token_for(widget, "grace")})
        nobody = await window.begin(visitor_token=grace["visitor_token"])

        assert ada["resumed"] is True
        assert await replace(window, token=ada["visitor_token"]).history() == [before["conversation_id"]]
        for later in (grace, nobody):
            assert later["resumed"] is False
            assert later["conversation"] is None
            assert await replace(window, token=later["visitor_token"]).history() == []
        # The token from before she was known opens nothing of hers.
        assert_error(
            await replace(window, token=anonymous["visitor_token"]).get("conversations"), 401, "unauthenticated"
        )


async def test_only_the_sites_word_for_this_widget_and_this_time_counts(api: Client, app: Application) -> None:
    widget, other = [await make_widget(api, security={"identity": "optional"}) for _ in range(2)]
    now = int(time.time())
    good = token_for(widget, "u1")
    head, claims, mac = good.split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    proofs: list[dict[str, str]] = [
        {"token": token_for(widget, "u1", exp=now - 120)},
        {"token": token_for(widget, "u1", exp=now + 200_000)},
        {"token": token_for(widget, "u1", exp=None)},
        {"token": token_for(widget, "u1", exp="tomorrow")},
        {"token": token_for(widget, "u1", nbf=now + 600)},
        {"token": token_for(widget, "u1", aud=other["id"])},
        {"token": token_for(widget, "u1", aud=None)},
        {"token": token_for(widget, "")},
        {"token": token_for(widget, "u" * 121)},
        {"token": token_for(widget, "u1", sub=7)},
        {"token": token_for({**other, "id": widget["id"]}, "u1")},
        {"token": f"{unsigned}.{claims}."},
        {"token": f"{unsigned}.{claims}.{mac}"},
        {"token": jwt(widget["identity_secret"], {"alg": "HS512"}, sub="u1", aud=widget["id"], exp=now + 60)},
        {"token": jwt(widget["identity_secret"], {"crit": ["x"]}, sub="u1", aud=widget["id"], exp=now + 60)},
        {"token": f"{head}.{claims}"},
        {"token": "no.token.atall"},
        {"user_id": "u1", "user_hash": hash_for(widget, "u2")},
        {"user_id": "u1", "user_hash": hash_for(other, "u1")},
        {"user_id": "u1", "user_hash": "0"},
    ]
    async with opened(app, widget["embed_key"]) as window:
        for proof in proofs:
            assert_error(await window.post("session", identity=proof), 401, "unauthenticated")
        for odd in ({}, {"user_id": "u1"}, {"token": good, "user_id": "u1", "user_hash": hash_for(widget, "u1")}):
            assert_error(await window.post("session", identity=odd), 422, "invalid_request", param="identity")
        await window.visit(identity={"token": token_for(widget, "u1", aud=["x", widget["id"]])})


async def test_where_identity_is_required_every_call_needs_it(api: Client, app: Application) -> None:
    widget = await make_widget(api, security={"identity": "required"})
    async with opened(app, widget["embed_key"]) as window:
        assert_error(await window.post("session"), 401, "unauthenticated")
        known = await window.visit(identity={"token": token_for(widget, "u1")})
        for refused in (
            await known.post("query", message="Hello?"),
            await known.get("conversations"),
            await known.get("events", conversation_id="conv_1"),
            await known.post("typing", conversation_id="conv_1"),
            await replace(known, identity=token_for(widget, "u2")).get("conversations"),
            await replace(known, identity=hash_for(widget, "u2")).get("conversations"),
            await replace(known, identity=token_for(widget, "u1", exp=1)).get("conversations"),
        ):
            assert_error(refused, 401, "unauthenticated")
        assert (await window.get("config")).json()["identity"] == "required"

        asked = await replace(known, identity=token_for(widget, "u1")).ask()
        assert await replace(known, identity=hash_for(widget, "u1")).history() == [asked["conversation_id"]]


async def test_a_widget_that_takes_no_identity_says_so(api: Client, app: Application) -> None:
    widget = await make_widget(api)
    async with opened(app, widget["embed_key"]) as window:
        refused = await window.post("session", identity={"token": token_for(widget, "u1")})

    assert_error(refused, 422, "invalid_request", param="identity")


@pytest.mark.parametrize(("expires_in", "status"), [(3_600, 200), (0, 401)])
async def test_a_secret_is_changed_with_an_overlap(api: Client, app: Application, expires_in: int, status: int) -> None:
    widget = await make_widget(api, security={"identity": "optional"})

    rotated = await api.post(f"widgets/{widget['id']}/rotate-identity-secret", {"expires_in": expires_in})

    fresh = {**widget, "identity_secret": read(rotated)["identity_secret"]}
    async with opened(app, widget["embed_key"]) as window:
        assert (await window.post("session", identity={"token": token_for(fresh, "u1")})).status_code == 200
        assert (await window.post("session", identity={"token": token_for(widget, "u1")})).status_code == status
    assert rotated.headers["cache-control"] == "no-store"
    assert fresh["identity_secret"] != widget["identity_secret"]
    assert "identity_secret" not in read(await api.get(f"widgets/{widget['id']}"))
