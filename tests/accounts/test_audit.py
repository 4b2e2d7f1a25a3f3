"""The audit log has what is done inside projects as well."""

from aivastark.accounts.gate import Application
from aivastark.backends.base import Backends
from tests.make import Body, Client, read
from tests.people import browsing, make_person
from tests.widgets.window import make_widget

WEBHOOK = {"url": "https://example.com/hook?token=hidden", "events": ["lead.captured"], "secret": "a hidden secret"}
PINNED = {"questions": ["Do you ship to Norway?"], "answer": "Yes."}
YEAR = {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}


async def log_of(app: Application, backends: Backends, client: Client) -> list[Body]:
    """The log of the client's organisation, oldest first."""
    async with browsing(app, await make_person(backends, client.tenant, "owner")) as http:
        path = f"/v1/organizations/{client.tenant.organization_id}/audit-log"
        entries: list[Body] = read(await http.get(path, params={"limit": 100}))["data"]
    return entries[::-1]


async def test_what_is_done_to_widgets_is_noted(api: Client, app: Application, backends: Backends) -> None:
    widget = await make_widget(api)
    path = f"widgets/{widget['id']}"
    await api.patch(path, {"name": "Renamed"})
    await api.patch(path, {"nonsense": "refused acts are not noted"})
    await api.post(f"{path}/versions/1/restore")
    key = read(await api.post(f"{path}/rotate-embed-key"))
    secret = read(await api.post(f"{path}/rotate-identity-secret"))["identity_secret"]
    await api.delete(path)
    await api.delete(path)

    log = await log_of(app, backends, api)

    assert [entry["action"].removeprefix("widget.") for entry in log] == [
        "created",
        "updated",
        "restored",
        "embed_key_rotated",
        "identity_secret_rotated",
        "deleted",
    ]
    assert {entry["target"] for entry in log} == {widget["id"]}
    assert log[1]["details"] == {"project_id": api.tenant.project_id, "name": "Renamed"}
    assert {entry["actor_id"][:4] for entry in log} == {"key_"}
    assert not {part for part in (secret, key["embed_key"]) if part in str(log)}


async def test_what_is_done_to_webhooks_is_noted_without_their_secrets(
    api: Client, app: Application, backends: Backends
) -> None:
    webhook = read(await api.post("webhooks", WEBHOOK))["id"]
    path = f"webhooks/{webhook}"
    await api.patch(path, {"description": "For the shop"})
    await api.post(f"{path}/rotate-secret", {"secret": "another hidden secret"})
    delivery = read(await api.post(f"{path}/test"))["id"]
    await api.post(f"{path}/deliveries/{delivery}/redeliver")
    await api.post(f"{path}/redeliver", YEAR)
    await api.delete(path)

    log = await log_of(app, backends, api)

    assert [entry["action"].removeprefix("webhook.") for entry in log] == [
        "created",
        "updated",
        "secret_rotated",
        "redelivered",
        "redelivered",
        "deleted",
    ]
    assert {entry["target"] for entry in log} == {webhook}
    assert log[1]["details"]["changed"] == ["description"]
    assert log[3]["details"]["delivery_id"] == delivery
    assert (log[4]["details"]["from"], log[4]["details"]["queued"]) == ("2026-01-01T00:00:00.000Z", 0)
    assert "hidden" not in str(log)


async def test_what_is_done_to_pinned_answers_is_noted(api: Client, app: Application, backends: Backends) -> None:
    pinned = read(await api.post("pinned-answers", PINNED))["id"]
    await api.patch(f"pinned-answers/{pinned}", {"enabled": False})
    await api.delete(f"pinned-answers/{pinned}")

    log = await log_of(app, backends, api)

    assert [(entry["action"], entry["target"]) for entry in log] == [
        (f"pinned_answer.{done}", pinned) for done in ("created", "updated", "deleted")
    ]


async def test_who_took_visitors_words_out_or_away_is_noted_without_the_words(
    api: Client, stranger: Client, app: Application, backends: Backends
) -> None:
    conversation = (await api.ask("My name is Ada Byron"))["conversation_id"]
    lead = read(await api.post("leads", {"email": "ada@example.com"}))["id"]
    await api.get("conversations/export", format="csv", q="Byron")
    await api.get("leads/export", q="ada")
    await api.delete(f"conversations/{conversation}")
    await api.delete(f"leads/{lead}")

    log = await log_of(app, backends, api)

    project_id = api.tenant.project_id
    exported = {"project_id": project_id, "format": "csv", "filtered_by": ["q"]}
    assert [(entry["action"], entry["target"], entry["details"]) for entry in log] == [
        ("conversations.exported", project_id, exported),
        ("leads.exported", project_id, exported),
        ("conversation.erased", conversation, {"project_id": project_id}),
        ("lead.erased", lead, {"project_id": project_id}),
    ]
    assert await log_of(app, backends, stranger) == []
