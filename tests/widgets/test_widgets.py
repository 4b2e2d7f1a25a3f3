"""Widgets for those who run them: defaults, patches, versions, keys, and what is refused."""

from typing import Any

import pytest

from aivastark.accounts.gate import Application
from aivastark.backends.base import Backends
from aivastark.kit.ids import is_id
from tests.make import Client, assert_conditional, assert_error, calling, make_key, read
from tests.widgets.window import make_widget, opened


async def patched(api: Client, widget_id: str, patch: dict[str, Any]) -> dict[str, Any]:
    changed = await api.patch(f"widgets/{widget_id}", patch)
    assert changed.status_code == 200, changed.text
    return read(changed)


async def test_a_name_is_enough(api: Client) -> None:
    made = await api.post("widgets", {"name": "Shop"})

    widget = read(made)
    secret = widget.pop("identity_secret")
    assert made.status_code == 201
    assert made.headers["location"] == api.at(f"widgets/{widget['id']}")
    assert made.headers["cache-control"] == "no-store"
    assert is_id(widget["id"], "wgt")
    assert widget["embed_key"].startswith("akv_pub_")
    assert secret.startswith("akv_idn_")
    assert (widget["enabled"], widget["version"], widget["warnings"]) == (True, 1, [])
    assert widget["security"] == {"allowed_domains": [], "identity": "off"}
    assert widget["limits"]["messages_per_conversation"] == 100
    assert widget == read(await api.get(f"widgets/{widget['id']}"))


async def test_widgets_are_listed_newest_first_page_by_page(api: Client) -> None:
    made = [(await make_widget(api, name=f"Widget {number}"))["id"] for number in range(3)]

    first = read(await api.get("widgets", limit=2))
    second = read(await api.get("widgets", limit=2, cursor=first["next_cursor"]))

    assert [row["id"] for row in first["data"] + second["data"]] == made[::-1]
    assert (first["has_more"], second["has_more"]) == (True, False)


async def test_a_patch_merges_as_deep_as_the_configuration_is(api: Client) -> None:
    widget = await make_widget(
        api, branding={"colors": {"primary": "#0a7d4f"}, "radius": 4}, content={"strings": {"send": "Go", "close": "X"}}
    )

    changed = await patched(
        api,
        widget["id"],
        {
            "branding": {"colors": {"text": "#000000"}, "radius": None},
            "content": {"strings": {"close": None, "open": "Ask us"}},
            "handoff": {"business_hours": {"timezone": "Europe/Berlin", "weekly": {"mon": [["09:00", "17:30"]]}}},
        },
    )
    closed = await patched(api, widget["id"], {"handoff": {"business_hours": {"weekly": {"mon": None, "tue": []}}}})

    assert changed["branding"]["colors"]["primary"] == "#0a7d4f"
    assert changed["branding"]["colors"]["text"] == "#000000"
    assert changed["branding"]["radius"] == 12
    assert changed["content"]["strings"] == {"send": "Go", "open": "Ask us"}
    assert changed["handoff"]["business_hours"]["holidays"] == []
    assert closed["handoff"]["business_hours"]["weekly"] == {"tue": []}
    assert (changed["version"], closed["version"]) == (2, 3)


async def test_a_patch_that_changes_nothing_makes_no_version(api: Client) -> None:
    widget = await make_widget(api)

    assert (await patched(api, widget["id"], {"name": "Shop", "branding": {"radius": None}}))["version"] == 1


async def test_every_change_is_kept_and_can_be_gone_back_to(api: Client) -> None:
    widget = await make_widget(api)
    await patched(api, widget["id"], {"content": {"greeting": "Hi!"}})
    await patched(api, widget["id"], {"name": "Store", "content": {"greeting": None}})

    restored = read(await api.post(f"widgets/{widget['id']}/versions/2/restore"))
    first = read(await api.get(f"widgets/{widget['id']}/versions", limit=3))
    second = read(await api.get(f"widgets/{widget['id']}/versions", limit=3, cursor=first["next_cursor"]))

    assert (restored["version"], restored["name"], restored["content"]["greeting"]) == (4, "Shop", "Hi!")
    assert [row["version"] for row in first["data"] + second["data"]] == [4, 3, 2, 1]
    assert [row["restored_from"] for row in first["data"]] == [2, None, None]
    assert first["data"][1]["configuration"]["name"] == "Store"
    assert all(row["created_by"].startswith("key_") for row in first["data"])
    assert_error(await api.post(f"widgets/{widget['id']}/versions/9/restore"), 404, "not_found")


@pytest.mark.parametrize(
    ("fault", "param"),
    [
        ({"colour": "red"}, "colour"),
        ({"colour": None}, "colour"),
        ({"branding": {"colors": {"primry": "#fff"}}}, "branding.colors.primry"),
        ({"branding": {"colors": {"primary": "red"}}}, "branding.colors.primary"),
        ({"branding": {"logo_url": "http://shop.example.com/logo.svg"}}, "branding.logo_url"),
        ({"branding": {"logo_url": "javascript:alert(1)"}}, "branding.logo_url"),
        ({"branding": {"font_family": "x; } body { display: none"}}, "branding.font_family"),
        ({"branding": None, "launcher": {"position": "middle"}}, "launcher.position"),
        ({"content": {"greeting": ""}}, "content.greeting"),
        ({"content": {"greeting": "a\u0000b"}}, "content.greeting"),
        ({"content": {"starters": ["x"] * 11}}, "content.starters"),
        ({"content": {"strings": {"Not a key": "x"}}}, "content.strings.Not a key.[key]"),
        ({"content": {"strings": {"a": {"b": "c"}}}}, "content.strings.a"),
        ({"behavior": {"proactive": [{"trigger": "scroll", "value": 101, "message": "Hi"}]}}, "behavior.proactive.0"),
        ({"lead_capture": {"triggers": [{"type": "keyword"}]}}, "lead_capture.triggers.0"),
        ({"lead_capture": {"fields": [{"key": "a", "label": "A"}, {"key": "a", "label": "B"}]}}, "lead_capture"),
        (
            {"handoff": {"business_hours": {"timezone": "Mars/Olympus", "weekly": {}}}},
            "handoff.business_hours.timezone",
        ),
        (
            {"handoff": {"business_hours": {"timezone": "UTC", "weekly": {"mon": [["17:00", "09:00"]]}}}},
            "handoff.business_hours.weekly.mon",
        ),
        ({"security": {"identity": "maybe"}}, "security.identity"),
        ({"security": {"allowed_domains": ["https://shop.example.com"]}}, "security.allowed_domains.0"),
        ({"security": {"allowed_domains": ["shop.example.com", "*"]}}, "security.allowed_domains.1"),
        ({"limits": {"messages_per_day": -1}}, "limits.messages_per_day"),
        ({"limits": {"messages_per_day": "5"}}, "limits.messages_per_day"),
        ({"branding": {"radius": True}}, "branding.radius"),
        ({"launcher": {"size": "50"}}, "launcher.size"),
        ({"name": None}, "name"),
        ({"name": {"a": {"b": []}}}, "name"),
    ],
)
async def test_what_is_wrong_is_named(api: Client, fault: dict[str, Any], param: str) -> None:
    widget = await make_widget(api)

    assert_error(await api.patch(f"widgets/{widget['id']}", fault), 422, "invalid_request", param=param)
    assert read(await api.get(f"widgets/{widget['id']}"))["version"] == 1


async def test_bodies_that_are_no_configuration_are_refused(api: Client) -> None:
    headers = {"Content-Type": "application/json"}
    deep = b'{"content": ' * 900 + b"{}" + b"}" * 900

    for body, status in ((b"[]", 400), (b"{", 400), (deep, 422), (b'{"name": "' + b"x" * 300_000 + b'"}', 413)):
        answer = await api.http.post(api.at("widgets"), content=body, headers=headers)
        assert answer.status_code == status, answer.text
    assert_error(await api.http.post(api.at("widgets"), content=b"name=x"), 415, "unsupported_media_type")
    assert_error(await api.post("widgets", {}), 422, "invalid_request", param="name")


async def test_words_that_are_hard_to_read_are_remarked_on(api: Client) -> None:
    widget = await make_widget(api, branding={"colors": {"primary": "#ffff00", "on_primary": "#fff"}})

    assert [remark["param"] for remark in widget["warnings"]] == ["branding.colors.on_primary"]
    assert "1.1 to 1" in widget["warnings"][0]["message"]


async def test_an_embed_key_is_changed_with_an_overlap(api: Client, app: Application) -> None:
    widget = await make_widget(api)

    rotated = read(await api.post(f"widgets/{widget['id']}/rotate-embed-key"))
    at_once = read(await api.post(f"widgets/{widget['id']}/rotate-embed-key", {"expires_in": 0}))

    codes = []
    for key in (widget["embed_key"], rotated["embed_key"], at_once["embed_key"]):
        async with opened(app, key) as window:
            codes.append((await window.get("config")).status_code)
    assert rotated["previous_embed_key"] == widget["embed_key"]
    assert codes == [200, 404, 200]
    assert read(await api.get(f"widgets/{widget['id']}"))["embed_key"] == at_once["embed_key"]
    too_long = await api.post(f"widgets/{widget['id']}/rotate-embed-key", {"expires_in": 604_801})
    assert_error(too_long, 422, "invalid_request", param="expires_in")


async def test_a_deleted_widget_is_gone_and_its_conversations_stay(api: Client, app: Application) -> None:
    widget = await make_widget(api)
    async with opened(app, widget["embed_key"]) as window:
        visitor = await window.visit()
        answer = await visitor.ask()

        deleted = await api.delete(f"widgets/{widget['id']}")

        assert deleted.status_code == 204
        assert_error(await visitor.get("config"), 404, "not_found")
    assert_error(await api.get(f"widgets/{widget['id']}"), 404, "not_found")
    assert_error(await api.get(f"widgets/{widget['id']}/versions"), 404, "not_found")
    conversation = read(await api.get(f"conversations/{answer['conversation_id']}"))
    assert (conversation["channel"], conversation["widget_id"]) == ("widget", widget["id"])


async def test_the_widgets_scope_is_needed(api: Client, app: Application, backends: Backends) -> None:
    widget = await make_widget(api)
    _, reading = await make_key(backends.db, api.tenant, "widgets:read")
    _, asking = await make_key(backends.db, api.tenant, "query")

    async with calling(app, reading) as http:
        assert (await http.get(api.at(f"widgets/{widget['id']}"))).status_code == 200
        assert_error(await http.post(api.at("widgets"), json={"name": "x"}), 403, "permission_denied")
        rotated = await http.post(api.at(f"widgets/{widget['id']}/rotate-identity-secret"))
        assert_error(rotated, 403, "permission_denied")
    async with calling(app, asking) as http:
        assert_error(await http.get(api.at("widgets")), 403, "permission_denied")


async def test_another_tenants_widget_does_not_exist(api: Client, stranger: Client) -> None:
    widget = await make_widget(stranger)

    assert_error(await api.get(f"widgets/{widget['id']}"), 404, "not_found")
    assert_error(await api.patch(f"widgets/{widget['id']}", {"name": "Mine"}), 404, "not_found")
    assert_error(await api.delete(f"widgets/{widget['id']}"), 404, "not_found")
    assert_error(await api.post(f"widgets/{widget['id']}/rotate-embed-key"), 404, "not_found")
    assert read(await api.get("widgets"))["data"] == []
    assert read(await stranger.get(f"widgets/{widget['id']}"))["name"] == "Shop"


async def test_a_widget_is_not_fetched_twice_or_overwritten_unseen(api: Client) -> None:
    path = f"widgets/{(await make_widget(api))['id']}"

    await assert_conditional(api, path, {"name": "First"}, {"name": "Second"})

    before = (await api.get(path)).headers["etag"]
    await api.post(f"{path}/rotate-embed-key")
    assert (await api.get(path)).headers["etag"] != before
